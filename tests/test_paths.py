"""Every way through the conversation in every place, language and voice, and every screen on it as it is read."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import get_args
from unicodedata import category

import pytest

from bot.messages import Message
from bot.texts import Catalogs, Renderer, read_catalogs
from bot.texts.source import source_texts
from dialogs.asides import DANGERS
from dialogs.cards import bare_card, card
from dialogs.desk import PAUSE_REASONS
from dialogs.eligibility import result, verdicts
from dialogs.engine import Engine
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Entered,
    Event,
    Expired,
    ForgetMe,
    Listed,
    Openings,
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
from dialogs.symbols import Option, Param, Say, Screen
from dialogs.writing import LONGEST
from tests.dialogs_world import (
    CODE,
    ENGINE,
    FRESH,
    LANGUAGES,
    NOW,
    OPEN,
    PLAN,
    STUDY,
    Person,
    at_sent,
    choices_of,
    person,
)

# Telegram's limits: characters are UTF-16 code units, data is bytes of UTF-8.
MESSAGE, DATA, BUTTONS, IN_A_ROW, COPIED = 4096, 64, 100, 8, 256
# Telegram names none for a label. In a row of one a narrow phone shows about 40 characters, then wraps or cuts, and
# in a row of two or three each gets its part of them.
LABEL = 40
# On the narrowest, in bold, as the page of the demonstration shows it.
NARROW = 34
ANSWER = re.compile(r"\.choice\.|^consent\.(agree|decline)|^confirm\.(confirmed|mistaken)|^offer\.(agree|decline)")
# The longest address the buttons of a screen can have: a nonce of 128 bits and the millionth screen.
ADDRESS = f"{'n' * 22}.999999"
# Long words of an operator: how to reach the team, who approved, who answers for privacy.
TOLD = {"contact": 300, "approval": 300, "privacy": 900}

CATALOGS: Catalogs = read_catalogs(source_texts(STUDY))
SOURCE = source_texts(STUDY)
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


# ------------------------------------------------------------------------------------------------ the ways


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_way_is_walked_whole_ends_and_reads_well(way: Way) -> None:
    """One test for each way, since walking it is most of the work."""
    met = walked(way)
    assert {session.state for session in met.sessions.values()} == set(PLAN.states) - {"closed", "waiting"}
    assert choices_of(STUDY).keys() <= met.given
    assert met.sessions.keys() - ending(met) == set()
    screens = list(met.screens())
    assert {key for _, shown in screens for key in shown.keys()} - set(SOURCE) == set()  # noqa: SIM118
    spoken = [(session, shown) for session, shown in screens if session.language and session.state != "language"]
    assert {key for session, shown in spoken for key in foreign(shown, session.language)} <= {"language.name"}
    if way.locale is not None:
        renderer = Renderer(CATALOGS, lambda told, _: "é" * TOLD[told.what])
        for session, shown in screens:
            locale = way.locale if session.place else CATALOGS.locale(session.language, None)
            message = renderer.message(shown, locale or "en", ADDRESS)
            assert faults(message) == [], (session.state, session.aside)


def foreign(shown: Screen, language: Language | None) -> Iterator[str]:
    """What on this screen is said in another language than the reader's."""
    said: list[Param] = [*(line for block in shown.blocks for line in block), *(each.label for each in shown.options)]
    while said:
        if isinstance(each := said.pop(), Say):
            said += each.params.values()
            if each.language not in {None, language}:
                yield each.key


