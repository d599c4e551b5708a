"""The shell's words: what comes in from a chat, what goes out to one, and how sending can fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NewType

ChatId = NewType("ChatId", int)
ChatKey = NewType("ChatKey", bytes)
MessageId = NewType("MessageId", int)
Command = Literal["start", "help", "language", "privacy", "mydata", "stop", "delete", "withdraw"]
DeskCommand = Literal[
    "join",
    "leave",
    "desk",
    "open",
    "mine",
    "find",
    "write",
    "stats",
    "health",
    "pause",
    "resume",
    "invite",
    "remove",
    "export",
]


@dataclass(frozen=True, slots=True)
class Press:
    """A button was pressed: what its data said, if it was ours, on which message."""

    callback: str
    nonce: str = ""
    turn: int = -1
    index: int = -1
    on: MessageId | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote this."""

    text: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """The person sent a command we know, with what followed it."""

    command: Command
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Showed:
    """The person sent something that is not text."""


Act = Press | Said | Ordered | Showed


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update from a person's private chat. `message` is what they sent, so that it can be deleted."""

    update: int
    chat: ChatId
    act: Act
    message: MessageId | None = None


@dataclass(frozen=True, slots=True)
class GroupAsked:
    """Somebody in a group asked for the group's id."""

    update: int
    chat: ChatId


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a study team, as Telegram names them: their id is also that of their private chat."""

    id: ChatId
    name: str


@dataclass(frozen=True, slots=True)
class DeskPress:
    """A button of the desk was pressed: what to do, with what, on which message."""

    callback: str
    verb: str
    about: tuple[str, ...]
    on: MessageId | None = None


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """A command of the desk was sent, with what followed it; `text` is all of it."""

    command: DeskCommand
    argument: str
    text: str


@dataclass(frozen=True, slots=True)
class AtDesk:
    """What somebody did in a group or a private chat that may belong to a desk."""

    update: int
    chat: ChatId
    private: bool
    person: Person
    act: DeskPress | DeskOrder
    message: MessageId | None = None


@dataclass(frozen=True, slots=True)
class GroupMoved:
    """A group became a supergroup, with another id."""

    update: int
    chat: ChatId
    to: ChatId


@dataclass(frozen=True, slots=True)
class Ignored:
    """An update that asks nothing of us. It is acknowledged like any other."""

    update: int


Update = Incoming | AtDesk | GroupAsked | GroupMoved | Ignored


@dataclass(frozen=True, slots=True)
class Button:
    """One button: its label, and its data or the text it copies."""

    label: str
    data: str | None = None
    copies: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Telegram shows it: plain text and rows of buttons."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()


class TryLater(Exception):
    """Sending did not work now; it may after `wait`. It may even have been delivered."""

    def __init__(self, wait: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.wait = wait


class Undeliverable(Exception):
    """This chat takes nothing from us any more: blocked, left, deleted."""


class MessageGone(Exception):
    """The message to edit or delete is not there, or may not be touched any more."""


class Moved(Exception):
    """The chat has another id now."""

    def __init__(self, to: ChatId) -> None:
        super().__init__("the chat has moved")
        self.to = to


class Refused(Exception):
    """Telegram does not know this bot: the token is wrong or was revoked."""


class Unavailable(Exception):
    """The database does not answer now: nothing was changed, and nothing may be acknowledged."""


class WrongKey(Exception):
    """The secret is not the one the database is used with: whoever is in it would not be found."""


class Occupied(Exception):
    """Another process serves from this SQLite database, and only one can."""
