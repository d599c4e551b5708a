"""`screener export`: the referrals of a period and a place leave the database as files."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.records import Referral
from bot.store import Store
from bot.vault import Vault, new_secret
from dialogs.referral import Life
from tests.exported import result

DAYS = {"AAA-AAA-AAA": (2026, 3, 1), "BBB-BBB-BBB": (2026, 3, 2), "CCC-CCC-CCC": (2026, 3, 3)}
RUNNER = CliRunner()


@pytest.fixture
async def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with a referral of each of three days, the last in Paris, closed; and one that was taken back."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENER_BOT_TOKEN", "1:token")
    monkeypatch.setenv("SCREENER_SECRET_KEY", new_secret())
    monkeypatch.setenv("SCREENER_DATA_DIR", str(folder))
    vault = Vault(os.environ["SCREENER_SECRET_KEY"].encode())
    store = Store(f"sqlite+aiosqlite:///{folder / 'screener.db'}", vault)
    await store.prepare()
    async with store.begin() as transaction:
        rows = [kept(code, date(*day), "montreal") for code, day in DAYS.items() if day[2] < 3]
        life = Life(state="closed", reason="screen_failure", criterion="cancer").model_dump_json()
        await transaction.referrals.add([*rows, kept("CCC-CCC-CCC", date(2026, 3, 3), "paris", "closed", life)])
        await transaction.referrals.add([kept("DDD-DDD-DDD", date(2026, 3, 3), "paris")])
        await transaction.referrals.withdraw(["DDD-DDD-DDD"])
    await store.close()
    return tmp_path / "out"


def kept(code: str, day: date, place: str, state: str = "new", life: str | None = None) -> Referral:
    return Referral(code, place, day, state, result(place=place, day=day).model_dump_json(), 1772458679, life=life)


def exports(out: Path, *options: str) -> Result:
    return RUNNER.invoke(cli, ["export", "--out", str(out), *options])


def rows(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "referrals.csv").read_text("utf-8"))))


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--since", "2026-01-01"], ["AAA", "BBB", "CCC"]),
        (["--since", "2026-03-02"], ["BBB", "CCC"]),
        (["--since", "2026-03-01", "--until", "2026-03-02"], ["AAA", "BBB"]),
        (["--since", "2026-03-01", "--place", "paris"], ["CCC"]),
        (["--since", "2026-03-04"], []),
    ],
)
def test_the_results_of_a_period_and_a_place_are_exported(options: list[str], codes: list[str], data: Path) -> None:
    done = exports(data, "--format", "csv", *options)
    assert done.exit_code == 0, done.output
    assert [each["code"][:3] for each in rows(data)] == codes
    assert f"{len(codes)} referrals" in done.output
    assert str(data / "referrals.csv") in done.output


def test_what_the_desk_noted_leaves_with_the_result(data: Path) -> None:
    exports(data, "--format", "csv", "--since", "2026-03-03")
    [found] = rows(data)
    assert (found["state"], found["reason"], found["criterion"]) == ("closed", "screen_failure", "cancer")


@pytest.mark.parametrize("kind", ["csv", "json", "redcap", "fhir"])
def test_every_format_can_be_asked_for(kind: str, data: Path) -> None:
    done = exports(data, "--format", kind, "--since", "2026-03-01")
    assert done.exit_code == 0, done.output
    assert [path.stat().st_mode & 0o777 for path in data.iterdir()] in ([0o600], [0o600, 0o600])


def test_what_is_there_stays_until_force(data: Path) -> None:
    exports(data, "--format", "json", "--since", "2026-03-01")
    again = exports(data, "--format", "json", "--since", "2026-03-03")
    assert (again.exit_code, "--force" in again.output) == (1, True)
    exports(data, "--format", "json", "--since", "2026-03-03", "--force")
    assert len(json.loads((data / "referrals.json").read_text("utf-8"))["referrals"]) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "csv", "--since", "2026-03-01", "--place", "lyon"], "montreal"),
        (["--format", "redcap", "--since", "2026-03-01", "--locale", "de"], "fr_CA"),
        (["--format", "csv", "--since", "yesterday"], "%Y-%m-%d"),
        (["--format", "xls", "--since", "2026-03-01"], "redcap"),
    ],
)
def test_what_cannot_be_right_is_said_and_nothing_is_written(options: list[str], said: str, data: Path) -> None:
    refused = exports(data, *options)
    assert refused.exit_code != 0
    assert said in refused.output
    assert not data.exists()


def test_a_folder_without_a_database_is_named(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENER_DATA_DIR", str(tmp_path / "elsewhere"))
    refused = exports(data, "--format", "csv", "--since", "2026-03-01")
    assert refused.exit_code == 1
    assert "elsewhere" in refused.output
    assert not (tmp_path / "elsewhere").exists()
