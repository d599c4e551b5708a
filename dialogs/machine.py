"""The study compiled to a state machine: the only thing that says what follows what.

The only user of `transitions`. One machine serves everybody. What it needs to know about a person it asks the light
model it is fired on, `walk.Walk`: each condition named below is a property of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

from transitions import Machine

from dialogs.session import (
    BRIDGE,
    CLOSED,
    CONSENT,
    DECLINED,
    EXPIRED,
    FINISHED,
    FORGOTTEN,
    LANGUAGE,
    MINOR,
    OFFER,
    PLACE,
    PREVIEW,
    REPLY,
    RESULT,
    REVIEW,
    SENT,
    STOPPED,
    WAITING,
)
from dialogs.study import Asking, Question, Study, Verdict, askings

AFTER = (SENT, OFFER, BRIDGE, REPLY)
Condition = Literal[
    "open", "paused", "settled", "standing", "follows_up", "decisive", "alarming", "weighable", "shareable"
]


class Stateful(Protocol):
    """Whatever is in a state; the machine moves it."""

    state: str


class Route(NamedTuple):
    """One arrow: in `source`, `trigger` leads to `dest` when all of `when` hold and none of `unless`."""

    trigger: str
    source: str
    dest: str
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()


def confirming(asked: str) -> str:
    """The state that asks to confirm a decisive answer to this."""
    return f"{asked}.confirm"


def alerting(asked: str) -> str:
    """The state that shows the safety card after an answer to this."""
    return f"{asked}.safety"


def narrowing(asked: str) -> str:
    """The state of the second tap of a height."""
    return f"{asked}.exact"


def transient(state: str) -> bool:
    """Whether a state is only passed through: "back" never returns to it."""
    return state.rpartition(".")[2] in {"confirm", "safety", "exact"}


def base(state: str) -> str:
    """The state a transient one belongs to; any other is its own."""
    return state.rpartition(".")[0] if transient(state) else state


@dataclass(frozen=True, eq=False)
class Plan:
    """A study's states and routes, and the machine made of them. There is one, so it is only equal to itself."""

    study: Study

    @cached_property
    def chain(self) -> tuple[str, ...]:
        """The states everybody passes in this order: each question's first screen, consent among them, the review."""
        firsts = []
        for question in self.study.questions:
            firsts.append(first_state(question))
            if question.id == self.study.policy.consent_after:
                firsts.append(CONSENT)
        return (*firsts, REVIEW)

    @cached_property
    def question_at(self) -> dict[str, Question]:
        """The question a state belongs to, for every state that asks one."""
        return {state: question for question in self.study.questions for state, _ in askings(question)}

    @cached_property
    def asking_at(self) -> dict[str, Asking]:
        """The words a state asks with, for every state that asks a question."""
        return self.study.askings

    def rules_at(self, state: str, aside: str | None) -> str:
        """The digest of the rules that say what each button of this screen means."""
        question = None if aside else self.question_at.get(base(state))
        return question.digest if question else self.study.shape

    @cached_property
    def asking_states(self) -> tuple[str, ...]:
        """Every state that belongs to a question: its screens, its second taps, its safety card and confirmations."""
        belonging = (route.source for route in self._questions() if base(route.source) in self.question_at)
        return tuple(dict.fromkeys(belonging))

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """Every arrow of the machine."""
        return (*_opening(self.chain[0]), *self._questions(), *_consent(self.chain), *_closing(self), *_after_sending())

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Every state some arrow touches, in the order of the conversation."""
        return tuple(dict.fromkeys(state for route in self.routes for state in (route.source, route.dest)))

    @cached_property
    def machine(self) -> Machine:
        """The `transitions` machine: no model of its own, fired on each person's walk."""
        return Machine(
            model=None,
            states=list(self.states),
            initial=LANGUAGE,
            auto_transitions=False,
            transitions=[
                {
                    "trigger": route.trigger,
                    "source": route.source,
                    "dest": route.dest,
                    "conditions": list(route.when),
                    "unless": list(route.unless),
                }
                for route in self.routes
            ],
        )

    @cached_property
    def _leading(self) -> frozenset[tuple[str, str]]:
        """Each trigger with each state in which it may lead anywhere."""
        return frozenset((route.trigger, route.source) for route in self.routes)

    def fire(self, trigger: str, walk: Stateful) -> bool:
        """Take one step: whether an arrow for `trigger` was open from here. The walk's state changes with it."""
        if (trigger, walk.state) not in self._leading:
            return False
        return bool(self.machine.events[trigger].trigger(walk))

    def _questions(self) -> Iterator[Route]:
        following = dict(zip(self.chain, self.chain[1:], strict=False))
        for question in self.study.questions:
            first = first_state(question)
            after = following[first]
            yield Route("skipped", first, after, when=("settled",))
            yield Route(f"change.{question.id}", REVIEW, first)
            for state, asking in askings(question):
                yield from self._answers(question, state, asking, after)
            if question.body_mass:
                yield from _height(question.id, after)

    def _answers(self, question: Question, state: str, asking: Asking, after: str) -> Iterator[Route]:
        earlier: tuple[Condition, ...] = ()
        if any(choice.then for choice in asking.choices) and question.follow_up:
            yield Route("answered", state, f"{question.id}.{question.follow_up.id}", when=("follows_up",))
            earlier += ("follows_up",)
        if any(choice.verdict is Verdict.NOT_MET for choice in asking.choices):
            if any(choice.safety for choice in asking.choices):
                yield Route("answered", state, alerting(state), when=("alarming",), unless=earlier)
                yield Route("understood", alerting(state), confirming(state))
                earlier += ("alarming",)
            yield Route("answered", state, confirming(state), when=("decisive",), unless=earlier)
            yield Route("decided", confirming(state), self._decided(question))
            yield Route("mistaken", confirming(state), state)
            earlier += ("decisive",)
        yield from _onward("answered", state, after, earlier)

    def _decided(self, question: Question) -> str:
        return MINOR if question.id == self.study.policy.minor else RESULT


