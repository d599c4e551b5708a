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


def parsed(raw: object, bot: telegram.Bot) -> Update:
    """What this update asks of us. Raises nothing: an update that cannot be read is ignored."""
    if not isinstance(raw, dict):
        return Ignored(-1)
    try:
        number = _id(raw.get("update_id"))
    except ValueError:
        return Ignored(-1)
    try:
        tap = raw.get("callback_query")
        if isinstance(tap, dict):
            return _press(number, tap)
        return _understood(number, telegram.Update.de_json(raw, bot))
    except Exception as error:  # nothing checks the types in it: what is wrong shows anywhere, as anything
        kinds = sorted(KINDS & raw.keys())
        log.error("an update could not be read", kinds=kinds, reason=type(error).__name__)
        return Ignored(number)


def _understood(number: int, update: telegram.Update) -> Update:
    message = update.message
    if message is None or message.chat.type not in {ChatType.PRIVATE, *GROUPS}:
        return Ignored(number)
    if message.chat.type in GROUPS:
        return _in_group(number, message)
    order = ORDER.fullmatch((message.text or "").strip())
    if order and order[1].lower() in DESK_COMMANDS and message.from_user:
        return _ordered(number, message, order, message.from_user)
    return Incoming(number, _chat(message), _act(message), MessageId(_id(message.message_id)))


def _chat(message: telegram.Message) -> ChatId:
    return ChatId(_id(message.chat.id))


def _person(number: object, first_name: object) -> Person:
    name = first_name if isinstance(first_name, str) else ""
    return Person(ChatId(_id(number)), " ".join(name.split())[:LONGEST_NAME])


def _id(given: object) -> int:
    """A number a database can keep. Raises ValueError for anything else."""
    if type(given) is not int or not -(2**63) <= given < 2**63:
        raise ValueError("is no id")
    return given


def _press(number: int, tap: dict[str, Any]) -> Update:
    """A press, read as it came: most updates are one, and building the library's objects would cost ten times this."""
    message = tap.get("message")
    if message is None or message["chat"]["type"] not in {ChatType.PRIVATE, *GROUPS}:
        return Ignored(number)
    callback, data = tap["id"], tap.get("data") or ""
    if not isinstance(callback, str):
        raise ValueError("a tap without a name")
    chat, on = ChatId(_id(message["chat"]["id"])), MessageId(_id(message["message_id"]))
    private = message["chat"]["type"] == ChatType.PRIVATE
    if at_desk := DESK_DATA.fullmatch(data):
        act = DeskPress(callback, at_desk[1], tuple(at_desk[2].split(".")[1:]), on)
        return AtDesk(number, chat, private, _person(tap["from"]["id"], tap["from"].get("first_name")), act)
    if not private:
        return Ignored(number)
    ours = DATA.fullmatch(data)
    press = Press(callback, ours[1], int(ours[2]), int(ours[3]), on) if ours else Press(callback, on=on)
    return Incoming(number, chat, press)


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
    return AtDesk(
        number, _chat(message), private, _person(sender.id, sender.first_name), act, MessageId(_id(message.message_id))
    )
