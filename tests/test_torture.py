"""The short form of the fault campaign (`make torture`), and proof that it finds what is broken."""

from __future__ import annotations

import pytest

from tests.torture.campaign import Order, campaign
from tests.torture.checks import Findings
from tests.torture.databases import NoPostgresError
from tests.torture.mutants import MUTANTS
from tests.torture.participant import Habits
from tests.torture.plan import fingerprint
from tests.torture.weather import Climate, Weather

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


def held(order: Order) -> Findings:
    """What this campaign finds."""
    try:
        with campaign(order) as running:
            return running.run()
    except NoPostgresError:
        pytest.skip("PostgreSQL is not installed here (on Debian: apt install postgresql)")


def test_the_same_seed_makes_the_same_plan_and_another_seed_another() -> None:
    assert fingerprint(7, 2, True) == fingerprint(7, 2, True)
    assert fingerprint(7, 2, True) != fingerprint(8, 2, True)


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
    order = Order(12, conversations=10, workers=2, postgres=True, minutes=SHORT, habits=HABITS, calm=60, last=2)
    assert held(order).wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ["loses a commit", "forgets what was shown"])
def test_a_program_that_is_broken_on_purpose_is_found_out(mutant: str) -> None:
    found = held(Order(13, 12, minutes=SHORT, habits=HABITS, climate=FAIR, mutant=mutant, calm=5, last=0))
    assert any(BREAKS[mutant] in each for each in found.wrong), found.wrong


def test_every_mutant_has_its_finding() -> None:
    assert BREAKS.keys() == MUTANTS.keys()
