"""A session on its way through one event: what the machine asks about it, and the changes that have a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dialogs.eligibility import outcome, verdict, verdicts
from dialogs.events import CloseBridge, Effect, Forget, Openings, Unwait, Withdraw
from dialogs.machine import Plan, base, first_state, narrowing, transient
from dialogs.session import (
    AFTER_SENDING,
    BRIDGED,
    CLOSED,
    CONSENT,
    ENDS,
    EXPIRED,
    FINISHED,
    LANGUAGE,
    PLACE,
    PREVIEW,
    RESULT,
    REVIEW,
    WAITING,
    Farewell,
    Session,
)
from dialogs.study import Choice, Question, Verdict

# Where somebody can be who is to be told that a place opens.
BEFORE_THE_DOOR = frozenset({LANGUAGE, PLACE, CLOSED, WAITING})
# After these, whatever is already answered is passed over.
FORWARD = frozenset({"chose", "agreed", "answered", "entered"})


@dataclass
class Walk:
    """The light model the machine is fired on. Its properties are the conditions the machine names."""

    plan: Plan
    openings: Openings
    session: Session
    state: str = ""
    choice: Choice | None = None
    weighable: bool = False
    closer: Farewell = "unbridged"
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = self.session.state

    @property
    def open(self) -> bool:
        """Whether the place takes this person in this language now: a pause lets whoever has agreed go on."""
        place, language = self.session.place, self.session.language
        asks = self.openings.consent(place, language) is not None
        return asks and (self.agreed or self.openings.pause(place, language) is None)

    @property
    def settled(self) -> bool:
        """Whether what this state asks is already answered."""
        return self.is_settled(self.state)

    def is_settled(self, state: str) -> bool:
        """Whether what that state asks is already answered."""
        if state == CONSENT:
            return self.agreed
        question = self.plan.question_at.get(state)
        return question is not None and verdict(question, self.session.answers) is not Verdict.NOT_ASKED

    @property
    def agreed(self) -> bool:
        """Whether the text agreed to is still the text of this place."""
        consent = self.session.consent
        return (
            consent is not None
            and consent.place == self.session.place
            and consent.digest == self.openings.consent(consent.place, consent.language)
        )

    @property
    def given(self) -> dict[str, Verdict]:
        """The verdicts so far."""
        return verdicts(self.plan.study, self.session.answers)

    @property
    def standing(self) -> bool:
        """Whether an answer that stands has ended the questions."""
        answers = self.session.answers
        answered = (question for question in self.plan.study.questions if question.id in answers)
        return any(self._ends(question, verdict(question, answers)) for question in answered)

    @property
    def follows_up(self) -> bool:
        """Whether the choice just made needs its follow-up question."""
        return self.choice is not None and self.choice.then is not None

    @property
    def decisive(self) -> bool:
        """Whether the choice just made would end the questions."""
        question = self.plan.question_at.get(self.state)
        return question is not None and self.choice is not None and self._ends(question, self.choice.verdict)

    @property
    def alarming(self) -> bool:
        """Whether the choice just made calls for the safety card first."""
        return self.choice is not None and self.choice.safety

    @property
    def shareable(self) -> bool:
        """Whether this outcome may be sent to the coordinators."""
        policy = self.plan.study.policy
        return policy.ask_anyway or outcome(self.given.values()) in policy.refer

    @property
    def paused(self) -> bool:
        """Whether the place asks nobody new, for the moment only."""
        return not self.open and self.openings.pause(self.session.place, self.session.language) is not None

    def update(self, **fields: Any) -> None:
        """The session with these fields instead."""
        self.session = self.session.changed(**fields)

    def go(self, state: str, path: tuple[str, ...]) -> None:
        """Be in this state, with this way back from it. A height is not kept outside the question it is for."""
        elsewhere = state not in BEFORE_THE_DOOR or self.session.state == WAITING != state
        if self.session.waits and elsewhere and state not in ENDS:
            self.effects.append(Unwait())
            self.update(waits=False)
        question = self.plan.question_at.get(base(state))
        measuring = question is not None and question.body_mass is not None
        self.update(state=state, path=path, **({} if measuring else {"coarse": None, "height": None}))
        self.state = state

    def back(self) -> None:
        """Be where the person was before: passing states belong to the screen they were opened from."""
        session = self.session
        if transient(session.state):
            self.go(base(session.state), _cut(session.path, base(session.state)))
            self.update(pending=None, coarse=None)
        elif session.path:
            self.go(session.path[-1], session.path[:-1])

    def fire(self, trigger: str) -> bool:
        """Take the machine's step, past whatever is already answered; a trigger unknown here does nothing.

        Returns whether there was a step to take.
        """
        if not self.plan.fire(trigger, self):
            return False
        while trigger in FORWARD and self.plan.fire("skipped", self):
            continue
        before, path = self.session.state, self.session.path
        self.go(self.state, (*path, before) if trigger.startswith("change.") else _path(path, before, self.state))
        if trigger != "chose" and self.session.aside:
            self.update(aside=None)
        if self.state in ENDS:
            self._end(before)
        elif self.state in AFTER_SENDING:
            self.session = self.session.sent(self.state)
        return True

    def _end(self, before: str) -> None:
        """Nothing is left but the farewell; who only stays away too long is still told what they asked to be told."""
        if before in BRIDGED:
            self.effects.append(CloseBridge(code=self.session.code))
        self.session = self.session.emptied(self.state, self._farewell(before))
        self.effects.append(Forget(wish=self.state != EXPIRED))

    def _farewell(self, before: str) -> Farewell | None:
        if any(isinstance(effect, Withdraw) for effect in self.effects) or self.closer == "withdrawn":
            return "withdrawn"
        if self.state == EXPIRED and before == WAITING:
            return "waiting"
        if self.state not in {FINISHED, EXPIRED} or before not in AFTER_SENDING:
            return None
        if before not in BRIDGED:
            return "sent"
        return "bridged" if self.state == EXPIRED else self.closer

    def record(self, state: str, choice: str) -> None:
        """Keep this answer, and drop what it was found with and what no longer follows from it."""
        question = self.plan.question_at[state]
        follow_up = question.follow_up and f"{question.id}.{question.follow_up.id}"
        if follow_up == state:
            self.session = self.session.answered(state, choice, question.digest)
            return
        chosen = question.choice(choice)
        if follow_up and not (chosen and chosen.then):
            self.session = self.session.unanswered(follow_up)
        self.session = self.session.answered(question.id, choice, question.digest)

    @property
    def rules(self) -> str:
        """The digest of all that says what this screen's buttons mean; on the consent, of the text agreed to."""
        session = self.session
        rules = self.plan.rules_at(session.state, session.aside)
        if session.state == CONSENT and not session.aside:
            return f"{rules}.{self.openings.consent(session.place, session.language)}"
        return rules

    @property
    def outdated(self) -> bool:
        """Whether the screen was made by other rules: its buttons may mean something else by now."""
        return self.session.rules not in {"", self.rules}

    def reconciled(self) -> bool:
        """Bring the session in line with the study and the places as they are now; whether its screen is another."""
        if outdated := self.outdated:
            self.update(pending=None, coarse=None, height=None)
        current = {question.id: question.digest for question in self.plan.study.questions}
        stale = [
            asked for asked, each in self.session.answers.items() if each.digest != current.get(asked.split(".")[0])
        ]
        if stale:
            self.session = self.session.unanswered(*stale)
        return self.moved() or outdated

    def moved(self) -> bool:
        """Be where this session may be, if that is not where it is; whether it had to move."""
        where = self._where()
        if where == self.session.state:
            return False
        self.update(aside=None, pending=None, coarse=None)
        self.go(where, self._way_to(where))
        return True

    def _where(self) -> str:
        """The state this session may be in: its own, or the first one that must come before it."""
        state = self.session.state
        if state in AFTER_SENDING or self.session.language is None:
            return state
        if self.session.language not in self.openings.languages:
            return LANGUAGE
        if self.session.place is None:
            return state
        if not self.open:
            return state if state in {LANGUAGE, PLACE} or (state == WAITING and self.paused) else CLOSED
        return self._first_unsettled(state)

    def _first_unsettled(self, state: str) -> str:
        plan, consent = self.plan, self.plan.chain.index(CONSENT)
        question = plan.question_at.get(base(state))
        if question and plan.chain.index(first_state(question)) <= consent:
            return self._whole(state, question)
        if state in {LANGUAGE, PLACE}:
            return state
        required = self._before(state, question, consent)
        if missing := next((step for step in required if not self.is_settled(step)), None):
            return missing
        if question:
            return self._whole(state, question)
        return state if state in {CONSENT, REVIEW, RESULT, PREVIEW} else REVIEW

    def _before(self, state: str, question: Question | None, consent: int) -> tuple[str, ...]:
        """The states that must be settled before anybody may be in this one."""
        if state == CONSENT:
            return self.plan.chain[:consent]
        return self.plan.chain[: consent + 1] if question or self.standing else self.plan.chain[:-1]

    def _whole(self, state: str, question: Question) -> str:
        """This state, or the one it belongs to when what it needs is no longer there."""
        session = self.session
        needed = session.coarse if state == narrowing(base(state)) else session.pending
        if transient(state) and (needed is None or state not in self.plan.states):
            state = base(state)
        weighing = question.body_mass is not None and base(state) == f"{question.id}.weight"
        return first_state(question) if weighing and session.height is None else state

    def _way_to(self, state: str) -> tuple[str, ...]:
        """The way back from a state nobody walked to: as if by the straight path."""
        way = (LANGUAGE, PLACE, *self.plan.chain)
        return way[: way.index(base(state))] if base(state) in way else (LANGUAGE, PLACE)

    def _ends(self, question: Question, given: Verdict | None) -> bool:
        policy = self.plan.study.policy
        return given is Verdict.NOT_MET and (policy.stop == "first_not_met" or question.id == policy.minor)


def _path(path: tuple[str, ...], before: str, after: str) -> tuple[str, ...]:
    """The way back after a step forward: a state met again closes the loop, and nobody goes back to a passing one."""
    if after in path:
        return _cut(path, after)
    return path if transient(before) else (*path, before)


def _cut(path: tuple[str, ...], state: str) -> tuple[str, ...]:
    """The path up to the last time it passed this state; all of it if it never did."""
    return path[: len(path) - 1 - path[::-1].index(state)] if state in path else path
