"""The real program against somebody else's Bot API emulator: the npm package `telegram-test-api`.

It knows no commands and no descriptions (HTTP 500), answers polls at once instead of waiting, answers edits with
null, and its getMe lacks `is_bot`. It shows edits only in its history, not to its client, so the phone reads that.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.demo.run import environment
from bot.demo.standin import TOKEN, StandIn
from dialogs.session import CONSENT, LANGUAGE, PLACE, PREVIEW, RESULT, REVIEW, SENT
from dialogs.study import Language, Outcome
from tests.person import MET, Person, eventually
from tests.world import CI

pytestmark = pytest.mark.slow

PACKAGE = "telegram-test-api@4.2.1"
# Not supported by the emulator, which answers 500: neither may disturb anybody.
UNKNOWN_THERE = {"setMyCommands", "setMyDescription", "setMyShortDescription"}
EMULATOR = """
const [, home, port] = process.argv;
const Server = require(home + '/node_modules/telegram-test-api');
const server = new Server({ port: Number(port), host: '127.0.0.1', storeTimeout: 600 });
server.start().then(() => server.server.prependListener('request', (request, response) => {
  const end = response.end;
  response.end = function (body, ...rest) {
    const said = { path: request.url, status: response.statusCode, body: String(body ?? '') };
    if (request.url.startsWith('/bot')) console.log(JSON.stringify(said));
    return end.call(this, body, ...rest);
  };
}));
"""


def installed() -> Path:
    """Where the emulator is installed, once for each environment. Raises where npm cannot."""
    home = Path(sys.prefix) / "telegram-test-api"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=sys.prefix) as fresh:
            command = ["npm", "install", "--prefix", fresh, "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            Path(fresh).rename(home)
            Path(fresh).mkdir()
    return home


@dataclass(frozen=True)
class Emulator:
    """The other Telegram: its address, and every answer it gave to the bot."""

    url: str
    answers_path: Path
    token: str = TOKEN

    def answers(self) -> list[tuple[str, int, dict[str, Any]]]:
        """Method, status and body of every answer so far."""
        lines = [json.loads(line) for line in self.answers_path.read_text("utf-8").splitlines()]
        return [(each["path"].rpartition("/")[2], each["status"], json.loads(each["body"])) for each in lines]

    def does(self, what: str, **body: object) -> Any:
        """Calls the emulator's own client API."""
        answer = httpx.post(f"{self.url}/{what}", json=body, timeout=10).raise_for_status().json()
        return answer["result"]

    def messages(self, chat: int) -> list[dict[str, Any]]:
        """What the bot has sent to this chat, as it reads now, newest first."""
        history = self.does("getUpdatesHistory", token=self.token)
        return [each for each in reversed(history) if str(each.get("message", {}).get("chat_id")) == str(chat)]


