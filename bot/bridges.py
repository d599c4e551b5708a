"""Tells people who can be written to where their result is, and ends what has lasted long enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.desk.bridge import Bridging
from bot.desk.writing import DRAFT_LASTS
from bot.outgoing import Batch
from bot.records import Bridge
from bot.routine import repeated
from bot.service import Service
from bot.store import Store
from dialogs.events import Progressed, Unbridged
from dialogs.session import Progress

EVERY = timedelta(seconds=20)
# What a state of a referral is to the person. A referral given back is still one that was seen.
STATES: Mapping[str, Progress] = {"claimed": "seen", "contacted": "contacted"}


@dataclass(frozen=True)
class Bridges:
    """Keeps both ends of each link in step."""

    store: Store
    service: Service
    deliver: Callable[[Batch], None]
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        await repeated(self.sweep, EVERY)

    async def sweep(self) -> None:
        """Tell what can no longer be undone, end what is over, erase what nobody confirmed."""
        now, batch = self.now(), Batch()
        async with self.store.begin() as transaction:
            bridging = Bridging(self.service.desk.room, transaction, now, batch)
            for bridge in await transaction.bridges.expired(int(now.timestamp())):
                await bridging.end(bridge, Unbridged(why="over"))
            for bridge, state in await transaction.bridges.behind(int(now.timestamp())):
                await self._told(bridging, bridge, state)
            await transaction.bridges.forget_drafts(int((now - DRAFT_LASTS).timestamp()))
            await self.service.befall(transaction, batch)
            await self.service.claim(transaction, batch)
        self.deliver(batch)

    async def _told(self, bridging: Bridging, bridge: Bridge, state: str) -> None:
        """Let the person know of this state: where their screen stands, so that nothing rings; an end rings once."""
        if state == "closed":
            await bridging.end(bridge, Unbridged(why="by_team"))
        elif progress := STATES.get(state):
            bridging.tell(bridge, Progressed(to=progress))
            await bridging.transaction.bridges.save(replace(bridge, told=state))
