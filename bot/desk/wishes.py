"""What people's conversations want of the desk: to be told when it opens, to be written to, to write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from bot.desk.bridge import Bridging
from bot.desk.room import Room
from bot.letters import CHAT
from bot.messages import ChatId, ChatKey, Unavailable
from bot.outgoing import Batch, Wish
from bot.records import Referral, Waiter
from bot.store import OneUpdatesFault, Transaction
from bot.texts import Renderer
from dialogs.events import (
    CloseBridge,
    Count,
    Forget,
    OpenBridge,
    PassOn,
    Refer,
    Step,
    Unbridged,
    Unwait,
    Wait,
    Withdraw,
)
from dialogs.session import FORGOTTEN

log = structlog.get_logger("wishes")

OTHER = "source.other"  # anybody can make a link up: only sources the operator named are counted by name
Why = Literal["by_team", "withdrawn", "over"]


@dataclass(frozen=True)
class Wishes:
    """Carries out what people wished, in the transaction of their update."""

    room: Room
    renderer: Renderer

    async def carry_out(self, transaction: Transaction, wishes: Sequence[Wish], now: datetime, batch: Batch) -> None:
        """Do all of this, in order. One that makes us stumble hurts nobody else."""
        bridging = Bridging(self.room, transaction, now, batch)
        for wish in wishes:
            try:
                async with transaction.apart():
                    await self._done(bridging, wish)
            except (Unavailable, OneUpdatesFault):
                raise
            except Exception as error:
                log.error("a wish failed", kind=type(wish.effect).__name__, reason=type(error).__name__)

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
                    await transaction.letters.forget_about([code], CHAT)
            case PassOn(code=code):
                await bridging.pass_on(code, wish.words, self.renderer)
            case _:
                return  # everything else is written with the batch itself


def wished(
    step: Step, chat: ChatId, key: ChatKey, batch: Batch, now: datetime, countable: Collection[str], words: str
) -> None:
    """Add what a step wants of the world to the batch. `words` are those the person has just typed."""
    for effect in step.effects:
        match effect:
            case Refer():
                batch.referrals.append(_referral(effect, now))
            case Withdraw(code=code):
                batch.withdrawn.append(code)
            case Count(name=name):
                batch.counted.append(_named(name, countable))
            case _:
                batch.wishes.append(Wish(key, chat, step.session, effect, words))


def _named(name: str, countable: Collection[str]) -> str:
    """What is counted under its own name: anybody can make up a link, so only sources the operator named."""
    place, language, rest = name.split(".", 2)
    return f"{place}.{language}.{OTHER}" if rest.startswith("source.") and rest not in countable else name


def _referral(effect: Refer, now: datetime) -> Referral:
    result = effect.result
    return Referral(effect.code, result.place, result.day, "new", result.model_dump_json(), int(now.timestamp()))
