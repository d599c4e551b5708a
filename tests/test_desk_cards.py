"""Coordinators at work on cards: taken, given back, undone, closed, listed and found by code."""

from __future__ import annotations

import pytest

from dialogs.referral import REASONS, UNDOABLE
from tests.desk_world import DeskWorld

pytest_plugins = ["tests.desk_world"]


# ---------------------------------------------------------------------------------------------- the card


async def test_a_referral_is_claimed_contacted_and_closed_by_one_tap_each(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    one, two = await desk_world.desk("One", "Two")
    assert await one.acts("claim", code) is None
    assert await one.acts("contact", code) is None
    assert await two.acts("closing", code) is None
    assert await two.acts("close", code, "enrolled") is None
    life = desk_world.life(code)
    assert (life.state, life.reason, life.claimer) == ("closed", "enrolled", desk_world.shell.vault.key(one.id).hex())


async def test_only_the_first_of_two_who_tap_at_once_has_it_and_the_other_is_told_who(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    one, two = await desk_world.desk("One", "Two")
    version = (await one.shell_referral(code)).wanted
    assert await one.acts("claim", code, version=version) is None
    assert await two.acts("claim", code, version=version) == "desk.toast.taken"
    said = two.batch.toasts[0].said
    assert said is not None
    assert said.params == {"who": "One"}


async def test_a_press_on_a_card_that_has_changed_since_changes_nothing(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    one, two = await desk_world.desk("One", "Two")
    old = (await one.shell_referral(code)).wanted
    await one.acts("claim", code)
    assert await two.acts("close", code, "declined", version=old) == "desk.toast.changed"
    assert desk_world.life(code).state == "claimed"
    assert [each.code for each in two.batch.referrals] == [code], "they see how it stands"


async def test_a_change_can_be_undone_for_a_minute_by_whoever_made_it(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    one, two = await desk_world.desk("One", "Two")
    await one.acts("claim", code)
    await one.acts("close", code, "declined")
    assert await two.acts("undo", code) == "desk.toast.not_yours"
    desk_world.shell.clock.passes(seconds=UNDOABLE.total_seconds() - 1)
    assert await one.acts("undo", code) is None
    assert desk_world.life(code).state == "claimed"
    await one.acts("close", code, "declined")
    desk_world.shell.clock.passes(seconds=UNDOABLE.total_seconds())
    assert await one.acts("undo", code) == "desk.toast.too_late"


async def test_one_who_has_it_gives_it_back_and_nobody_else_does_but_a_lead(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    one, two = await desk_world.desk("One", "Two")
    lead = await desk_world.lead()
    await one.acts("claim", code)
    assert await two.acts("release", code) == "desk.toast.not_yours"
    assert await lead.acts("release", code) is None
    assert desk_world.life(code).state == "new"
    await two.acts("claim", code)
    assert await two.acts("release", code) is None


async def test_what_does_not_fit_names_the_criterion_that_proved_different(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    await one.acts("differs", code)
    assert desk_world.life(code).menu == "criterion"
    assert await one.acts("differs", code, "no_such_criterion") == "desk.toast.gone"
    await one.acts("differs", code, "infection")
    life = desk_world.life(code)
    assert (life.state, life.reason, life.criterion, life.menu) == ("closed", "screen_failure", "infection", None)


@pytest.mark.parametrize("reason", REASONS)
async def test_a_closed_referral_takes_nothing_more(desk_world: DeskWorld, reason: str) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    await one.acts(*(("differs", code, "cancer") if reason == "screen_failure" else ("close", code, reason)))
    desk_world.shell.clock.passes(minutes=2)
    before = desk_world.life(code)
    for verb in ("claim", "contact", "release", "closing", "undo"):
        assert await one.acts(verb, code) in {"desk.toast.closed", "desk.toast.too_late"}
    assert desk_world.life(code) == before


# --------------------------------------------------------------------------------- lists, and by telephone


async def test_open_lists_the_oldest_first_with_the_hours_waited_and_mine_only_mine(desk_world: DeskWorld) -> None:
    first = await desk_world.referral()
    desk_world.shell.clock.passes(hours=3)
    second = await desk_world.referral()
    desk_world.shell.clock.passes(minutes=90)
    one, two = await desk_world.desk("One", "Two")
    await two.acts("claim", second)
    assert await one.orders("open") == ["desk.open.title", "desk.listed.new", "desk.listed.claimed"]
    [said] = one.said()
    assert said.index(first) < said.index(second)
    assert "4 h" in said
    assert "Two" in said
    assert await one.orders("mine") == ["desk.mine.none"]
    assert await two.orders("mine") == ["desk.mine.title", "desk.listed.claimed"]
    assert two.buttons() == [f"show.{second.replace('-', '')}"]


async def test_find_brings_the_card_however_the_code_is_written(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    for typed in (code, code.lower(), code.replace("-", " ")):
        await one.orders("find", typed)
        assert [each.code for each in one.batch.referrals] == [code]


async def test_a_slip_in_a_code_is_known_for_one_and_the_only_near_one_is_offered(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert await one.orders("find", wrong) == ["desk.find.nearest"]
    assert one.buttons() == [f"show.{code.replace('-', '')}"]
    assert await one.orders("find", "ZZZ-ZZZ-ZZZ") == ["desk.find.none"]


async def test_what_was_taken_back_is_found_no_more(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    async with desk_world.shell.store.begin() as transaction:
        await transaction.referrals.withdraw([code])
    assert await one.orders("find", code) == ["desk.find.none"]
    assert await one.acts("claim", code) == "desk.toast.gone"
