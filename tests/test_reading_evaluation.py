"""The evaluation set: no wrong commitment, enough understood; and the tool that shows translators what is read."""

from __future__ import annotations

import json

import pytest

from dialogs.reading import NotSure, NotUnderstood, answer_lines, explain
from tests.evaluation import report
from tests.reading import LINES, QUESTIONS, STUDY, reads

# ------------------------------------------------------------------------------------------ the gate


def test_the_evaluation_set_holds_no_wrong_commit_and_enough_is_understood() -> None:
    assert report.failures(LINES) == []


def test_the_held_out_part_alone_passes_the_same_gate() -> None:
    assert report.failures([line for line in LINES if "heldout" in line.source]) == []


def test_the_evaluation_set_is_large_and_covers_every_question_in_every_locale() -> None:
    assert len(LINES) >= 900
    assert {(line.locale, line.question) for line in LINES} >= {
        (locale, asked) for locale in ("en", "fr_CA", "fr_FR") for asked in QUESTIONS
    }


def test_no_sign_of_danger_of_the_set_is_answered_as_an_ordinary_line() -> None:
    missed = [
        line.text for line in LINES if line.danger and line.given["kind"] not in ("safety", "confirm", "not_understood")
    ]
    assert missed == []


# --------------------------------------------------------------------------------- the translators' tool


def test_lines_are_answered_in_the_published_form() -> None:
    line = {"id": "a1", "locale": "fr_CA", "question": "bmi.weight", "text": "120 livres"}
    assert [json.loads(each) for each in answer_lines(STUDY, [json.dumps(line), "\n"])] == [
        {"id": "a1", "kind": "number", "choice": None, "value": 54.43, "candidates": []}
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "3",
        '"x"',
        "{}",
        '{"id":1,"locale":"en","question":"nope","text":"x"}',
        '{"id":1,"locale":"en","question":"age"}',
        "[" * 100000,
    ],
)
def test_a_malformed_line_gets_an_error_record(line: str) -> None:
    (answer,) = (json.loads(each) for each in answer_lines(STUDY, [line]))
    assert answer["kind"] == "error"
    assert answer["error"]


def test_the_reasons_name_the_words_and_what_they_were_taken_for() -> None:
    reading, reasons = explain(STUDY, "cancer", "fr_CA", "oui mais peut-être")
    assert isinstance(reading, NotSure)
    assert "but: mais" in reasons
    assert any(reason.startswith("doubt") for reason in reasons)


def test_nothing_understood_is_said_so() -> None:
    assert reads("cancer", "qsdfgh") == NotUnderstood()
