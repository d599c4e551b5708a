"""The methods that show something to people: send, edit, delete, answer a tap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.demo import shapes
from bot.demo.chats import TAP_LIFETIME, Chat, Message, MessageKind, Telegram
from bot.demo.entities import Formatted, from_html, from_json, trimmed, with_found
from bot.demo.keyboards import Rows, inline_rows
from bot.demo.params import Params
from bot.demo.pictures import Picture
from bot.demo.wire import Json, JsonObject, bad, units

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
DELETABLE_FOR = 48 * 3600
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
TYPING_SHOWN_FOR = 5
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def send_message(telegram: Telegram, params: Params) -> Json:
    """sendMessage"""
    body = _text(params, "text", TEXT_LIMIT, "message is too long")
    if not body.text:
        raise bad("message text is empty")
    return sent(telegram, params, body, "text", {})


def edit_message_text(telegram: Telegram, params: Params) -> Json:
    """editMessageText"""
    chat, old = _own(telegram, params)
    body = _text(params, "text", TEXT_LIMIT, "MESSAGE_TOO_LONG")
    if not body.text:
        raise bad("message text is empty")
    if old.kind != "text":
        raise bad("there is no text in the message to edit")
    preview = _preview(params)
    return _edited(telegram, chat, old, replace(old, body=body, rows=_rows(params), preview=preview))


def edit_message_reply_markup(telegram: Telegram, params: Params) -> Json:
    """editMessageReplyMarkup"""
    chat, old = _own(telegram, params)
    return _edited(telegram, chat, old, replace(old, rows=_rows(params)))


def delete_message(telegram: Telegram, params: Params) -> Json:
    """deleteMessage"""
    chat = _chat(telegram, params)
    message = chat.messages.get(params.integer("message_id"))
    if message is None or message.deleted:
        raise bad("message to delete not found")
    _delete(telegram, chat, message)
    return True


def delete_messages(telegram: Telegram, params: Params) -> Json:
    """deleteMessages: those that are not found are skipped"""
    chat = _chat(telegram, params)
    numbers = params.json("message_ids")
    if not isinstance(numbers, Sequence) or isinstance(numbers, str) or not 1 <= len(numbers) <= 100:
        raise bad("message identifiers are not specified")
    found = [chat.messages.get(one) for one in numbers if isinstance(one, int)]
    for message in found:
        if message is not None and not message.deleted:
            _delete(telegram, chat, message)
    return True


def answer_callback_query(telegram: Telegram, params: Params) -> Json:
    """answerCallbackQuery"""
    query = params.text("callback_query_id")
    text = params.text("text")
    if units(text) > TOAST_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    chat = next((one for one in telegram.chats.values() if query in one.taps), None)
    if chat is None or telegram.now() - chat.taps[query].at > TAP_LIFETIME:
        raise bad(TOO_OLD)
    tap = chat.taps.pop(query)
    if text:
        telegram.toast(chat, tap.person, text, params.flag("show_alert"))
    telegram.touch(chat)
    return True


def send_chat_action(telegram: Telegram, params: Params) -> Json:
    """sendChatAction"""
    chat = _chat(telegram, params)
    if params.text("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat.typing_until = telegram.now() + TYPING_SHOWN_FOR
    telegram.touch(chat)
    return True


def sent(
    telegram: Telegram,
    params: Params,
    body: Formatted,
    kind: MessageKind,
    media: JsonObject,
    picture: Picture | None = None,
) -> JsonObject:
    """A new message of the bot, as the Bot API shows it; with what all messages can have (buttons, a reply)."""
    chat = _chat(telegram, params)
    if params.integer("message_thread_id"):
        raise bad("message thread not found")
    message = Message(
        0,
        chat.id,
        telegram.bot,
        0.0,
        body,
        rows=_rows(params),
        kind=kind,
        media=media,
        picture=picture,
        reply_to=_replied(chat, params),
        protected=params.flag("protect_content"),
        silent=params.flag("disable_notification"),
        preview=_preview(params),
    )
    _reacted(chat)
    return shapes.message(telegram, telegram.post(message))


def caption(params: Params) -> Formatted:
    """The text below a picture or a file."""
    return _text(params, "caption", CAPTION_LIMIT, "message caption is too long")


def _chat(telegram: Telegram, params: Params) -> Chat:
    if not params.text("chat_id"):
        raise bad("chat_id is empty")
    return telegram.reach(params.integer("chat_id"))


def _edited(telegram: Telegram, chat: Chat, old: Message, new: Message) -> JsonObject:
    _reacted(chat)
    if (old.body, old.rows) == (new.body, new.rows):
        raise bad(NOT_MODIFIED)
    changed = replace(new, edited_at=telegram.now(), edits=old.edits + 1)
    return shapes.message(telegram, telegram.put(changed))


def _reacted(chat: Chat) -> None:
    chat.waiting = False
    chat.typing_until = 0.0


def _own(telegram: Telegram, params: Params) -> tuple[Chat, Message]:
    chat = _chat(telegram, params)
    if not params.integer("message_id"):
        raise bad("message identifier is not specified")
    message = chat.messages.get(params.integer("message_id"))
    if message is None or message.deleted:
        raise bad("message to edit not found")
    if not message.from_bot:
        raise bad("message can't be edited")
    return chat, message


def _delete(telegram: Telegram, chat: Chat, message: Message) -> None:
    theirs_in_a_group = not message.from_bot and chat.kind != "private" and chat.bot != "administrator"
    if theirs_in_a_group or message.kind == "moved":
        raise bad("message can't be deleted")
    if telegram.now() - message.at > DELETABLE_FOR:
        raise bad("message can't be deleted for everyone")
    telegram.put(replace(message, deleted=True))


def _text(params: Params, name: str, limit: int, too_long: str) -> Formatted:
    given = params.text(name)
    mode = params.text("parse_mode").lower()
    entities = params.json("entities" if name == "text" else "caption_entities", "can't parse entities")
    readers: dict[str, Callable[[str], Formatted]] = {"": Formatted, "html": from_html}
    if mode not in readers:
        # The two kinds of Markdown are not imitated; nothing here should come to depend on them.
        raise bad("unsupported parse_mode")
    parsed = from_json(given, entities) if entities is not None and not mode else readers[mode](given)
    body = trimmed(parsed)
    if units(body.text) > limit:
        raise bad(too_long)
    return with_found(body)


def _rows(params: Params) -> Rows:
    return inline_rows(params.json("reply_markup", "can't parse reply keyboard markup JSON object"))


def _preview(params: Params) -> bool:
    options = params.json("link_preview_options", "can't parse link preview options JSON object")
    disabled = isinstance(options, dict) and options.get("is_disabled") is True
    return not disabled and not params.flag("disable_web_page_preview")


def _replied(chat: Chat, params: Params) -> int | None:
    given = params.json("reply_parameters", "can't parse reply parameters JSON object")
    if not isinstance(given, dict):
        return None
    number = given.get("message_id")
    found = isinstance(number, int) and number in chat.messages and not chat.messages[number].deleted
    if not found and not given.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return number if found and isinstance(number, int) else None


METHODS: dict[str, Callable[[Telegram, Params], Json]] = {
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
}
