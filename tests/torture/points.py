"""The named moments at which the program can be made to die or to stand still, and how it is made to.

Each name is what the program is at, and the step in it. Nothing in the program knows of them: the victim wraps them.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

Death = Literal["dies", "stops"]

# Every transaction, by what it is for, and every call, by what it is for; not all of them come in every life.
COMMITS = (
    *("handle", "record", "cards", "take over", "retention", "reminders", "letters", "doors", "start", "settle"),
    *("chase", "bridges"),
)
CALLS = (
    "show: sendMessage",
    "show: editMessageText",
    "show: deleteMessage",
    "show: sendDocument",
    "remark: answerCallbackQuery",
    "cards: sendMessage",
    "cards: editMessageText",
    "letters: sendMessage",
)
MOMENTS = (
    *("poll: fetched", "poll: before the next is asked for", "brought: taken", "brought: before they are acknowledged"),
    *("start: before the tables", "start: prepared", "presence: before the beat", "presence: before the vote"),
    *("scrub: before", "scrub: after"),
)
POINTS: tuple[str, ...] = (
    *(f"{each}: {when} commit" for each in COMMITS for when in ("before", "after")),
    *(f"{each.partition(': ')[0]}: {when} {each.partition(': ')[2]}" for each in CALLS for when in ("before", "after")),
    *MOMENTS,
)
# What every life comes by often; of the others the first passage is taken.
BUSY = ("handle", "record", "show", "remark", "poll", "brought")
# What a life may be long without: only a few people, or few moments, ever lead there.
RARE = (
    "show: before sendDocument",
    "show: after sendDocument",
    "letters: before send",
    "letters: after send",
    "settle",
)
POLLED, BROUGHT, SHARED = "poll: ", "brought: ", "settle: "

# How a process is told of its trap: in its environment.
TRAP, NTH, HOW, TELLS, MUTANT = "TORTURE_TRAP", "TORTURE_NTH", "TORTURE_HOW", "TORTURE_TELLS", "TORTURE_MUTANT"


def points(shared: bool, brought: bool) -> tuple[str, ...]:
    """The moments that exist in one form of a campaign.

    Who is brought updates polls none, and the other way round. And only where processes share a database does one of
    them have to see what became of a chat that another one holds.
    """
    absent = (POLLED if brought else BROUGHT, *(() if shared else (SHARED,)))
    return tuple(each for each in POINTS if not each.startswith(absent))


doing: ContextVar[str] = ContextVar("doing", default="start")


@dataclass
class Trap:
    """Dies, or stands still, at one moment, the nth time it comes there; tells which before it does."""

    point: str = ""
    nth: int = 1
    how: Death = "dies"
    tells: int = 2
    passed: Counter[str] = field(default_factory=Counter)

    def comes_by(self, point: str) -> None:
        """The program is at this moment now."""
        self.passed[point] += 1
        if point and point == self.point and self.passed[point] == self.nth:
            os.write(self.tells, f"{point}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL if self.how == "dies" else signal.SIGSTOP)

    def step(self, step: str) -> None:
        """The program takes this step in what it is doing now."""
        self.comes_by(f"{doing.get()}: {step}")


def at_work(what: str, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same work, under this name."""

    async def named(*given: Any, **more: Any) -> Any:
        before = doing.set(what)
        try:
            return await work(*given, **more)
        finally:
            doing.reset(before)

    return named
