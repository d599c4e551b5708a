"""A participant who speaks the user's verbs.

Buttons are found by the ids of the study and the keys of the catalogs, never by their words, so that a polished
sentence breaks no test.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from bot.demo.chats import Message
from bot.demo.handles import Phone
from bot.demo.setting import setting
from bot.texts import Renderer, read_catalogs
from bot.texts.source import source_texts
from dialogs.cards import AtDesk, card, desk_card
from dialogs.events import Openings
from dialogs.machine import Plan, base
from dialogs.measure import Height, coarse_steps, fine_steps
from dialogs.referral import Life
from dialogs.screens import screen
from dialogs.session import (
    BRIDGE,
    CONSENT,
    ENDS,
    LANGUAGE,
    OFFER,
    PLACE,
    PREVIEW,
    REPLY,
    RESULT,
    REVIEW,
    SENT,
    WAITING,
    ReferralCode,
    Result,
    Session,
)
from dialogs.study import AnsweredBy, Choice, Language, Outcome, Verdict, read
from dialogs.symbols import Param, Say, Screen, Told
from dialogs.wording import asking_label

STUDY = read()
PLAN = Plan(STUDY)
PATIENCE = 20.0
T = TypeVar("T")
CATALOGS = read_catalogs(source_texts(STUDY))
PLACES: tuple[str, ...] = tuple(place.id for place in STUDY.places)
# The answer to each question with which its criterion is met, in the order of the study.
MET: Mapping[str, str] = {
    "age": "yes",
    "diagnosis": "yes",
    "transplant": "declined",
    "standard_treatment": "not_enough",
    "bmi": "above",
    "blood_counts": "no",
    "hypertension": "no",
    "organ_damage": "no",
    "infection": "no",
    "cancer": "no",
    "bone_marrow": "no",
    "pregnancy": "no",
    "contraception": "yes",
}
# What only one screen says: how a person knows where they are.
ASIDES: Mapping[str, str] = {
    each: each.removeprefix("aside.")
    for each in ("help", "about", "numbers", "privacy", "human", "leave", "forget", "aside.place", "aside.language")
}
MARKS: Mapping[str, str] = {
    LANGUAGE: "language.ask",
    PLACE: "place.why",
    "closed": "closed.text",
    CONSENT: "consent.ask",
    REVIEW: "review.title",
    RESULT: "result.unsent",
    PREVIEW: "preview.intro",
    SENT: "sent.keep",
    OFFER: "offer.ask",
    REPLY: "reply.who",
    WAITING: "waiting.noted",
    "help": "help.text",
    "about": "about.title",
    "numbers": "numbers.alarm",
    "privacy": "privacy.rights",
    "human": "human.text",
    "leave": "leave.text",
    "forget": "forget.text",
    "aside.place": "place.change",
    "aside.language": "language.ask",
}


def told(said: Told, language: Language) -> str | None:
    """What the demonstration's operator says."""
    return setting().desk[said.place].get(f"{said.what}__{language}".upper())


RENDERER = Renderer(CATALOGS, told)


def choice_of(state: str, choice: str) -> Choice:
    """A choice of the study. Raises AssertionError for one that is not there."""
    found = PLAN.asking_at[state].choice(choice)
    assert found is not None, f"{state} has no choice {choice}"
    return found


