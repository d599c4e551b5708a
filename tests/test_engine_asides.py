"""On the way: back, cards over a question, what cannot be read, another language or place, consent asked again."""

from __future__ import annotations

import pytest

from dialogs.events import Asked, ChangedPlace, Openings, Started, Tapped, Unclear, Unreadable, WentBack
from dialogs.session import CLOSED, CONSENT, LANGUAGE, PLACE, PREVIEW, RESULT, REVIEW
from tests.decisive import DECISIVE, at_question, decides
from tests.dialogs_world import AFTER_CONSENT, OPEN, STUDY, altered, person

# -------------------------------------------------------------------------------------------- back and asides


def test_back_leads_along_the_way_from_every_screen_to_the_first() -> None:
    here = person().starts().consents().reviews().taps("continue", "share")
    way = [here.at]
    while here.at != LANGUAGE:
        assert len(way) < 40
        way.append(here.does(WentBack()).at)
    firsts = ["bmi.height" if question == "bmi" else question for question in AFTER_CONSENT]
    asked = [state for state in way if state != "bmi.weight"]
    assert asked == [PREVIEW, RESULT, REVIEW, *reversed(firsts), CONSENT, "age", PLACE, LANGUAGE]


def test_back_loses_no_answer() -> None:
    here = person().starts().consents().reviews()
    before = dict(here.answers)
    for _ in range(20):
        here.does(WentBack())
    assert here.answers == before


@pytest.mark.parametrize("question", DECISIVE)
def test_back_from_the_confirmation_is_the_question(question: str) -> None:
    here = decides(at_question(question), question).does(WentBack())
    assert here.at.partition(".")[0] == question
    assert not here.at.endswith(".confirm")
    assert here.now.pending is None


def test_back_from_the_second_tap_of_the_height_is_the_first() -> None:
    here = at_question("bmi").taps("5")
    assert here.at == "bmi.height.exact"
    assert here.taps("back").at == "bmi.height"
    assert "4" in here.buttons


TOPICS = ["help", "why", "means", "human", "numbers", "privacy", "about", "language", "place", "leave", "forget"]
TOPICS += [f"fact.{fact.id}" for fact in STUDY.facts]
TOPICS += [f"danger.{kind}" for kind in ("emergency", "crisis", "adverse_event", "minor")]


@pytest.mark.parametrize("topic", [*TOPICS, "no_such_card", "fact.none", "danger.none", "fact.", ""])
def test_a_card_changes_no_answer_and_loses_no_place(topic: str) -> None:
    for here in (at_question("cancer"), at_question("bmi").taps("5"), decides(at_question("cancer"), "cancer")):
        before = here.now
        here.opens(topic)
        assert here.screen.options
        assert (here.at, here.now.answers, here.now.path) == (before.state, before.answers, before.path)
        assert (here.now.pending, here.now.coarse) == (before.pending, before.coarse)
        while here.now.aside:
            here.does(WentBack())
        assert (here.at, here.now.pending) == (before.state, before.pending)


def test_a_card_over_a_question_is_closed_by_answering_in_words() -> None:
    here = at_question("cancer").opens("why").does(Tapped(choice="no"))
    assert here.at == "bone_marrow"
    assert here.now.aside is None


def test_a_danger_is_answered_even_when_the_screen_has_gone() -> None:
    closed = Openings(consents={}, languages=OPEN.languages)
    here = at_question("cancer").with_engine(closed).opens("danger.crisis")
    assert here.says("danger.crisis")
    assert here.now.state == CLOSED


def test_what_cannot_be_read_changes_nothing_but_the_note() -> None:
    for event, key in ((Unreadable(), "note.unreadable"), (Unclear(), "note.unclear")):
        here = at_question("cancer")
        before = here.answers
        assert here.does(event).says(key)
        assert (here.at, here.answers) == ("cancer", before)
        assert not here.does(Asked(topic="help"), WentBack()).says(key)


def test_an_unclear_word_is_asked_about_and_never_guessed() -> None:
    here = at_question("cancer").does(Unclear(candidates=("yes", "past")))
    assert here.says("note.did_you_mean.2")
    assert "cancer" not in here.answers


def test_coming_back_says_where_one_stopped() -> None:
    here = at_question("cancer").does(Started())
    assert here.at == "cancer"
    assert here.says("note.welcome_back.question")


# ---------------------------------------------------------------------------------- language, place, consent


@pytest.mark.parametrize("question", AFTER_CONSENT)
def test_the_language_changes_anywhere_and_nothing_else_does(question: str) -> None:
    here = at_question(question)
    before = here.now
    here.taps("help", "language", "fr")
    assert here.now.language == "fr"
    assert (here.at, here.now.answers, here.now.path) == (before.state, before.answers, before.path)
    assert here.now.consent == before.consent


def test_the_place_changes_anywhere_keeps_the_answers_and_asks_for_consent_again() -> None:
    here = at_question("cancer")
    before = dict(here.answers)
    here.taps("help", "place", "paris")
    assert here.at == CONSENT
    assert here.answers == before
    assert here.taps("agree").at == "cancer"


def test_changing_the_place_to_the_same_one_asks_nothing_again() -> None:
    assert at_question("cancer").taps("help", "place", "montreal").at == "cancer"


def test_a_place_that_is_closed_asks_nothing_and_another_may_be_chosen() -> None:
    consents = {name: texts for name, texts in OPEN.consents.items() if name != "paris"}
    here = person().with_engine(altered(OPEN, consents=consents)).starts(place="paris")
    assert here.at == CLOSED
    assert here.says("closed.doctor")
    assert here.taps("place", "montreal").at == "age"


def test_a_place_that_closes_midway_keeps_the_answers_until_it_opens() -> None:
    here = at_question("cancer")
    before = dict(here.answers)
    here.with_engine(altered(OPEN, consents={})).does(Tapped(choice="yes"))
    assert here.at == CLOSED
    assert here.answers == before
    here.with_engine(OPEN).does(ChangedPlace(place="montreal"))
    assert here.at == "cancer"


def test_a_changed_consent_text_is_agreed_to_again_and_nothing_else_is_asked_twice() -> None:
    consents = {**OPEN.consents, "montreal": {"en": "new", "fr": "new"}}
    here = at_question("cancer")
    before = dict(here.answers)
    here.with_engine(altered(OPEN, consents=consents)).does(Tapped(choice="yes"))
    assert here.at == CONSENT
    assert here.answers == before
    assert here.taps("agree").at == "cancer"


def test_a_language_that_closes_midway_lets_one_choose_again() -> None:
    here = at_question("cancer").with_engine(altered(OPEN, languages=("fr",))).does(Tapped(choice="no"))
    assert here.at == LANGUAGE
    assert "cancer" not in here.answers
