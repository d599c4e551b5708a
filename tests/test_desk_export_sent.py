"""An export's files on their way to a lead: whole or not at all, patiently, holding up nobody."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest

from bot.giving import LARGEST, TRIES
from bot.messages import TryLater, Undeliverable
from bot.outgoing import Export
from bot.records import Referral
from dialogs.desk import FORMATS
from tests.asking import FILES, PATIENCE, Desk, many

pytest_plugins = ["tests.asking"]


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
