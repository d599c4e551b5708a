"""A study that changes under a conversation asks again what changed, and nothing else."""

from __future__ import annotations

import pytest

from dialogs.events import ChangedLanguage, Started, Tapped
from dialogs.session import PLACE, REVIEW
from dialogs.study import Study
from tests.decisive import at_question, decides
from tests.dialogs_world import AFTER_CONSENT, STUDY, altered, person, with_choice, with_question


def with_revision(question: str) -> Study:
    return with_question(STUDY, question, revision=2)


@pytest.mark.parametrize("question", AFTER_CONSENT)
def test_only_the_question_whose_rules_changed_is_asked_again(question: str) -> None:
    here = person().starts().consents().reviews()
    before = dict(here.answers)
    here.with_engine(study=with_revision(question)).does(Tapped(choice="continue"))
    assert here.at.partition(".")[0] == question
    assert here.answers == {asked: choice for asked, choice in before.items() if asked != question}
    assert here.meets(question).at == REVIEW


def test_a_follow_up_is_asked_again_with_its_question() -> None:
    here = at_question("blood_counts").taps("yes", "medicine").with_engine(study=with_revision("blood_counts"))
    here.meets(*AFTER_CONSENT[AFTER_CONSENT.index("hypertension") :])
    assert here.at == "blood_counts", "the question on the screen was finished first, and so were those after it"
    assert not {"blood_counts", "blood_counts.cause"} & set(here.answers)
    assert here.taps("yes", "scleroderma").at == REVIEW


def test_a_corrected_comma_disturbs_nobody() -> None:
    study = with_question(STUDY, "cancer", ask="Do you have any cancer now?")
    here = at_question("cancer").with_engine(study=study).taps("no")
    assert here.at == "bone_marrow"


def test_a_tap_on_a_question_whose_choices_changed_answers_nothing() -> None:
    """The buttons still in the chat are the old ones: the third of them may be another choice by now."""
    turned = with_question(STUDY, "cancer", choices=STUDY.question("cancer").choices[::-1])
    here = at_question("cancer")
    old = here.buttons.index("no")
    here.with_engine(study=turned)
    assert here.buttons[old] != "no"
    here.taps(here.buttons[old])
    assert here.at == "cancer"
    assert "cancer" not in here.answers
    assert here.taps("no").at == "bone_marrow"


def test_a_tap_on_a_list_of_places_that_changed_chooses_none() -> None:
    turned = altered(STUDY, places=STUDY.places[::-1])
    here = person().does(Started(), ChangedLanguage(language="en"))
    here.with_engine(study=turned).taps("elsewhere")
    assert (here.at, here.now.place) == (PLACE, None)
    assert here.taps("elsewhere").now.place == "elsewhere"


def test_a_decisive_answer_waiting_to_be_confirmed_is_asked_again_when_its_rule_changed() -> None:
    here = decides(at_question("cancer"), "cancer")
    here.with_engine(study=with_choice(STUDY, "cancer", "yes", verdict="unknown")).does(Tapped(choice="confirmed"))
    assert here.at == "cancer"
    assert "cancer" not in here.answers


def shorter(question: str) -> Study:
    return altered(STUDY, questions=tuple(each for each in STUDY.questions if each.id != question))


@pytest.mark.parametrize("question", AFTER_CONSENT)
def test_a_question_that_is_gone_has_a_screen_and_a_way_on(question: str) -> None:
    for here in (at_question(question), person().starts().consents().reviews()):
        here.with_engine(study=shorter(question))
        assert here.screen.options, "the old screen may be shown again before anything happens"
        here.does(Started())
        assert here.at in here.engine.plan.states
        assert question not in here.answers


def test_an_answer_that_no_longer_exists_does_not_break_the_review() -> None:
    fewer = with_question(
        STUDY, "cancer", choices=tuple(each for each in STUDY.question("cancer").choices if each.id != "past")
    )
    here = person().starts().consents().reviews().taps("cancer", "past").with_engine(study=fewer)
    assert not here.says("question.cancer.choice.past")
    assert here.does(Started()).at == "cancer"
