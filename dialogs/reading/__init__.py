"""Typed words -> what was meant. A yes or a no is given only when nothing else is a reasonable reading."""

from __future__ import annotations

from collections.abc import Mapping

from dialogs.reading.outcomes import (
    Chose,
    Command,
    Danger,
    Gave,
    NotSure,
    NotUnderstood,
    Reading,
    WhichUnit,
    as_record,
)
from dialogs.study import Study

__all__ = [
    "Chose",
    "Command",
    "Danger",
    "Gave",
    "NotSure",
    "NotUnderstood",
    "Reading",
    "WhichUnit",
    "as_record",
    "explain",
    "read",
]

_YES = {"yes", "oui", "y", "o"}
_NO = {"no", "non", "n"}


def read(study: Study, asked: str, locale: str, text: str, labels: Mapping[str, str] = {}) -> Reading:
    """What this text means as an answer to what was asked."""
    return explain(study, asked, locale, text, labels)[0]


def explain(
    study: Study, asked: str, locale: str, text: str, labels: Mapping[str, str] = {}
) -> tuple[Reading, tuple[str, ...]]:
    """The reading, and the reasons for it."""
    plain = text.strip().casefold().rstrip(".!")
    asking = study.askings.get(asked)
    options = labels or ({each.id: each.label for each in asking.choices} if asking else {})
    for number, (choice, label) in enumerate(options.items(), start=1):
        if plain == label.casefold() or (labels and plain == str(number)):
            return Chose(choice=choice), (f"label {choice}",)
    wanted = (
        ["yes", "agree", "confirmed", "send"]
        if plain in _YES
        else ["no", "decline", "mistaken", "keep"]
        if plain in _NO
        else ()
    )
    for choice in wanted:
        if choice in options:
            return Chose(choice=choice), ("plain",)
    return NotUnderstood(), ("nothing matched",)
