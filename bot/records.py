"""What a row holds, as values: a person's conversation, a referral, a screen that was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.messages import ChatKey


@dataclass(frozen=True, slots=True)
class Chat:
    """One person's row: their sealed address and session, and what they should see and do see.

    `message` is the live message, `litter` are messages to delete. `wanted` is the turn to show.
    """

    key: ChatKey
    address: bytes
    session: bytes
    wanted: int
    shown: int
    touched: int
    message: int | None = None
    litter: tuple[int, ...] = ()
    remind: int | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """One result given to coordinators: `result` is its JSON, None once it is withdrawn or expired."""

    code: str
    place: str
    day: date
    state: str
    result: str | None
    arrived: int
    closed: int | None = None
    wanted: int = 1
    shown: int = 0
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen was shown: in which message, and with what still lying about."""

    key: ChatKey
    turn: int
    message: int | None
    litter: tuple[int, ...] = ()
