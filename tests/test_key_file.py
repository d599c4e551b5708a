"""The key may lie in a file, with older ones below it, if nobody else may read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import BadSettings, Settings, read_settings
from bot.vault import Vault
from tests.dialogs_world import STUDY

PLACES = frozenset(place.id for place in STUDY.places)
NEW, OLD, OLDER = "theNewKey" * 4, "theOldKey" * 4, "theOlderKey" * 4
Given = Callable[..., Path]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """A key file with this in it and this mode, and these variables."""
    monkeypatch.chdir(tmp_path)

    def give(content: str, mode: int = 0o600, **variables: str) -> Path:
        path = tmp_path / "key"
        path.write_text(content, "utf-8")
        path.chmod(mode)
        variables = {"BOT_TOKEN": "1:a", "SECRET_KEY_FILE": str(path), **variables}
        for name, value in variables.items():
            monkeypatch.setenv(f"SCREENER_{name}", value)
        return path

    return give


def read() -> Settings:
    return read_settings(PLACES)


def refusal() -> BadSettings:
    with pytest.raises(BadSettings) as refused:
        read()
    assert not any(key in str(refused.value) for key in (NEW, OLD, OLDER))
    return refused.value


def test_the_first_line_is_the_key_and_the_others_still_open(given: Given) -> None:
    given(f"{NEW}\n{OLD}\n", OLD_KEYS=json.dumps([OLDER]))
    vault = read().vault
    assert vault.name == Vault(NEW.encode()).name
    assert vault.older_names == {Vault(OLD.encode()).name, Vault(OLDER.encode()).name}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o777])
def test_a_file_others_may_read_or_change_is_refused(given: Given, mode: int) -> None:
    path = given(NEW, mode)
    [(name, what)] = refusal().problems
    assert name == "SCREENER_SECRET_KEY_FILE"
    assert f"chmod 600 {path}" in what


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_ones_own_is_read(given: Given, mode: int) -> None:
    given(NEW, mode)
    assert read().secret_key.get_secret_value() == NEW


def test_an_empty_file_and_one_that_is_not_there_are_named(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    given("\n \n")
    assert "is empty" in str(refusal())
    monkeypatch.setenv("SCREENER_SECRET_KEY_FILE", "/nowhere/key")
    assert "/nowhere/key cannot be read" in str(refusal())


def test_a_key_given_twice_is_refused(given: Given) -> None:
    given(NEW, SECRET_KEY=OLD)
    assert "give one of them" in str(refusal())


def test_a_short_key_in_the_file_is_refused(given: Given) -> None:
    given("short")
    assert [name for name, _ in refusal().problems] == ["SCREENER_SECRET_KEY"]


@pytest.mark.parametrize("wrong", ["theOldKeyNotInAList", '{"a": 1}', "[1]", '["short"]'])
def test_old_keys_that_are_no_list_of_keys_are_named_and_not_repeated(given: Given, wrong: str) -> None:
    given(NEW, OLD_KEYS=wrong)
    [(name, what)] = refusal().problems
    assert name.startswith("SCREENER_OLD_KEYS")
    assert wrong not in what


def test_old_keys_may_stand_in_the_settings_file(given: Given, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given(NEW)
    (tmp_path / "screener.toml").write_text(f'old_keys = ["{OLD}"]\n', "utf-8")
    assert read().vault.older_names == {Vault(OLD.encode()).name}
