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
    """One result given to coordinators: `result` is its JSON, None once it is withdrawn or expired.

    `life` is its life at the desk as JSON, of which `state`, `claimer` (the key of the coordinator who has it) and
    `undoable` (until when the last change can be undone) can be searched for. `waited` are the hours it had waited
    when its card last came back, at `nudged`; `bridged` whether the person can be written to.
    """

    code: str
    place: str
    day: date
    state: str
    result: str | None
    arrived: int
    closed: int | None = None
    wanted: int = 1
    shown: int = 0
    life: str | None = None
    claimer: bytes | None = None
    undoable: int | None = None
    waited: int | None = None
    nudged: int | None = None
    bridged: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """In which message a chat of the desk shows a referral, and which version; `litter` are messages to delete."""

    code: str
    key: ChatKey
    address: bytes
    shown: int = 0
    message: int | None = None
    litter: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """A chat that belongs to the desk of a place. `given` when the settings say so and not a code."""

    key: ChatKey
    place: str
    address: bytes
    role: str
    private: bool
    at: int
    given: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has acted for the desk of a place, with their sealed name."""

    key: ChatKey
    place: str
    name: bytes
    at: int
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did at a desk: `who` is their sealed Telegram id."""

    at: int
    place: str
    who: bytes
    what: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who is to be told, once, that their place takes people again."""

    key: ChatKey
    place: str
    language: str
    address: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be sent once: sealed words, to a chat or to an address of the operator's named by `channel`.

    `code` is the referral it goes with, where it must not outlive it.
    """

    channel: str
    place: str
    body: bytes
    due: int
    expires: int
    key: ChatKey | None = None
    address: bytes | None = None
    tries: int = 0
    failure: str | None = None
    code: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Bridge:
    """A chat the desk may write to by code: the link is sealed. `told` is the state the person was last told.

    `written` counts the desk's messages; `draft` are its own sealed words, given at `drafted`, to be confirmed.
    """

    code: str
    link: bytes
    expires: int
    told: str = "new"
    written: int = 0
    draft: bytes | None = None
    drafted: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen was shown: in which message, with what still lying about, and what was cleared away.

    `going_on`: the process that showed it is at a newer one already.
    """

    key: ChatKey
    turn: int
    message: int | None
    litter: tuple[int, ...] = ()
    cleared: tuple[int, ...] = ()
    going_on: bool = False