def first_state(question: Question) -> str:
    """The state that asks this question first."""
    return next(askings(question))[0]


def _onward(trigger: str, source: str, after: str, unless: tuple[Condition, ...] = ()) -> Iterator[Route]:
    """On to what comes after, unless an earlier answer has ended the questions: then back to the review."""
    if after == REVIEW:
        yield Route(trigger, source, REVIEW, unless=unless)
        return
    yield Route(trigger, source, REVIEW, when=("standing",), unless=unless)
    yield Route(trigger, source, after, unless=(*unless, "standing"))


def _opening(first: str) -> Iterator[Route]:
    yield Route("chose", LANGUAGE, PLACE)
    for state in (PLACE, CLOSED, WAITING):
        yield Route("chose", state, first, when=("open",))
        yield Route("chose", state, CLOSED, unless=("open",))
    yield Route("wished", CLOSED, WAITING, when=("paused",))
    yield Route("cancelled", WAITING, CLOSED)


def _height(question: str, after: str) -> Iterator[Route]:
    height = f"{question}.height"
    exact = narrowing(height)
    yield Route("narrowed", height, exact)
    yield from _onward("answered", exact, after)
    for state in (height, exact):
        yield Route("entered", state, f"{question}.weight", when=("weighable",))
        yield from _onward("entered", state, after, unless=("weighable",))


def _consent(chain: tuple[str, ...]) -> Iterator[Route]:
    after = chain[chain.index(CONSENT) + 1]
    yield from _onward("agreed", CONSENT, after)
    yield Route("skipped", CONSENT, after, when=("settled",))
    yield Route("declined", CONSENT, DECLINED)


def _closing(plan: Plan) -> Iterator[Route]:
    yield Route("continued", REVIEW, RESULT)
    yield Route("reviewed", RESULT, REVIEW)
    yield Route("shared", RESULT, PREVIEW, when=("shareable",))
    yield Route("kept", PREVIEW, RESULT)
    yield Route("sent", PREVIEW, SENT)
    yield Route("finished", RESULT, FINISHED)
    everywhere = (LANGUAGE, PLACE, CLOSED, WAITING, CONSENT, REVIEW, RESULT, PREVIEW, *plan.asking_states)
    for state in everywhere:
        yield Route("stopped", state, STOPPED)
    for state in (*everywhere, *AFTER):
        yield Route("forgot", state, FORGOTTEN)
        yield Route("expired", state, EXPIRED)


def _after_sending() -> Iterator[Route]:
    """Nobody may write to the person unless they say so, and until either side ends it."""
    yield Route("offered", SENT, OFFER)
    yield Route("kept", OFFER, SENT)
    yield Route("bridged", OFFER, BRIDGE)
    yield Route("answering", BRIDGE, REPLY)
    yield Route("wrote", REPLY, BRIDGE)
    yield Route("kept", REPLY, BRIDGE)
    for state in AFTER:
        yield Route("finished", state, FINISHED)
