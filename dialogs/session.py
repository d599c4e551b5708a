"""One conversation: what it remembers, and what of it coordinators may learn.

Nothing here says who the person is. A session survives JSON unchanged, and every change has a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, NewType

from dialogs.measure import Height, Length, Mass
from dialogs.study import AnsweredBy, Frozen, Language, Outcome, Verdict

ReferralCode = NewType("ReferralCode", str)
Farewell = Literal["sent", "withdrawn", "waiting", "unbridged", "by_team", "bridged"]
# Where a result is with the team, as the person was last told.
Progress = Literal["received", "seen", "contacted"]
PROGRESS: tuple[Progress, ...] = ("received", "seen", "contacted")
# What the team can say with one tap: the words are ours, in the person's language.
Approved = Literal["call", "tried", "visit", "received", "away"]
APPROVED: tuple[Approved, ...] = ("call", "tried", "visit", "received", "away")

# The steps of the conversation that are not questions. Ends keep nothing and are shown once.
LANGUAGE, PLACE, CLOSED, WAITING, CONSENT = "language", "place", "closed", "waiting", "consent"
REVIEW, RESULT, PREVIEW, SENT = "review", "result", "preview", "sent"
# After a result was sent: may the team write here, it may, and the person writes to the team.
OFFER, BRIDGE, REPLY = "offer", "bridge", "reply"
MINOR, DECLINED, STOPPED, FORGOTTEN = "minor", "declined", "stopped", "forgotten"
FINISHED, EXPIRED = "finished", "expired"
# What a farewell's button begins with, whoever's it was: it means the same when nothing is left of the conversation.
AGAIN = "again"
ENDS = frozenset({MINOR, DECLINED, STOPPED, FORGOTTEN, FINISHED, EXPIRED})
BRIDGED = frozenset({BRIDGE, REPLY})
AFTER_SENDING = frozenset({SENT, OFFER}) | BRIDGED
# Farewells nobody asked for: the person may not have noted the code, and needs it to call.
UNASKED: frozenset[Farewell] = frozenset({"by_team", "bridged"})
LONGEST_MESSAGE = 1_000  # characters of one message to the team


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
        "passed_on",
        "too_long",
    ]
    about: tuple[str, ...] = ()


class TeamMessage(Frozen):
    """What the team wrote: one of the messages that are ready, or their own words."""

    approved: Approved | None = None
    words: str | None = None


class Session(Frozen):
    """Where one person is, and all they have said so far.

    `nonce` makes this session's buttons its own, `turn` counts its screens. `path` is the way back. `aside` is a
    card opened over the screen. `pending` is a decisive choice to be confirmed. `coarse` and `height` are a height
    being entered: they are gone once the weight is answered. `rules` are the digest of those its screen was made by.
    `listing` lists the answers in the text for people who type or listen; `reminded` once the reminder was sent.
    `waits` once they are to be told that a place opens. `progress` and `message` are kept only while the team may
    write: where the result is, and what they wrote last. `counted` is what it was
    counted as already.
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
    counted: tuple[str, ...] = ()
    waits: bool = False
    progress: Progress = "received"
    message: TeamMessage | None = None

    @property
    def over(self) -> bool:
        """Whether this conversation has ended: what is left of it is one farewell to show."""
        return self.state in ENDS

    @property
    def mark(self) -> str:
        """What the buttons of the screen begin with, so that no other conversation's mean anything."""
        return AGAIN if self.over else self.nonce

    def changed(self, **fields: Any) -> Session:
        """The same session with these fields instead. Unlike model_copy, it checks them."""
        return Session.model_validate({**self.__dict__, **fields})

    def answered(self, asked: str, choice: str, digest: str) -> Session:
        """With this answer to what was asked, and nothing left of how it was found."""
        return self.changed(answers={**self.answers, asked: Answer(choice=choice, digest=digest)}, pending=None)

    def sent(self, state: str) -> Session:
        """After sending: what is needed to show the code and how to reach the team, and nothing of the answers."""
        kept = {name: getattr(self, name) for name in ("listing", "progress", "message", "rules")}
        if state not in BRIDGED:
            kept |= {"progress": "received", "message": None}
        return Session(
            study=self.study,
            nonce=self.nonce,
            code=self.code,
            touched=self.touched,
            state=state,
            turn=self.turn,
            note=self.note,
            language=self.language,
            place=self.place,
            answered_by=self.answered_by,
            **kept,
        )

    def unanswered(self, *asked: str) -> Session:
        """Without any answer to these."""
        return self.changed(answers={key: answer for key, answer in self.answers.items() if key not in asked})

    def emptied(self, end: str, farewell: Farewell | None = None) -> Session:
        """Ended: the farewell to show, in which language and for which place, and nothing else.

        `farewell` says that a result had been sent, or was taken back, where the words must differ. Where the person
        did not ask for the end, the farewell tells them their code once more.
        """
        return Session(
            study=self.study,
            nonce=self.nonce,
            code=self.code if farewell in UNASKED else ReferralCode(""),
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
