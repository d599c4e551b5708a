"""The cards a person can open over any screen without losing their place: help, why, numbers, facts ..."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from dialogs.eligibility import day
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    ForgetMe,
    Listed,
    Openings,
    Restarted,
    Stopped,
    WantedFile,
    WentBack,
)
from dialogs.machine import Plan, base
from dialogs.session import AFTER_SENDING, BRIDGED, Session
from dialogs.study import Language
from dialogs.symbols import Line, Option, Say, Screen, Told
from dialogs.wording import asking_line, pending_line, privacy_blocks, review_line

# Opened before a language is known, these cannot wait for one: they are shown in every language.
URGENT = ("danger.", "numbers", "human")
DANGERS = ("emergency", "crisis", "adverse_event", "minor")
RETURN = (Option("back", Say("aside.return"), WentBack()),)
LEAVE = (Option("leave", Say("frame.leave"), Asked(topic="leave")),)
# Cards that are a way out themselves.
GOING = frozenset({"leave", "close", "forget"})
WANT_FILE = Option("file", Say("mydata.file"), WantedFile())
Rows = tuple[tuple[Option, ...], ...]


def aside(plan: Plan, openings: Openings, session: Session) -> Screen | None:
    """The card a person has opened, or None where there is none of that name.

    It can be left at once like any screen: whoever looks over a shoulder may not see what was answered, or asked.
    """
    card = _card(plan, openings, session)
    if card is None or session.language is None or session.state in AFTER_SENDING or session.aside in GOING:
        return card
    return replace(card, rows=(*card.rows, LEAVE))


def _card(plan: Plan, openings: Openings, session: Session) -> Screen | None:
    topic = session.aside or ""
    if topic.startswith("fact."):
        return _fact(plan, topic)
    if topic.startswith("danger."):
        return _danger(plan, session, topic.removeprefix("danger."))
    match topic:
        case "help":
            return Screen(topic, ((Say("help.text"),),), (*_help_rows(plan, openings, session), RETURN))
        case "why" | "means" as what:
            return _explained(plan, session, what)
        case "human":
            return Screen(topic, (_contact(session), (Say("human.doctor"),)), (RETURN,))
        case "numbers":
            return Screen(topic, (_numbers(plan, session), (Say("numbers.alarm"),)), (RETURN,))
        case "privacy":
            return Screen(topic, (*privacy_blocks(plan, session), (Say("privacy.rights"),)), (RETURN,))
        case "about":
            return Screen(topic, ((Say("about.title"),),), (*_fact_rows(plan), RETURN))
        case "language":
            return Screen(topic, ((Say("language.ask"),),), (*language_rows(openings), RETURN))
        case "place":
            return Screen(topic, ((Say("place.ask"),), (Say("place.change"),)), (*place_rows(plan), RETURN))
        case "mydata":
            return Screen(topic, _my_data(plan, session), ((WANT_FILE,), RETURN))
        case "leave":
            return Screen(topic, ((Say("leave.text"),),), _leave_rows())
        case "close" if session.state in BRIDGED:
            return Screen(topic, ((Say("close.text", {"code": session.code}),),), (*_close_rows(session), RETURN))
        case "forget":
            return Screen(topic, ((Say("forget.text"),),), (*_forget_rows(), RETURN))
    return None


def urgent_aside(plan: Plan, openings: Openings, session: Session) -> Screen | None:
    """The card a person has opened before they chose a language, in every language, where it cannot wait."""
    opened = aside(plan, openings, session) if (session.aside or "").startswith(URGENT) else None
    if opened is None:
        return None
    lines = (tuple(_in(each, line) for line in block) for each in openings.languages for block in opened.blocks)
    rows = (
        tuple(replace(option, label=replace(option.label, language=each)) for option in row)
        for each in openings.languages
        for row in opened.rows
    )
    return Screen(opened.kind, tuple(lines), tuple(rows))


def _in(language: Language, line: Line) -> Line:
    return replace(line, language=language) if isinstance(line, Say) else line


def _explained(plan: Plan, session: Session, what: Literal["why", "means"]) -> Screen | None:
    asked = base(session.state)
    asking = plan.asking_at.get(asked)
    if asking is None or (what == "means" and asking.means is None):
        return None
    return Screen(what, ((asking_line(session, asked, "ask"),), (asking_line(session, asked, what),)), (RETURN,))


def _help_rows(plan: Plan, openings: Openings, session: Session) -> Rows:
    asking = plan.asking_at.get(base(session.state))
    topics = ["why"] * (asking is not None) + ["means"] * bool(asking and asking.means)
    topics += ["about", "human", "numbers", "privacy"]
    topics += ["language"] * (len(openings.languages) > 1)
    topics += ["place"] * (session.place is not None and session.state not in AFTER_SENDING)
    listing = Say("help.listing.off" if session.listing else "help.listing.on")
    return (
        *((Option(topic, Say(f"help.{topic}"), Asked(topic=topic)),) for topic in topics),
        (Option("listing", listing, Listed(on=not session.listing)),),
    )


def _my_data(plan: Plan, session: Session) -> tuple[tuple[Line, ...], ...]:
    """Everything held about the person, in words."""
    known: list[Line] = [
        Say("mydata.chat"),
        Say("mydata.where"),
        Say("mydata.touched", {"day": day(plan.study, session)}),
    ]
    if session.language:
        known.append(Say("card.language", {"language": Say(f"card.language.{session.language}")}))
    if session.place:
        known.append(Say("card.place", {"place": Say(f"place.{session.place}.name")}))
    if session.consent:
        known += [Say("mydata.consent"), Say(f"mydata.answered_by.{session.answered_by}")]
    known.append(Say("mydata.sent" if session.state in AFTER_SENDING else "mydata.code", {"code": session.code}))
    known += [Say("mydata.bridge")] * (session.state in BRIDGED) + [Say("mydata.waiting")] * session.waits
    if session.height:
        known.append(Say("mydata.height", {"height": session.height}))
    if pending := pending_line(plan, session):
        known.append(Say("mydata.pending", {"answer": pending}))
    answers = tuple(
        review_line(plan, session, question) for question in plan.study.questions if question.id in session.answers
    )
    return ((Say("mydata.title"),), tuple(known), answers or (Say("mydata.nothing"),))


def _contact(session: Session) -> tuple[Line, ...]:
    return (Say("human.text"), Told("contact", session.place)) if session.place else (Say("human.place_first"),)


def _numbers(plan: Plan, session: Session) -> tuple[Line, ...]:
    """The place's numbers; before a place is known, those of every place that has its own."""
    places = [each for each in plan.study.places if each.id == session.place] or list(plan.study.places)
    lines: list[Line] = []
    for place in places:
        if len(places) > 1:
            lines.append(Say("numbers.of", {"place": Say(f"place.{place.id}.label")}))
        lines += [Say(f"place.{place.id}.numbers.{number}") for number in range(len(place.numbers))]
    return tuple(lines)


