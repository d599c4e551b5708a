"""Where a person agrees, and only there, the team and they can write to each other by code; neither learns who."""

from __future__ import annotations

import pytest

from dialogs.cards import AtDesk, desk_card
from dialogs.conversation import heard
from dialogs.eligibility import result
from dialogs.events import (
    Asked,
    CloseBridge,
    Expired,
    Forget,
    ForgetMe,
    Listed,
    OpenBridge,
    PassOn,
    Progressed,
    Started,
    Stopped,
    TeamWrote,
    Unbridged,
    Unclear,
    WentBack,
    Withdraw,
    Withdrew,
    Wrote,
)
from dialogs.referral import Life
from dialogs.session import APPROVED, BRIDGED, LONGEST_MESSAGE, PROGRESS, Progress, ReferralCode, TeamMessage
from dialogs.study import Language
from dialogs.symbols import Say
from dialogs.writing import private_words
from tests.dialogs_world import CODE, STUDY, at_bridge, at_sent, person
from tests.postgres import CATALOGS

WORDS = TeamMessage(words="Please come at ten.")


# ------------------------------------------------------------------------------------------ in the conversation


def test_the_offer_explains_and_only_its_yes_makes_a_link() -> None:
    here = at_sent().taps("offer")
    assert [here.says(f"offer.{line}") for line in ("what", "how", "kept", "not_watched", "ask")] == [True] * 5
    assert [effect for effect in here.effects if isinstance(effect, OpenBridge)] == []
    assert here.taps("agree").effects[-1] == OpenBridge(code=CODE)
    assert here.at == "bridge"


@pytest.mark.parametrize("event", [WentBack(), Started(), Stopped(), Expired(), ForgetMe(withdraw=False)], ids=str)
def test_without_the_yes_no_link_is_made(event: WentBack) -> None:
    here = at_sent().taps("offer").does(event)
    assert at_sent().taps("offer", "decline").at == "sent"
    assert [effect for effect in here.effects if isinstance(effect, OpenBridge | CloseBridge)] == []


def test_nothing_is_kept_with_the_link_but_how_to_show_it() -> None:
    session = at_bridge().does(TeamWrote(message=WORDS)).now
    kept_now = session.model_dump(exclude_defaults=True)
    assert set(kept_now) == {
        "study", "nonce", "code", "touched", "state", "turn", "language", "place", "rules", "message",
    }  # fmt: skip


def test_what_the_team_writes_is_shown_under_a_fixed_heading() -> None:
    here = at_bridge().does(TeamWrote(message=WORDS))
    assert here.says("bridge.from_team")
    assert here.says("bridge.words")
    for approved in APPROVED:
        assert here.does(TeamWrote(message=TeamMessage(approved=approved))).says(f"bridge.approved.{approved}")


def test_where_the_result_is_only_goes_forward() -> None:
    here = at_bridge()
    for to in PROGRESS:
        assert here.does(Progressed(to=to)).says(f"bridge.progress.{to}")
    back: Progress = "seen"
    assert here.does(Progressed(to=back)).says("bridge.progress.contacted")


@pytest.mark.parametrize("event", [TeamWrote(message=WORDS), Progressed(to="seen"), Unbridged(why="by_team"), Wrote()])
def test_whoever_did_not_agree_hears_nothing_of_the_team(event: TeamWrote) -> None:
    for here in (person().starts(), at_sent(), at_sent().taps("offer")):
        before, effects = here.at, list(here.effects)
        here.does(event)
        assert (here.at, here.now.message, here.effects) == (before, None, effects)


def test_what_the_person_writes_is_passed_on_once_and_not_kept() -> None:
    here = at_bridge().taps("answer").does(Wrote())
    assert here.effects[-1] == PassOn(code=CODE)
    assert here.at == "bridge"
    assert here.says("note.passed_on")
    assert [each for each in here.does(Wrote()).effects if isinstance(each, PassOn)] == [PassOn(code=CODE)]


