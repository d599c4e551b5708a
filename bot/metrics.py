"""What this process counts about its own work: kinds and durations, nothing by which anybody could be told apart."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


@dataclass
class Timing:
    """How long something took: how often up to each of the bounds, in seconds, and beyond the last."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def took(self, seconds: float) -> None:
        """Once more, and it took this long."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


@dataclass
class Metrics:
    """Counters of one process since its start."""

    updates: Counter[str] = field(default_factory=Counter)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    taken_over: int = 0
    handling: Timing = field(default_factory=Timing)
    showing: Timing = field(default_factory=Timing)
    last_update: float | None = None

    def handled(self, kinds: Iterable[str], seconds: float) -> None:
        """Updates of these kinds were committed together."""
        self.updates.update(kinds)
        self.handling.took(seconds)
        self.last_update = time.monotonic()

    def called(self, method: str, outcome: str) -> None:
        """Telegram was called, and this came of it."""
        self.calls[method, outcome] += 1
