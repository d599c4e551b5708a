"""The coordinators' desk: who may do what, and what becomes of a referral."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest

from bot.desk.figures import figures
from bot.messages import DeskCommand
from bot.statistics import figures_of, first_day
from bot.store import Store
from bot.tables import audit, bindings, counts, invites, staff
from dialogs.counting import names
from dialogs.referral import REASONS, UNDOABLE
from tests.desk_world import GROUP, DeskWorld
from tests.dialogs_world import STUDY
from tests.postgres import Postgres, Shell, demo_desks, kept

pytest_plugins = ["tests.postgres"]
SENTINEL = "Zyxwvut Qwertz 0123"


@pytest.fixture
def world(shell: Shell) -> DeskWorld:
    return DeskWorld(shell)


# ----------------------------------------------------------------------------------------------- joining


async def test_a_code_binds_the_chat_it_is_sent_in_and_works_once(world: DeskWorld) -> None:
    code = await world.invited("paris")
    one, two = world.somebody("One", 1), world.somebody("Two", 2).in_private()
    assert await one.orders("join", code) == ["desk.join.done"]
    assert await two.orders("join", code) == ["desk.join.wrong"]
    bound = [row for row in kept(world.shell.database, bindings) if not row["given"]]
    assert [(row["place"], row["role"], row["private"]) for row in bound] == [("paris", "coordinator", False)]
    assert world.shell.vault.open_chat(bytes(bound[0]["address"]), world.shell.vault.key(GROUP)) == GROUP


async def test_a_code_works_for_an_hour_and_nothing_of_it_is_kept_that_could_be_used(world: DeskWorld) -> None:
    early, late = await world.invited(), await world.invited()
    somebody = world.somebody("One", 1)
    world.shell.clock.passes(minutes=59)
    assert await somebody.orders("join", early.lower().replace("-", " ")) == ["desk.join.done"]
    [row] = kept(world.shell.database, invites)
    assert late.encode() not in bytes(row["digest"])
    world.shell.clock.passes(minutes=1)
    assert await somebody.orders("join", late) == ["desk.join.wrong"]


@pytest.mark.parametrize("typed", ["", "nonsense", "AAA-AAA-AAA", "'; drop table chats"])
async def test_whoever_has_no_code_does_not_get_in(world: DeskWorld, typed: str) -> None:
    await world.somebody("One", 1).orders("join", typed)
    assert [row for row in kept(world.shell.database, bindings) if not row["given"]] == []


async def test_a_chat_that_joins_gets_the_cards_of_what_is_open(world: DeskWorld) -> None:
    open_one = await world.referral()
    [one] = await world.desk("One")
    assert [each.code for each in one.batch.referrals] == [open_one]


async def test_a_chat_that_leaves_belongs_no_more_and_hears_nothing(world: DeskWorld) -> None:
    [one] = await world.desk("One")
    assert await one.orders("leave") == ["desk.leave.done"]
    assert await one.orders("open") == []
    assert one.batch.replies == []


async def test_a_chat_that_the_settings_bind_cannot_be_talked_out_of_it(world: DeskWorld) -> None:
    chat = world.shell.desks.chat("montreal")
    assert chat is not None
    somebody = world.somebody("One", 1, chat)
    assert await somebody.orders("leave") == ["desk.leave.given"]
    assert await somebody.orders("open") == ["desk.open.none"]


# ---------------------------------------------------------------------------------------------- the card


async def test_a_referral_is_claimed_contacted_and_closed_by_one_tap_each(world: DeskWorld) -> None:
    code = await world.referral()
    one, two = await world.desk("One", "Two")
    assert await one.acts("claim", code) is None
    assert await one.acts("contact", code) is None
    assert await two.acts("closing", code) is None
    assert await two.acts("close", code, "enrolled") is None
    life = world.life(code)
    assert (life.state, life.reason, life.claimer) == ("closed", "enrolled", world.shell.vault.key(one.id).hex())


async def test_only_the_first_of_two_who_tap_at_once_has_it_and_the_other_is_told_who(world: DeskWorld) -> None:
    code = await world.referral()
    one, two = await world.desk("One", "Two")
    version = (await one.shell_referral(code)).wanted
    assert await one.acts("claim", code, version=version) is None
    assert await two.acts("claim", code, version=version) == "desk.toast.taken"
    said = two.batch.toasts[0].said
    assert said is not None
    assert said.params == {"who": "One"}


async def test_a_press_on_a_card_that_has_changed_since_changes_nothing(world: DeskWorld) -> None:
    code = await world.referral()
    one, two = await world.desk("One", "Two")
    old = (await one.shell_referral(code)).wanted
    await one.acts("claim", code)
    assert await two.acts("close", code, "declined", version=old) == "desk.toast.changed"
    assert world.life(code).state == "claimed"
    assert [each.code for each in two.batch.referrals] == [code], "they see how it stands"


async def test_a_change_can_be_undone_for_a_minute_by_whoever_made_it(world: DeskWorld) -> None:
    code = await world.referral()
    one, two = await world.desk("One", "Two")
    await one.acts("claim", code)
    await one.acts("close", code, "declined")
    assert await two.acts("undo", code) == "desk.toast.not_yours"
    world.shell.clock.passes(seconds=UNDOABLE.total_seconds() - 1)
    assert await one.acts("undo", code) is None
    assert world.life(code).state == "claimed"
    await one.acts("close", code, "declined")
    world.shell.clock.passes(seconds=UNDOABLE.total_seconds())
    assert await one.acts("undo", code) == "desk.toast.too_late"


async def test_one_who_has_it_gives_it_back_and_nobody_else_does_but_a_lead(world: DeskWorld) -> None:
    code = await world.referral()
    one, two = await world.desk("One", "Two")
    lead = await world.lead()
    await one.acts("claim", code)
    assert await two.acts("release", code) == "desk.toast.not_yours"
    assert await lead.acts("release", code) is None
    assert world.life(code).state == "new"
    await two.acts("claim", code)
    assert await two.acts("release", code) is None


async def test_what_does_not_fit_names_the_criterion_that_proved_different(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    await one.acts("differs", code)
    assert world.life(code).menu == "criterion"
    assert await one.acts("differs", code, "no_such_criterion") == "desk.toast.gone"
    await one.acts("differs", code, "infection")
    life = world.life(code)
    assert (life.state, life.reason, life.criterion, life.menu) == ("closed", "screen_failure", "infection", None)


@pytest.mark.parametrize("reason", REASONS)
async def test_a_closed_referral_takes_nothing_more(world: DeskWorld, reason: str) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    await one.acts(*(("differs", code, "cancer") if reason == "screen_failure" else ("close", code, reason)))
    world.shell.clock.passes(minutes=2)
    before = world.life(code)
    for verb in ("claim", "contact", "release", "closing", "undo"):
        assert await one.acts(verb, code) in {"desk.toast.closed", "desk.toast.too_late"}
    assert world.life(code) == before


# --------------------------------------------------------------------------------- lists, and by telephone


async def test_open_lists_the_oldest_first_with_the_hours_waited_and_mine_only_mine(world: DeskWorld) -> None:
    first = await world.referral()
    world.shell.clock.passes(hours=3)
    second = await world.referral()
    world.shell.clock.passes(minutes=90)
    one, two = await world.desk("One", "Two")
    await two.acts("claim", second)
    assert await one.orders("open") == ["desk.open.title", "desk.listed.new", "desk.listed.claimed"]
    [said] = one.said()
    assert said.index(first) < said.index(second)
    assert "4 h" in said
    assert "Two" in said
    assert await one.orders("mine") == ["desk.mine.none"]
    assert await two.orders("mine") == ["desk.mine.title", "desk.listed.claimed"]
    assert two.buttons() == [f"show.{second.replace('-', '')}"]


async def test_find_brings_the_card_however_the_code_is_written(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    for typed in (code, code.lower(), code.replace("-", " ")):
        await one.orders("find", typed)
        assert [each.code for each in one.batch.referrals] == [code]


async def test_a_slip_in_a_code_is_known_for_one_and_the_only_near_one_is_offered(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert await one.orders("find", wrong) == ["desk.find.nearest"]
    assert one.buttons() == [f"show.{code.replace('-', '')}"]
    assert await one.orders("find", "ZZZ-ZZZ-ZZZ") == ["desk.find.none"]


async def test_what_was_taken_back_is_found_no_more(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    async with world.shell.store.begin() as transaction:
        await transaction.referrals.withdraw([code])
    assert await one.orders("find", code) == ["desk.find.none"]
    assert await one.acts("claim", code) == "desk.toast.gone"


# ------------------------------------------------------------------------------------- who may do what


EVERY_ORDER: tuple[DeskCommand, ...] = (
    "open",
    "mine",
    "find",
    "stats",
    "health",
    "pause",
    "resume",
    "invite",
    "remove",
    "leave",
    "desk",
)


async def test_a_stranger_reads_and_changes_nothing_by_any_command_or_forged_button(world: DeskWorld) -> None:
    code = await world.referral()
    await world.desk("One")
    elsewhere = world.somebody("Stranger", 50, world.shell.person().chat)
    group = world.somebody("Stranger", 50, type(GROUP)(-77))
    before = world.life(code)
    for stranger in (elsewhere.in_private(), group):
        for order in EVERY_ORDER:
            assert await stranger.orders(order, code) == []
        for verb in ("claim", "contact", "release", "closing", "undo", "differs"):
            assert await stranger.acts(verb, code) == "desk.toast.stranger"
        for data in (("show", code.replace("-", "")), ("pause", "montreal", "full"), ("invite", "montreal", "lead")):
            assert await stranger.presses(*data) == "desk.toast.stranger"
        assert stranger.batch.referrals == []
    assert world.life(code) == before


async def test_another_places_desk_sees_nothing_of_ours(world: DeskWorld) -> None:
    code = await world.referral("montreal")
    paris = world.somebody("Paris", 60, type(GROUP)(-88))
    await paris.orders("join", await world.invited("paris", "lead"))
    assert await paris.orders("open") == ["desk.open.none"]
    assert await paris.orders("find", code) == ["desk.find.none"]
    assert await paris.acts("claim", code) == "desk.toast.gone"
    assert await paris.presses("pause", "montreal", "full") == "desk.toast.lead_only"
    assert await paris.presses("invite", "montreal", "lead") == "desk.toast.lead_only"
    assert world.life(code).state == "new"


async def test_what_a_lead_may_do_a_coordinator_may_not(world: DeskWorld) -> None:
    [one] = await world.desk("One")
    for order in ("pause", "resume", "invite", "remove"):
        assert await one.orders(order) == ["desk.toast.lead_only"]
    assert await one.presses("pause", "montreal", "full") == "desk.toast.lead_only"
    assert await one.presses("remove", "montreal", "00" * 16) == "desk.toast.lead_only"


async def test_a_removed_coordinator_loses_access_at_once_even_in_the_group(world: DeskWorld) -> None:
    code = await world.referral()
    one, two = await world.desk("One", "Two")
    lead = await world.lead()
    await two.acts("claim", code)
    await lead.orders("remove")
    [button] = [data for data in lead.buttons() if world.shell.vault.key(two.id).hex() in data]
    assert await lead.presses(*button.split(".")) is None
    assert await two.acts("contact", code) == "desk.toast.stranger"
    assert await two.orders("open") == []
    assert await one.acts("contact", code) is None
    await two.in_private().orders("join", await world.invited())
    assert await two.in_private().orders("open") == ["desk.open.title", "desk.listed.contacted"]


async def test_a_lead_invites_in_private_only_and_the_code_works(world: DeskWorld) -> None:
    lead = await world.lead()
    assert await lead.orders("invite") == ["desk.invite.ask"]
    assert await lead.presses("invite", "montreal", "coordinator") is None
    [said] = lead.said()
    code = said.partition("/join ")[2].split()[0]
    assert await world.somebody("New", 30).orders("join", code) == ["desk.join.done"]
    in_group = world.somebody("Lead", 90)
    await in_group.orders("invite")
    assert not in_group.buttons()
    assert await in_group.presses("invite", "montreal", "lead") == "desk.toast.lead_only"


async def test_a_pause_closes_the_place_for_people_until_it_is_resumed(world: DeskWorld) -> None:
    lead = await world.lead()
    await lead.orders("pause")
    assert "pause.montreal.holiday" in lead.buttons()
    await lead.presses("pause", "montreal", "holiday")
    assert world.shell.openings.paused == {"montreal": "holiday"}
    assert await lead.orders("resume") == ["desk.resume.done"]
    assert world.shell.openings.paused == {}
    assert await lead.orders("resume") == ["desk.pause.none"]


# -------------------------------------------------------------------------------- what is kept about it


async def test_everything_a_coordinator_does_is_in_the_audit_and_nothing_there_names_them(world: DeskWorld) -> None:
    code = await world.referral()
    one = world.somebody(SENTINEL, 1)
    await one.orders("join", await world.invited())
    await one.acts("claim", code)
    await one.acts("differs", code)
    await one.acts("differs", code, "cancer")
    await one.acts("undo", code)
    rows = kept(world.shell.database, audit)
    assert [row["what"] for row in rows] == ["join.coordinator", "claim", "differs.cancer", "undo"]
    assert {row["code"] for row in rows} == {None, code}
    for table in (audit, staff, bindings):
        for row in kept(world.shell.database, table):
            values = b" ".join(
                bytes(value) if isinstance(value, bytes) else str(value).encode() for value in row.values()
            )
            assert SENTINEL.encode() not in values
            assert str(one.id).encode() not in values


async def test_what_a_coordinator_reads_is_in_the_audit_too_with_the_code_of_the_card(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    for order in ("open", "mine", "stats", "health", "desk"):
        await one.orders(order)
    for typed in (code, "ZZZ-ZZZ-ZZZ"):
        await one.orders("find", typed)
    await one.presses("show", code.replace("-", ""))
    rows = [(row["what"], row["code"]) for row in kept(world.shell.database, audit)]
    read = [(order, None) for order in ("open", "mine", "stats", "health")]
    assert rows == [("join.coordinator", None), *read, ("find", code), ("show", code)]


async def test_what_can_still_be_undone_is_not_counted_and_what_followed_it_makes_it_final(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    world.shell.clock.passes(hours=5, minutes=10)
    await one.acts("claim", code)
    assert not [row for row in kept(world.shell.database, counts) if "claimed" in row["name"]]
    await one.acts("contact", code)
    counted = {row["name"]: row["number"] for row in kept(world.shell.database, counts)}
    assert counted["montreal.en.claimed"] == 1
    assert counted["montreal.en.hours.5"] == 1
    assert "montreal.en.contacted" not in counted


async def test_a_referral_that_was_given_back_is_counted_as_taken_once(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    for verb in ("claim", "release", "claim", "contact"):
        await one.acts(verb, code)
    counted = {row["name"]: row["number"] for row in kept(world.shell.database, counts)}
    assert counted["montreal.en.claimed"] == 1


async def test_numbers_come_as_two_pictures_and_a_few_lines(world: DeskWorld) -> None:
    [one] = await world.desk("One")
    async with world.shell.store.begin() as transaction:
        for days in (20, 10):
            day = (world.shell.clock.at - timedelta(days=days)).date()
            await transaction.counts.add(["montreal.fr.started"] * 30, day)
    assert "desk.stats.title" in await one.orders("stats")
    [reply] = one.batch.replies
    for made in reply.pictures:
        assert made().startswith(b"\x89PNG")
    assert len(reply.pictures) == 2


@pytest.mark.parametrize("seed", range(3))
async def test_numbers_added_up_by_the_database_are_those_of_every_day_and_of_no_other_place(
    world: DeskWorld, seed: int
) -> None:
    known, rng, today = [*names(STUDY), "montrealX.fr.started"], random.Random(seed), world.shell.clock().date()
    async with world.shell.store.begin() as transaction:
        for ago in range(0, 400, 3):
            await transaction.counts.add(rng.choices(known, k=seed * 150 + 20), today - timedelta(days=ago))
        for place in ("montreal", "paris"):
            every_day = await transaction.counts.since(first_day(today), today)
            expected = figures_of(every_day, place, today, STUDY)
            assert await figures(transaction, place, today, STUDY) == expected
            assert expected is not None


async def test_before_there_are_numbers_it_is_said_why(world: DeskWorld) -> None:
    [one] = await world.desk("One")
    assert await one.orders("stats") == ["desk.stats.none"]


async def test_a_card_that_is_on_its_way_is_well_and_one_that_does_not_arrive_is_not(world: DeskWorld) -> None:
    code = await world.referral()
    [one] = await world.desk("One")
    assert await one.orders("health") == ["desk.health.title", "desk.health.well"]
    world.shell.clock.passes(minutes=6)
    assert await one.orders("health") == ["desk.health.title", "desk.health.cards"]
    await one.acts("claim", code)
    assert await one.orders("health") == ["desk.health.title", "desk.health.well"]


async def test_two_processes_give_a_referral_to_one_coordinator(postgres: Postgres) -> None:
    url = await asyncio.to_thread(postgres.emptied)
    shells = [await Shell(Store(url), url).opened(), await Shell(Store(url), url).opened()]
    world = DeskWorld(shells[0])
    shells[1].updates = shells[0].updates
    code = await world.referral()
    await world.desk("One")
    pair = [DeskWorld(shell).somebody(f"{number}", number) for number, shell in enumerate(shells, start=1)]
    version = (await pair[0].shell_referral(code)).wanted
    toasts = await asyncio.gather(*(each.acts("claim", code, version=version) for each in pair))
    assert sorted(map(str, toasts)) == ["None", "desk.toast.taken"]
    for shell in shells:
        await shell.store.close()


async def test_a_place_with_as_many_open_referrals_as_it_wants_takes_nobody_until_one_is_closed(
    store: Store, database: str
) -> None:
    desks = demo_desks()
    capped = {**desks, "montreal": desks["montreal"].model_copy(update={"cap": 2})}
    world = DeskWorld(await Shell(store, database, capped).opened())
    await world.referral()
    assert world.shell.openings.paused == {}
    code = await world.referral()
    assert world.shell.openings.paused == {"montreal": "full"}
    [one] = await world.desk("One")
    await one.acts("close", code, "declined")
    assert world.shell.openings.paused == {}