def test_what_the_team_writes_is_not_hidden_by_an_open_card() -> None:
    assert at_bridge().opens("help").does(TeamWrote(message=WORDS)).says("bridge.words")


def test_the_messages_that_are_ready_name_the_button_as_it_is_called() -> None:
    for texts in CATALOGS.texts.values():
        assert texts["bridge.call"] in texts["bridge.approved.call"]


def test_the_team_writes_while_the_person_does() -> None:
    here = at_bridge().taps("answer").does(TeamWrote(message=WORDS))
    assert here.at == "reply"
    assert here.says("bridge.words")


@pytest.mark.parametrize(
    ("event", "end", "farewell"),
    [
        (Stopped(), "finished", "unbridged"),
        (Unbridged(why="by_team"), "finished", "by_team"),
        (Unbridged(why="over"), "expired", "bridged"),
        (Expired(), "expired", "bridged"),
        (Unbridged(why="withdrawn"), "forgotten", "withdrawn"),
        (ForgetMe(withdraw=True), "forgotten", "withdrawn"),
        (ForgetMe(withdraw=False), "forgotten", None),
        (Withdrew(code=CODE), "forgotten", "withdrawn"),
    ],
)
def test_each_way_to_end_it_closes_the_link_and_says_what_is_so(event: Stopped, end: str, farewell: str | None) -> None:
    for here in (at_bridge(), at_bridge().taps("answer")):
        here.does(event)
        assert here.at == end
        assert here.says(f"end.{end}.{farewell}" if farewell else f"end.{end}")
        assert CloseBridge(code=CODE) in here.effects
        assert Forget(wish=end != "expired") in here.effects


def test_whoever_did_not_ask_for_the_end_is_told_their_code_once_more() -> None:
    told = {why: at_bridge().does(Unbridged(why=why)).now.code for why in ("by_team", "over", "withdrawn")}
    assert told == {"by_team": CODE, "over": CODE, "withdrawn": ""}


def test_starting_over_closes_the_link_after_saying_so() -> None:
    here = at_bridge().does(Started())
    assert here.at == "bridge"
    here.taps("close")
    assert here.says("close.text")
    assert here.taps("restart").at == "place"
    assert here.effects[-1] == CloseBridge(code=CODE)


def test_taking_another_result_back_leaves_the_link() -> None:
    here = at_bridge().does(Withdrew(code=ReferralCode("ANOTHER")))
    assert here.at == "bridge"
    assert here.effects[-1] == Withdraw(code=ReferralCode("ANOTHER"))


# --------------------------------------------------------------------------------------------- what is typed


def typed(state: str, text: str, locale: str = "en") -> object:
    """What these words mean to somebody who agreed to be written to."""
    language: Language = "fr" if locale.startswith("fr") else "en"
    here = at_bridge(language, "paris" if locale == "fr_FR" else "montreal")
    here = here.taps("answer") if state == "reply" else here
    labels = {each.id: CATALOGS.texts[locale][each.label.key] for each in here.screen.options}
    return heard(STUDY, here.screen, here.now, locale, text, labels)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Yes, Thursday works for me"),
        ("en", "yes"),
        ("en", "no"),
        ("en", "2"),
        ("en", "the second one"),
        ("en", "I want to talk to a person"),
        ("en", "I am 54 and I live far away, is that all right?"),
        ("fr_CA", "Oui, jeudi ça marche"),
        ("fr_CA", "la première"),
        ("fr_FR", "Non, je ne peux pas venir le matin. Plutôt l'après-midi ?"),
        ("fr_FR", "d'accord"),
    ],
)
def test_what_is_typed_after_answer_goes_to_the_team(locale: str, text: str) -> None:
    assert typed("reply", text, locale) == Wrote()
    assert typed("bridge", text, locale) != Wrote(), "only after Answer"


