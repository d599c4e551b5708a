"""What people's conversations want of the desk: to be told when it opens, to be written to, to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.desk.bridge import Bridging
from bot.desk.room import Room
from bot.outgoing import Batch, Wish
from bot.records import Waiter
from bot.store import Transaction
from bot.texts import Renderer
from dialogs.events import CloseBridge, Forget, OpenBridge, PassOn, Unbridged, Unwait, Wait
from dialogs.session import FORGOTTEN

Why = Literal["by_team", "withdrawn", "over"]


@dataclass(frozen=True)
class Wishes:
    """Carries out what people wished, in the transaction of their update."""

    room: Room
    renderer: Renderer

    async def carry_out(self, transaction: Transaction, wishes: Sequence[Wish], now: datetime, batch: Batch) -> None:
        """Do all of this, in order."""
        bridging = Bridging(self.room, transaction, now, batch)
        for wish in wishes:
            await self._done(bridging, wish)

    async def taken_back(
        self, transaction: Transaction, codes: Sequence[str], why: Why, now: datetime, batch: Batch
    ) -> None:
        """The results under these codes are about to go: whoever the desk could write to by one is told so."""
        bridging = Bridging(self.room, transaction, now, batch)
        for code in codes:
            if bridge := await transaction.bridges.of(code):
                bridging.tell(bridge, Unbridged(why=why), at_the_bottom=True)

    async def _done(self, bridging: Bridging, wish: Wish) -> None:
        transaction = bridging.transaction
        match wish.effect:
            case Wait(place=place, language=language):
                address = self.room.vault.seal_chat(wish.chat, wish.key)
                at = int(bridging.now.timestamp())
                await transaction.desk.wait(Waiter(wish.key, place, language, address, at))
            case Unwait() | Forget(wish=True):
                await transaction.desk.forget_waiting([wish.key])
                await transaction.letters.forget_to([wish.key])
            case OpenBridge(code=code):
                await bridging.open(code, wish.chat)
            case CloseBridge(code=code):
                await bridging.close(code)
                if wish.session.state == FORGOTTEN:
                    await transaction.letters.forget_about([code])
            case PassOn(code=code):
                await bridging.pass_on(code, wish.words, self.renderer)
            case _:
                return  # everything else is written with the batch itself
