"""The figures of one place, as they may be shown: from what was counted each day to frozen values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, get_args

from bot.statistics.disclosure import CLAIMS, FEWEST, FEWEST_DECIDED, Shown, released, shown, together, within
from dialogs.counting import STEPS
from dialogs.study import Language, Outcome, Study
from dialogs.symbols import Say
from dialogs.wording import asking_label

LANGUAGES: tuple[Language, ...] = get_args(Language)
LONGEST_WAIT = 168
REASONS = ("screen_failure", "declined", "unreachable", "withdrawn", "duplicate")
# The steps of the funnel after the result, each with what it is counted as.
AT_THE_DESK = {"sent": "sent", "claimed": "claimed", "contacted": "contacted", "enrolled": "closed.enrolled"}
SOURCE, OTHER_SOURCE = "source.", "other"
HALF = 6  # months

Counted = tuple[date, str, int]
ByLanguage = Mapping[Language, Shown]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number and what it counts: a question, a step, an outcome, a source, a reason.

    Where it is not shown, there are fewer than `below`.
    """

    name: str
    label: Say
    number: Shown
    below: int = FEWEST


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel: how many came as far, in all and, except for the result, by language."""

    total: Cell
    by_language: ByLanguage


@dataclass(frozen=True, slots=True)
class Compared:
    """One question in each language: who was asked, did not know, changed the answer, stopped there."""

    name: str
    label: Say
    asked: ByLanguage
    unsure: ByLanguage
    changed: ByLanguage
    stopped: ByLanguage


@dataclass(frozen=True, slots=True)
class Hours:
    """Within how many hours half, and nine in ten, of the referrals were claimed; None for more than a week."""

    median: int | None
    ninetieth: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that may be shown about one place: no other number leaves this package.

    `since` and `until` are the first and the last day it is about. The funnel begins with everybody who started and
    ends with those who joined the study. `closed`, `sources`, `stopped` and `decided` begin with the most.
    """

    place: str
    since: date
    until: date
    funnel: tuple[Step, ...]
    outcomes: tuple[Cell, ...]
    closed: tuple[Cell, ...]
    sources: tuple[Cell, ...]
    stopped: tuple[Cell, ...]
    decided: tuple[Cell, ...]
    questions: tuple[Compared, ...]
    hours: Hours | None

    def step(self, name: str) -> Step:
        """The step of the funnel with this name. Raises KeyError when there is none."""
        return {each.total.name: each for each in self.funnel}[name]


class Span(NamedTuple):
    """Days from `first` to before `end`."""

    first: date
    end: date

    def holds(self, day: date) -> bool:
        """Whether this day is one of them."""
        return self.first <= day < self.end


def first_day(until: date) -> date:
    """The first day that figures made on the day `until` go back to: where the half-year before its own begins."""
    return _half_year(_half_year(until) - timedelta(days=1))


def starting(place: str) -> tuple[str, ...]:
    """What those who start at a place are counted as."""
    return tuple(f"{place}.{language}.started" for language in LANGUAGES)


def spans_of(counts: Iterable[Counted], place: str, until: date) -> list[Span]:
    """The days of which numbers may be shown: what is counted as `starting`, day by day, decides."""
    started, people = starting(place), Counter[date]()
    for day, name, number in counts:
        people[day] += number if name in started else 0
    spans = (Span(first, released(people, first, end)) for first, end in _half_years(until))
    return [span for span in spans if span.first < span.end]


def figures_of(counts: Iterable[Counted], place: str, until: date, study: Study) -> Figures | None:
    """The figures of a place, from what was counted from `first_day(until)` to before `until`; None before there are.

    `until` is the first day that may not be over yet. Rows of other places, and of other days, do not matter.
    """
    rows = [row for row in counts if row[1].startswith(f"{place}.")]
    spans = spans_of(rows, place, until)
    if not spans:
        return None
    numbers: Counter[str] = Counter()
    for day, name, number in rows:
        numbers[name.removeprefix(f"{place}.")] += number if any(span.holds(day) for span in spans) else 0
    return _figures(_Tally(numbers), study, place, Span(spans[0].first, spans[-1].end))


