"""The short form of the fault campaign (`make torture`), and proof that it finds what is broken."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.torture.campaign import Order, campaign
from tests.torture.checks import Findings
from tests.torture.databases import Disk, NoPostgresError
from tests.torture.mutants import MUTANTS
from tests.torture.participant import Habits
from tests.torture.plan import Form, fingerprint, lives
from tests.torture.points import POINTS
from tests.torture.weather import Climate, Weather
from tests.torture.windows import Windows

SHORT = 0.1  # minutes
HABITS = Habits(rests=0)
FAIR = Climate(calls=0, silences=0, polls=0, shuffles=0, repeats=0)
# What the broken program breaks, in the words of a finding.
BREAKS = {
    "loses a commit": "is stuck",
    "forgets what was shown": "chats where shown < wanted",
    "acknowledges first": "is stuck",
    "sends no card": "the card",
}


class Nothing(Disk):
    """A database of which nothing is asked."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}


def held(order: Order) -> Findings:
    """What this campaign finds."""
    try:
        with campaign(order) as running:
            return running.run()
    except NoPostgresError:
        pytest.skip("PostgreSQL is not installed here (on Debian: apt install postgresql)")


def test_the_same_seed_makes_the_same_plan_and_another_seed_another() -> None:
    assert fingerprint(7, Form(2, True)) == fingerprint(7, Form(2, True))
    assert fingerprint(7, Form(2, True)) != fingerprint(8, Form(2, True))


def test_each_form_has_its_own_points_and_nearly_all_in_common() -> None:
    alone, shared, brought = Form(), Form(2, postgres=True), Form(webhook=True)
    assert set(shared.points) - set(alone.points) == {"settle: before commit", "settle: after commit"}
    assert {each.partition(":")[0] for each in set(alone.points) ^ set(brought.points)} == {"poll", "brought"}
    assert set(POINTS) == {*shared.points, *brought.points}


def test_after_a_round_only_points_at_which_nothing_has_died_are_planned() -> None:
    form = Form()
    struck = set(form.points) - {"show: before sendDocument"}
    later = [life.point for life in islice(lives(7, 0, form, struck), 300)][200:]
    assert set(later) == {"show: before sendDocument", ""}


def test_only_what_was_held_up_may_be_written_down_late() -> None:
    weather = Weather(7)
    windows = Windows(weather, Nothing(), outages=lambda: [(100.0, 102.0)])
    assert windows.narrow(sent=50.0, age=1.0)
    assert not windows.narrow(sent=50.0, age=5.0)
    assert windows.narrow(sent=99.0, age=9.0)
    weather.silences.append((49.0, 54.0))
    assert windows.narrow(sent=50.0, age=5.0)


def test_the_weather_of_a_call_depends_on_the_seed_and_on_which_call_it_is_alone() -> None:
    first, second = Weather(7, storms=True), Weather(7, storms=True)
    struck = [first.strike("sendmessage")[0] for _ in range(500)]
    for _ in range(100):
        second.strike("getupdates")
    assert struck == [second.strike("sendmessage")[0] for _ in range(500)]
    assert {"cut after", "429", "garbage"} <= set(struck)


@pytest.mark.slow
def test_people_and_desks_come_through_a_short_storm() -> None:
    found = held(Order(11, conversations=12, minutes=SHORT, habits=HABITS, calm=60, last=2))
    assert found.wrong == []


@pytest.mark.slow
def test_people_and_desks_come_through_a_short_storm_with_two_processes() -> None:
    order = Order(12, conversations=10, form=Form(2, postgres=True), minutes=SHORT, habits=HABITS, calm=60, last=2)
    assert held(order).wrong == []


@pytest.mark.slow
def test_people_and_desks_come_through_a_short_storm_when_updates_are_brought() -> None:
    order = Order(14, conversations=10, form=Form(webhook=True), minutes=SHORT, habits=HABITS, calm=60, last=2)
    assert held(order).wrong == []


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "breaks"), BREAKS.items())
def test_a_program_that_is_broken_on_purpose_is_found_out(mutant: str, breaks: str) -> None:
    order = Order(13, 16, minutes=3 * SHORT, results=4, habits=HABITS, climate=FAIR, mutant=mutant, calm=12, last=0)
    found = held(order)
    assert any(breaks in each for each in found.wrong), found.wrong


def test_every_mutant_has_its_finding() -> None:
    assert BREAKS.keys() == MUTANTS.keys()
