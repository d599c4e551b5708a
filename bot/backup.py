"""A backup: everything that is kept, in one sealed file, for either kind of database and for later releases.

The file is a header (what it is, the name of its key, a salt) and pieces of at most 64 KiB, each sealed under its
number. Inside are JSON lines, compressed: what it is a copy of, then a row a line, then how many there were. Values
that were sealed in the database stay sealed as they are: a backup needs the keys it was made with.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from bot.store import Occupied
from bot.store.copying import NotEmpty, OfALaterRelease, refilling, snapshot
from bot.vault import HEADER_BYTES, TAG_BYTES, Stream, Unsealable, Vault

__all__ = ["BadBackup", "Contents", "NotEmpty", "Occupied", "OfALaterRelease", "back_up", "check", "restore"]

MAGIC = b"screener backup 1\n"
PIECE = 64 * 1024
LENGTH = struct.Struct(">I")
LAST = 1 << 31  # in the length of a piece; sealed with it too, so it cannot be forged
AT_ONCE = 500  # rows written in one statement

Bar = Callable[[int], AbstractContextManager[Callable[[int], object]]]


class BadBackup(Exception):
    """The file is no backup, was changed, or ends too early. Its text says which."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds."""

    at: datetime
    schema: str
    rows: int


# ------------------------------------------------------------------------------------------------ the file


class _Writer:
    """Lines of JSON into a sealed file."""

    def __init__(self, file: BinaryIO, vault: Vault) -> None:
        self._file = file
        self._stream = vault.new_stream()
        self._packed = zlib.compressobj(1)  # most of it is sealed, and cannot be made smaller
        self._waiting = bytearray()
        file.write(MAGIC + self._stream.header)

    def line(self, value: object) -> None:
        self._waiting += self._packed.compress(json.dumps(value, default=_written, ensure_ascii=False).encode() + b"\n")
        while len(self._waiting) > PIECE:
            self._piece(PIECE, last=False)

    def end(self) -> None:
        self._waiting += self._packed.flush()
        while len(self._waiting) > PIECE:
            self._piece(PIECE, last=False)
        self._piece(PIECE, last=True)

    def _piece(self, length: int, *, last: bool) -> None:
        sealed = self._stream.seal(bytes(self._waiting[:length]), last=last)
        del self._waiting[:length]
        self._file.write(LENGTH.pack(len(sealed) | (LAST if last else 0)) + sealed)


def _lines(file: BinaryIO, vault: Vault) -> Iterator[Any]:
    """The lines of a backup, each only once it is known to be genuine. Raises BadBackup, UnknownKey."""
    if file.read(len(MAGIC)) != MAGIC:
        raise BadBackup("is not a backup of this program")
    header = file.read(HEADER_BYTES)
    packed, rest = zlib.decompressobj(), b""
    for piece in _pieces(file, vault.stream(header)):
        *whole, rest = (rest + packed.decompress(piece)).split(b"\n")
        for line in whole:
            yield json.loads(line, object_hook=_read)


def _pieces(file: BinaryIO, stream: Stream) -> Iterator[bytes]:
    last = False
    while not last:
        length = file.read(LENGTH.size)
        if len(length) < LENGTH.size:
            raise BadBackup("ends too early")
        (number,) = LENGTH.unpack(length)
        last, size = bool(number & LAST), number & ~LAST
        if size > PIECE + TAG_BYTES:
            raise BadBackup("was changed")
        sealed = file.read(size)
        if len(sealed) < size:
            raise BadBackup("ends too early")
        try:
            yield stream.open(sealed, last=last)
        except Unsealable as error:
            raise BadBackup("was changed") from error
    if file.read(1):
        raise BadBackup("goes on after its end")


def _written(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(value).decode("ascii")}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    raise TypeError(type(value).__name__)


def _read(value: dict[str, Any]) -> Any:
    match value:
        case {"b": str(encoded)}:
            return base64.b64decode(encoded)
        case {"d": str(day)}:
            return date.fromisoformat(day)
    return value


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that stands there once the block has ended, or not at all; only this user may read it."""
    if os.path.lexists(path):
        raise FileExistsError(17, "is there already", str(path))
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    if os.name == "posix":  # the name must survive a power cut too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# ---------------------------------------------------------------------------------------- out of it and into it


async def back_up(database: str, vault: Vault, path: Path, bar: Bar, now: datetime | None = None) -> Contents:
    """Write everything that is kept to a sealed file, whole or not at all, while the bot goes on.

    Raises OSError, Unavailable, LookupError where there is nothing to back up.
    """
    at = now or datetime.now(UTC)
    with _whole_file(path) as file:
        async with snapshot(database) as kept:
            total = await kept.count()
            writer = _Writer(file, vault)
            writer.line({"schema": kept.schema, "at": at.isoformat(), "columns": kept.columns})
            with bar(total) as advance:
                async for table, rows in kept.rows():
                    for row in rows:
                        writer.line([table, *row])
                    advance(len(rows))
            writer.line({"rows": total})
        writer.end()
    return Contents(at, kept.schema, total)


async def restore(database: str, vault: Vault, path: Path, bar: Bar, *, force: bool = False) -> Contents:
    """Fill an empty database with a backup, and bring it up to date. Nothing has changed if this raises.

    Raises BadBackup, UnknownKey when it was made with another secret, NotEmpty (unless `force`), OfALaterRelease,
    OSError, Unavailable.
    """
    with path.open("rb") as file, bar(os.fstat(file.fileno()).st_size) as advance:
        lines, passed, number = _lines(file, vault), 0, 0
        first = next(lines)
        async with refilling(database, first["schema"], force=force) as filling:
            for table, rows in _pages(lines):
                await filling.add(table, first["columns"][table], rows)
                number += len(rows)
                advance(file.tell() - passed)
                passed = file.tell()
    return Contents(datetime.fromisoformat(first["at"]), first["schema"], number)


def check(vault: Vault, path: Path) -> Contents:
    """What a backup holds, once all of it was found genuine. Raises BadBackup, UnknownKey, OSError."""
    with path.open("rb") as file:
        lines = _lines(file, vault)
        first = next(lines)
        number = sum(1 for _ in _rows(lines))
    return Contents(datetime.fromisoformat(first["at"]), first["schema"], number)


def _pages(lines: Iterator[Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    """The rows of each table, some at a time."""
    for table, rows in groupby(_rows(lines), itemgetter(0)):
        while page := [values for _, *values in islice(rows, AT_ONCE)]:
            yield table, page


def _rows(lines: Iterator[Any]) -> Iterator[list[Any]]:
    """All rows, to the end of the file: only there it is known that none is missing."""
    number, said = 0, None
    for line in lines:
        if isinstance(line, dict):
            said = line["rows"]
        else:
            number += 1
            yield line
    if said != number:
        raise BadBackup("does not hold as many rows as it says")
