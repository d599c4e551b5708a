"""Which of a study's texts says a thing to this person: their own words, or those of somebody helping them."""

from __future__ import annotations

from typing import Literal

from dialogs.machine import Plan
from dialogs.session import Session
from dialogs.symbols import Line, Say, Told


def asking_line(session: Session, asked: str, what: Literal["ask", "why", "means"]) -> Say:
    """What is asked, why, or what it means."""
    helping = what == "ask" and session.answered_by == "helper"
    return Say(f"question.{asked}.{what}{'_helping' if helping else ''}")


def choice_line(plan: Plan, session: Session, asked: str, choice: str) -> Say:
    """The label of a choice."""
    meant = plan.asking_at[asked].choice(choice)
    helping = session.answered_by == "helper" and meant is not None and meant.label_helping is not None
    return Say(f"question.{asked}.choice.{choice}{'.helping' if helping else ''}")


def privacy_blocks(plan: Plan, session: Session) -> tuple[tuple[Line, ...], ...]:
    """What a person must know before the first health question, and can read again at any time."""
    place = session.place
    operator: tuple[Line, ...] = (Told("privacy", place), Told("approval", place)) if place else ()
    emergency = Say(f"place.{place}.emergency") if place else Say("privacy.emergency")
    return (
        (Say("privacy.what"), *operator),
        (Say("privacy.asked", {"questions": len(plan.study.questions)}),),
        (Say("privacy.team"),),
        (Say("privacy.kept"),),
        (Say("privacy.telegram"),),
        (Say("privacy.free"),),
        (Say("privacy.not_watched", {"emergency": emergency}),),
    )