class Visitor(Person):
    """A participant in the emulator: the same verbs, with other hands."""

    emulator: Emulator

    def opens(self) -> None:
        """Sends /start."""
        entities = [{"offset": 0, "length": 6, "type": "bot_command"}]
        self.emulator.does("sendCommand", text="/start", entities=entities, chat=self._chat, **self._sender)

    def chooses(self, state: str, option: str, **fields: Any) -> Visitor:
        """Taps the button of this option, once the screen of this state is shown."""
        label, mark = self.label(state, option, **fields), self._mark(state)
        number, data = eventually(lambda: self._button(mark, label), f"{label!r} under {mark!r}", pause=0.1)
        message = {"message_id": number, "date": int(time.time()), "chat": self._chat, "text": mark}
        self.emulator.does("sendCallback", data=data, message=message, **self._sender)
        return self

    def reads(self, mark: str) -> str:
        """The newest message that says this."""
        return eventually(lambda: next((text for text in self._texts if mark in text), None), mark, pause=0.1)

    @property
    def _texts(self) -> list[str]:
        return [str(each["message"]["text"]) for each in self.emulator.messages(self.phone.chat_id)]

    def _button(self, mark: str, label: str) -> tuple[int, str] | None:
        for each in self.emulator.messages(self.phone.chat_id):
            rows = each["message"].get("reply_markup", {}).get("inline_keyboard", [])
            found = [button for row in rows for button in row if button["text"] == label]
            if found and mark in each["message"]["text"]:
                return each["messageId"], found[0]["callback_data"]
        return None

    @property
    def _chat(self) -> dict[str, object]:
        return {"id": self.phone.chat_id, "type": "private", "first_name": "Somebody"}

    @property
    def _sender(self) -> dict[str, object]:
        somebody = {"id": self.phone.chat_id, "is_bot": False, "first_name": "Somebody"}
        return {"botToken": self.emulator.token, "date": int(time.time()), "from": somebody}


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert not CI, "CI=true demands node and npm"
        pytest.skip("there is no node to run the emulator with")
    try:
        home = installed()
    except (OSError, subprocess.SubprocessError) as error:
        if CI:
            raise
        pytest.skip(f"the emulator cannot be installed: {type(error).__name__}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answers = tmp_path / "answers.jsonl"
    with answers.open("wb") as output:
        node = subprocess.Popen(["node", "-e", EMULATOR, str(home), str(port)], stdout=output)
    try:
        eventually(lambda: _listens(port), "the emulator to listen")
        yield Emulator(f"http://127.0.0.1:{port}", answers)
    finally:
        node.kill()
        node.wait()


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """Only for its invented groups and people: the screener never speaks to it."""
    with StandIn() as standin:
        yield standin
        assert standin.calls() == []


@pytest.fixture
def log(emulator: Emulator, standin: StandIn, tmp_path: Path) -> Iterator[Path]:
    """The log of a screener that serves the emulator."""
    given = {**environment(standin, tmp_path / "data"), "SCREENER_API_URL": emulator.url}
    path = tmp_path / "screener.log"
    with path.open("wb") as output:
        command = [sys.executable, "-m", "bot", "run"]
        process = subprocess.Popen(command, env=given, cwd=tmp_path, stdout=output, stderr=subprocess.STDOUT)
    try:
        eventually(lambda: "getUpdates" in answered(emulator) or None, "the screener to poll")
        yield path
        process.terminate()
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


def answered(emulator: Emulator) -> list[str]:
    return [method for method, _, _ in emulator.answers()]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def screening(emulator: Emulator, standin: StandIn, language: Language, place: str) -> str:
    """A whole screening; returns the card, compared with what it should say."""
    person = Visitor(standin.participant(language=language), language, place)
    person.emulator = emulator
    person.opens()
    person.chooses(LANGUAGE, language).chooses(PLACE, place).answers("age", "yes").chooses(CONSENT, "agree")
    for question, choice in list(MET.items())[1:]:
        person.answers(question, choice)
    person.chooses(REVIEW, "continue").chooses(RESULT, "share").chooses(PREVIEW, "send")
    person.reads(person.words("sent.keep"))
    group = standin.group(place).chat_id
    [card] = eventually(lambda: [each["message"]["text"] for each in emulator.messages(group)] or None, "the card")
    code = next(line.rpartition(" ")[2] for line in card.splitlines() if "CARE-SSc" in line)
    assert code in person.reads(person.words("sent.keep"))
    assert card == person.card(person.result(Outcome.LIKELY_ELIGIBLE), code)
    person.chooses(SENT, "done")
    person.reads(person.words("end.finished.sent"))
    return str(card)


def test_a_screening_in_each_language_and_no_rejected_call(emulator: Emulator, standin: StandIn, log: Path) -> None:
    before = len(answered(emulator))
    time.sleep(2)
    idle = answered(emulator)[before:].count("getUpdates")
    assert 1 <= idle <= 6, "a server that does not wait is not asked in a frenzy"
    spoken: list[tuple[Language, str]] = [("en", "elsewhere"), ("fr", "montreal"), ("fr", "paris")]
    with ThreadPoolExecutor() as together:
        cards = list(together.map(lambda each: screening(emulator, standin, *each), spoken))
    assert len(set(cards)) == len(spoken)
    refused = [
        (method, body)
        for method, status, body in emulator.answers()
        if (status != 200 or not body.get("ok")) and method not in UNKNOWN_THERE
    ]
    assert refused == []
    assert UNKNOWN_THERE & set(answered(emulator)), "the menu was tried"
    assert "error" not in log.read_text("utf-8")
    assert TOKEN not in log.read_text("utf-8")
