"""From what a person did to the event it means: a press on the screen they saw, or words they typed."""

from __future__ import annotations

from collections.abc import Mapping

from dialogs.events import Asked, ChangedLanguage, Entered, Event, ForgetMe, Tapped, Unclear, Weighed, WentBack, Wrote
from dialogs.machine import base, transient
from dialogs.measure import Height
from dialogs.notes import listed
from dialogs.reading import (
    Chose,
    Command,
    Danger,
    Gave,
    NotSure,
    NotUnderstood,
    Reading,
    WhichUnit,
    bare_number,
    language_wanted,
    read,
)
from dialogs.session import AFTER_SENDING, BRIDGED, CONSENT, LONGEST_MESSAGE, OFFER, REPLY, Session
from dialogs.study import Study
from dialogs.symbols import Screen

COMMANDS: Mapping[str, Event] = {
    "help": Asked(topic="help"),
    "why": Asked(topic="why"),
    "back": WentBack(),
    "stop": Asked(topic="leave"),
    "restart": Asked(topic="leave"),
    "change_language": Asked(topic="language"),
    "delete_my_data": Asked(topic="leave"),
}
# Where the team may write, who wants to stop or start over is told first what that closes.
CLOSING = frozenset({"stop", "restart"})
# Signs of danger are answered before a message is passed on, and instead; who wants to speak to people already does.
PASSED_ON = frozenset({"human"})


def pressed(shown: Screen, session: Session, nonce: str, turn: int, index: int) -> Event | None:
    """What pressing this button means; None for any button but those of the screen the person sees now."""
    if (nonce, turn) != (session.mark, session.turn) or not 0 <= index < len(shown.options):
        return None
    return shown.options[index].event


def heard(study: Study, shown: Screen, session: Session, locale: str, text: str, labels: Mapping[str, str]) -> Event:
    """What these words mean on this screen. They end here: the engine and the session never see a text.

    A bare number names an option only where the options stand there with their numbers, or are numbers themselves.
    """
    unlisted = bare_number(text) and not listed(session)
    labels = {} if unlisted else {option.id: labels[option.id] for option in shown.answers if option.id in labels}
    numbered = {number: each.id for number, each in shown.numbered.items() if each.number is not None or not unlisted}
    helping = session.answered_by == "helper"
    reading = read(study, _asked(session), locale, text, labels, numbered, helping=helping)
    passing_on = session.state == REPLY and session.aside is None and not _names(reading, text, labels, session)
    if passing_on and (message := _to_the_team(reading, text)):
        return message
    if isinstance(reading, Chose) and (event := _option(shown, reading.choice)):
        return event
    if reading == Command(name="change_language") and (language := language_wanted(text)):
        return ChangedLanguage(language=language)
    return _meant(reading, session)


def _names(reading: Reading, text: str, labels: Mapping[str, str], session: Session) -> bool:
    """Whether a text that could be a message to the team is a button word for word, or a listed number."""
    if not isinstance(reading, Chose):
        return False
    return listed(session) or labels.get(reading.choice, "").casefold() == text.strip().casefold()


def _to_the_team(reading: Reading, text: str) -> Event | None:
    """What is typed as a message to the team; None for a sign of danger, or for a command and nothing else."""
    if isinstance(reading, Command) or (isinstance(reading, Danger) and reading.kind not in PASSED_ON):
        return None
    return Wrote() if len(text) <= LONGEST_MESSAGE else Unclear(too_long=True)


def _asked(session: Session) -> str:
    if session.aside:
        return "aside"
    if session.state == OFFER:
        return CONSENT  # another yes or no to what is kept
    if session.state.endswith(".exact") or not transient(session.state):
        return base(session.state)
    return session.state.rpartition(".")[2]


def _option(shown: Screen, choice: str) -> Event | None:
    return next((option.event for option in shown.options if option.id == choice), None)


def _meant(reading: Reading, session: Session) -> Event:
    match reading:
        case Chose(choice=choice):
            return Tapped(choice=choice) if session.aside is None else Unclear()
        case Gave(value=Height() as height):
            return Entered(height=height)
        case Gave(value=weight):
            return Weighed(weight=weight)
        case Command(name=name) if name in CLOSING and session.state in BRIDGED:
            return Asked(topic="close")
        case Command(name=name) if name in {*CLOSING, "delete_my_data"} and session.state in AFTER_SENDING:
            return ForgetMe()  # no answer is left that one could stop giving: what to erase is asked
        case Command(name=name):
            return COMMANDS[name]
        case Danger(kind="human"):
            return Asked(topic="human")
        case Danger(kind=kind):
            return Asked(topic=f"danger.{kind}")
        case WhichUnit():
            return Unclear(lacks_unit=True)
        case NotSure(candidates=candidates):
            return Unclear(candidates=candidates)
        case NotUnderstood():
            return Unclear()
