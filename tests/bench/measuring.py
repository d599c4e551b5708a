"""One measurement: a stand-in and one bot, started anew, watched for a while."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.processes import BOT_CORE, Api, api, resident, running, used
from tests.bench.rows import Row, Services

STARTS_WITHIN = 60.0
WARM_WITHIN = 60.0  # 200 greetings and 200 taps, at the pace of the slowest row on a busy machine


class Void(Exception):
    """A run that says nothing: the bot did not start, somebody was lost, or nobody was answered."""


@dataclass(frozen=True)
class Setting:
    """How many people press for how long (seconds), how slow the Bot API is, and who is refused."""

    chats: int = 200
    warm_up: float = 1.0
    seconds: float = 3.0
    latency: float = 0.0
    think: float = 0.0
    flooded: int = 0


@dataclass(frozen=True)
class Measured:
    """What one run showed. Times in seconds, `memory` in bytes; `waits` are all steps' times, sorted."""

    steps: int
    seconds: float
    cpu: float
    memory: int
    calls: int
    stalled: int
    waits: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answered presses in a second."""
        return self.steps / self.seconds

    @property
    def cpu_per_step(self) -> float:
        """Processor time of the bot for each answered press."""
        return self.cpu / max(self.steps, 1)

    def percentile(self, part: float) -> float:
        """The time within which this part of all presses was answered."""
        return percentile(self.waits, part)


def percentile(ordered: tuple[float, ...], part: float) -> float:
    """The value below which this part of them lies; infinite where there is none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("inf")


def measure(
    row: Row, services: Services, folder: Path, setting: Setting, cores: Sequence[int] = (BOT_CORE,)
) -> Measured:
    """One run of one row in a folder of its own, the bot on these cores. Raises Void."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    log = folder / "log"
    options = {
        **row.steps(),
        "chats": setting.chats,
        "latency": setting.latency,
        "think": setting.think,
        "flooded": setting.flooded,
        "lifetime": STARTS_WITHIN + WARM_WITHIN + setting.warm_up + setting.seconds + 30,
    }
    with api(log, **options) as server:
        told = row.environment(folder, server.url, services)
        with running(row.command(), cores, log, told) as process:
            try:
                server.polled(STARTS_WITHIN)
            except TimeoutError as error:
                raise Void(f"{row.name}: {error}; see {log}") from error
            _warmed_up(server, setting)
            before = used(process.pid)
            server.reset()
            time.sleep(setting.seconds)
            found = server.report()
            cpu, memory = used(process.pid) - before, resident(process.pid)
    return _judged(row, found, cpu, memory)


def _warmed_up(server: Api, setting: Setting) -> None:
    """Wait until everybody has been answered a tap, however slow the bot is, and a little longer."""
    deadline = time.monotonic() + WARM_WITHIN
    while server.report()["steps"] < setting.chats and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(setting.warm_up)


def _judged(row: Row, found: dict[str, Any], cpu: float, memory: int) -> Measured:
    if found["lost"] or not found["steps"]:
        raise Void(f"{row.name}: {found['steps']} steps, {found['lost']} people saw another screen than they should")
    waits = tuple(sorted(found["waits"]))
    return Measured(found["steps"], found["seconds"], cpu, memory, found["calls"], found["stalled"], waits)
