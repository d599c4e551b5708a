"""The engine, as a person meets it: every way through the conversation, and whatever happens in any order."""

from __future__ import annotations

import pytest

from dialogs.eligibility import verdicts
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Edited,
    Event,
    Expired,
    Forget,
    ForgetMe,
    Measured,
    Openings,
    Refer,
    Started,
    Stopped,
    Tapped,
    Unclear,
    Unreadable,
    WentBack,
    Withdraw,
)
from dialogs.session import (
    CLOSED,
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
from dialogs.study import Outcome, Study, Verdict
from tests.dialogs_world import (
    AFTER_CONSENT,
    CODE,
    MET,
    OPEN,
    STUDY,
    Person,
    altered,
    at_sent,
    person,
    with_choice,
    with_question,
)

DECISIVE = {
    "diagnosis": "no",
    "transplant": "wants",
    "bmi": "below",
    "blood_counts": "other_illness",
    "hypertension": "yes",
    "organ_damage": "severe",
    "infection": "yes",
    "cancer": "yes",
    "bone_marrow": "yes",
    "pregnancy": "yes",
    "contraception": "no",
}


def decides(here: Person, question: str) -> Person:
    """Taps the answer that excludes; it waits to be confirmed."""
    before = {"bmi": ("5", "63"), "blood_counts": ("yes",)}.get(question, ())
    after = ("understood",) if question == "hypertension" else ()
    here.taps(*before, DECISIVE[question], *after)
    assert here.at.endswith(".confirm")
    return here


def at_question(question: str) -> Person:
    here = person().starts()
    return here if question == "age" else here.consents().meets_all_before(question)


def is_empty(here: Person) -> bool:
    """Whether nothing is left but the farewell."""
    return (
        here.now == here.now.emptied(here.at, here.now.farewell) and not here.now.answers and here.now.consent is None
    )


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


# ----------------------------------------------------------------------------------------------- the ends


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


# --------------------------------------------------------------------------------------- a study that changes


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
