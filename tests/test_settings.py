"""What an operator sets is read from the environment or a file; what is missing or wrong is named, all at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path

import pytest

from bot.settings import BadSettings, Desk, Settings, read_settings
from tests.dialogs_world import STUDY

ROOT = Path(__file__).parents[1]
PLACES = frozenset(place.id for place in STUDY.places)
TOKEN = "123456:aSecretToken-that_nobody_may_see"
KEY = "aSecretKeyThatIsLongEnoughToSealWhatPeopleSay"
PASSWORD = "hunter2-the-password"
GOOD = {
    "SCREENER_BOT_TOKEN": TOKEN,
    "SCREENER_SECRET_KEY": KEY,
    "SCREENER_DATABASE_URL": f"postgresql://screener:{PASSWORD}@db.example.org/screener",
}
SECRETS = (TOKEN, KEY, PASSWORD, "nobody_may_see", "hunter2")
Given = Callable[[Mapping[str, str]], None]
# How each setting can be wrong: what is given, and the name that must be in the message.
WRONG = [
    ("SCREENER_BOT_TOKEN", "a-secret-without-digits", "SCREENER_BOT_TOKEN"),
    ("SCREENER_BOT_TOKEN", "", "SCREENER_BOT_TOKEN"),
    ("SCREENER_SECRET_KEY", "hunter2-is-too-short", "SCREENER_SECRET_KEY"),
    ("SCREENER_API_URL", "api.telegram.org", "SCREENER_API_URL"),
    ("SCREENER_API_URL", "ftp://api.example.org", "SCREENER_API_URL"),
    ("SCREENER_API_URL", "http://", "SCREENER_API_URL"),
    ("SCREENER_API_URL", "http://api.example.org:port", "SCREENER_API_URL"),
    ("SCREENER_API_URL", "http://[broken", "SCREENER_API_URL"),
    ("SCREENER_DATABASE_URL", f"mysql://screener:{PASSWORD}@db/screener", "SCREENER_DATABASE_URL"),
    ("SCREENER_DATABASE_URL", f"{PASSWORD}", "SCREENER_DATABASE_URL"),
    ("SCREENER_DATABASE_URL", f"postgresql://screener:{PASSWORD}@db:port/screener", "SCREENER_DATABASE_URL"),
    ("SCREENER_DATABASE_URL", "sqlite+aiosqlite:", "SCREENER_DATABASE_URL"),
    ("SCREENER_LOG", "loud", "SCREENER_LOG"),
    ("SCREENER_DESK", "hunter2", "SCREENER_DESK"),
    ("SCREENER_DESK__PARIS", "hunter2", "SCREENER_DESK__PARIS"),
    ("SCREENER_DESK__PARIS__CHAT", "hunter2", "SCREENER_DESK__PARIS__CHAT"),
    ("SCREENER_DESK__PARIS__CHAT", "", "SCREENER_DESK__PARIS__CHAT"),
    ("SCREENER_DESK__PARIS__CHAT__FR", "5", "SCREENER_DESK__PARIS__CHAT__FR"),
    ("SCREENER_DESK__PARIS__LANGUAGE", "klingon", "SCREENER_DESK__PARIS__LANGUAGE"),
    ("SCREENER_DESK__PARIS__PRIVATE", "hunter2", "SCREENER_DESK__PARIS__PRIVATE"),
    ("SCREENER_DESK__PARIS__NOTIFY", "mailto://hunter2@example.org", "SCREENER_DESK__PARIS__NOTIFY"),
    ("SCREENER_DESK__PARIS__QUIET", "hunter2", "SCREENER_DESK__PARIS__QUIET"),
    ("SCREENER_DESK__PARIS__WEEKENDS", "hunter2", "SCREENER_DESK__PARIS__WEEKENDS"),
    ("SCREENER_DESK__PARIS__CLAIM_HOURS", "0", "SCREENER_DESK__PARIS__CLAIM_HOURS"),
]
# One for each name; a whole desk given as one text would hide what is wrong inside it.
ALL_WRONG = {name: value for name, value, _ in WRONG if name not in {"SCREENER_DESK", "SCREENER_DESK__PARIS"}}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Given:
    """Sets these variables and no others, in a folder with no settings file."""
    for name in [name for name in os.environ if name.startswith("SCREENER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def give(variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return give


def settings_with(given: Given, **variables: str) -> Settings:
    given({**GOOD, **{f"SCREENER_{name}": value for name, value in variables.items()}})
    return read_settings(PLACES)


def refusal() -> str:
    with pytest.raises(BadSettings) as refused:
        read_settings(PLACES)
    return str(refused.value)


# ------------------------------------------------------------------------------------------ what is wrong


def test_both_that_are_missing_are_named_with_how_to_get_them(given: Given) -> None:
    given({})
    said = refusal()
    assert "SCREENER_BOT_TOKEN: is missing" in said
    assert "@BotFather" in said
    assert "SCREENER_SECRET_KEY: is missing" in said
    assert "screener key" in said


@pytest.mark.parametrize(("name", "value", "named"), WRONG)
def test_a_wrong_one_is_named_and_its_value_is_not_repeated(given: Given, name: str, value: str, named: str) -> None:
    given({**GOOD, name: value})
    said = refusal()
    assert f"  {named}: " in said
    assert not value or value not in said
    assert not any(secret in said for secret in SECRETS)
    assert len(said.splitlines()) == 4, "one line of introduction, an empty one, the setting, how to get it"


def test_all_that_are_wrong_are_named_at_once(given: Given) -> None:
    given(ALL_WRONG)
    said = refusal()
    assert [name for name in ALL_WRONG if f"  {name}: " not in said] == []


def test_a_place_nobody_knows_is_named_with_those_there_are(given: Given) -> None:
    given({**GOOD, "SCREENER_DESK__LAVAL__CHAT": "-5"})
    said = refusal()
    assert "laval" in said
    assert all(place in said for place in PLACES)


@pytest.mark.parametrize("text", ["bot_token = ", "[desk\n", "\x00", "\xff"])
def test_a_file_that_is_not_toml_is_named(given: Given, tmp_path: Path, text: str) -> None:
    (tmp_path / "own.toml").write_bytes(text.encode("latin-1"))
    given({**GOOD, "SCREENER_SETTINGS": str(tmp_path / "own.toml")})
    assert "own.toml" in refusal()


@pytest.mark.parametrize(
    "variables",
    [
        {},
        ALL_WRONG,
        {**GOOD, "SCREENER_DATABASE_URL": f"mysql://screener:{PASSWORD}@db/screener"},
        {**GOOD, "SCREENER_DATABASE_URL": f"postgresql://screener:{PASSWORD}@/none?host=/nowhere"},
        {**GOOD, "SCREENER_DATABASE_URL": "sqlite:////nowhere/at/all.db"},
        {**GOOD, "SCREENER_DATA_DIR": "/dev/null/data"},
        {**GOOD, "SCREENER_SETTINGS": str(ROOT / "README.md")},
    ],
    ids=["nothing", "all wrong", "unknown database", "no database", "no folder", "no data folder", "not TOML"],
)
def test_the_program_ends_with_a_message_and_never_with_a_trace(tmp_path: Path, variables: Mapping[str, str]) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCREENER_")}
    environment = {**clean, "SCREENER_API_URL": "http://127.0.0.1:9", "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "SCREENER_" in said or "README.md" in said
    assert "Traceback" not in said
    assert not any(secret in said for secret in SECRETS)


# ------------------------------------------------------------------------------------------ what is right


def test_nothing_secret_shows_when_settings_are_printed(given: Given) -> None:
    settings = settings_with(given)
    for shown in (repr(settings), str(settings), repr(settings.model_dump()), settings.model_dump_json()):
        assert not any(secret in shown for secret in SECRETS)


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("https://api.telegram.org/", "https://api.telegram.org"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("http://[::1]:8081/", "http://[::1]:8081"),
        ("https://proxy.example.org/telegram/", "https://proxy.example.org/telegram"),
    ],
)
def test_another_bot_api_server_can_be_used(given: Given, url: str, used: str) -> None:
    assert settings_with(given, API_URL=url).api_url == used


def test_without_more_telegrams_own_server_and_a_file_in_the_data_folder_are_used(given: Given) -> None:
    given({"SCREENER_BOT_TOKEN": TOKEN, "SCREENER_SECRET_KEY": KEY, "SCREENER_DATA_DIR": "/srv/screener"})
    settings = read_settings(PLACES)
    assert settings.api_url == "https://api.telegram.org"
    assert settings.database == "sqlite+aiosqlite:////srv/screener/screener.db"
    assert settings.desk == {}


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("sqlite:///relative.db", "sqlite+aiosqlite:///relative.db"),
        ("sqlite:////srv/screener.db", "sqlite+aiosqlite:////srv/screener.db"),
        ("sqlite+pysqlite:////srv/screener.db", "sqlite+aiosqlite:////srv/screener.db"),
        ("postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("postgresql://u@h:5433/n?sslmode=require", "postgresql+psycopg://u@h:5433/n?sslmode=require"),
        ("postgresql+asyncpg://u@h/n", "postgresql+psycopg://u@h/n"),
        ("postgresql:///n?host=/run/postgresql", "postgresql+psycopg:///n?host=/run/postgresql"),
    ],
)
def test_databases_are_reached_with_the_drivers_of_this_program(given: Given, url: str, used: str) -> None:
    assert settings_with(given, DATABASE_URL=url).database == used


def test_a_desk_is_read_from_the_environment_with_texts_by_language(given: Given) -> None:
    paris = settings_with(
        given,
        DESK__PARIS__CHAT="-1001234567890",
        DESK__PARIS__LANGUAGE="en",
        DESK__PARIS__CONTACT="01 99 00 01 00",
        DESK__PARIS__PRIVACY__FR="le responsable",
        DESK__PARIS__PRIVACY__EN=" the controller ",
        DESK__PARIS__APPROVAL="CPP",
        DESK__PARIS__APPROVAL__EN="ethics board",
    ).desk["paris"]
    assert (paris.chat, paris.language) == (-1001234567890, "en")
    assert paris.text("contact", "fr") == paris.text("contact", "en") == "01 99 00 01 00"
    assert (paris.text("privacy", "fr"), paris.text("privacy", "en")) == ("le responsable", "the controller")
    assert (paris.text("approval", "fr"), paris.text("approval", "en")) == ("CPP", "ethics board")


def test_a_desk_is_read_from_a_file_and_the_environment_goes_first(given: Given, tmp_path: Path) -> None:
    (tmp_path / "screener.toml").write_text(
        f"""
        bot_token = "1:other"
        secret_key = "{KEY}"
        [desk.montreal]
        chat = -5
        contact = "514"
        privacy = {{ fr = "la personne responsable", en = "the officer" }}
        approval__fr = "CER"
        """,
        encoding="utf-8",
    )
    given({"SCREENER_BOT_TOKEN": TOKEN, "SCREENER_DESK__MONTREAL__CONTACT": "514 555-0100"})
    settings = read_settings(PLACES)
    montreal = settings.desk["montreal"]
    assert settings.bot_token.get_secret_value() == TOKEN
    assert (montreal.chat, montreal.text("contact", "fr")) == (-5, "514 555-0100")
    assert (montreal.text("privacy", "fr"), montreal.text("privacy", "en")) == (
        "la personne responsable",
        "the officer",
    )
    assert (montreal.text("approval", "fr"), montreal.text("approval", "en")) == ("CER", None)


def test_an_empty_text_counts_as_none() -> None:
    desk = Desk.model_validate({"contact": "anybody", "contact__fr": "  ", "privacy": ""})
    assert desk.text("contact", "fr") is None
    assert desk.text("contact", "en") == "anybody"
    assert desk.text("privacy", "en") is None


def test_when_and_where_a_desk_is_told_is_read_from_the_environment(given: Given) -> None:
    paris = settings_with(
        given,
        DESK__PARIS__NOTIFY=f'["mailtos://me:{PASSWORD}@example.org?to=team@example.org", "slack://a/b/c"]',
        DESK__PARIS__QUIET="19:30-07:00",
        DESK__PARIS__WEEKENDS="true",
        DESK__PARIS__CLAIM_HOURS="6",
    ).desk["paris"]
    assert [each.get_secret_value().partition(":")[0] for each in paris.notify] == ["mailtos", "slack"]
    assert paris.quiet == (time(19, 30), time(7))
    assert (paris.weekends, paris.claim_hours) == (True, 6)
    assert not any(secret in shown for secret in SECRETS for shown in (repr(paris), paris.model_dump_json()))


def test_unless_it_says_otherwise_a_desk_has_its_nights_and_weekends(given: Given) -> None:
    settings = settings_with(given, DESK__PARIS__CHAT="-5", DESK__MONTREAL__QUIET="", DESK__MONTREAL__NOTIFY="")
    paris, montreal = settings.desk["paris"], settings.desk["montreal"]
    assert (paris.quiet, paris.weekends, paris.claim_hours) == ((time(20), time(8)), False, 4)
    assert (montreal.quiet, montreal.notify) == (None, ())


@pytest.mark.parametrize("url", ["hunter2", "mailto:hunter2@example.org", "mail to://hunter2", "://hunter2"])
def test_what_is_no_address_to_be_told_at_is_refused_and_not_repeated(given: Given, url: str) -> None:
    given({**GOOD, "SCREENER_DESK__PARIS__NOTIFY": json.dumps(["mailto://a@example.org", url])})
    said = refusal()
    assert "SCREENER_DESK__PARIS__NOTIFY__1: " in said
    assert "hunter2" not in said


def test_addresses_to_be_told_at_are_read_from_a_file(given: Given, tmp_path: Path) -> None:
    (tmp_path / "screener.toml").write_text(
        '[desk.paris]\nnotify = ["mailto://a@example.org"]\nquiet = "21:00-06:00"\n'
    )
    given(GOOD)
    paris = read_settings(PLACES).desk["paris"]
    assert [each.get_secret_value() for each in paris.notify] == ["mailto://a@example.org"]
    assert paris.quiet == (time(21), time(6))
