"""What a screen shows is gone with one tap, and whoever asks what is kept about them is told all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot.messages import Said
from dialogs.conversation import heard
from dialogs.events import Asked, ForgetMe, WentBack
from dialogs.session import AFTER_SENDING, LANGUAGE, PREVIEW, Session
from dialogs.symbols import Screen
from tests.dialogs_world import AFTER_CONSENT, MET, PAUSED, STUDY, Person, at_bridge, at_sent, person
from tests.postgres import Shell

pytest_plugins = ["tests.postgres"]

CARDS = ["help", "why", "means", "about", *(f"fact.{fact.id}" for fact in STUDY.facts), "human", "numbers", "privacy"]
CARDS += ["language", "place", "mydata", *(f"danger.{kind}" for kind in ("emergency", "crisis", "adverse_event"))]


def screens_on_the_way() -> Iterator[Person]:
    """Somebody on every screen of the way, the safety card and a confirmation among them."""
    here = person().starts("fr", "paris")
    yield here
    yield here.taps("yes")
    here.taps("agree")
    for question in AFTER_CONSENT:
        if question == "hypertension":
            for tap in ("yes", "understood", "mistaken"):
                yield here.taps(tap)
        for tap in MET[question] if question != "bmi" else ("160", "163", "above"):
            yield here
            here.taps(tap)
    for tap in ("continue", "share"):
        yield here
        here.taps(tap)
    yield here


def keys(shown: Screen) -> set[str]:
    return set(shown.keys())


def left(here: Person) -> set[str]:
    """What is on the screen after one tap on the way out."""
    here.taps("leave")
    return keys(here.screen)


GOODBYE = {"leave.text", "leave.later", "leave.restart", "leave.stop"}


def test_one_tap_on_any_screen_clears_it_and_a_second_erases_everything() -> None:
    states = set()
    for here in screens_on_the_way():
        states.add(here.at)
        assert left(here) == GOODBYE, here.at
        gone = person().with_session(here.now).taps("stop")
        assert (gone.at, gone.answers) == ("stopped", {})
        here.taps("later")
    assert {"consent", "hypertension.safety", "hypertension.confirm", "bmi.height.exact", PREVIEW} <= states


@pytest.mark.parametrize("card", CARDS)
def test_one_tap_on_any_card_clears_it_too(card: str) -> None:
    here = person().starts("fr", "paris").consents().meets_all_before("cancer").opens(card)
    assert left(here) == GOODBYE
    assert here.does(WentBack()).at == "cancer"


def test_before_a_language_is_known_there_is_nothing_to_leave() -> None:
    here = person().starts().does(WentBack(), WentBack())
    assert here.at == LANGUAGE
    assert here.buttons == ["fr", "en"]


@pytest.mark.parametrize("typed", ["stop", "start over", "delete my data"])
def test_once_a_result_was_sent_who_wants_to_stop_is_asked_what_to_erase(typed: str) -> None:
    """There is no answer left to keep or to erase, so nobody is told that there is."""
    here = at_sent()
    assert heard(STUDY, here.screen, here.now, "en", typed, {}) == ForgetMe()
    assert here.does(ForgetMe()).says("forget.text")


# ------------------------------------------------------------------------------------------ what is kept of me

# Every field of a session, and by which text a person is told of it. What says nothing about them has none.
TOLD = {
    "study": "",
    "nonce": "",
    "code": "mydata.code",
    "touched": "mydata.touched",
    "state": "mydata.where",
    "turn": "",
    "path": "mydata.where",
    "aside": "mydata.where",
    "note": "mydata.where",
    "farewell": "",
    "pending": "mydata.pending",
    "language": "card.language",
    "place": "card.place",
    "consent": "mydata.consent",
    "answered_by": "mydata.answered_by.helper",
    "answers": "review.line",
    "listing": "mydata.where",
    "reminded": "mydata.where",
    "length": "mydata.where",
    "mass": "mydata.where",
    "coarse": "mydata.where",
    "height": "mydata.height",
    "rules": "",
    "counted": "",
    "waits": "mydata.waiting",
    "progress": "mydata.bridge",
    "message": "mydata.bridge",
}


def test_my_data_names_everything_a_session_can_hold() -> None:
    assert TOLD.keys() == Session.model_fields.keys()
    helped = person().starts().consents("agree_helping")
    said = keys(helped.meets_all_before("cancer").taps("yes").opens("mydata").screen)
    measuring = person().starts().consents().meets_all_before("bmi").taps("5", "63").opens("mydata")
    waits = person().with_engine(PAUSED).starts().taps("tell").opens("mydata")
    said |= keys(measuring.screen) | keys(waits.screen) | keys(at_bridge().opens("mydata").screen)
    assert set(TOLD.values()) - {""} - said == set()


def test_an_answer_that_waits_to_be_confirmed_is_among_my_data() -> None:
    here = person().starts().consents().meets_all_before("cancer")
    assert not here.opens("mydata").says("mydata.pending")
    assert here.does(WentBack()).taps("yes").opens("mydata").says("question.cancer.choice.yes")


async def test_the_file_holds_all_that_is_kept_and_can_be_read_by_a_machine(shell: Shell) -> None:
    here = shell.person()
    await here.consents()
    await here.taps("yes")
    await here.does(Said("/mydata"))
    name, content, caption = shell.views.file(here.session)
    assert Session.model_validate_json(content) == here.session
    assert json.loads(content)["answers"]["diagnosis"]["choice"] == "yes"
    assert (name, bool(caption)) == ("my-data.json", True)


def test_after_sending_every_screen_still_says_how_to_reach_people() -> None:
    for here in (at_sent(), at_sent().taps("offer"), at_bridge(), at_bridge().taps("answer")):
        assert here.at in AFTER_SENDING
        assert here.does(Asked(topic="help")).taps("human").says("human.text")
