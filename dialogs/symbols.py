"""What a screen is made of: symbols that `texts` turns into words. No words here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Literal

from dialogs.events import Event, Tapped
from dialogs.measure import Height, Mass
from dialogs.study import Language

OperatorText = Literal["contact", "approval", "privacy"]
KEPT = 1_024  # buttons and labels of a study, made once for all people; none says anything about anybody


@dataclass(frozen=True, slots=True)
class Told:
    """Words of the operator of a place: how to reach the study team, who approved, who answers for privacy."""

    what: OperatorText
    place: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, to be written the way the reader writes it."""

    number: int
    unit: Mass


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence or label by its key, with what goes into it; `language` when it is not the reader's own."""

    key: str
    params: Mapping[str, Param] = field(default_factory=dict)
    language: Language | None = None


Param = str | int | date | Height | Amount | Told | Say
Line = Say | Told


@dataclass(frozen=True, slots=True)
class Option:
    """One button: its id, its label, and what it means: an event, or a text to copy.

    `number` is what it says where it stands for a figure: it is the number to type, whatever its place.
    """

    id: str
    label: Say
    event: Event | None = None
    copies: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person should see now: blocks of lines, then rows of options."""

    kind: str
    blocks: tuple[tuple[Line, ...], ...]
    rows: tuple[tuple[Option, ...], ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """All options, in the order they are seen."""
        return tuple(option for row in self.rows for option in row)

    @property
    def answers(self) -> tuple[Option, ...]:
        """The options that mean something, in the order they are listed: one that only copies cannot be typed."""
        return tuple(option for option in self.options if option.event)

    @property
    def numbered(self) -> Mapping[int, Option]:
        """The answers by the number to type: their own, or counted on from the greatest of those."""
        following = count(1 + max((option.number for option in self.answers if option.number is not None), default=0))
        return {next(following) if each.number is None else each.number: each for each in self.answers}

    def noting(self, *lines: Line) -> Screen:
        """The same screen with this said first."""
        return replace(self, blocks=(lines, *self.blocks))

    def ending(self, *lines: Line) -> Screen:
        """The same screen with this said last."""
        return replace(self, blocks=(*self.blocks, lines))

    def keys(self) -> Iterator[str]:
        """Every text this screen needs."""
        for line in (line for block in self.blocks for line in block):
            yield from _keys(line)
        for option in self.options:
            yield from _keys(option.label)


@lru_cache(KEPT)
def taps(step: str, *names: str) -> tuple[tuple[Option, ...], ...]:
    """One row for each of these taps on a step that is no question."""
    return tuple((Option(name, Say(f"{step}.{name}"), Tapped(choice=name)),) for name in names)


def _keys(said: Param) -> Iterator[str]:
    if isinstance(said, Say):
        yield said.key
        for param in said.params.values():
            yield from _keys(param)
