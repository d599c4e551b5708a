"""What pressing a button of the desk does: to a card, or to a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.codes import read_code
from bot.desk.bridge import Bridging
from bot.desk.counting import finished
from bot.desk.exporting import Exporting
from bot.desk.membership import ROLES, Membership
from bot.desk.room import Room, life_of, living
from bot.desk.standing import Standing
from bot.desk.writing import Writing
from bot.messages import AtDesk, DeskPress
from bot.outgoing import Batch, Toast
from bot.records import Card, Referral
from bot.store import Transaction
from dialogs.desk import PAUSE_REASONS
from dialogs.referral import REASONS, Choose, Claim, Close, Contact, Move, Refused, Release, Undo, moved
from dialogs.symbols import Say

ON_CARDS: dict[str, Move] = {
    "claim": Claim(),
    "release": Release(),
    "contact": Contact(),
    "closing": Choose(menu="close"),
    "card": Choose(menu=None),
    "undo": Undo(),
}
WRITING = frozenset({"write", "say", "send", "discard", "unbridge"})


@dataclass(frozen=True)
class Presses:
    """One press, by somebody who belongs to a desk."""

    room: Room
    transaction: Transaction
    act: AtDesk
    known: Standing
    now: datetime
    batch: Batch

    async def take(self, press: DeskPress) -> None:
        """Do what the button says, and answer the press."""
        said = await self._done(press)
        toast = Say(f"desk.toast.{said}") if isinstance(said, str) else said
        self.batch.toasts.append(Toast(press.callback, toast, self.room.locale(self.known.places)))

    async def _done(self, press: DeskPress) -> Say | str | None:
        membership = Membership(self.room, self.transaction, self.act, self.known, self.now, self.batch)
        match press.verb, press.about:
            case "show", (code,):
                return await self._shown(code)
            case "pause", (place, reason):
                known = next((each for each in PAUSE_REASONS if each == reason), None)
                return await membership.pause(place, known) if known else "gone"
            case "invite", (place, role) if role in ROLES:
                return await membership.invite(place, ROLES[role])
            case "remove", (place, key):
                return await membership.remove(place, key)
            case "export", (kind, *since) if len(since) < 2:
                exporting = Exporting(self.room, self.transaction, self.act, self.known, self.now, self.batch)
                return await exporting.press(kind, *since)
            case verb, about if verb in WRITING:
                bridging = Bridging(self.room, self.transaction, self.now, self.batch)
                return await Writing(bridging, self.act, self.known).press(verb, about)
            case verb, (code, version, *more) if version.isdecimal() and (move := self._move(verb, more)):
                await self._clears_away_a_stray(code, press)
                return await self._moved(code, int(version), move, ".".join((verb, *more)))
        return "gone"

    def _move(self, verb: str, more: list[str]) -> Move | None:
        """The move a card's button stands for."""
        if verb == "differs" and more:
            return Close(reason="screen_failure", criterion=more[0]) if more[0] in self.room.plan.study.by_id else None
        if verb == "differs":
            return Choose(menu="criterion")
        if verb == "close":
            reason = next((each for each in REASONS if [each] == more and each != "screen_failure"), None)
            return Close(reason=reason) if reason else None
        return None if more else ON_CARDS.get(verb)

    async def _shown(self, code: str) -> str | None:
        """Bring a card to the bottom of this chat."""
        referral = await self._referral(code)
        if referral is None:
            return "gone"
        await bring(self.transaction, referral, self.room, self.act, self.now, "show")
        self.batch.referrals.append(referral)
        return None

    async def _clears_away_a_stray(self, code: str, press: DeskPress) -> None:
        """A card nobody knows of must not stay and say what is no longer so."""
        referral, key = await self._referral(code), self.room.vault.key(self.act.chat)
        if referral and press.on and await self.transaction.referrals.clear_away(referral.code, key, press.on):
            self.batch.referrals.append(referral)

    async def _moved(self, code: str, version: int, move: Move, what: str) -> Say | str | None:
        referral = await self._referral(code)
        if referral is None:
            return "gone"
        life = life_of(referral)
        if version != referral.wanted and not (isinstance(move, Claim) and life.state == "claimed"):
            self.batch.referrals.append(referral)
            return "changed"
        after = moved(life, move, self.known.by, self.known.may(referral.place, "lead"), self.now)
        if isinstance(after, Refused):
            return await self._refused(after, referral.place)
        if not isinstance(move, Choose):
            if not isinstance(move, Undo):
                self.batch.counted += finished(referral, life)
            await self._noted(referral, what)
        changed = living(referral, after)
        await self.transaction.referrals.save(changed)
        self.batch.referrals.append(changed)
        return None

    async def _referral(self, code: str) -> Referral | None:
        """The referral of this code, if this person may see it."""
        read = read_code(code)
        referral = await self.transaction.referrals.of(read) if read else None
        if referral is None or referral.result is None or not self.known.may(referral.place):
            return None
        return referral

    async def _refused(self, refused: Refused, place: str) -> Say:
        if refused.why not in {"taken", "not_yours"}:
            return Say(f"desk.toast.{refused.why}")
        names = await self.room.names(self.transaction, place)
        return Say(f"desk.toast.{refused.why}", {"who": names.get(refused.claimer or "", "?")})

    async def _noted(self, referral: Referral, what: str) -> None:
        await self.transaction.desk.remember([self.room.member(self.act, referral.place, self.now)])
        deed = self.room.deed(self.act, referral.place, what, self.now, referral.code)
        await self.transaction.desk.note([deed])


async def bring(
    transaction: Transaction, referral: Referral, room: Room, act: AtDesk, now: datetime, what: str
) -> None:
    """Ask for this referral's card at the bottom of this chat; the one further up is cleared away. It is noted."""
    await transaction.desk.remember([room.member(act, referral.place, now)])
    await transaction.desk.note([room.deed(act, referral.place, what, now, referral.code)])
    key = room.vault.key(act.chat)
    await transaction.referrals.bring(Card(referral.code, key, room.vault.seal_chat(act.chat, key)))