def _danger(plan: Plan, session: Session, kind: str) -> Screen | None:
    if kind not in DANGERS:
        return None
    return Screen(
        f"danger.{kind}",
        ((Say(f"danger.{kind}"),), _numbers(plan, session), (Say("danger.not_watched"),)),
        (RETURN,),
    )


def _fact(plan: Plan, topic: str) -> Screen | None:
    if topic.removeprefix("fact.") not in {fact.id for fact in plan.study.facts}:
        return None
    return Screen(topic, ((Say(f"{topic}.title"),), (Say(f"{topic}.text"),)), (RETURN,))


def _fact_rows(plan: Plan) -> Rows:
    return tuple(
        (Option(fact.id, Say(f"fact.{fact.id}.title"), Asked(topic=f"fact.{fact.id}")),) for fact in plan.study.facts
    )


def language_rows(openings: Openings) -> Rows:
    """One row for each language, in that language."""
    return tuple(
        (Option(each, Say("language.name", language=each), ChangedLanguage(language=each)),)
        for each in openings.languages
    )


def place_rows(plan: Plan) -> Rows:
    """One row for each place."""
    return tuple(
        (Option(place.id, Say(f"place.{place.id}.label"), ChangedPlace(place=place.id)),) for place in plan.study.places
    )


def _leave_rows() -> Rows:
    return (
        (Option("later", Say("leave.later"), WentBack()),),
        (Option("restart", Say("leave.restart"), Restarted()),),
        (Option("stop", Say("leave.stop"), Stopped()),),
    )


def _close_rows(session: Session) -> Rows:
    return (
        (Option("copy", Say("sent.copy"), copies=session.code),),
        (Option("now", Say("close.now"), Stopped()),),
        (Option("restart", Say("close.restart"), Restarted()),),
    )


def _forget_rows() -> Rows:
    return (
        (Option("forget_chat", Say("forget.chat"), ForgetMe(withdraw=False)),),
        (Option("forget_all", Say("forget.all"), ForgetMe(withdraw=True)),),
    )
