"""The operator's commands, as an operator runs them: what they say, how they end, and what they leave."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.keys import take_up
from bot.messages import ChatId
from bot.seals import CHAT, SESSION
from bot.store import Store
from bot.vault import NAME_BYTES, Vault

pytestmark = pytest.mark.slow

OLD, NEW = "theOldKeyOfThisInstallation" * 2, "theNewKeyOfThisInstallation" * 2
PEOPLE = 4_000


class Installation:
    """A data folder, and the commands run on it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.variables = {"BOT_TOKEN": "1:a", "SECRET_KEY": OLD, "DATA_DIR": str(folder / "data"), **variables}

    def starts(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command."""
        here = {key: value for key, value in os.environ.items() if not key.startswith("SCREENER_")}
        given = {f"SCREENER_{name}": value for name, value in self.variables.items()}
        command = [sys.executable, "-m", "bot", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env={**here, **given}, cwd=self.folder, stdout=pipe, stderr=pipe, text=True)

    def runs(self, *arguments: str) -> tuple[int, str]:
        """Run a command to its end. Its exit code, and all it says."""
        process = self.starts(*arguments)
        out, err = process.communicate(timeout=100)
        assert "Traceback" not in err, err
        return process.returncode, out + err

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "data" / "screener.db"

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite+aiosqlite:///{self.database}"

    def names(self) -> dict[bytes, int]:
        """How many conversations are sealed with each key."""
        connection = sqlite3.connect(self.database)
        rows = connection.execute(f"SELECT substr(address, 1, {NAME_BYTES}), count(*) FROM chats GROUP BY 1").fetchall()
        connection.close()
        return dict(rows)


@pytest.fixture
async def installation(tmp_path: Path) -> Installation:
    """One in which many people are halfway."""
    made, vault = Installation(tmp_path), Vault(OLD.encode())
    (tmp_path / "data").mkdir(mode=0o700)
    store = Store(made.url)
    await store.prepare()
    await store.close()
    keys = [(ChatId(number), vault.key(ChatId(number))) for number in range(1, PEOPLE + 1)]
    rows = [
        (key, vault.seal(chat.to_bytes(8, "big"), CHAT + key), vault.seal(b"s", SESSION + key)) for chat, key in keys
    ]
    connection = sqlite3.connect(made.database)
    connection.executemany(
        "INSERT INTO chats (key, address, session, wanted, shown, litter, touched, over, holder) "
        "VALUES (?, ?, ?, 1, 1, '', 1, 0, 0)",
        rows,
    )
    connection.commit()
    connection.close()
    return made


async def has_new_key(installation: Installation) -> None:
    """The bot has been started with a new key."""
    installation.variables |= {"SECRET_KEY": NEW, "OLD_KEYS": f'["{OLD}"]'}
    store = Store(installation.url)
    await take_up(store, Vault(NEW.encode(), [OLD.encode()]))
    await store.close()


def killed_amid(installation: Installation, name: bytes) -> str:
    """A rotation that is killed once it has moved something. What it said."""
    process, was = installation.starts("keys", "rotate"), installation.names().get(name, 0)
    while installation.names().get(name, 0) == was and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


async def test_a_rotation_that_is_killed_goes_on_where_it_was_and_says_when_the_old_key_can_go(
    installation: Installation,
) -> None:
    await has_new_key(installation)
    new, lives = Vault(NEW.encode()).name, 0
    while lives < 3:
        assert "SCREENER_OLD_KEYS away" not in killed_amid(installation, new)
        lives += 1
    between = installation.names()
    assert 0 < between[new] < PEOPLE
    code, said = installation.runs("keys", "rotate")
    assert code == 0
    assert f"{PEOPLE - between[new]} rows moved" in said
    assert "take SCREENER_OLD_KEYS away" in said
    assert installation.names() == {new: PEOPLE}
    assert "0 rows moved" in installation.runs("keys", "rotate")[1]


async def test_without_an_old_key_or_before_the_bot_has_the_new_one_nothing_is_rotated(
    installation: Installation,
) -> None:
    code, said = installation.runs("keys", "rotate")
    assert (code, "nothing to move" in said) == (1, True)


async def test_a_backup_is_made_checked_and_restored(installation: Installation) -> None:
    assert installation.runs("backup", "b") == (0, f"b: {PEOPLE} rows\n")
    assert installation.runs("backup", "b") == (1, "b: is there already\n")
    code, said = installation.runs("restore", "--check", "b")
    assert (code, said.startswith(f"b: {PEOPLE} rows of 20")) == (0, True)
    code, said = installation.runs("restore", "b")
    assert (code, "--force" in said) == (1, True)
    for path in installation.database.parent.glob("screener.db*"):
        path.unlink()
    assert installation.runs("restore", "b")[0] == 0
    assert installation.names() == {Vault(OLD.encode()).name: PEOPLE}
    assert installation.database.stat().st_mode & 0o077 == 0


async def test_a_backup_of_another_key_a_damaged_one_and_none_are_called_that(installation: Installation) -> None:
    assert installation.runs("backup", "b")[0] == 0
    damage(installation.folder / "b")
    assert installation.runs("restore", "--check", "b") == (1, "b was changed: nothing of it is used.\n")
    installation.variables["SECRET_KEY"] = NEW
    code, said = installation.runs("restore", "--check", "b")
    assert (code, "another key" in said) == (1, True)
    elsewhere = Installation(installation.folder, DATA_DIR="nowhere")
    code, said = elsewhere.runs("backup", "c")
    assert (code, "there is no database" in said) == (1, True)


def damage(path: Path) -> None:
    """Change the last bit of a file."""
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
