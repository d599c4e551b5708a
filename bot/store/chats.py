"""People's conversations: one row for each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import bindparam, case, delete, select, update

from bot.messages import ChatKey
from bot.records import Chat, Shown
from bot.store.statements import Statements, joined, parted
from bot.tables import chats

OVER = chats.c.over.is_(True)


class Chats:
    """The rows of people in a conversation, in one transaction."""

    def __init__(self, statements: Statements) -> None:
        self._say = statements
        self._blank: set[ChatKey] = set()

    async def lock(self, keys: Collection[ChatKey]) -> dict[ChatKey, Chat]:
        """The rows of these chats, held until the transaction ends; those nothing is known about are left out."""
        if self._say.postgres:
            await self._hold(keys)
        query = select(chats).where(chats.c.key.in_(keys)).order_by(chats.c.key).with_for_update()
        rows = [_chat(row) for row in (await self._say.run(query)).mappings()]
        self._blank |= {row.key for row in rows if not row.session}
        return {row.key: row for row in rows if row.session}

    async def let_go(self) -> None:
        """Leave nothing of the chats that were locked and turned out to have nothing to keep."""
        if self._blank:
            await self._say.run(delete(chats).where(chats.c.key.in_(self._blank)))

    async def save(self, rows: Sequence[Chat]) -> None:
        """Keep these rows as they are now."""
        if rows:
            self._blank -= {row.key for row in rows}
            values = [{**asdict(row), "litter": joined(row.litter)} for row in rows]
            await self._say.insert_or_replace(chats, values)

    async def unshown(self) -> list[Chat]:
        """Everybody whose screen is not the one they should see."""
        rows = await self._say.run(select(chats).where(chats.c.shown < chats.c.wanted))
        return [_chat(row) for row in rows.mappings() if row["session"]]

    async def record(self, shown: Sequence[Shown]) -> None:
        """These screens were shown; a screen newer than what is wanted is of a conversation long gone.

        What a newer screen has to clear away is left to it.
        """
        known = update(chats).where(chats.c.key == bindparam("of"), chats.c.wanted >= bindparam("turn"))
        values: dict[str, Any] = {
            "shown": bindparam("turn"),
            "message": bindparam("in_message"),
            "litter": case((chats.c.wanted == bindparam("turn"), bindparam("lying")), else_=chats.c.litter),
        }
        rows = [
            {"of": each.key, "turn": each.turn, "in_message": each.message, "lying": joined(each.litter)}
            for each in shown
        ]
        if rows:
            await self._say.run(known.values(values), rows)

    async def erase(self, ended: Sequence[tuple[ChatKey, int]]) -> None:
        """Erase these conversations, unless they went on after that turn."""
        one = delete(chats).where(chats.c.key == bindparam("of"), chats.c.wanted == bindparam("turn"), OVER)
        if ended:
            await self._say.run(one, [{"of": key, "turn": turn} for key, turn in ended])

    async def untouched_since(self, moment: int, limit: int) -> list[Chat]:
        """Open conversations in which nothing happened since then, oldest first."""
        old = select(chats).where(chats.c.touched < moment, chats.c.over.is_(False))
        rows = await self._say.run(old.order_by(chats.c.touched).limit(limit).with_for_update())
        return [_chat(row) for row in rows.mappings()]

    async def due_reminders(self, now: int, limit: int) -> list[Chat]:
        """Open conversations whose reminder is due."""
        due = select(chats).where(chats.c.remind <= now, chats.c.over.is_(False))
        rows = await self._say.run(due.order_by(chats.c.remind).limit(limit).with_for_update())
        return [_chat(row) for row in rows.mappings()]

    async def forget_farewells(self, before: int) -> int:
        """Erase every ended conversation whose farewell could not be shown in time. Returns how many."""
        return (await self._say.run(delete(chats).where(OVER, chats.c.touched < before))).rowcount

    async def _hold(self, keys: Collection[ChatKey]) -> None:
        """Make sure there are rows to lock, so that two processes cannot begin one conversation twice."""
        blank = {"address": b"", "session": b"", "wanted": 0, "shown": 0, "litter": "", "touched": 0, "over": False}
        await self._say.insert_or_ignore(chats, [{"key": key, **blank} for key in sorted(keys)])


def _chat(row: Any) -> Chat:
    return replace(Chat(**{**row, "litter": parted(row["litter"])}), key=ChatKey(bytes(row["key"])))
