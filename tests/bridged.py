"""A person and a desk with a link between them: for the tests of what passes over it and how it ends.

The fixture comes with `pytest_plugins = ["tests.bridged"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from sqlalchemy import RowMapping

from bot.bridges import Bridges
from bot.messages import ChatKey
from bot.outgoing import Batch
from bot.records import Referral
from bot.retention import Retention
from bot.tables import bridges, letters
from dialogs.session import ReferralCode
from tests.desk_world import Coordinator, DeskWorld
from tests.postgres import Person, Shell, kept

pytest_plugins = ["tests.postgres"]


# Said by one side; whoever is on the other side must never see it.
COORDINATOR, PARTICIPANT = "Ludmila Sentinelle-Quux", 5_777_444_111


@dataclass
class Bridge:
    """A desk, and somebody who has sent a result to it."""

    desk: DeskWorld
    person: Person
    code: ReferralCode
    coordinator: Coordinator
    shown: Batch = field(default_factory=Batch)

    @property
    def shell(self) -> Shell:
        return self.desk.shell

    async def agrees(self) -> Bridge:
        await self.person.taps("offer", "agree")
        return self

    async def time_passes(self, **much: float) -> Batch:
        """And what is to be shown after the next sweep."""
        self.shell.clock.passes(**much)
        self.shown = Batch()
        await Bridges(self.shell.store, self.shell.service, self._shows, self.shell.clock).sweep()
        return self._seen()

    async def retention(self) -> Batch:
        self.shown = Batch()
        await Retention(self.shell.store, self.shell.service, self._shows, self.shell.clock).sweep()
        return self._seen()

    def hears(self) -> None:
        """The person sees what the desk's last act led to."""
        self.shown = self.coordinator.batch
        self._seen()

    def link(self) -> RowMapping | None:
        return next(iter(kept(self.shell.database, bridges)), None)

    async def referral(self) -> Referral:
        return await self.coordinator.shell_referral(self.code)

    async def card(self) -> str:
        return self.shell.views.card(await self.referral(), {}).text

    def letters(self) -> dict[int, str]:
        """What is to be sent, by chat."""
        vault, found = self.shell.vault, {}
        for row in kept(self.shell.database, letters):
            key = ChatKey(bytes(row["key"]))
            found[int(vault.open_chat(bytes(row["address"]), key))] = vault.open(bytes(row["body"]), b"letter" + key)
        return {chat: body.decode() for chat, body in found.items()}

    def screen(self) -> str:
        return self.shell.views.screen(self.person.session).text

    def _shows(self, batch: Batch) -> None:
        self.shown = self.shown.join(batch)

    def _seen(self) -> Batch:
        if any(each.key == self.person.key for each in self.shown.showings):
            self.person.batch = self.shown
        return self.shown


@pytest.fixture
async def bridge(shell: Shell) -> Bridge:
    """A person whose result was just sent, and a coordinator with a name nobody else has."""
    desk = DeskWorld(shell)
    [coordinator] = await desk.desk(COORDINATOR)
    someone = shell.person(PARTICIPANT)
    await someone.previews()
    code = someone.session.code
    await someone.taps("send")
    return Bridge(desk, someone, code, coordinator)
