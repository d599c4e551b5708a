"""What is to be sent after a commit: screens, cards, lines said once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import NamedTuple

from bot.messages import ChatId, ChatKey, MessageId
from bot.records import Chat, Letter, Referral
from dialogs.desk import Format
from dialogs.events import Effect, Event
from dialogs.session import Session
from dialogs.symbols import Param, Say, Screen


@dataclass(frozen=True, slots=True)
class Showing:
    """A screen somebody should see: in their live message, or in a new one when there is none.

    `anew` asks for a new message even if there is a live one. `callback` is the tap to answer, with `toast`.
    `litter` are messages to delete once the screen is shown. `file` asks for everything held, as a file, below it.
    `holder` is the process that shows it: another one, where that is still at an older screen.
    """

    key: ChatKey
    chat: ChatId
    session: Session
    live: MessageId | None = None
    litter: tuple[int, ...] = ()
    anew: bool = False
    callback: str | None = None
    toast: str | None = None
    file: bool = False
    holder: int = 0

    @property
    def version(self) -> tuple[str, int]:
        """Which screen this is: the conversation, and the turn in it."""
        return self.session.nonce, self.session.turn

    def merged(self, newer: Showing) -> Showing:
        """One showing that does what both would have done; a screen never gives way to an older one of its session."""
        older = self.session.nonce == newer.session.nonce and self.session.turn > newer.session.turn
        last, litter = self if older else newer, (*self.litter, *newer.litter)
        anew, file = newer.anew or self.anew, newer.file or self.file
        return replace(last, holder=newer.holder, litter=litter, anew=anew, file=file)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person's conversation wants of the desk, and their words where it is to be passed on.

    `session` is theirs, after what they did.
    """

    key: ChatKey
    chat: ChatId
    session: Session
    effect: Effect
    words: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to a person who agreed to be written to, and not by their own doing.

    `at_the_bottom` brings their screen anew, so that they hear of it.
    """

    key: ChatKey
    event: Event
    at_the_bottom: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A line said once and not kept: a text by its key, in every open language."""

    chat: ChatId
    key: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to somebody of a desk, said once: in their chat, in the language of their desk.

    Each of `pictures` makes a picture to go before it, slowly: not while others wait.
    """

    chat: ChatId
    screen: Screen
    locale: str
    pictures: tuple[Callable[[], bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a press of a desk's button: a short line, or only that it arrived.

    Without a locale it is said in every open language: nothing is known about who reads it.
    """

    callback: str
    said: Say | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class Export:
    """Results that a lead asked for, as files: those of their `places`, from the day `since` on if there is one.

    They go to the lead's private `chat`, said and labelled in this locale.
    """

    chat: ChatId
    kind: Format
    places: tuple[str, ...]
    since: date | None
    locale: str


class Where(NamedTuple):
    """The live message, the messages to clear away, and whether the screen must come anew at the bottom."""

    live: MessageId | None
    litter: tuple[int, ...]
    anew: bool = False


@dataclass(slots=True)
class Batch:
    """What a batch of updates writes, and what is to be sent once that is committed."""

    rows: list[Chat] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    showings: list[Showing] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    toasts: list[Toast] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)

    def join(self, other: Batch) -> Batch:
        """Both, to be sent one after the other."""
        return Batch(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))
