"""How a height and a weight are entered by tapping: at most three taps, and no typing needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from dialogs.events import Entered, Measured, Narrowed, Tapped
from dialogs.machine import Plan, base
from dialogs.measure import INCHES_PER_FOOT, Height, Length, Mass, coarse_steps, fine_steps, weight_bands
from dialogs.session import Session
from dialogs.study import Place, Question
from dialogs.symbols import KEPT, Amount, Line, Option, Say
from dialogs.wording import choice_line


def height_hint(plan: Plan, session: Session) -> tuple[Line, ...]:
    """How to enter a height, on the screens that ask for one."""
    if not session.state.endswith((".height", ".exact")):
        return ()
    unit = place_of(plan, session).lengths[0] if session.length is None else session.length
    return (Say(f"height.hint.{'exact' if session.state.endswith('.exact') else unit}"),)


def place_of(plan: Plan, session: Session) -> Place:
    """The place of this person, or the one that assumes least."""
    return plan.study.place(session.place or plan.study.places[-1].id)


def height_rows(plan: Plan, session: Session) -> tuple[tuple[Option, ...], ...]:
    """Feet and then inches, or centimetres by tens and then exactly."""
    lengths = place_of(plan, session).lengths
    unit = session.length or lengths[0]
    if session.coarse is not None:
        return _fine_rows(unit, session.coarse)
    others = tuple(
        (Option(other, Say(f"height.use.{other}"), Measured(unit=other)),) for other in lengths if other != unit
    )
    unsure = Option("unsure", choice_line(plan, session, base(session.state), "unsure"), Tapped(choice="unsure"))
    return (*_coarse_rows(unit), *others, (unsure,))


@lru_cache(KEPT)
def _coarse_rows(unit: Length) -> tuple[tuple[Option, ...], ...]:
    steps = (_coarse_option(unit, step) for step in coarse_steps(unit))
    return _grid(steps, 1 if unit == "ft_in" else 2)


@lru_cache(KEPT)
def _fine_rows(unit: Length, coarse: int) -> tuple[tuple[Option, ...], ...]:
    return _grid(map(_height_option, fine_steps(unit, coarse)), 2)


def _coarse_option(unit: Length, step: int) -> Option:
    # Centimetres need no number of their own: in full they can be nothing else.
    number = step if unit == "ft_in" else None
    return Option(str(step), _coarse_label(unit, step), Narrowed(coarse=step), number=number)


def _coarse_label(unit: str, step: int) -> Say:
    if unit == "ft_in":
        return Say("height.feet", {"feet": step})
    last = fine_steps("cm", step)[-1].value
    return Say("height.tens", {"first": step, "last": int(last)}) if last > step else Say("height.only", {"cm": step})


def _height_option(height: Height) -> Option:
    number = int(height.value) % INCHES_PER_FOOT if height.unit == "ft_in" else None
    return Option(f"{height.value}", Say("height.entered", {"height": height}), Entered(height=height), number=number)


def weight_labels(plan: Plan, session: Session, question: Question) -> Mapping[str, Say]:
    """The three weights that decide at this height, by choice; none before a height is known."""
    unit = session.mass or place_of(plan, session).masses[0]
    return {} if session.height is None else _weight_labels(plan, question.id, session.height, unit)


@lru_cache(KEPT)
def _weight_labels(plan: Plan, question: str, height: Height, unit: Mass) -> Mapping[str, Say]:
    bounds = plan.study.question(question).body_mass
    if bounds is None:
        return {}
    bands = weight_bands(height, unit, bounds)
    low, high = Amount(bands.excludes_below, unit), Amount(bands.clears_from, unit)
    return {
        "below": Say("weight.below", {"limit": low}),
        "between": Say("weight.between", {"low": low, "high": high}),
        "above": Say("weight.above", {"limit": high}),
    }


def weight_rows(plan: Plan, session: Session, question: Question) -> tuple[tuple[Option, ...], ...]:
    """One tap on a band, or the other unit."""
    masses = place_of(plan, session).masses
    unit = session.mass or masses[0]
    labels = {**weight_labels(plan, session, question), "unsure": choice_line(plan, session, session.state, "unsure")}
    options = (Option(name, label, Tapped(choice=name)) for name, label in labels.items())
    others = (Option(other, Say(f"weight.use.{other}"), Measured(unit=other)) for other in masses if other != unit)
    return tuple((option,) for option in (*options, *others))


def _grid(options: Iterable[Option], columns: int) -> tuple[tuple[Option, ...], ...]:
    every = tuple(options)
    return tuple(every[start : start + columns] for start in range(0, len(every), columns))
