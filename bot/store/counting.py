"""Which updates were handled, and how often something happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import delete, func, select

from bot.store.statements import Statements
from bot.tables import counts, seen


class Updates:
    """The updates that were handled, in one transaction."""

    def __init__(self, statements: Statements) -> None:
        self._say = statements

    async def unseen(self, updates: Collection[int]) -> set[int]:
        """Those of these updates that were not handled before."""
        found = await self._say.run(select(seen.c.update_id).where(seen.c.update_id.in_(updates)))
        return set(updates) - set(found.scalars())

    async def see(self, updates: Collection[int], now: int) -> None:
        """From now on these updates were handled."""
        if updates:
            await self._say.insert_or_ignore(seen, [{"update_id": each, "at": now} for each in updates])

    async def forget(self, before: int) -> int:
        """Forget which updates were handled before then. Returns how many."""
        return (await self._say.run(delete(seen).where(seen.c.at < before))).rowcount


class Counts:
    """How often something happened on a day, in one transaction."""

    def __init__(self, statements: Statements) -> None:
        self._say = statements

    async def add(self, names: Sequence[str], day: date) -> None:
        """One more of each of these on that day."""
        if not names:
            return
        insert = self._say.insert(counts)
        more = {"number": counts.c.number + insert.excluded.number}
        one = insert.on_conflict_do_update(index_elements=["day", "name"], set_=more)
        tally = sorted(Counter(names).items())  # always in the same order, so that two processes never wait in a ring
        await self._say.run(one, [{"day": day, "name": name, "number": number} for name, number in tally])

    async def of(self, names: Collection[str], day: date, until: date) -> list[tuple[date, str, int]]:
        """How often these were counted on each day from `day` to before `until`."""
        these = select(counts).where(counts.c.name.in_(names), counts.c.day >= day, counts.c.day < until)
        return [(row.day, row.name, row.number) for row in await self._say.run(these.order_by(counts.c.day))]

    async def sums(self, beginning: str, day: date, until: date) -> list[tuple[str, int]]:
        """How often everything was counted whose name begins like this, from `day` to before `until`, by name."""
        between = (counts.c.day >= day, counts.c.day < until, counts.c.name.startswith(beginning, autoescape=True))
        added = select(counts.c.name, func.sum(counts.c.number).label("number")).where(*between)
        return [(row.name, int(row.number)) for row in await self._say.run(added.group_by(counts.c.name))]

    async def since(self, day: date, until: date) -> list[tuple[date, str, int]]:
        """What was counted from `day` to before `until`, each as day, name and number."""
        between = select(counts).where(counts.c.day >= day, counts.c.day < until)
        return [(row.day, row.name, row.number) for row in await self._say.run(between.order_by(counts.c.day))]

    async def forget(self, before: date) -> None:
        """Forget what was counted before that day."""
        await self._say.run(delete(counts).where(counts.c.day < before))
