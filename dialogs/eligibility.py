"""From answers to verdicts, and from verdicts to the outcome: three-valued, with nothing left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date

from dialogs.session import Answer, Result, Session
from dialogs.study import Outcome, Question, Study, Verdict


def verdict(question: Question, answers: Mapping[str, Answer]) -> Verdict:
    """What the answers say about this criterion; `NOT_ASKED` while it, or the follow-up it needs, is unanswered."""
    given = answers.get(question.id)
    choice = given and question.choice(given.choice)
    if not choice:
        return Verdict.NOT_ASKED
    if choice.then is None or question.follow_up is None:
        return choice.verdict or Verdict.NOT_ASKED
    following = answers.get(f"{question.id}.{choice.then}")
    followed = following and question.follow_up.choice(following.choice)
    return followed.verdict if followed and followed.verdict else Verdict.NOT_ASKED


def verdicts(study: Study, answers: Mapping[str, Answer]) -> dict[str, Verdict]:
    """The verdict for each criterion, in the order of the study."""
    return {question.id: verdict(question, answers) for question in study.questions}


def outcome(given: Iterable[Verdict]) -> Outcome:
    """What all verdicts say together: one not met decides; anything unknown or not asked goes to the study team."""
    seen = set(given)
    if Verdict.NOT_MET in seen:
        return Outcome.LIKELY_INELIGIBLE
    if seen == {Verdict.MET}:
        return Outcome.LIKELY_ELIGIBLE
    return Outcome.NEEDS_REVIEW


def day(study: Study, session: Session) -> date:
    """The day of the last activity, where the person lives; in UTC before that is known."""
    zone = study.place(session.place).zone if session.place else UTC
    return session.touched.astimezone(zone).date()


def result(study: Study, session: Session) -> Result:
    """The result of this session as coordinators may see it, dated the day of its last activity where the person lives.

    Raises ValueError before a language and a place are known.
    """
    if session.place is None or session.language is None:
        raise ValueError("a result needs a place and a language")
    given = verdicts(study, session.answers)
    return Result(
        study=study.id,
        digest=study.digest,
        place=session.place,
        language=session.language,
        day=day(study, session),
        answered_by=session.answered_by,
        outcome=outcome(given.values()),
        verdicts=given,
    )
