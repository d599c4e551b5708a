"""The coordinators' desk: who may do what, and what becomes of a referral."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import DeskCommand
from bot.store import Store
from bot.tables import audit, bindings, invites, staff
from tests.desk_world import GROUP, DeskWorld
from tests.postgres import Postgres, Shell, demo_desks, kept
from tests.unsealed import kept_deeds

pytest_plugins = ["tests.desk_world"]


SENTINEL = "Zyxwvut Qwertz 0123"


# ----------------------------------------------------------------------------------------------- joining


async def test_a_code_binds_the_chat_it_is_sent_in_and_works_once(desk_world: DeskWorld) -> None:
    code = await desk_world.invited("paris")
    one, two = desk_world.somebody("One", 1), desk_world.somebody("Two", 2).in_private()
    assert await one.orders("join", code) == ["desk.join.done"]
    assert await two.orders("join", code) == ["desk.join.wrong"]
    bound = [row for row in kept(desk_world.shell.database, bindings) if not row["given"]]
    assert [(row["place"], row["role"], row["private"]) for row in bound] == [("paris", "coordinator", False)]
    assert desk_world.shell.vault.open_chat(bytes(bound[0]["address"]), desk_world.shell.vault.key(GROUP)) == GROUP


async def test_a_code_works_for_an_hour_and_nothing_of_it_is_kept_that_could_be_used(desk_world: DeskWorld) -> None:
    early, late = await desk_world.invited(), await desk_world.invited()
    somebody = desk_world.somebody("One", 1)
    desk_world.shell.clock.passes(minutes=59)
    assert await somebody.orders("join", early.lower().replace("-", " ")) == ["desk.join.done"]
    [row] = kept(desk_world.shell.database, invites)
    assert late.encode() not in bytes(row["digest"])
    desk_world.shell.clock.passes(minutes=1)
    assert await somebody.orders("join", late) == ["desk.join.wrong"]


@pytest.mark.parametrize("typed", ["", "nonsense", "AAA-AAA-AAA", "'; drop table chats"])
async def test_whoever_has_no_code_does_not_get_in(desk_world: DeskWorld, typed: str) -> None:
    await desk_world.somebody("One", 1).orders("join", typed)
    assert [row for row in kept(desk_world.shell.database, bindings) if not row["given"]] == []


async def test_a_chat_that_joins_gets_the_cards_of_what_is_open(desk_world: DeskWorld) -> None:
    open_one = await desk_world.referral()
    [one] = await desk_world.desk("One")
    assert [each.code for each in one.batch.referrals] == [open_one]


async def test_a_chat_that_leaves_belongs_no_more_and_hears_nothing(desk_world: DeskWorld) -> None:
    [one] = await desk_world.desk("One")
    assert await one.orders("leave") == ["desk.leave.done"]
    assert await one.orders("open") == []
    assert one.batch.replies == []


async def test_a_chat_that_the_settings_bind_cannot_be_talked_out_of_it(desk_world: DeskWorld) -> None:
    chat = desk_world.shell.desks.chat("montreal")
    assert chat is not None
    somebody = desk_world.somebody("One", 1, chat)
    assert await somebody.orders("leave") == ["desk.leave.given"]
    assert await somebody.orders("open") == ["desk.open.none"]


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


async def test_a_stranger_reads_and_changes_nothing_by_any_command_or_forged_button(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    await desk_world.desk("One")
    elsewhere = desk_world.somebody("Stranger", 50, desk_world.shell.person().chat)
    group = desk_world.somebody("Stranger", 50, type(GROUP)(-77))
    before = desk_world.life(code)
    for stranger in (elsewhere.in_private(), group):
        for order in EVERY_ORDER:
            assert await stranger.orders(order, code) == []
        for verb in ("claim", "contact", "release", "closing", "undo", "differs"):
            assert await stranger.acts(verb, code) == "desk.toast.stranger"
        for data in (("show", code.replace("-", "")), ("pause", "montreal", "full"), ("invite", "montreal", "lead")):
            assert await stranger.presses(*data) == "desk.toast.stranger"
        assert stranger.batch.referrals == []
    assert desk_world.life(code) == before


async def test_another_places_desk_sees_nothing_of_ours(desk_world: DeskWorld) -> None:
    code = await desk_world.referral("montreal")
    paris = desk_world.somebody("Paris", 60, type(GROUP)(-88))
    await paris.orders("join", await desk_world.invited("paris", "lead"))
    assert await paris.orders("open") == ["desk.open.none"]
    assert await paris.orders("find", code) == ["desk.find.none"]
    assert await paris.acts("claim", code) == "desk.toast.gone"
    assert await paris.presses("pause", "montreal", "full") == "desk.toast.lead_only"
    assert await paris.presses("invite", "montreal", "lead") == "desk.toast.lead_only"
    assert desk_world.life(code).state == "new"


async def test_what_a_lead_may_do_a_coordinator_may_not(desk_world: DeskWorld) -> None:
    [one] = await desk_world.desk("One")
    for order in ("pause", "resume", "invite", "remove"):
        assert await one.orders(order) == ["desk.toast.lead_only"]
    assert await one.presses("pause", "montreal", "full") == "desk.toast.lead_only"
    assert await one.presses("remove", "montreal", "00" * 16) == "desk.toast.lead_only"


async def test_a_removed_coordinator_loses_access_at_once_even_in_the_group(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    one, two = await desk_world.desk("One", "Two")
    lead = await desk_world.lead()
    await two.acts("claim", code)
    await lead.orders("remove")
    [button] = [data for data in lead.buttons() if desk_world.shell.vault.key(two.id).hex() in data]
    assert await lead.presses(*button.split(".")) is None
    assert await two.acts("contact", code) == "desk.toast.stranger"
    assert await two.orders("open") == []
    assert await one.acts("contact", code) is None
    await two.in_private().orders("join", await desk_world.invited())
    assert await two.in_private().orders("open") == ["desk.open.title", "desk.listed.contacted"]


async def test_a_lead_invites_in_private_only_and_the_code_works(desk_world: DeskWorld) -> None:
    lead = await desk_world.lead()
    assert await lead.orders("invite") == ["desk.invite.ask"]
    assert await lead.presses("invite", "montreal", "coordinator") is None
    [said] = lead.said()
    code = said.partition("/join ")[2].split()[0]
    assert await desk_world.somebody("New", 30).orders("join", code) == ["desk.join.done"]
    in_group = desk_world.somebody("Lead", 90)
    await in_group.orders("invite")
    assert not in_group.buttons()
    assert await in_group.presses("invite", "montreal", "lead") == "desk.toast.lead_only"


async def test_a_pause_closes_the_place_for_people_until_it_is_resumed(desk_world: DeskWorld) -> None:
    lead = await desk_world.lead()
    await lead.orders("pause")
    assert "pause.montreal.holiday" in lead.buttons()
    await lead.presses("pause", "montreal", "holiday")
    assert desk_world.shell.openings.paused == {"montreal": "holiday"}
    assert await lead.orders("resume") == ["desk.resume.done"]
    assert desk_world.shell.openings.paused == {}
    assert await lead.orders("resume") == ["desk.pause.none"]


# -------------------------------------------------------------------------------- what is kept about it


async def test_everything_a_coordinator_does_is_in_the_audit_and_nothing_there_names_them(
    desk_world: DeskWorld,
) -> None:
    code = await desk_world.referral()
    one = desk_world.somebody(SENTINEL, 1)
    await one.orders("join", await desk_world.invited())
    await one.acts("claim", code)
    await one.acts("differs", code)
    await one.acts("differs", code, "cancer")
    await one.acts("undo", code)
    rows = kept_deeds(desk_world.shell.database)
    assert [row["what"] for row in rows] == ["join.coordinator", "claim", "differs.cancer", "undo"]
    assert {row["code"] for row in rows} == {None, code}
    for table in (audit, staff, bindings):
        for row in kept(desk_world.shell.database, table):
            values = b" ".join(
                bytes(value) if isinstance(value, bytes) else str(value).encode() for value in row.values()
            )
            assert SENTINEL.encode() not in values
            assert str(one.id).encode() not in values


async def test_what_a_coordinator_reads_is_in_the_audit_too_with_the_code_of_the_card(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    for order in ("open", "mine", "stats", "health", "desk"):
        await one.orders(order)
    for typed in (code, "ZZZ-ZZZ-ZZZ"):
        await one.orders("find", typed)
    await one.presses("show", code.replace("-", ""))
    rows = [(row["what"], row["code"]) for row in kept_deeds(desk_world.shell.database)]
    read = [(order, None) for order in ("open", "mine", "stats", "health")]
    assert rows == [("join.coordinator", None), *read, ("find", code), ("show", code)]


async def test_a_card_that_is_on_its_way_is_well_and_one_that_does_not_arrive_is_not(desk_world: DeskWorld) -> None:
    code = await desk_world.referral()
    [one] = await desk_world.desk("One")
    assert await one.orders("health") == ["desk.health.title", "desk.health.well"]
    desk_world.shell.clock.passes(minutes=6)
    assert await one.orders("health") == ["desk.health.title", "desk.health.cards"]
    await one.acts("claim", code)
    assert await one.orders("health") == ["desk.health.title", "desk.health.well"]


async def test_two_processes_give_a_referral_to_one_coordinator(postgres: Postgres) -> None:
    url = await asyncio.to_thread(postgres.emptied)
    shells = [await Shell(Store(url), url).opened(), await Shell(Store(url), url).opened()]
    desk_world = DeskWorld(shells[0])
    shells[1].updates = shells[0].updates
    code = await desk_world.referral()
    await desk_world.desk("One")
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
    desk_world = DeskWorld(await Shell(store, database, capped).opened())
    await desk_world.referral()
    assert desk_world.shell.openings.paused == {}
    code = await desk_world.referral()
    assert desk_world.shell.openings.paused == {"montreal": "full"}
    [one] = await desk_world.desk("One")
    await one.acts("close", code, "declined")
    assert desk_world.shell.openings.paused == {}
