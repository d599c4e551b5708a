"""What an author writes: one study as data, read from TOML and refused when it does not fit.

Every text here is the English source. Its key (`texts()`) is the context under which translators find it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Language = Literal["en", "fr"]
AnsweredBy = Literal["participant", "helper"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{name} is not a time zone") from error
    return name


CARE_SSC = Path(__file__).parent / "studies" / "care_ssc.toml"


class Frozen(BaseModel):
    """A value: it never changes, and a field nobody declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdict(StrEnum):
    """What one answer says about one criterion. `NOT_ASKED` is for questions never reached; no choice gives it."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


class Outcome(StrEnum):
    """What all verdicts together say. For code and exports: no participant and no coordinator reads these words."""

    LIKELY_ELIGIBLE = "likely_eligible"
    NEEDS_REVIEW = "needs_review"
    LIKELY_INELIGIBLE = "likely_ineligible"


class Source(Frozen):
    """Where a rule comes from: which text, which line of it, and the words themselves."""

    provenance: Literal["seed", "seed-summary", "registry-2022"]
    rule: Words
    quotation: Words


class Allowed(Frozen):
    """A word that makes a question suspect, and why it is right here."""

    word: Words
    reason: Words


class Choice(Frozen):
    """One answer a person can give: it carries a verdict, or leads to the follow-up that does.

    `safety` shows the safety card before anything else. `label_helping` is the label when somebody answers for
    the person, where the first person would be wrong.
    """

    id: Id
    label: Words
    label_helping: Words | None = None
    verdict: Literal[Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN] | None = None
    then: Id | None = None
    safety: bool = False


class Asking(Frozen):
    """The words of one screen that asks something.

    `label` names it in a few words in lists. `means` explains a word of it. `allow` lists suspicious words with
    the reason each is right.
    """

    label: Words
    ask: Words
    ask_helping: Words
    why: Words
    means: Words | None = None
    allow: tuple[Allowed, ...] = ()
    choices: tuple[Choice, ...]

    def choice(self, choice: str) -> Choice | None:
        """The choice with this id, if there is one."""
        return self.choice_by_id.get(choice)

    @cached_property
    def choice_by_id(self) -> dict[str, Choice]:
        """The choices by id."""
        return {each.id: each for each in self.choices}


class FollowUp(Asking):
    """A second question about the same criterion, asked only after the choice that names it in `then`."""

    id: Id


class BodyMass(Frozen):
    """Asks the body mass index as a height and then, with the question's own words, a weight; bounds in kg/m².

    The question's choices must be `below` (under `excludes_below`), `above` (from `clears_from` on), `between`
    and `unsure`; on the screen the first three are labelled with the weights that follow from the height.
    """

    excludes_below: Decimal = Field(gt=0)
    clears_from: Decimal = Field(gt=0)
    height: Asking

    @model_validator(mode="after")
    def _bounds_rise(self) -> Self:
        if self.clears_from < self.excludes_below:
            raise ValueError("clears_from must not be below excludes_below")
        return self


class Question(Asking):
    """One criterion of the trial and how it is asked.

    `criterion` is the criterion put so that "met" reads rightly on a coordinator's card. `revision` is raised when
    the meaning of a text changes, so that people who answered the old one are asked again.
    """

    id: Id
    kind: Literal["inclusion", "exclusion"]
    criterion: Words
    revision: int = 1
    source: Source | None = None
    follow_up: FollowUp | None = None
    body_mass: BodyMass | None = None

    @cached_property
    def digest(self) -> str:
        """Changes when the rules of this question change, and not when a comma does."""
        rules = {
            "id": self.id,
            "revision": self.revision,
            "choices": _rules(self),
            "follow_up": self.follow_up and _rules(self.follow_up),
            "bounds": self.body_mass and [str(self.body_mass.excludes_below), str(self.body_mass.clears_from)],
        }
        return _digest(rules)


class Fact(Frozen):
    """Something about the study a person can ask for, as one short card."""

    id: Id
    title: Words
    text: Words
    source: Literal["seed", "seed-summary", "registry-2022"]


class Place(Frozen):
    """Where a person lives, and what follows from it: units, time zone, emergency numbers.

    `emergency` is the number to call now, as it is read in a sentence. `numbers` are all of them, a line each.
    """

    id: Id
    label: Words
    name: Words
    territory: Literal["CA", "FR"] | None = None
    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = None
    lengths: tuple[Literal["ft_in", "cm"], ...] = Field(min_length=1)
    masses: tuple[Literal["lb", "kg"], ...] = Field(min_length=1)
    emergency: Words
    numbers: tuple[Words, ...] = Field(min_length=1)

    @property
    def zone(self) -> tzinfo:
        """The place's time zone; UTC where none is known."""
        return ZoneInfo(self.time_zone) if self.time_zone else UTC


