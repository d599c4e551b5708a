"""Referrals to export and what is written of them: for the tests of every format."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from bot.export import Exported, Format, Written, export, exported
from bot.texts import read_catalogs
from bot.texts.source import source_texts
from dialogs import eligibility
from dialogs.session import Result
from dialogs.study import Question, Study, Verdict, read

Model = TypeVar("Model", Study, Question)
STUDY = read()
TEXTS = read_catalogs(source_texts(STUDY)).texts

TODAY = date(2026, 3, 9)
FILES: Mapping[Format, tuple[str, ...]] = {
    "csv": ("referrals.csv",),
    "json": ("referrals.json",),
    "redcap": ("dictionary.csv", "import.csv"),
    "fhir": ("bundle.json",),
}


def result(**changed: Any) -> Result:
    """A result in which everything is met, but for what is said otherwise: a verdict by question, or a field."""
    verdicts = {question.id: Verdict(changed.pop(question.id, Verdict.MET)) for question in STUDY.questions}
    fields: dict[str, Any] = {
        "study": STUDY.id,
        "digest": STUDY.digest,
        "place": "montreal",
        "language": "en",
        "day": date(2026, 3, 2),
        "answered_by": "participant",
        "outcome": eligibility.outcome(verdicts.values()),
        "verdicts": verdicts,
    }
    return Result.model_validate(fields | changed)


def row(
    code: str = "K7M-4P2-XW7",
    state: str = "new",
    reason: str | None = None,
    criterion: str | None = None,
    **changed: Any,
) -> Exported:
    """One referral as it is exported."""
    found = exported(code, state, result(**changed).model_dump_json(), reason, criterion)
    assert found is not None
    return found


def three() -> tuple[Exported, ...]:
    """One referral of each outcome, at three steps of its life."""
    stopped = dict.fromkeys(list(STUDY.by_id)[7:], Verdict.NOT_ASKED)
    return (
        row(),
        row(
            "P3R-T8W-2HR",
            "closed",
            "screen_failure",
            "cancer",
            place="paris",
            language="fr",
            answered_by="helper",
            bmi="unknown",
            cancer="unknown",
        ),
        row(
            "Z9Y-5QC-M4E",
            "contacted",
            place="paris",
            language="fr",
            day=date(2026, 3, 5),
            hypertension="not_met",
            **stopped,
        ),
    )


async def pages(*given: Sequence[Exported | None]) -> AsyncIterator[Sequence[Exported | None]]:
    """These pages, as the database gives them."""
    for page in given:
        yield page


async def written(
    kind: Format, out: Path, *rows: Exported | None, study: Study = STUDY, locale: str = "en", **options: Any
) -> Written:
    """These referrals, exported two to a page."""
    given = [rows[start : start + 2] for start in range(0, len(rows), 2)]
    return await export(kind, pages(*given), study, TEXTS, out=out, today=TODAY, locale=locale, **options)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def asking(*names: str) -> Study:
    """The study, with other ids for its first questions."""
    renamed = (fresh(question, id=name) for name, question in zip(names, STUDY.questions, strict=False))
    return fresh(STUDY, questions=(*renamed, *STUDY.questions[len(names) :]))


def fresh(value: Model, **changed: Any) -> Model:
    """The same, with these fields instead and nothing remembered of what it was; unchecked."""
    return value.model_construct(**{name: getattr(value, name) for name in type(value).model_fields} | changed)


def names_in(folder: Path) -> list[str]:
    """Everything in the folder, what is hidden too."""
    return sorted(path.name for path in folder.iterdir())


def older(code: str = "K7M-4P2-XW7") -> Exported:
    """A referral made when the study was elsewhere, asked something else, and did not yet ask about cancer."""
    verdicts = {name: Verdict.MET for name in STUDY.by_id if name != "cancer"} | {"tattoos": Verdict.NOT_MET}
    return row(code, place="lyon", verdicts=verdicts, digest="0ld0ld0ld0ld")
