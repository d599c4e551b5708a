"""What is counted of a desk's work, and how a lead is told the numbers."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from bot.desk.figures import figures
from bot.statistics import figures_of, first_day
from bot.tables import counts
from dialogs.counting import names
from tests.desk_world import DeskWorld
from tests.dialogs_world import STUDY
from tests.postgres import kept

pytest_plugins = ["tests.desk_world"]


async def test_what_can_still_be_undone_is_not_counted_and_what_followed_it_makes_it_final(
    desk_world: DeskWorld,
) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    desk_world.shell.clock.passes(hours=5, minutes=10)
    await one.acts("claim", code)
    assert not [row for row in kept(desk_world.shell.database, counts) if "claimed" in row["name"]]
    await one.acts("contact", code)
    counted = {row["name"]: row["number"] for row in kept(desk_world.shell.database, counts)}
    assert counted["montreal.en.claimed"] == 1
    assert counted["montreal.en.hours.5"] == 1
    assert "montreal.en.contacted" not in counted


async def test_a_referral_that_was_given_back_is_counted_as_taken_once(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    for verb in ("claim", "release", "claim", "contact"):
        await one.acts(verb, code)
    counted = {row["name"]: row["number"] for row in kept(desk_world.shell.database, counts)}
    assert counted["montreal.en.claimed"] == 1


async def test_numbers_come_as_two_pictures_and_a_few_lines(desk_world: DeskWorld) -> None:
    [one] = await desk_world.desk("One")
    async with desk_world.shell.store.begin() as transaction:
        for days in (20, 10):
            day = (desk_world.shell.clock.at - timedelta(days=days)).date()
            await transaction.counts.add(["montreal.fr.started"] * 30, day)
    assert "desk.stats.title" in await one.orders("stats")
    [reply] = one.batch.replies
    for made in reply.pictures:
        assert made().startswith(b"\x89PNG")
    assert len(reply.pictures) == 2


@pytest.mark.parametrize("seed", range(3))
async def test_numbers_added_up_by_the_database_are_those_of_every_day_and_of_no_other_place(
    desk_world: DeskWorld, seed: int
) -> None:
    known, rng, today = [*names(STUDY), "montrealX.fr.started"], random.Random(seed), desk_world.shell.clock().date()
    async with desk_world.shell.store.begin() as transaction:
        for ago in range(0, 400, 3):
            await transaction.counts.add(rng.choices(known, k=seed * 150 + 20), today - timedelta(days=ago))
        for place in ("montreal", "paris"):
            every_day = await transaction.counts.since(first_day(today), today)
            expected = figures_of(every_day, place, today, STUDY)
            assert await figures(transaction, place, today, STUDY) == expected
            assert expected is not None


async def test_before_there_are_numbers_it_is_said_why(desk_world: DeskWorld) -> None:
    [one] = await desk_world.desk("One")
    assert await one.orders("stats") == ["desk.stats.none"]
