"""Referrals as a table, a row each, and as one JSON document; both in codes alone, so in no language."""

from __future__ import annotations

import json
from datetime import date

from bot.export.layouts import Layout, csv_line, of_this_study
from bot.export.rows import CannotExport, Exported
from dialogs.study import Study, Verdict

# The columns before the questions, in this order for ever: other people's programs read them by name.
COLUMNS = (
    "code",
    "place",
    "language",
    "day",
    "answered_by",
    "outcome",
    "state",
    "reason",
    "criterion",
    "study_version",
)
# Raised when a field of the JSON document goes or changes its meaning; a new field leaves it.
SCHEMA_VERSION = 1


def table(study: Study) -> Layout:
    """A CSV file with a column for each question of the study; a question it did not have then was not asked.

    Raises CannotExport when a question has the name of a column.
    """
    questions = tuple(study.by_id)
    if taken := sorted(set(COLUMNS) & set(questions)):
        raise CannotExport(f"The study has questions with the names of columns: {', '.join(taken)}.")
    columns = (*COLUMNS, *questions)
    return Layout(
        "referrals.csv",
        csv_line(columns),
        lambda row: csv_line(cell(row, column) for column in columns),
        holds=of_this_study(study),
    )


def cell(row: Exported, column: str) -> str:
    """What stands in this column: a question of which nothing is known was not asked."""
    value = getattr(row, column) if column in COLUMNS else row.verdicts.get(column, Verdict.NOT_ASKED)
    return "" if value is None else str(value)


def document(study: Study, today: date) -> Layout:
    """One JSON document: which study, the day it was exported, and every referral whole, a line each."""
    about = {
        "schema_version": SCHEMA_VERSION,
        "study": study.id,
        "registry": study.registry,
        "study_version": study.digest,
        "exported": today.isoformat(),
    }
    head = json.dumps(about, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "referrals": [\n'
    return Layout(
        "referrals.json", head, lambda row: json.dumps(row.model_dump(mode="json")), between=",\n", tail="\n ]\n}\n"
    )
