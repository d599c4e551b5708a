"""Formatted text: Telegram's HTML and entity lists, and what Telegram finds in plain text by itself."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.demo.wire import Json, JsonObject, bad, cut, units

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
KINDS = {*TAGS.values(), "expandable_blockquote", "text_mention", "bot_command", "url", "email", "mention"}
FOUND_BY_TELEGRAM = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"]+[^\s<>\".,;:!?)\]»]")),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?(?![\w/])")),
)
ESCAPES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
ESCAPE = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
ATTRIBUTE = re.compile(r"""\s*([a-zA-Z][\w-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
TAG_NAME = re.compile(r"[^\s>/]*")


@dataclass(frozen=True)
class Entity:
    """One stretch of formatting; offset and length in UTF-16 code units."""

    kind: str
    offset: int
    length: int
    detail: tuple[tuple[str, str], ...] = ()

    def json(self) -> JsonObject:
        """The entity as the Bot API shows it."""
        return {"type": self.kind, "offset": self.offset, "length": self.length, **dict(self.detail)}


@dataclass(frozen=True)
class Formatted:
    """A text and its entities, ordered as Telegram orders them."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True)
class _Open:
    name: str
    entity: str
    offset: int
    detail: tuple[tuple[str, str], ...]


def from_html(source: str) -> Formatted:
    """The text of Telegram's HTML; refuses what Telegram cannot parse, naming the byte offset as it does."""
    out: list[str] = []
    opened: list[_Open] = []
    entities: list[Entity] = []
    position = offset = 0
    while position < len(source):
        if source[position] == "<":
            closing = source.startswith("</", position)
            step = _close if closing else _open
            position = step(source, position, offset, opened, entities)
            continue
        piece, position = _character(source, position)
        out.append(piece)
        offset += units(piece)
    if opened:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{opened[-1].name}"')
    return Formatted("".join(out), tuple(sorted(entities, key=lambda one: (one.offset, -one.length))))


def from_json(text: str, given: Json) -> Formatted:
    """The text with an explicit list of entities; refuses unknown kinds and stretches outside the text."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise bad("can't parse entities: expected an Array")
    length = units(text)
    return Formatted(text, tuple(_entity(one, length) for one in given))


def with_found(formatted: Formatted) -> Formatted:
    """The text with what Telegram's servers recognise by themselves: links, addresses, /commands."""
    taken = [(one.offset, one.offset + one.length) for one in formatted.entities if one.kind != "blockquote"]
    found = list(formatted.entities)
    for kind, pattern in FOUND_BY_TELEGRAM:
        for match in pattern.finditer(formatted.text):
            start, length = units(formatted.text[: match.start()]), units(match.group())
            if all(start + length <= left or start >= right for left, right in taken):
                found.append(Entity(kind, start, length))
                taken.append((start, start + length))
    return Formatted(formatted.text, tuple(sorted(found, key=lambda one: (one.offset, -one.length))))


def trimmed(formatted: Formatted) -> Formatted:
    """The text without white space at its ends, which Telegram removes."""
    lead = units(formatted.text) - units(formatted.text.lstrip())
    text = formatted.text.strip()
    end = units(text)
    moved = (_clipped(one, lead, end) for one in formatted.entities)
    return Formatted(text, tuple(one for one in moved if one.length > 0))


def _clipped(entity: Entity, lead: int, end: int) -> Entity:
    start = max(0, entity.offset - lead)
    stop = min(end, entity.offset + entity.length - lead)
    return replace(entity, offset=start, length=stop - start)


def _character(source: str, position: int) -> tuple[str, int]:
    if source[position] != "&":
        return source[position], position + 1
    match = ESCAPE.match(source, position)
    if match is None:
        return "&", position + 1
    decimal, hexadecimal, name = match.groups()
    if name:
        return ESCAPES[name], match.end()
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return (chr(code), match.end()) if 0 < code < 0x110000 else ("&", position + 1)


def _open(source: str, position: int, offset: int, opened: list[_Open], _done: list[Entity]) -> int:
    where = len(source[:position].encode())
    named = TAG_NAME.match(source, position + 1)
    name = named.group().lower() if named else ""
    end = source.find(">", position)
    if end < 0:
        raise _unparsable(f"Unclosed start tag at byte offset {where}")
    if name not in TAGS:
        raise _unparsable(f'Unsupported start tag "{name}" at byte offset {where}')
    attributes = _attributes(source[position + 1 + len(name) : end], name, where)
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
    opened.append(_Open(name, _kind(name, attributes), offset, _detail(name, attributes)))
    return end + 1


def _close(source: str, position: int, offset: int, opened: list[_Open], done: list[Entity]) -> int:
    where = len(source[:position].encode())
    end = source.find(">", position)
    if not opened:
        raise _unparsable(f"Unexpected end tag at byte offset {where}")
    if end < 0:
        raise _unparsable(f"Unclosed end tag at byte offset {where}")
    name = source[position + 2 : end].strip().lower()
    start = opened.pop()
    if name not in ("", start.name):
        raise _unparsable(f'Unmatched end tag at byte offset {where}, expected "</{start.name}>", found "</{name}>"')
    link_without_address = start.entity == "text_link" and not start.detail
    if offset > start.offset and not link_without_address:
        done.append(Entity(start.entity, start.offset, offset - start.offset, start.detail))
    return end + 1


def _attributes(source: str, tag: str, where: int) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while source[position:].strip(" /\n\t"):
        match = ATTRIBUTE.match(source, position)
        if match is None:
            raise _unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
        name, value = match.groups()
        found[name.lower()] = _unescaped((value or "").strip("\"'"))
        position = match.end()
    return found


def _unescaped(value: str) -> str:
    return ESCAPE.sub(lambda match: _character(match.group(), 0)[0], value)


def _kind(tag: str, attributes: dict[str, str]) -> str:
    return "expandable_blockquote" if tag == "blockquote" and "expandable" in attributes else TAGS[tag]


def _detail(tag: str, attributes: dict[str, str]) -> tuple[tuple[str, str], ...]:
    if tag == "a" and attributes.get("href"):
        return (("url", attributes["href"]),)
    if tag == "tg-emoji":
        return (("custom_emoji_id", attributes.get("emoji-id", "")),)
    if tag == "code" and attributes.get("class", "").startswith("language-"):
        return (("language", attributes["class"].removeprefix("language-")),)
    return ()


def _entity(given: Json, length: int) -> Entity:
    if not isinstance(given, dict):
        raise bad("can't parse entities: expected an Object")
    kind, start, size = given.get("type"), given.get("offset"), given.get("length")
    if not isinstance(kind, str) or kind not in KINDS:
        raise bad(f'can\'t parse entities: unsupported type "{kind}"')
    if not isinstance(start, int) or not isinstance(size, int) or start < 0 or size < 0:
        raise bad(f"can't parse entities: invalid offset or length of {kind}")
    if start + size > length:
        raise bad(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {start + size}"
        )
    detail = tuple((key, value) for key, value in given.items() if isinstance(value, str) and key != "type")
    return Entity(kind, start, size, detail)


def _unparsable(reason: str) -> Exception:
    return bad(f"can't parse entities: {reason}")


def parts(formatted: Formatted) -> list[tuple[str, tuple[Entity, ...]]]:
    """The text cut wherever formatting begins or ends, each part with what applies to it, for display."""
    edges = {0, units(formatted.text)}
    for one in formatted.entities:
        edges |= {one.offset, one.offset + one.length}
    marks = sorted(edges)
    return [
        (cut(formatted.text, left, right - left), _over(formatted.entities, left, right))
        for left, right in itertools.pairwise(marks)
    ]


def _over(entities: Sequence[Entity], left: int, right: int) -> tuple[Entity, ...]:
    return tuple(one for one in entities if one.offset <= left and one.offset + one.length >= right)
