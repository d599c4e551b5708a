"""The dialog every peer leads: the study's questions, given as JSON by whoever starts the peer.

The environment says where everything is: BENCH_API, BENCH_QUESTIONS, BENCH_DATA and BENCH_REDIS.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

TOKEN = "1000001:benchmark"
AGAIN = "again"


@dataclass(frozen=True)
class Question:
    """What is asked, and the labels of its buttons."""

    text: str
    labels: tuple[str, ...]

    def buttons(self, number: int) -> list[tuple[str, str]]:
        """Each button's label and data."""
        return [(label, f"{number}.{index}") for index, label in enumerate(self.labels)]


def api() -> str:
    """The address of the Bot API."""
    return os.environ["BENCH_API"]


def data() -> Path:
    """The folder a peer may write to."""
    return Path(os.environ["BENCH_DATA"])


def questions() -> list[Question]:
    """All questions, in order."""
    given = json.loads(Path(os.environ["BENCH_QUESTIONS"]).read_text("utf-8"))
    return [Question(each["text"], tuple(each["labels"])) for each in given]


def summary(asked: list[Question], chosen: dict[int, int]) -> str:
    """What is said at the end."""
    return "\n".join(f"{asked[number].text[:40]}: {asked[number].labels[index]}" for number, index in chosen.items())
