"""A decisive answer is confirmed once, and any answer can be changed in the review."""

from __future__ import annotations

import pytest

from dialogs.eligibility import verdicts
from dialogs.events import Forget
from dialogs.session import MINOR, RESULT, REVIEW
from dialogs.study import Outcome, Verdict
from tests.decisive import DECISIVE, at_question, decides, is_empty
from tests.dialogs_world import AFTER_CONSENT, MET, STUDY, person

# ------------------------------------------------------------------------------------------ decisive answers


@pytest.mark.parametrize("question", DECISIVE)
def test_a_decisive_answer_is_confirmed_once_and_ends_the_questions(question: str) -> None:
    here = decides(at_question(question), question).taps("confirmed")
    assert here.at == RESULT
    assert here.says("result.likely_ineligible")
    given = verdicts(STUDY, here.now.answers)
    assert given[question] is Verdict.NOT_MET
    left = AFTER_CONSENT[AFTER_CONSENT.index(question) + 1 :]
    assert all(given[other] is Verdict.NOT_ASKED for other in left)


@pytest.mark.parametrize("question", DECISIVE)
def test_a_mistaken_tap_goes_back_to_the_question_with_nothing_recorded(question: str) -> None:
    asked = {"bmi": "bmi.weight", "blood_counts": "blood_counts.cause"}.get(question, question)
    here = decides(at_question(question), question)
    before = dict(here.answers)
    here.taps("mistaken")
    assert here.at == asked
    assert here.answers == before
    assert here.now.pending is None
    here.taps({"bmi": "above", "blood_counts": "scleroderma"}.get(question) or MET[question][0])
    assert verdicts(STUDY, here.now.answers)[question] is Verdict.MET


@pytest.mark.parametrize("question", DECISIVE)
def test_changing_the_decisive_answer_resumes_with_what_was_not_asked(question: str) -> None:
    here = decides(at_question(question), question).taps("confirmed", "review", question).meets(question)
    for left in AFTER_CONSENT[AFTER_CONSENT.index(question) + 1 :]:
        assert here.at == {"bmi": "bmi.height"}.get(left, left)
        here.meets(left)
    assert here.at == REVIEW
    assert set(verdicts(STUDY, here.now.answers).values()) == {Verdict.MET}


@pytest.mark.parametrize("question", DECISIVE)
def test_who_may_not_match_can_still_ask_the_team(question: str) -> None:
    here = decides(at_question(question), question).taps("confirmed")
    assert here.says("result.share_anyway")
    given = here.taps("share", "send").referred.result
    assert given.outcome is Outcome.LIKELY_INELIGIBLE
    left = AFTER_CONSENT[AFTER_CONSENT.index(question) + 1 :]
    assert {name for name, verdict in given.verdicts.items() if verdict is Verdict.NOT_ASKED} == set(left)


def test_a_second_decisive_answer_in_the_review_is_confirmed_too() -> None:
    here = decides(at_question("cancer"), "cancer").taps("confirmed", "review", "infection", "yes")
    assert here.at == "infection.confirm"
    assert here.taps("confirmed").at == RESULT


def test_an_answer_changed_while_another_decides_returns_to_the_review() -> None:
    here = decides(at_question("cancer"), "cancer").taps("confirmed", "review", "infection", "controlled")
    assert here.at == REVIEW
    assert here.answers["infection"] == "controlled"
    assert "bone_marrow" not in here.answers


def test_high_blood_pressure_shows_the_safety_card_before_anything_else() -> None:
    here = at_question("hypertension").taps("yes")
    assert here.at == "hypertension.safety"
    assert here.says("safety.card")
    assert here.says("place.montreal.emergency")
    assert here.taps("understood").at == "hypertension.confirm"
    assert "hypertension" not in here.answers


# ------------------------------------------------------------------------------------------------ the review


OTHER = {
    "diagnosis": "unsure",
    "transplant": "had",
    "standard_treatment": "never",
    "bmi": "unsure",
    "blood_counts": "low",
    "hypertension": "unsure",
    "organ_damage": "some",
    "infection": "controlled",
    "cancer": "past",
    "bone_marrow": "unsure",
    "pregnancy": "not_applicable",
    "contraception": "not_applicable",
}


@pytest.mark.parametrize("question", AFTER_CONSENT)
def test_changing_one_answer_in_the_review_keeps_all_others(question: str) -> None:
    here = person().starts().consents().reviews()
    before = dict(here.answers)
    assert here.taps(question, OTHER[question]).at == REVIEW
    assert here.answers == {**before, question: OTHER[question]}


@pytest.mark.parametrize("question", AFTER_CONSENT)
def test_looking_at_an_answer_and_going_back_changes_nothing(question: str) -> None:
    here = person().starts().consents().reviews()
    before = dict(here.answers)
    assert here.taps(question, "back").at == REVIEW
    assert here.answers == before


def test_a_cause_that_no_longer_follows_is_dropped() -> None:
    here = at_question("blood_counts").taps("yes", "medicine", "back", "back", "no")
    assert "blood_counts.cause" not in here.answers


def test_the_review_reaches_the_follow_up_again() -> None:
    here = at_question("blood_counts").taps("yes", "medicine")
    here.meets(*AFTER_CONSENT[AFTER_CONSENT.index("hypertension") :])
    here.taps("blood_counts", "yes")
    assert here.at == "blood_counts.cause"
    assert here.taps("scleroderma").at == REVIEW
    assert verdicts(STUDY, here.now.answers)["blood_counts"] is Verdict.MET


def test_an_adult_who_changes_the_age_in_the_review_to_no_leaves_nothing() -> None:
    here = person().starts().consents().reviews().taps("age", "no", "confirmed")
    assert here.at == MINOR
    assert is_empty(here)
    assert here.effects == [Forget()]


def test_nobody_is_likely_to_fit_before_everything_was_asked() -> None:
    here = person().starts().consents()
    while here.at != REVIEW:
        given = verdicts(STUDY, here.now.answers).values()
        assert Verdict.NOT_ASKED in given
        here.meets(here.at.partition(".")[0])
    assert Verdict.NOT_ASKED not in verdicts(STUDY, here.now.answers).values()
