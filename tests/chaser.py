"""A desk on a Monday morning and what it does by itself: for the tests of chasing and of the week's numbers.

The fixture comes with `pytest_plugins = ["tests.chaser"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.desk.chasing import Chasing
from bot.letters import read_letter
from bot.notices import Notices
from bot.outgoing import Batch
from bot.settings import Desk
from bot.store import Store, Transaction
from bot.tables import counts, referrals
from dialogs.session import ReferralCode
from tests.desk_world import Coordinator, DeskWorld
from tests.postgres import Shell, demo_desks, kept

pytest_plugins = ["tests.postgres"]


MONTREAL, PARIS = ZoneInfo("America/Toronto"), ZoneInfo("Europe/Paris")

MONDAY = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)  # eight in Montréal, and two hours after noon in Paris


def at(zone: ZoneInfo, month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    """The moment at which the clocks there say this; a day 0 is the one before the first."""
    day_there = date(2026, month, 1) + timedelta(days=day - 1)
    return datetime.combine(day_there, time(hour, minute, fold=fold), zone).astimezone(UTC)


@dataclass
class Chaser:
    """A process that chases, with what it asks to be sent."""

    shell: Shell
    store: Store
    sent: list[Batch] = field(default_factory=list)
    digests: Mapping[str, str] = field(default_factory=dict)

    async def chases(self) -> list[str]:
        """Chase once. Returns the codes of the cards that are to be shown anew."""
        self.sent = []
        notices = Notices(self.shell.vault, self.shell.desks, self.shell.renderer)
        clock = self.shell.clock
        chasing = Chasing(self.store, self.shell.room, notices, self.sent.append, clock, self._digest)
        await chasing.chase()
        return [referral.code for batch in self.sent for referral in batch.referrals]

    @property
    def posted(self) -> list[tuple[str, str]]:
        """The letters that are to be sent: to which channel, with which words."""
        given = [letter for batch in self.sent for letter in batch.letters]
        return [(each.channel, read_letter(self.shell.vault, each)) for each in given]

    async def _digest(self, transaction: Transaction, place: str, now: datetime) -> str | None:
        return self.digests.get(place)


@dataclass
class Morning:
    """A Monday, eight o'clock in Montréal: a group, its two coordinators, and whoever chases."""

    shell: Shell
    world: DeskWorld
    one: Coordinator
    two: Coordinator
    chaser: Chaser

    async def passes(self, **much: float) -> list[str]:
        """Let time pass, then chase once."""
        self.shell.clock.passes(**much)
        return await self.chaser.chases()

    def row(self, code: ReferralCode) -> Mapping[str, object]:
        """What is kept of this referral."""
        [found] = [row for row in kept(self.shell.database, referrals) if row["code"] == code]
        return dict(found)

    def counted(self) -> dict[str, int]:
        """What the desk's changes were counted as."""
        rows = {row["name"]: row["number"] for row in kept(self.shell.database, counts)}
        kinds = ("claimed", "contacted", "closed", "hours")
        return {name: number for name, number in rows.items() if name.split(".")[2:3] and name.split(".")[2] in kinds}


def desks(**fields: object) -> dict[str, Desk]:
    """The desks of the demonstration, with these settings in Montréal."""
    known = demo_desks()
    return {**known, "montreal": known["montreal"].model_copy(update={"chat": None, **fields})}


async def morning_at(store: Store, database: str, **fields: object) -> Morning:
    shell = await Shell(store, database, desks(**fields)).opened()
    shell.clock.at = MONDAY
    world = DeskWorld(shell)
    one, two = await world.desk("One", "Two")
    await shell.doors.look()
    return Morning(shell, world, one, two, Chaser(shell, store))


@pytest.fixture
async def morning(store: Store, database: str) -> Morning:
    return await morning_at(store, database)
