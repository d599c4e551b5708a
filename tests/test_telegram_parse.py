"""Whatever Telegram, or somebody who plays Telegram, sends: it becomes one of our updates, and never an error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telegram import Bot

from bot.messages import (
    Act,
    ChatId,
    GroupAsked,
    GroupMoved,
    Ignored,
    Incoming,
    MessageId,
    Ordered,
    Press,
    Said,
    Showed,
    Update,
)
from bot.telegram.parse import parsed

BOT = Bot("1000001:demo")
NUMBER = 700_000_001
PERSON: dict[str, Any] = {"id": 5_100_000_001, "is_bot": False, "first_name": "Somebody"}
PRIVATE: dict[str, Any] = {"id": 5_100_000_001, "type": "private", "first_name": "Somebody"}
GROUP: dict[str, Any] = {"id": -4_100_000_001, "type": "group", "title": "Coordination"}
FILE = {"file_id": "f", "file_unique_id": "u"}


def message(chat: dict[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1_700_000_000, "chat": chat, "from": PERSON, **fields}


def tap(data: object = "n0nce.3.1", **fields: Any) -> dict[str, Any]:
    given = {"id": "77", "from": PERSON, "chat_instance": "1", "data": data, "message": message(text="?"), **fields}
    return {"callback_query": given}


def read(**fields: Any) -> Update:
    return parsed({"update_id": NUMBER, **fields}, BOT)


def act(**fields: Any) -> Act:
    update = read(message=message(**fields))
    assert isinstance(update, Incoming)
    assert (update.update, update.chat, update.message) == (NUMBER, PRIVATE["id"], 7)
    return update.act


# ------------------------------------------------------------------------------------------ private chats


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/start", Ordered("start")),
        ("/start montreal-fr_clinic1", Ordered("start", "montreal-fr_clinic1")),
        ("/START", Ordered("start")),
        ("/help@care_ssc_bot", Ordered("help")),
        ("/withdraw  K7M-4P2-XW9 ", Ordered("withdraw", "K7M-4P2-XW9")),
        ("/withdraw\nK7M", Ordered("withdraw", "K7M")),
        ("  /stop  ", Ordered("stop")),
        ("/delete", Ordered("delete")),
        ("/stopped", Said("/stopped")),
        ("/unknown", Said("/unknown")),
        ("/", Said("/")),
        ("see /help", Said("see /help")),
        ("oui", Said("oui")),
        ("", Said("")),
        ("\x00\ud800", Said("\x00\ud800")),
        ("x" * 4096, Said("x" * 4096)),
    ],
)
def test_text_is_a_command_or_words(text: str, meant: Act) -> None:
    assert act(text=text) == meant


@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{**FILE, "width": 1, "height": 1}], "caption": "/delete"},
        {"voice": {**FILE, "duration": 1}},
        {"video_note": {**FILE, "length": 1, "duration": 1}},
        {"document": FILE, "caption": "yes"},
        {"sticker": {**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}},
        {"location": {"latitude": 0.0, "longitude": 0.0}},
        {"contact": {"phone_number": "1", "first_name": "x"}},
        {"dice": {"emoji": "🎲", "value": 1}},
        {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                  "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
                  "allows_revoting": True, "members_only": False}},
        {"a_kind_of_message_nobody_knows_yet": {"x": 1}},
    ],
    ids=lambda content: next(iter(content)),
)  # fmt: skip
def test_what_is_not_text_is_seen_as_such_and_its_caption_is_no_answer(content: dict[str, Any]) -> None:
    assert act(**content) == Showed()


# -------------------------------------------------------------------------------------------------- taps


def test_a_tap_on_a_button_of_ours_says_which() -> None:
    meant = Incoming(NUMBER, ChatId(PRIVATE["id"]), Press("77", "n0nce", 3, 1, MessageId(7)))
    assert read(**tap()) == meant


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "n0nce",
        "n0nce.3",
        "n0nce.3.1.1",
        "n0nce.3.1\n",
        " n0nce.3.1",
        "n0nce.-3.1",
        "n0nce.3.-1",
        "n0nce.+3.1",
        "n0nce.3.1e0",
        "n0nce.1_0.1",
        ".3.1",
        "n 0.3.1",
        "n0nce.٣.١",
        "n0nce.3.１",
        "nöncé.3.1",
        "n0nce.9999999999.1",
        "n0nce.3.1000",
        "n" * 33 + ".3.1",
        "x" * 65,
        "é" * 2_000,
        "n0nce\x00.3.1",
    ],
)
def test_forged_data_is_a_tap_on_no_button(data: str | None) -> None:
    assert read(**tap(data)) == Incoming(NUMBER, ChatId(PRIVATE["id"]), Press("77", on=MessageId(7)))


def test_a_tap_on_a_message_too_old_to_be_shown_to_us_counts() -> None:
    old = {"chat": PRIVATE, "message_id": 7, "date": 0}
    update = read(**tap(message=old))
    assert isinstance(update, Incoming)
    assert update.act == Press("77", "n0nce", 3, 1, MessageId(7))


@pytest.mark.parametrize(
    "changed",
    [{"message": None}, {"message": message(GROUP, text="?")}, {"message": None, "inline_message_id": "1"}],
    ids=["no message", "in a group", "inline"],
)
def test_a_tap_outside_a_private_chat_is_ignored(changed: dict[str, Any]) -> None:
    assert read(**tap(**changed)) == Ignored(NUMBER)


# ------------------------------------------------------------------------------------------------ groups


@pytest.mark.parametrize("text", ["/id", "/id@care_ssc_bot", "/ID", " /id "])
@pytest.mark.parametrize("kind", ["group", "supergroup"])
def test_a_group_may_ask_for_its_id(text: str, kind: str) -> None:
    assert read(message=message({**GROUP, "type": kind}, text=text)) == GroupAsked(NUMBER, ChatId(GROUP["id"]))


def test_a_group_that_becomes_a_supergroup_is_followed() -> None:
    moved = read(message=message(GROUP, migrate_to_chat_id=-1_004_100_000_001))
    assert moved == GroupMoved(NUMBER, ChatId(GROUP["id"]), ChatId(-1_004_100_000_001))


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "hello"},
        {"text": "/start"},
        {"text": "/delete"},
        {"photo": [{**FILE, "width": 1, "height": 1}], "caption": "/id"},
        {"migrate_from_chat_id": -5},
        {"new_chat_members": [PERSON]},
    ],
)
def test_whatever_else_is_said_in_a_group_is_ignored(fields: dict[str, Any]) -> None:
    assert read(message=message(GROUP, **fields)) == Ignored(NUMBER)


# ---------------------------------------------------------------------------------------- everything else

MEMBER = {"chat": PRIVATE, "from": PERSON, "date": 1, "old_chat_member": PERSON, "new_chat_member": PERSON}
KINDS: dict[str, dict[str, Any]] = {
    "edited_message": message(text="/delete", edit_date=1_700_000_001),
    "channel_post": message({"id": -1005, "type": "channel", "title": "c"}, text="/start"),
    "edited_channel_post": message({"id": -1005, "type": "channel", "title": "c"}, text="/start"),
    "inline_query": {"id": "1", "from": PERSON, "query": "x", "offset": ""},
    "chosen_inline_result": {"result_id": "1", "from": PERSON, "query": "x"},
    "poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False},
    "poll_answer": {"poll_id": "1", "user": PERSON, "option_ids": [0]},
    "my_chat_member": {**MEMBER, "new_chat_member": {"user": PERSON, "status": "kicked", "until_date": 0}},
    "chat_member": {**MEMBER, "chat": GROUP},
    "chat_join_request": {"chat": GROUP, "from": PERSON, "date": 1, "user_chat_id": 5},
    "message_reaction": {"chat": PRIVATE, "message_id": 1, "date": 1, "old_reaction": [], "new_reaction": []},
    "pre_checkout_query": {"id": "1", "from": PERSON, "currency": "EUR", "total_amount": 1, "invoice_payload": ""},
    "business_message": message(text="/start"),
    "a_kind_of_update_nobody_knows_yet": {"id": 1},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_other_kind_of_update_is_ignored(kind: str) -> None:
    assert read(**{kind: KINDS[kind]}) == Ignored(NUMBER)


def test_an_empty_update_and_a_message_in_a_channel_are_ignored() -> None:
    assert read() == Ignored(NUMBER)
    assert read(message=message({"id": -1005, "type": "channel", "title": "c"}, text="/start")) == Ignored(NUMBER)


@pytest.mark.parametrize("number", [None, "1", 1.0, True, [], {}, 2**63, -(2**63) - 1])
def test_an_update_without_a_proper_number_is_ignored(number: object) -> None:
    assert parsed({"update_id": number, "message": message(text="/start")}, BOT) == Ignored(-1)


@pytest.mark.parametrize("chat", [2**63, -(2**63) - 1, "5", 5.5, None, [], True])
def test_a_chat_with_an_impossible_id_is_ignored(chat: object) -> None:
    broken = {**PRIVATE, "id": chat}
    assert read(message=message(broken, text="/start")) == Ignored(NUMBER)
    assert read(**tap(message=message(broken, text="?"))) == Ignored(NUMBER)
    assert read(message=message({**GROUP, "id": chat}, text="/id")) == Ignored(NUMBER)
    assert read(message=message(GROUP, migrate_to_chat_id=chat)) == Ignored(NUMBER)


def test_the_largest_ids_there_can_be_come_through() -> None:
    chat = {**PRIVATE, "id": 2**52 - 1}
    update = parsed({"update_id": 2**31 - 1, "message": {**message(chat, text="x"), "message_id": 2**31 - 1}}, BOT)
    assert update == Incoming(2**31 - 1, ChatId(2**52 - 1), Said("x"), MessageId(2**31 - 1))


# ----------------------------------------------------------------------------------------------- garbage

GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PARTS: list[tuple[str, ...]] = [
    ("message",),
    *(("message", name) for name in (*message(), "text", "entities", "migrate_to_chat_id", "reply_markup", "photo")),
    ("message", "chat", "id"),
    ("message", "chat", "type"),
    ("callback_query",),
    *(("callback_query", name) for name in tap()["callback_query"]),
    ("callback_query", "message", "chat"),
    ("callback_query", "message", "message_id"),
]


def spoilt(update: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The update with this value at this place."""
    first, *rest = path
    inner = update.get(first)
    if not rest or not isinstance(inner, dict):
        return {**update, first: value}
    return {**update, first: spoilt(inner, tuple(rest), value)}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(PARTS), GARBAGE, st.sampled_from(["text", "/id"]))
def test_one_part_that_is_garbage_breaks_nothing(path: tuple[str, ...], value: object, text: str) -> None:
    whole = (
        tap() if path[0] == "callback_query" else {"message": message(GROUP if text == "/id" else PRIVATE, text=text)}
    )
    assert_sound(parsed(spoilt({"update_id": NUMBER, **whole}, path, value), BOT))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(["update_id", "message", "callback_query", *KINDS]), GARBAGE))
def test_an_update_that_is_all_garbage_breaks_nothing(raw: dict[str, Any]) -> None:
    assert_sound(parsed(raw, BOT))


def assert_sound(update: Update) -> None:
    """Numbers are numbers that a database can keep, texts are texts."""
    numbers = [update.update]
    if not isinstance(update, Ignored):
        numbers.append(update.chat)
    if isinstance(update, GroupMoved):
        numbers.append(update.to)
    if isinstance(update, Incoming):
        given = update.act
        numbers += [number for number in (update.message, given.on if isinstance(given, Press) else None) if number]
        texts = {Said: "text", Ordered: "argument", Press: "callback", Showed: "__doc__"}
        assert isinstance(getattr(given, texts[type(given)]), str)
    assert all(type(number) is int and -(2**63) <= number < 2**63 for number in numbers)
