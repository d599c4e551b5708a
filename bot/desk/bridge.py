"""The link between a code and a chat: opened, used in both directions, and closed. Neither side learns who writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.desk.room import Room
from bot.desk.standing import recipients
from bot.letters import letter_to_chat
from bot.messages import ChatId, ChatKey
from bot.outgoing import Batch, Happening
from bot.records import Bridge
from bot.seals import BRIDGE, DRAFT
from bot.store import Transaction
from bot.texts import Renderer
from bot.vault import Unsealable
from dialogs.events import Event, Unbridged
from dialogs.writing import received

# Said word for word in the offer that people agree to: change both together.
LASTS = timedelta(days=30)

log = structlog.get_logger("bridge")


@dataclass(frozen=True)
class Bridging:
    """Works on the links of one transaction. What must be shown afterwards goes into the batch."""

    room: Room
    transaction: Transaction
    now: datetime
    batch: Batch

    async def open(self, code: str, chat: ChatId) -> None:
        """Let the desk write to this chat by this code; where the referral is gone, tell the person so."""
        referral = await self.transaction.referrals.of(code)
        if referral is None or referral.result is None:
            self.batch.happenings.append(Happening(self.room.vault.key(chat), Unbridged(why="withdrawn")))
            return
        expires = int((self.now + LASTS).timestamp())
        await self.transaction.bridges.save(Bridge(code, self._link(chat, code), expires))
        await self._show(code, bridged=True)

    async def close(self, code: str) -> None:
        """Let nobody write to anybody by this code any more."""
        await self.transaction.bridges.close([code])
        await self._show(code, bridged=False)

    async def end(self, bridge: Bridge, event: Event) -> None:
        """Let the person know that the link is over, for whatever reason, and close it."""
        self.tell(bridge, event, at_the_bottom=True)
        await self.close(bridge.code)

    def tell(self, bridge: Bridge, event: Event, at_the_bottom: bool = False) -> None:
        """Let this happen to the person at the other end of a link."""
        try:
            self.batch.happenings.append(Happening(self.other_end(bridge), event, at_the_bottom))
        except Unsealable as error:
            log.error("a link cannot be read", reason=type(error).__name__)

    def other_end(self, bridge: Bridge) -> ChatKey:
        """The person a link leads to. Raises Unsealable."""
        plain = self.room.vault.open(bridge.link, BRIDGE + bridge.code.encode("ascii"))
        return self.room.vault.key(ChatId(int.from_bytes(plain, "big", signed=True)))

    async def pass_on(self, code: str, words: str, renderer: Renderer) -> None:
        """Write what the person wrote to every chat of the desk: their code and their words, and nothing else."""
        referral = await self.transaction.referrals.of(code)
        if referral is None:
            return
        locale = self.room.locale((referral.place,))
        text = "\n\n".join(renderer.say(line, locale) for line in received(code, words.strip()))
        found = recipients(await self.transaction.desk.bindings(), referral.place)
        for each in found:
            to = (referral.place, each.key, each.address)
            self.batch.letters.append(letter_to_chat(self.room.vault, *to, text, self.now, code=code))
        if not found:
            log.error("a message found no desk", place=referral.place)

    def with_draft(self, bridge: Bridge, words: str) -> Bridge:
        """The link with words of the desk that somebody has to confirm."""
        draft = self.room.vault.seal(words.encode("utf-8"), DRAFT + bridge.code.encode("ascii"))
        return replace(bridge, draft=draft, drafted=int(self.now.timestamp()))

    def draft(self, bridge: Bridge) -> str | None:
        """The words that wait to be confirmed. Raises Unsealable."""
        if bridge.draft is None:
            return None
        return self.room.vault.open(bridge.draft, DRAFT + bridge.code.encode("ascii")).decode("utf-8")

    def stamp(self, words: str) -> str:
        """By which a button names the words it was shown with."""
        return self.room.vault.fingerprint(words, DRAFT).hex()[:8]

    def _link(self, chat: ChatId, code: str) -> bytes:
        plain = int(chat).to_bytes(8, "big", signed=True)
        return self.room.vault.seal(plain, BRIDGE + code.encode("ascii"))

    async def _show(self, code: str, bridged: bool) -> None:
        """Let the card say whether the person can be written to."""
        referral = await self.transaction.referrals.of(code)
        if referral is None or referral.result is None or referral.bridged == bridged:
            return
        changed = replace(referral, bridged=bridged, wanted=referral.wanted + 1)
        await self.transaction.referrals.save(changed)
        self.batch.referrals.append(changed)
