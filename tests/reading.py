"""What people type, read as the engine reads it: for the tests of reading."""

from __future__ import annotations

from dialogs import study as studies
from dialogs.reading import Chose, Reading, read
from tests.evaluation import report

STUDY = studies.read()
QUESTIONS = (*STUDY.askings, "place")
SCREENS = (*QUESTIONS, "language", "consent", "confirm", "preview", "result", "sent", "safety", "review", "nowhere")
LOCALES = ("en", "fr", "fr_CA", "fr_FR")

LINES = list(report.lines(report.files()))
COMMITTED = [line for line in LINES if line.given["kind"] == "choice" and not line.helping]


def reads(asked: str, text: str, locale: str = "en") -> Reading:
    return read(STUDY, asked, locale, text)


def chosen(asked: str, text: str, locale: str = "en") -> str | None:
    """The choice that is committed, if any."""
    reading = reads(asked, text, locale)
    return reading.choice if isinstance(reading, Chose) else None
