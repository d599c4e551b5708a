"""A lead takes results away from the chat: only a lead, only in private, only their places, whole or not at all."""

from __future__ import annotations

import re

import pytest

from bot.desk.room import DONE_BY
from bot.messages import ChatId
from dialogs.desk import FORMATS, Format
from dialogs.session import ReferralCode
from tests.asking import FILES, PATIENCE, SENTINEL, Desk, desk_of, many
from tests.desk_world import GROUP, DeskWorld
from tests.postgres import Shell
from tests.unsealed import kept_deeds

pytest_plugins = ["tests.asking"]


# ------------------------------------------------------------------------------------------- who may ask, and how


async def test_a_lead_is_asked_for_which_program_and_told_that_the_file_is_not_protected(desk: Desk) -> None:
    said = await desk.lead.orders("export")
    assert said == ["desk.export.ask", "card.place", "desk.export.holds", "desk.export.kept"]
    assert desk.lead.buttons() == [f"export.{kind}" for kind in FORMATS]


async def test_in_a_group_a_lead_is_told_to_ask_in_private_and_gets_nothing(desk: Desk) -> None:
    await desk.world.desk("One")
    in_group = desk.world.somebody("Lead", 90, GROUP)
    assert await in_group.orders("export") == ["desk.export.private"]
    assert in_group.buttons() == []
    assert await in_group.presses("export", "csv") == "desk.toast.lead_only"
    assert in_group.batch.exports == []


async def test_a_coordinator_is_told_that_only_leads_can(desk: Desk) -> None:
    [one] = await desk.world.desk("One")
    private = one.in_private()
    await private.orders("join", await desk.world.invited())
    for somebody in (one, private):
        assert await somebody.orders("export") == ["desk.toast.lead_only"]
        assert await somebody.presses("export", "csv") == "desk.toast.lead_only"
        assert somebody.batch.exports == []


async def test_a_stranger_gets_nothing_by_command_or_forged_button(desk: Desk) -> None:
    for chat in (desk.world.somebody("Stranger", 50).id, ChatId(-77)):
        stranger = desk.world.somebody("Stranger", 50, chat)
        assert await stranger.orders("export") == []
        for kind in FORMATS:
            assert await stranger.presses("export", kind) == "desk.toast.stranger"
            assert stranger.batch.exports == []


@pytest.mark.parametrize(
    "forged", [("xls",), ("csv", "yesterday"), ("csv", "2026-02-30"), ("csv", "2026-03-01", "more"), ()]
)
async def test_a_button_nobody_was_shown_makes_no_file(desk: Desk, forged: tuple[str, ...]) -> None:
    assert await desk.lead.presses("export", *forged) == "desk.toast.gone"
    assert desk.lead.batch.exports == []
    assert "export" not in "".join(row["what"] for row in kept_deeds(desk.world.shell.database))


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "2026-3-1", "01/03/2026", "٢٠٢٦-٠٣-٠١"])
async def test_what_is_no_day_is_answered_with_how_to_write_one(desk: Desk, typed: str) -> None:
    assert await desk.lead.orders("export", typed) == ["desk.export.how"]
    assert desk.lead.buttons() == []


async def test_it_is_noted_at_each_place_who_asked_for_what_before_anything_leaves(desk: Desk) -> None:
    await desk.lead.in_private().orders("join", await desk.world.invited("paris", "lead"))
    await desk.lead.presses("export", "fhir")
    shell = desk.world.shell
    rows = [row for row in kept_deeds(shell.database) if row["what"].startswith("export")]
    assert {(row["place"], row["what"], row["code"]) for row in rows} == {
        ("montreal", "export.fhir", None),
        ("paris", "export.fhir", None),
    }
    assert {shell.vault.open(bytes(row["who"]), DONE_BY) for row in rows} == {str(desk.lead.id).encode()}
    assert str(desk.lead.id).encode() not in b"".join(bytes(row["who"]) for row in rows)
    assert {row["at"] for row in rows} == {int(shell.clock().timestamp())}


# ----------------------------------------------------------------------------------------------- what is given


