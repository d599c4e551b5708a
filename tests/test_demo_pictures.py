"""What Telegram takes for a picture, and what it refuses, over real HTTP."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.demo.handles import Group
from bot.demo.standin import StandIn


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, weight: int = 0) -> bytes:
    """A black picture; `weight` bytes of remarks make the file heavier."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1 + (width + 7) // 8) * height)
    remark = chunk(b"tEXt", b"Comment\0" + bytes(weight))
    parts = (chunk(b"IHDR", header), remark, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


HEAVY = png(9, 9, weight=10 * 1024 * 1024)


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def group(standin: StandIn) -> Group:
    return standin.group("montreal")


def send(standin: StandIn, chat: int, method: str = "sendPhoto", **given: Any) -> dict[str, Any]:
    files = {name: ("statistics.png", value) for name, value in given.items() if isinstance(value, bytes)}
    fields = {name: value for name, value in given.items() if name not in files}
    url = f"{standin.url}/bot{standin.token}/{method}"
    body: dict[str, Any] = httpx.post(url, data={"chat_id": chat, **fields}, files=files, timeout=10).json()
    return body


def test_a_picture_is_kept_in_several_sizes_and_shown_as_it_was_sent(standin: StandIn, group: Group) -> None:
    content = png(900, 1800)
    sent = send(standin, group.chat_id, photo=content, caption="<b>July</b>", parse_mode="HTML")["result"]
    assert sent["caption"] == "July"
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    assert [(size["width"], size["height"]) for size in sent["photo"]] == [
        (45, 90),
        (160, 320),
        (400, 800),
        (640, 1280),
    ]
    shown = group.last.picture
    assert shown is not None
    assert (shown.width, shown.height, shown.content) == (900, 1800, content)
    served = httpx.get(f"{standin.url}/demo/pictures/{shown.id}")
    assert (served.content, served.headers["content-type"]) == (content, "image/png")


def test_a_picture_can_be_sent_again_by_its_id(standin: StandIn, group: Group) -> None:
    first = send(standin, group.chat_id, photo=png(20, 20))["result"]["photo"][-1]["file_id"]
    assert send(standin, group.chat_id, photo=first)["result"]["photo"][-1]["file_id"] == first
    for unknown in ("an-id", "https://example.org/a.png"):
        refused = send(standin, group.chat_id, photo=unknown)
        assert refused["description"] == "Bad Request: wrong file identifier/HTTP URL specified"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file must be non-empty"),
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (png(90, 90)[:-20], "IMAGE_PROCESS_FAILED"),
        (png(90, 90).replace(b"IDAT", b"IDAX"), "IMAGE_PROCESS_FAILED"),
        (png(5001, 5000), "PHOTO_INVALID_DIMENSIONS"),
        (png(2001, 100), "PHOTO_INVALID_DIMENSIONS"),
        (HEAVY, f"file of size {len(HEAVY)} bytes is too big for a photo; the maximum size is 10485760 bytes"),
    ],
    ids=["empty", "text", "cut", "broken", "large", "flat", "heavy"],
)
def test_a_picture_telegram_would_refuse_is_refused(standin: StandIn, group: Group, content: bytes, said: str) -> None:
    before = len(group.messages)
    assert send(standin, group.chat_id, photo=content)["description"] == f"Bad Request: {said}"
    assert len(group.messages) == before


@pytest.mark.parametrize("content", [png(5000, 5000), png(2000, 100), png(1, 1)], ids=["large", "flat", "small"])
def test_a_picture_at_the_limit_is_accepted(standin: StandIn, group: Group, content: bytes) -> None:
    assert send(standin, group.chat_id, photo=content, caption="👋" * 512)["ok"]


def test_captions_have_a_limit_and_pictures_have_no_text_to_edit(standin: StandIn, group: Group) -> None:
    too_long = send(standin, group.chat_id, photo=png(9, 9), caption="a" * 1025)
    assert too_long["description"] == "Bad Request: message caption is too long"
    assert send(standin, group.chat_id)["description"] == "Bad Request: there is no photo in the request"
    sent = send(standin, group.chat_id, photo=png(9, 9))["result"]
    edited = send(standin, group.chat_id, "editMessageText", message_id=str(sent["message_id"]), text="a")
    assert edited["description"] == "Bad Request: there is no text in the message to edit"
    assert send(standin, group.chat_id, "deleteMessage", message_id=str(sent["message_id"]))["result"] is True


def test_a_document_can_be_saved_from_the_page_as_it_was_sent(standin: StandIn, group: Group) -> None:
    content = "code,place\nÀ\n".encode()
    sent = send(standin, group.chat_id, "sendDocument", document=content)["result"]["document"]
    served = httpx.get(f"{standin.url}/demo/files/{sent['file_unique_id']}")
    assert (served.content, served.headers["content-type"]) == (content, "application/octet-stream")
    assert served.headers["content-disposition"].startswith("attachment;")
    assert httpx.get(f"{standin.url}/demo/files/nonsense").status_code == 404


def test_a_document_must_hold_something(standin: StandIn, group: Group) -> None:
    assert send(standin, group.chat_id, "sendDocument", document=b"")["description"] == (
        "Bad Request: file must be non-empty"
    )
    assert send(standin, group.chat_id, "sendDocument", document=b"a,b")["result"]["document"]["file_size"] == 3
