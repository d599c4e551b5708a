"""Every way through the conversation, walked breadth first: all screens anybody can come to."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import get_args

from bot.texts import Catalogs, read_catalogs
from bot.texts.source import source_texts
from dialogs.asides import DANGERS
from dialogs.eligibility import verdicts
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Entered,
    Event,
    Expired,
    ForgetMe,
    Listed,
    Progressed,
    Reminded,
    Restarted,
    Started,
    Stopped,
    Tapped,
    TeamWrote,
    Unbridged,
    Unclear,
    Unreadable,
    Withdrew,
    Wrote,
)
from dialogs.machine import base
from dialogs.measure import Height
from dialogs.screens import screen
from dialogs.session import APPROVED, BRIDGED, PROGRESS, Session, TeamMessage
from dialogs.study import AnsweredBy, Language, Verdict
from dialogs.symbols import Option, Screen
from dialogs.writing import LONGEST
from tests.dialogs_world import CODE, ENGINE, FRESH, LANGUAGES, NOW, OPEN, PLAN, STUDY

CATALOGS: Catalogs = read_catalogs(source_texts(STUDY))

PLACES = [place.id for place in STUDY.places]
VOICES: tuple[AnsweredBy, ...] = get_args(AnsweredBy)

# Cards that read the same over every screen, so that once is enough.
SAME_EVERYWHERE = re.compile(r"fact\..*|danger\..*|about|human|numbers|privacy")
# What nobody can tap: signs of danger, commands, things that are not text, words nobody understands.
TYPED: tuple[Event, ...] = (
    *(Asked(topic=f"danger.{kind}") for kind in DANGERS),
    *(Asked(topic=topic) for topic in ("help", "why", "leave", "language", "privacy", "mydata")),
    Withdrew(code=None, given=False),
    Withdrew(code=None),
    Withdrew(code=CODE),
    Reminded(),
    Unreadable(),
    Unclear(),
    Unclear(lacks_unit=True),
    Started(),
    Stopped(),
    ForgetMe(),
    Expired(),
)
# What the person and the team write to each other, where they may.
WRITTEN: tuple[Event, ...] = (
    Wrote(),
    Unclear(too_long=True),
    TeamWrote(message=TeamMessage(words="é" * LONGEST)),
    *(TeamWrote(message=TeamMessage(approved=approved)) for approved in APPROVED),
    *(Progressed(to=to) for to in PROGRESS),
    *(Unbridged(why=why) for why in ("by_team", "withdrawn", "over")),
)
GIVING_UP = (Stopped, ForgetMe, Expired, Restarted, Unbridged)
Kind = tuple[object, ...]


@dataclass(frozen=True)
class Way:
    """Who walks: in which language, from which place, and whether somebody helps."""

    language: Language
    place: str
    voice: AnsweredBy

    @property
    def locale(self) -> str | None:
        """The locale this person reads; None where it is closed."""
        territory = STUDY.place(self.place).territory
        return CATALOGS.locale(self.language, territory) or CATALOGS.locale(self.language, None)

    def follows(self, option: Option) -> bool:
        """Whether this button stays on the way: the language, place and voice of this walk."""
        match option.event:
            case None | Listed():
                return False
            case ChangedLanguage(language=language):
                return language == self.language
            case ChangedPlace(place=place):
                return place == self.place
            case _:
                return option.label.key != f"consent.{'agree' if self.voice == 'helper' else 'agree_helping'}"


WAYS = [Way(language, place, voice) for language in LANGUAGES for place in PLACES for voice in VOICES]


@dataclass
class Walked:
    """Everything one walk met: a session of each kind, the steps between kinds, and which choices were taken."""

    sessions: dict[Kind, Session] = field(default_factory=dict)
    steps: dict[Kind, set[Kind]] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)

    def arrived(self, before: Session, event: Event, after: Session) -> Kind:
        """The kind of moment this step leads to; the first time a choice is taken, one of its own."""
        given = (before.state, event.choice) if isinstance(event, Tapped) else None
        if given is None or given in self.given:
            return kind_of(after)
        self.given.add(given)
        return (*kind_of(after), given)

    def screens(self) -> Iterator[tuple[Session, Screen]]:
        """One screen of each kind, also with its answers listed in the text."""
        for session in self.sessions.values():
            yield session, screen(PLAN, OPEN, session)
            if not session.over and session.note is None:
                yield session, screen(PLAN, OPEN, session.changed(listing=True))


def kind_of(session: Session) -> Kind:
    """The path class of a session: its state, what was answered so far, and the card or note over it."""
    state, aside = session.state, session.aside
    if aside and SAME_EVERYWHERE.fullmatch(aside):
        return ("card", aside, session.place is None)
    if aside or session.note:
        return (state, aside, session.note)
    if state == "bmi.height.exact":
        return (state, session.coarse)
    if session.over:
        return (state, session.farewell, session.place)
    if session.state in BRIDGED:
        return (state, session.progress, session.message)
    given = set(verdicts(STUDY, session.answers).values())
    worst = next((each for each in (Verdict.NOT_MET, Verdict.UNKNOWN) if each in given), None)
    question = PLAN.question_at.get(base(state))
    answered = session.answers.get(question.id) if question else tuple(each for each in session.answers if "." in each)
    units = {"bmi.height": session.length, "bmi.weight": session.mass}
    return (state, worst, answered, session.answers.get(state), session.pending, units.get(state), session.place)


def events_from(session: Session, way: Way, new: bool) -> Iterator[Event]:
    """Every button that stays on the way, and in a state that is new what can be typed."""
    events = [option.event for option in screen(PLAN, OPEN, session).options if way.follows(option)]
    heights = [event for event in events if isinstance(event, Entered)][1:-1]
    yield from (event for event in events if event and event not in heights)
    if new and session.language is not None:
        yield from TYPED
        yield from WRITTEN if session.state in BRIDGED else ()
        names = [option.id for option in screen(PLAN, OPEN, session).options]
        yield from (Unclear(candidates=tuple(names[:some])) for some in (1, 2))
        if base(session.state) == "bmi.height":
            yield Entered(height=Height(unit="cm", value=Decimal(99)))


@cache
def walked(way: Way) -> Walked:
    """The whole conversation of one person, breadth first, until no screen of a new kind is found."""
    met, begun = Walked(), ENGINE.advance(None, Started(), NOW, FRESH).session
    met.sessions[kind_of(begun)] = begun
    waiting, states = deque(met.sessions.items()), set[str]()
    while waiting:
        here, session = waiting.popleft()
        if session.note:  # the same screen once more, with one line above it
            met.steps[here] = {kind_of(session.changed(note=None))}
            continue
        new = session.aside is None and session.state not in states
        states |= {session.state} if new else set()
        for event in events_from(session, way, new):
            after = ENGINE.advance(session, event, NOW, FRESH).session
            there = met.arrived(session, event, after)
            if not isinstance(event, GIVING_UP):
                met.steps.setdefault(here, set()).add(there)
            if there not in met.sessions:
                met.sessions[there] = after
                if not after.over:
                    waiting.append((there, after))
    return met


def ending(met: Walked) -> set[Kind]:
    """The kinds of moments from which an end can be reached without giving up."""
    back: defaultdict[Kind, set[Kind]] = defaultdict(set)
    for here, steps in met.steps.items():
        for step in steps:
            back[step].add(here)
    found = {here for here, session in met.sessions.items() if session.over}
    waiting = list(found)
    while waiting:
        new = back[waiting.pop()] - found
        found |= new
        waiting += new
    return found
