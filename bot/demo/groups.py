"""What happens to a group: people join and leave it, the bot is brought in and thrown out, it becomes a supergroup.

Who comes and who goes is told to the bot as a service message, which it receives even in privacy mode.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.demo import shapes
from bot.demo.chats import Chat, ChatKind, Message, MessageKind, Person, Status, Telegram
from bot.demo.entities import Formatted
from bot.demo.people import ImpossibleError, add_chat, bot_becomes, new_person
from bot.demo.wire import JsonObject


def add_group(
    telegram: Telegram, chat_id: int, kind: ChatKind, key: str, titles: Mapping[str, str], language: str
) -> Chat:
    """A new group that the bot is a member of, titled in the language of its members."""
    return add_chat(telegram, Chat(chat_id, kind, titles[language], {}, {}, titles=titles, key=key))


def add_member(telegram: Telegram, chat: Chat, name: str, language: str | None, status: Status) -> Person:
    """A new person, who was in the group before the bot: nothing is told."""
    person = new_person(telegram, name, language)
    _seat(telegram, chat, person, status)
    return person


def join(telegram: Telegram, chat: Chat, person: Person, status: Status = "member") -> None:
    """Lets a person come into the group, where they are not there yet."""
    if person.id in chat.people:
        return
    _seat(telegram, chat, person, status)
    _tell(telegram, chat, person, "joined", {"new_chat_members": [shapes.user(person)]})


def leave(telegram: Telegram, chat: Chat, person: Person) -> None:
    """Lets a person go: from now on they can neither write, nor tap, nor read there."""
    _go(telegram, chat, person, person, "left")


def remove(telegram: Telegram, chat: Chat, person: Person, by: Person) -> None:
    """Throws a person out."""
    _go(telegram, chat, person, by, "kicked")


def kick(telegram: Telegram, chat: Chat, person: Person) -> None:
    """Throws the bot out."""
    bot_becomes(telegram, chat, person, "kicked")


def invite(telegram: Telegram, chat: Chat, person: Person) -> None:
    """Brings the bot in (again)."""
    came = chat.bot in ("left", "kicked")
    bot_becomes(telegram, chat, person, "member")
    if came:
        _tell(telegram, chat, person, "joined", {"new_chat_members": [shapes.user(telegram.bot)]})


def promote(telegram: Telegram, chat: Chat, person: Person) -> None:
    """Makes the bot an administrator: it reads everything from now on."""
    bot_becomes(telegram, chat, person, "administrator")


def upgrade(telegram: Telegram, chat: Chat, new_id: int) -> Chat:
    """Turns a group into a supergroup with another id, as Telegram does by itself now and then."""
    actor = next(iter(chat.people.values()))
    moved = Chat(new_id, "supergroup", chat.title, dict(chat.people), dict(chat.statuses), chat.bot, chat.titles)
    moved.key = chat.key
    add_chat(telegram, moved)
    _tell(telegram, chat, actor, "moved", {"migrate_to_chat_id": new_id})
    _tell(telegram, moved, actor, "moved", {"migrate_from_chat_id": chat.id})
    chat.moved_to = new_id
    telegram.touch(chat)
    return moved


def _seat(telegram: Telegram, chat: Chat, person: Person, status: Status) -> None:
    if chat.kind == "private":
        raise ImpossibleError("nobody can join a private chat")
    chat.people[person.id] = person
    chat.statuses[person.id] = status
    telegram.touch(chat)


def _go(telegram: Telegram, chat: Chat, person: Person, by: Person, status: Status) -> None:
    if person.id not in chat.people or by.id not in chat.people:
        raise ImpossibleError("who is not in the group can neither leave it nor remove anybody")
    del chat.people[person.id]
    chat.statuses[person.id] = status
    _tell(telegram, chat, by, "left", {"left_chat_member": shapes.user(person)})


def _tell(telegram: Telegram, chat: Chat, actor: Person, kind: MessageKind, media: JsonObject) -> None:
    note = telegram.post(Message(0, chat.id, actor, 0.0, Formatted(""), kind=kind, media=media))
    if chat.bot in ("member", "administrator"):
        telegram.queue.add("message", shapes.message(telegram, note))
