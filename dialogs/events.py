"""What can happen in a conversation, and what it can want from the world: two closed unions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from dialogs.measure import Height, Length, Mass, Weight
from dialogs.session import Progress, ReferralCode, Result, Session, TeamMessage
from dialogs.study import Frozen, Language

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

    `lacks_unit` when it was a number that could be in one unit or another, `too_long` when it was a message to the team
    that nobody could pass on.
    """

    candidates: tuple[str, ...] = ()
    lacks_unit: bool = False
    too_long: bool = False


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


class Wrote(Frozen):
    """The person wrote to the team. What they wrote does not come here: nothing of it can be kept."""


class TeamWrote(Frozen):
    """The team wrote to the person."""

    message: TeamMessage


class Progressed(Frozen):
    """The team has gone on with the result, and can no longer undo it."""

    to: Progress


class Unbridged(Frozen):
    """The team may not write here any more: they closed it, the result was taken back, or the time is over."""

    why: Literal["by_team", "withdrawn", "over"]


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
    | Wrote
    | TeamWrote
    | Progressed
    | Unbridged
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
    """Erase this session once its farewell was shown; with `wish` also the wish to be told when a place opens."""

    wish: bool = True


class Wait(Frozen):
    """Tell this person, once, when this place takes people again."""

    place: str
    language: Language


class Unwait(Frozen):
    """Do not tell them any more."""


class OpenBridge(Frozen):
    """Let the desk write to this person by this code."""

    code: ReferralCode


class CloseBridge(Frozen):
    """Nobody may write to this person by this code any more."""

    code: ReferralCode


class PassOn(Frozen):
    """Pass on to the desk what the person has just written, under this code."""

    code: ReferralCode


Effect = Refer | Withdraw | Forget | Count | GiveFile | Wait | Unwait | OpenBridge | CloseBridge | PassOn


class Step(Frozen):
    """What follows from one event: the session as it is now, and what the world must do."""

    session: Session
    effects: tuple[Effect, ...] = ()


class Fresh(Frozen):
    """What a new session needs and a pure engine cannot make: random, minted by the shell for each update.

    `waits` says that this person, of whom nothing else is known any more, is to be told when a place opens.
    """

    nonce: str
    code: ReferralCode
    waits: bool = False


class Openings(Frozen):
    """Which places take people, in which languages: the digest of the consent text by place and language.

    `bound` are the places whose desk can be reached; `paused` says why a place takes nobody new for the moment.
    """

    consents: Mapping[str, Mapping[Language, str]] = {}
    bound: frozenset[str] = frozenset()
    paused: Mapping[str, str] = {}
    languages: tuple[Language, ...] = ("fr", "en")

    def consent(self, place: str | None, language: Language | None) -> str | None:
        """The digest of the text to agree to, or None where this place asks nothing in this language."""
        return self.consents.get(place or "", {}).get(language) if language else None

    def pause(self, place: str | None, language: Language | None) -> str | None:
        """Why this place asks nobody new for the moment; None where it does, or never does in this language."""
        return self.paused.get(place or "") if self.consent(place, language) else None
