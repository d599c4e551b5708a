"""Typed words -> what was meant. A yes or a no is given only when nothing else is a reasonable reading.

Deterministic and pure: no model, no clock, no network; it reads the packaged words/*.toml once, when first used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from dialogs.reading.languages import language_wanted
from dialogs.reading.options import bare_number
from dialogs.reading.outcomes import (
    Chose,
    Command,
    Danger,
    Gave,
    NotSure,
    NotUnderstood,
    Reading,
    Record,
    WhichUnit,
    as_record,
)
from dialogs.reading.understanding import explained
from dialogs.study import Study

__all__ = [
    "Chose",
    "Command",
    "Danger",
    "Gave",
    "NotSure",
    "NotUnderstood",
    "Reading",
    "Record",
    "WhichUnit",
    "answer_lines",
    "as_record",
    "bare_number",
    "explain",
    "language_wanted",
    "read",
]

LINE_FIELDS = ("id", "locale", "question", "text")
NO_LABELS: Mapping[str, str] = {}


def read(
    study: Study,
    asked: str,
    locale: str,
    text: str,
    labels: Mapping[str, str] = NO_LABELS,
    numbered: Mapping[int, str] | None = None,
    *,
    helping: bool = False,
) -> Reading:
    """What this text means as an answer to what was asked.

    `asked` is an id of `study.askings`, or another screen of the conversation. `labels` are the options on the screen
    in front of the person: ids to words, in order. `numbered` says by which number each can be named: by its place in
    that order, where nothing is said. `helping`: it is somebody helping who writes, so "she does" answers for that
    person.
    """
    return explained(study, asked, locale, text, labels, numbered, helping=helping)[0]


def explain(
    study: Study,
    asked: str,
    locale: str,
    text: str,
    labels: Mapping[str, str] = NO_LABELS,
    *,
    helping: bool = False,
) -> tuple[Reading, tuple[str, ...]]:
    """The reading, and the reasons for it in the order they were found."""
    return explained(study, asked, locale, text, labels, helping=helping)


def answer_lines(study: Study, lines: Iterable[str]) -> Iterator[str]:
    """For each line {"id", "locale", "question", "text"} one line with its reading, or with what is wrong in it."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield json.dumps(_answer(study, number, line), ensure_ascii=False)


def _answer(study: Study, number: int, line: str) -> Record:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return _refused(number, None, "not a JSON object")
    if not isinstance(fields, dict):
        return _refused(number, None, "not a JSON object")
    wrong = [name for name in LINE_FIELDS if name != "id" and not isinstance(fields.get(name), str)]
    name = fields.get("id")
    if wrong or not isinstance(name, str | int):
        return _refused(number, name, "missing or not a text: " + ", ".join(wrong or ["id"]))
    if fields["question"] not in (*study.askings, "place"):
        return _refused(number, name, f"unknown question: {fields['question']}")
    return {"id": name, **as_record(read(study, fields["question"], fields["locale"], fields["text"]))}


def _refused(number: int, name: object, error: str) -> Record:
    return {"id": name if isinstance(name, str | int) else None, "line": number, "kind": "error", "error": error}