@dataclass(frozen=True)
class _Tally:
    """How often each thing was counted at one place, exactly: for nobody to see. What it gives may be shown."""

    numbers: Mapping[str, int]

    def by_language(self, name: str) -> dict[Language, Shown]:
        """How often this was counted in each language."""
        return {each: shown(self._in(each, name)) for each in LANGUAGES}

    def total(self, name: str, label: Say, counted: str) -> Cell:
        """How often this was counted, where that is shown by language too."""
        return Cell(name, label, together(self.by_language(counted).values()), FEWEST * len(LANGUAGES))

    def blind(self, name: str, label: Say, counted: str, fewest: int = FEWEST) -> Cell:
        """How often this was counted, where that is shown for all languages together only."""
        return Cell(name, label, shown(self._all(counted), fewest), fewest)

    def sources(self) -> Iterator[Cell]:
        """How often each link to this place was used."""
        found: Counter[str] = Counter()
        for name, number in self.numbers.items():
            _, _, counted = name.partition(".")
            if counted.startswith(SOURCE):
                found[counted.removeprefix(SOURCE)] += number
        for source in sorted(found):
            known = source != OTHER_SOURCE
            label = Say("desk.stats.source.named", {"name": source}) if known else Say("desk.stats.source.other")
            # One that is named without a number would tell that there is somebody.
            if (used := shown(found[source])) is not None:
                yield Cell(source, label, used)

    def hours(self) -> Hours | None:
        """How long referrals waited; None for too few of them, as far as the shown numbers tell."""
        names = [f"hours.{hours}" for hours in range(LONGEST_WAIT + 1)]
        waited = together(shown(sum(self._in(each, name) for name in names)) for each in LANGUAGES)
        if waited is None or waited < CLAIMS:
            return None
        claims = [self._all(name) for name in names]
        return Hours(within(claims, 50), within(claims, 90))

    def _all(self, name: str) -> int:
        return sum(self._in(language, name) for language in LANGUAGES)

    def _in(self, language: Language, name: str) -> int:
        return self.numbers.get(f"{language}.{name}", 0)


def _figures(tally: _Tally, study: Study, place: str, span: Span) -> Figures:
    labels = {question.id: asking_label(question) for question in study.questions}
    places = {step: Say(f"desk.stats.at.{step}") for step in STEPS} | labels
    outcomes = tuple(tally.blind(each, Say(f"desk.stats.outcome.{each}"), f"result.{each}") for each in Outcome)
    closed = (tally.blind(each, Say(f"desk.stats.closed.{each}"), f"closed.{each}") for each in REASONS)
    decided = (tally.blind(each, label, f"decided.{each}", FEWEST_DECIDED) for each, label in labels.items())
    return Figures(
        place=place,
        since=span.first,
        until=span.end - timedelta(days=1),
        funnel=tuple(_funnel(tally, study, outcomes)),
        outcomes=outcomes,
        closed=_ordered(closed),
        sources=_ordered(tally.sources()),
        stopped=_ordered(tally.total(each, label, f"stopped.{each}") for each, label in places.items()),
        decided=_ordered(decided),
        questions=tuple(_compared(tally, question, label) for question, label in labels.items()),
        hours=tally.hours(),
    )


def _funnel(tally: _Tally, study: Study, outcomes: Collection[Cell]) -> Iterator[Step]:
    def step(name: str, label: Say, counted: str) -> Step:
        return Step(tally.total(name, label, counted), tally.by_language(counted))

    yield step("started", Say("desk.stats.step.started"), "started")
    for question in study.questions:
        asked = f"asked.{question.id}"
        yield step(asked, asking_label(question), asked)
        if question.id == study.policy.consent_after:
            yield step("agreed", Say("desk.stats.step.agreed"), "agreed")
    results, below = together(cell.number for cell in outcomes), sum(cell.below for cell in outcomes)
    yield Step(Cell("result", Say("desk.stats.step.result"), results, below), {})
    for name, counted in AT_THE_DESK.items():
        yield step(name, Say(f"desk.stats.step.{name}"), counted)


def _compared(tally: _Tally, question: str, label: Say) -> Compared:
    kinds = ("asked", "unsure", "changed", "stopped")
    asked, unsure, changed, stopped = (tally.by_language(f"{kind}.{question}") for kind in kinds)
    return Compared(question, label, asked, unsure, changed, stopped)


def _ordered(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """The most first, by what is shown and nothing else: the order of what is not shown would tell about it."""
    return tuple(sorted(cells, key=lambda cell: -(cell.number or 0)))


def _half_years(until: date) -> tuple[Span, Span]:
    """The half-year before that of this day, and its own as far as it is over."""
    begun = _half_year(until)
    return Span(first_day(until), begun), Span(begun, until)


def _half_year(day: date) -> date:
    """The first day of the half-year this day is in."""
    return date(day.year, 1 if day.month <= HALF else HALF + 1, 1)
