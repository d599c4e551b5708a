"""Who belongs to the desk, and whether its places take people: joining, leaving, removing, pausing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.codes import new_code, read_code
from bot.desk.room import Room
from bot.desk.standing import Standing
from bot.messages import AtDesk, ChatKey
from bot.outgoing import Batch, Reply
from bot.records import Binding, Member
from bot.store import Transaction
from bot.vault import Vault
from dialogs.desk import Colleague, PauseReason, Role, colleagues, inviting, pausing, told
from dialogs.session import ReferralCode
from dialogs.symbols import Say, Screen

INVITE_LASTS = timedelta(hours=1)
INVITE = b"invite"
ROLES: dict[str, Role] = {"coordinator": "coordinator", "lead": "lead"}


def invite_digest(vault: Vault, code: ReferralCode) -> bytes:
    """What is kept of a one-time code."""
    return vault.fingerprint(code, INVITE)


@dataclass(frozen=True)
class Membership:
    """What one person at a desk changes about the desk itself."""

    room: Room
    transaction: Transaction
    act: AtDesk
    known: Standing
    now: datetime
    batch: Batch

    async def join(self, typed: str) -> None:
        """Bind this chat to the place of a one-time code."""
        code, now = read_code(typed), int(self.now.timestamp())
        if not typed:
            return self._say(told("join.how"))
        invite = await self.transaction.desk.use_invite(invite_digest(self.room.vault, code), now) if code else None
        if invite is None:
            return self._say(told("join.wrong"))
        place, role = invite
        key = self.room.vault.key(self.act.chat)
        address = self.room.vault.seal_chat(self.act.chat, key)
        await self.transaction.desk.bind(Binding(key, place, address, role, self.act.private, now))
        await self._note(place, f"join.{role}")
        self.batch.referrals += await self.transaction.referrals.show_again(place)
        where = {"place": Say(f"place.{place}.name"), "role": Say(f"desk.role.{role}")}
        return self._say(told("join.done", **where), place)

    async def leave(self) -> None:
        """This chat leaves its desks, but for those the settings bind it to."""
        given = {each.place for each in await self.transaction.desk.bindings() if self._here(each) and each.given}
        gone = await self.transaction.desk.unbind(self.known.chat, set(self.known.places) - given)
        if gone:
            await self.transaction.letters.forget_to([self.known.chat])
        for place in gone:
            await self._note(place, "leave")
        self._say(told("leave.done" if gone else "leave.given"))

    async def ask_pause(self) -> str | None:
        """Ask why a place should take nobody for now."""
        if not self.known.led:
            return "lead_only"
        self._say(pausing(self.known.led))
        return None

    async def pause(self, place: str, reason: PauseReason) -> str | None:
        """A place takes nobody for now."""
        if not self.known.may(place, "lead"):
            return "lead_only"
        await self.transaction.desk.pause(place, reason, int(self.now.timestamp()))
        await self._note(place, f"pause.{reason}")
        self._say(told("pause.done", place=Say(f"place.{place}.name"), reason=Say(f"desk.pause.{reason}")), place)
        return None

    async def resume(self) -> str | None:
        """The places of this desk take people again."""
        if not self.known.led:
            return "lead_only"
        resumed = [place for place in self.known.led if await self.transaction.desk.resume(place)]
        for place in resumed:
            await self._note(place, "resume")
            self._say(told("resume.done", place=Say(f"place.{place}.name")), place)
        if not resumed:
            self._say(told("pause.none"))
        return None

    async def ask_invite(self) -> str | None:
        """Ask whom a code should be for."""
        if not self.known.led:
            return "lead_only"
        self._say(inviting(self.known.led) if self.act.private else told("invite.private"))
        return None

    async def invite(self, place: str, role: Role) -> str | None:
        """Make a one-time code. Never in a group: whoever reads it can use it."""
        if not self.known.may(place, "lead") or not self.act.private:
            return "lead_only"
        code = new_code()
        expires = int((self.now + INVITE_LASTS).timestamp())
        await self.transaction.desk.invite(invite_digest(self.room.vault, code), place, role, expires)
        await self._note(place, f"invite.{role}")
        named = {"place": Say(f"place.{place}.name"), "role": Say(f"desk.role.{role}")}
        self._say(told("invite.made", code=code, **named), place)
        return None

    async def ask_remove(self) -> str | None:
        """Show who belongs to each desk, to remove somebody."""
        if not self.known.led:
            return "lead_only"
        for place in self.known.led:
            self._say(colleagues(place, await self._colleagues(place)), place)
        return None

    async def remove(self, place: str, key: str) -> str | None:
        """Somebody, or a group, can do nothing at this desk any more."""
        if not self.known.may(place, "lead"):
            return "lead_only"
        found = next((each for each in await self._colleagues(place) if each.key == key), None)
        if found is None or found.removed:
            return "gone"
        await self.transaction.desk.unbind(ChatKey(bytes.fromhex(key)), [place])
        await self.transaction.letters.forget_to([ChatKey(bytes.fromhex(key))])
        member = next((each for each in await self.transaction.desk.members(place) if each.key.hex() == key), None)
        if member:
            await self.transaction.desk.remember([replace(member, removed=True)])
        await self._note(place, "remove")
        self._say(told("remove.done", who=_name(found)), place)
        return None

    async def _colleagues(self, place: str) -> Sequence[Colleague]:
        bindings = {each.key.hex(): each for each in await self.transaction.desk.bindings() if each.place == place}
        people: dict[str, Member] = {each.key.hex(): each for each in await self.transaction.desk.members(place)}
        found = []
        for key in {**bindings, **people}:
            binding, person = bindings.get(key), people.get(key)
            name = self.room.name(person) if person else None
            if binding and binding.given:
                continue  # the settings bind it: only the operator can change that
            found.append(
                Colleague(key, name, ROLES.get(binding.role) if binding else None, bool(person and person.removed))
            )
        return found

    def _here(self, binding: Binding) -> bool:
        return binding.key == self.known.chat

    async def _note(self, place: str, what: str) -> None:
        await self.transaction.desk.remember([self.room.member(self.act, place, self.now)])
        await self.transaction.desk.note([self.room.deed(self.act, place, what, self.now)])

    def _say(self, screen: Screen, place: str | None = None) -> None:
        locale = self.room.locale((place,) if place else self.known.places)
        self.batch.replies.append(Reply(self.act.chat, screen, locale))


def _name(each: Colleague) -> str | Say:
    return Say("desk.remove.group", {"name": each.key[:4]}) if each.name is None else each.name
