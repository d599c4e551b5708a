"""From Telegram's update to ours. Whatever is not for us becomes `Ignored`: it is acknowledged, and nothing happens."""

from __future__ import annotations

import re
from typing import Any, get_args

import telegram
from telegram.constants import ChatType

from bot.messages import (
    ChatId,
    Command,
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

COMMANDS = frozenset(get_args(Command))
ORDER = re.compile(r"/([a-zA-Z]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
DATA = re.compile(r"([A-Za-z0-9_-]{1,32})\.(\d{1,9})\.(\d{1,3})")
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


def parsed(raw: dict[str, Any], bot: telegram.Bot) -> Update:
    """What this update asks of us. Raises nothing: an update Telegram's own library cannot read is ignored."""
    number = raw.get("update_id")
    if not isinstance(number, int):
        return Ignored(-1)
    try:
        update = telegram.Update.de_json(raw, bot)
    except (TypeError, ValueError, KeyError, AttributeError):
        return Ignored(number)
    if query := update.callback_query:
        return _press(number, query)
    if update.message is None:
        return Ignored(number)
    if update.message.chat.type in GROUPS:
        return _in_group(number, update.message)
    if update.message.chat.type != ChatType.PRIVATE:
        return Ignored(number)
    message = update.message
    return Incoming(number, ChatId(message.chat.id), _act(message), MessageId(message.message_id))


def _press(number: int, query: telegram.CallbackQuery) -> Update:
    message = query.message
    if message is None or message.chat.type != ChatType.PRIVATE:
        return Ignored(number)
    on = MessageId(message.message_id)
    ours = DATA.fullmatch(query.data or "")
    press = Press(query.id, ours[1], int(ours[2]), int(ours[3]), on) if ours else Press(query.id, on=on)
    return Incoming(number, ChatId(message.chat.id), press)


def _act(message: telegram.Message) -> Ordered | Said | Showed:
    if message.text is None:
        return Showed()
    order = ORDER.fullmatch(message.text.strip())
    if order and order[1].lower() in COMMANDS:
        return Ordered(_command(order[1].lower()), (order[2] or "").strip())
    return Said(message.text)


def _command(name: str) -> Command:
    return next(command for command in get_args(Command) if command == name)


def _in_group(number: int, message: telegram.Message) -> Update:
    chat = ChatId(message.chat.id)
    if message.migrate_to_chat_id:
        return GroupMoved(number, chat, ChatId(message.migrate_to_chat_id))
    order = ORDER.fullmatch((message.text or "").strip())
    return GroupAsked(number, chat) if order and order[1].lower() == "id" else Ignored(number)
