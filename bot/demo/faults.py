"""Failures on order, and a log of every call: what a test needs to see how the bot behaves when Telegram does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.demo.wire import ApiError, Json, JsonObject, too_many

FaultKind = Literal["refuse", "drop_before", "drop_after", "slow", "slow_answer"]


@dataclass
class Fault:
    """What goes wrong with the next `times` calls of `method` (any, if None) to `chat` (any, if None).

    `refuse` answers `refusal` and does nothing; `drop_before` and `drop_after` cut the connection before or
    after the call took effect; `slow` waits `seconds` before the effect, `slow_answer` after it.
    """

    kind: FaultKind
    method: str | None = None
    chat: int | None = None
    times: int = 1
    seconds: float = 0.0
    refusal: ApiError | None = None

    def meets(self, method: str, chat: int | None) -> bool:
        """Whether this call is one of those that fail."""
        named = self.method is None or self.method.lower() == method.lower()
        return self.times > 0 and named and (self.chat is None or self.chat == chat)


@dataclass(frozen=True)
class Call:
    """One call the bot made. `status` is the HTTP status, 0 where the connection was cut by a fault."""

    number: int
    at: float
    method: str
    chat: int | None
    params: Mapping[str, Json]
    status: int
    response: JsonObject
    fault: str | None = None

    @property
    def rejected(self) -> bool:
        """Whether Telegram said no by itself, not because a fault was ordered."""
        return self.fault is None and self.status >= 400

    @property
    def description(self) -> str:
        """Why it was refused, in Telegram's words."""
        return str(self.response.get("description", ""))


@dataclass
class Faults:
    """The failures that are still to happen, and the calls so far."""

    ordered: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def order(self, fault: Fault) -> None:
        """Lets something go wrong with the next calls that fit."""
        self.ordered.append(fault)

    def clear(self) -> None:
        """Lets nothing go wrong any more."""
        self.ordered.clear()

    def strike(self, method: str, chat: int | None) -> Fault | None:
        """The failure that meets this call, counted down; polls are met only when named."""
        for fault in self.ordered:
            unnamed_poll = fault.method is None and method.lower() == "getupdates"
            if fault.meets(method, chat) and not unnamed_poll:
                fault.times -= 1
                return fault
        return None


def refused(code: int, retry_after: int = 1) -> ApiError:
    """The answer of a Telegram that is busy (429) or broken (5xx)."""
    names = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
    return too_many(retry_after) if code == 429 else ApiError(code, names.get(code, "Internal Server Error"))
