"""The engine, as a person meets it: every way through the conversation, and whatever happens in any order."""

from __future__ import annotations

import pytest

from dialogs.events import (
    Edited,
    Event,
    Expired,
    Forget,
    ForgetMe,
    Measured,
    Refer,
    Started,
    Stopped,
    Tapped,
    WentBack,
    Withdraw,
)
from dialogs.session import (
    CONSENT,
    DECLINED,
    EXPIRED,
    FINISHED,
    FORGOTTEN,
    LANGUAGE,
    MINOR,
    PLACE,
    PREVIEW,
    RESULT,
    REVIEW,
    SENT,
    STOPPED,
)
from dialogs.study import Outcome
from tests.decisive import DECISIVE, at_question, decides, is_empty
from tests.dialogs_world import CODE, MET, at_sent, person

# -------------------------------------------------------------------------------------------- the straight way


def test_the_whole_conversation_ends_in_one_result_with_the_code_of_the_session() -> None:
    here = person().does(Started())
    assert here.at == LANGUAGE
    assert here.taps("en").at == PLACE
    assert here.taps("montreal").at == "age"
    assert here.taps("yes").at == CONSENT
    assert here.taps("agree").at == "diagnosis"
    assert here.reviews().at == REVIEW
    assert here.taps("continue").at == RESULT
    assert here.taps("share").at == PREVIEW
    assert here.effects == []
    assert here.taps("send").at == SENT
    assert here.referred.code == CODE
    assert here.referred.result.outcome is Outcome.LIKELY_ELIGIBLE
    assert here.taps("done").at == FINISHED
    assert here.effects[-1] == Forget()
    assert is_empty(here)


@pytest.mark.parametrize("place", ["montreal", "paris", "elsewhere"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_place_and_language_leads_to_a_result_of_its_own(language: str, place: str) -> None:
    here = at_sent("fr" if language == "fr" else "en", place)
    assert (here.referred.result.language, here.referred.result.place) == (language, place)


def test_the_preview_shows_the_very_result_that_is_sent() -> None:
    here = person().starts().consents().reviews().taps("continue", "share")
    shown = [str(block) for block in here.screen.blocks]
    sent = here.taps("send").referred.result
    for name, verdict in sent.verdicts.items():
        assert any(f"question.{name}.criterion" in block and f"'card.verdict.{verdict}'" in block for block in shown)
    assert any(CODE in block for block in shown)


def test_nothing_is_sent_by_whoever_looks_at_the_preview_and_keeps_it() -> None:
    here = person().starts().consents().reviews().taps("continue", "share", "keep")
    assert here.at == RESULT
    assert here.effects == []


def test_the_answers_are_gone_as_soon_as_the_result_is_sent() -> None:
    here = at_sent()
    assert here.answers == {}
    assert here.now.consent is None
    assert here.now.path == ()
    assert here.now.height is None


def test_a_helper_is_said_to_have_helped() -> None:
    here = person().starts().consents("agree_helping")
    assert here.says("question.diagnosis.ask_helping")
    here.reviews().taps("continue")
    assert here.says("result.likely_eligible.helping")
    assert here.taps("share", "send").referred.result.answered_by == "helper"


# ------------------------------------------------------------------------------------------------- the ends


def test_a_minor_is_never_asked_to_consent_and_leaves_nothing() -> None:
    here = person().starts().taps("no")
    assert here.at == "age.confirm"
    assert here.answers == {}
    assert here.taps("confirmed").at == MINOR
    assert is_empty(here)
    assert here.effects == [Forget()]


def test_who_mistapped_their_age_goes_on() -> None:
    assert person().starts().taps("no", "mistaken", "yes").at == CONSENT


def test_who_declines_leaves_nothing() -> None:
    here = person().starts().taps("yes", "decline")
    assert here.at == DECLINED
    assert is_empty(here)


@pytest.mark.parametrize("event", [Stopped(), ForgetMe(), ForgetMe(withdraw=True), Expired()], ids=str)
@pytest.mark.parametrize("question", MET)
def test_stopping_at_any_question_erases_everything_and_sends_nothing(question: str, event: Event) -> None:
    here = at_question(question).does(event)
    ends = {"Stopped": STOPPED, "ForgetMe": FORGOTTEN, "Expired": EXPIRED}
    assert here.at == ends[type(event).__name__]
    assert is_empty(here)
    assert here.effects == [Forget(wish=not isinstance(event, Expired))]


@pytest.mark.parametrize("question", MET)
def test_leave_offers_to_stay_or_to_stop_at_any_question(question: str) -> None:
    here = at_question(question)
    before = here.at
    assert here.taps("leave", "later").at == before
    assert here.taps("leave", "stop").at == STOPPED


@pytest.mark.parametrize("question", DECISIVE)
def test_stopping_while_an_answer_is_to_be_confirmed_sends_nothing(question: str) -> None:
    here = decides(at_question(question), question).taps("leave", "stop")
    assert here.at == STOPPED
    assert here.effects == [Forget()]


def test_somebody_unknown_who_wants_to_be_forgotten_is_told_so() -> None:
    for event in (Stopped(), ForgetMe(), Expired()):
        here = person().does(event)
        assert here.at == FORGOTTEN
        assert here.effects == [Forget(wish=not isinstance(event, Expired))]


def test_after_an_end_anything_begins_anew() -> None:
    here = person().starts().taps("yes", "decline")
    turn = here.now.turn
    assert here.taps("again").at == LANGUAGE
    assert here.now.turn == turn + 1
    assert here.answers == {}


def test_after_sending_one_may_keep_the_result_with_the_team_or_take_it_back() -> None:
    kept = at_sent().does(ForgetMe())
    assert kept.at == SENT
    assert kept.taps("forget_chat").at == FORGOTTEN
    assert not [each for each in kept.effects if isinstance(each, Withdraw)]
    taken = at_sent().does(ForgetMe()).taps("forget_all")
    assert taken.effects[1:] == [Withdraw(code=CODE), Forget()]
    assert is_empty(taken)


def test_stop_after_sending_finishes_and_takes_nothing_back() -> None:
    here = at_sent().does(Stopped())
    assert here.at == FINISHED
    assert not [each for each in here.effects if isinstance(each, Withdraw)]


# ------------------------------------------------------------------------------- what is only possible by force


def test_no_question_can_be_reached_around_consent() -> None:
    here = person().starts().taps("yes").does(Edited(question="cancer"), Tapped(choice="continue"))
    assert here.at == CONSENT
    assert "cancer" not in here.does(Tapped(choice="no")).answers


def test_nothing_is_sent_but_from_the_preview() -> None:
    here = person().starts().consents().reviews()
    for _ in range(3):
        here.does(Tapped(choice="send"), Tapped(choice="continue"))
    assert not [each for each in here.effects if isinstance(each, Refer)]


def test_a_second_send_sends_nothing() -> None:
    here = at_sent().does(Tapped(choice="send"), WentBack(), Tapped(choice="send"), Edited(question="age"))
    assert here.at == SENT
    assert here.referred.code == CODE


def test_a_unit_changed_at_the_second_tap_begins_the_height_again() -> None:
    here = at_question("bmi").taps("5").does(Measured(unit="cm"))
    assert here.at == "bmi.height"
    assert here.taps("160", "163").at == "bmi.weight"


def test_a_unit_is_a_wish_only_where_it_is_asked_about() -> None:
    here = at_question("bmi").taps("5", "63").does(Measured(unit="kg"))
    assert here.at == "bmi.weight"
    assert here.now.mass == "kg"
