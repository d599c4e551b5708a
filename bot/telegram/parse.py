"""From Telegram's update to ours. Whatever is not for us becomes `Ignored`: it is acknowledged, and nothing happens."""

from __future__ import annotations

import re
from typing import Any, get_args

import structlog
import telegram
from telegram.constants import ChatType

from bot.messages import (
    AtDesk,
    ChatId,
    Command,
    DeskCommand,
    DeskOrder,
    DeskPress,
    GroupAsked,
    GroupMoved,
    Ignored,
    Incoming,
    MessageId,
    Ordered,
    Person,
    Press,
    Said,
    Showed,
    Update,
)

COMMANDS: dict[str, Command] = {name: name for name in get_args(Command)}
DESK_COMMANDS: dict[str, DeskCommand] = {name: name for name in get_args(DeskCommand)}
ORDER = re.compile(r"/([a-zA-Z]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
DATA = re.compile(r"([A-Za-z0-9_-]{1,32})\.([0-9]{1,9})\.([0-9]{1,3})")
# A session's nonce has eight characters, so that nothing of a participant's ever looks like this.
DESK_DATA = re.compile(r"d\.([a-z_]{1,20})((?:\.[A-Za-z0-9_-]{1,40})*)")
LONGEST_NAME = 60
KINDS = frozenset({"message", "callback_query"})
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


log = structlog.get_logger("telegram")


def parsed(raw: dict[str, Any], bot: telegram.Bot) -> Update:
    """What this update asks of us. Raises nothing: an update that cannot be read is ignored."""
    try:
        number = _id(raw.get("update_id"))
    except ValueError:
        return Ignored(-1)
    if isinstance(tap := raw.get("callback_query"), dict):
        # We never use chat_instance, some servers leave it out, and Telegram's library insists on it.
        raw = {**raw, "callback_query": {"chat_instance": "", **tap}}
    try:
        return _understood(number, telegram.Update.de_json(raw, bot))
    except Exception as error:  # Telegram's library checks no types: what is wrong shows anywhere, as anything
        kinds = sorted(KINDS & raw.keys())
        log.error("an update could not be read", kinds=kinds, reason=type(error).__name__)
        return Ignored(number)


def _understood(number: int, update: telegram.Update) -> Update:
    if query := update.callback_query:
        return _press(number, query)
    message = update.message
    if message is None or message.chat.type not in {ChatType.PRIVATE, *GROUPS}:
        return Ignored(number)
    if message.chat.type in GROUPS:
        return _in_group(number, message)
    order = ORDER.fullmatch((message.text or "").strip())
    if order and order[1].lower() in DESK_COMMANDS and message.from_user:
        return _ordered(number, message, order, message.from_user)
    return Incoming(number, _chat(message), _act(message), MessageId(_id(message.message_id)))


def _chat(message: telegram.MaybeInaccessibleMessage) -> ChatId:
    return ChatId(_id(message.chat.id))


def _person(user: telegram.User) -> Person:
    name = user.first_name if isinstance(user.first_name, str) else ""
    return Person(ChatId(_id(user.id)), " ".join(name.split())[:LONGEST_NAME])


def _id(given: object) -> int:
    """A number a database can keep. Raises ValueError for anything else."""
    if type(given) is not int or not -(2**63) <= given < 2**63:
        raise ValueError("is no id")
    return given


def _press(number: int, query: telegram.CallbackQuery) -> Update:
    message = query.message
    if message is None or message.chat.type not in {ChatType.PRIVATE, *GROUPS}:
        return Ignored(number)
    if not isinstance(query.id, str):
        raise ValueError("a tap without a name")
    on, private = MessageId(_id(message.message_id)), message.chat.type == ChatType.PRIVATE
    if at_desk := DESK_DATA.fullmatch(query.data or ""):
        act = DeskPress(query.id, at_desk[1], tuple(at_desk[2].split(".")[1:]), on)
        return AtDesk(number, _chat(message), private, _person(query.from_user), act)
    if not private:
        return Ignored(number)
    ours = DATA.fullmatch(query.data or "")
    press = Press(query.id, ours[1], int(ours[2]), int(ours[3]), on) if ours else Press(query.id, on=on)
    return Incoming(number, _chat(message), press)


def _act(message: telegram.Message) -> Ordered | Said | Showed:
    if message.text is None:
        return Showed()
    order = ORDER.fullmatch(message.text.strip())
    if order and (command := COMMANDS.get(order[1].lower())):
        return Ordered(command, (order[2] or "").strip())
    return Said(message.text)


def _in_group(number: int, message: telegram.Message) -> Update:
    chat = _chat(message)
    if message.migrate_to_chat_id:
        return GroupMoved(number, chat, ChatId(_id(message.migrate_to_chat_id)))
    order = ORDER.fullmatch((message.text or "").strip())
    if order and order[1].lower() == "id":
        return GroupAsked(number, chat)
    if order and order[1].lower() in {*DESK_COMMANDS, "help"} and message.from_user:
        return _ordered(number, message, order, message.from_user)
    return Ignored(number)


def _ordered(number: int, message: telegram.Message, order: re.Match[str], sender: telegram.User) -> AtDesk:
    command = DESK_COMMANDS.get(order[1].lower(), "desk")  # /help in a group is about the desk
    act = DeskOrder(command, (order[2] or "").strip(), message.text or "")
    private = message.chat.type == ChatType.PRIVATE
    return AtDesk(number, _chat(message), private, _person(sender), act, MessageId(_id(message.message_id)))
