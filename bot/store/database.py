"""The database itself: opened, brought up to date, and used in transactions."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.messages import Unavailable
from bot.store.presence import LEASE, Presence
from bot.store.transaction import Transaction, translated
from bot.vault import Vault

PREPARING = 4356287  # the lock that lets one process at a time make tables; any number nobody else uses
PATIENCE, SCRUB_PATIENCE = 10_000, 100  # milliseconds to wait for somebody else's lock
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", f"busy_timeout={PATIENCE}")


class Store:
    """The database: opened, brought up to date, and used in transactions.

    `presence` is this process among those that share it. `dirty` says that erased bytes could not be taken out of the
    log yet, and scrubbing must be tried again. Only with a vault are results and deeds kept and read; with one that has
    older secrets, rows are moved under today's key as they are read.
    """

    def __init__(self, url: str, vault: Vault | None = None, lease: float = LEASE) -> None:
        self._engine = _engine(url, lease)
        self.presence = Presence(url, lease)
        self._vault = vault
        self.dirty = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """One transaction. It commits at the end of the block; an exception rolls it back.

        Raises Unavailable when the database does not answer, OneUpdatesFault when what was given does not fit.
        """
        async with translated(), self._engine.begin() as connection:
            transaction = Transaction(connection, self.presence, self._vault)
            yield transaction
            await transaction.chats.let_go()

    async def prepare(self) -> None:
        """Make the tables, or bring older ones up to date. Raises Unavailable when the database does not answer."""
        from bot.migrations import upgrade  # the migration library is heavy, and rarely needed

        try:
            async with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":  # SQLite locks as it begins
                    await connection.execute(select(func.pg_advisory_xact_lock(PREPARING)))
                await connection.run_sync(upgrade)
        except DBAPIError as error:
            await asyncio.sleep(0.1)  # aiosqlite's thread reports the failure to this loop once more: let it live
            raise Unavailable(type(error).__name__) from error

    async def scrub(self) -> None:
        """After an erasure: take the erased bytes out of SQLite's log too. PostgreSQL does so by itself, later.

        Somebody else reading the file may be in the way; nobody waits for them: `dirty` says so. Raises Unavailable.
        """
        if self._engine.dialect.name != "sqlite":
            return
        self.dirty = True
        try:
            async with self._engine.connect() as connection:
                raw = await connection.get_raw_connection()  # a checkpoint cannot run inside a transaction
                driver = raw.driver_connection
                if driver is None:
                    return
                await driver.execute(f"PRAGMA busy_timeout={SCRUB_PATIENCE}")
                async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as found:
                    row = await found.fetchone()
                await driver.execute(f"PRAGMA busy_timeout={PATIENCE}")
                self.dirty = not row or row[0] != 0
        except (sqlite3.Error, DBAPIError, NoConnectionLeft) as error:
            raise Unavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Let go of the database."""
        await self.presence.close()
        await self._engine.dispose()


def _engine(url: str, lease: float) -> AsyncEngine:
    if not url.startswith("sqlite"):
        engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
        event.listen(engine.sync_engine, "connect", lambda connection, record: _set_up_postgres(connection, lease))
        return engine
    engine = create_async_engine(url, hide_parameters=True, pool_size=1, max_overflow=0)
    event.listen(engine.sync_engine, "connect", set_up_sqlite)
    # SQLite ignores FOR UPDATE: taking the write lock at the start is what keeps two writers apart.
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _set_up_postgres(connection: DBAPIConnection, lease: float) -> None:
    """A process that stands still in the middle of a transaction must not keep its rows from the others."""
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {int(lease * 1000)}")
    cursor.execute(f"SET lock_timeout = {PATIENCE}")
    connection.commit()
    cursor.close()


def set_up_sqlite(connection: DBAPIConnection, record: object) -> None:
    """What every connection to an SQLite file begins with."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
