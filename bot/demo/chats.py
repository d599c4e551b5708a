"""What there is in this small Telegram: people, chats, messages, and how the bot presents itself.

Nothing here talks HTTP. Everything belongs to one event loop; whoever waits for a change waits on `Changes`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.demo.changes import Changes
from bot.demo.entities import Formatted
from bot.demo.keyboards import Button, Rows
from bot.demo.pictures import Picture
from bot.demo.updates import Queue
from bot.demo.wire import JsonObject, bad, forbidden

ChatKind = Literal["private", "group", "supergroup"]
Status = Literal["creator", "administrator", "member", "left", "kicked"]
MessageKind = Literal["text", "photo", "voice", "sticker", "location", "document", "joined", "left", "moved"]
ADMINISTRATORS = ("creator", "administrator")
# What to send to the bot to join the desk of a place (by the key of its group) in a role.
Inviter = Callable[[str, str], Awaitable[str]]
# Telegram refuses an answer to a tap some time after it; the exact time is not documented.
TAP_LIFETIME = 60.0


@dataclass(frozen=True)
class Person:
    """A user of Telegram, or the bot itself."""

    id: int
    name: str
    language: str | None = None
    username: str | None = None
    is_bot: bool = False


@dataclass(frozen=True)
class Message:
    """One message; `edits` counts how often it was replaced, `hidden` says its person deleted the chat."""

    id: int
    chat: int
    sender: Person
    at: float
    body: Formatted
    rows: Rows = ()
    kind: MessageKind = "text"
    media: JsonObject = field(default_factory=dict)
    picture: Picture | None = None
    reply_to: int | None = None
    protected: bool = False
    silent: bool = False
    preview: bool = True
    edited_at: float | None = None
    edits: int = 0
    deleted: bool = False
    hidden: bool = False

    @property
    def text(self) -> str:
        """What a person reads, without formatting; the caption of a picture or file."""
        return self.body.text

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All buttons, from top to bottom."""
        return tuple(button for row in self.rows for button in row)

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons, from top to bottom."""
        return [button.label for button in self.buttons]

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return self.sender.is_bot


@dataclass(frozen=True)
class Tap:
    """A tap on a button that the bot has not answered yet."""

    id: str
    chat: int
    message: int
    data: str
    person: Person
    at: float


@dataclass(frozen=True)
class Toast:
    """What `answerCallbackQuery` made a person see; `number` grows, so that a page shows each one once."""

    number: int
    person: int
    text: str
    alert: bool


@dataclass
class Chat:
    """One chat as the server keeps it. `waiting` says that the bot has not reacted to the last thing done.

    `people` are those who are in it now, `statuses` remembers those who left too. `titles` is what the page calls
    it, by language, where that differs; `key` is the place a coordinators' group belongs to.
    """

    id: int
    kind: ChatKind
    title: str
    people: dict[int, Person]
    statuses: dict[int, Status]
    bot: Status = "member"
    titles: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    started: bool = True
    moved_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    taps: dict[str, Tap] = field(default_factory=dict)
    toasts: list[Toast] = field(default_factory=list)
    typing_until: float = 0.0
    waiting: bool = False
    version: int = 0

    @property
    def blocked(self) -> bool:
        """Whether the person of a private chat has blocked the bot."""
        return self.kind == "private" and self.bot == "kicked"

    @property
    def visible(self) -> list[Message]:
        """The messages a person sees, oldest first."""
        return [one for one in self.messages.values() if not one.deleted and not one.hidden]


@dataclass
class Profile:
    """How the bot presents itself: commands by (scope, language), descriptions by language, webhook."""

    commands: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    webhook: dict[str, str | int | list[str]] = field(default_factory=dict)


class Telegram:
    """The whole of it: one bot, its chats, and the updates that wait for it."""

    def __init__(self, token: str, bot_name: str, bot_username: str) -> None:
        self.token = token
        self.bot = Person(int(token.partition(":")[0]), bot_name, username=bot_username, is_bot=True)
        self.changes = Changes()
        self.queue = Queue(self.changes.touch)
        self.profile = Profile()
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self.pictures: dict[str, Picture] = {}
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.inviter: Inviter | None = None
        self._ahead = 0.0
        self._last_message: dict[int, int] = {}
        self._toasts = 0

    def now(self) -> float:
        """Seconds since 1970, plus whatever `pass_time` has added."""
        return time.time() + self._ahead

    def pass_time(self, seconds: float) -> None:
        """Makes Telegram's clock run ahead, for rules that depend on the age of a message."""
        self._ahead += seconds
        self.changes.touch()

    def touch(self, chat: Chat) -> None:
        """Marks `chat` as changed."""
        chat.version = self.changes.touch()

    def post(self, message: Message) -> Message:
        """Puts a new message into its chat, with the next number of that chat."""
        chat = self.chats[message.chat]
        # A supergroup counts its own messages; private chats and small groups share the bot's counter.
        counter = chat.id if chat.kind == "supergroup" else 0
        number = self._last_message.get(counter, 0) + 1
        self._last_message[counter] = number
        posted = replace(message, id=number, at=self.now())
        chat.messages[number] = posted
        self.touch(chat)
        return posted

    def put(self, message: Message) -> Message:
        """Replaces a message by a changed one with the same number."""
        chat = self.chats[message.chat]
        chat.messages[message.id] = message
        self.touch(chat)
        return message

    def reach(self, chat_id: int) -> Chat:
        """The chat the bot may write to; refuses in Telegram's words where it may not."""
        chat = self.known(chat_id)
        if chat.moved_to is not None:
            raise bad("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.moved_to})
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if chat.bot == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind} chat")
        if chat.bot == "left":
            raise forbidden(f"bot is not a member of the {chat.kind} chat")
        return chat

    def known(self, chat_id: int) -> Chat:
        """The chat, whether or not the bot may write to it; refuses one the bot never met."""
        chat = self.chats.get(chat_id)
        if chat is not None and chat.started:
            return chat
        if any(chat_id in one.statuses for one in self.chats.values() if one.kind != "private"):
            raise forbidden("bot can't initiate conversation with a user")
        raise bad("chat not found")

    def toast(self, chat: Chat, person: Person, text: str, alert: bool) -> None:
        """Shows `text` to `person` for a moment."""
        self._toasts += 1
        chat.toasts.append(Toast(self._toasts, person.id, text, alert))
        self.touch(chat)

    def forget_taps(self) -> None:
        """Makes every unanswered tap too old to be answered."""
        for chat in self.chats.values():
            chat.taps.clear()
            self.touch(chat)

    def commands_for(self, chat: Chat, person: Person) -> list[tuple[str, str]]:
        """The menu of commands this person sees there: the narrowest list, in their language before none."""
        scopes = ["default"]
        if chat.kind == "private":
            scopes[:0] = [f"chat:{chat.id}", "all_private_chats"]
        else:
            leads = chat.statuses.get(person.id) in ADMINISTRATORS
            of_chat = [f"chat_administrators:{chat.id}"] if leads else []
            of_all = ["all_chat_administrators"] if leads else []
            scopes[:0] = [f"chat_member:{chat.id}:{person.id}", *of_chat, f"chat:{chat.id}", *of_all, "all_group_chats"]
        keys = [(scope, spoken) for scope in scopes for spoken in (person.language or "", "")]
        return next((found for key in keys if (found := self.profile.commands.get(key))), [])

    def description_for(self, language: str | None) -> str:
        """The text a person sees in an empty chat with the bot, in their language where there is one."""
        return in_language(self.profile.descriptions, language)


def in_language(texts: Mapping[str, str], language: str | None) -> str:
    """The text for a language, or the one for everybody, or nothing."""
    return texts.get(language or "") or texts.get("", "")
