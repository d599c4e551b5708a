"""One referral as it may leave: what was said and what became of it. No identity, no time, nobody of the staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import get_args

from pydantic import ValidationError

from dialogs.referral import LifeState, Reason
from dialogs.session import Result
from dialogs.study import AnsweredBy, Frozen, Language, Outcome, Verdict

STATES: tuple[LifeState, ...] = get_args(LifeState)
GONE = frozenset({"withdrawn", "expired"})


class CannotExport(Exception):
    """Why nothing was written: a sentence for the operator."""


class TooLarge(CannotExport):
    """A file would be larger than wherever it is to go takes."""


class Exported(Frozen):
    """One referral in an export. `study_version` is the digest of the questions its verdicts were given under.

    `reason` is there only once it is closed, `criterion` only when a criterion proved different.
    """

    code: str
    place: str
    language: Language
    day: date
    answered_by: AnsweredBy
    outcome: Outcome
    state: LifeState
    reason: Reason | None = None
    criterion: str | None = None
    study_version: str
    verdicts: Mapping[str, Verdict]


def exported(
    code: str, state: str, result_json: str | None, reason: str | None = None, criterion: str | None = None
) -> Exported | None:
    """The referral as it may leave; None when it is withdrawn or expired, so that nothing of it may.

    Raises CannotExport, naming the code, for a result, state or reason that is none.
    """
    if result_json is None or state in GONE:
        return None
    closed = reason if state == "closed" else None
    try:
        result = Result.model_validate_json(result_json)
        return Exported(
            code=code,
            place=result.place,
            language=result.language,
            day=result.day,
            answered_by=result.answered_by,
            outcome=result.outcome,
            state=state,
            reason=closed,
            criterion=criterion if closed == "screen_failure" else None,
            study_version=result.digest,
            verdicts=result.verdicts,
        )
    except ValidationError as error:
        wrong = ", ".join(sorted({".".join(map(str, fault["loc"])) or "result" for fault in error.errors()}))
        raise CannotExport(f"The referral {code} cannot be read: {wrong}.") from error
