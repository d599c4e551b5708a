"""A database full of people in the middle of their screening: real sessions, sealed as the screener seals them."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.messages import ChatId
from bot.service import SESSION
from bot.store import Store
from bot.vault import Vault, read_secret
from dialogs.session import Session
from tests.bench.crowd import FIRST_CHAT
from tests.bench.screener import SECRET, screening

BATCH = 20_000
REMIND_AFTER = 24 * 3600
SEED = 1
FIRST_STORED = FIRST_CHAT + 100_000  # none of them is in the crowd: it begins anew among them
NONCE, TOUCHED = b"<nonce>", b"<touched>"
INSERT = (
    "insert into chats (key, address, session, wanted, shown, message, litter, touched, remind, over)"
    " values (?, ?, ?, ?, ?, ?, '', ?, ?, 0)"
)
Row = tuple[bytes, bytes, bytes, int, int, int, int, int]


def fill(folder: Path, number: int) -> float:
    """Make a database with this many open sessions in this folder. Returns bytes per session, indexes included.

    Rows come in the order people came in, so their keys are in no order, as in life.
    """
    folder.mkdir(mode=0o700)
    path = folder / "screener.db"
    asyncio.run(_prepare(f"sqlite+aiosqlite:///{path}"))
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("synchronous=OFF", "cache_size=-2000000"):
            connection.execute(f"PRAGMA {pragma}")
        empty = _used(connection)
        made = _rows(number)
        connection.execute("begin")
        for _ in range(0, number, BATCH):
            connection.executemany(INSERT, (row for _, row in zip(range(BATCH), made, strict=False)))
        connection.execute("commit")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return (_used(connection) - empty) / number
    finally:
        connection.close()


async def _prepare(url: str) -> None:
    store = Store(url)
    await store.prepare()
    await store.close()


def _used(connection: sqlite3.Connection) -> float:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return float((pages - free) * size)


def _rows(number: int) -> Iterator[Row]:
    chance, vault, now = random.Random(SEED), Vault(read_secret(SECRET.strip())), int(time.time())
    walked = [_written(tap.session) for tap in screening() if not tap.session.over]
    for place in range(number):
        chat = ChatId(FIRST_STORED + place)
        key, touched = vault.key(chat), now - chance.randrange(6 * 3600)
        turn, plain = chance.choice(walked)
        when = f"{datetime.fromtimestamp(touched, UTC):%Y-%m-%dT%H:%M:%S.123456Z}"
        plain = plain.replace(NONCE, f"{chance.getrandbits(32):08x}".encode()).replace(TOUCHED, when.encode())
        sealed = vault.seal(zlib.compress(plain), SESSION + key)
        yield key, vault.seal_chat(chat, key), sealed, turn, turn, 1_000 + place, touched, touched + REMIND_AFTER


def _written(session: Session) -> tuple[int, bytes]:
    """The turn of this session, and what is sealed of it, with places for what differs from person to person."""
    marked = session.model_dump(mode="json", exclude_defaults=True)
    marked |= {"nonce": NONCE.decode(), "touched": TOUCHED.decode()}
    return session.turn, json.dumps(marked, separators=(",", ":")).encode("utf-8")
