"""Every way through the conversation is finished by typing alone: by the words on the buttons, by number, in own words."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import pytest

from bot.texts import Catalogs, Renderer, read_catalogs
from bot.texts.source import source_texts
from dialogs.conversation import heard
from dialogs.eligibility import verdicts
from dialogs.events import ChangedLanguage, ChangedPlace, Event, Listed, Restarted, Started
from dialogs.machine import base
from dialogs.screens import screen
from dialogs.session import ENDS, Session
from dialogs.study import AnsweredBy, Language, Verdict
from dialogs.symbols import Option, Screen
from tests.dialogs_world import ENGINE, FRESH, NOW, OPEN, PLAN, STUDY, choices_of

CATALOGS: Catalogs = read_catalogs(source_texts(STUDY))
RENDERER = Renderer(CATALOGS, lambda told, _: told.what)
Kind = tuple[object, ...]


@dataclass(frozen=True)
class Typist:
    """Somebody who never taps: which locale they come to read, and whether they help somebody."""

    language: Language
    place: str
    voice: AnsweredBy = "participant"

    def locale(self, session: Session) -> str:
        """What they read now: the locale of the place once it is said."""
        territory = STUDY.place(session.place).territory if session.place else None
        language = session.language or "en"
        return CATALOGS.locale(language, territory) or CATALOGS.locale(language, None) or "en"

    def hears(self, session: Session, text: str) -> Event:
        """What the bot makes of these words on this screen."""
        shown, locale = seen(session), self.locale(session)
        return heard(STUDY, shown, session, locale, text, RENDERER.labels(shown, locale))

    def follows(self, option: Option) -> bool:
        """Whether this option stays on this person's way. Whether answers are listed is set by the test."""
        match option.event:
            case None | Listed() | Restarted():
                return False
            case ChangedLanguage(language=language):
                return language == self.language
            case ChangedPlace(place=place):
                return place == self.place
            case _:
                return option.id != ("agree" if self.voice == "helper" else "agree_helping")


TYPISTS = {
    "en": Typist("en", "elsewhere"),
    "en, for somebody, in Montréal": Typist("en", "montreal", "helper"),
    "fr_CA": Typist("fr", "montreal"),
    "fr_CA, for somebody": Typist("fr", "montreal", "helper"),
    "fr_FR": Typist("fr", "paris"),
    "fr_FR, for somebody": Typist("fr", "paris", "helper"),
    "fr": Typist("fr", "elsewhere"),
}
# What is typed for an option that is on the screen: its event must be what it means.
Wording = Callable[[Typist, Session, Option], str]


def by_label(typist: Typist, session: Session, option: Option) -> str:
    return RENDERER.say(option.label, typist.locale(session))


def by_number(typist: Typist, session: Session, option: Option) -> str:
    """Its place in the list; before a language is known there is no list."""
    if session.language is None:
        return by_label(typist, session, option)
    options = seen(session).options
    number = next(number for number, each in enumerate(options, start=1) if each.id == option.id)
    line = RENDERER.say(listed(session, number), typist.locale(session))
    assert str(number) in line
    assert by_label(typist, session, option) in line
    return str(number)


def seen(session: Session) -> Screen:
    return screen(PLAN, OPEN, session)


def listed(session: Session, number: int) -> object:
    raise NotImplementedError


@dataclass
class Typed:
    """One walk by typing: what was met, what was given, and what was not taken as it was meant."""

    kinds: set[Kind] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    given: set[tuple[str, str]] = field(default_factory=set)
    misread: list[str] = field(default_factory=list)


def kind_of(session: Session) -> Kind:
    """The path class of a moment: the state, the worst verdict given, the answer here and its follow-up."""
    if session.aside:
        return ("card", session.aside, session.state if session.aside in {"help", "why", "means", "leave"} else "")
    given = set(verdicts(STUDY, session.answers).values())
    worst = next((each for each in (Verdict.NOT_MET, Verdict.UNKNOWN) if each in given), None)
    question = PLAN.question_at.get(base(session.state))
    answer = session.answers.get(question.id) if question else None
    followed = tuple(each for each in session.answers if "." in each)
    units = (session.length, session.coarse, session.mass) if session.state.startswith("bmi.") else ()
    return (session.state, worst, answer, followed, session.pending, units)


def walked(typist: Typist, worded: Wording, listing: bool = False) -> Typed:
    met = Typed()
    begun = ENGINE.advance(None, Started(), NOW, FRESH).session.changed(listing=listing)
    waiting = deque([begun])
    met.kinds.add(kind_of(begun))
    while waiting:
        session = waiting.popleft()
        met.states.add(session.state)
        for option in seen(session).options:
            if not typist.follows(option):
                continue
            text = worded(typist, session, option)
            event = typist.hears(session, text)
            if event != option.event:
                met.misread.append(f"{session.state}/{session.aside}: {text!r} for {option.id} is read as {event!r}")
                continue
            met.given.add((session.state, option.id))
            after = ENGINE.advance(session, event, NOW, FRESH).session
            if kind_of(after) not in met.kinds:
                met.kinds.add(kind_of(after))
                if after.over:
                    met.states.add(after.state)
                else:
                    waiting.append(after)
    return met
