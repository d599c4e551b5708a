"""Somebody who has a copy of the database and no key, knows Telegram ids, and knows how the program is made."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import sqlite3
import sys
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.messages import ChatId
from bot.vault import NAME_BYTES, NONCE_BYTES, Unsealable, Vault

# Keys somebody lazy could have taken, and constants anybody can read in the program.
GUESSES = (
    b"",
    b"0" * 32,
    b"secret",
    b"screener",
    b"screener" * 4,
    b"changeme" * 4,
    b"look up",
    b"seal",
    b"name",
    b"password" * 4,
)
HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
PLAIN = (b'"answers"', b'"choice"', b'"study"', b'"nonce"', b"diagnosis", b'"verdicts"', b'"state"', b"differs.")


@dataclass
class Attacker:
    """What they have, and what they find: one line for each thing they learn."""

    database: Path
    ids: Collection[int]
    words: Collection[str]
    found: list[str] = field(default_factory=list)

    def tries_everything(self) -> list[str]:
        """All attacks. What they learned."""
        self.looks_for_ids()
        self.looks_for_words()
        self.hashes_known_ids()
        self.unpacks_and_decodes()
        self.reuses_key_streams()
        self.guesses_secrets()
        return self.found

    @property
    def on_disk(self) -> bytes:
        """All there is on the disk: the file, and SQLite's log beside it."""
        return b"".join(path.read_bytes() for path in sorted(self.database.parent.glob(f"{self.database.name}*")))

    def blobs(self) -> Iterator[tuple[str, bytes]]:
        """Every binary value of every row, and where it is."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            cursor = connection.execute(f"SELECT * FROM {table}")
            names = [each[0] for each in cursor.description]
            for row in cursor:
                yield from (
                    (f"{table}.{name}", value)
                    for name, value in zip(names, row, strict=True)
                    if isinstance(value, bytes)
                )
        connection.close()

    def looks_for_ids(self) -> None:
        """A chat id as it may be written: digits, numbers of either order, or those encoded."""
        there = self.on_disk
        for chat in self.ids:
            for written in _written(chat):
                for name, form in _encoded(written):
                    if form in there:
                        self.found.append(f"chat {chat} as {name} {written!r}")

    def looks_for_words(self) -> None:
        """What people answered or are called, in the clear or encoded."""
        there = self.on_disk
        for word in self.words:
            for name, form in _encoded(word.encode()):
                if form in there:
                    self.found.append(f"the words {word!r} as {name}")

    def hashes_known_ids(self) -> None:
        """A dictionary of every known id under every hash anybody could compute without the key."""
        values = {value for _, value in self.blobs()}
        starts = {value[:16] for value in values} | {value[:8] for value in values}
        for chat, algorithm in itertools.product(self.ids, HASHES):
            for written in _written(chat):
                digests = [hashlib.new(algorithm, salt + written).digest() for salt in GUESSES]
                digests += [hashlib.new(algorithm, written + salt).digest() for salt in GUESSES]
                digests += [hmac.digest(key, written, algorithm) for key in GUESSES]
                if any(digest[:16] in starts for digest in digests):
                    self.found.append(f"chat {chat} by its {algorithm}")

    def unpacks_and_decodes(self) -> None:
        """Binary values that are only packed."""
        for where, value in self.blobs():
            for start in (0, NAME_BYTES, NAME_BYTES + NONCE_BYTES):
                plain = value[start:]
                with suppress(zlib.error):
                    plain = zlib.decompressobj().decompress(plain)
                if any(each in plain for each in PLAIN):
                    self.found.append(f"an answer in {where}")

    def reuses_key_streams(self) -> None:
        """Two values sealed with one nonce: the difference of the two is that of what was sealed."""
        nonces: dict[bytes, tuple[str, bytes]] = {}
        for where, value in self.blobs():
            nonce = value[: NAME_BYTES + NONCE_BYTES]
            if len(value) > NAME_BYTES + NONCE_BYTES + 16:
                before, same = nonces.setdefault(nonce, (where, value))
                if same != value:  # a copy of the very same value tells nothing
                    self.found.append(f"{where} is sealed like {before}")

    def guesses_secrets(self) -> None:
        """Secrets somebody lazy could have taken, on everything, whatever it may be bound to."""
        vaults = [Vault(secret) for secret in GUESSES if secret]
        values = list(self.blobs())
        keys = [value for where, value in values if where.endswith(".key")]
        for vault in vaults:
            if any(vault.key(ChatId(chat)) in keys for chat in self.ids):
                self.found.append("a chat by a guessed secret")
            for where, value in values:
                for bound in (
                    b"",
                    b"audit",
                    b"deed",
                    b"letter",
                    *(name + key for key in keys for name in (b"chat", b"session")),
                ):
                    with suppress(Unsealable):
                        self.found.append(f"{where} by a guessed secret: {vault.open(value, bound)!r}")


def _written(chat: int) -> list[bytes]:
    numbers = [chat.to_bytes(8, order, signed=True) for order in ("big", "little")]
    return [str(chat).encode(), *numbers, *(each.strip(b"\0").strip(b"\xff") for each in numbers)]


def _encoded(written: bytes) -> Iterator[tuple[str, bytes]]:
    yield "bytes", written
    yield "hex", written.hex().encode()
    yield "HEX", written.hex().upper().encode()
    if len(written) > 5:  # the end depends on what follows
        yield "base64", base64.b64encode(written[: len(written) // 3 * 3])


if __name__ == "__main__":
    _, file, *known = sys.argv
    for line in Attacker(Path(file), [int(each) for each in known], []).tries_everything():
        print(line)
