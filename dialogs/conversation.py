"""From what a person did to the event it means: a press on the screen they saw, or words they typed."""

from __future__ import annotations

from collections.abc import Mapping

from dialogs.events import Asked, Entered, Event, ForgetMe, Tapped, Unclear, Weighed, WentBack
from dialogs.machine import base, transient
from dialogs.measure import Height
from dialogs.notes import listed
from dialogs.reading import Chose, Command, Danger, Gave, NotSure, NotUnderstood, Reading, WhichUnit, read
from dialogs.session import Session
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


def pressed(shown: Screen, session: Session, nonce: str, turn: int, index: int) -> Event | None:
    """What pressing this button means; None for any button but those of the screen the person sees now."""
    if (nonce, turn) != (session.nonce, session.turn) or not 0 <= index < len(shown.options):
        return None
    return shown.options[index].event


def heard(study: Study, shown: Screen, session: Session, locale: str, text: str, labels: Mapping[str, str]) -> Event:
    """What these words mean on this screen. They end here: the engine and the session never see a text.

    A bare number names an option only where the options stand there with their numbers.
    """
    if not listed(session) and text.strip(" .)").isdigit():
        labels = {}
    reading = read(study, _asked(session), locale, text, labels)
    if isinstance(reading, Chose) and (event := _option(shown, reading.choice)):
        return event
    return _meant(reading, session)


def _asked(session: Session) -> str:
    if session.aside:
        return "aside"
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
        case Command(name="delete_my_data") if session.state == "sent":
            return ForgetMe()
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