@pytest.mark.parametrize(
    ("locale", "text", "topic"),
    [
        ("en", "I have chest pain right now", "danger.emergency"),
        ("en", "I want to kill myself", "danger.crisis"),
        ("fr_CA", "j'ai mal à la poitrine", "danger.emergency"),
        ("fr_FR", "je veux mourir", "danger.crisis"),
    ],
)
@pytest.mark.parametrize("state", ["bridge", "reply"])
def test_a_sign_of_danger_is_answered_first_and_instead(state: str, locale: str, text: str, topic: str) -> None:
    assert typed(state, text, locale) == Asked(topic=topic)


@pytest.mark.parametrize(
    ("locale", "text", "event"),
    [
        ("en", "help", Asked(topic="help")),
        ("en", "stop", Asked(topic="close")),
        ("en", "delete my data", ForgetMe()),
        ("fr_CA", "aide", Asked(topic="help")),
        ("fr_CA", "arrêter", Asked(topic="close")),
        ("fr_FR", "recommencer", Asked(topic="close")),
    ],
)
@pytest.mark.parametrize("state", ["bridge", "reply"])
def test_a_command_alone_is_a_command_and_no_message(state: str, locale: str, text: str, event: object) -> None:
    assert typed(state, text, locale) == event


@pytest.mark.parametrize(("language", "locale"), [("en", "en"), ("fr", "fr_CA")])
@pytest.mark.parametrize("state", ["sent", "offer", "bridge", "answered", "reply"])
def test_the_listed_answers_have_every_number_once_and_a_number_typed_means_what_it_says(
    state: str, language: Language, locale: str
) -> None:
    here = {"sent": at_sent, "offer": lambda each: at_sent(each).taps("offer")}.get(state, at_bridge)(language)
    if state == "answered":
        here.does(TeamWrote(message=WORDS))
    if state == "reply":
        here.taps("answer")
    here.does(Listed(on=True))
    listed = [line for line in here.screen.blocks[-1] if isinstance(line, Say) and line.key == "listed.option"]
    assert [line.params["number"] for line in listed] == list(range(1, len(listed) + 1))
    labels = {each.id: CATALOGS.texts[locale][each.label.key] for each in here.screen.options}
    for line in listed:
        [option] = [each for each in here.screen.options if each.label == line.params["label"]]
        heard_as = heard(STUDY, here.screen, here.now, locale, str(line.params["number"]), labels)
        assert (heard_as, option.copies) == (option.event, None)


def test_a_message_too_long_is_not_passed_on() -> None:
    assert typed("reply", "a " * (LONGEST_MESSAGE // 2)) == Wrote()
    assert typed("reply", "a " * (LONGEST_MESSAGE // 2) + "b") == Unclear(too_long=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Please call us tomorrow at ten.", ()),
        ("What is your date of birth?", ("date of birth",)),
        ("Quelle est votre date de naissance ?", ("date de naissance",)),
        ("Envoyez-nous une PHOTO de votre carte-soleil", ("photo", "carte-soleil")),
        ("Votre numéro de sécu, svp", ("numéro", "sécu")),
        ("Which medicines do you take?", ("medicines",)),
        ("Quels médicaments prenez-vous ?", ("médicaments",)),
        ("Rappelez-nous quand vous pourrez", ()),
        ("We will meet at the main entrance", ()),
    ],
)
def test_words_that_ask_who_or_how_somebody_is_are_found(text: str, found: tuple[str, ...]) -> None:
    assert private_words(text) == found


# ------------------------------------------------------------------------------------------------- the card


def test_the_card_of_whoever_can_be_written_to_has_a_button_for_it() -> None:
    session = person().starts().consents().reviews().now
    for state, bridged, there in (("new", True, True), ("new", False, False), ("closed", True, False)):
        life = Life.model_validate({"state": state, "reason": "declined" if state == "closed" else None})
        card = desk_card(STUDY, result(STUDY, session), CODE, AtDesk(life, bridged=bridged))
        assert (f"write.{CODE}" in [each.id for each in card.options]) == there


def test_whoever_agreed_is_in_one_of_two_states() -> None:
    assert {at_bridge().at, at_bridge().taps("answer").at} == BRIDGED
