"""The benchmark's own machinery, with tiny numbers: nothing is measured here."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.messages import ChatId
from bot.service import SESSION
from bot.vault import Vault, read_secret
from dialogs.session import Session
from tests.bench.crowd import Chat, Crowd
from tests.bench.measuring import Measured
from tests.bench.processes import Api, api
from tests.bench.push import Pusher
from tests.bench.rows import ECHO, NO_REDIS, OURS, REDIS, Services, rows
from tests.bench.screener import SECRET, screening, write_questions
from tests.bench.stored import FIRST_STORED, fill
from tests.bench.table import Found, written
from tests.dialogs_world import MET
from tests.person import eventually

BUTTONS = [[{"text": "A", "callback_data": "n.1.0"}], [{"text": "B", "callback_data": "b"}]]
KEYBOARD = json.dumps({"inline_keyboard": BUTTONS})


class SmallBot:
    """Answers every tap and shows every screen, one after the other; refused calls are let be."""

    def __init__(self, server: Api) -> None:
        self._url = f"{server.url}/bot1:x"
        self._offset = 0
        self.taps: list[str] = []

    def serve(self, seen: Callable[[], bool]) -> None:
        """Until this is seen."""
        while not seen():
            for update in self.call("getUpdates", offset=self._offset, timeout=1):
                self._offset = update["update_id"] + 1
                self._update(update)

    def call(self, method: str, **what: object) -> Any:
        """The result of a call; nothing for one that is refused."""
        request = urllib.request.Request(f"{self._url}/{method}", json.dumps(what).encode())
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read())["result"]
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            return None

    def _update(self, update: dict[str, Any]) -> None:
        if tap := update.get("callback_query"):
            self.taps.append(tap["data"])
            self.call("answerCallbackQuery", callback_query_id=tap["id"])
            where = {"chat_id": tap["message"]["chat"]["id"], "message_id": tap["message"]["message_id"]}
            self.call("editMessageText", **where, text="?", reply_markup=KEYBOARD)
        else:
            self.call("sendMessage", chat_id=update["message"]["chat"]["id"], text="?", reply_markup=KEYBOARD)


def runs(rate: int) -> Measured:
    return Measured(steps=rate, seconds=1.0, cpu=0.5, memory=1, calls=2 * rate, stalled=0, waits=(0.1, 0.2))


def test_people_press_the_next_button_once_the_bot_has_answered(tmp_path: Path) -> None:
    with api(tmp_path / "log", chats=3, route="0,1", widths="2,2", lifetime=20) as server:
        bot = SmallBot(server)
        bot.serve(lambda: server.report()["steps"] >= 12)
        report = server.report()
        assert report["lost"] == 0
        assert report["starts"] == 3
        assert len(report["waits"]) == report["steps"]
        assert {"n.1.0", "b"} == set(bot.taps)
        server.reset()
        assert server.report()["steps"] == 0


def test_somebody_who_sees_another_screen_than_they_should_is_lost(tmp_path: Path) -> None:
    with api(tmp_path / "log", chats=2, route="0", widths="7", lifetime=20) as server:
        SmallBot(server).serve(lambda: server.report()["lost"] == 2)
        assert server.report()["steps"] == 0


def test_a_flooded_chat_is_refused_and_the_others_are_not(tmp_path: Path) -> None:
    with api(tmp_path / "log", chats=2, route="0", flooded=1, lifetime=20) as server:
        SmallBot(server).serve(lambda: server.report()["steps"] >= 4)
        assert server.report()["refused"] == 1


def test_updates_are_pushed_to_a_webhook_until_they_are_taken() -> None:
    crowd = Crowd(1, [0], lambda seconds, act, chat: None)
    pusher = Pusher(crowd, "http%3A%2F%2F127.0.0.1%3A8080%2Fhook", b"secret")
    request = pusher.request(b"{}")
    assert request.startswith(b"POST /hook HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n")
    assert b"\r\nX-Telegram-Bot-Api-Secret-Token: secret\r\n" in request
    assert request.endswith(b"Content-Length: 2\r\n\r\n{}")


def test_a_press_counts_only_when_both_calls_were_made() -> None:
    crowd = Crowd(1, [0], lambda seconds, act, chat: None)
    crowd.begin()
    chat: Chat = crowd.people[0]
    crowd.shows(chat.id, [b"a"], None)
    crowd.shows(chat.id, [b"a"], chat.live)
    assert crowd.seen.waits == []
    crowd.answers(1)
    assert len(crowd.seen.waits) == 1
    crowd.answers(1)
    assert len(crowd.seen.waits) == 1


def test_the_screening_asks_every_question_and_ends() -> None:
    taps = list(screening())
    assert set(MET) <= {tap.session.state.split(".")[0] for tap in taps}
    assert taps[-1].session.over
    assert all(tap.button < tap.of for tap in taps)


def test_peers_ask_the_same_questions(tmp_path: Path) -> None:
    write_questions(tmp_path / "questions.json")
    asked = json.loads((tmp_path / "questions.json").read_text("utf-8"))
    assert len(asked) == len(MET)
    assert all(each["text"] and len(each["labels"]) >= 2 for each in asked)


def test_stored_sessions_open_with_the_secret(tmp_path: Path) -> None:
    assert fill(tmp_path / "stored", 30) > 0
    connection = sqlite3.connect(tmp_path / "stored" / "screener.db")
    try:
        stored = connection.execute("select key, session from chats").fetchall()
    finally:
        connection.close()
    vault = Vault(read_secret(SECRET))
    assert {key for key, _ in stored} == {vault.key(ChatId(FIRST_STORED + place)) for place in range(30)}
    for key, sealed in stored:
        assert not Session.model_validate_json(zlib.decompress(vault.open(sealed, SESSION + key))).over


def test_the_table_says_ratios_within_each_round_and_why_a_row_is_missing() -> None:
    found = Found([row for row in rows(Services()) if row.name in {OURS, ECHO, REDIS}])
    found.rounds = [{OURS: runs(ours), ECHO: runs(echo)} for ours, echo in ((400, 100), (90, 30), (80, 40))]
    found.missing = {REDIS: NO_REDIS}
    said = written(found, "today", "here", "make bench")
    assert f"| {ECHO} | 3.00 × | 3.1 × | **missed** | 3.00 × |" in said
    assert f"| {REDIS} | | not measured: {NO_REDIS} |" in said
    assert f"| {OURS} |  | 90 (80 to 400) |" in said


def test_the_stand_in_ends_by_itself(tmp_path: Path) -> None:
    def gone(server: Api) -> bool:
        try:
            server.report()
        except OSError:
            return True
        return False

    with api(tmp_path / "log", chats=1, lifetime=0.2) as server:
        eventually(lambda: gone(server), "the stand-in to end")
        assert gone(server)
