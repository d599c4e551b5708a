"""Every way through is finished by typing alone: by the words on the buttons, by number, in one's own words."""

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
from dialogs.engine import Engine
from dialogs.events import ChangedLanguage, ChangedPlace, Entered, Event, Listed, Narrowed, Restarted, Started, Unclear
from dialogs.machine import base
from dialogs.screens import screen
from dialogs.session import SENT, Session
from dialogs.study import AnsweredBy, Language, Verdict
from dialogs.symbols import Option, Say, Screen
from tests.dialogs_world import ENGINE, FRESH, NOW, OPEN, PAUSED, PLAN, STUDY, choices_of

CATALOGS: Catalogs = read_catalogs(source_texts(STUDY))
RENDERER = Renderer(CATALOGS, lambda told, _: told.what)
Kind = tuple[object, ...]
READ: dict[Kind, Event] = {}


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
        labels = RENDERER.labels(shown, locale)
        # Reading is pure: what is on the screen and what it asks decide, so the same words there are read once.
        where = (session.aside or session.state, session.state == SENT, locale, text, *labels.items())
        if where not in READ:
            READ[where] = heard(STUDY, shown, session, locale, text, labels)
        return READ[where]

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
                return option.label.key != f"consent.{'agree' if self.voice == 'helper' else 'agree_helping'}"


TYPISTS = {
    "en": Typist("en", "elsewhere"),
    "fr_CA": Typist("fr", "montreal"),
    "fr_FR, for somebody": Typist("fr", "paris", "helper"),
    "fr_FR": Typist("fr", "paris"),
    "en, for somebody": Typist("en", "montreal", "helper"),
    "fr_CA, for somebody": Typist("fr", "montreal", "helper"),
    "fr": Typist("fr", "elsewhere"),
}
# What is typed for an option that is on the screen: its event must be what it means.
Wording = Callable[["Typist", Session, Option], str]


def by_label(typist: Typist, session: Session, option: Option) -> str:
    """The words on its button."""
    return RENDERER.say(option.label, typist.locale(session))


def by_number(typist: Typist, session: Session, option: Option) -> str:
    """Its number in the list that is shown; before a language is known there is no list."""
    shown, locale = seen(session), typist.locale(session)
    if session.language is None:
        return by_label(typist, session, option)
    number = next(number for number, each in shown.numbered.items() if each == option)
    line = RENDERER.say(Say("listed.option", {"number": number, "label": option.label}), locale)
    assert line in RENDERER.message(shown, locale).text
    return str(number)


def seen(session: Session) -> Screen:
    return screen(PLAN, OPEN, session)


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
        return ("card", session.aside, session.state if session.aside in {"help", "why", "means"} else "")
    if session.state == "bmi.height.exact":
        return (session.state, session.coarse)
    given = set(verdicts(STUDY, session.answers).values())
    worst = next((each for each in (Verdict.NOT_MET, Verdict.UNKNOWN) if each in given), None)
    question = PLAN.question_at.get(base(session.state))
    answer = session.answers.get(question.id) if question else None
    followed = tuple(each for each in session.answers if "." in each)
    unit = {"bmi.height": session.length, "bmi.weight": session.mass}.get(session.state)
    return (session.state, worst, answer, followed, session.pending, unit)


