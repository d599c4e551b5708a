"""Pictures as Telegram takes them: what it refuses, and the sizes it keeps."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.wire import JsonObject, bad

LARGEST = 10 * 1024 * 1024
LONGEST_SIDES = 10_000
FLATTEST = 20
# Telegram keeps a picture in several sizes, none of them larger than this on either side.
SIDES = (90, 320, 800, 1280)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNK = struct.Struct(">I4s")


@dataclass(frozen=True)
class Picture:
    """A picture that was sent: its bytes, and its size in pixels. `id` is the same for the same bytes."""

    id: str
    content: bytes
    width: int
    height: int

    def sizes(self) -> list[JsonObject]:
        """The list of `PhotoSize`, the largest last."""
        longest = min(max(self.width, self.height), SIDES[-1])
        return [self._size(side) for side in (*(one for one in SIDES if one < longest), longest)]

    def _size(self, side: int) -> JsonObject:
        scale = side / max(self.width, self.height)
        width, height = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        return {
            "file_id": f"{self.id}-{side}",
            "file_unique_id": f"{self.id[:16]}{side}",
            "width": width,
            "height": height,
            "file_size": max(1, int(len(self.content) * min(1.0, scale))),
        }


def read_picture(content: bytes) -> Picture:
    """The picture in these bytes; refuses in Telegram's words what it cannot show.

    Only PNG is understood: this bot sends nothing else, and nothing here should come to depend on more.
    """
    if not content:
        raise bad("file must be non-empty")
    if len(content) > LARGEST:
        raise bad(f"file of size {len(content)} bytes is too big for a photo; the maximum size is {LARGEST} bytes")
    width, height = _size_of(content)
    if width + height > LONGEST_SIDES or max(width, height) > FLATTEST * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return Picture(hashlib.sha256(content).hexdigest()[:32], content, width, height)


def _size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG that is whole and can be unpacked."""
    chunks = list(_chunks(content))
    kinds = [kind for kind, _ in chunks]
    if not kinds or kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or len(chunks[0][1]) != 13:
        raise _unreadable()
    width, height = struct.unpack(">II", chunks[0][1][:8])
    try:
        pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    except zlib.error as error:
        raise _unreadable() from error
    if not (width and height and pixels):
        raise _unreadable()
    return width, height


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not content.startswith(SIGNATURE):
        raise _unreadable()
    position = len(SIGNATURE)
    while position < len(content):
        if position + CHUNK.size > len(content):
            raise _unreadable()
        length, kind = CHUNK.unpack_from(content, position)
        end = position + CHUNK.size + length
        if content[end : end + 4] != struct.pack(">I", zlib.crc32(content[position + 4 : end])):
            raise _unreadable()
        yield kind, content[position + CHUNK.size : end]
        position = end + 4


def _unreadable() -> Exception:
    return bad("IMAGE_PROCESS_FAILED")
