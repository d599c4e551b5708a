"""What people do: start the bot, write, tap, block, delete. Each becomes the update Telegram would send."""

from __future__ import annotations

import itertools
import re
import secrets
from dataclasses import replace

from bot.demo import shapes
from bot.demo.chats import Chat, ChatKind, Message, MessageKind, Person, Status, Tap, Telegram
from bot.demo.entities import Formatted, with_found
from bot.demo.wire import JsonObject

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
FIRST_PERSON = 5_100_000_001
_file = {"file_id": "DEMO-file", "file_unique_id": "DEMO-unique"}
MEDIA: dict[str, JsonObject] = {
    "photo": {"photo": [{**_file, "width": 90, "height": 67, "file_size": 1200}]},
    "voice": {"voice": {**_file, "duration": 3, "mime_type": "audio/ogg", "file_size": 9000}},
    "sticker": {
        "sticker": {
            **_file,
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": "👋",
        }
    },
    "location": {"location": {"latitude": 0.0, "longitude": 0.0}},
}


class ImpossibleError(Exception):
    """No client of Telegram could do this: write to a bot that was never started, tap a missing button."""


def add_participant(telegram: Telegram, name: str, language: str | None) -> Chat:
    """A new phone: a person who has not started the bot yet."""
    person = _new_person(telegram, name, language)
    chat = Chat(person.id, "private", name, {person.id: person}, {person.id: "member"}, started=False)
    return _added(telegram, chat)


def add_group(telegram: Telegram, chat_id: int, title: str, kind: ChatKind) -> Chat:
    """A new group that the bot is a member of."""
    return _added(telegram, Chat(chat_id, kind, title, {}, {}))


def add_member(telegram: Telegram, chat: Chat, name: str, language: str | None, status: Status) -> Person:
    """A new person in a group."""
    person = _new_person(telegram, name, language)
    chat.people[person.id] = person
    chat.statuses[person.id] = status
    telegram.touch(chat)
    return person


def start(telegram: Telegram, chat: Chat, payload: str = "") -> Message:
    """START (or RESTART of a blocked bot), with the payload of a link."""
    if payload and not PAYLOAD.match(payload):
        raise ImpossibleError("a link carries 1 to 64 of A-Z a-z 0-9 _ -")
    if chat.blocked:
        unblock(telegram, chat)
    chat.started = True
    return write(telegram, chat, _only_person(chat), f"/start {payload}".strip())


def write(telegram: Telegram, chat: Chat, person: Person, text: str, reply_to: int | None = None) -> Message:
    """A typed message."""
    _must_be_open(chat)
    body = with_found(Formatted(text.strip()))
    if not body.text:
        raise ImpossibleError("nobody can send an empty message")
    sent = telegram.post(Message(0, chat.id, person, 0.0, body, reply_to=reply_to))
    _deliver(telegram, chat, sent)
    return sent


def send(telegram: Telegram, chat: Chat, person: Person, kind: MessageKind, caption: str = "") -> Message:
    """A photo, voice message, sticker or place; there is nothing in it."""
    _must_be_open(chat)
    body = Formatted(caption)
    sent = telegram.post(Message(0, chat.id, person, 0.0, body, kind=kind, media=MEDIA[kind]))
    _deliver(telegram, chat, sent)
    return sent


def rewrite(telegram: Telegram, chat: Chat, person: Person, message_id: int, text: str) -> Message:
    """An own message, changed afterwards."""
    _must_be_open(chat)
    old = chat.messages.get(message_id)
    if old is None or old.deleted or old.sender.id != person.id or old.kind != "text":
        raise ImpossibleError("only an own text can be changed")
    body = with_found(Formatted(text.strip()))
    changed = telegram.put(replace(old, body=body, edited_at=telegram.now(), edits=old.edits + 1))
    if _bot_may_read(telegram, chat, changed):
        telegram.queue.add("edited_message", shapes.message(telegram, changed))
    return changed


def tap(telegram: Telegram, chat: Chat, person: Person, message_id: int, data: str) -> Tap:
    """A tap on a button with this data. Any data is accepted: a modified client can send what it likes."""
    _must_be_open(chat)
    message = chat.messages.get(message_id)
    if message is None or message.deleted or not message.from_bot:
        raise ImpossibleError("only a message of the bot can be tapped")
    made = Tap(str(secrets.randbits(60)), chat.id, message_id, data, person, telegram.now())
    chat.taps[made.id] = made
    telegram.queue.add(
        "callback_query",
        {
            "id": made.id,
            "from": shapes.user(person),
            "message": shapes.message(telegram, message),
            "chat_instance": str(chat.id * 7919),
            "data": data,
        },
    )
    telegram.touch(chat)
    return made


