"""A computer that runs one process of the program, and loses it again and again."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.nursery import Child, Nursery
from tests.torture.plan import Life
from tests.torture.points import HOW, MUTANT, NTH, TELLS, TRAP

FOREVER = Life(float("inf"))


@dataclass
class Host:
    """Starts the program anew whenever it has ended, as an operator's system does.

    `kills` counts by point, `struck` are the points at which one has died, `lost` is told whenever a process was killed
    or stands still and for how long, `alone` are the exit codes of those that ended by themselves.
    """

    number: int
    directory: Path
    environment: Mapping[str, str]
    lives: Iterator[Life]
    nursery: Nursery
    mutant: str
    lost: Callable[[float, float], None]
    struck: set[str]
    process: Child | None = None
    life: Life = FOREVER
    kills: Counter[str] = field(default_factory=Counter)
    alone: list[tuple[float, int]] = field(default_factory=list)
    last: bool = False
    _started: float = 0.0
    _heard: int = 0
    _still_until: float | None = None
    _again_at: float = 0.0

    @property
    def log(self) -> Path:
        """The file of its log."""
        return self.directory / f"{self.number}.log"

    @property
    def _epitaphs(self) -> Path:
        """Where each process writes at which point it dies."""
        return self.directory / f"{self.number}.epitaphs"

    def tick(self, now: float) -> None:
        """See to the process: note how it ended, start it again, wake it, end it when its time is over."""
        if self.process is None:
            if now >= self._again_at:
                self._start(now)
            return
        code = self.process.poll()
        self._listen(now)
        if code is not None:
            self._ended(now, code)
        elif self._still_until is not None and now >= self._still_until:
            self._still_until = None
            self.process.send(signal.SIGCONT)
        elif now - self._started > self.life.seconds:
            self.kills["at random"] += 1
            self.kill(now)

    def kill(self, now: float) -> None:
        """SIGKILL: nothing is finished, nothing written down."""
        if self.process is None:
            return
        self.process.kill()
        self._listen(now)
        self.lost(now, 0.0)
        self._forget()

    def lets_live(self, now: float) -> None:
        """Killed once more; from then on nothing ends it."""
        self.last = True
        if self.process is not None:
            self.kills["when the storm was nearly over"] += 1
            self.kill(now)

    @property
    def unharmed(self) -> bool:
        """Whether it runs with no trap set."""
        return self.process is not None and self.life is FOREVER

    def _start(self, now: float) -> None:
        self.life = FOREVER if self.last else next(self.lives)
        told = {TRAP: self.life.point, NTH: str(self.life.nth), HOW: self.life.how, TELLS: str(self._epitaphs)}
        given = {**self.environment, **told, MUTANT: self.mutant}
        self.process = self.nursery.bears(given, self.directory, self.log)
        self._started = now

    def _listen(self, now: float) -> None:
        """Hear at which point it died or stands still."""
        said = self._epitaphs.read_text("utf-8")[self._heard :] if self._epitaphs.exists() else ""
        self._heard += len(said)
        for point in said.splitlines():
            self.lost(now, self.life.still)
            if self.life.how == "stops":
                self.kills[f"{point} (stood still)"] += 1
                self._still_until = now + self.life.still
            else:
                self.kills[point] += 1
                self.struck.add(point)

    def _ended(self, now: float, code: int) -> None:
        if code != -signal.SIGKILL:
            self.alone.append((now, code))
            self._again_at = now + 0.5
        self.lost(now, 0.0)
        self._forget()

    def _forget(self) -> None:
        self.process, self._still_until = None, None
