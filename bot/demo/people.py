"""What people do: start the bot, write, tap, block, delete. Each becomes the update Telegram would send."""

from __future__ import annotations

import itertools
import re
import secrets
from dataclasses import replace

from bot.demo import shapes
from bot.demo.chats import Chat, Message, MessageKind, Person, Status, Tap, Telegram
from bot.demo.entities import Formatted, with_found
from bot.demo.wire import JsonObject

# What Telegram takes for a command at the beginning of a text, perhaps with whom it is for.
COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(?:@(\w{3,32}))?(?![\w@/])")
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
    return open_phone(telegram, new_person(telegram, name, language))


def next_number(telegram: Telegram) -> int:
    """Which participant would come next; phones of coordinators are not counted."""
    grouped = {number for one in telegram.chats.values() if one.kind != "private" for number in one.statuses}
    return sum(one.kind == "private" and one.id not in grouped for one in telegram.chats.values()) + 1


def open_phone(telegram: Telegram, person: Person) -> Chat:
    """The private chat of a person with the bot, not started yet where there was none."""
    if person.id in telegram.chats:
        return telegram.chats[person.id]
    chat = Chat(person.id, "private", person.name, {person.id: person}, {person.id: "member"}, started=False)
    return add_chat(telegram, chat)


def add_chat(telegram: Telegram, chat: Chat) -> Chat:
    """The same chat, now part of this Telegram."""
    if chat.id in telegram.chats:
        raise ImpossibleError(f"there is a chat {chat.id} already")
    telegram.chats[chat.id] = chat
    telegram.touch(chat)
    return chat


def new_person(telegram: Telegram, name: str, language: str | None) -> Person:
    """Somebody who is in no chat yet."""
    number = next(one for one in itertools.count(FIRST_PERSON) if one not in telegram.people)
    person = telegram.people[number] = Person(number, name, language)
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
    _must_be_open(chat, person)
    if chat.moved_to is not None:
        raise ImpossibleError("the group has moved: nobody can write where it was")
    body = with_found(Formatted(text.strip()))
    if not body.text:
        raise ImpossibleError("nobody can send an empty message")
    sent = telegram.post(Message(0, chat.id, person, 0.0, body, reply_to=reply_to))
    _deliver(telegram, chat, sent)
    return sent


def send(telegram: Telegram, chat: Chat, person: Person, kind: MessageKind, caption: str = "") -> Message:
    """A photo, voice message, sticker or place; there is nothing in it."""
    _must_be_open(chat, person)
    body = Formatted(caption)
    sent = telegram.post(Message(0, chat.id, person, 0.0, body, kind=kind, media=MEDIA[kind]))
    _deliver(telegram, chat, sent)
    return sent


def rewrite(telegram: Telegram, chat: Chat, person: Person, message_id: int, text: str) -> Message:
    """An own message, changed afterwards."""
    _must_be_open(chat, person)
    old = chat.messages.get(message_id)
    if old is None or old.deleted or old.sender.id != person.id or old.kind != "text":
        raise ImpossibleError("only an own text can be changed")
    body = with_found(Formatted(text.strip()))
    changed = telegram.put(replace(old, body=body, edited_at=telegram.now(), edits=old.edits + 1))
    if _bot_may_read(telegram, chat, changed):
        telegram.queue.add("edited_message", shapes.message(telegram, changed))
    return changed


def tap(telegram: Telegram, chat: Chat, person: Person, message_id: int, data: str) -> Tap:
    """A tap on a button with this data. Any data is accepted: a modified client can send what it likes.

    It cannot send it from outside the chat: Telegram looks at who is in it.
    """
    _must_be_open(chat, person)
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
    bot_becomes(telegram, chat, _only_person(chat), "kicked")


def unblock(telegram: Telegram, chat: Chat) -> None:
    """Lets the bot write again."""
    bot_becomes(telegram, chat, _only_person(chat), "member")


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
    """Changes the language of a participant's phone, and with it that of everything the person does."""
    person = telegram.people[chat.id] = replace(_only_person(chat), language=language)
    for one in telegram.chats.values():
        if person.id in one.people:
            one.people[person.id] = person
            telegram.touch(one)


def bot_becomes(telegram: Telegram, chat: Chat, actor: Person, status: Status) -> None:
    """Changes what the bot is in a chat, and tells it so."""
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


def _only_person(chat: Chat) -> Person:
    if chat.kind != "private":
        raise ImpossibleError("that is done in a private chat")
    return chat.people[chat.id]


def _must_be_open(chat: Chat, person: Person) -> None:
    if not chat.started:
        raise ImpossibleError("the bot must be started first")
    if chat.blocked:
        raise ImpossibleError("the bot is blocked: it must be restarted first")
    if person.id not in chat.people:
        raise ImpossibleError(f"{person.name} is not in this chat")


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
    if replied is not None and replied.from_bot:
        return True
    command = COMMAND.match(message.text)
    own = (telegram.bot.username or "").lower()
    return command is not None and (command[1] or own).lower() == own
