"""What must hold for whatever comes through Telegram's door: button data, commands, codes, updates of any shape."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import telegram

from bot.codes import near_codes, read_code, valid
from bot.messages import (
    AtDesk,
    Command,
    DeskCommand,
    DeskOrder,
    DeskPress,
    GroupAsked,
    GroupMoved,
    Ignored,
    Incoming,
    Ordered,
    Person,
    Press,
    Said,
    Showed,
    Update,
)
from bot.telegram.parse import LONGEST_NAME, parsed
from dialogs.conversation import pressed
from dialogs.screens import screen
from tests.dialogs_world import OPEN, PLAN
from tests.dialogs_world import Person as Somebody
from tests.fuzz.reader import OFTEN_ENOUGH, SLOW, WITHIN

BOT = telegram.Bot("1000001:fuzz")
NUMBER = 700_000_001
SOMEBODY: Mapping[str, Any] = {"id": 5_100_000_001, "is_bot": False, "first_name": "Somebody"}
PRIVATE: Mapping[str, Any] = {"id": 5_100_000_001, "type": "private", "first_name": "Somebody"}
GROUP: Mapping[str, Any] = {"id": -1_002_000_000_001, "type": "supergroup", "title": "Coordination"}
CHANNEL: Mapping[str, Any] = {"id": -1_002_000_000_002, "type": "channel", "title": "News"}
CHATS = (PRIVATE, GROUP, CHANNEL)
FILE: Mapping[str, Any] = {"file_id": "f", "file_unique_id": "u"}
HEADER = 2
MOST_NEAR = 40  # codes one slip away from nine characters, at most

SESSION = Somebody().starts().consents().session
assert SESSION is not None
SHOWN = screen(PLAN, OPEN, SESSION)
TURN = f"{SESSION.nonce}.{SESSION.turn}"


def message(chat: Mapping[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    """A message as the Bot API writes it."""
    return {"message_id": 7, "date": 1_700_000_000, "chat": dict(chat), "from": dict(SOMEBODY), **fields}


def tap(data: object, chat: Mapping[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    """A press of a button as the Bot API writes it."""
    of = {"id": "77", "from": dict(SOMEBODY), "chat_instance": "1", "data": data, "message": message(chat, text="?")}
    return {"update_id": NUMBER, "callback_query": {**of, **fields}}


def written(text: object, chat: Mapping[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    """A text as the Bot API writes it."""
    return {"update_id": NUMBER, "message": message(chat, text=text, **fields)}


# Every place in an update where a value of another kind can stand.
PATHS: tuple[tuple[str, ...], ...] = (
    ("update_id",),
    *(("message", name) for name in (*message(), "text", "entities", "caption", "photo", "reply_to_message")),
    *(("message", name) for name in ("migrate_to_chat_id", "sender_chat", "forward_origin", "via_bot", "quote")),
    *(("message", "chat", name) for name in ("id", "type", "title", "is_forum")),
    *(("message", "from", name) for name in ("id", "first_name", "is_bot", "language_code")),
    *(("callback_query", name) for name in tap("")["callback_query"]),
    *(("callback_query", "message", name) for name in message(text="?")),
    *(("callback_query", "message", "chat", name) for name in PRIVATE),
    *(("callback_query", "from", name) for name in SOMEBODY),
    *((name,) for name in ("message", "callback_query", "edited_message", "business_message", "my_chat_member")),
)


def spoilt(update: Mapping[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The update with this value at this place."""
    first, *rest = path
    inner = update.get(first)
    if not rest or not isinstance(inner, Mapping):
        return {**update, first: value}
    return {**update, first: spoilt(inner, tuple(rest), value)}


