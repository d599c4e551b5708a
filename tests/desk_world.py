"""A desk at the level of the service: coordinators order and press, each thing one update, handled at once.

The fixture comes with `pytest_plugins = ["tests.desk_world"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from bot.codes import new_code
from bot.desk.membership import INVITE_LASTS, invite_digest
from bot.desk.room import life_of
from bot.messages import AtDesk, ChatId, DeskCommand, DeskOrder, DeskPress
from bot.messages import Person as Sender
from bot.outgoing import Batch
from bot.records import Referral
from dialogs.desk import Role
from dialogs.referral import Life
from dialogs.session import ReferralCode
from dialogs.symbols import Say
from tests.postgres import Shell
from tests.unsealed import kept_referrals

pytest_plugins = ["tests.postgres"]

GROUP = ChatId(-1_002_000_000_001)


@dataclass
class Coordinator:
    """Somebody of a study team, who acts in a group or in their private chat."""

    shell: Shell
    name: str
    id: ChatId
    chat: ChatId
    batch: Batch = field(default_factory=Batch)

    def in_private(self) -> Coordinator:
        """The same person in their own chat."""
        return replace(self, chat=self.id)

    async def orders(self, command: DeskCommand, argument: str = "") -> list[str]:
        """Sends a command. Returns the keys of what is answered."""
        return await self._does(DeskOrder(command, argument, f"/{command} {argument}".strip()))

    async def presses(self, verb: str, *about: str) -> str | None:
        """Presses a button with this data. Returns the key of the toast."""
        await self._does(DeskPress("callback", verb, about))
        [toast] = self.batch.toasts
        return toast.said.key if toast.said else None

    async def acts(self, verb: str, code: ReferralCode, *more: str, version: int | None = None) -> str | None:
        """Presses a button on the card of this referral, as it is now or was at a version."""
        seen = version or (await self.shell_referral(code)).wanted
        return await self.presses(verb, code.replace("-", ""), str(seen), *more)

    async def shell_referral(self, code: ReferralCode) -> Referral:
        """What is kept of this referral."""
        async with self.shell.store.begin() as transaction:
            found = await transaction.referrals.of(code)
        assert found is not None
        return found

    def buttons(self) -> list[str]:
        """The data of all buttons of what was answered last."""
        return [option.id for reply in self.batch.replies for option in reply.screen.options]

    def said(self) -> list[str]:
        """The words of what was answered last."""
        return [self.shell.views.reply(reply).text for reply in self.batch.replies]

    async def _does(self, act: DeskOrder | DeskPress) -> list[str]:
        private = self.chat == self.id
        update = AtDesk(next(self.shell.updates), self.chat, private, Sender(self.id, self.name), act)
        self.batch = await self.shell.service.handle([update])
        lines = (line for reply in self.batch.replies for block in reply.screen.blocks for line in block)
        return [line.key for line in lines if isinstance(line, Say)]


@dataclass
class DeskWorld:
    """A place whose desk is a group, joined by code; and its referrals."""

    shell: Shell

    async def invited(self, place: str = "montreal", role: Role = "coordinator") -> ReferralCode:
        """A one-time code."""
        code, now = new_code(), self.shell.clock()
        async with self.shell.store.begin() as transaction:
            digest = invite_digest(self.shell.vault, code)
            await transaction.desk.invite(digest, place, role, int((now + INVITE_LASTS).timestamp()))
        return code

    def somebody(self, name: str, number: int, chat: ChatId = GROUP) -> Coordinator:
        """Somebody in the group."""
        return Coordinator(self.shell, name, ChatId(7_000_000_000 + number), chat)

    async def desk(self, *names: str) -> list[Coordinator]:
        """Coordinators in a group that has joined."""
        people = [self.somebody(name, number) for number, name in enumerate(names, start=1)]
        await people[0].orders("join", await self.invited())
        return people

    async def lead(self, number: int = 90, place: str = "montreal") -> Coordinator:
        """A lead, joined in their private chat."""
        lead = self.somebody("Lead", number).in_private()
        await lead.orders("join", await self.invited(place, "lead"))
        return lead

    async def referral(self, place: str = "montreal") -> ReferralCode:
        """A result that somebody sends now."""
        person = self.shell.person()
        await person.previews_at(place)
        code = person.session.code
        await person.taps("send")
        return code

    def life(self, code: ReferralCode) -> Life:
        """Where this referral is at the desk."""
        [row] = [row for row in kept_referrals(self.shell.database, self.shell.vault) if row["code"] == code]
        columns = Referral.__dataclass_fields__
        return life_of(Referral(**{name: row[name] for name in columns}))


@pytest.fixture
def desk_world(shell: Shell) -> DeskWorld:
    return DeskWorld(shell)
