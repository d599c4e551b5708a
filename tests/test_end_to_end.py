"""The real program over HTTP, from /start to the coordinators' card: what people do, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from bot.messages import Command
from dialogs.session import CONSENT, LANGUAGE, PLACE, PREVIEW, RESULT, REVIEW, SENT
from dialogs.study import Language, Outcome, Verdict
from dialogs.symbols import Say, Told
from tests.person import CATALOGS, MET, RENDERER, Person, told
from tests.person import eventually as soon
from tests.world import World

pytest_plugins = ["tests.shared_world"]


AFTER = dict.fromkeys(MET, Verdict.NOT_ASKED)


def after(question: str) -> dict[str, Verdict]:
    """Every question after this one was not asked."""
    every = list(MET)
    return dict.fromkeys(every[every.index(question) + 1 :], Verdict.NOT_ASKED)


@pytest.mark.parametrize(
    ("language", "place"), [("en", "montreal"), ("fr", "montreal"), ("fr", "paris"), ("en", "elsewhere")]
)
def test_a_screening_goes_from_the_first_tap_to_the_card(world: World, language: Language, place: str) -> None:
    person = world.person(language, place).reviews()
    person.comes_to_result().sees("result.likely_eligible")
    person.chooses(RESULT, "share")
    preview = person.at(PREVIEW).text
    code = person.chooses(PREVIEW, "send").code
    result = person.result(Outcome.LIKELY_ELIGIBLE)
    assert person.card(result, code, person.locale) in preview
    assert world.group(place).sees(code).text == person.card(result, code)
    last = person.at(SENT).text
    assert last.startswith(person.words("sent.call"))
    assert contact(person) in last
    person.chooses(SENT, "done").sees("end.finished.sent")
    assert len(person.phone.from_bot) == 1, "one live message, edited in place"
    world.forgets(person)


def contact(person: Person) -> str:
    return told(Told("contact", person.place), person.language) or "no contact"


def test_answers_to_check_lead_to_the_team(world: World) -> None:
    person = world.person("fr", "paris").reviews(transplant="had", blood_counts="yes", blood_counts__cause="medicine")
    result = person.comes_to_result().sees("result.needs_review").text
    assert person.words("question.blood_counts.label") in result
    code = person.sends()
    unknown = {"transplant": Verdict.UNKNOWN, "blood_counts": Verdict.UNKNOWN}
    wanted = person.card(person.result(Outcome.NEEDS_REVIEW, **unknown), code)
    assert world.group("paris").sees(code).text == wanted


def test_who_may_not_match_is_asked_once_more_and_may_still_ask_the_team(world: World) -> None:
    person = world.person().starts().walks_to("hypertension")
    person.answers("hypertension", "yes")
    assert person.words("question.hypertension.label") in person.sees("result.likely_ineligible").text
    code = person.sends("share_anyway")
    result = person.result(Outcome.LIKELY_INELIGIBLE, hypertension=Verdict.NOT_MET, **after("hypertension"))
    assert world.group().sees(code).text == person.card(result, code)


def test_a_slip_of_the_finger_ends_nothing(world: World) -> None:
    person = world.person().starts().walks_to("cancer")
    person.answers("cancer", "yes", sure=False).chooses("cancer.confirm", "mistaken").answers("cancer", "no")
    person.at("bone_marrow")


def test_a_helper_answers_for_somebody_and_the_card_says_so(world: World) -> None:
    person = world.person("fr", "montreal").starts().answers("age", "yes").consents("agree_helping")
    for question, choice in list(MET.items())[1:]:
        person.answers(question, choice)
    code = person.comes_to_result().sends()
    card = world.group().sees(code).text
    assert card == person.card(person.result(Outcome.LIKELY_ELIGIBLE), code)
    assert person.words("card.answered_by.helper") in card


def test_nothing_of_a_minor_is_kept(world: World) -> None:
    before = world.rows("select code from referrals")
    person = world.person().starts().answers("age", "no")
    person.at("minor")
    world.forgets(person)
    assert world.rows("select code from referrals") == before


def test_who_refuses_is_forgotten(world: World) -> None:
    before = world.rows("select code from referrals")
    person = world.person("fr", "paris").starts().answers("age", "yes").chooses(CONSENT, "decline")
    person.at("declined")
    world.forgets(person)
    assert world.rows("select code from referrals") == before


@pytest.mark.parametrize("question", list(MET))
def test_one_can_stop_at_every_question(world: World, question: str) -> None:
    before = world.rows("select code from referrals")
    person = world.person("fr", "montreal").starts().walks_to(question)
    if list(MET).index(question) % 2:
        person.types("/stop")
    else:
        person.chooses("bmi.height" if question == "bmi" else question, "leave").chooses("leave", "stop")
    person.at("stopped")
    world.forgets(person)
    assert world.rows("select code from referrals") == before


def test_an_answer_is_changed_in_the_review_and_the_others_stay(world: World) -> None:
    person = world.person().reviews()
    person.chooses(REVIEW, "infection").answers("infection", "controlled")
    assert person.words("question.infection.choice.controlled") in person.at(REVIEW).text
    code = person.comes_to_result().sends()
    wanted = person.card(person.result(Outcome.NEEDS_REVIEW, infection=Verdict.UNKNOWN), code)
    assert world.group().sees(code).text == wanted


def test_a_changed_decisive_answer_goes_on_with_what_was_not_asked_yet(world: World) -> None:
    person = world.person().starts().walks_to("organ_damage").answers("organ_damage", "severe")
    person.chooses(RESULT, "review").chooses(REVIEW, "organ_damage").answers("organ_damage", "no")
    for question in list(after("organ_damage")):
        person.answers(question, MET[question])
    person.comes_to_result().sees("result.likely_eligible")
    code = person.sends()
    assert world.group().sees(code).text == person.card(person.result(Outcome.LIKELY_ELIGIBLE), code)


def test_a_second_screening_follows_the_first(world: World) -> None:
    person = world.person("en", "elsewhere").reviews()
    first = person.comes_to_result().sends()
    person.chooses(SENT, "done").sees("end.finished.sent")
    person.phone.taps(person.words("end.again"))
    person.chooses(LANGUAGE, "en").chooses(PLACE, "elsewhere").walks_to(None).at(REVIEW)
    second = person.comes_to_result().sends()
    assert second != first
    world.group("elsewhere").sees(second)
    world.group("elsewhere").sees(first)


def test_a_sent_result_can_be_taken_back(world: World) -> None:
    person = world.person("en", "paris").reviews()
    code = person.comes_to_result().sends()
    world.group("paris").sees(code)
    person.types("/delete")
    person.chooses("forget", "forget_all").sees("end.forgotten.withdrawn")
    bare = RENDERER.say(Say("card.bare.withdrawn", {"code": code}), "fr_FR")
    assert world.group("paris").sees(bare).text == bare
    world.forgets(person)
    soon(lambda: not world.rows("select code from referrals where code = ?", code), "the referral to be erased")


def test_a_closed_place_asks_no_health_question(tmp_path: Path) -> None:
    missing = [f"SCREENER_DESK__PARIS__PRIVACY{suffix}" for suffix in ("", "__FR", "__EN")]
    with World(tmp_path, without=missing) as world:
        person = world.person("fr", "paris").starts()
        said = person.at("closed").text
        assert person.words("closed.doctor") in said
        assert contact(person) in said
        assert "PARIS__PRIVACY" in world.log
        person.chooses("closed", "place").chooses("aside.place", "montreal")
        person.place = "montreal"
        person.at("age")
        assert world.standin.rejected() == []


def test_in_a_group_only_its_id_is_told(world: World) -> None:
    group = world.group("paris")
    before = len(group.from_bot)
    for chatter in ("hello", "/start", "/stop now"):
        group.types(chatter)
    group.types("/id")
    told_id = group.sees(str(group.chat_id)).text
    assert told_id == "\n\n".join(
        RENDERER.say(Say("group.id", {"chat": str(group.chat_id)}), each) for each in CATALOGS.languages
    )
    world.handled_all()
    assert len(group.from_bot) == before + 1


@pytest.mark.parametrize("new", ["fr", "en"])
def test_after_a_change_of_language_no_word_of_the_other_is_left(world: World, new: Language) -> None:
    person = world.person("en" if new == "fr" else "fr", "montreal").starts().walks_to("bmi")
    person.types("/language")
    person.chooses("aside.language", new)
    previous, person.language = person.locale, new
    person.at("bmi.height")
    assert strangers(person.everything, person.locale, previous) == []
    person.answers("bmi", "above").at("blood_counts")
    assert strangers(person.everything, person.locale, previous) == []
    session = world.session(person)
    assert session is not None
    assert "diagnosis" in session.answers


def strangers(text: str, spoken: str, other: str) -> list[str]:
    """The sentences and labels of another locale in this text."""
    lines = set(text.split("\n"))
    own = set(CATALOGS.texts[spoken].values())
    theirs = [each for each in CATALOGS.texts[other].values() if each not in own]
    return [each for each in theirs if each in lines or (len(each) > 20 and each in text)]


def test_one_answered_question_is_two_calls(world: World) -> None:
    person = world.person().starts().walks_to("diagnosis")
    person.at("diagnosis")
    person.phone.settles()
    before = len(world.standin.calls())
    for question in ("diagnosis", "transplant", "standard_treatment"):
        person.answers(question, MET[question])
    person.at("bmi.height")
    person.phone.settles()
    made = [call.method for call in world.standin.calls()[before:]]
    assert sorted(made) == ["answerCallbackQuery"] * 3 + ["editMessageText"] * 3


def test_the_menu_and_the_description_speak_the_language_of_the_phone(world: World) -> None:
    world.standin.waits_for_calls("setMyShortDescription", count=3)
    languages: list[tuple[Language, str]] = [("en", "en"), ("fr", "fr")]
    for language, locale in languages:
        phone = world.person(language).phone
        assert phone.description == CATALOGS.texts[locale]["profile.description"]
        menu = [(name, CATALOGS.texts[locale][f"profile.command.{name}"]) for name in get_args(Command)]
        assert phone.commands == menu
