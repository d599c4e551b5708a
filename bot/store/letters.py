"""What is to be sent once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.messages import ChatKey
from bot.records import Letter
from bot.store.statements import Statements
from bot.tables import letters
from bot.vault import all_hashes


class Letters:
    """The outbox of things said once, in one transaction."""

    def __init__(self, statements: Statements) -> None:
        self._say = statements

    async def post(self, given: Sequence[Letter]) -> None:
        """Send these, when they are due."""
        if given:
            rows = [{key: value for key, value in asdict(each).items() if key != "id"} for each in given]
            await self._say.run(letters.insert(), rows)

    async def due(self, now: int, limit: int) -> list[Letter]:
        """Some of those that are to be sent now, the oldest first."""
        query = select(letters).where(letters.c.due <= now).order_by(letters.c.due, letters.c.id).limit(limit)
        return [_letter(row) for row in (await self._say.run(query)).mappings()]

    async def sent(self, number: int) -> None:
        """This letter was sent."""
        await self._say.run(delete(letters).where(letters.c.id == number))

    async def failed(self, number: int, due: int, failure: str) -> None:
        """This letter was not sent, and is tried again at `due`."""
        again = update(letters).where(letters.c.id == number)
        await self._say.run(again.values(due=due, tries=letters.c.tries + 1, failure=failure))

    async def failing(self, places: Collection[str]) -> list[tuple[str, str, int]]:
        """What cannot be sent at these places now: the channel, the kind of failure, and how many letters wait."""
        number = func.count().label("number")
        query = select(letters.c.channel, letters.c.failure, number)
        query = query.where(letters.c.place.in_(places), letters.c.failure.is_not(None))
        rows = await self._say.run(query.group_by(letters.c.channel, letters.c.failure))
        return [(row.channel, row.failure, row.number) for row in rows]

    async def forget_to(self, keys: Collection[ChatKey]) -> None:
        """Send nothing to these people any more."""
        if keys:
            await self._say.run(delete(letters).where(letters.c.key.in_(all_hashes(keys))))

    async def forget_about(self, codes: Collection[str]) -> None:
        """Send nothing any more of what people wrote about these referrals."""
        if codes:
            await self._say.run(delete(letters).where(letters.c.code.in_(codes)))

    async def forget_late(self, now: int) -> int:
        """Give up what it is too late for. Returns how many."""
        return (await self._say.run(delete(letters).where(letters.c.expires <= now))).rowcount


def _letter(row: Any) -> Letter:
    key = row["key"]
    return Letter(**{**row, "key": None if key is None else ChatKey(bytes(key))})
