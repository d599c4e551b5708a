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

    async def first_due(self, now: int, channel: str, others: bool, limit: int) -> list[Letter]:
        """The first letter that is due to each address of this channel, or of all `others`, the longest due first.

        They are held until the transaction ends; those another process holds are left to it.
        """
        wanted = letters.c.channel != channel if others else letters.c.channel == channel
        is_due = (wanted, letters.c.due <= now)
        same, by_age = (letters.c.channel, letters.c.place, letters.c.key), (letters.c.due, letters.c.id)
        turn = func.row_number().over(partition_by=same, order_by=by_age).label("turn")
        lanes = select(letters.c.id, turn).where(*is_due).subquery()
        first = select(lanes.c.id).where(lanes.c.turn == 1)
        query = select(letters).where(*is_due, letters.c.id.in_(first)).order_by(*by_age)
        rows = await self._say.run(query.limit(limit).with_for_update(skip_locked=True))
        return [_letter(row) for row in rows.mappings()]

    async def lease(self, numbers: Collection[int], until: int) -> None:
        """These letters are being sent: nobody else sends them before then."""
        if numbers:
            await self._say.run(update(letters).where(letters.c.id.in_(numbers)).values(due=until))

    async def sent(self, number: int) -> None:
        """This letter was sent."""
        await self._say.run(delete(letters).where(letters.c.id == number))

    async def failed(self, number: int, due: int, failure: str) -> None:
        """This letter was not sent, and is tried again at `due`."""
        again = update(letters).where(letters.c.id == number)
        await self._say.run(again.values(due=due, tries=letters.c.tries + 1, failure=failure))

    async def put_off(self, letter: Letter, now: int, due: int, failure: str) -> None:
        """The other letters that are due to where this one was not taken need not be tried before then either."""
        same = (letters.c.channel == letter.channel, letters.c.place == letter.place)
        others = (letters.c.key.is_not_distinct_from(letter.key), letters.c.due <= now, letters.c.id != letter.id)
        put_off = update(letters).where(*same, *others)
        await self._say.run(put_off.values(due=due, tries=letters.c.tries + 1, failure=failure))

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

    async def forget_about(self, codes: Collection[str], channel: str) -> None:
        """Send nothing any more by this channel of what goes with these referrals."""
        if codes:
            await self._say.run(delete(letters).where(letters.c.code.in_(codes), letters.c.channel == channel))

    async def forget_late(self, now: int) -> int:
        """Give up what it is too late for. Returns how many."""
        return (await self._say.run(delete(letters).where(letters.c.expires <= now))).rowcount


def _letter(row: Any) -> Letter:
    key = row["key"]
    return Letter(**{**row, "key": None if key is None else ChatKey(bytes(key))})
