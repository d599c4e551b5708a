"""What Telegram would reject, the stand-in rejects in the same words, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from bot.demo.handles import Phone
from bot.demo.standin import StandIn
from tests.bare_bot import BareBot

UNCHANGED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as opened:
        yield opened


@pytest.fixture
def api(standin: StandIn, client: httpx.Client) -> BareBot:
    return BareBot(standin, client)


@pytest.fixture
def phone(standin: StandIn) -> Phone:
    started = standin.participant()
    started.starts()
    return started


def keyboard(**button: object) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "Yes", **button}]]}


def test_a_wrong_token_is_unauthorized(standin: StandIn, client: httpx.Client) -> None:
    answer = client.get(f"{standin.url}/bot1:wrong/getMe")
    assert answer.status_code == 401
    assert answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


def test_an_unknown_method_is_not_found(standin: StandIn, client: httpx.Client) -> None:
    answer = client.get(f"{standin.url}/bot{standin.token}/getMoney")
    assert answer.status_code == 404
    assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


@pytest.mark.parametrize("host", ["demo.example.org", "127.0.0.1.example.org:80", ""])
def test_a_foreign_host_name_is_refused(standin: StandIn, client: httpx.Client, host: str) -> None:
    for path in ("/", "/demo/events", f"/bot{standin.token}/getMe"):
        assert client.get(standin.url + path, headers={"Host": host}).status_code == 403


def test_every_form_of_parameters_is_understood(standin: StandIn, client: httpx.Client, phone: Phone) -> None:
    url = f"{standin.url}/bot{standin.token}/sendMessage"
    markup = json.dumps(keyboard(callback_data="a"))
    given = {"chat_id": str(phone.chat_id), "text": "é & 👋", "reply_markup": markup}
    answers = [
        client.get(url, params=given),
        client.post(url, data=given),
        client.post(url, json=given),
        client.post(url, data=given, files={"unused": b"\r\n--"}),
    ]
    assert [one.json()["result"]["text"] for one in answers] == ["é & 👋"] * 4
    assert all(one.json()["result"]["reply_markup"] == keyboard(callback_data="a") for one in answers)


@pytest.mark.parametrize(
    ("text", "extra", "said"),
    [
        ("", {}, "Bad Request: message text is empty"),
        (" \n", {}, "Bad Request: message text is empty"),
        ("<b> </b>", {"parse_mode": "HTML"}, "Bad Request: message text is empty"),
        ("a" * 4097, {}, "Bad Request: message is too long"),
        ("👋" * 2049, {}, "Bad Request: message is too long"),
        (
            "<b>a",
            {"parse_mode": "HTML"},
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "é<h1>a</h1>",
            {"parse_mode": "HTML"},
            'Bad Request: can\'t parse entities: Unsupported start tag "h1" at byte offset 2',
        ),
        (
            "a < b",
            {"parse_mode": "HTML"},
            "Bad Request: can't parse entities: Unclosed start tag at byte offset 2",
        ),
        (
            "<b>a</i>",
            {"parse_mode": "html"},
            'Bad Request: can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("a", {"parse_mode": "Word"}, "Bad Request: unsupported parse_mode"),
        (
            "a",
            {"entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "Bad Request: entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
        ),
    ],
)
def test_a_text_telegram_would_refuse_is_refused(
    api: BareBot, phone: Phone, text: str, extra: dict[str, object], said: str
) -> None:
    assert api.refusal("sendMessage", chat_id=phone.chat_id, text=text, **extra) == said
    assert phone.from_bot == []


@pytest.mark.parametrize("text", ["a" * 4096, "👋" * 2048, "<b>" + "a" * 4096 + "</b>"])
def test_a_text_of_the_greatest_length_is_accepted(api: BareBot, phone: Phone, text: str) -> None:
    sent = api.result("sendMessage", chat_id=phone.chat_id, text=text, parse_mode="HTML")
    assert len(sent["text"].encode("utf-16-le")) == 4096 * 2


def test_html_becomes_text_with_entities_counted_in_utf_16(api: BareBot, phone: Phone) -> None:
    html = '👋 <b>Bold <i>both</i></b> &lt;3 &amp; <a href="https://example.org/?a=1&amp;b=2">link</a> /privacy'
    sent = api.result("sendMessage", chat_id=phone.chat_id, text=html, parse_mode="HTML")
    assert sent["text"] == "👋 Bold both <3 & link /privacy"
    assert sent["entities"] == [
        {"type": "bold", "offset": 3, "length": 9},
        {"type": "italic", "offset": 8, "length": 4},
        {"type": "text_link", "offset": 18, "length": 4, "url": "https://example.org/?a=1&b=2"},
        {"type": "bot_command", "offset": 23, "length": 8},
    ]


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ({"callback_data": ""}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"callback_data": "é" * 33}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"copy_text": {"text": ""}}, "Bad Request: BUTTON_COPY_TEXT_INVALID"),
        ({"copy_text": {"text": "a" * 257}}, "Bad Request: BUTTON_COPY_TEXT_INVALID"),
        ({"url": "nowhere"}, "Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
        (
            {},
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": " ", "callback_data": "a"},
            "Bad Request: can't parse inline keyboard button: Text is empty",
        ),
        (
            {"callback_data": "a", "url": "https://example.org"},
            "Bad Request: can't parse inline keyboard button: Exactly one action is allowed, found callback_data, url",
        ),
    ],
)
def test_a_button_telegram_would_refuse_is_refused(
    api: BareBot, phone: Phone, button: dict[str, object], said: str
) -> None:
    markup = keyboard(**button)
    assert api.refusal("sendMessage", chat_id=phone.chat_id, text="a", reply_markup=markup) == said


def test_an_edit_replaces_the_message_and_counts(api: BareBot, phone: Phone) -> None:
    sent = api.result("sendMessage", chat_id=phone.chat_id, text="one", reply_markup=keyboard(callback_data="a"))
    where = {"chat_id": phone.chat_id, "message_id": sent["message_id"]}
    edited = api.result("editMessageText", **where, text="two")
    assert "reply_markup" not in edited
    assert (phone.last.text, phone.last.labels, phone.last.edits) == ("two", [], 1)
    assert api.refusal("editMessageText", **where, text=" two ") == UNCHANGED
    assert api.refusal("editMessageReplyMarkup", **where) == UNCHANGED
    api.result("editMessageReplyMarkup", **where, reply_markup=keyboard(callback_data="b"))
    assert api.refusal("editMessageText", **where, text="a" * 4097) == "Bad Request: MESSAGE_TOO_LONG"
    assert phone.last.edits == 2


def test_what_is_not_there_or_not_the_bots_cannot_be_edited(api: BareBot, phone: Phone) -> None:
    own = phone.messages[0].id
    edit = {"chat_id": phone.chat_id, "text": "a"}
    assert api.refusal("editMessageText", **edit, message_id=own) == "Bad Request: message can't be edited"
    assert api.refusal("editMessageText", **edit, message_id=9**9) == "Bad Request: message to edit not found"


def test_messages_can_be_deleted_for_48_hours_on_both_sides(api: BareBot, standin: StandIn, phone: Phone) -> None:
    incoming, old = phone.messages[0], api.result("sendMessage", chat_id=phone.chat_id, text="old")
    where = {"chat_id": phone.chat_id}
    assert api.result("deleteMessage", **where, message_id=incoming.id) is True
    assert api.refusal("deleteMessage", **where, message_id=incoming.id) == "Bad Request: message to delete not found"
    standin.passes(hours=49)
    said = api.refusal("deleteMessage", **where, message_id=old["message_id"])
    assert said == "Bad Request: message can't be deleted for everyone"
    new = api.result("sendMessage", chat_id=phone.chat_id, text="new")
    assert api.result("deleteMessages", **where, message_ids=[new["message_id"], 9**9]) is True
    assert [one.text for one in phone.messages] == ["old"]


def test_a_tap_is_answered_once_and_in_time(api: BareBot, standin: StandIn, phone: Phone) -> None:
    api.result("sendMessage", chat_id=phone.chat_id, text="a", reply_markup=keyboard(callback_data="a"))
    tap = phone.taps("Yes")
    said = api.refusal("answerCallbackQuery", callback_query_id=tap.id, text="a" * 201)
    assert said == "Bad Request: MESSAGE_TOO_LONG"
    assert api.result("answerCallbackQuery", callback_query_id=tap.id, text="Noted") is True
    assert phone.sees_toast("Noted").alert is False
    assert api.refusal("answerCallbackQuery", callback_query_id=tap.id) == TOO_OLD
    late = phone.taps("Yes")
    standin.expires_taps()
    assert api.refusal("answerCallbackQuery", callback_query_id=late.id) == TOO_OLD


def test_the_bot_cannot_write_first_nor_to_strangers_nor_when_blocked(api: BareBot, standin: StandIn) -> None:
    phone = standin.participant()
    assert api.refusal("sendMessage", chat_id=phone.chat_id, text="a") == "Bad Request: chat not found"
    coordinator = standin.group("paris").person_id
    said = api.refusal("sendMessage", chat_id=coordinator, text="a")
    assert said == "Forbidden: bot can't initiate conversation with a user"
    assert api.refusal("sendMessage", chat_id=12, text="a") == "Bad Request: chat not found"
    assert api.refusal("sendMessage", text="a") == "Bad Request: chat_id is empty"
    phone.starts()
    phone.blocks()
    blocked = api.answer("sendMessage", chat_id=phone.chat_id, text="a")
    assert (blocked["error_code"], blocked["description"]) == (403, "Forbidden: bot was blocked by the user")
    phone.starts()
    assert api.result("sendMessage", chat_id=phone.chat_id, text="a")["text"] == "a"


def test_a_group_can_throw_the_bot_out_and_can_move(api: BareBot) -> None:
    with StandIn() as own:
        api = BareBot(own, httpx.Client())
        group = own.group("paris")
        group.kicks_bot()
        said = api.refusal("sendMessage", chat_id=group.chat_id, text="a")
        assert said == "Forbidden: bot was kicked from the group chat"
        group.invites_bot()
        old = group.chat_id
        group.becomes_supergroup(-1009000000001)
        assert api.answer("sendMessage", chat_id=old, text="a") == {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": -1009000000001},
        }
        api.result("sendMessage", chat_id=group.chat_id, text="here")
        assert group.sees("here").chat == -1009000000001
        assert api.result("leaveChat", chat_id=group.chat_id) is True
        said = api.refusal("sendMessage", chat_id=group.chat_id, text="a")
        assert said == "Forbidden: bot is not a member of the supergroup chat"
