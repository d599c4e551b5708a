"""One conversation: what it remembers, what can happen to it, and what it can want from the world.

Nothing here says who the person is. A session survives JSON unchanged, and every change has a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, NewType

from dialogs.measure import Height, Length, Mass, Weight
from dialogs.study import AnsweredBy, Frozen, Language, Outcome, Verdict

ReferralCode = NewType("ReferralCode", str)
Farewell = Literal["sent", "withdrawn"]

# The steps of the conversation that are not questions. Ends keep nothing and are shown once.
LANGUAGE, PLACE, CLOSED, CONSENT = "language", "place", "closed", "consent"
REVIEW, RESULT, PREVIEW, SENT = "review", "result", "preview", "sent"
MINOR, DECLINED, STOPPED, FORGOTTEN = "minor", "declined", "stopped", "forgotten"
FINISHED, EXPIRED = "finished", "expired"
ENDS = frozenset({MINOR, DECLINED, STOPPED, FORGOTTEN, FINISHED, EXPIRED})


class Answer(Frozen):
    """The choice given to one question, and the digest of the question's rules it was given under."""

    choice: str
    digest: str


class Consent(Frozen):
    """The yes that was given: which text, of which place, in which language."""

    place: str
    language: Language
    digest: str


CODED_NOTES = frozenset({"withdraw.how", "withdraw.done", "withdraw.wrong"})


class Note(Frozen):
    """One remark shown above the screen, about the last thing the person did. `about` are the options it names."""

    key: Literal[
        "unclear",
        "did_you_mean",
        "unreadable",
        "impossible",
        "which_unit",
        "welcome_back",
        "reminder",
        "withdraw.how",
        "withdraw.done",
        "withdraw.wrong",
    ]
    about: tuple[str, ...] = ()


class Session(Frozen):
    """Where one person is, and all they have said so far.

    `nonce` makes this session's buttons its own, `turn` counts its screens. `path` is the way back. `aside` is a
    card opened over the screen. `pending` is a decisive choice to be confirmed. `coarse` and `height` are a height
    being entered: they are gone once the weight is answered. `rules` are the digest of those its screen was made by.
    `listing` lists the answers in the text for people who type or listen; `reminded` once the reminder was sent.
    """

    study: str
    nonce: str
    code: ReferralCode
    touched: datetime
    state: str = LANGUAGE
    turn: int = 1
    path: tuple[str, ...] = ()
    aside: str | None = None
    note: Note | None = None
    farewell: Farewell | None = None
    pending: str | None = None
    language: Language | None = None
    place: str | None = None
    consent: Consent | None = None
    answered_by: AnsweredBy = "participant"
    answers: Mapping[str, Answer] = {}
    listing: bool = False
    reminded: bool = False
    length: Length | None = None
    mass: Mass | None = None
    coarse: int | None = None
    height: Height | None = None
    rules: str = ""

    @property
    def over(self) -> bool:
        """Whether this conversation has ended: what is left of it is one farewell to show."""
        return self.state in ENDS

    def changed(self, **fields: Any) -> Session:
        """The same session with these fields instead. Unlike model_copy, it checks them."""
        return Session.model_validate({**dict(self), **fields})

    def answered(self, asked: str, choice: str, digest: str) -> Session:
        """With this answer to what was asked, and nothing left of how it was found."""
        return self.changed(answers={**self.answers, asked: Answer(choice=choice, digest=digest)}, pending=None)

    def unanswered(self, *asked: str) -> Session:
        """Without any answer to these."""
        return self.changed(answers={key: answer for key, answer in self.answers.items() if key not in asked})

    def emptied(self, end: str, farewell: Farewell | None = None) -> Session:
        """Ended: the farewell to show, in which language and for which place, and nothing else.

        `farewell` says that a result had been sent, or was taken back, where the words must differ.
        """
        return Session(
            study=self.study,
            nonce=self.nonce,
            code=ReferralCode(""),
            touched=self.touched,
            state=end,
            turn=self.turn,
            language=self.language,
            place=self.place,
            farewell=farewell,
        )


class Result(Frozen):
    """What coordinators may learn of one screening. No field can hold an identity, a raw answer or a time."""

    study: str
    digest: str
    place: str
    language: Language
    day: date
    answered_by: AnsweredBy
    outcome: Outcome
    verdicts: Mapping[str, Verdict]


