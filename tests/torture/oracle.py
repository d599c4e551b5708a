"""What a person may rightly see: their own session, led through what they did by the pure engine, and its words.

The program is asked nothing: a person knows from what they pressed and read which screens can follow.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import permutations
from typing import Self

from bot import messages
from bot.acts import meant
from bot.codes import ALPHABET, valid
from bot.demo.chats import Message
from bot.desks import Desks
from bot.messages import Act, Press
from bot.texts import Renderer
from dialogs.engine import Engine
from dialogs.events import (
    Effect,
    Entered,
    Event,
    Fresh,
    OpenBridge,
    Openings,
    PassOn,
    Progressed,
    Refer,
    Tapped,
    TeamWrote,
    Unbridged,
    Withdraw,
)
from dialogs.screens import screen
from dialogs.session import BRIDGED, ReferralCode, Result, Session, TeamMessage
from dialogs.symbols import Option
from tests.person import CATALOGS, PLAN
from tests.postgres import demo_desks

# What a desk of the campaign does by itself to people it may write to, and how much of it between two looks of theirs.
BY_A_DESK: tuple[Event, ...] = (
    *(Progressed(to="seen"), Progressed(to="contacted"), TeamWrote(message=TeamMessage(approved="call"))),
    Unbridged(why="by_team"),
)
AT_MOST = 3
UNKNOWN = "?"  # what only the program can make: it is learned from the first screen that shows it
FRESH = Fresh(nonce=UNKNOWN, code=ReferralCode(UNKNOWN))
CODE = re.compile(rf"\b[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}\b")
ADDRESS = re.compile(r"([A-Za-z0-9_-]+)\.(\d+)\.\d+")

DESKS = Desks(PLAN, CATALOGS, demo_desks())
RENDERER = Renderer(CATALOGS, DESKS.told)
OPENINGS: Openings = DESKS.openings(DESKS.desks, {})
ENGINE = Engine(PLAN, OPENINGS)


@dataclass(frozen=True)
class Belief:
    """One thing a person may rightly believe: where they are, what they said last to each question, what they sent.

    `meaning` is a decisive answer they have not confirmed yet.
    """

    session: Session | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    meaning: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, Result] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    bridged: frozenset[str] = frozenset()
    passed_on: tuple[str, ...] = ()

    @property
    def here(self) -> Session:
        """The session, once there is one."""
        assert self.session is not None, "they have not started yet"
        return self.session

    @property
    def may_be_written_to(self) -> bool:
        """Whether the desk can do something to their conversation."""
        return self.session is not None and self.session.state in BRIDGED

    @property
    def options(self) -> tuple[Option, ...]:
        """The buttons of the screen."""
        return screen(PLAN, OPENINGS, self.here).options

    @cached_property
    def shown(self) -> messages.Message:
        """The message they should see."""
        here = self.here
        locale = DESKS.locale(here.language, here.place)
        return RENDERER.message(screen(PLAN, OPENINGS, here), locale, f"{here.mark}.{here.turn}")

    @property
    def labels(self) -> list[str]:
        """The words on its buttons."""
        return [button.label for row in self.shown.rows for button in row]

    def after(self, act: Act) -> Self:
        """What they may believe once this was taken: the same, where it means nothing on that screen."""
        event = meant(PLAN, OPENINGS, DESKS, RENDERER, self.session, act)
        return self if event is None else self.following(event)

    def following(self, event: Event) -> Self:
        """What they may believe once this happened."""
        step = ENGINE.advance(self.session, event, datetime.now(UTC), FRESH)
        known = self._saying(event, step.session)
        for effect in step.effects:
            known = known._wanted(effect)
        return known

    def learning(self, seen: Message) -> Self | None:
        """The same with what only the program knew, if this message shows just what they believe; None if not."""
        if self.session is None:
            return None
        here, address = self.session, _address(seen)
        mark, turn = address or (here.mark, here.turn)
        if turn != here.turn or here.mark not in {UNKNOWN, mark}:
            return None
        known = self if mark == here.mark else replace(self, session=here.changed(nonce=mark))
        if here.code == UNKNOWN and (code := _code(seen, self.sent)):
            known = replace(known, session=known.here.changed(code=code))
        today = replace(known, session=known.here.changed(touched=datetime.now(UTC)))
        return next((each for each in (known, today) if each._is(seen)), None)  # a day may have ended meanwhile

    def _is(self, seen: Message) -> bool:
        return self.shown.text.strip() == seen.text.strip() and self.labels == seen.labels

    def contradictions(self) -> Iterator[str]:
        """Questions at which the engine believes another answer than the person gave last."""
        for asked, answer in self.here.answers.items():
            if self.said.get(asked) != answer.choice:
                yield f"{asked}: said {self.said.get(asked)}, kept {answer.choice}"

    def _saying(self, event: Event, session: Session) -> Self:
        """What was answered last to each question, written down without the engine: who taps a choice has said it."""
        if isinstance(event, Entered) and "bmi" in session.answers and not session.state.startswith("bmi"):
            return replace(self, session=session, said={**self.said, "bmi": "unsure"}, meaning={})  # out of all bounds
        here, choice = self.session, event.choice if isinstance(event, Tapped) else ""
        if here is None or here.aside or not choice:
            return replace(self, session=session, meaning=self.meaning if session.pending else {})
        if here.state in PLAN.asking_at:
            asked = here.state.removesuffix(".height").removesuffix(".weight")
            if session.pending:
                return replace(self, session=session, meaning={asked: choice})
            return replace(self, session=session, said={**self.said, asked: choice}, meaning={})
        if choice == "confirmed":
            return replace(self, session=session, said={**self.said, **self.meaning}, meaning={})
        return replace(self, session=session, meaning=self.meaning if session.pending else {})

    def _wanted(self, effect: Effect) -> Self:
        match effect:
            case Refer(code=code, result=result):
                return replace(self, sent={**self.sent, code: result})
            case Withdraw(code=code):
                return replace(self, withdrawn=self.withdrawn | {code})
            case OpenBridge(code=code):
                return replace(self, bridged=self.bridged | {code})
            case PassOn(code=code):
                return replace(self, passed_on=(*self.passed_on, code))
            case _:
                return self


def outcomes(belief: Belief, acts: Iterable[Act]) -> tuple[list[Belief], list[Belief]]:
    """What they may believe once all of this was taken, in whatever order; and what they may see meanwhile."""
    ends: dict[str, Belief] = {}
    passing: dict[str, Belief] = {}
    for order in permutations(list(acts)):
        known = belief
        for number, act in enumerate(order, start=1):
            known = known.after(act)
            (ends if number == len(order) else passing).setdefault(_mark(known), known)
    return list(ends.values()), [each for mark, each in passing.items() if mark not in ends]


def befallen(beliefs: Iterable[Belief]) -> list[Belief]:
    """What they may believe once a desk has done something, where it may: written, gone on, or closed the link."""
    found: dict[str, Belief] = {}
    ahead = [each for each in beliefs if each.may_be_written_to]
    for _ in range(AT_MOST):
        ahead = [each.following(event) for each in ahead if each.may_be_written_to for event in BY_A_DESK]
        ahead = list({_mark(each): each for each in ahead if _mark(each) not in found}.values())
        found |= {_mark(each): each for each in ahead}
    return list(found.values())


def press(belief: Belief, index: int) -> Press:
    """The press of a button of the screen they see."""
    return Press("", belief.here.nonce, belief.here.turn, index)


def data(act: Press) -> str:
    """What this press sends."""
    return f"{act.nonce}.{act.turn}.{act.index}"


def _mark(belief: Belief) -> str:
    return belief.here.model_dump_json(exclude={"touched"})


def _address(seen: Message) -> tuple[str, int] | None:
    """The conversation and the turn that a message's buttons belong to."""
    found = next((match for one in seen.buttons if one.data and (match := ADDRESS.fullmatch(one.data))), None)
    return (found[1], int(found[2])) if found else None


def _code(seen: Message, known: Container[str]) -> ReferralCode | None:
    """The code that a message tells them for the first time."""
    copied = [one.value for one in seen.buttons if one.action == "copy_text"]
    found = next((each for each in (*copied, *CODE.findall(seen.text)) if valid(each) and each not in known), None)
    return ReferralCode(found) if found else None
