"""What is said above a screen about the last thing a person did, and the answers listed below it as text."""

from __future__ import annotations

from dataclasses import replace

from dialogs.events import Openings
from dialogs.machine import Plan, base
from dialogs.session import CODED_NOTES, LONGEST_MESSAGE, Note, Session
from dialogs.symbols import Line, Option, Param, Say, Screen
from dialogs.wording import progress

# After these the person is likely to type again: the answers are named in the text.
TYPING = frozenset({"unclear", "did_you_mean", "unreadable"})
EXAMPLE = "ABC-DEF-GHJ"


def annotated(plan: Plan, openings: Openings, session: Session, shown: Screen) -> Screen:
    """The screen with its note and, for people who type or listen, its answers as text."""
    note = session.note
    if note:
        said = _note(plan, session, note, shown)
        languages = (None,) if session.language else openings.languages
        shown = shown.noting(*(replace(said, language=language) for language in languages))
    if session.language and listed(session):
        return shown.ending(Say("listed.hint"), *_listed(shown))
    return shown


def listed(session: Session) -> bool:
    """Whether the answers stand in the text with their numbers."""
    return session.listing or (session.note is not None and session.note.key in TYPING)


def _note(plan: Plan, session: Session, note: Note, shown: Screen) -> Say:
    if note.key in CODED_NOTES:
        return Say(f"note.{note.key}", {"code": "".join(note.about), "example": EXAMPLE})
    question = plan.question_at.get(base(session.state))
    if note.key in {"welcome_back", "reminder"} and question:
        return Say(f"note.{note.key}.question", progress(plan, session, question))
    if note.key == "too_long":
        return Say("note.too_long", {"number": LONGEST_MESSAGE})
    if note.key != "did_you_mean":
        return Say(f"note.{note.key}")
    labels = [option.label for option in shown.options if option.id in note.about]
    if len(labels) not in {1, 2}:
        return Say("note.unclear")
    named: dict[str, Param] = {f"option{number}": label for number, label in enumerate(labels, start=1)}
    return Say(f"note.did_you_mean.{len(labels)}", named)


def _listed(shown: Screen) -> tuple[Line, ...]:
    """The options, each with the number to type for it."""
    return tuple(_line(number, option) for number, option in shown.numbered.items())


def _line(number: int, option: Option) -> Say:
    return Say("listed.option", {"number": number, "label": option.label})