def faults(message: Message) -> list[str]:
    """What Telegram would refuse, or a phone cut off."""
    buttons = [button for row in message.rows for button in row]
    found = [f"a message of {utf16(message.text)}"] * (not 0 < utf16(message.text) <= MESSAGE)
    found += [f"{len(buttons)} buttons"] * (len(buttons) > BUTTONS)
    found += [f"a row of {len(row)}" for row in message.rows if not 0 < len(row) <= IN_A_ROW]
    found += [
        f"a label of {utf16(each.label)} in a row of {len(row)}: {each.label}"
        for row in message.rows
        for each in row
        if not 0 < utf16(each.label) <= LABEL // len(row)
    ]
    found += [f"data of {len(each.data.encode())}" for each in buttons if each.data and len(each.data.encode()) > DATA]
    found += [f"copies {len(each.copies)}" for each in buttons if each.copies and len(each.copies) > COPIED]
    found += [f"neither data nor copy: {each.label}" for each in buttons if not each.data and not each.copies]
    found += [f"left open: {text}" for text in (message.text, *(each.label for each in buttons)) if "{" in text]
    return found


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# ------------------------------------------------------------------------------------- all texts, and no other

# Said by the shell alone: about the bot, in groups, after a tap or a fault, and on what is left of a card.
SHELL = ("profile.", "toast.", "group.", "failed.", "card.bare.", "old.", "poster.", "mydata.file_", "waiting.open")
# Read by coordinators.
DESK = ("desk.", "export.", "card.said.bridged")
# Names for lists in which only the whole criterion is named; the drawing of the machine shows them.
DRAWN = ("question.bmi.height.label", "question.blood_counts.cause.label")


def test_every_text_is_on_some_screen() -> None:
    """One walk from each place, both languages and both voices among them, and a place that is closed."""
    ways = [Way("en", "montreal", "helper"), Way("en", "paris", "participant"), Way("fr", "elsewhere", "participant")]
    used = {key for way in ways for _, shown in walked(way).screens() for key in shown.keys()}  # noqa: SIM118
    used |= {key for shown in closed() for key in shown.keys()}  # noqa: SIM118
    for end in (ForgetMe(withdraw=True), Expired()):
        used |= set(at_sent().does(end).screen.keys())
    unused = [key for key in SOURCE if key not in used and not key.startswith((*SHELL, *DESK, *DRAWN))]
    assert unused == []


def closed() -> Iterator[Screen]:
    """What somebody from a place that asks nothing sees, or that asks nobody new for the moment."""
    yield Person(engine=Engine(PLAN, Openings(consents={}, languages=LANGUAGES))).starts().screen
    for reason in PAUSE_REASONS:
        paused = Openings(consents=OPEN.consents, languages=LANGUAGES, paused=dict.fromkeys(PLACES, reason))
        here = Person(engine=Engine(PLAN, paused)).starts()
        yield here.screen
        yield here.taps("tell").screen
        yield here.opens("mydata").screen
        yield here.does(Expired()).screen


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_a_closed_door_reads_well(locale: str) -> None:
    renderer = Renderer(CATALOGS, lambda told, _: "é" * TOLD[told.what])
    assert [fault for shown in closed() for fault in faults(renderer.message(shown, locale, ADDRESS))] == []


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_the_end_of_no_answer_is_cut_off_on_a_narrow_phone(locale: str) -> None:
    """Often the end decides: "They would want one, if they can". Of other labels a phone may show a little less."""
    labels = {key: text for key, text in CATALOGS.texts[locale].items() if ANSWER.search(key)}
    assert len(labels) > 60
    assert {text for text in labels.values() if len(text) > NARROW} == set()


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_no_text_needs_a_picture_to_be_understood(locale: str) -> None:
    """Read aloud, an emoji is noise or nothing: there is none, in no text and on no button."""
    pictures = {key for key, text in CATALOGS.texts[locale].items() if any(category(each) == "So" for each in text)}
    assert pictures == set()


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_the_card_and_what_is_left_of_it_render(locale: str) -> None:
    renderer = Renderer(CATALOGS, lambda told, _: told.what)
    session = person().starts().consents().reviews().now
    for shown in (card(STUDY, result(STUDY, session), CODE), bare_card(CODE, "withdrawn"), bare_card(CODE, "expired")):
        assert faults(renderer.message(shown, locale)) == []
