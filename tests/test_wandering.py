"""Whoever changes language and place, goes back, edits, opens cards and comes back days later ends where a straight
run on their final answers ends."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import pytest

from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Edited,
    Entered,
    Event,
    Listed,
    Measured,
    Narrowed,
    Refer,
    Reminded,
    Started,
    Unclear,
    Unreadable,
    WentBack,
)
from dialogs.machine import base
from dialogs.session import LANGUAGE, PREVIEW, RESULT, REVIEW, SENT
from dialogs.study import Outcome, Verdict
from tests.dialogs_world import LANGUAGES, MET, STUDY, Person, person

PLACES = [place.id for place in STUDY.places]
CAUSE = "blood_counts.cause"
CARDS = ["help", "why", "means", "about", "fact.groups", "human", "numbers", "privacy", "mydata", "leave", "language"]

CARDS += ["place", "danger.crisis", "danger.minor"]


def name_of(state: str) -> str:
    """What an answer in this state is kept under."""
    return "bmi" if state.startswith("bmi.") else base(state)


@dataclass
class Wanderer:
    """Somebody who does not go straight. `given` are their answers as they would tell them, kept beside the bot.

    `luck` is how often an answer is one that rules nothing out.
    """

    chance: random.Random
    luck: float = 0.5
    here: Person = field(default_factory=person)
    given: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def begins(self) -> None:
        self.here.starts(self.chance.choice(LANGUAGES), self.chance.choice(PLACES))

    def wanders(self) -> None:
        """Does something that is no answer."""
        act = self.chance.choice(sorted(WAYS))
        WAYS[act](self)
        self.done.add(act)

    def goes_on(self, surely: bool = False) -> None:
        """Chooses something on the screen; `surely` something that leads towards the end."""
        here, chance = self.here, self.chance
        while here.now.aside:
            here.does(WentBack())
        match here.at:
            case "language" | "place":
                choice = str(here.now.language if here.at == LANGUAGE else here.now.place)
                here.taps(choice)
            case "age":
                self.answers("yes")
            case "consent":
                here.taps("agree" if here.now.answered_by == "participant" else "agree_helping")
            case "review":
                here.taps("continue")
            case "result":
                here.taps("review" if chance.random() < 0.5 and not surely else "share")
            case "preview":
                here.taps("keep")
            case state if state.endswith(".safety"):
                here.taps("understood")
            case state if state.endswith(".confirm"):
                self.confirms(surely or chance.random() < 0.6)
            case _:
                wanted = self.good() or self.choices()
                self.answers(chance.choice(wanted if chance.random() < self.luck else self.choices()))

    def good(self) -> list[str]:
        """The answers on the screen that rule nothing out."""
        if self.here.at.startswith("bmi.height"):
            return [each for each in self.choices() if each != "unsure"]
        met = {*MET.get(name_of(self.here.at), ()), "scleroderma"}
        return [each for each in self.choices() if each in met]

    def choices(self) -> list[str]:
        """The answers on the screen; of the many heights two."""
        shown = self.here.screen.options
        heights = [each.id for each in shown if isinstance(each.event, Narrowed | Entered)]
        asked = STUDY.askings.get(base(self.here.at))
        known = {choice.id for choice in asked.choices} if asked else set()
        return [each.id for each in shown if each.id in known] + heights[2:4]

    def answers(self, choice: str) -> None:
        """Taps an answer. One that would end the questions is given only once it is confirmed."""
        state = self.here.at
        self.here.taps(choice)
        asked = STUDY.askings.get(state if not state.startswith("bmi") else "bmi.weight")
        if asked and asked.choice(choice) and not self.here.at.endswith((".confirm", ".safety")):
            self.gave(name_of(state), choice)

    def confirms(self, sure: bool) -> None:
        name, pending = name_of(self.here.at), self.here.now.pending
        self.here.taps("confirmed" if sure else "mistaken")
        if sure and pending:
            self.gave(name, pending)

    def gave(self, name: str, choice: str) -> None:
        self.given[name] = choice
        if name == "blood_counts" and choice != "yes":
            self.given.pop(CAUSE, None)

    def opens_a_card(self) -> None:
        self.here.does(Asked(topic=self.chance.choice(CARDS)))
        if self.chance.random() < 0.8:
            self.here.does(WentBack())

    def edits(self) -> None:
        if self.here.at == REVIEW:
            self.here.does(Edited(question=self.chance.choice([each for each in self.here.answers if "." not in each])))

    def comes_back_later(self) -> None:
        ways: list[Event] = [Started(), Started(payload="paris-fr-poster"), Reminded()]
        self.here.does(self.chance.choice(ways))

    def is_not_understood(self) -> None:
        ways: list[Event] = [Unclear(), Unclear(candidates=("yes", "no")), Unreadable()]
        self.here.does(self.chance.choice(ways))


WAYS: Mapping[str, Callable[[Wanderer], object]] = {
    "language": lambda one: one.here.does(ChangedLanguage(language=one.chance.choice(LANGUAGES))),
    "place": lambda one: one.here.does(ChangedPlace(place=one.chance.choice(PLACES))),
    "back": lambda one: one.here.does(WentBack()),
    "twice back": lambda one: one.here.does(WentBack(), WentBack()),
    "edit": Wanderer.edits,
    "card": Wanderer.opens_a_card,
    "resume": Wanderer.comes_back_later,
    "unclear": Wanderer.is_not_understood,
    "list": lambda one: one.here.does(Listed(on=one.chance.random() < 0.5)),
    "unit": lambda one: one.here.does(Measured(unit=one.chance.choice(("cm", "ft_in", "kg", "lb")))),
}


@cache
def wandered(seed: int) -> Wanderer:
    """A whole screening of somebody who wanders, up to the result sent."""
    one = Wanderer(random.Random(seed), luck=(0.3, 0.8, 1.0)[seed % 3])
    one.begins()
    for _ in range(one.chance.randrange(20, 90)):
        one.wanders() if one.chance.random() < 0.4 else one.goes_on()
        assert one.here.answers == one.given, "nothing is lost or changed but by answering"
    for _ in range(200):
        if one.here.at == PREVIEW and one.here.now.aside is None:
            break
        one.goes_on(surely=True)
    assert one.here.answers == one.given
    one.here.taps("send")
    return one


def straight(given: Mapping[str, str], like: Person) -> Person:
    """Somebody who gives these answers one after the other, and sends what comes of it."""
    here = person().starts("en", "montreal" if like.now.place is None else like.now.place).consents()
    while here.at not in {REVIEW, RESULT}:
        match here.at:
            case state if state.endswith((".confirm", ".safety")):
                here.taps("understood" if state.endswith(".safety") else "confirmed")
            case "bmi.height":
                here.taps("unsure" if given["bmi"] == "unsure" else here.buttons[2])
            case "bmi.height.exact":
                here.taps(here.buttons[2])
            case state:
                # A cause can be left open only by whoever has already ended the questions otherwise.
                here.taps(given.get(name_of(state), "unsure") if state == CAUSE else given[name_of(state)])
    return here.taps(*(["continue"] if here.at == REVIEW else []), "share", "send")


@pytest.mark.parametrize("seeds", [range(at, at + 8) for at in range(0, 32, 8)], ids=str)
def test_wandering_about_ends_with_the_outcome_of_a_straight_run_on_the_final_answers(seeds: range) -> None:
    for seed in seeds:
        one = wandered(seed)
        sent, expected = one.here.referred.result, straight(one.given, one.here).referred.result
        assert one.here.at == SENT
        assert sent.outcome == expected.outcome, (seed, one.given)
        asked = {name: given for name, given in expected.verdicts.items() if given is not Verdict.NOT_ASKED}
        if one.given.get("blood_counts") == "yes" and CAUSE not in one.given:
            asked.pop("blood_counts", None)
        assert {name: sent.verdicts[name] for name in asked} == asked, seed
        assert sent.outcome is Outcome.LIKELY_INELIGIBLE or sent.verdicts == expected.verdicts, seed
        assert [effect for effect in one.here.effects if not isinstance(effect, Refer)] == []


def test_these_walks_do_everything_and_come_to_every_outcome() -> None:
    walks = [wandered(seed) for seed in range(12)]
    assert {act for one in walks for act in one.done} == set(WAYS)
    assert {one.here.referred.result.outcome for one in walks} == set(Outcome)
    assert {one.here.referred.result.place for one in walks} == set(PLACES)
    assert {one.here.referred.result.language for one in walks} == set(LANGUAGES)
