"""What is to go wrong with processes and the database, and when: all of it follows from a seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from tests.torture.points import BUSY, RARE, Death, points

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


@dataclass(frozen=True)
class Form:
    """Which campaign it is: how many processes, on which database, and how updates come to them."""

    workers: int = 1
    postgres: bool = False
    webhook: bool = False

    @property
    def points(self) -> tuple[str, ...]:
        """The moments there are in it."""
        return points(shared=self.workers > 1, brought=self.webhook)


def lives(seed: int, worker: int, form: Form, struck: Collection[str] = ()) -> Iterator[Life]:
    """The lives of one process after the other: every point once in a round, and deaths at any moment between.

    After the first round, points at which something has died already (`struck`, which grows) are left out as long as
    there are others.
    """
    chance, first = random.Random(f"{seed}:lives:{worker}"), True
    while True:
        for point in chance.sample(form.points, len(form.points)):
            nth = chance.randint(1, 4) if point.startswith(BUSY) and not point.startswith(RARE) else 1
            stops = chance.random() < 0.15
            still = chance.choice((0.5, LEASE * 2)) if stops else 0.0
            seconds = chance.uniform(*((25, 40) if point.startswith(RARE) else (12, 16))) + still
            between = chance.choice((chance.uniform(0.2, 3), chance.uniform(3, 9)))
            at_random = chance.random() < 0.3
            if not first and point in struck and not set(form.points) <= set(struck):
                continue
            yield Life(seconds, point, nth, "stops" if stops else "dies", still)
            if at_random:
                yield Life(between)
        first = False


def troubles(seed: int, postgres: bool) -> Iterator[Trouble]:
    """What happens to the database, one thing after the other."""
    chance = random.Random(f"{seed}:troubles")
    kinds: tuple[TroubleKind, ...] = ("server stopped", "connections ended") if postgres else ("disk full",)
    while True:
        yield Trouble(chance.uniform(6, 18), chance.choice(kinds), chance.uniform(0.3, 3))


def fingerprint(seed: int, form: Form) -> str:
    """A short name of the plan: the same for the same seed."""
    first = [*(life for worker in range(form.workers) for life in islice(lives(seed, worker, form), 500))]
    return hashlib.sha256(repr((first, list(islice(troubles(seed, form.postgres), 500)))).encode()).hexdigest()[:12]