# ---------------------------------------------------------------------------------------- what can happen


class Started(Frozen):
    """The person opened the chat or said /start; `payload` is what a link carried."""

    payload: str = ""


class Tapped(Frozen):
    """The person chose this on the screen in front of them: a choice of the question, or a step."""

    choice: str


class Entered(Frozen):
    """The person said how tall they are, in full."""

    height: Height


class Weighed(Frozen):
    """The person said how much they weigh."""

    weight: Weight


class Narrowed(Frozen):
    """The person tapped the first part of a height: feet, or centimetres in tens."""

    coarse: int


class Measured(Frozen):
    """The person wants this unit of length or of mass from now on."""

    unit: Length | Mass


class WentBack(Frozen):
    """The person wants the screen before this one."""


class Edited(Frozen):
    """The person wants to change the answer to this question, from the review."""

    question: str


class ChangedLanguage(Frozen):
    """The person chose a language."""

    language: Language


class ChangedPlace(Frozen):
    """The person said where they live."""

    place: str


class Asked(Frozen):
    """The person opened a card: help, why, numbers, privacy, a fact ..."""

    topic: str


class Stopped(Frozen):
    """The person wants to stop: everything is erased."""


class ForgetMe(Frozen):
    """The person wants everything erased that is held about them.

    After a result was sent, `withdraw` says whether to take it back from the coordinators too; None asks.
    """

    withdraw: bool | None = None


class Unclear(Frozen):
    """The person wrote something that could not be taken as one answer; `candidates` are what it may have meant.

    `lacks_unit` when it was a number that could be in one unit or another.
    """

    candidates: tuple[str, ...] = ()
    lacks_unit: bool = False


class Expired(Frozen):
    """Nothing was heard for as long as answers may be kept."""


class Restarted(Frozen):
    """The person wants to begin anew: everything is erased but their language."""


class Withdrew(Frozen):
    """The person wants to take back the result sent under this code; None is no code at all, `given` or not."""

    code: ReferralCode | None
    given: bool = True


class Reminded(Frozen):
    """A day has passed without a word: the one reminder is due. Not something the person did."""


class Listed(Frozen):
    """The person wants the answers listed in the text, or not any more."""

    on: bool


class WantedFile(Frozen):
    """The person wants everything held about them as a file."""


class Unreadable(Frozen):
    """The person sent something that is not text: a photo, a voice message, a sticker ..."""


Event = (
    Started
    | Tapped
    | Entered
    | Weighed
    | Narrowed
    | Measured
    | WentBack
    | Edited
    | ChangedLanguage
    | ChangedPlace
    | Asked
    | Stopped
    | ForgetMe
    | Unclear
    | Expired
    | Restarted
    | Withdrew
    | Reminded
    | Listed
    | WantedFile
    | Unreadable
)

# --------------------------------------------------------------------------------- what can be wanted


class Refer(Frozen):
    """Give this result to the coordinators of its place, under this code."""

    code: ReferralCode
    result: Result


class Withdraw(Frozen):
    """Take back the result that was given under this code."""

    code: ReferralCode


class Count(Frozen):
    """Count one more of this, on this day, for nobody in particular."""

    name: str


class GiveFile(Frozen):
    """Send the person everything held about them as a file."""


class Forget(Frozen):
    """Erase this session once its farewell was shown."""


Effect = Refer | Withdraw | Forget | Count | GiveFile


class Step(Frozen):
    """What follows from one event: the session as it is now, and what the world must do."""

    session: Session
    effects: tuple[Effect, ...] = ()


class Fresh(Frozen):
    """What a new session needs and a pure engine cannot make: random, minted by the shell for each update."""

    nonce: str
    code: ReferralCode


class Openings(Frozen):
    """Which places take people, in which languages: the digest of the consent text by place and language."""

    consents: Mapping[str, Mapping[Language, str]] = {}
    languages: tuple[Language, ...] = ("fr", "en")

    def consent(self, place: str | None, language: Language | None) -> str | None:
        """The digest of the text to agree to, or None where this place asks nothing in this language."""
        return self.consents.get(place or "", {}).get(language) if language else None
