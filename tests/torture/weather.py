"""Between the program and Telegram: lost, late, broken and repeated answers, by a plan that a seed makes.

Every decision is a function of the seed, the method and how many calls of it came before, never of the time.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.demo.lines import Lines

Kind = Literal[
    "cut before", "cut after", "429", "500", "502", "502 after", "garbage", "garbage after", "silence", "silence after"
]
APPLIED: frozenset[Kind] = frozenset({"cut after", "502 after", "garbage after", "silence after"})
KINDS: tuple[Kind, ...] = (
    *("cut before", "cut after", "429", "500", "502", "502 after", "garbage", "garbage after"),
    *("silence", "silence after"),
)
SENDING = frozenset({"sendmessage", "senddocument", "sendphoto"})
GARBAGE = (b"\xff\xfe\x00<html>", b'{"ok":true,"result":', b"[]", b"null", b"{}", b"")
# Of another shape than it should have. Said of a call that did not take effect, this would be a lie, not a failure.
MISSHAPEN = (b'{"ok":true}', b'{"ok":true,"result":[7]}', b'{"ok":true,"result":"yes"}', b'{"ok":true,"result":null}')
LONGEST_SILENCE, LONGEST_POLL = 30.0, 3.0  # seconds; all updates wait behind one poll


@dataclass(frozen=True)
class Climate:
    """How often, of a thousand calls, each kind of thing goes wrong."""

    calls: int = 40
    silences: int = 3
    polls: int = 80
    shuffles: int = 300
    repeats: int = 200


@dataclass(frozen=True)
class Sent:
    """A message that Telegram has. `heard` says whether the program got to know."""

    at: float
    chat: int
    message: int
    heard: bool


@dataclass
class Weather:
    """What happens to each call. Calm until it is told to storm.

    `counts` is what happened, by kind, `silences` when calls were kept waiting in vain that are not polls.
    """

    seed: int
    climate: Climate = field(default_factory=Climate)
    storms: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    sent: list[Sent] = field(default_factory=list)
    past: list[Any] = field(default_factory=list)
    silences: list[tuple[float, float]] = field(default_factory=list)
    calmed: asyncio.Event = field(default_factory=asyncio.Event)

    def strike(self, method: str) -> tuple[Kind | None, random.Random]:
        """What goes wrong with this call, if anything, and the chance for whatever else must be chosen."""
        self.calls[method] += 1
        chance = random.Random(f"{self.seed}:{method}:{self.calls[method]}")
        roll = chance.randrange(1000)
        often = self.climate.polls if method == "getupdates" else self.climate.calls
        if not self.storms or roll >= often + self.climate.silences:
            return None, chance
        kind = chance.choice(KINDS[-2:] if roll >= often else KINDS[:-2])
        self.counts[kind] += 1
        return kind, chance

    def calm(self) -> None:
        """From now on nothing goes wrong, and whoever still waits for an answer is cut off."""
        self.storms = False
        self.calmed.set()

    def around(self, app: ASGIApp, lines: Lines) -> ASGIApp:
        """The Bot API in this weather."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].startswith("/bot"):
                await app(scope, receive, send)
                return
            await _Call(self, app, lines, scope, receive, send).answered()

        return answer


@dataclass
class _Call:
    weather: Weather
    app: ASGIApp
    lines: Lines
    scope: Scope
    receive: Receive
    send: Send

    async def answered(self) -> None:
        method = self.scope["path"].rpartition("/")[2].lower()
        kind, chance = self.weather.strike(method)
        if kind is None:
            await self._passed_on(method, chance, heard=True)
            return
        if kind in APPLIED:
            await self._passed_on(method, chance, heard=False)
        else:
            await self._body()
        await self._broken(kind, chance)

    async def _passed_on(self, method: str, chance: random.Random, heard: bool) -> None:
        """Have the call take effect; its answer is given unless it is not to be heard."""
        answer: list[Message] = []

        async def kept(message: Message) -> None:
            answer.append(dict(message))

        await self.app(self.scope, self.receive, kept)
        body = b"".join(each.get("body", b"") for each in answer)
        if method in SENDING:
            self._noted(body, heard)
        if not heard:
            return
        if method == "getupdates" and self.weather.storms and answer[0].get("status") == 200:
            body = self._mixed(body, chance)
        await self._say(answer[0]["status"], body)

    async def _broken(self, kind: Kind, chance: random.Random) -> None:
        match kind:
            case "cut before" | "cut after":
                await self._cut()
            case "429":
                wait = chance.choice((1, 1, 2, 3))
                said = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}"}
                await self._say(429, json.dumps({**said, "parameters": {"retry_after": wait}}).encode())
            case "500" | "502" | "502 after":
                await self._say(int(kind[:3]), b"<html><h1>Bad Gateway</h1></html>")
            case "garbage":
                await self._say(200, chance.choice(GARBAGE))
            case "garbage after":
                await self._say(200, chance.choice((*GARBAGE, *MISSHAPEN)))
            case "silence" | "silence after":
                await self._kept_waiting()

    async def _kept_waiting(self) -> None:
        """Say nothing until the program has given up, or the weather has calmed."""
        poll = self.scope["path"].lower().endswith("/getupdates")
        longest, began = LONGEST_POLL if poll else LONGEST_SILENCE, time.monotonic()
        gone = asyncio.ensure_future(self._gone())
        calmed = asyncio.ensure_future(self.weather.calmed.wait())
        await asyncio.wait({gone, calmed}, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
        calmed.cancel()
        if not gone.done():
            self._reset()
        await gone
        if not poll:
            self.weather.silences.append((began, time.monotonic()))

    def _mixed(self, body: bytes, chance: random.Random) -> bytes:
        """These updates, some of them twice, some from long ago among them, not in their order."""
        said = json.loads(body)
        updates: list[Any] = said["result"]
        climate = self.weather.climate
        if updates and chance.randrange(1000) < climate.repeats:
            old = chance.sample(self.weather.past[-500:], min(3, len(self.weather.past)))
            updates = [*updates, chance.choice(updates), *old]
            self.weather.counts["repeated updates"] += 1
        self.weather.past += said["result"]
        if len(updates) > 1 and chance.randrange(1000) < climate.shuffles:
            chance.shuffle(updates)
            self.weather.counts["reordered updates"] += 1
        return json.dumps({**said, "result": updates}).encode()

    def _noted(self, body: bytes, heard: bool) -> None:
        said: Mapping[str, Any] = json.loads(body)
        if said.get("ok"):
            message = said["result"]
            at = asyncio.get_running_loop().time()
            self.weather.sent.append(Sent(at, message["chat"]["id"], message["message_id"], heard))

    async def _say(self, status: int, body: bytes) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def _body(self) -> None:
        while (message := await self.receive())["type"] == "http.request" and message.get("more_body"):
            continue

    async def _cut(self) -> None:
        self._reset()
        await self._gone()

    def _reset(self) -> None:
        """Reset the connection, as a broken network does."""
        if line := self.lines.get(tuple(self.scope["client"])):
            line.abort()

    async def _gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            continue
