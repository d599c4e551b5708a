"""Answers that decide a screening, and the way to them: for the tests of the engine."""

from __future__ import annotations

from tests.dialogs_world import Person, person

DECISIVE = {
    "diagnosis": "no",
    "transplant": "wants",
    "bmi": "below",
    "blood_counts": "other_illness",
    "hypertension": "yes",
    "organ_damage": "severe",
    "infection": "yes",
    "cancer": "yes",
    "bone_marrow": "yes",
    "pregnancy": "yes",
    "contraception": "no",
}


def decides(here: Person, question: str) -> Person:
    """Taps the answer that excludes; it waits to be confirmed."""
    before = {"bmi": ("5", "63"), "blood_counts": ("yes",)}.get(question, ())
    after = ("understood",) if question == "hypertension" else ()
    here.taps(*before, DECISIVE[question], *after)
    assert here.at.endswith(".confirm")
    return here


def at_question(question: str) -> Person:
    here = person().starts()
    return here if question == "age" else here.consents().meets_all_before(question)


def is_empty(here: Person) -> bool:
    """Whether nothing is left but the farewell."""
    return (
        here.now == here.now.emptied(here.at, here.now.farewell) and not here.now.answers and here.now.consent is None
    )
