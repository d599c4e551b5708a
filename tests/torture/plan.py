"""What is to go wrong with processes and the database, and when: all of it follows from a seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from tests.torture.points import BUSY, POINTS, Death

TroubleKind = Literal["disk full", "server stopped", "connections ended"]
LEASE = 4.0  # seconds a process may stand still


@dataclass(frozen=True)
class Life:
    """How a process is to end: at a point, the nth time it comes there, or else after so many seconds.

    One that `stops` there stands still for `still` seconds and then goes on, until its time is over.
    """

    seconds: float
    point: str = ""
    nth: int = 1
    how: Death = "dies"
    still: float = 0.0


@dataclass(frozen=True)
class Trouble:
    """Something that happens to the database, so many seconds after the one before, for so long."""

    wait: float
    kind: TroubleKind
    seconds: float


def lives(seed: int, worker: int) -> Iterator[Life]:
    """The lives of one process after the other: every point once in a round, and deaths at any moment between."""
    chance = random.Random(f"{seed}:lives:{worker}")
    while True:
        for point in chance.sample(POINTS, len(POINTS)):
            nth = chance.randint(1, 4) if point.startswith(BUSY) else 1
            stops = chance.random() < 0.15
            still = chance.choice((0.5, LEASE * 2)) if stops else 0.0
            yield Life(chance.uniform(12, 16) + still, point, nth, "stops" if stops else "dies", still)
            if chance.random() < 0.3:
                yield Life(chance.choice((chance.uniform(0.2, 3), chance.uniform(3, 9))))


def troubles(seed: int, postgres: bool) -> Iterator[Trouble]:
    """What happens to the database, one thing after the other."""
    chance = random.Random(f"{seed}:troubles")
    kinds: tuple[TroubleKind, ...] = ("server stopped", "connections ended") if postgres else ("disk full",)
    while True:
        yield Trouble(chance.uniform(6, 18), chance.choice(kinds), chance.uniform(0.3, 3))


def fingerprint(seed: int, workers: int, postgres: bool) -> str:
    """A short name of the plan: the same for the same seed."""
    first = [*(life for worker in range(workers) for life in islice(lives(seed, worker), 500))]
    return hashlib.sha256(repr((first, list(islice(troubles(seed, postgres), 500)))).encode()).hexdigest()[:12]
