"""A desk's working time: nights, weekends, the days on which the clocks change, and what falls due in it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.chasing import Quiet, Worktime, digest_week, nudges_due, read_quiet
from tests.chaser import MONTREAL, PARIS, at

NIGHT = Quiet(time(20), time(8))
# In 2026 the clocks change on these nights: forward, then back.
CHANGES = {MONTREAL: ((3, 8), (11, 1)), PARIS: ((3, 29), (10, 25))}


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


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
