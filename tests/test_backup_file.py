"""The file of a backup: sealed, whole, and genuine to the last bit, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.backup import MAGIC as BEGINNING
from bot.backup import BadBackup, back_up, check
from bot.tables import chats
from bot.vault import HEADER_BYTES, UnknownKey, Vault
from tests.backups import VAULT, content, names_in, no_bar
from tests.postgres import SECRET, kept

pytest_plugins = ["tests.backups"]


# ------------------------------------------------------------------------------------------------- the file


def test_another_key_is_called_that(small: str, backup: Path) -> None:
    with pytest.raises(UnknownKey):
        check(Vault(b"?" * 40), backup)
    assert check(Vault(b"?" * 40, [SECRET]), backup).rows > 0


def test_every_bit_that_is_flipped_is_noticed(small: str, backup: Path) -> None:
    whole = backup.read_bytes()
    for at in range(len(whole)):
        backup.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        with pytest.raises((BadBackup, UnknownKey)):
            check(VAULT, backup)
    backup.write_bytes(whole)
    assert check(VAULT, backup).rows > 0


@pytest.fixture
async def long(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, list[bytes]]:
    """A backup of many pieces: its beginning, and the pieces."""
    monkeypatch.setattr("bot.backup.PIECE", 100)
    path = tmp_path / "long"
    await back_up(small, VAULT, path, no_bar)
    whole, at = content(path), len(BEGINNING) + HEADER_BYTES
    beginning, rest = whole[:at], whole[at:]
    pieces = []
    while rest:
        size = 4 + (int.from_bytes(rest[:4], "big") & 0x7FFFFFFF)
        pieces.append(rest[:size])
        rest = rest[size:]
    assert len(pieces) > 4
    return beginning, pieces


def test_a_piece_missing_moved_doubled_or_added_is_noticed(long: tuple[bytes, list[bytes]], backup: Path) -> None:
    beginning, pieces = long
    a, b, *others = pieces
    last_too_early = (int.from_bytes(b[:4], "big") | 1 << 31).to_bytes(4, "big") + b[4:]
    wrong = {
        "the first is missing": [b, *others],
        "one is missing": [a, *others],
        "the last is missing": pieces[:-1],
        "two are swapped": [b, a, *others],
        "one comes twice": [a, a, b, *others],
        "one is added": [*pieces, pieces[-1]],
        "it ends in the middle": [a, last_too_early],
        "nothing is left": [],
    }
    backup.write_bytes(b"".join([beginning, *pieces]))
    assert check(VAULT, backup).rows > 0
    for what, parts in wrong.items():
        backup.write_bytes(b"".join([beginning, *parts]))
        with pytest.raises(BadBackup):
            raise AssertionError(f"{what}, and nobody noticed: {check(VAULT, backup)}")


def test_cut_off_anywhere_it_is_refused(small: str, backup: Path) -> None:
    whole = backup.read_bytes()
    for length in range(0, len(whole), 7):
        backup.write_bytes(whole[:length])
        with pytest.raises((BadBackup, UnknownKey)):
            check(VAULT, backup)


def test_nobody_else_may_read_it_and_nothing_in_it_can_be_read(small: str, backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert b"chats" not in backup.read_bytes()
    assert not any(bytes(row["session"])[16:40] in backup.read_bytes() for row in kept(small, chats))


async def test_what_is_there_already_is_not_replaced(small: str, backup: Path) -> None:
    whole = content(backup)
    with pytest.raises(FileExistsError):
        await back_up(small, VAULT, backup, no_bar)
    assert content(backup) == whole


async def test_what_fails_halfway_leaves_nothing(small: str, tmp_path: Path) -> None:
    @contextmanager
    def full(_: int) -> Iterator[Callable[[int], object]]:
        def more(_: int) -> None:
            raise OSError(28, "No space left on device")

        yield more

    before = names_in(tmp_path)
    with pytest.raises(OSError, match="No space"):
        await back_up(small, VAULT, tmp_path / "another", full)
    assert names_in(tmp_path) == before


async def test_where_nothing_was_ever_kept_there_is_nothing_to_back_up(tmp_path: Path, backup: Path) -> None:
    with pytest.raises(LookupError):
        await back_up(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}", VAULT, backup, no_bar)
    assert backup.name not in names_in(tmp_path)


async def test_it_says_of_when_it_is(small: str, tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    await back_up(small, VAULT, tmp_path / "b", no_bar, at)
    assert check(VAULT, tmp_path / "b").at == at