def choices(typist: Typist, session: Session) -> Iterator[Option]:
    """What this person can choose on this screen; of the many heights, the first, the last and one between."""
    options = [option for option in seen(session).options if typist.follows(option)]
    heights = [option for option in options if isinstance(option.event, Entered | Narrowed)]
    kept = [heights[0], heights[len(heights) // 2], heights[-1]] if heights else []
    return (option for option in options if option not in heights or option in kept)


@cache
def walked(typist: Typist, worded: Wording, listing: bool = False) -> Typed:
    """The whole conversation by typing, breadth first, until no moment of a new kind is found."""
    met = Typed()
    begun = ENGINE.advance(None, Started(), NOW, FRESH).session.changed(listing=listing)
    waiting = deque([begun])
    met.kinds.add(kind_of(begun))
    while waiting:
        session = waiting.popleft()
        for option in choices(typist, session):
            after = typed(typist, session, option, worded, met)
            if after is None or kind_of(after) in met.kinds:
                continue
            met.kinds.add(kind_of(after))
            met.states.add(after.state)
            if not after.over:
                waiting.append(after)
    return met


def typed(typist: Typist, session: Session, option: Option, worded: Wording, met: Typed) -> Session | None:
    """The session after typing this option; asked whether it was meant, they type the words on its button."""
    for wording in (worded, by_label):
        text = wording(typist, session, option)
        event = typist.hears(session, text)
        if event == option.event:
            met.given.add((session.state, option.id))
            return ENGINE.advance(session, event, NOW, FRESH).session
        if not (isinstance(event, Unclear) and option.id in event.candidates):
            break
        session = ENGINE.advance(session, event, NOW, FRESH).session
    met.misread.append(f"{session.state}/{session.aside}: {text!r} for {option.id} is read as {event!r}")
    return None


# A helper's words are walked in one locale each time, in the others with what is slow.
TYPING = [
    pytest.param(who, marks=pytest.mark.slow if "for somebody" in who and "fr_FR" not in who else ()) for who in TYPISTS
]


@pytest.mark.parametrize("who", TYPING)
@pytest.mark.parametrize("listing", [False, True], ids=["the words on the buttons", "the listed numbers"])
def test_every_way_is_finished_by_typing(who: str, listing: bool) -> None:
    met = walked(TYPISTS[who], by_number if listing else by_label, listing)
    assert met.misread == []
    assert set(PLAN.states) - met.states == {"closed", "waiting", "forgotten", "expired"}
    assert choices_of(STUDY).keys() <= met.given
    steps = {
        "review": {"continue", *STUDY.by_id},
        "result": {"share", "review", "finish"},
        "preview": {"send", "keep"},
        "sent": {"done", "offer", "help"},
        "offer": {"agree", "decline", "help"},
        "bridge": {"answer", "call", "close", "help"},
        "reply": {"keep", "help"},
    }
    missing = [(state, each) for state, names in steps.items() for each in names if (state, each) not in met.given]
    assert missing == []


# What people write of their own accord, by what is asked and what they mean; every line is read as just that.
YES, NO, UNSURE = (
    {"en": ("yes", "Yeah", "yep"), "fr": ("oui", "Ouais", "OUI")},
    {"en": ("no", "Nope", "nah"), "fr": ("non", "Non.", "NON")},
    {"en": ("I don't know", "not sure", "idk"), "fr": ("je ne sais pas", "jsp", "chu pas sûr")},
)
OWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {"yes": YES, "no": NO, "unsure": UNSURE}
PLAIN = ("age", "diagnosis", "hypertension", "infection", "bone_marrow", "pregnancy", "contraception")
TYPISTS_OWN = [who for who in TYPISTS if "somebody" not in who]


@pytest.mark.parametrize("who", TYPISTS_OWN)
@pytest.mark.parametrize("figure", range(3))
def test_in_ones_own_words_a_whole_screening_is_typed_from_the_first_to_the_last(who: str, figure: int) -> None:
    typist = TYPISTS[who]
    english = typist.language == "en"

    def own(meaning: str) -> str:
        return OWN[meaning][typist.language][figure]

    height = ("5'3\"", "160 cm", "1,60 m")[figure]
    weight = ("120 lb", "60 kg", "54,5 kg")[figure]
    measured = {"bmi.height": height, "bmi.weight": weight}
    session = ENGINE.advance(None, Started(), NOW, FRESH).session
    said: list[str] = []
    while session.state != "review":
        before, name = session.state, {"age": "yes", "contraception": "yes", "diagnosis": "yes"}.get(session.state)
        known = {option.id: option for option in seen(session).options}
        if session.state in measured:
            text = measured[session.state]
        elif session.state in {*PLAIN, "organ_damage", "cancer", "blood_counts"}:
            text = own(name or "no")
        elif session.state == "consent":
            text = "I agree" if english else "j'accepte"
        else:
            wanted = {"language": typist.language, "place": typist.place}.get(session.state, "unsure")
            text = by_label(typist, session, known[wanted])
        said.append(f"{before}: {text}")
        session = ENGINE.advance(session, typist.hears(session, text), NOW, FRESH).session
        assert session.state != before, said


def types(session: Session, typist: Typist, *texts: str) -> Session:
    """The session after typing these, one after the other."""
    for text in texts:
        session = ENGINE.advance(session, typist.hears(session, text), NOW, FRESH).session
    return session


@pytest.mark.parametrize("who", TYPISTS_OWN)
def test_the_answers_are_listed_and_numbered_for_whoever_asks_for_it_by_typing(who: str) -> None:
    typist = TYPISTS[who]
    french = typist.language == "fr"
    begun = ENGINE.advance(None, Started(), NOW, FRESH).session
    here = types(begun, typist, "Français" if french else "English", "aide" if french else "help")
    here = types(here, typist, RENDERER.say(Say("help.listing.on"), typist.locale(here)))
    assert here.listing
    assert all(f"{number}. " in RENDERER.message(seen(here), typist.locale(here)).text for number in (1, 2, 3))
    places = [place.id for place in STUDY.places]
    assert types(here, typist, str(1 + places.index(typist.place))).place == typist.place


@pytest.mark.parametrize(("typed", "language"), [("retour", "fr"), ("back", "en")])
def test_what_is_typed_leads_back_along_the_way_like_the_button(typed: str, language: Language) -> None:
    typist = Typist(language, "montreal")
    session = ENGINE.advance(None, Started(), NOW, FRESH).session
    way = [session.state]
    for wanted in (language, "montreal", "yes", "agree", "yes", "unsure"):
        option = {each.id: each for each in seen(session).options}[wanted]
        session = types(session, typist, by_label(typist, session, option))
        way.append(session.state)
    for state in reversed(way[:-1]):
        session = types(session, typist, typed)
        assert session.state == state


def test_at_a_place_that_asks_nobody_new_one_waits_and_stops_waiting_by_typing() -> None:
    engine = Engine(PLAN, PAUSED)
    session = engine.advance(None, Started(), NOW, FRESH).session
    for wanted, state in (("fr", "place"), ("paris", "closed"), ("tell", "waiting"), ("cancel", "closed")):
        shown = screen(PLAN, PAUSED, session)
        locale = Typist("fr", "paris").locale(session)
        labels = RENDERER.labels(shown, locale)
        event = heard(STUDY, shown, session, locale, labels[wanted], labels)
        session = engine.advance(session, event, NOW, FRESH).session
        assert session.state == state
