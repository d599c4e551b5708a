"""What is to be counted when one event turned one session into another: names for statistics, about nobody.

Each name is `<place>.<language>.<kind>` or `<place>.<language>.<kind>.<subject>`, at most 60 characters for any study
that `names` finds short enough. Nobody is counted twice for the same thing in one session, however often they go
back, change an answer, their language or their place, look at the result again or start over: what was counted is
remembered, by its kind and subject, in what `remembered` returns. The answers alone could not tell: they do not
hold who has seen a result, or gone back and forth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import get_args

from dialogs.eligibility import outcome, verdicts
from dialogs.events import Count, Event, Restarted, Step
from dialogs.machine import base
from dialogs.session import (
    AFTER_SENDING,
    CLOSED,
    CONSENT,
    DECLINED,
    EXPIRED,
    FORGOTTEN,
    LANGUAGE,
    MINOR,
    PLACE,
    PREVIEW,
    RESULT,
    REVIEW,
    STOPPED,
    WAITING,
    Session,
)
from dialogs.study import Language, Outcome, Study, Verdict

LONGEST_NAME = 60  # as wide as its column
UNSURE = "unsure"
# The steps besides the questions at which somebody can leave before there is a result.
STEPS = (LANGUAGE, PLACE, CLOSED, WAITING, CONSENT, REVIEW)
LEFT = frozenset({STOPPED, FORGOTTEN, EXPIRED})
REFUSED = {DECLINED: "declined", MINOR: "minor"}
AFTER_THE_RESULT = frozenset({RESULT, PREVIEW}) | AFTER_SENDING
ONCE = ("started", "agreed", "result")


def tallied(study: Study, before: Session | None, event: Event, step: Step) -> Step:
    """This step, with what it is counted as among its effects; its session remembers that it was."""
    already = before.counted if before else ()
    found = counted(study, before, step.session, already)
    memory = remembered(before, step.session, event, found, already)
    source = [each for each in step.effects if isinstance(each, Count)]
    where = f"{step.session.place}.{step.session.language}" if step.session.place and step.session.language else None
    sources = [Count(name=f"{where}.{each.name}") for each in source if where]
    rest = [each for each in step.effects if not isinstance(each, Count)]
    session = step.session if memory == step.session.counted else step.session.changed(counted=memory)
    return Step(session=session, effects=(*rest, *sources, *(Count(name=name) for name in found)))


def counted(study: Study, before: Session | None, after: Session, already: Collection[str]) -> tuple[str, ...]:
    """The names of what an event is counted as that turned `before` into `after`.

    `already` is what `remembered` gave after the event before. Who chooses a place and a language starts. The first
    result of a session counts, with the criteria that were not met then. Whoever leaves before a result stopped where
    they were; before a place and a language are known, nobody is counted. Each name carries the place and language of
    that moment. Only somebody whose result was sent is counted anew when they start over: it is another screening.
    """
    if after.place is None or after.language is None:
        return ()
    known = _known(before, already)
    happened = _happened(study, _living(before), after, known)
    return tuple(f"{after.place}.{after.language}.{each}" for each in happened if _mark(each) not in known)


def remembered(
    before: Session | None, after: Session, event: Event, names: Iterable[str], already: Collection[str]
) -> tuple[str, ...]:
    """What must be remembered in the session so that none of these names is counted again.

    After the end, and once a result was sent, nothing. Whoever starts over wants their answers forgotten: only which
    questions were reached is kept, as if all had been counted about them that can be.
    """
    if after.over or after.state in AFTER_SENDING:
        return ()
    marks = {*_known(before, already), *(_mark(name.split(".", 2)[2]) for name in names)}
    if isinstance(event, Restarted):
        asked = [mark.partition(".")[2] for mark in marks if mark.startswith("asked.")]
        kinds = ("asked", "unsure", "changed")
        marks = {*marks.intersection(ONCE), *(f"{kind}.{question}" for question in asked for kind in kinds)}
    return tuple(sorted(marks))


def names(study: Study) -> Iterator[str]:
    """Every name that can be counted in this study's conversations."""
    questions = tuple(study.by_id)
    kinds = ("asked", "unsure", "changed", "stopped", "decided")
    counted_as = (
        *("started", "agreed", "declined", "minor", "sent"),
        *(f"{kind}.{question}" for kind in kinds for question in questions),
        *(f"stopped.{step}" for step in STEPS),
        *(f"result.{each}" for each in Outcome),
    )
    for place in study.places:
        for language in get_args(Language):
            yield from (f"{place.id}.{language}.{each}" for each in counted_as)


def _known(before: Session | None, already: Collection[str]) -> frozenset[str]:
    """What was counted in the same session: nothing where this event begins one."""
    return frozenset(already) if _living(before) else frozenset()


def _living(before: Session | None) -> Session | None:
    return None if before is None or before.over else before


def _mark(happened: str) -> str:
    """How a counted thing is remembered: a result is the result, whatever it was and whatever decided it."""
    return "result" if happened.startswith(("result.", "decided.")) else happened


def _happened(study: Study, before: Session | None, after: Session, known: Collection[str]) -> Iterator[str]:
    """What happened between the two, whether or not it happened before."""
    if after.over:
        yield from _ended(study, before, after, known)
        return
    if before is None or before.place is None or before.language is None:
        yield "started"
    if after.consent and after.consent != (before and before.consent):
        yield "agreed"
    if before:
        yield from _answered(before, after)
    question = _question(study, after)
    if question and (before is None or question != _question(study, before)):
        yield f"asked.{question}"
    if before and after.state in AFTER_SENDING and before.state not in AFTER_SENDING:
        yield "sent"
    if after.state == RESULT:
        yield from _concluded(study, after)


def _ended(study: Study, before: Session | None, after: Session, known: Collection[str]) -> Iterator[str]:
    if after.state in REFUSED:
        yield REFUSED[after.state]
    elif before and after.state in LEFT and before.state not in AFTER_THE_RESULT and "result" not in known:
        yield f"stopped.{_question(study, before) or before.state}"


def _answered(before: Session, after: Session) -> Iterator[str]:
    """Which questions were answered "unsure" now, and where one answer took the place of another."""
    for asked, answer in after.answers.items():
        given = before.answers.get(asked)
        question = asked.partition(".")[0]
        if answer.choice == UNSURE and (given is None or given.choice != UNSURE):
            yield f"unsure.{question}"
        if given is not None and given.choice != answer.choice:
            yield f"changed.{question}"


def _concluded(study: Study, after: Session) -> Iterator[str]:
    """What the result is, and each criterion that was not met."""
    given = verdicts(study, after.answers)
    yield f"result.{outcome(given.values())}"
    yield from (f"decided.{question}" for question, verdict in given.items() if verdict is Verdict.NOT_MET)


def _question(study: Study, session: Session) -> str | None:
    """The question in front of this person, if there is one."""
    question = base(session.state).partition(".")[0]
    return question if question in study.by_id else None
