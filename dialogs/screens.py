"""The chat as a function of the state: what a person should see now, in symbols."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from dialogs.afterwards import afterwards
from dialogs.asides import aside, language_rows, place_rows, urgent_aside
from dialogs.cards import card
from dialogs.eligibility import outcome, result, verdicts
from dialogs.entries import height_hint, height_rows, weight_labels, weight_rows
from dialogs.events import Asked, Edited, Openings, Started, Tapped, WentBack
from dialogs.machine import Plan, base, narrowing
from dialogs.notes import annotated
from dialogs.session import CLOSED, CONSENT, ENDS, LANGUAGE, MINOR, PLACE, PREVIEW, RESULT, REVIEW, WAITING, Session
from dialogs.study import Question, Verdict
from dialogs.symbols import KEPT, Line, Option, Say, Screen, Told, taps
from dialogs.walk import Walk
from dialogs.wording import (
    asking_label,
    asking_line,
    choice_label,
    choice_line,
    privacy_blocks,
    progress_line,
    review_line,
    voice,
)

FRAME = (
    Option("back", Say("frame.back"), WentBack()),
    Option("help", Say("frame.help"), Asked(topic="help")),
    Option("leave", Say("frame.leave"), Asked(topic="leave")),
)
ANOTHER_PLACE = (Option("place", Say("help.place"), Asked(topic="place")),)


def screen(plan: Plan, openings: Openings, session: Session) -> Screen:
    """What the person should see now: the card they opened, or the screen of their state.

    Where the study has changed since, that of the session as it will be: an old one may have no words any more.
    """
    if not session.over and (walk := Walk(plan, openings, session)).outdated:
        walk.reconciled()
        session = walk.session
    if session.state in ENDS:
        return _end(openings, session)
    if session.language is None and (urgent := urgent_aside(plan, openings, session)):
        return urgent
    if session.language is None or session.state == LANGUAGE:
        return annotated(plan, openings, session, _language(openings))
    if session.aside and (opened := aside(plan, openings, session)):
        return annotated(plan, openings, session, opened)
    return annotated(plan, openings, session, _state(plan, openings, session))


def _state(plan: Plan, openings: Openings, session: Session) -> Screen:
    state = session.state
    if question := plan.question_at.get(base(state)):
        return _of_question(plan, session, question)
    match state:
        case "place":
            return _place(plan)
        case "closed":
            return _closed(openings, session)
        case "waiting":
            return _waiting(session)
        case "consent":
            return _consent(plan, session)
        case "review":
            return _review(plan, session)
        case "result":
            return _result(plan, session)
        case "preview":
            return _preview(plan, session)
        case "sent" | "offer" | "bridge" | "reply":
            return afterwards(session)
    raise ValueError(f"no screen for the state {state}")


# ------------------------------------------------------------------------------------------ before and after


def _language(openings: Openings) -> Screen:
    return Screen(
        LANGUAGE,
        tuple(
            (Say("language.welcome", language=each), Say("language.ask", language=each)) for each in openings.languages
        ),
        language_rows(openings),
    )


def _place(plan: Plan) -> Screen:
    return Screen(PLACE, ((Say("place.ask"),), (Say("place.why"),)), (*place_rows(plan), FRAME))


def _closed(openings: Openings, session: Session) -> Screen:
    """Why nobody is asked here; where that is for the moment only, with an offer to tell them when it is over."""
    contact = Told("contact", session.place or "")
    if reason := openings.pause(session.place, session.language):
        why = (Say(f"closed.reason.{reason}"), Say("closed.not_you"))
        said: tuple[tuple[Line, ...], ...] = (why, (Say("closed.can_tell"),), (Say("result.team"), contact))
    else:
        said = ((Say("closed.text"),), (contact,))
    return Screen(
        CLOSED,
        (*said, (Say("closed.doctor"),)),
        (*(taps("closed", "tell") if reason else ()), ANOTHER_PLACE, FRAME),
    )


def _waiting(session: Session) -> Screen:
    contact = (Say("result.team"), Told("contact", session.place or ""))
    return Screen(
        WAITING,
        ((Say("waiting.noted"),), (Say("waiting.kept"),), contact),
        (*taps("waiting", "cancel"), ANOTHER_PLACE, FRAME[1:]),
    )


def _consent(plan: Plan, session: Session) -> Screen:
    return Screen(
        CONSENT,
        (*privacy_blocks(plan, session), (Say("consent.ask"),)),
        (*taps("consent", "agree", "agree_helping", "decline"), FRAME),
    )


def _end(openings: Openings, session: Session) -> Screen:
    languages = (session.language,) if session.language else openings.languages
    key = f"end.{session.state}{f'.{session.farewell}' if session.farewell else ''}"
    code = {"code": session.code} if session.code else {}
    reachable = session.place and session.language and session.state != MINOR
    contact = (Say("result.team"), Told("contact", session.place or "")) if reachable else ()
    return Screen(
        session.state,
        tuple((Say(key, code, language=each),) for each in languages) + ((contact,) if contact else ()),
        tuple((Option("again", Say("end.again", language=each), Started()),) for each in languages),
    )


# ------------------------------------------------------------------------------------------------ questions


def _of_question(plan: Plan, session: Session, question: Question) -> Screen:
    state = session.state
    match state.rpartition(".")[2]:
        case "confirm":
            return _confirm(plan, session, question)
        case "safety":
            return _safety(session)
    if question.body_mass and base(state) == f"{question.id}.height":
        rows = height_rows(plan, session)
    elif question.body_mass and session.height:
        rows = weight_rows(plan, session, question)
    else:
        rows = _choice_rows(plan, state, session.answered_by == "helper")
    return Screen(
        state,
        (
            (progress_line(plan, session, question),),
            (asking_line(session, base(state), "ask"), *height_hint(plan, session)),
            *_answer_so_far(plan, session, question),
        ),
        (*rows, FRAME),
    )


def _answer_so_far(plan: Plan, session: Session, question: Question) -> Iterator[tuple[Line, ...]]:
    asked = session.state if session.state in session.answers else question.id
    given = session.answers.get(asked)
    if (
        given
        and session.state not in {narrowing(f"{question.id}.height")}
        and _shown_at(question, session.state) == asked
    ):
        worded = f"{question.id}.weight" if question.body_mass else session.state
        yield (Say("question.so_far", {"answer": choice_line(plan, session, worded, given.choice)}),)


def _shown_at(question: Question, state: str) -> str:
    follow_up = question.follow_up and f"{question.id}.{question.follow_up.id}"
    return state if state == follow_up else question.id


@lru_cache(KEPT)
def _choice_rows(plan: Plan, state: str, helping: bool) -> tuple[tuple[Option, ...], ...]:
    return tuple(
        (Option(choice.id, choice_label(plan, state, choice.id, helping), Tapped(choice=choice.id)),)
        for choice in plan.asking_at[state].choices
    )


def _confirm(plan: Plan, session: Session, question: Question) -> Screen:
    pending = session.pending or ""
    kind = "minor" if question.id == plan.study.policy.minor else "ask"
    answer = weight_labels(plan, session, question).get(pending)
    answer = answer or choice_line(plan, session, base(session.state), pending)
    return Screen(
        session.state,
        (
            (asking_line(session, base(session.state), "ask"),),
            (Say("confirm.answer", {"answer": answer}),),
            (Say(f"confirm.{kind}"),),
        ),
        (*taps("confirm", "confirmed", "mistaken"), FRAME),
    )


def _safety(session: Session) -> Screen:
    emergency = Say(f"place.{session.place}.emergency")
    return Screen(
        session.state,
        ((Say("safety.card", {"emergency": emergency}),), (Say("safety.wait"),), (Say("safety.otherwise"),)),
        (*taps("safety", "understood"), FRAME),
    )


# ------------------------------------------------------------------------------------------- what comes of it


def _review(plan: Plan, session: Session) -> Screen:
    lines = tuple(
        review_line(plan, session, question) for question in plan.study.questions if question.id in session.answers
    )
    changes = tuple(_change(plan, question.id) for question in plan.study.questions if question.id in session.answers)
    return Screen(
        REVIEW,
        ((Say("review.title"),), lines, (Say("review.hint"),)),
        (*taps("review", "continue"), *changes, FRAME),
    )


@lru_cache(KEPT)
def _change(plan: Plan, question: str) -> tuple[Option]:
    what = asking_label(plan.study.question(question))
    return (Option(question, Say("review.change", {"what": what}), Edited(question=question)),)


def _result(plan: Plan, session: Session) -> Screen:
    given = verdicts(plan.study, session.answers)
    came_to = outcome(given.values())
    suffix = voice(session)
    reasons = _reasons(plan, given)
    policy = plan.study.policy
    share = "share" if came_to in policy.refer else "share_anyway"
    steps = ["share"] if policy.ask_anyway or came_to in policy.refer else []
    return Screen(
        RESULT,
        (
            (Say(f"result.{came_to}{suffix}"),),
            *([reasons] if reasons else []),
            (Say("result.unsent"),),
            (Say("result.team"), Told("contact", session.place or "")),
            (Say(f"result.doctor{suffix}"),),
        ),
        (
            *((Option("share", Say(f"result.{share}"), Tapped(choice="share")),) for _ in steps),
            *taps("result", "review", "finish"),
            FRAME,
        ),
    )


def _reasons(plan: Plan, given: dict[str, Verdict]) -> tuple[Line, ...]:
    """Which points decided: what is not met, or else what is unknown. People have a right to be told why."""
    for decisive, title in ((Verdict.NOT_MET, "result.because"), (Verdict.UNKNOWN, "result.to_check")):
        points = [question for question in plan.study.questions if given[question.id] is decisive]
        if points:
            return (Say(title), *(Say("result.point", {"what": asking_label(question)}) for question in points))
    return ()


def _preview(plan: Plan, session: Session) -> Screen:
    shown = card(plan.study, result(plan.study, session), session.code)
    return Screen(
        PREVIEW,
        ((Say("preview.intro"),), *shown.blocks, (Say("preview.ask"),)),
        (*taps("preview", "send", "keep"), FRAME),
    )
