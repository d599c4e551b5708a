"""A lead takes results away from the chat: only a lead, only in private, only their places, whole or not at all."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from bot.desk.room import DONE_BY
from bot.giving import LARGEST, TRIES, Giving
from bot.messages import ChatId, Message, MessageGone, MessageId, TryLater, Undeliverable
from bot.outgoing import Export
from bot.pace import Pace
from bot.records import Referral
from bot.tables import audit
from dialogs.desk import FORMATS, Format
from dialogs.session import ReferralCode
from tests.desk_world import GROUP, Coordinator, DeskWorld
from tests.postgres import Shell, kept
from tests.test_export import result

pytest_plugins = ["tests.postgres"]

SENTINEL = "Zyxwvut Qwertz 0123"
PATIENCE = 120.0
FILES: dict[Format, list[str]] = {
    "csv": ["referrals.csv"],
    "json": ["referrals.json"],
    "redcap": ["dictionary.csv", "import.csv"],
    "fhir": ["bundle.json"],
}


@dataclass
class Chats:
    """What stands in the chats: files and lines, and what is refused. `refusals` are raised one for each file."""

    files: dict[int, tuple[ChatId, str, bytes, str]] = field(default_factory=dict)
    lines: dict[int, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    refusals: list[Exception | None] = field(default_factory=list)

    async def send_file(self, chat: ChatId, name: str, content: bytes, caption: str) -> MessageId:
        """As the Bot API does."""
        if self.refusals and (refusal := self.refusals.pop(0)):
            raise refusal
        number = len(self.files) + len(self.said) + 1
        self.files[number] = (chat, name, content, caption)
        return MessageId(number)

    async def send(self, chat: ChatId, message: Message, protect: bool = True) -> MessageId:
        """As the Bot API does."""
        self.said.append(message.text)
        number = len(self.files) + len(self.said)
        self.lines[number] = message.text
        return MessageId(number)

    async def edit(self, chat: ChatId, number: MessageId, message: Message) -> None:
        """As the Bot API does."""
        if number not in self.lines:
            raise MessageGone
        self.said.append(message.text)
        self.lines[number] = message.text

    async def delete(self, chat: ChatId, number: MessageId) -> None:
        """As the Bot API does."""
        self.files.pop(number, None)
        self.lines.pop(number, None)

    @property
    def contents(self) -> dict[str, bytes]:
        """The files by their names."""
        return {name: content for _, name, content, _ in self.files.values()}


@dataclass
class Desk:
    """A desk with a lead, and what the bot gives them."""

    world: DeskWorld
    lead: Coordinator
    chats: Chats
    giving: Giving

    async def asks(self, kind: str, *since: str, who: Coordinator | None = None) -> None:
        """Presses the button of a format, and waits until whatever follows has followed."""
        lead = who or self.lead
        assert await lead.presses("export", kind, *since) == "desk.toast.making"
        for export in lead.batch.exports:
            self.giving.begin(export)
        await self.giving.stop(PATIENCE)

    def rows(self) -> list[dict[str, str]]:
        """The table that was given."""
        return list(csv.DictReader(io.StringIO(self.chats.contents["referrals.csv"].decode())))

    def text(self, key: str, **params: object) -> str:
        """A text as the desk of Montréal reads it."""
        return self.world.shell.desks.catalogs.texts["fr_CA"][f"desk.{key}"].format(**params)


def desk_of(shell: Shell, lead: Coordinator, world: DeskWorld) -> Desk:
    chats = Chats()
    api: Any = chats
    return Desk(world, lead, chats, Giving(api, shell.store, shell.room, shell.renderer, Pace(0), shell.clock))


@pytest.fixture
async def desk(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("bot.giving.SAY_AGAIN", PATIENCE)  # however slow this computer is
    world = DeskWorld(shell)
    return desk_of(shell, await world.lead(), world)


async def many(desk: Desk, number: int, place: str = "montreal") -> list[str]:
    """So many referrals, past everything that makes one. Returns their codes."""
    day, content = date(2026, 3, 1), result(place=place).model_dump_json()
    rows = [Referral(f"{at:09}", place, day, "new", content, 1_772_458_679) for at in range(number)]
    async with desk.world.shell.store.begin() as transaction:
        await transaction.referrals.add(rows)
    return [each.code for each in rows]


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
    assert "export" not in "".join(row["what"] for row in kept(desk.world.shell.database, audit))


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "2026-3-1", "01/03/2026", "٢٠٢٦-٠٣-٠١"])
async def test_what_is_no_day_is_answered_with_how_to_write_one(desk: Desk, typed: str) -> None:
    assert await desk.lead.orders("export", typed) == ["desk.export.how"]
    assert desk.lead.buttons() == []


async def test_it_is_noted_at_each_place_who_asked_for_what_before_anything_leaves(desk: Desk) -> None:
    await desk.lead.in_private().orders("join", await desk.world.invited("paris", "lead"))
    await desk.lead.presses("export", "fhir")
    shell = desk.world.shell
    rows = [row for row in kept(shell.database, audit) if row["what"].startswith("export")]
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


# ----------------------------------------------------------------------------- whole or not at all, and patiently


async def test_two_presses_of_one_button_make_one_file(desk: Desk) -> None:
    await desk.world.referral()
    await desk.lead.presses("export", "csv")
    [export] = desk.lead.batch.exports
    desk.giving.begin(export)
    desk.giving.begin(export)
    await desk.giving.stop(PATIENCE)
    assert len(desk.chats.files) == 1


async def test_of_two_files_none_stays_where_the_second_is_not_taken(desk: Desk) -> None:
    await desk.world.referral()
    desk.chats.refusals = [None, Undeliverable("too large")]
    await desk.asks("redcap")
    assert (desk.chats.files, desk.chats.said) == ({}, [desk.text("export.failed")])


async def test_a_file_that_has_to_wait_is_sent_when_it_may(desk: Desk) -> None:
    await desk.world.referral()
    desk.chats.refusals = [TryLater(timedelta(milliseconds=1), "too many requests")] * (TRIES - 1)
    await desk.asks("csv")
    assert list(desk.chats.contents) == ["referrals.csv"]


async def test_a_referral_that_cannot_be_read_stops_the_file_and_it_is_said_so(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    code = await desk.world.referral()
    referral = await desk.lead.shell_referral(code)
    async with desk.world.shell.store.begin() as transaction:
        await transaction.referrals.save(Referral(**{**vars_of(referral), "result": '{"study": "another"}'}))
    await desk.asks("csv")
    assert (desk.chats.files, desk.chats.said) == ({}, [desk.text("export.failed")])


def vars_of(referral: Referral) -> dict[str, Any]:
    return {name: getattr(referral, name) for name in Referral.__dataclass_fields__}


async def test_a_file_larger_than_telegram_takes_is_not_begun_to_be_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LARGEST <= 50 * 1024 * 1024
    await many(desk, 10)
    monkeypatch.setattr("bot.giving.LARGEST", 1000)
    await desk.asks("fhir")
    day = f"{desk.world.shell.clock():%Y-%m-%d}"
    assert (desk.chats.files, desk.chats.said) == ({}, [desk.text("export.too_large", example=day)])


async def test_a_long_export_holds_up_nobody_and_says_how_far_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many(desk, 1_200)
    monkeypatch.setattr("bot.giving.SAY_AGAIN", 0.05)
    stalls: list[float] = []
    watching = asyncio.create_task(watched(stalls))
    await desk.asks("fhir")
    watching.cancel()
    assert len(json.loads(desk.chats.contents["bundle.json"])["entry"]) == 1_201
    told = [re.findall(r"\d+", said.replace("\u202f", "").replace("\xa0", "")) for said in desk.chats.said]
    assert len(told) > 1
    assert {total for _, total in told} <= {"0", "1200"}
    passed = [int(each) for each, _ in told]
    assert passed == sorted(passed)
    assert 0 < passed[-1] <= 1_200
    assert desk.chats.lines == {}, "what said so is taken away"
    assert len(stalls) > 10
    assert sorted(stalls)[len(stalls) * 9 // 10] < 0.3, "the loop is free nearly all the time"


async def watched(stalls: list[float]) -> None:
    """How long the loop lets somebody wait who wants it a hundred times a second."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.01)
        stalls.append(time.monotonic() - began - 0.01)


async def test_one_export_is_made_after_the_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await many(desk, 600)
    under_way, most = 0, 0
    packed = desk.giving._packed

    async def counted(*given: Any) -> Any:
        nonlocal under_way, most
        under_way, most = under_way + 1, max(most, under_way + 1)
        try:
            return await packed(*given)
        finally:
            under_way -= 1

    monkeypatch.setattr(desk.giving, "_packed", counted)
    for kind in FORMATS:
        desk.giving.begin(Export(desk.lead.id, kind, ("montreal",), None, "fr_CA"))
    await desk.giving.stop(PATIENCE)
    assert most == 1
    assert sorted(desk.chats.contents) == sorted(name for names in FILES.values() for name in names)


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    heavy = ("fhir", "bot.export", "matplotlib", "numpy", "PIL", "apprise", "requests")
    loaded = f"import sys, bot.application; sys.exit(any(each.startswith({heavy}) for each in sys.modules))"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
