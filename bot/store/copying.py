"""All that is kept, out of one database and into another, whatever kind and release each of them is.

A copy is read in one transaction that sees one moment and holds nobody up; it is written in one transaction too, into
the tables of the release it was made with, which are then brought up to date.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, NullPool, Table, event, func, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.messages import Occupied
from bot.migrations import HEAD, upgrade, version
from bot.store.database import PREPARING, set_up_sqlite
from bot.store.presence import LIVING, Presence
from bot.store.transaction import translated
from bot.tables import metadata

AT_ONCE = 500  # rows in memory

Columns = Mapping[str, Sequence[str]]


class NotEmpty(Exception):
    """There is something in the database already."""


class OfALaterRelease(Exception):
    """The copy has tables that this release does not know."""


class Snapshot:
    """Everything as it was at one moment. `schema` is the last migration, `columns` are those of each table."""

    def __init__(self, connection: AsyncConnection, schema: str, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._tables = tables
        self.schema = schema
        self.columns: Columns = {table.name: [column.name for column in table.columns] for table in tables}

    async def count(self) -> int:
        """How many rows there are."""
        numbers = [select(func.count()).select_from(table) for table in self._tables]
        return sum([(await self._connection.execute(each)).scalar_one() for each in numbers])

    async def rows(self) -> AsyncIterator[tuple[str, Sequence[Sequence[Any]]]]:
        """Some rows at a time, with the name of their table, their values in the order of its columns."""
        for table in self._tables:
            found = await self._connection.stream(select(table).execution_options(yield_per=AT_ONCE))
            async for page in found.partitions():
                yield table.name, page


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Snapshot]:
    """What is in this database now. Raises Unavailable, LookupError where there are no tables of ours."""
    engine = create_async_engine(url, hide_parameters=True, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", set_up_sqlite)
        # A transaction that only reads: it sees one moment, while others go on writing.
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        async with translated(), engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            schema = await connection.run_sync(version)
            if schema is None:
                raise LookupError("there are no tables")
            yield Snapshot(connection, schema, await connection.run_sync(_tables))
    finally:
        await engine.dispose()


class Refilling:
    """A database that is being filled."""

    def __init__(self, connection: AsyncConnection, tables: Mapping[str, Table]) -> None:
        self._connection = connection
        self._tables = tables

    async def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Put these rows there."""
        await self._connection.execute(
            insert(self._tables[table]), [dict(zip(columns, row, strict=True)) for row in rows]
        )


@asynccontextmanager
async def refilling(url: str, schema: str, *, force: bool) -> AsyncIterator[Refilling]:
    """An empty database with the tables of this migration. They are brought up to date at the end, or nothing changed.

    Raises NotEmpty when something is kept there, unless `force` lets it be erased; OfALaterRelease; Unavailable;
    Occupied while a bot serves from it.
    """
    presence = Presence(url)
    if not presence.shared:
        await presence.beat()
    engine = create_async_engine(url, hide_parameters=True, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", set_up_sqlite)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        async with translated(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(select(func.pg_advisory_xact_lock(PREPARING)))
                if (await connection.execute(LIVING)).first():
                    raise Occupied("a bot serves from this database")
            tables = await connection.run_sync(_emptied, schema, force)
            yield Refilling(connection, {table.name: table for table in tables})
            if engine.dialect.name == "postgresql":
                await connection.run_sync(_count_on)
            await connection.run_sync(upgrade, HEAD)
    finally:
        await engine.dispose()
        await presence.close()


def _tables(connection: Connection) -> Sequence[Table]:
    """Our tables, as they are there."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in metadata.tables)
    return found.sorted_tables


def _emptied(connection: Connection, schema: str, force: bool) -> Sequence[Table]:
    """The tables of this migration, with nothing in them."""
    there = _tables(connection)
    if not force and any(connection.execute(select(table).limit(1)).first() for table in there):
        raise NotEmpty("something is kept in the database")
    for table in there:
        table.drop(connection)
    if inspect(connection).has_table("alembic_version"):
        connection.execute(text("DROP TABLE alembic_version"))
    try:
        upgrade(connection, schema)
    except LookupError as error:
        raise OfALaterRelease(schema) from error
    return _tables(connection)


def _count_on(connection: Connection) -> None:
    """Let numbers that PostgreSQL gives go on after those that are there."""
    for table in _tables(connection):
        column = table.autoincrement_column
        if column is not None and column.server_default is not None:
            last = connection.execute(select(func.max(column))).scalar()
            if last:
                connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), last)))
