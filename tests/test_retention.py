"""Nothing is kept longer than the consent says, nothing is erased sooner, and nothing that was typed is kept at all."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import retention as periods
from bot.desk.bridge import LASTS as BRIDGE_LASTS
from bot.messages import Command, MessageId, Said
from bot.outgoing import Batch
from bot.records import Chat, Shown
from bot.retention import Retention
from bot.tables import chats, counts, metadata, referrals, seen
from tests.postgres import OPEN_LOCALES, Person, Shell, kept

pytest_plugins = ["tests.postgres"]

SENTINEL = "Zyxwvut Qwertz 0123"


@dataclass
class Sweeper:
    """Retention, with what it asks to be sent, and what sending that leads to."""

    shell: Shell
    sent: Batch = field(default_factory=Batch)

    async def sweeps(self) -> Batch:
        """Sweep once. Returns what is to be sent."""
        self.sent = Batch()
        retention = Retention(self.shell.store, self.shell.service, self._deliver, self.shell.clock)
        await retention.sweep()
        return self.sent

    async def shows(self, batch: Batch) -> None:
        """What delivery writes down once everything was shown."""
        shown = [
            Shown(each.key, each.session.turn, each.live or MessageId(9_999), cleared=each.litter)
            for each in batch.showings
        ]
        async with self.shell.store.begin() as transaction:
            await transaction.chats.record(shown)
            await transaction.chats.erase(
                [(each.key, each.session.turn) for each in batch.showings if each.session.over]
            )
            for referral in batch.referrals:
                await transaction.referrals.shown(referral.code, referral.wanted)

    def _deliver(self, batch: Batch) -> None:
        self.sent = self.sent.join(batch)


@pytest.fixture
def sweeper(shell: Shell) -> Sweeper:
    return Sweeper(shell)


async def just_before_and_after(sweeper: Sweeper, since: timedelta) -> tuple[Batch, Batch]:
    """What a sweep sends exactly when the time has come, and one second later."""
    sweeper.shell.clock.passes(seconds=since.total_seconds())
    before = await sweeper.sweeps()
    sweeper.shell.clock.passes(seconds=1)
    return before, await sweeper.sweeps()


async def referred(shell: Shell) -> Person:
    """Somebody whose result was sent, and who has noted the code and gone."""
    person = shell.person()
    await person.previews()
    await person.taps("send", "done")
    async with shell.store.begin() as transaction:
        await transaction.chats.erase([(person.key, person.session.turn)])
        await transaction.referrals.shown(kept(shell.database, referrals)[0]["code"], 1)
    return person


# -------------------------------------------------------------------------------------------- in time


async def test_an_open_screening_ends_after_30_days_with_a_farewell_and_then_nothing_is_left(
    shell: Shell, sweeper: Sweeper
) -> None:
    person = shell.person()
    await person.consents()
    await person.taps("yes")
    before, after = await just_before_and_after(sweeper, timedelta(days=30))
    assert before.showings == []
    [farewell] = after.showings
    assert (farewell.chat, farewell.session.state, farewell.session.answers) == (person.chat, "expired", {})
    row = person.row()
    assert row is not None
    assert (row["over"], row["shown"] < row["wanted"]) == (True, True)
    await sweeper.shows(after)
    assert kept(shell.database, chats) == []
    assert (await sweeper.sweeps()).showings == []


async def test_any_sign_of_life_begins_the_30_days_anew(shell: Shell, sweeper: Sweeper) -> None:
    person = shell.person()
    await person.begins()
    shell.clock.passes(days=29)
    await person.does(Said("hello"))
    shell.clock.passes(days=29)
    assert (await sweeper.sweeps()).showings == []


async def test_more_people_than_one_sweep_takes_at_once_all_end(
    shell: Shell, sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "AT_ONCE", 2)
    people = [shell.person() for _ in range(5)]
    for person in people:
        await person.orders("start")
    shell.clock.passes(days=31)
    assert {showing.chat for showing in (await sweeper.sweeps()).showings} == {person.chat for person in people}


@pytest.mark.parametrize("command", ["stop", "delete"])
async def test_a_farewell_that_cannot_be_shown_is_kept_48_hours(
    shell: Shell, sweeper: Sweeper, command: Command
) -> None:
    person = shell.person()
    await person.consents()
    await person.orders(command)
    shell.clock.passes(hours=48)
    await sweeper.sweeps()
    assert person.row() is not None
    shell.clock.passes(seconds=1)
    await sweeper.sweeps()
    assert kept(shell.database, chats) == []


async def test_which_updates_were_handled_is_forgotten_after_48_hours(shell: Shell, sweeper: Sweeper) -> None:
    await shell.person().orders("start")
    shell.clock.passes(hours=48)
    await sweeper.sweeps()
    assert len(kept(shell.database, seen)) == 1
    shell.clock.passes(seconds=1)
    await sweeper.sweeps()
    assert kept(shell.database, seen) == []


async def test_counts_are_kept_a_year(shell: Shell, sweeper: Sweeper) -> None:
    async with shell.store.begin() as transaction:
        await transaction.counts.add(["source.leaflet"], shell.clock.at.date())
    shell.clock.passes(days=365)
    await sweeper.sweeps()
    assert len(kept(shell.database, counts)) == 1
    shell.clock.passes(days=1)
    await sweeper.sweeps()
    assert kept(shell.database, counts) == []


@pytest.mark.parametrize("begun", [datetime(2026, 3, 1, 15, 30, tzinfo=UTC), datetime(2026, 9, 15, 2, 0, tzinfo=UTC)])
async def test_a_result_goes_180_days_after_it_came_and_its_card_is_bare(
    shell: Shell, sweeper: Sweeper, begun: datetime
) -> None:
    """To the second, though the clocks of both cities go forward meanwhile, or back."""
    shell.clock.at = begun
    await referred(shell)
    before, after = await just_before_and_after(sweeper, timedelta(days=180))
    assert before.referrals == []
    [gone] = after.referrals
    assert (gone.result, gone.state, gone.shown) == (None, "expired", 1)
    card = shell.views.card(gone, {}).text
    assert gone.code in card
    assert len(card.splitlines()) == 1, "nothing but the code, and why"
    await sweeper.shows(after)
    assert kept(shell.database, referrals) == []


async def test_a_result_goes_90_days_after_the_team_closed_it(shell: Shell, sweeper: Sweeper) -> None:
    await referred(shell)
    shell.clock.passes(days=10)
    async with shell.store.begin() as transaction:
        closed = referrals.update().values(closed=int(shell.clock.at.timestamp()))
        await transaction._connection.execute(closed)
    before, after = await just_before_and_after(sweeper, timedelta(days=90))
    assert before.referrals == []
    assert [(each.result, each.state) for each in after.referrals] == [(None, "expired")]


async def test_a_result_that_never_reached_the_team_goes_too(shell: Shell, sweeper: Sweeper) -> None:
    person = shell.person()
    await person.previews()
    await person.taps("send")
    shell.clock.passes(days=181)
    assert [each.result for each in (await sweeper.sweeps()).referrals] == [None]


def test_the_consent_says_the_very_periods_that_are_enforced() -> None:
    enforced = [periods.OPEN_SCREENING.days, periods.REFERRAL_AFTER_CLOSING.days, periods.REFERRAL_AT_MOST.days]
    said: Mapping[str, list[int]] = {
        locale: [int(number) for number in re.findall(r"\d+", texts["privacy.kept"])]
        for locale, texts in OPEN_LOCALES.items()
    }
    assert said == dict.fromkeys(("en", "fr", "fr_CA", "fr_FR"), enforced)
    days = {
        **dict.fromkeys(("end.expired", "leave.text", "note.reminder", "end.expired.waiting"), periods.OPEN_SCREENING),
        **dict.fromkeys(("waiting.kept", "mydata.waiting"), periods.WAITING),
        **dict.fromkeys(("offer.what", "offer.kept", "bridge.may", "mydata.bridge"), BRIDGE_LASTS),
    }
    for key, period in days.items():
        for locale, texts in OPEN_LOCALES.items():
            numbers = re.findall(r"\d+", texts[key].replace("{emergency}", ""))
            assert numbers == [str(period.days)], (locale, key)


# ---------------------------------------------------------------------------------- what cannot be read


def spoilt(row: Chat) -> Chat:
    """The row with one bit of its session changed."""
    return replace(row, session=row.session[:-1] + bytes([row.session[-1] ^ 1]))


async def spoils(person: Person, address: bytes | None = None) -> None:
    async with person.shell.store.begin() as transaction:
        await transaction.chats.save(
            [replace(spoilt(row), address=address or row.address) for row in person.batch.rows]
        )


@pytest.mark.parametrize("command", ["start", "delete", "stop"])
async def test_somebody_whose_row_cannot_be_read_can_begin_anew_or_leave(shell: Shell, command: Command) -> None:
    person = shell.person()
    await person.consents()
    await spoils(person)
    batch = await person.orders(command)
    assert batch.notices == []
    assert person.at == ("language" if command == "start" else "forgotten")
    assert len((await shell.service.interrupted()).showings) == 1


async def test_a_row_that_cannot_be_read_stops_nobodys_start(shell: Shell) -> None:
    one, two = shell.person(), shell.person()
    for person in (one, two):
        await person.begins()
    await spoils(one, address=b"?" * 40)
    assert [showing.chat for showing in (await shell.service.interrupted()).showings] == [two.chat]


async def test_a_row_that_cannot_be_read_is_erased_in_time_and_stops_no_other(shell: Shell, sweeper: Sweeper) -> None:
    one, two = shell.person(), shell.person()
    for person in (one, two):
        await person.begins()
    await spoils(one)
    shell.clock.passes(days=30)
    await sweeper.sweeps()
    assert one.row() is not None
    shell.clock.passes(seconds=1)
    assert [showing.chat for showing in (await sweeper.sweeps()).showings] == [two.chat]
    assert one.row() is None


async def test_a_sweep_that_stumbles_is_not_the_last(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "EVERY", timedelta(0))
    sweeps: asyncio.Queue[Batch] = asyncio.Queue()

    def deliver(batch: Batch) -> None:
        sweeps.put_nowait(batch)
        raise ZeroDivisionError

    sweeping = asyncio.create_task(Retention(shell.store, shell.service, deliver, shell.clock).run())
    for _ in range(3):
        await asyncio.wait_for(sweeps.get(), 10)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)


# ---------------------------------------------------------------------------------------- what is not kept


def everything_kept(database: str) -> bytes:
    """All bytes of all tables, one after the other."""
    rows = (row for table in metadata.sorted_tables for row in kept(database, table))
    values = (value for row in rows for value in row.values())
    return b"\n".join(bytes(each) if isinstance(each, bytes | memoryview) else str(each).encode() for each in values)


async def test_typed_words_are_read_and_never_kept(
    shell: Shell, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    person = shell.person()
    await person.consents()
    for typed in (f"yes {SENTINEL}", SENTINEL, f"my name is {SENTINEL}", "yes"):
        await person.does(Said(typed))
        assert SENTINEL not in person.session.model_dump_json()
    assert person.at == "transplant"
    written = capfd.readouterr()
    assert SENTINEL not in caplog.text + written.out + written.err
    for private in (SENTINEL, str(person.chat), person.session.code):
        assert private.encode() not in everything_kept(shell.database)


@pytest.mark.parametrize("command", ["stop", "delete"])
async def test_of_somebody_who_leaves_nothing_is_kept(shell: Shell, command: Command) -> None:
    person = shell.person()
    await person.consents()
    await person.taps("yes")
    await person.orders(command)
    row = person.row()
    assert row is not None
    assert (row["over"], person.session.answers, person.session.code) == (True, {}, "")
    await Sweeper(shell).shows(person.batch)
    late = person.incoming(Said("yes"))
    async with shell.store.begin() as transaction:
        await transaction.updates.see([late.update], 1)
    assert await person.handles(late) == Batch(), "delivered again after the end, an update brings nobody back"
    assert kept(shell.database, chats) == []
