"""A coordinator who speaks the desk's verbs, in their group or in their private chat with the bot.

Buttons and lines are found by the keys of the catalogs, never by their words, so that a polished sentence breaks no
test.
"""

from __future__ import annotations

from typing import Self

from bot.demo.chats import Message, Tap, Toast
from bot.demo.handles import Group, Seat
from bot.demo.setting import setting
from dialogs.desk import PauseReason
from dialogs.referral import LifeState, Reason
from dialogs.session import ReferralCode
from dialogs.study import Language
from dialogs.symbols import Param, Say
from dialogs.wording import asking_label
from tests.person import CATALOGS, RENDERER, STUDY


class Coordinator:
    """Somebody of a study team: acts and reads in the language of the desk of their place."""

    def __init__(self, seat: Seat, place: str = "montreal") -> None:
        self.seat = seat
        self.place = place

    @property
    def name(self) -> str:
        """How Telegram calls them."""
        return self.seat.person.name

    @property
    def locale(self) -> str:
        """The locale of the desk."""
        desk: Language = "fr" if setting().desk[self.place]["LANGUAGE"] == "fr" else "en"
        return CATALOGS.locale(desk, STUDY.place(self.place).territory) or desk

    def words(self, key: str, **params: Param) -> str:
        """A text of the catalogs as the desk reads it."""
        return RENDERER.say(Say(key, params), self.locale)

    def title(self, code: ReferralCode) -> str:
        """The line that only the card of this code has."""
        return self.words("card.title", study=Say("study.title"), code=code)

    # -- what they do --------------------------------------------------------------------------------------

    def orders(self, command: str, argument: str = "") -> Message:
        """Sends a command, without waiting for what follows."""
        return self.seat.types(f"/{command} {argument}".strip())

    def presses(self, code: ReferralCode, label: str, **params: Param) -> Self:
        """Presses a button by the key of its label, on the newest card of this code that has it, once it is there."""
        self.taps(code, self.words(label, **params))
        return self

    def taps(self, code: ReferralCode, label: str) -> None:
        """Presses a button by its words, wherever it is by then: the card may change meanwhile."""
        card, _ = self.button(code, label)
        self.seat.taps(label, on=card)

    def claims(self, code: ReferralCode) -> Self:
        """Takes a referral."""
        return self.presses(code, "desk.button.claim")

    def releases(self, code: ReferralCode) -> Self:
        """Gives it back."""
        return self.presses(code, "desk.button.release")

    def contacts(self, code: ReferralCode) -> Self:
        """Says that the team and the person have spoken."""
        return self.presses(code, "desk.button.contact")

    def closes(self, code: ReferralCode, reason: Reason, criterion: str | None = None) -> Self:
        """Closes it; a screen failure with the criterion that proved different."""
        self.presses(code, "desk.button.close").presses(code, f"desk.close.{reason}")
        if criterion is not None:
            self.taps(code, RENDERER.say(asking_label(STUDY.question(criterion)), self.locale))
        return self

    def undoes(self, code: ReferralCode) -> Self:
        """Takes the last change back."""
        return self.presses(code, "desk.button.undo")

    def pauses(self, reason: PauseReason) -> Self:
        """Lets the place take nobody for now."""
        self.orders("pause")
        self.seat.taps(self.words(f"desk.pause.{reason}"), on=self.sees("desk.pause.ask"))
        return self

    # -- what they see -------------------------------------------------------------------------------------

    def card(self, code: ReferralCode, state: LifeState | None = None, **params: Param) -> Message:
        """The newest card of this code, once it is there; in this state, if one is given (`who`, `reason`)."""
        title = self.title(code)
        line = self.words(f"desk.card.{state}", **params) if state else ""
        return self.seat.sees(lambda message: title in message.text and line in message.text)

    def sees(self, key: str, **params: Param) -> Message:
        """The message that says this text of the catalogs, once it is there."""
        return self.seat.sees(self.words(key, **params))

    def is_told(self, key: str, **params: Param) -> Toast:
        """The line `desk.toast.<key>` that a press of theirs, and of nobody else, showed for a moment."""
        return self.seat.sees_toast(self.words(f"desk.toast.{key}", **params))

    @property
    def everything(self) -> str:
        """All that the bot shows in this chat now, and has shown them for a moment: texts, buttons, captions."""
        shown = ["\n".join((one.text, *one.labels)) for one in self.seat.from_bot]
        return "\n".join([*shown, *(one.text for one in self.seat.toasts)])

    def button(self, code: ReferralCode, label: str) -> tuple[Message, int]:
        """The newest card of this code that has a button with these words, and the number of the button."""
        title = self.title(code)
        card = self.seat.sees(lambda message: title in message.text and label in message.labels)
        return card, card.labels.index(label)


def all_press(group: Group, code: ReferralCode, label: str, *coordinators: Coordinator) -> list[Tap]:
    """Several coordinators press the same button at once: the bot learns of all before it can react to one."""
    first = coordinators[0]
    card, number = first.button(code, first.words(label))
    return group.all_tap(number, *(each.seat for each in coordinators), on=card)