def block(telegram: Telegram, chat: Chat) -> None:
    """Stops the bot, from the person's side."""
    _bot_becomes(telegram, chat, _only_person(chat), "kicked")


def unblock(telegram: Telegram, chat: Chat) -> None:
    """Lets the bot write again."""
    _bot_becomes(telegram, chat, _only_person(chat), "member")


def kick(telegram: Telegram, chat: Chat, person: Person) -> None:
    """Throws the bot out of a group."""
    _bot_becomes(telegram, chat, person, "kicked")


def invite(telegram: Telegram, chat: Chat, person: Person) -> None:
    """Brings the bot into a group (again)."""
    _bot_becomes(telegram, chat, person, "member")


def clear(telegram: Telegram, chat: Chat) -> None:
    """Deletes the chat on the person's phone. The bot is not told, and still can edit what nobody sees."""
    for one in list(chat.messages.values()):
        chat.messages[one.id] = replace(one, hidden=True)
    telegram.touch(chat)


def delete(telegram: Telegram, chat: Chat, message_id: int) -> None:
    """Deletes a message for both sides, which a person may always do in a private chat."""
    if message_id not in chat.messages:
        raise ImpossibleError(f"there is no message {message_id}")
    telegram.put(replace(chat.messages[message_id], deleted=True))


def speak(telegram: Telegram, chat: Chat, language: str | None) -> None:
    """Changes the language of a participant's phone."""
    person = replace(_only_person(chat), language=language)
    chat.people[person.id] = telegram.people[person.id] = person
    telegram.touch(chat)


def upgrade(telegram: Telegram, chat: Chat, new_id: int) -> Chat:
    """Turns a group into a supergroup with another id, as Telegram does by itself now and then."""
    actor = next(iter(chat.people.values()))
    moved = Chat(new_id, "supergroup", chat.title, dict(chat.people), dict(chat.statuses), bot=chat.bot)
    _added(telegram, moved)
    notices = ((chat, {"migrate_to_chat_id": new_id}), (moved, {"migrate_from_chat_id": chat.id}))
    for where, media in notices:
        note = Message(0, where.id, actor, 0.0, Formatted(""), kind="moved", media=media)
        telegram.queue.add("message", shapes.message(telegram, telegram.post(note)))
    chat.moved_to = new_id
    telegram.touch(chat)
    return moved


def _added(telegram: Telegram, chat: Chat) -> Chat:
    if chat.id in telegram.chats:
        raise ImpossibleError(f"there is a chat {chat.id} already")
    telegram.chats[chat.id] = chat
    telegram.touch(chat)
    return chat


def _new_person(telegram: Telegram, name: str, language: str | None) -> Person:
    number = next(one for one in itertools.count(FIRST_PERSON) if one not in telegram.people)
    person = telegram.people[number] = Person(number, name, language)
    return person


def _only_person(chat: Chat) -> Person:
    if chat.kind != "private":
        raise ImpossibleError("that is done in a private chat")
    return chat.people[chat.id]


def _must_be_open(chat: Chat) -> None:
    if not chat.started:
        raise ImpossibleError("the bot must be started first")
    if chat.blocked:
        raise ImpossibleError("the bot is blocked: it must be restarted first")


def _deliver(telegram: Telegram, chat: Chat, message: Message) -> None:
    if chat.bot in ("kicked", "left") or not _bot_may_read(telegram, chat, message):
        return
    chat.waiting = True
    telegram.queue.add("message", shapes.message(telegram, message))


def _bot_may_read(telegram: Telegram, chat: Chat, message: Message) -> bool:
    # Telegram's privacy mode: in a group, a bot that is no administrator reads commands and replies to it.
    if chat.kind == "private" or chat.bot == "administrator":
        return True
    replied = chat.messages.get(message.reply_to or 0)
    command, _, addressee = message.text.partition(" ")[0].partition("@")
    to_the_bot = addressee.lower() in ("", (telegram.bot.username or "").lower())
    return (command.startswith("/") and to_the_bot) or (replied is not None and replied.from_bot)


def _bot_becomes(telegram: Telegram, chat: Chat, actor: Person, status: Status) -> None:
    before, chat.bot = chat.bot, status
    if before == status:
        return
    chat.waiting = False
    telegram.queue.add(
        "my_chat_member",
        {
            "chat": shapes.chat(chat),
            "from": shapes.user(actor),
            "date": int(telegram.now()),
            "old_chat_member": shapes.member(telegram.bot, before),
            "new_chat_member": shapes.member(telegram.bot, status),
        },
    )
    telegram.touch(chat)
