"""A participant who acts by chance and forgets nothing: what they read must always follow from what they did."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bot.demo import people
from bot.demo.chats import Chat, Message, Telegram
from bot.messages import Act, Command, Ordered, Press, Said
from dialogs.events import Tapped
from dialogs.session import AFTER_SENDING, BRIDGE, CONSENT, LANGUAGE, OFFER, PLACE, PREVIEW, REPLY, RESULT, REVIEW, SENT
from dialogs.study import Language
from dialogs.symbols import Option
from tests.person import MET, PLAN
from tests.torture.oracle import Belief, befallen, data, outcomes, press
from tests.torture.words import MESSAGES

PATIENT = 110  # steps of their trail after which they go the straight way
COMMANDS: tuple[Command, ...] = ("help", "language", "privacy", "mydata", "mydata", "start")
WORDS = {"en": ("yes", "no", "I do not know", "help", "back"), "fr": ("oui", "non", "je ne sais pas", "aide", "retour")}
STRAIGHT = {
    **{CONSENT: "agree", REVIEW: "continue", RESULT: "share", PREVIEW: "send"},
    **{SENT: "done", OFFER: "decline", BRIDGE: "close", REPLY: "keep"},
}
OFTEN, SELDOM = 0.7, 0.35  # how often they take another way where there is one
OTHERWISE = {CONSENT: ("agree_helping",), SENT: ("offer",), OFFER: ("agree",), BRIDGE: ("answer",)}
ASIDES = {"close": ("now",), "forget": ("forget_chat", "forget_all", "back"), "mydata": ("file", "file", "back")}
FRAME = frozenset({"back", "help", "leave"})


@dataclass(frozen=True)
class Habits:
    """How often, of a hundred acts, a person does something else than to answer.

    And how many of a hundred rest, or take back by its code what they have sent when all was over.
    """

    wanders: int = 12
    doubles: int = 8
    changes_mind: int = 3
    stale: int = 3
    types: int = 5
    orders: int = 3
    erases: int = 1
    withdraws: int = 2
    regrets: int = 15
    rests: int = 8


@dataclass
class Participant:
    """One person in their chat. `look` is called again and again, where the stand-in lives.

    `rests` until the calm: they answer no more, and go on when everything else is over. `trail` is what they did.
    """

    telegram: Telegram
    chat: Chat
    chance: random.Random
    language: Language
    place: str
    habits: Habits = field(default_factory=Habits)
    rests_after: int | None = None
    calm: bool = False
    beliefs: list[Belief] = field(default_factory=lambda: [Belief()])
    ends: list[Belief] = field(default_factory=list)
    passing: list[Belief] = field(default_factory=list)
    trail: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    done: bool = False
    farewells: set[int] = field(default_factory=set)
    since: float = 0.0
    taps: int = 0
    _next: float = 0.0
    _acts: list[Act] = field(default_factory=list)
    _looked: int = -1
    further_up: int = 0
    _told: set[tuple[int, int]] = field(default_factory=set)
    _read_before: set[str] = field(default_factory=set)

    @property
    def belief(self) -> Belief:
        """Where they are; one of several, where the screen cannot tell which of two presses counted."""
        return self.beliefs[0]

    @property
    def name(self) -> str:
        """How Telegram calls them."""
        return self.chat.title

    @property
    def rests(self) -> bool:
        """Whether they have put the phone away for now."""
        return self.rests_after is not None and len(self.trail) >= self.rests_after and not self.calm and not self.ends

    def look(self, now: float) -> None:
        """Read what is there; act, when it is what they waited for and they have thought long enough."""
        if self.done or self.rests:
            return
        if not self.trail:
            self._do(now, [Ordered("start")])
            return
        if self.ends and self.chat.version != self._looked:
            self._looked = self.chat.version
            self._read(now)
        if not self.ends and now >= self._next:
            self._act(now)

    def sees(self) -> Message | None:
        """The bot's newest message with text."""
        return next(iter(self._screens()), None)

    @property
    def _live(self) -> Message | None:
        """The message with the screen they are at, as it is now."""
        if self.belief.session is None:
            return None
        return next((one for one in self._screens() if self.belief.learning(one)), None)

    def _screens(self) -> list[Message]:
        """The bot's messages with text, newest first."""
        return [one for one in reversed(self.chat.visible) if one.from_bot and one.kind == "text"]

    # -- reading -------------------------------------------------------------------------------------------

    def _read(self, now: float) -> None:
        shown = self._screens()
        if self._reads(shown, self.ends, now):
            return
        before = list(self.beliefs)
        if meanwhile := befallen((*before, *self.ends)):
            ends, passing = _outcomes((*before, *meanwhile), self._acts)
            if self._reads(shown, (*ends, *befallen(ends)), now):
                return
            before = [*before, *meanwhile, *passing]
        for seen in shown:
            follows = any(each.learning(seen) for each in (*before, *self.passing)) or seen.text in self._read_before
            if not follows and (seen.id, seen.edits) not in self._told:
                self._told.add((seen.id, seen.edits))
                wanted = " or ".join(f"{each.here.state} {each.here.aside or ''}".strip() for each in self.ends)
                self.findings.append(
                    f"sees what does not follow (should be {wanted}): {seen.text[:200]!r} {seen.labels}"
                )

    def _reads(self, shown: list[Message], beliefs: Iterable[Belief], now: float) -> bool:
        """Whether a screen is there that one of these beliefs expects; then that is where they are."""
        for seen in shown:
            if found := [known for each in beliefs if (known := each.learning(seen))]:
                self.further_up += seen is not shown[0]
                self._read_before.add(seen.text)
                self._arrived(found, now)
                return True
        return False

    def _arrived(self, beliefs: list[Belief], now: float) -> None:
        self.beliefs, self.ends, self.passing = beliefs, [], []
        belief = self.belief
        self._next = now + self.chance.uniform(0, 0.3)
        self.trail.append(f"at {belief.here.state}{'/' + belief.here.aside if belief.here.aside else ''}")
        if belief.here.state in {REVIEW, PREVIEW}:
            self.findings += (found for each in beliefs for found in each.contradictions())
        if belief.here.over:
            self._regrets(now)

    # -- acting --------------------------------------------------------------------------------------------

    def _act(self, now: float) -> None:
        if not self._live:  # it is being sent anew, or the desk has done something
            self._reads(self._screens(), befallen(self.beliefs), now)
            return
        habits, straight = self.habits, len(self.trail) > PATIENT
        roll = 100 if straight else self.chance.randrange(100)
        here = self.belief.here
        chosen = press(self.belief, self._index(straight))
        otherwise: tuple[tuple[int, Callable[[], list[Act]]], ...] = (
            (habits.doubles, lambda: [chosen, chosen]),
            (habits.changes_mind, lambda: [chosen, press(self.belief, self._index(straight))]),
            (habits.stale, lambda: [self._stale(chosen), chosen]),
            (habits.types, lambda: [Said(self._words())]),
            (habits.orders, lambda: [Ordered(self.chance.choice(COMMANDS))]),
            (habits.erases, lambda: [Ordered("delete")]),
            (habits.withdraws if self._codes else 0, self._takes_back),
        )
        for often, act in otherwise:
            if roll < often:
                self._do(now, act())
                return
            roll -= often
        writes = here.state == REPLY and not here.aside and not straight
        self._do(now, [Said(self.chance.choice(MESSAGES))] if writes else [chosen])

    @property
    def _codes(self) -> list[str]:
        """Of what they have sent and not taken back."""
        return sorted(self.belief.sent.keys() - self.belief.withdrawn)

    def _takes_back(self) -> list[Act]:
        return [Ordered("withdraw", self.chance.choice(self._codes))]

    def _regrets(self, now: float) -> None:
        """They are done; some come back with their code. Of the conversation before, a row may be left or not."""
        self.done = bool(self.farewells) or not self._codes or self.chance.randrange(100) >= self.habits.regrets
        if not self.done:
            self.farewells |= {one.id for one in self._screens() if self.belief.learning(one)}  # it stays
            self.beliefs = [each for known in self.beliefs for each in (known, replace(known, session=None))]
            self._do(now, self._takes_back())

    def _do(self, now: float, acts: list[Act]) -> None:
        seen = self._live
        self.ends, self.passing = _outcomes(self.beliefs, acts)
        self.since, self._acts = now, acts
        for act in acts:
            self.trail.append(self._described(act))
            match act:
                case Press():
                    assert seen is not None, "there is nothing to press"
                    people.tap(self.telegram, self.chat, self.chat.people[self.chat.id], seen.id, data(act))
                    self.taps += 1
                case Ordered(command="start"):
                    people.start(self.telegram, self.chat)
                case Ordered(command=command, argument=argument):
                    text = f"/{command} {argument}".strip()
                    people.write(self.telegram, self.chat, self.chat.people[self.chat.id], text)
                case Said(text=text):
                    people.write(self.telegram, self.chat, self.chat.people[self.chat.id], text)
        self._looked = -1

    def _described(self, act: Act) -> str:
        match act:
            case Press(turn=turn, index=index) if self.belief.session and turn == self.belief.session.turn:
                return f"taps {self.belief.options[index].id}"
            case Press():
                return "taps an old button"
            case Ordered(command=command):
                return f"/{command}"
            case _:
                return f"types {getattr(act, 'text', '')!r}"

    def _stale(self, chosen: Press) -> Press:
        return Press("", chosen.nonce, max(0, chosen.turn - 1), chosen.index)

    def _words(self) -> str:
        if self.belief.here.state == REPLY:
            return self.chance.choice(MESSAGES)
        own = [label for label in self.belief.labels if len(label) < 60]
        typed = (*WORDS[self.belief.here.language or "en"], *own)
        return self.chance.choice(typed)

    def _index(self, straight: bool) -> int:
        """The number of the button they press."""
        options = self.belief.options
        ids = [each.id for each in options]
        pressable = [number for number, each in enumerate(options) if each.event is not None]
        wanted = self._wanted(ids, options, straight)
        if wanted in ids and (straight or self.chance.randrange(100) >= self.habits.wanders):
            return ids.index(wanted)
        others = [number for number in pressable if straight is False or ids[number] not in FRAME]
        return self.chance.choice(others or pressable)

    def _wanted(self, ids: list[str], options: tuple[Option, ...], straight: bool) -> str:
        here = self.belief.here
        if here.aside in ASIDES:
            return self.chance.choice(ASIDES[here.aside])
        if here.aside == "language":
            return self.chance.choice([*ids, self.language])
        if here.aside:
            return next(each for each in ("back", "later", "forget_chat", *ids) if each in ids)
        match here.state.rpartition(".")[2]:
            case "confirm":
                return "confirmed"
            case "safety":
                return "understood"
        if here.state == LANGUAGE:
            return self.language
        if here.state == PLACE:
            return self.place
        if here.state in STRAIGHT:
            other = OTHERWISE.get(here.state, ()) or (ids if here.state == REVIEW else ())
            return self.chance.choice(other) if other and self._detours(straight, here.state) else STRAIGHT[here.state]
        if here.state == "bmi.height" or here.state.endswith(".exact"):
            return self.chance.choice([each.id for each in options if each.id not in FRAME])
        return self._answer(here.state, options)

    def _detours(self, straight: bool, state: str) -> bool:
        return not straight and self.chance.random() < (OFTEN if state in AFTER_SENDING else SELDOM)

    def _answer(self, state: str, options: tuple[Option, ...]) -> str:
        """Mostly the answer with which the criterion is met, so that many arrive."""
        choices = [each.id for each in options if isinstance(each.event, Tapped)]
        met = MET.get(PLAN.question_at[state].id, "") if state in PLAN.question_at else ""
        return met if met in choices and self.chance.random() < 0.85 else self.chance.choice(choices or ["back"])


def _outcomes(beliefs: Iterable[Belief], acts: list[Act]) -> tuple[list[Belief], list[Belief]]:
    """What they may believe once all of this was taken, and what they may see meanwhile."""
    after = [outcomes(each, acts) for each in beliefs]
    return [end for ends, _ in after for end in ends], [one for _, seen in after for one in seen]
