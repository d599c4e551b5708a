"""What every part of a transaction needs to say to the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, CursorResult, Executable, Table, true
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.presence import LIVING, NOBODY

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


class Statements:
    """One connection, in the middle of a transaction, speaking either database's dialect.

    `number` is this process's; while it is not `present`, even what was held under it is nobody's.
    """

    def __init__(self, connection: AsyncConnection, number: int, present: bool) -> None:
        self._connection = connection
        self.number = number
        self._present = present
        self.postgres = connection.dialect.name == "postgresql"

    async def run(self, statement: Executable, values: Sequence[Mapping[str, Any]] | None = None) -> CursorResult[Any]:
        """Execute this, once or for each of these values."""
        return await self._connection.execute(statement, values)

    def deserted(self, holder: Column[int]) -> ColumnElement[bool]:
        """That whoever holds a row lives no more."""
        if self.postgres:
            return holder.not_in(LIVING)
        return holder != self.number if self._present else true()

    async def others(self, holders: Collection[int]) -> set[int]:
        """Those of these processes that live and are not this one."""
        suspects = set(holders) - {NOBODY, self.number}
        if not suspects or not self.postgres:
            return set()
        return suspects & set((await self.run(LIVING)).scalars())

    async def insert_or_ignore(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Add these rows, but for those that are there already."""
        await self.run(self.insert(table).on_conflict_do_nothing(), list(rows))

    async def insert_or_replace(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Add these rows, or make those that are there already be like them."""
        insert = self.insert(table)
        keys = [column.name for column in table.primary_key]
        changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
        await self.run(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that can say what to do on conflict."""
        if not self.postgres:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql  # loaded with its engine: a start on SQLite has no time for it

        return postgresql.insert(table)


def joined(messages: tuple[int, ...]) -> str:
    """Message numbers as one column holds them."""
    return " ".join(str(each) for each in messages)


def parted(messages: str) -> tuple[int, ...]:
    """Message numbers as a column held them."""
    return tuple(int(each) for each in messages.split())
