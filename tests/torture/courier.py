"""Brings updates as Telegram does: several at once, again until they are acknowledged, and now and then once too often.

Nothing that waits is in the stand-in's own queue: this is where the campaign asks whether anything does.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp

from bot.demo.chats import Telegram
from tests.torture.weather import Weather

AT_ONCE = 40  # Telegram's own number, unless a bot asks for another
PATIENCE = aiohttp.ClientTimeout(total=6.0)  # longer than the program takes; one that stands still is noticed
LOOK, AGAIN = 0.01, 0.1  # seconds
TAKEN = 200
SECRET = "only-of-this-campaign"  # it opens nothing but a process of the campaign
ADDRESS = "https://bot.example/updates"


@dataclass
class Courier:
    """Carries what waits to the processes that listen at these ports, as a balancer before them would.

    It begins once the program has said that it wants updates brought.
    """

    telegram: Telegram
    weather: Weather
    seed: int
    ports: Sequence[int]
    _waiting: dict[int, Any] = field(default_factory=dict)
    _under_way: set[int] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def busy(self) -> bool:
        """Whether something is not acknowledged yet."""
        return bool(self._waiting)

    async def run(self) -> None:
        """Bring what waits, until cancelled."""
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            while True:
                self._fetch()
                for number in list(self._waiting)[:AT_ONCE]:
                    if number not in self._under_way:
                        self._begin(session, number)
                await asyncio.sleep(LOOK)

    def _fetch(self) -> None:
        queue = self.telegram.queue
        if self.telegram.profile.webhook and (taken := queue.take(1000)):
            self._waiting |= {int(str(each["update_id"])): each for each in taken}
            queue.acknowledge(max(self._waiting) + 1)

    def _begin(self, session: aiohttp.ClientSession, number: int) -> None:
        self._under_way.add(number)
        task = asyncio.get_running_loop().create_task(self._brought(session, number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _brought(self, session: aiohttp.ClientSession, number: int) -> None:
        """Bring one update until it is taken; perhaps to two processes, perhaps once more although it was taken."""
        for time in count():
            chance = random.Random(f"{self.seed}:brought:{number}:{time}")
            taken = await self._tried(session, number, chance)
            if taken and not self._mishears(chance):
                break
            await asyncio.sleep(AGAIN * chance.uniform(1, 3))
        del self._waiting[number]
        self._under_way.discard(number)

    async def _tried(self, session: aiohttp.ClientSession, number: int, chance: random.Random) -> bool:
        first, *others = chance.sample(self.ports, len(self.ports))
        if others and self.weather.storms and chance.randrange(1000) < self.weather.climate.repeats / 4:
            self.weather.counts["updates brought to two at once"] += 1
            return any(await asyncio.gather(self._told(session, first, number), self._told(session, others[0], number)))
        for port in (first, *others):  # where one does not listen, a balancer asks the next
            if await self._told(session, port, number):
                return True
        return False

    async def _told(self, session: aiohttp.ClientSession, port: int, number: int) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        body = json.dumps(self._waiting[number]).encode()
        try:
            async with session.post(f"http://127.0.0.1:{port}/updates", data=body, headers=headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            self.weather.counts["updates brought in vain"] += 1
            return False
        self.weather.counts[f"updates answered with {status}"] += 1
        return status == TAKEN

    def _mishears(self, chance: random.Random) -> bool:
        """Whether Telegram does not get to know that it was taken."""
        missed = self.weather.storms and chance.randrange(1000) < self.weather.climate.polls
        self.weather.counts["acknowledgements not heard"] += missed
        return missed
