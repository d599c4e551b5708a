"""What the tests of backups share: a small database with one, and a look at what is kept.

(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from bot.backup import back_up
from bot.store import Store
from bot.tables import metadata
from bot.vault import Vault
from tests.dialogs_world import MET
from tests.postgres import SECRET, Person, Postgres, Shell, kept
from tests.rotation import LIVES, shell_with

pytest_plugins = ["tests.postgres"]

VAULT = Vault(SECRET)
BOTH_WAYS = [(one, other) for one in ("sqlite", "postgresql") for other in ("sqlite", "postgresql")]


@contextmanager
def no_bar(_: int) -> Iterator[Callable[[int], object]]:
    yield lambda _: None


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "screener.backup"


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A database without any table, of a kind."""

    def address(kind: str) -> str:
        if kind == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            return server.fresh()
        return f"sqlite+aiosqlite:///{tmp_path / f'restored{next(LIVES)}.db'}"

    return address


@asynccontextmanager
async def served(database: str) -> AsyncIterator[Shell]:
    """The bot on this database."""
    store = Store(database)
    try:
        yield await shell_with(store, database, VAULT).opened()
    finally:
        await store.close()


def content(path: Path) -> bytes:
    """What is in a file."""
    return path.read_bytes()


def names_in(folder: Path) -> set[str]:
    """What lies in a folder, but for SQLite's own."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def damage(path: Path) -> None:
    """Change the last bit of a file."""
    path.write_bytes(content(path)[:-1] + bytes([content(path)[-1] ^ 1]))


def everything(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    return {name: sorted((tuple(row.values()) for row in kept(database, table)), key=repr) for name, table in TABLES}


TABLES: list[tuple[str, Table]] = list(metadata.tables.items())


async def walks(person: Person, steps: int) -> None:
    """Answers this many questions."""
    await person.consents()
    for _ in range(steps):
        await person.taps(*MET[person.at])


@pytest.fixture
async def small(tmp_path: Path, sqlite_copy: Path, backup: Path) -> str:
    """A small database with a backup of it."""
    database = f"sqlite+aiosqlite:///{sqlite_copy}"
    async with served(database) as shell:
        await walks(shell.person(), 2)
    await back_up(database, VAULT, backup, no_bar)
    return database
