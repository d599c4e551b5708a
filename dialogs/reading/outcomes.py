"""What typed words can turn out to mean: the closed union that `read` gives, and how it is written down."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from dialogs.measure import Height, Weight
from dialogs.study import Frozen


class Chose(Frozen):
    """Nothing but this choice can reasonably be meant."""

    choice: str


class Gave(Frozen):
    """A height or a weight, possible for an adult. It is shown back to the person."""

    value: Height | Weight


class WhichUnit(Frozen):
    """A bare weight where people use both units: ask "54 what, kilograms or pounds?"."""

    value: Decimal


class Command(Frozen):
    """The person wants this of the conversation: help, why, back, stop, restart, change_language, delete_my_data."""

    name: str


class Danger(Frozen):
    """A sign to answer before and instead of the question: emergency, crisis, adverse_event, minor, human."""

    kind: str


class NotSure(Frozen):
    """One of these choices may be meant, the likeliest first: ask, never guess."""

    candidates: tuple[str, ...]


class NotUnderstood(Frozen):
    """Nothing in it can be read as an answer: ask again, with help."""


Reading = Chose | Gave | WhichUnit | Command | Danger | NotSure | NotUnderstood

Record = dict[str, str | float | list[str] | None]


def as_record(reading: Reading) -> Record:
    """The reading as the fields of one answer line: kind, choice, value (in cm or kg), candidates."""
    match reading:
        case Chose(choice=choice):
            return _record("choice", choice=choice)
        case Gave(value=value):
            return _record("number", value=_metric(value))
        case WhichUnit():
            return _record("confirm", candidates=["kg", "lb"])
        case Command(name=name):
            return _record("command", choice=name)
        case Danger(kind=kind):
            return _record("safety", choice=kind)
        case NotSure(candidates=candidates):
            return _record("confirm", candidates=list(candidates))
        case NotUnderstood():
            return _record("not_understood")
    assert_never(reading)


def _record(
    kind: str, choice: str | None = None, value: float | None = None, candidates: list[str] | None = None
) -> Record:
    return {"kind": kind, "choice": choice, "value": value, "candidates": candidates or []}


def _metric(value: Height | Weight) -> float:
    exact = value.metres * 100 if isinstance(value, Height) else value.kilograms
    return float(round(Fraction(exact), 2))
