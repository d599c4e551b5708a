"""What a desk does by itself, once each: changes become final, what nobody takes comes back, a week is summed up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.desk.chasing import Chasing
from bot.letters import CHAT, read_letter
from bot.notices import Notices
from bot.outgoing import Batch
from bot.records import Card
from bot.settings import Desk
from bot.store import Store, Transaction
from bot.tables import cards, counts, letters, referrals
from dialogs.chasing import Quiet, Worktime, digest_week, nudges_due, read_quiet
from dialogs.session import ReferralCode
from tests.desk_world import Coordinator, DeskWorld
from tests.postgres import Shell, demo_desks, kept

pytest_plugins = ["tests.postgres"]

MONTREAL, PARIS = ZoneInfo("America/Toronto"), ZoneInfo("Europe/Paris")
NIGHT = Quiet(time(20), time(8))
# In 2026 the clocks change on these nights: forward, then back.
CHANGES = {MONTREAL: ((3, 8), (11, 1)), PARIS: ((3, 29), (10, 25))}
MONDAY = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)  # eight in Montréal, and two hours after noon in Paris


def at(zone: ZoneInfo, month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    """The moment at which the clocks there say this; a day 0 is the one before the first."""
    day_there = date(2026, month, 1) + timedelta(days=day - 1)
    return datetime.combine(day_there, time(hour, minute, fold=fold), zone).astimezone(UTC)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


# -------------------------------------------------------------------------------------------- working time


@pytest.mark.parametrize("zone", [MONTREAL, PARIS])
def test_a_working_day_has_twelve_hours_and_a_weekend_none(zone: ZoneInfo) -> None:
    friday, monday = at(zone, 3, 13, 0), at(zone, 3, 16, 0)
    assert Worktime(NIGHT, False, zone).between(friday, monday) == hours(12)
    assert Worktime(NIGHT, True, zone).between(friday, monday) == hours(36)
    assert Worktime(None, False, zone).between(friday, monday) == hours(24)
    assert Worktime(None, True, zone).between(friday, monday) == hours(72)


@pytest.mark.parametrize("zone", [MONTREAL, PARIS])
def test_the_days_on_which_the_clocks_change_have_23_and_25_hours(zone: ZoneInfo) -> None:
    always = Worktime(None, True, zone)
    for (month, day), length in zip(CHANGES[zone], (23, 25), strict=True):
        assert always.between(at(zone, month, day, 0), at(zone, month, day, 23, 59)) == hours(length) - hours(1 / 60)


@pytest.mark.parametrize("zone", [MONTREAL, PARIS])
def test_quiet_nights_swallow_the_change_of_the_clocks(zone: ZoneInfo) -> None:
    working = Worktime(NIGHT, True, zone)
    for month, day in CHANGES[zone]:
        assert working.between(at(zone, month, day - 1, 19), at(zone, month, day, 9)) == hours(2)


@pytest.mark.parametrize("zone", [MONTREAL, PARIS])
def test_working_nights_feel_the_change_of_the_clocks(zone: ZoneInfo) -> None:
    working = Worktime(Quiet(time(8), time(20)), True, zone)
    for (month, day), length in zip(CHANGES[zone], (11, 13), strict=True):
        assert working.between(at(zone, month, day - 1, 20), at(zone, month, day, 8)) == hours(length)


def test_an_hour_the_clocks_skip_is_not_waited_for() -> None:
    # In Montréal, 2:00 to 3:00 does not exist on March 8: quiet until 2:30 ends at 3:00, which is when 2:00 would be.
    working = Worktime(Quiet(time(22), time(2, 30)), True, MONTREAL)
    assert working.between(at(MONTREAL, 3, 8, 1), at(MONTREAL, 3, 8, 4)) == hours(1)


def test_an_hour_the_clocks_repeat_is_judged_twice_by_what_they_say() -> None:
    # In Montréal, 1:00 to 2:00 comes twice on November 1: quiet until 1:30, half an hour of work, then both again.
    working = Worktime(Quiet(time(22), time(1, 30)), True, MONTREAL)
    assert working.between(at(MONTREAL, 11, 1, 0), at(MONTREAL, 11, 1, 2)) == hours(1)
    assert working.holds(at(MONTREAL, 11, 1, 1, 45, fold=0))
    assert not working.holds(at(MONTREAL, 11, 1, 1, 15, fold=1))


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
QUIET = st.none() | st.builds(Quiet, TIMES, TIMES).filter(lambda quiet: quiet.begin != quiet.end)
NEAR_A_CHANGE = st.sampled_from([(zone, change) for zone, changes in CHANGES.items() for change in changes])


@st.composite
def stretches(draw: st.DrawFn) -> tuple[Worktime, datetime, datetime]:
    """A desk, and a stretch of time around a night on which its clocks change."""
    zone, (month, day) = draw(NEAR_A_CHANGE)
    worktime = Worktime(draw(QUIET), draw(st.booleans()), zone)
    begin = at(zone, month, day, 0) + timedelta(minutes=draw(st.integers(-4320, 2880)))
    return worktime, begin, begin + timedelta(minutes=draw(st.integers(0, 2880)))


@given(stretches())
@settings(max_examples=60, deadline=None)
def test_working_time_is_what_a_clock_on_the_wall_counts_minute_by_minute(
    stretch: tuple[Worktime, datetime, datetime],
) -> None:
    worktime, begin, end = stretch
    minutes = (end - begin) // timedelta(minutes=1)
    counted = sum(worktime.holds(begin + timedelta(minutes=each)) for each in range(minutes))
    assert worktime.between(begin, end) == timedelta(minutes=counted)


@given(stretches(), st.integers(0, 100))
@settings(deadline=None)
def test_working_time_adds_up(stretch: tuple[Worktime, datetime, datetime], percent: int) -> None:
    worktime, begin, end = stretch
    middle = begin + (end - begin) * percent / 100
    assert worktime.between(begin, middle) + worktime.between(middle, end) == worktime.between(begin, end)


def test_what_waits_longer_comes_back_again_but_three_times_at_most() -> None:
    worktime, came = Worktime(NIGHT, False, MONTREAL), at(MONTREAL, 3, 2, 9)
    after = [hours(3.9), hours(4), hours(8), hours(11), hours(24 + 1), hours(24 * 30)]
    assert [nudges_due(worktime, came, came + each, hours(4)) for each in after] == [0, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("text", "quiet"),
    [("", None), ("  ", None), ("20:00-08:00", NIGHT), (" 9:30 - 10:15 ", Quiet(time(9, 30), time(10, 15)))],
)
def test_quiet_hours_are_read(text: str, quiet: Quiet | None) -> None:
    assert read_quiet(text) == quiet


@pytest.mark.parametrize("text", ["20-8", "20:00", "24:00-8:00", "20:60-08:00", "08:00-08:00", "never", "20:00-08:00h"])
def test_what_are_no_quiet_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="20:00-08:00"):
        read_quiet(text)


def test_the_week_is_summed_up_from_monday_at_nine_in_working_time() -> None:
    worktime = Worktime(Quiet(time(20), time(10)), False, PARIS)
    week = date(2026, 3, 30)
    due = {
        at(PARIS, 3, 29, 12): None,
        at(PARIS, 3, 30, 8, 59): None,
        at(PARIS, 3, 30, 9, 30): None,
        at(PARIS, 3, 30, 10): week,
        at(PARIS, 3, 31, 21): None,
        at(PARIS, 4, 3, 19): week,
        at(PARIS, 4, 4, 12): None,
    }
    assert {moment: digest_week(worktime, moment) for moment in due} == due


# ------------------------------------------------------------------------------------------------ the desk


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


# -------------------------------------------------------------------------------------- a change becomes final


async def test_a_minute_after_a_claim_it_is_counted_and_the_button_to_undo_it_goes(morning: Morning) -> None:
    code = await morning.world.referral()
    morning.shell.clock.passes(hours=2.5)
    await morning.one.acts("claim", code)
    version = morning.row(code)["wanted"]
    assert await morning.passes(seconds=60) == []
    assert await morning.passes(seconds=1) == [code]
    assert morning.world.life(code).before is None
    assert (morning.row(code)["undoable"], morning.row(code)["wanted"]) == (None, int(str(version)) + 1)
    assert morning.counted() == {"montreal.en.claimed": 1, "montreal.en.hours.2": 1}
    assert await morning.passes(minutes=1) == []
    assert morning.counted() == {"montreal.en.claimed": 1, "montreal.en.hours.2": 1}


async def test_an_undone_claim_is_never_counted(morning: Morning) -> None:
    code = await morning.world.referral()
    await morning.one.acts("claim", code)
    morning.shell.clock.passes(seconds=30)
    await morning.one.acts("undo", code)
    assert await morning.passes(minutes=2) == []
    assert morning.counted() == {}


async def test_a_closed_referral_stays_closed_since_the_same_moment(morning: Morning) -> None:
    code = await morning.world.referral()
    await morning.one.acts("close", code, "unreachable")
    closed = morning.row(code)["closed"]
    assert await morning.passes(minutes=5) == [code]
    assert (morning.row(code)["state"], morning.row(code)["closed"]) == ("closed", closed)
    assert morning.counted()["montreal.en.closed.unreachable"] == 1


async def test_one_that_makes_the_routine_stumble_holds_up_no_other(morning: Morning) -> None:
    bad, good = await morning.world.referral(), await morning.world.referral()
    for code in (bad, good):
        await morning.one.acts("claim", code)
    async with morning.shell.store.begin() as transaction:
        referral = await transaction.referrals.of(bad)
        assert referral is not None
        await transaction.referrals.save(replace(referral, life="nonsense"))
    assert await morning.passes(minutes=2) == [good]


# --------------------------------------------------------------------------------------- what nobody takes


async def test_after_four_hours_the_card_comes_back_at_the_bottom_with_the_hours_waited(morning: Morning) -> None:
    code = await morning.world.referral()
    await show(morning.shell, code, message=77)
    assert await morning.passes(hours=4, seconds=-1) == []
    assert await morning.passes(seconds=1) == [code]
    [card] = kept(morning.shell.database, cards)
    assert (card["message"], card["shown"], card["litter"]) == (None, 0, "77")
    assert (morning.row(code)["waited"], morning.row(code)["state"]) == (4, "new")
    assert await morning.passes(minutes=1) == []


async def test_it_comes_back_three_times_at_most(morning: Morning) -> None:
    code = await morning.world.referral()
    came_back = [minute for minute in range(0, 60 * 24 * 4, 20) if await morning.passes(minutes=20)]
    assert [(minute + 20) / 60 for minute in came_back] == [4, 8, 24]
    assert morning.row(code)["waited"] == 24


async def test_nobody_is_woken_at_night_or_on_a_weekend(morning: Morning) -> None:
    morning.shell.clock.at = at(MONTREAL, 3, 6, 18)
    code = await morning.world.referral()
    for hour in range(62):  # to Monday morning, over the night on which the clocks go forward
        assert await morning.passes(hours=1) == [], f"after {hour + 1} hours"
    assert morning.shell.clock.at == at(MONTREAL, 3, 9, 9)
    assert await morning.passes(hours=1) == [code]
    assert morning.row(code)["waited"] == 63
    assert morning.chaser.posted == []


async def test_a_desk_that_works_day_and_night_is_told_at_night(store: Store, database: str) -> None:
    morning = await morning_at(store, database, quiet=None, weekends=True, claim_hours=2)
    morning.shell.clock.at = at(MONTREAL, 3, 7, 23)
    code = await morning.world.referral()
    assert await morning.passes(hours=2, seconds=-1) == []
    assert await morning.passes(seconds=1) == [code]


async def test_what_fell_due_just_before_the_evening_waits_for_the_morning(morning: Morning) -> None:
    morning.shell.clock.at = at(MONTREAL, 3, 3, 15, 59)
    code = await morning.world.referral()
    morning.shell.clock.at = at(MONTREAL, 3, 3, 20, 0)
    assert await morning.chaser.chases() == []
    morning.shell.clock.at = at(MONTREAL, 3, 4, 8, 0)
    assert await morning.chaser.chases() == [code]


async def test_what_somebody_has_does_not_come_back(morning: Morning) -> None:
    code = await morning.world.referral()
    await morning.one.acts("claim", code)
    await morning.passes(minutes=2)
    assert await morning.passes(hours=8) == []


async def test_what_was_given_back_waits_anew(morning: Morning) -> None:
    code = await morning.world.referral()
    assert await morning.passes(hours=4) == [code]
    await morning.one.acts("claim", code)
    morning.shell.clock.passes(hours=1)
    await morning.one.acts("release", code)
    await morning.passes(minutes=2)
    assert await morning.passes(hours=3.9) == []
    assert await morning.passes(hours=0.1) == [code]
    assert morning.row(code)["waited"] == 9


async def test_a_claim_that_is_undone_brings_no_second_nudge(morning: Morning) -> None:
    code = await morning.world.referral()
    assert await morning.passes(hours=4) == [code]
    await morning.one.acts("claim", code)
    await morning.one.acts("undo", code)
    assert await morning.passes(minutes=2) == []
    assert await morning.passes(hours=4) == [code]


async def test_the_second_time_the_lead_is_told_with_the_code_and_the_hours(morning: Morning) -> None:
    lead = await morning.world.lead()
    await morning.world.lead(number=91, place="paris")
    code = await morning.world.referral()
    await morning.passes(hours=4)
    assert morning.chaser.posted == []
    await morning.passes(hours=4)
    [(channel, text)] = morning.chaser.posted
    [row] = kept(morning.shell.database, letters)
    assert (channel, bytes(row["key"])) == (CHAT, morning.shell.vault.key(lead.chat))
    assert code in text
    assert "8" in text
    await morning.passes(hours=16)
    assert morning.chaser.posted == []


async def test_the_second_time_the_channels_are_told_too(store: Store, database: str) -> None:
    morning = await morning_at(store, database, notify=(SecretStr("json://127.0.0.1/secret"),))
    code = await morning.world.referral()
    async with store.begin() as transaction:
        await transaction.letters.forget_late(10**12)  # the notice that it is new
    await morning.passes(hours=4)
    assert morning.chaser.posted == []
    await morning.passes(hours=4)
    [(channel, text)] = morning.chaser.posted
    assert channel.startswith("json-")
    assert code in text.splitlines()[0]


async def test_withdrawn_before_it_was_sent_nothing_about_it_is_sent(morning: Morning) -> None:
    await morning.world.lead()
    code = await morning.world.referral()
    await morning.passes(hours=8)
    assert len(kept(morning.shell.database, letters)) == 1
    async with morning.shell.store.begin() as transaction:
        await transaction.referrals.withdraw([code])
    assert kept(morning.shell.database, letters) == []


async def test_two_processes_at_once_nudge_once_and_count_once(morning: Morning) -> None:
    other = Store(morning.shell.database)
    chasers = [morning.chaser, Chaser(morning.shell, other)]
    waiting, claimed = await morning.world.referral(), await morning.world.referral()
    await morning.world.lead()
    await morning.one.acts("claim", claimed)
    morning.shell.clock.passes(hours=8)
    found = await asyncio.gather(*(each.chases() for each in chasers))
    await other.close()
    assert sorted(code for codes in found for code in codes) == sorted([waiting, claimed])
    assert morning.counted() == {"montreal.en.claimed": 1, "montreal.en.hours.0": 1}
    assert len(kept(morning.shell.database, letters)) == 1


async def show(shell: Shell, code: ReferralCode, message: int) -> None:
    """What is written down once the card of this referral stands in a message of each chat of its desk."""
    async with shell.store.begin() as transaction:
        referral = await transaction.referrals.of(code)
        assert referral is not None
        for each in await transaction.desk.bindings():
            if each.place == referral.place:
                await transaction.referrals.save_card(Card(code, each.key, each.address, referral.wanted, message))
        await transaction.referrals.shown(code, referral.wanted)


# ---------------------------------------------------------------------------------------------- the week


@pytest.fixture
async def weekly(morning: Morning) -> Morning:
    morning.chaser.digests = {"montreal": "The numbers."}
    return morning


async def test_on_monday_at_nine_the_desk_is_sent_its_week_once(weekly: Morning) -> None:
    await weekly.passes(minutes=59)
    assert weekly.chaser.posted == []
    await weekly.passes(minutes=1)
    assert weekly.chaser.posted == [(CHAT, "The numbers.")]
    for _ in range(3):
        await weekly.passes(hours=24)
        assert weekly.chaser.posted == []
    await weekly.passes(hours=24 * 4)
    assert weekly.chaser.posted == [(CHAT, "The numbers.")]


async def test_a_week_missed_on_monday_is_made_up_for_and_not_sent_twice_after_a_restart(weekly: Morning) -> None:
    weekly.shell.clock.at = at(MONTREAL, 3, 4, 15)
    await weekly.chaser.chases()
    assert weekly.chaser.posted == [(CHAT, "The numbers.")]
    restarted = Store(weekly.shell.database)
    again = Chaser(weekly.shell, restarted, digests=weekly.chaser.digests)
    await again.chases()
    await restarted.close()
    assert again.posted == []


async def test_two_processes_at_once_send_the_week_once(weekly: Morning) -> None:
    other = Store(weekly.shell.database)
    chasers = [weekly.chaser, Chaser(weekly.shell, other, digests=weekly.chaser.digests)]
    weekly.shell.clock.passes(hours=2)
    await asyncio.gather(*(each.chases() for each in chasers))
    await other.close()
    assert [text for each in chasers for _, text in each.posted] == ["The numbers."]


async def test_a_team_that_is_away_gets_its_week_when_it_is_back(weekly: Morning) -> None:
    async with weekly.shell.store.begin() as transaction:
        await transaction.desk.pause("montreal", "holiday", 0)
    await weekly.passes(hours=2)
    assert weekly.chaser.posted == []
    async with weekly.shell.store.begin() as transaction:
        await transaction.desk.resume("montreal")
    await weekly.passes(hours=24)
    assert weekly.chaser.posted == [(CHAT, "The numbers.")]


async def test_a_week_with_nothing_to_tell_is_over_and_a_place_without_a_desk_hears_nothing(weekly: Morning) -> None:
    weekly.chaser.digests = {"paris": "Bonjour.", "elsewhere": "Hello."}
    async with weekly.shell.store.begin() as transaction:
        for each in await transaction.desk.bindings():
            if each.place == "paris":
                await transaction.desk.unbind(each.key, ["paris"])
    await weekly.passes(hours=2)
    assert [text for _, text in weekly.chaser.posted] == ["Hello."]
    weekly.chaser.digests = {"montreal": "Too late."}
    await weekly.passes(hours=1)
    assert weekly.chaser.posted == []


async def test_a_week_that_cannot_be_summed_up_hurts_no_other_place_and_is_tried_again(weekly: Morning) -> None:
    class Broken(dict[str, str]):
        def get(self, place: str, default: str | None = None) -> str | None:  # type: ignore[override]
            if place == "montreal":
                raise ZeroDivisionError
            return f"The numbers of {place}."

    weekly.chaser.digests = Broken()
    await weekly.passes(hours=2)
    assert [text for _, text in weekly.chaser.posted] == ["The numbers of paris.", "The numbers of elsewhere."]
    weekly.chaser.digests = {"montreal": "At last."}
    await weekly.passes(minutes=1)
    assert weekly.chaser.posted == [(CHAT, "At last.")]
