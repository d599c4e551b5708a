"""From verdicts to the outcome: the whole product of verdicts, and what not being asked does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest

from dialogs.eligibility import outcome, result, verdict, verdicts
from dialogs.session import Answer, Session
from dialogs.study import Outcome, Verdict
from tests.dialogs_world import CODE, NOW, STUDY, person

# From the worst to the best, so that the worst verdict given is the smallest number.
WORST_FIRST = (Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.MET)
OUTCOMES = (Outcome.LIKELY_INELIGIBLE, Outcome.NEEDS_REVIEW, Outcome.LIKELY_ELIGIBLE)
CRITERIA = len(STUDY.questions)


def test_the_worst_verdict_decides_in_all_combinations_of_all_criteria() -> None:
    ran = 0
    ranks = product(range(3), repeat=CRITERIA)
    for rank, given in zip(ranks, product(WORST_FIRST, repeat=CRITERIA), strict=True):
        if outcome(given) is not OUTCOMES[min(rank)]:
            pytest.fail(f"{given}")
        ran += 1
    print(f"{ran} combinations of verdicts")
    assert ran == 3**13 == 1_594_323


def test_with_anything_not_asked_nobody_is_likely_to_fit() -> None:
    """All combinations of four verdicts on six criteria, one of them not asked."""
    for given in product(Verdict, repeat=6):
        if Verdict.NOT_ASKED in given:
            expected = Outcome.LIKELY_INELIGIBLE if Verdict.NOT_MET in given else Outcome.NEEDS_REVIEW
            assert outcome(given) is expected


@pytest.mark.parametrize("missing", range(CRITERIA))
def test_one_criterion_left_is_enough_to_leave_it_to_the_team(missing: int) -> None:
    given = [Verdict.NOT_ASKED if number == missing else Verdict.MET for number in range(CRITERIA)]
    assert outcome(given) is Outcome.NEEDS_REVIEW


def test_nothing_at_all_says_nothing() -> None:
    assert outcome([]) is Outcome.NEEDS_REVIEW


def answer(choice: str) -> Answer:
    return Answer(choice=choice, digest="any")


def test_before_any_answer_nothing_was_asked() -> None:
    assert set(verdicts(STUDY, {}).values()) == {Verdict.NOT_ASKED}
    assert list(verdicts(STUDY, {})) == [question.id for question in STUDY.questions]


def test_a_choice_that_does_not_exist_any_more_is_no_answer() -> None:
    assert verdict(STUDY.question("cancer"), {"cancer": answer("in_2019")}) is Verdict.NOT_ASKED


def test_an_answer_that_needs_a_follow_up_is_none_before_it() -> None:
    counts = STUDY.question("blood_counts")
    assert verdict(counts, {"blood_counts": answer("yes")}) is Verdict.NOT_ASKED
    both = {"blood_counts": answer("yes"), "blood_counts.cause": answer("other_illness")}
    assert verdict(counts, both) is Verdict.NOT_MET


def test_a_follow_up_without_its_answer_decides_nothing() -> None:
    left_over = {"blood_counts": answer("no"), "blood_counts.cause": answer("other_illness")}
    assert verdict(STUDY.question("blood_counts"), left_over) is Verdict.MET


@pytest.mark.parametrize(
    ("place", "day"),
    [("montreal", date(2026, 3, 1)), ("paris", date(2026, 3, 2)), ("elsewhere", date(2026, 3, 2))],
)
def test_the_day_is_the_day_where_the_person_lives(place: str, day: date) -> None:
    late = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    session = person().starts(place=place).consents().reviews().now
    assert result(STUDY, session.changed(touched=late)).day == day


def test_there_is_no_result_before_a_language_and_a_place() -> None:
    nobody = Session(study="care_ssc", nonce="n", code=CODE, touched=NOW)
    with pytest.raises(ValueError, match="place and a language"):
        result(STUDY, nobody)


def test_a_result_holds_no_answer_no_time_and_nobody() -> None:
    session = person().starts().consents().reviews().now
    given = result(STUDY, session).model_dump()
    assert set(given) == {"study", "digest", "place", "language", "day", "answered_by", "outcome", "verdicts"}
    assert set(given["verdicts"].values()) <= set(Verdict)
