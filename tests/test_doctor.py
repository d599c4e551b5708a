"""`screener doctor` finds each mistake of an operator by its code, and how to mend it; where all is well, nothing."""

from __future__ import annotations

import os
import re
import string
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from bot.doctor import Finding
from bot.doctor.finding import words
from bot.keys import take_up
from bot.messages import ChatId
from bot.records import Referral
from bot.vault import Vault
from tests.doctor_world import MISTAKES, OTHER_KEY, ROOT, Installation
from tests.postgres import START

pytest_plugins = ["tests.doctor_world"]


async def test_where_all_is_well_nothing_is_found(installation: Installation) -> None:
    assert await installation.codes() == set()


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_each_mistake_is_found_and_no_other(installation: Installation, mistake: str) -> None:
    spoil, codes = MISTAKES[mistake]
    spoil(installation)
    assert await installation.codes() == codes


async def test_a_name_mistyped_is_shown_with_the_one_that_was_meant(installation: Installation) -> None:
    installation.given |= {"SCREENER_REMINDR_HOURS": "5", "SCREENER_DESK_PARIS__CHAT": "-5", "SCREENER_LGO": "json"}
    await installation.codes()
    said = "\n".join(str(each) for each in installation.found)
    for meant in ("SCREENER_REMINDER_HOURS", "SCREENER_DESK__PARIS__CHAT", "SCREENER_LOG"):
        assert f"perhaps {meant}" in said


async def test_a_bot_that_reads_everything_and_may_join_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def me(_: object) -> dict[str, object]:
        return {"id": 1, "can_read_all_group_messages": True, "can_join_groups": False}

    monkeypatch.setattr("bot.telegram.Api.me", me)
    monkeypatch.setattr("bot.doctor.telegram._group", _nothing)
    assert await installation.codes() == {"privacy_off", "groups_refused"}


async def _nothing(*_: object) -> None:
    return None


async def test_groups_the_bot_left_does_not_know_or_may_not_write_in(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram = installation.standin
    telegram.group("montreal").kicks_bot()
    await installation.binds("paris", -1_009_999_999_999)
    try:
        assert await installation.codes() == {"group_left", "group_unknown"}
        assert {(each.code, each.about["place"]) for each in installation.found} == {
            ("group_left", "montreal"),
            ("group_unknown", "paris"),
        }
    finally:
        telegram.group("montreal").invites_bot()
    installation.sql("DELETE FROM bindings WHERE place = 'paris'")

    async def standing(*_: object) -> dict[str, object]:
        return {"status": "restricted", "can_send_messages": False}

    monkeypatch.setattr("bot.telegram.Api.standing", standing)
    assert await installation.codes() == {"group_mute"}


async def test_two_places_that_share_a_group(installation: Installation) -> None:
    group = installation.standin.group("paris").chat_id
    await installation.binds("montreal", group)
    assert await installation.codes() == {"places_share"}
    installation.given["SCREENER_DESK__ELSEWHERE__CHAT"] = str(group)
    assert await installation.codes() == {"places_share"}


async def test_a_place_without_a_chat_and_one_nobody_means_to_open(installation: Installation) -> None:
    installation.sql("DELETE FROM bindings WHERE place IN ('paris', 'elsewhere')")
    installation.given.pop("SCREENER_DESK__PARIS__CHAT")
    for name in [name for name in installation.given if "ELSEWHERE" in name]:
        installation.given.pop(name)
    assert await installation.codes() == {"place_unbound", "place_unused"}
    assert [each.wrong for each in installation.found] == [True, False]


async def test_cards_nobody_sees(installation: Installation) -> None:
    store, arrived = installation.store(), int((datetime.now(UTC) - timedelta(hours=5)).timestamp())
    async with store.begin() as transaction:
        await transaction.referrals.add([Referral("AAA-AAA-AAA", "paris", START.date(), "new", "{}", arrived)])
    await store.close()
    assert await installation.codes() == {"cards_waiting"}
    assert installation.found[0].about["hours"] == 5


async def test_a_full_disk(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 3_000_000

    monkeypatch.setattr("bot.doctor.environment.shutil.disk_usage", lambda _: Usage)
    assert await installation.codes() == {"disk_low"}


async def test_a_disk_on_which_nothing_is_written_ahead(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.SQLITE_PRAGMAS", ("journal_mode=DELETE",))
    assert await installation.codes() == {"database_unsafe"}


async def test_a_new_key_on_its_way(installation: Installation) -> None:
    old = installation.given["SCREENER_SECRET_KEY"]
    store = installation.store()
    key = installation.vault.key(ChatId(5))
    address = installation.vault.seal_chat(ChatId(5), key)
    installation.sql(f"INSERT INTO waiting VALUES (x'{key.hex()}', 'paris', 'fr', x'{address.hex()}', 4000000000)")
    installation.given |= {"SCREENER_SECRET_KEY": OTHER_KEY, "SCREENER_OLD_KEYS": f'["{old}"]'}
    assert await installation.codes() == {"keys_not_taken_up"}
    await take_up(store, Vault(OTHER_KEY.encode(), [old.encode()]))
    await store.close()
    assert await installation.codes() == {"keys_waiting"}
    assert not installation.found[0].wrong


async def test_the_doctor_changes_nothing(installation: Installation) -> None:
    def all_there_is() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in installation.data.glob("screener.db")}

    before, calls = all_there_is(), len(installation.standin.calls())
    await installation.codes()
    assert all_there_is() == before
    asked = {call.method for call in installation.standin.calls()[calls:]}
    assert asked <= {"getMe", "getWebhookInfo", "getChatMember", "getChat"}


def test_every_finding_has_words_for_what_it_is_about() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot" / "doctor").glob("*.py"))
    made = set(re.findall(r'"([a-z]+_[a-z_]+)"', source)) & words().keys()
    assert made == words().keys()
    for code, said in words().items():
        assert said["level"] in {"wrong", "note"}, code
        fields = {
            name for text in (said["what"], said["mend"]) for _, name, _, _ in string.Formatter().parse(text) if name
        }
        assert str(Finding(code, dict.fromkeys({each.lower() for each in fields}, "x")))


def test_the_command_says_what_is_wrong_and_ends_with_1(installation: Installation) -> None:
    def doctor() -> subprocess.CompletedProcess[str]:
        here = {key: value for key, value in os.environ.items() if not key.startswith("SCREENER_")}
        return subprocess.run(
            [sys.executable, "-m", "bot", "doctor"],
            env={**here, **installation.given},
            cwd=installation.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    installation.given |= {"SCREENER_REMINDR_HOURS": "5"}
    ill = doctor()
    assert ill.returncode == 1
    assert "variable_unknown: SCREENER_REMINDR_HOURS" in ill.stdout
    assert installation.given["SCREENER_BOT_TOKEN"] not in ill.stdout + ill.stderr
    installation.given.pop("SCREENER_REMINDR_HOURS")
    well = doctor()
    assert (well.returncode, well.stderr) == (0, ""), well.stdout
