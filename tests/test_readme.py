"""What the README says about the program is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from bot.retention import OPEN_SCREENING, REFERRAL_AFTER_CLOSING, REFERRAL_AT_MOST
from bot.settings import Settings
from dialogs.drawing import mermaid
from dialogs.machine import Plan
from dialogs.study import read

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_machine_as_it_is() -> None:
    """After a change: screener draw, and paste it."""
    [shown] = re.findall(r"```mermaid\n(.*?)\n```", README, flags=re.DOTALL)
    assert shown == mermaid(Plan(read())).strip()


def test_the_readme_names_every_setting() -> None:
    names = {name for name in Settings.model_fields if name != "desk"}
    assert [name for name in names if f"SCREENER_{name.upper()}" not in README] == []


def test_the_readme_states_the_periods_that_are_enforced() -> None:
    for period in (OPEN_SCREENING, REFERRAL_AFTER_CLOSING, REFERRAL_AT_MOST):
        assert f"{period.days} days" in README


def test_every_file_the_readme_shows_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []
