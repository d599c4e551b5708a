"""Everybody who screens themselves in a campaign, and the coordinators they send their results to."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.demo.standin import StandIn
from dialogs.study import Language
from tests.person import PLACES
from tests.torture.coordinators import Coordinators
from tests.torture.participant import Habits, Participant

AT_ONCE = 40
LANGUAGES: tuple[Language, ...] = ("en", "fr")


@dataclass
class Crowd:
    """So many people, some at once, each new one when another is done; more of them while it is `endless`.

    `tick` is called where the stand-in lives.
    """

    standin: StandIn
    seed: int
    number: int
    habits: Habits = field(default_factory=Habits)
    at_once: int = AT_ONCE
    endless: bool = False
    people: list[Participant] = field(default_factory=list)
    coordinators: Coordinators = field(init=False)
    calm: bool = False

    def __post_init__(self) -> None:
        telegram = self.standin.telegram
        groups = {place: telegram.chats[self.standin.group(place).chat_id] for place in PLACES}
        self.coordinators = Coordinators(telegram, groups, random.Random(f"{self.seed}:coordinators"))

    @property
    def active(self) -> list[Participant]:
        """Those who are at it now."""
        return [each for each in self.people if not each.done and not each.rests]

    @property
    def begun_all(self) -> bool:
        """Whether everybody has come."""
        return len(self.people) >= self.number and not self.endless

    def tick(self, now: float) -> None:
        """Let everybody look, and somebody new come where there is room."""
        for each in self.people:
            if each.done:
                continue
            each.look(now)
            if not each.ends:  # they know where they are
                self.coordinators.learns(each.belief)
        self.coordinators.look(now)

    def comes(self) -> None:
        """Somebody new opens the chat, if there is room."""
        if self.begun_all or len(self.active) >= self.at_once:
            return
        chance = random.Random(f"{self.seed}:person:{len(self.people)}")
        language, place = chance.choice(LANGUAGES), chance.choice(PLACES)
        phone = self.standin.participant(None, language)
        telegram = self.standin.telegram
        rests = chance.randint(8, 60) if chance.randrange(100) < self.habits.rests else None
        person = Participant(telegram, telegram.chats[phone.chat_id], chance, language, place, self.habits, rests)
        self.people.append(person)

    def calms(self) -> None:
        """Whoever rested goes on; coordinators begin nothing new."""
        for each in self.people:
            each.calm = True
        self.coordinators.active = False

    @property
    def settled(self) -> bool:
        """Whether everybody is done, and every press at a desk has shown."""
        busy = any(each.move and not each.withdrawn for each in self.coordinators.works.values())
        return self.begun_all and all(each.done for each in self.people) and not busy

    def findings(self) -> Iterator[str]:
        """What people read that did not follow, and who could not go on."""
        for each in self.people:
            for found in each.findings:
                yield f"{each.name} {found}\n    trail: {' · '.join(each.trail)}"
            if not each.done:
                seen = each.sees()
                wanted = [f"{one.here.state} {one.here.aside or ''} turn {one.here.turn}" for one in each.ends]
                yield (
                    f"{each.name} is stuck (waits for {wanted}), sees {seen.text[:120] if seen else None!r}"
                    f"\n    trail: {' · '.join(each.trail)}"
                )

    def did(self) -> Counter[str]:
        """What people did."""
        ends: Counter[str] = Counter()
        for each in self.people:
            ends["conversations"] += 1
            ends["taps"] += each.taps
            ends["acts"] += sum(not step.startswith("at ") for step in each.trail)
            ends["results sent"] += len(each.belief.sent)
            ends["screens read further up"] += each.further_up
            ends["results taken back"] += len(each.belief.withdrawn)
            if each.done:
                ends[f"ended: {each.belief.here.state}"] += 1
        ends["presses of coordinators"] = self.coordinators.presses
        return ends