def update(data: bytes) -> dict[str, Any]:
    """The update these bytes of a fuzzer stand for: the first says what kind of one, the second where."""
    kind, where = data[:HEADER].ljust(HEADER, b"\0")
    rest = data[HEADER:].decode("utf-8", "surrogatepass" if kind & 128 else "replace") if _utf8(data) else ""
    chat = CHATS[where % len(CHATS)]
    match kind % 4:
        case 0:
            return tap(rest, chat)
        case 1:
            return written(rest, chat)
        case 2:
            whole = tap(TURN + ".0", chat) if where % 2 else written("/id", chat)
            return spoilt(whole, PATHS[where % len(PATHS)], _value(rest))
        case _:
            raw = _value(rest)
            return raw if isinstance(raw, dict) else {"update_id": raw}


def words() -> list[str]:
    """What updates are made of: names of fields, of kinds of chats, of commands and of buttons."""
    fields = {name for path in PATHS for name in path}
    kinds = {str(chat["type"]) for chat in CHATS} | {"group", "forum", "business_connection_id", "entities"}
    orders = {f"/{name}" for name in (*get_args(Command), *get_args(DeskCommand), "id")}
    buttons = {f"d.{verb}." for verb in ("claim", "close", "differs", "show", "pause", "invite", "remove", "send")}
    return sorted({f'"{name}"' for name in fields | kinds} | orders | buttons | {TURN + ".", "K7M4P2XW9", "@bot"})


def _utf8(data: bytes) -> bool:
    try:
        data[HEADER:].decode("utf-8", "surrogatepass" if data[:1] >= b"\x80" else "replace")
    except UnicodeDecodeError:
        return False
    return True


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def seeds() -> Iterator[bytes]:
    """Inputs to begin with: each kind of update as it should be, and every button and command of ours."""
    code = "K7M4P2XW9"
    data = [f"{TURN}.{index}" for index in range(len(SHOWN.options))]
    data += [f"d.{verb}.{code}.3" for verb in ("claim", "release", "contact", "closing", "card", "undo", "differs")]
    data += [f"d.close.{code}.3.declined", f"d.differs.{code}.3.cancer", f"d.show.{code}", "d.pause.montreal.full"]
    data += ["d.invite.montreal.lead", "d.remove.montreal." + "0" * 32, f"d.send.{code}.abcd1234", ".3.1", "n.٣.١", ""]
    texts = [f"/{name}" for name in (*get_args(Command), *get_args(DeskCommand), "id", "start@screener_bot x")]
    texts += [f"/withdraw {code}", f"/join {code}", f"/find {code} ", "yes", "\u202eoui\u2066", "/\n", "K7M-4P2-XW9"]
    for chat in range(len(CHATS)):
        yield from (bytes([0, chat]) + each.encode() for each in data)
        yield from (bytes([1, chat]) + each.encode() for each in texts)
    values = [
        "null",
        "true",
        "-1",
        "9223372036854775808",
        "1e400",
        '""',
        "[]",
        "{}",
        '{"id":5,"type":"private"}',
        "[[]]",
    ]
    yield from (bytes([2, place]) + each.encode() for place in range(len(PATHS)) for each in values)
    yield from (
        bytes([3, 0]) + json.dumps(each).encode() for each in (tap(TURN + ".0"), written("yes"), written("/id", GROUP))
    )


def broken(raw: dict[str, Any]) -> list[str]:
    """The promises that this update breaks, each in a few words; raises whatever the parser raises."""
    began = time.process_time()
    found = parsed(raw, BOT)
    took = time.process_time() - began
    wrong = [*_unsound(found), *_misplaced(raw, found), *_misread(raw, found)]
    if parsed(raw, BOT) != found:
        wrong.append("another update the second time")
    if took > WITHIN and not _quick(raw):
        wrong.append(SLOW)
    return wrong


def _quick(raw: dict[str, Any]) -> bool:
    for _ in range(OFTEN_ENOUGH):
        began = time.process_time()
        parsed(raw, BOT)
        if time.process_time() - began < WITHIN:
            return True
    return False


