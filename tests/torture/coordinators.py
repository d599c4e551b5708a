"""Coordinators who take, contact and close by chance, and know what each card must say."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.demo import people
from bot.demo.chats import Chat, Message, Person, Telegram
from dialogs.cards import AtDesk, bare_card, desk_card
from dialogs.referral import Claim, Close, Contact, Life, Move, Reason, Refused, Release, moved, named
from dialogs.session import ReferralCode, Result
from dialogs.symbols import Param, Say
from dialogs.writing import LONGEST
from tests.person import STUDY
from tests.torture.oracle import DESKS, RENDERER, Belief
from tests.torture.words import MESSAGES

AGAIN = 10.0  # seconds after which they press once more, if the card has not changed
WRITES = 0.02  # how often, whenever they look at a referral of somebody who may be written to
REASONS: tuple[Reason, ...] = ("enrolled", "declined", "unreachable", "duplicate")
MENU = "desk.button.close"
LABELS: dict[type[Move], str] = {
    Claim: "desk.button.claim",
    Release: "desk.button.release",
    Contact: "desk.button.contact",
}


def is_letter(message: Message) -> bool:
    """Whether this is what a person wrote to the team."""
    return any(words in message.text for words in MESSAGES)


@dataclass
class Work:
    """One referral at its desk: what its card may say, and what was pressed last."""

    code: ReferralCode
    result: Result
    lives: list[Life] = field(default_factory=lambda: [Life()])
    before: Life | None = None
    move: Move | None = None
    since: float = 0.0
    chose: bool = False
    withdrawn: bool = False
    bridged: bool = False

    @property
    def locale(self) -> str:
        """What its desk reads."""
        return DESKS.locale(DESKS.of(self.result.place).language, self.result.place)

    def texts(self, lives: Iterable[Life], names: dict[str, str]) -> set[str]:
        """What the card may say in one of these lives; whether the person may be written to changes by itself."""
        if self.withdrawn:
            return {RENDERER.message(bare_card(self.code, "withdrawn"), self.locale).text.strip()}
        return {
            RENDERER.message(
                desk_card(STUDY, self.result, self.code, AtDesk(life, names.get(named(life) or ""), bridged=bridged)),
                self.locale,
            ).text.strip()
            for life in lives
            for bridged in (False, True)
        }


@dataclass
class Coordinators:
    """Everybody of all desks. `look` is called again and again, where the stand-in lives."""

    telegram: Telegram
    groups: dict[str, Chat]
    chance: random.Random
    works: dict[ReferralCode, Work] = field(default_factory=dict)
    presses: int = 0
    active: bool = True

    def learns(self, belief: Belief) -> None:
        """This person has sent results, and taken some of them back."""
        for code, result in belief.sent.items():
            work = self.works.setdefault(ReferralCode(code), Work(ReferralCode(code), result))
            work.withdrawn = work.withdrawn or code in belief.withdrawn
            work.bridged = work.bridged or code in belief.bridged

    def look(self, now: float) -> None:
        """Go on with one referral, chosen by chance."""
        open_ = [each for each in self.works.values() if not each.withdrawn and self._open(each)]
        if open_ and (self.active or any(each.move for each in open_)):
            work = self.chance.choice(open_)
            if self.active and work.bridged and self.chance.random() < WRITES:
                self._writes(work)
            if work.move:
                self._goes_on(work, now)
            elif self.active and self.chance.random() < 0.2:
                self._begins(work, now)

    def cards(self, work: Work) -> list[Message]:
        """All messages that show this referral, in the group of its place."""
        others = self._replies(work)
        return [one for one in self._about(work) if not one.text.startswith(others) and not is_letter(one)]

    def _about(self, work: Work) -> list[Message]:
        return [one for one in self.groups[work.result.place].visible if one.from_bot and work.code in one.text]

    def _replies(self, work: Work) -> tuple[str, ...]:
        """What the bot answers to those who write to the person of this referral."""
        language = Say(f"desk.write.language.{work.result.language}")
        params: dict[str, Param] = {"code": work.code, "language": language, "number": LONGEST}
        locale = work.locale
        return tuple(RENDERER.say(Say(f"desk.write.{each}", params), locale) for each in ("ask", "none", "done"))

    def _writes(self, work: Work) -> None:
        """Ask what can be sent to the person; where it stands there already, send it."""
        chat, label = self.groups[work.result.place], "desk.write.button.call"
        person = self.chance.choice(list(chat.people.values()))
        menus = [(one, data) for one in self._about(work) if (data := self._labelled(one, label, work))]
        if menus and self.chance.random() < 0.5:
            self._taps(*self.chance.choice(menus), person)
        else:
            people.write(self.telegram, chat, person, f"/write {work.code}")

    def fits(self, work: Work, text: str) -> bool:
        """Whether a card may say this."""
        return text.strip() in work.texts(work.lives, self.names)

    @property
    def names(self) -> dict[str, str]:
        """Everybody's name."""
        return {str(person.id): person.name for chat in self.groups.values() for person in chat.people.values()}

    def _open(self, work: Work) -> bool:
        return any(each.state != "closed" for each in work.lives) or work.move is not None

    def _begins(self, work: Work, now: float) -> None:
        [life] = work.lives
        moves: list[Move] = [Close(reason=self.chance.choice(REASONS)), Contact()]
        moves = [Claim(), Claim(), *moves] if life.state == "new" else [*moves, Release()]
        move = self.chance.choice(moves if life.state != "contacted" else moves[:1])
        chat = self.groups[work.result.place]
        those = [person for number, person in chat.people.items() if life.claimer in {None, str(number)}] or list(
            chat.people.values()
        )
        both = isinstance(move, Claim) and self.chance.random() < 0.3
        pressing = those if both else [self.chance.choice(those)]
        after = [moved(life, move, str(each.id), False, datetime.now(UTC)) for each in pressing]
        lives = [each for each in after if not isinstance(each, Refused)]
        if lives and self._pressed(work, move, pressing):
            work.before, work.lives, work.move, work.since, work.chose = life, lives, move, now, False

    def _goes_on(self, work: Work, now: float) -> None:
        """See whether the card has changed; where it has not for long, press again."""
        card = next(iter(reversed(self.cards(work))), None)
        if card is None or work.move is None or work.before is None:
            return
        now_is = [life for life in work.lives if card.text.strip() in work.texts([life], self.names)]
        if now_is:
            work.lives, work.move, work.before = now_is[:1], None, None
            return
        late = now - work.since > AGAIN
        reason = isinstance(work.move, Close) and self._labelled(card, f"desk.close.{work.move.reason}", work)
        if reason and (late or not work.chose):
            work.chose, work.since = True, now
            self._taps(card, reason, self._who(work))
        elif late:  # or its version had changed when they pressed
            work.since = now
            self._pressed(work, work.move, [self.telegram.people[int(life.by or 0)] for life in work.lives])

    def _pressed(self, work: Work, move: Move, pressing: list[Person]) -> bool:
        card = next(iter(reversed(self.cards(work))), None)
        label = MENU if isinstance(move, Close) else LABELS[type(move)]
        data = self._labelled(card, label, work) if card else None
        if card is None or data is None:
            return False
        for person in pressing:
            self._taps(card, data, person)
        return True

    def _taps(self, card: Message, data: str, person: Person) -> None:
        people.tap(self.telegram, self.telegram.chats[card.chat], person, card.id, data)
        self.presses += 1

    def _labelled(self, card: Message, key: str, work: Work) -> str | None:
        """What the button with these words would send."""
        words = RENDERER.say(Say(key), work.locale)
        return next((one.data for one in card.buttons if one.label == words), None)

    def _who(self, work: Work) -> Person:
        """Whoever the change was made by."""
        return self.telegram.people[int(work.lives[0].by or 0)]
