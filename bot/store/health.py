"""What has waited for too long to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, or_, select

from bot.store.statements import Statements
from bot.tables import letters, referrals

OFTEN = 7  # tries of a letter in an hour and more: each waits twice as long as the one before


@dataclass(frozen=True, slots=True)
class Waiting:
    """Things that have waited for too long: how many at a place, and since when. `channel` is empty for cards."""

    place: str
    channel: str
    number: int
    since: int


class Health:
    """What has waited for too long, in one transaction."""

    def __init__(self, statements: Statements) -> None:
        self._say = statements

    async def waiting(self, before: datetime) -> list[Waiting]:
        """What should have been sent before then."""
        moment = int(before.timestamp())
        late = select(letters.c.place, letters.c.channel, func.count(), func.min(letters.c.due))
        late = late.where(or_(letters.c.due < moment, letters.c.tries >= OFTEN)).group_by(
            letters.c.place, letters.c.channel
        )
        unshown = select(referrals.c.place, literal(""), func.count(), func.min(referrals.c.arrived))
        unshown = unshown.where(referrals.c.shown < referrals.c.wanted, referrals.c.arrived < moment)
        unshown = unshown.group_by(referrals.c.place)
        found: list[Any] = []
        for query in (late, unshown):
            found += (await self._say.run(query)).all()
        return [Waiting(*row) for row in found]