def _unsound(found: Update) -> Iterator[str]:
    """Numbers a database can keep, names that fit, texts that are texts."""
    numbers: list[object] = [found.update]
    match found:
        case Incoming(chat=chat, act=act, message=of):
            numbers += [chat, *([] if of is None else [of]), *(_press_numbers(act) if isinstance(act, Press) else [])]
            texts = {Said: "text", Ordered: "argument", Press: "callback", Showed: "__doc__"}
            if not isinstance(getattr(act, texts[type(act)]), str):
                yield "a text that is none"
        case AtDesk(chat=chat, person=person, message=of):
            numbers += [chat, person.id, *([] if of is None else [of])]
            if not isinstance(person, Person) or len(person.name) > LONGEST_NAME or "\n" in person.name:
                yield "a name that does not fit"
        case GroupMoved(chat=chat, to=to):
            numbers += [chat, to]
        case GroupAsked(chat=chat):
            numbers.append(chat)
        case Ignored():
            pass
    if not all(type(each) is int and -(2**63) <= each < 2**63 for each in numbers):
        yield "a number no database keeps"


def _press_numbers(press: Press) -> list[object]:
    return [press.turn, press.index, *([] if press.on is None else [press.on])]


def _misplaced(raw: Mapping[str, Any], found: Update) -> Iterator[str]:
    """Only what happens in a private chat is a person's; only /id is asked in a group that is nobody's."""
    kinds = {"message", "callback_query"} & raw.keys()
    if not kinds and not isinstance(found, Ignored):
        yield "something was made of an update of another kind"
    chat = _chat(raw)
    if isinstance(found, Incoming) and chat.get("type") != "private":
        yield "somebody's private word from another chat"
    if isinstance(found, AtDesk) and found.private != (chat.get("type") == "private"):
        yield "a desk that does not know where it is"
    if isinstance(found, GroupAsked | GroupMoved) and chat.get("type") not in ("group", "supergroup"):
        yield "a group that is none"
    if not isinstance(found, Ignored) and found.chat != chat.get("id"):
        yield "another chat"


def _chat(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    query = raw.get("callback_query")
    holder = query if isinstance(query, Mapping) else raw
    of = holder.get("message")
    chat = of.get("chat") if isinstance(of, Mapping) else None
    return chat if isinstance(chat, Mapping) else {}


def _misread(raw: Mapping[str, Any], found: Update) -> Iterator[str]:
    """Button data and commands are read to the letter, or not at all; a code is one of ours, or none."""
    query = raw.get("callback_query")
    data = query.get("data") if isinstance(query, Mapping) else None
    match found:
        case Incoming(act=Press(nonce=nonce, turn=turn, index=index)) if nonce:
            given = str(data).split(".")
            if [given[0], *map(int, given[1:])] != [nonce, turn, index] or not str(data).isascii():
                yield "button data read as something else"
            assert SESSION is not None
            answers = pressed(SHOWN, SESSION, nonce, turn, index) is not None
            ours = (nonce, turn) == (SESSION.nonce, SESSION.turn) and index < len(SHOWN.options)
            if answers != ours:
                yield "a press on a button that is not there"
        case Incoming(act=Press(turn=turn, index=index)) if (turn, index) != (-1, -1):
            yield "a press on a button of nobody"
        case AtDesk(act=DeskPress(verb=verb, about=about)) if ".".join(("d", verb, *about)) != data:
            yield "a button of the desk read as something else"
        case AtDesk(act=DeskOrder(command=command)) if command not in get_args(DeskCommand):
            yield "an unknown command of the desk"
        case Incoming(act=Ordered(command=command, argument=argument)):
            if command not in get_args(Command):
                yield "an unknown command"
            yield from _miscoded(argument)
        case Incoming(act=Said(text=text)):
            yield from _miscoded(text)


def _miscoded(text: str) -> Iterator[str]:
    code = read_code(text)
    if code is not None and (not valid(code) or read_code(code) != code):
        yield "a code that is none of ours"
    near = near_codes(text)
    if len(near) > MOST_NEAR or not all(valid(each) for each in near):
        yield "codes near it that are too many, or none of ours"
