"""A chat as the page shows it: everything a person sees there, and nothing the bot alone knows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.demo.chats import Chat, Message, Person, Tap, Telegram
from bot.demo.entities import Entity, parts
from bot.demo.keyboards import Button
from bot.demo.wire import JsonObject

TOASTS_SHOWN = 5


def chat_view(telegram: Telegram, chat: Chat) -> JsonObject:
    """The whole chat; the page replaces what differs from what it shows."""
    private = chat.kind == "private"
    language = next((one.language for one in chat.people.values()), None) if private else None
    return {
        "id": chat.id,
        "version": chat.version,
        "kind": chat.kind,
        "title": chat.title,
        "titles": chat.titles,
        "language": language,
        "people": [
            {"id": one.id, "name": one.name, "commands": _commands(telegram, chat, one)} for one in chat.people.values()
        ],
        "bot": {"name": telegram.bot.name, "here": chat.bot in ("member", "administrator")},
        "description": telegram.description_for(language) if private else "",
        "started": chat.started,
        "blocked": chat.blocked,
        "invites": bool(chat.key) and telegram.inviter is not None,
        "moved": chat.moved_to is not None,
        "waiting": chat.waiting or bool(chat.taps) or chat.typing_until > telegram.now(),
        "messages": [_message(chat, one) for one in chat.visible if one.kind != "moved"],
        "toasts": [
            {"number": one.number, "person": one.person, "text": one.text, "alert": one.alert}
            for one in chat.toasts[-TOASTS_SHOWN:]
        ],
    }


def _commands(telegram: Telegram, chat: Chat, person: Person) -> list[JsonObject]:
    return [{"command": name, "description": about} for name, about in telegram.commands_for(chat, person)]


def _message(chat: Chat, one: Message) -> JsonObject:
    taps = [tap for tap in chat.taps.values() if tap.message == one.id]
    replied = chat.messages.get(one.reply_to or 0)
    return {
        "id": one.id,
        "sender": {"id": one.sender.id, "name": one.sender.name, "bot": one.from_bot},
        "at": one.at,
        "edited": one.edits > 0,
        "kind": one.kind,
        "file": _file_name(one),
        "document": _document_number(one),
        "picture": _picture(one),
        "about": _concerned(one),
        "text": one.text,
        "parts": [{"text": text, "marks": [_mark(entity) for entity in over]} for text, over in parts(one.body)],
        "rows": [[_button(button, taps) for button in row] for row in one.rows],
        "reply": {"name": replied.sender.name, "text": replied.text[:80]} if replied else None,
        "protected": one.protected,
    }


def _mark(entity: Entity) -> JsonObject:
    return {"type": entity.kind, **dict(entity.detail)}


def _button(button: Button, taps: Sequence[Tap]) -> JsonObject:
    # With its data, as a client has it: a tap on what has just been replaced must send the old data. Who waits for
    # an answer is told, because only their own screens show it.
    waiting = [tap.person.id for tap in taps if tap.data == button.data]
    return {
        "label": button.label,
        "action": button.action,
        "value": button.value,
        "style": button.style,
        "waiting": waiting,
    }


def _picture(one: Message) -> JsonObject | None:
    if one.picture is None:
        return None
    return {"id": one.picture.id, "width": one.picture.width, "height": one.picture.height}


def _concerned(one: Message) -> list[str]:
    """The names of those a service message is about: who joined, who left."""
    left, joined = one.media.get("left_chat_member"), one.media.get("new_chat_members")
    users = [left] if isinstance(left, dict) else joined
    if not isinstance(users, list):
        return []
    return [str(user["first_name"]) for user in users if isinstance(user, dict)]


def _document_number(one: Message) -> str | None:
    """By which the page finds the file again."""
    document = one.media.get("document")
    number = document.get("file_unique_id") if isinstance(document, dict) else None
    return number if isinstance(number, str) else None


def _file_name(one: Message) -> str:
    document = one.media.get("document")
    name = document.get("file_name") if isinstance(document, dict) else None
    return name if isinstance(name, str) else ""
