"""Each line of the README's threat model is shown by tests that exist; what a thief of the database sees is known."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from bot.tables import metadata

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ATTACKERS = (
    *("stranger", "client of their own", "not staff", "removed", "copy of the database", "backup", "disk", "log"),
    *("metrics", "holds the phone", "network", "webhook", "operator", "Telegram itself"),
)
# What lies in the database unsealed. Whoever adds to it changes what a thief of a copy learns: the README says what.
CLEAR = {
    "audit": {"id", "at", "place", "code"},
    "bindings": {"place", "role", "private", "given", "at"},
    "bridges": {"code", "expires", "told", "written", "drafted"},
    "calls": {"place", "at"},
    "cards": {"code", "shown", "message", "litter"},
    "chats": {"wanted", "shown", "message", "litter", "touched", "remind", "over", "holder"},
    "counts": {"day", "name", "number"},
    "digests": {"place", "week"},
    "invites": {"place", "role", "expires"},
    "letters": {"id", "channel", "place", "due", "expires", "tries", "failure", "code"},
    "moves": set[str](),
    "pauses": {"place", "reason", "at"},
    "referrals": {
        *("code", "place", "day", "state", "arrived", "closed", "wanted", "shown", "undoable"),
        *("waited", "nudged", "bridged", "holder", "adopted"),
    },
    "seen": {"update_id", "at"},
    "staff": {"place", "removed", "at"},
    "unsealed": {"kind", "of", "words"},  # empty from the first start of this release on
    "waiting": {"place", "language", "at"},
}


def rows() -> Iterator[list[str]]:
    """The cells of each line of the threat model."""
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Threat model\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("|") and not line.startswith(("|---", "| who |")):
            yield [cell.strip() for cell in line.strip("|").split("|")]


ROWS = list(rows())


@cache
def named_in(path: str) -> frozenset[str]:
    """The tests of a file, as it is written."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(each.name for each in functions if each.name.startswith("test_"))


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_each_line_is_shown_by_tests_that_exist(row: list[str]) -> None:
    who, tried, stops, _, shown = row
    assert tried, "a line says what is tried"
    assert stops, f"what stops {who}?"
    named = NAMED.findall(shown)
    assert named, "no test shows it"
    assert [f"{path}::{name}" for path, name in named if name not in named_in(path)] == []
    assert shown == ", ".join(f"`{path}::{name}`" for path, name in named), "nothing but tests stands there"


def test_nobody_who_could_want_something_is_left_out() -> None:
    named = " ".join(row[0] for row in ROWS)
    assert [attacker for attacker in ATTACKERS if attacker not in named] == []


def test_what_nothing_stops_is_said_too() -> None:
    assert sum(bool(row[3]) for row in ROWS) > len(ROWS) / 2


def test_what_a_copy_shows_without_the_key_is_this_and_no_more() -> None:
    clear = {
        table.name: {column.name for column in table.columns if not isinstance(column.type, LargeBinary)}
        for table in metadata.sorted_tables
    }
    assert clear == CLEAR
