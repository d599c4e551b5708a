"""The engine with a person in front of it: what the tests of the conversation speak through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self, TypeVar

from dialogs.engine import Engine
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Count,
    Effect,
    Event,
    Fresh,
    Openings,
    Refer,
    Started,
    Step,
)
from dialogs.machine import Plan
from dialogs.screens import screen
from dialogs.session import BRIDGE, SENT, ReferralCode, Session
from dialogs.study import Choice, Frozen, Language, Study, read
from dialogs.symbols import Screen

STUDY = read()
PLAN = Plan(STUDY)
NOW = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
CODE = ReferralCode("K7M4P2XW9")
FRESH = Fresh(nonce="n0nce", code=CODE)
LANGUAGES: tuple[Language, ...] = ("fr", "en")
OPEN = Openings(
    consents={place.id: {language: f"{place.id}.{language}" for language in LANGUAGES} for place in STUDY.places},
    languages=LANGUAGES,
)
ENGINE = Engine(PLAN, OPEN)
# Every place asks nobody new for the moment.
PAUSED = Openings(consents=OPEN.consents, languages=LANGUAGES, paused={place.id: "holiday" for place in STUDY.places})

# Taps that answer each question so that its criterion is met, in the order of the study.
MET: Mapping[str, tuple[str, ...]] = {
    "age": ("yes",),
    "diagnosis": ("yes",),
    "transplant": ("declined",),
    "standard_treatment": ("not_enough",),
    "bmi": ("5", "63", "above"),
    "blood_counts": ("no",),
    "hypertension": ("no",),
    "organ_damage": ("no",),
    "infection": ("no",),
    "cancer": ("no",),
    "bone_marrow": ("no",),
    "pregnancy": ("no",),
    "contraception": ("yes",),
}
AFTER_CONSENT = tuple(question for question in MET if question != "age")

Value = TypeVar("Value", bound=Frozen)


@dataclass
class Person:
    """Somebody in front of the bot. Between any two steps their session goes through JSON and comes back the same.

    `effects` are those about this person: what is counted is about nobody.
    """

    engine: Engine = ENGINE
    session: Session | None = None
    effects: list[Effect] = field(default_factory=list)

    def does(self, *events: Event) -> Self:
        """These things, one after the other."""
        for event in events:
            self._stepped(self.engine.advance(self.session, event, NOW, FRESH))
        return self

    def taps(self, *options: str) -> Self:
        """These buttons, each on the screen that the one before led to."""
        for name in options:
            event = {option.id: option.event for option in self.screen.options}.get(name)
            assert event is not None, f"no {name} at {self.at}: {self.buttons}"
            self.does(event)
        return self

    def starts(self, language: Language = "en", place: str = "montreal") -> Self:
        """Opens the chat and says which language and where from: the age is asked."""
        return self.does(Started(), ChangedLanguage(language=language), ChangedPlace(place=place))

    def consents(self, how: str = "agree") -> Self:
        """Is an adult and agrees: the first question about health is asked."""
        return self.taps("yes", how)

    def meets(self, *questions: str) -> Self:
        """Answers these so that each criterion is met."""
        for question in questions:
            self.taps(*self._height_taps() if question == "bmi" else MET[question])
        return self

    def meets_all_before(self, question: str) -> Self:
        """From the first question about health up to this one, every answer is met."""
        return self.meets(*AFTER_CONSENT[: AFTER_CONSENT.index(question)])

    def reviews(self) -> Self:
        """Answers everything so that it is met: the review is shown."""
        return self.meets(*AFTER_CONSENT)

    def opens(self, topic: str) -> Self:
        """A card over the screen."""
        return self.does(Asked(topic=topic))

    def with_engine(self, openings: Openings = OPEN, study: Study = STUDY) -> Self:
        """The world has changed under them: other places are open, or the study is another."""
        self.engine = Engine(Plan(study), openings)
        return self

    def with_session(self, session: Session) -> Self:
        """They are where this session is."""
        self.session = session
        return self

    @property
    def now(self) -> Session:
        """The session as it is."""
        assert self.session is not None, "nothing happened yet"
        return self.session

    @property
    def at(self) -> str:
        """The state the person is in."""
        return self.now.state

    @property
    def screen(self) -> Screen:
        """What the person sees."""
        return screen(self.engine.plan, self.engine.openings, self.now)

    @property
    def buttons(self) -> list[str]:
        """The ids of the buttons the person sees."""
        return [option.id for option in self.screen.options]

    @property
    def answers(self) -> dict[str, str]:
        """What was answered, by question."""
        return {asked: answer.choice for asked, answer in self.now.answers.items()}

    @property
    def referred(self) -> Refer:
        """The one result that was given to the coordinators."""
        [refer] = [effect for effect in self.effects if isinstance(effect, Refer)]
        return refer

    def says(self, key: str) -> bool:
        """Whether a text of this key is on the screen."""
        return key in set(self.screen.keys())

    def _height_taps(self) -> tuple[str, ...]:
        inches = "5" in self.buttons
        return ("5", "63", "above") if inches else ("160", "163", "above")

    def _stepped(self, step: Step) -> None:
        again = Session.model_validate_json(step.session.model_dump_json())
        assert again == step.session
        self.session = again
        self.effects += [effect for effect in step.effects if not isinstance(effect, Count)]


def person() -> Person:
    """Somebody the bot knows nothing about."""
    return Person()


def at_sent(language: Language = "en", place: str = "montreal") -> Person:
    """Somebody who has just sent a result in which everything was met."""
    sent = Person().starts(language, place).consents().reviews().taps("continue", "share", "send")
    assert sent.at == SENT
    return sent


def at_bridge(language: Language = "en", place: str = "montreal") -> Person:
    """Somebody who has sent a result and agreed that the team writes to them here."""
    bridged = at_sent(language, place).taps("offer", "agree")
    assert bridged.at == BRIDGE
    return bridged


def altered(value: Value, **fields: object) -> Value:
    """The same value with these fields instead, checked."""
    own = {name: getattr(value, name) for name in type(value).model_fields}
    return type(value).model_validate({**own, **fields})


def with_question(study: Study, name: str, /, **fields: object) -> Study:
    """The study with one question changed."""
    questions = tuple(altered(each, **fields) if each.id == name else each for each in study.questions)
    assert questions != study.questions
    return altered(study, questions=questions)


def with_choice(study: Study, question: str, name: str, /, **fields: object) -> Study:
    """The study with one choice of one question changed."""
    choices = tuple(altered(each, **fields) if each.id == name else each for each in study.question(question).choices)
    return with_question(study, question, choices=choices)


def with_place(study: Study, name: str, /, **fields: object) -> Study:
    """The study with one place changed."""
    return altered(study, places=tuple(altered(each, **fields) if each.id == name else each for each in study.places))


def choices_of(study: Study) -> dict[tuple[str, str], Choice]:
    """Every choice of every question and follow-up, by (what is asked, choice)."""
    return {(asked, choice.id): choice for asked, asking in study.askings.items() for choice in asking.choices}
