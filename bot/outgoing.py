"""What is to be sent after a commit: screens, cards, lines said once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.messages import ChatId, ChatKey, MessageId
from bot.records import Chat, Referral
from dialogs.session import Session
from dialogs.symbols import Param


@dataclass(frozen=True, slots=True)
class Showing:
    """A screen somebody should see: in their live message, or in a new one when there is none.

    `anew` asks for a new message even if there is a live one. `callback` is the tap to answer, with `toast`.
    `litter` are messages to delete once the screen is shown. `file` asks for everything held, as a file, below it.
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


@dataclass(frozen=True, slots=True)
class Notice:
    """A line said once and not kept: a text by its key, in every open language."""

    chat: ChatId
    key: str
    params: Mapping[str, Param] = field(default_factory=dict)


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

    def join(self, other: Batch) -> Batch:
        """Both, to be sent one after the other."""
        return Batch(
            self.rows + other.rows,
            self.referrals + other.referrals,
            self.withdrawn + other.withdrawn,
            self.counted + other.counted,
            self.showings + other.showings,
            self.notices + other.notices,
        )