@pytest.mark.parametrize("kind", FORMATS)
async def test_each_format_comes_as_files_that_may_be_kept_with_what_to_know_about_them(
    desk: Desk, kind: Format
) -> None:
    code = await desk.world.referral()
    await desk.asks(kind)
    assert [name for _, name, _, _ in desk.chats.files.values()] == FILES[kind]
    assert {chat for chat, _, _, _ in desk.chats.files.values()} == {desk.lead.id}
    assert code.encode() in b"".join(desk.chats.contents.values())
    captions = [caption for _, _, _, caption in desk.chats.files.values()]
    assert captions[-1] == f"{desk.text('export.number', number=1)}\n\n{desk.text('export.erase')}"
    assert set(captions[:-1]) <= {""}, "it is said once, under the last"
    assert desk.chats.said == []


async def test_only_places_the_lead_leads_are_in_the_file(desk: Desk) -> None:
    ours, [theirs] = await desk.world.referral(), await many(desk, 1, "paris")
    await desk.asks("csv")
    assert [row["code"] for row in desk.rows()] == [ours]
    await desk.lead.orders("join", await desk.world.invited("paris", "coordinator"))
    await desk.asks("csv")
    assert [row["code"] for row in desk.rows()] == [ours], "who only works there leads nobody there"
    await desk.lead.orders("join", await desk.world.invited("paris", "lead"))
    assert (await desk.lead.orders("export")).count("card.place") == 2
    await desk.asks("csv")
    assert {row["code"] for row in desk.rows()} == {ours, theirs}


async def test_only_results_from_the_day_on_that_was_named_are_in_the_file(desk: Desk) -> None:
    await desk.world.referral()
    desk.world.shell.clock.passes(days=3)
    late = await desk.world.referral()
    day = f"{desk.world.shell.clock():%Y-%m-%d}"
    assert "desk.export.since" in await desk.lead.orders("export", day)
    [button] = [each for each in desk.lead.buttons() if each.startswith("export.csv")]
    await desk.asks(*button.split(".")[1:])
    assert [row["code"] for row in desk.rows()] == [late]


async def test_what_was_taken_back_is_in_no_file_and_an_empty_file_is_not_given(desk: Desk) -> None:
    code = await desk.world.referral()
    async with desk.world.shell.store.begin() as transaction:
        await transaction.referrals.withdraw([code])
    await desk.asks("json")
    assert desk.chats.files == {}
    assert desk.chats.said == [desk.text("export.none")]


@pytest.mark.parametrize("kind", FORMATS)
async def test_no_file_holds_a_name_an_id_or_a_time(shell: Shell, kind: Format) -> None:
    world = DeskWorld(shell)
    lead = world.somebody(SENTINEL, 90).in_private()
    await lead.orders("join", await world.invited("montreal", "lead"))
    desk = desk_of(shell, lead, world)
    person = shell.person()
    await person.previews()
    code = ReferralCode(person.session.code)
    await person.taps("send")
    await lead.acts("claim", code)
    await lead.acts("contact", code)
    await lead.acts("differs", code, "cancer")
    await desk.asks(kind)
    whole = b"".join(desk.chats.contents.values()).decode()
    assert code in whole
    sealed = shell.vault.key(lead.id).hex()
    for telling in (SENTINEL, str(int(lead.id)), str(int(person.chat)), sealed, person.key.hex(), person.session.nonce):
        assert telling not in whole
    assert not re.search(r"(?<![0-9a-f])[012]\d:[0-5]\d|\dT\d\d", whole), "a time of day"
    assert str(int(shell.clock().timestamp()))[:7] not in whole


async def test_who_is_removed_while_the_file_is_made_is_given_nothing(desk: Desk) -> None:
    await desk.world.referral()
    other = await desk.world.lead(91)
    await desk.lead.presses("export", "csv")
    [export] = desk.lead.batch.exports
    await other.orders("remove")
    [button] = [each for each in other.buttons() if desk.world.shell.vault.key(desk.lead.id).hex() in each]
    await other.presses(*button.split("."))
    desk.giving.begin(export)
    await desk.giving.stop(PATIENCE)
    assert desk.chats.files == {}
    assert desk.chats.said == [desk.text("toast.lead_only")]
