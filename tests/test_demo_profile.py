"""How the bot presents itself, commands and descriptions: refused and shown as Telegram would."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from bot.demo.standin import StandIn
from tests.bare_bot import BareBot


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def api(standin: StandIn) -> Iterator[BareBot]:
    with httpx.Client(timeout=10) as client:
        yield BareBot(standin, client)


@pytest.mark.parametrize(
    ("command", "description", "said"),
    [
        ("Start", "a", "BOT_COMMAND_INVALID"),
        ("", "a", "command must be non-empty"),
        ("a" * 33, "a", "command length must not exceed 32"),
        ("start", " ", "command description must be non-empty"),
        ("start", "a" * 257, "command description length must not exceed 256"),
    ],
)
def test_a_command_telegram_would_refuse_is_refused(api: BareBot, command: str, description: str, said: str) -> None:
    commands = [{"command": command, "description": description}]
    assert api.refusal("setMyCommands", commands=commands) == f"Bad Request: {said}"


def test_a_menu_has_at_most_100_commands(api: BareBot) -> None:
    commands = [{"command": f"c{number}", "description": "a"} for number in range(101)]
    assert api.refusal("setMyCommands", commands=commands) == "Bad Request: BOT_COMMANDS_TOO_MUCH"


def test_each_phone_shows_the_narrowest_menu_in_its_language(api: BareBot, standin: StandIn) -> None:
    french, english = standin.participant(language="fr"), standin.participant(language="en")
    for chat in (french, english):
        chat.starts()
    menu = [{"command": "stop", "description": "Stop"}]
    scope = {"type": "all_private_chats"}
    api.result("setMyCommands", commands=menu)
    api.result("setMyCommands", commands=[{"command": "stop", "description": "Arrêter"}], language_code="fr")
    assert (french.commands, english.commands) == ([("stop", "Arrêter")], [("stop", "Stop")])
    api.result("setMyCommands", commands=[{"command": "help", "description": "Help"}], scope=scope)
    assert french.commands == english.commands == [("help", "Help")]
    assert standin.group("paris").commands == [("stop", "Arrêter")]
    assert standin.group("elsewhere").commands == [("stop", "Stop")]
    api.result("deleteMyCommands", scope=scope)
    assert api.result("getMyCommands", language_code="fr") == [{"command": "stop", "description": "Arrêter"}]
    assert api.refusal("getMyCommands", language_code="french") == "Bad Request: invalid language code specified"


def test_descriptions_have_limits_and_languages(api: BareBot, standin: StandIn) -> None:
    assert not api.answer("setMyDescription", description="a" * 513)["ok"]
    assert not api.answer("setMyShortDescription", short_description="a" * 121)["ok"]
    api.result("setMyDescription", description="Questions", language_code="fr")
    api.result("setMyDescription", description="A study")
    assert standin.participant(language="fr").description == "Questions"
    assert standin.participant(language="en").description == "A study"
    assert api.result("getMyDescription", language_code="fr") == {"description": "Questions"}
