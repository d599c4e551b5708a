"""What a command of the desk does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, assert_never

from bot.codes import near_codes, new_code, read_code
from bot.desk.bridge import Bridging
from bot.desk.exporting import Exporting
from bot.desk.figures import numbers
from bot.desk.membership import Membership
from bot.desk.presses import bring
from bot.desk.room import Room, hours_since, life_of
from bot.desk.standing import Standing
from bot.desk.writing import Writing
from bot.letters import CHAT
from bot.messages import AtDesk, DeskCommand
from bot.outgoing import Batch, Reply
from bot.records import Referral
from bot.store import Transaction
from dialogs.desk import SHOWN_AT_ONCE, Listed, health, help_for, not_found, open_list, told
from dialogs.session import ReferralCode
from dialogs.symbols import Say, Screen

# Until then a card is on its way, and nothing is wrong: a group may be written to only so often.
LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Orders:
    """One command, by somebody who belongs to a desk."""

    room: Room
    transaction: Transaction
    act: AtDesk
    known: Standing
    now: datetime
    batch: Batch

    async def take(self, command: DeskCommand, argument: str) -> None:
        """Do what the command says, and answer in the same chat."""
        refused = await self._taken(command, argument)
        if refused:
            self._say(Screen("desk", ((Say(f"desk.toast.{refused}"),),)))

    async def _taken(self, command: DeskCommand, argument: str) -> str | None:
        membership = Membership(self.room, self.transaction, self.act, self.known, self.now, self.batch)
        match command:
            case "join":
                await membership.join(argument)
            case "leave":
                await membership.leave()
            case "desk":
                self._say(help_for("lead" if self.known.led else "coordinator"))
            case "open" | "mine":
                await self._noted(command)
                await self._list(command)
            case "find":
                await self._find(argument)
            case "write":
                bridging = Bridging(self.room, self.transaction, self.now, self.batch)
                await Writing(bridging, self.act, self.known).order(argument)
            case "stats":
                await self._noted(command)
                await self._stats(dark=argument.lower() in self.room.words("desk.stats.dark"))
            case "pause":
                return await membership.ask_pause()
            case "resume":
                return await membership.resume()
            case "invite":
                return await membership.ask_invite()
            case "remove":
                return await membership.ask_remove()
            case "export":
                exporting = Exporting(self.room, self.transaction, self.act, self.known, self.now, self.batch)
                return exporting.order(argument)
            case "health":
                await self._noted(command)
                await self._health()
            case _:
                assert_never(command)
        return None

    async def _list(self, which: Literal["open", "mine"]) -> None:
        claimer = self.known.person if which == "mine" else None
        found = await self.transaction.referrals.open_at(self.known.places, claimer, SHOWN_AT_ONCE + 1)
        names: dict[str, str] = {}
        for place in self.known.places:
            names.update(await self.room.names(self.transaction, place))
        self._say(open_list(which, [self._listed(each, names) for each in found]))

    def _listed(self, referral: Referral, names: dict[str, str]) -> Listed:
        hours = hours_since(referral.arrived, self.now)
        return Listed(ReferralCode(referral.code), referral.state, hours, names.get(life_of(referral).claimer or ""))

    async def _find(self, typed: str) -> None:
        """The card of this code at the bottom of the chat, or the one code near it."""
        if not typed:
            return self._say(told("find.how", example=new_code()))
        code = read_code(typed)
        found = await self._visible([code]) if code else []
        if found:
            await bring(self.transaction, found[0], self.room, self.act, self.now, "find")
            self.batch.referrals.append(found[0])
            return None
        near = [] if code else await self._visible(near_codes(typed))
        nearest = ReferralCode(near[0].code) if len(near) == 1 else None
        return self._say(not_found(" ".join(typed.split())[:40], nearest))

    async def _visible(self, codes: list[ReferralCode]) -> list[Referral]:
        """Those of these referrals that are kept, and that this person may see."""
        found = await self.transaction.referrals.among(codes)
        return [each for each in found if each.result is not None and self.known.may(each.place)]

    async def _stats(self, dark: bool) -> None:
        """The numbers of each place: two pictures, and a few lines."""
        for place in self.known.places:
            self.batch.replies.append(await numbers(self.room, self.transaction, place, self.act.chat, self.now, dark))

    async def _health(self) -> None:
        """What is not well at this desk."""
        lines: list[Say] = []
        late = [each for each in await self.transaction.referrals.unshown() if self._is_late(each)]
        if late:
            lines.append(Say("desk.health.cards", {"number": len(late)}))
        for channel, failure, number in await self.transaction.letters.failing(self.known.places):
            to, why = Say("desk.health.chats") if channel == CHAT else channel, Say(f"desk.failure.{failure}")
            lines.append(Say("desk.health.failing", {"channel": to, "failure": why, "number": number}))
        for place, reason in (await self.transaction.desk.pauses()).items():
            if place in self.known.places:
                where = {"place": Say(f"place.{place}.name"), "reason": Say(f"desk.pause.{reason}")}
                lines.append(Say("desk.health.paused", where))
        for place in self.known.places:
            cap = self.room.desks.of(place).cap
            if cap is not None and await self.transaction.referrals.has_open(place, cap):
                lines.append(Say("desk.health.full", {"place": Say(f"place.{place}.name"), "number": cap}))
        self._say(health(lines))

    async def _noted(self, what: str) -> None:
        """Write down what was read, at each place it was read about."""
        for place in self.known.places:
            await self.transaction.desk.remember([self.room.member(self.act, place, self.now)])
            await self.transaction.desk.note([self.room.deed(self.act, place, what, self.now)])

    def _is_late(self, referral: Referral) -> bool:
        """Whether a card of ours has had long enough to say what it should."""
        changed = life_of(referral).changed
        last = max(referral.arrived, referral.nudged or 0, int(changed.timestamp()) if changed else 0)
        return referral.place in self.known.places and last <= (self.now - LATE).timestamp()

    def _say(self, screen: Screen) -> None:
        self.batch.replies.append(Reply(self.act.chat, screen, self.room.locale(self.known.places)))