class Policy(Frozen):
    """What this study does with verdicts.

    `stop`: ask no further after a confirmed answer that is not met, or ask everything. `refer`: the outcomes after
    which sending the result is offered as the next step. `ask_anyway`: others may still choose to send it.
    `consent_after`: the question before which nobody is asked to consent. `minor`: the question that, not met,
    ends everything and keeps nothing.
    """

    stop: Literal["first_not_met", "never"]
    refer: tuple[Outcome, ...]
    ask_anyway: bool
    consent_after: Id
    minor: Id


class Study(Frozen):
    """One trial: its questions in the order they are asked, its places, facts and policy."""

    id: Id
    registry: Words
    title: Words
    questions: tuple[Question, ...] = Field(min_length=1)
    places: tuple[Place, ...] = Field(min_length=1)
    facts: tuple[Fact, ...] = ()
    policy: Policy

    @cached_property
    def digest(self) -> str:
        """Changes when any rule of the study changes."""
        return _digest([self.id, [question.digest for question in self.questions]])

    @cached_property
    def shape(self) -> str:
        """Changes when anything may have moved in a list of questions, places or facts."""
        return _digest([self.digest, [place.id for place in self.places], [fact.id for fact in self.facts]])

    @cached_property
    def by_id(self) -> dict[str, Question]:
        """The questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def number(self) -> dict[str, int]:
        """Which question each is, from 1 on, by id."""
        return {question.id: number for number, question in enumerate(self.questions, start=1)}

    def question(self, question: str) -> Question:
        """The question with this id. Raises KeyError when there is none."""
        return self.by_id[question]

    def place(self, place: str) -> Place:
        """The place with this id. Raises KeyError when there is none."""
        return {each.id: each for each in self.places}[place]

    @cached_property
    def askings(self) -> dict[str, Asking]:
        """Everything that is asked, in order, by the id that names it in tests, typed answers and texts."""
        return {name: asking for question in self.questions for name, asking in askings(question)}

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text of the study a person can read, as (key, English)."""
        yield "study.title", self.title
        for place in self.places:
            key = f"place.{place.id}"
            yield f"{key}.label", place.label
            yield f"{key}.name", place.name
            yield f"{key}.emergency", place.emergency
            yield from ((f"{key}.numbers.{number}", text) for number, text in enumerate(place.numbers))
        for question in self.questions:
            yield f"question.{question.id}.criterion", question.criterion
            for name, asking in askings(question):
                yield from _asking_texts(f"question.{name}", asking)
        for fact in self.facts:
            yield f"fact.{fact.id}.title", fact.title
            yield f"fact.{fact.id}.text", fact.text


def askings(question: Question) -> Iterator[tuple[str, Asking]]:
    """Every screen of this question that asks something, in order, as (id, words): `bmi.height`, `bmi.weight`."""
    if question.body_mass:
        yield f"{question.id}.height", question.body_mass.height
        yield f"{question.id}.weight", question
    else:
        yield question.id, question
    if question.follow_up:
        yield f"{question.id}.{question.follow_up.id}", question.follow_up


def read(path: Path = CARE_SSC) -> Study:
    """The study in this TOML file. Raises pydantic.ValidationError naming everything that does not fit."""
    return Study.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def _asking_texts(key: str, asking: Asking) -> Iterator[tuple[str, str]]:
    for name in ("label", "ask", "ask_helping", "why", "means"):
        if text := getattr(asking, name):
            yield f"{key}.{name}", text
    for choice in asking.choices:
        yield f"{key}.choice.{choice.id}", choice.label
        if choice.label_helping:
            yield f"{key}.choice.{choice.id}.helping", choice.label_helping


def _rules(asking: Asking) -> list[list[str | None]]:
    return [[choice.id, choice.verdict, choice.then] for choice in asking.choices]


def _digest(rules: object) -> str:
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:12]
