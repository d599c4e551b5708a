"""Which of a study's texts says a thing to this person: their own words, or those of somebody helping them."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from dialogs.eligibility import verdict
from dialogs.machine import Plan, base
from dialogs.session import Session
from dialogs.study import Question, Verdict
from dialogs.symbols import KEPT, Line, Param, Say, Told


def asking_line(session: Session, asked: str, what: Literal["ask", "why", "means"]) -> Say:
    """What is asked, why, or what it means."""
    helping = what == "ask" and session.answered_by == "helper"
    return Say(f"question.{asked}.{what}{'_helping' if helping else ''}")


def choice_line(plan: Plan, session: Session, asked: str, choice: str) -> Say:
    """The label of a choice."""
    return choice_label(plan, asked, choice, session.answered_by == "helper")


@lru_cache(KEPT)
def choice_label(plan: Plan, asked: str, choice: str, helping: bool) -> Say:
    """The label of a choice, for somebody who helps or for the person."""
    meant = plan.asking_at[asked].choice(choice)
    ending = ".helping" if helping and meant is not None and meant.label_helping is not None else ""
    return Say(f"question.{asked}.choice.{choice}{ending}")


def voice(session: Session) -> str:
    """What a text's key ends with when somebody answers for the person; nothing when they answer themselves."""
    return ".helping" if session.answered_by == "helper" else ""


def privacy_blocks(plan: Plan, session: Session) -> tuple[tuple[Line, ...], ...]:
    """What a person must know before the first health question, and can read again at any time."""
    place = session.place
    operator: tuple[Line, ...] = (Told("privacy", place), Told("approval", place)) if place else ()
    emergency = Say(f"place.{place}.emergency") if place else Say("privacy.emergency")
    reminder = (Say("privacy.reminder"),) if place and plan.study.place(place).time_zone else ()
    return (
        (Say("privacy.what"), *operator),
        (Say("privacy.asked", {"questions": len(plan.study.questions)}),),
        (Say("privacy.team"),),
        (Say("privacy.kept"), *reminder),
        (Say("privacy.telegram"),),
        (Say("privacy.free"),),
        (Say("privacy.not_watched", {"emergency": emergency}),),
    )


def progress(plan: Plan, session: Session, question: Question) -> dict[str, Param]:
    """Which question this is, of how many, and how many can come after it at most."""
    others = (each for each in plan.study.questions if each is not question)
    left = sum(verdict(each, session.answers) is Verdict.NOT_ASKED for each in others)
    return {"number": plan.study.number[question.id], "of": len(plan.study.questions), "left": left}


def progress_line(plan: Plan, session: Session, question: Question) -> Say:
    """Where the person is in the questions."""
    where = progress(plan, session, question)
    if where["left"]:
        return Say("question.progress", where)
    return Say("question.progress.last" if where["number"] == where["of"] else "question.progress.again", where)


def asking_label(question: Question) -> Say:
    """The name of a question in lists."""
    name = f"{question.id}.weight" if question.body_mass else question.id
    return Say(f"question.{name}.label")


def review_line(plan: Plan, session: Session, question: Question) -> Say:
    """One question and its answer, as the review lists them."""
    asked = f"{question.id}.weight" if question.body_mass else question.id
    answer = choice_line(plan, session, asked, session.answers[question.id].choice)
    line = {"what": asking_label(question), "answer": answer}
    following = question.follow_up and f"{question.id}.{question.follow_up.id}"
    if following and (followed := session.answers.get(following)):
        return Say("review.line.because", {**line, "because": choice_line(plan, session, following, followed.choice)})
    return Say("review.line", line)


def pending_line(plan: Plan, session: Session) -> Say | None:
    """The decisive answer that waits to be confirmed, and its question; None where none does."""
    asked = base(session.state)
    if session.pending is None or asked not in plan.question_at:
        return None
    answer = choice_line(plan, session, asked, session.pending)
    return Say("review.line", {"what": asking_label(plan.question_at[asked]), "answer": answer})
