"""The week of a desk, summed up for it on Monday at nine, once."""

from __future__ import annotations

import asyncio

import pytest

from bot.letters import CHAT
from bot.store import Store
from tests.chaser import MONTREAL, Chaser, Morning, at

pytest_plugins = ["tests.chaser"]


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