def eventually(probe: Callable[[], T | None], what: str, seconds: float = PATIENCE, pause: float = 0.01) -> T:
    """The first result of `probe` that is neither None nor False."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(pause)


class Person:
    """A participant: acts and reads in their language and place."""

    def __init__(self, phone: Phone, language: Language, place: str) -> None:
        self.phone = phone
        self.language, self.place = language, place
        self.answered_by: AnsweredBy = "participant"
        self.unit = STUDY.place(place).lengths[0]

    @property
    def locale(self) -> str:
        """The locale they read, once their place is known."""
        return CATALOGS.locale(self.language, STUDY.place(self.place).territory) or self.language

    def words(self, key: str, **params: Param) -> str:
        """A text of the catalogs as they read it."""
        return RENDERER.say(Say(key, params), self.locale)

    # -- what they do --------------------------------------------------------------------------------------

    def starts(self) -> Self:
        """Opens the chat, says which language and where they live."""
        self.phone.starts()
        return self.chooses(LANGUAGE, self.language).chooses(PLACE, self.place)

    def chooses(self, state: str, option: str, **fields: Any) -> Self:
        """Taps an option, by its id, on the screen of this state, once it is shown."""
        label, mark = self.label(state, option, **fields), self._mark(state)
        shown = self.phone.sees(lambda message: mark in message.text and label in message.labels)
        self.phone.taps(shown.labels.index(label), on=shown)
        return self

    def types(self, text: str) -> Message:
        """Types something and waits until the bot has reacted, and has cleared away its older screens."""
        typed = self.phone.types(text)
        self.phone.settles()
        eventually(lambda: len(self.phone.from_bot) == 1, "one screen to be left")
        return typed

    def answers(self, question: str, choice: str, sure: bool = True) -> Self:
        """Answers a question (or `blood_counts.cause`), and confirms an answer that ends the questions."""
        state = "bmi.weight" if question == "bmi" else question
        height = self._measures() if question == "bmi" else None
        self.chooses(state, choice, height=height)
        chosen = choice_of(state, choice)
        if chosen.verdict is Verdict.NOT_MET and sure:
            if chosen.safety:
                self.chooses(f"{state}.safety", "understood")
            self.chooses(f"{state}.confirm", "confirmed")
        return self

    def consents(self, how: str = "agree") -> Self:
        """Agrees, perhaps as somebody who helps."""
        self.chooses(CONSENT, how)
        self.answered_by = "helper" if how == "agree_helping" else "participant"
        return self

    def walks_to(self, question: str | None, **choices: str) -> Self:
        """From the first question up to this one: agrees, and answers as in `choices`, else so that it is met."""
        for each, met in MET.items():
            if each == question:
                self.at("bmi.height" if each == "bmi" else each)
                return self
            chosen = choices.get(each, met)
            self.answers(each, chosen)
            if each == STUDY.policy.consent_after:
                self.consents()
            elif (follow_up := choice_of(_asked(each), chosen).then) is not None:
                self.answers(f"{each}.{follow_up}", choices[f"{each}__{follow_up}"])
        return self

    def reviews(self, **choices: str) -> Self:
        """Answers everything and reads the review."""
        self.starts().walks_to(None, **choices).at(REVIEW)
        return self

    def comes_to_result(self) -> Self:
        """Finds the review right."""
        return self.chooses(REVIEW, "continue")

    def sends(self, share: str = "share") -> ReferralCode:
        """From the result: reads the preview, sends it, and is given a code. `share_anyway` where that is offered."""
        self.chooses(RESULT, share).chooses(PREVIEW, "send")
        return self.code

    @property
    def code(self) -> ReferralCode:
        """The code on the last screen."""
        [copied] = [button.value for button in self.at(SENT).buttons if button.action == "copy_text"]
        return ReferralCode(copied)

    # -- what comes of it ----------------------------------------------------------------------------------

    def result(self, outcome: Outcome, **verdicts: Verdict) -> Result:
        """What coordinators should learn: every criterion met, except those named."""
        return Result(
            study=STUDY.id,
            digest=STUDY.digest,
            place=self.place,
            language=self.language,
            day=datetime.now(STUDY.place(self.place).zone).date(),
            answered_by=self.answered_by,
            outcome=outcome,
            verdicts={question: verdicts.get(question, Verdict.MET) for question in MET},
        )

    def card(self, result: Result, code: ReferralCode, locale: str | None = None) -> str:
        """The new card of this result at the desk of their place; in a `locale`, as the preview shows it in it."""
        desk: Language = "fr" if setting().desk[self.place]["LANGUAGE"] == "fr" else "en"
        desks_own = CATALOGS.locale(desk, STUDY.place(self.place).territory) or desk
        shown = card(STUDY, result, code) if locale else desk_card(STUDY, result, code, AtDesk(Life()))
        return RENDERER.message(shown, locale or desks_own).text

    # -- what they see -------------------------------------------------------------------------------------

    def at(self, state: str) -> Message:
        """The message in which they see the screen of this state, once it is there."""
        return self.phone.sees(self._mark(state))

    def sees(self, key: str, **params: Param) -> Message:
        """The message that says this text of the catalogs, once it is there."""
        return self.phone.sees(self.words(key, **params))

    def screen(self, state: str, **fields: Any) -> Screen:
        """What this state shows, in symbols."""
        session = Session(
            study=STUDY.id,
            nonce="",
            code=ReferralCode(""),
            touched=datetime.fromtimestamp(0, UTC),
            state="age" if state in ASIDES else state,
            aside=ASIDES.get(state),
            language=None if state == LANGUAGE else self.language,
            place=self.place,
            answered_by=self.answered_by,
        ).changed(**fields)
        return screen(PLAN, Openings(languages=CATALOGS.languages), session)

    def label(self, state: str, option: str, **fields: Any) -> str:
        """The words on the button of this option."""
        if state in {LANGUAGE, "aside.language"}:
            return RENDERER.say(Say("language.name"), option)
        if state == REVIEW and option in STUDY.by_id:
            return self.words("review.change", what=asking_label(STUDY.question(option)))
        if state in {REVIEW, RESULT}:
            return self.words(f"{state}.{option}")
        labels = RENDERER.labels(self.screen(state, **fields), self.locale if state != PLACE else self.language)
        assert option in labels, f"{state} has no {option}: {', '.join(labels)}"
        return labels[option]

    @property
    def everything(self) -> str:
        """All that the bot shows in this chat now: texts and buttons."""
        return "\n".join("\n".join((one.text, *one.labels)) for one in self.phone.from_bot)

    def _mark(self, state: str) -> str:
        if state == LANGUAGE:
            return RENDERER.say(Say(MARKS[state]), "en")
        if state == PLACE:
            return RENDERER.say(Say(MARKS[state]), self.language)
        if state in ENDS:
            return self.words(f"end.{state}")
        if state == BRIDGE:
            return self.words("bridge.may", emergency=Say(f"place.{self.place}.emergency"))
        if state in MARKS:
            return self.words(MARKS[state])
        match state.rpartition(".")[2]:
            case "confirm":
                return self.words("confirm.minor" if base(state) == STUDY.policy.minor else "confirm.ask")
            case "safety":
                return self.words("safety.wait")
            case "exact":
                return self.words("height.hint.exact")
        helping = "_helping" if self.answered_by == "helper" else ""
        return self.words(f"question.{state}.ask{helping}")

    def _measures(self) -> Height:
        """Enters a height by tapping: the middle of what is offered."""
        coarse = coarse_steps(self.unit)[len(coarse_steps(self.unit)) // 2]
        height = fine_steps(self.unit, coarse)[3]
        self.chooses("bmi.height", str(coarse))
        self.chooses("bmi.height.exact", f"{height.value}", coarse=coarse)
        return height


def _asked(question: str) -> str:
    return f"{question}.weight" if question == "bmi" else question
