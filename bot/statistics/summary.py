"""The few lines that go with the picture, and that the weekly digest consists of: symbols, no words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.statistics.disclosure import FEWEST, FEWEST_DECIDED, Shown
from bot.statistics.figures import Cell, Figures
from dialogs.symbols import Param, Say

Block = tuple[Say, ...]


def summary(figures: Figures | None) -> tuple[Block, ...]:
    """What the figures say in a few lines, in blocks; None says that there are none yet, and why."""
    if figures is None:
        return ((Say("desk.stats.none"),),)
    return (title(figures), period(figures)), tuple(_lines(figures)), (note(),)


def number(shown: Shown, below: int) -> Param:
    """A number as it may be said: that there are fewer than so many, where it is not shown."""
    return Say("desk.stats.fewer", {"number": below}) if shown is None else shown


def hours(within: int | None) -> Say:
    """A number of hours as it may be said."""
    return Say("desk.stats.hours.longer") if within is None else Say("desk.stats.hours.within", {"hours": within})


def _lines(figures: Figures) -> Iterator[Say]:
    yield Say("desk.stats.line.people", _steps(figures, "started", "agreed", "result", "sent"))
    yield Say("desk.stats.line.desk", _steps(figures, "claimed", "contacted", "enrolled"))
    if waited := hours_line(figures):
        yield waited
    yield from _most("stopped", figures.stopped)
    yield from _most("decided", figures.decided)


def _steps(figures: Figures, *names: str) -> dict[str, Param]:
    totals = {name: figures.step(name).total for name in names}
    return {name: number(total.number, total.below) for name, total in totals.items()}


def title(figures: Figures) -> Say:
    """Which place the figures are about."""
    return Say("desk.stats.title", {"place": Say(f"place.{figures.place}.name")})


def period(figures: Figures) -> Say:
    """Which days the figures are about, the last one included."""
    return Say("desk.stats.period", {"since": figures.since, "until": figures.until})


def hours_line(figures: Figures) -> Say | None:
    """How long referrals waited, where it may be said."""
    if figures.hours is None:
        return None
    median, ninetieth = hours(figures.hours.median), hours(figures.hours.ninetieth)
    return Say("desk.stats.line.hours", {"median": median, "ninetieth": ninetieth})


def note() -> Say:
    """How the numbers were made coarse, for whoever reads them."""
    return Say("desk.stats.note", {"fewest": FEWEST, "decided": FEWEST_DECIDED})


def _most(kind: str, cells: tuple[Cell, ...]) -> Iterator[Say]:
    """What a list begins with, unless even that is not shown."""
    if cells and cells[0].number is not None:
        yield Say(f"desk.stats.line.{kind}", {"what": cells[0].label, "number": cells[0].number})
