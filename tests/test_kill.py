"""SIGKILL at chosen and at random moments: nothing committed is lost, nobody must do anything, nothing comes twice."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialogs.session import CONSENT, PREVIEW, RESULT, REVIEW, SENT
from dialogs.study import Language, Outcome
from tests.person import MET, Person, eventually
from tests.world import World

SEED = 20260301
QUESTIONS = [question for question in MET if question != "bmi"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world
        assert "error" not in world.log


def answers_of(world: World, person: Person) -> dict[str, str]:
    session = world.session(person)
    return {} if session is None else {asked: answer.choice for asked, answer in session.answers.items()}


def sees_once(person: Person, state: str) -> None:
    """The person sees this screen, and no other message of the bot."""
    person.at(state)
    eventually(lambda: len(person.phone.from_bot) == 1 or None, f"one message:\n{person.phone.shown()}")


def cards_with(world: World, person: Person, code: str) -> list[str]:
    return [one.text for one in world.cards(person.place) if code in one.text]


def test_killed_before_an_update_was_fetched_it_is_fetched_after_the_start(world: World) -> None:
    person = world.person().starts().walks_to("diagnosis")
    world.pauses()
    person.chooses("diagnosis", "yes")
    world.restart()
    sees_once(person, "transplant")
    assert answers_of(world, person) == {"age": "yes", "diagnosis": "yes"}


def test_killed_before_the_commit_the_update_comes_again(world: World) -> None:
    person = world.person("fr", "paris").starts().walks_to("diagnosis")
    writer = sqlite3.connect(world.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")  # the screener must wait for us: it has the update, and cannot commit
    queue = world.standin.telegram.queue
    person.chooses("diagnosis", "yes")
    world.standin.server.until(lambda: not queue.polled or None, 5, lambda: "the update was not fetched")
    assert answers_of(world, person) == {"age": "yes"}
    world.kill()
    writer.execute("ROLLBACK")
    writer.close()
    world.start()
    sees_once(person, "transplant")
    assert answers_of(world, person) == {"age": "yes", "diagnosis": "yes"}


def test_killed_after_the_commit_and_before_the_screen_was_sent_it_is_shown_by_itself(world: World) -> None:
    people = [world.person("en", "montreal"), world.person("fr", "montreal"), world.person("fr", "paris")]
    for person in people:
        person.starts().walks_to("hypertension")
    world.standin.drops("editMessageText", times=99)
    for person in people:
        person.chooses("hypertension", "unsure")
    world.handled_all()
    world.kill()
    world.standin.heals()
    for person in people:
        assert person.at("hypertension")
        assert answers_of(world, person)["hypertension"] == "unsure"
    world.start()
    for person in people:
        sees_once(person, "organ_damage")


def test_killed_after_an_edit_and_before_its_answer_the_edit_is_harmlessly_repeated(world: World) -> None:
    person = world.person().starts().walks_to("cancer")
    world.standin.slows(30, "editMessageText", applied=True)
    person.chooses("cancer", "no")
    sees_once(person, "bone_marrow")
    world.handled_all()
    world.restart()
    sees_once(person, "bone_marrow")
    person.answers("bone_marrow", "no").at("pregnancy")
    said = {call.description for call in world.standin.rejected()}
    assert all("not modified" in each or "query is too old" in each for each in said)


def test_killed_between_a_first_message_and_its_record_only_the_same_screen_comes_twice(world: World) -> None:
    """The one window in which a duplicate can be seen."""
    person = world.person("fr", "montreal")
    world.standin.slows(30, "sendMessage", chat=person.phone.chat_id, applied=True)
    person.phone.starts()
    person.at("language")
    world.handled_all()
    world.restart()
    eventually(lambda: len(person.phone.from_bot) == 2 or None, "the screen to be sent again")
    first, second = person.phone.from_bot
    assert (first.text, first.labels) == (second.text, second.labels)
    person.chooses("language", "fr").chooses("place", "montreal")
    person.walks_to("diagnosis")


def test_killed_right_after_send_the_team_gets_one_card_and_the_person_the_code(world: World) -> None:
    person = world.person("fr", "paris").reviews()
    person.comes_to_result().chooses(RESULT, "share").at(PREVIEW)
    world.standin.drops("sendMessage", chat=world.group("paris").chat_id, times=99)
    world.standin.drops("editMessageText", times=99)
    person.chooses(PREVIEW, "send")
    world.handled_all()
    world.kill()
    assert world.cards("paris") == []
    world.standin.heals()
    world.start()
    code = person.code
    sees_once(person, SENT)
    assert world.group("paris").sees(code).text == person.card(person.result(Outcome.LIKELY_ELIGIBLE), code)
    recorded = "select code from cards where message is not null"
    eventually(lambda: world.rows(recorded) or None, "the card to be recorded: until then it may come twice")
    world.restart()
    person.chooses(SENT, "done").sees("end.finished.sent")
    assert len(cards_with(world, person, code)) == 1
    assert len(world.rows("select code from referrals")) == 1
    world.forgets(person)


def test_killed_between_the_farewell_and_the_erasure_nothing_stays(world: World) -> None:
    person = world.person().starts().walks_to("diagnosis")
    person.chooses("diagnosis", "leave").at("leave")
    world.standin.slows(30, "editMessageText", applied=True)
    person.chooses("leave", "stop").at("stopped")
    assert world.session(person) is not None, "it was to be killed before the erasure"
    world.restart()
    person.at("stopped")
    world.forgets(person)


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(2))
def test_killed_at_random_moments_everybody_arrives_with_their_own_answers(world: World, round_: int) -> None:
    chance = random.Random(SEED + round_)
    spoken: tuple[tuple[Language, str], ...] = (("en", "montreal"), ("fr", "paris"), ("fr", "montreal"))
    people = [world.person(language, place).starts() for language, place in spoken]
    kills = set(chance.sample(QUESTIONS[1:], 3))
    for question in MET:
        for person in people:
            person.answers(question, MET[question])
            if question == "age":
                person.chooses(CONSENT, "agree")
        if question in kills:
            time.sleep(chance.uniform(0, 0.04))
            world.restart()
    for person in people:
        sees_once(person, REVIEW)
        assert answers_of(world, person) == dict(MET)
        code = person.comes_to_result().sends()
        card = person.card(person.result(Outcome.LIKELY_ELIGIBLE), code)
        assert world.group(person.place).sees(code).text == card
        assert len(cards_with(world, person, code)) == 1
    assert len(world.rows("select code from referrals")) == len(people)


def test_a_second_process_on_the_same_file_is_refused_and_the_first_goes_on(world: World) -> None:
    person = world.person().starts().walks_to("diagnosis")
    command = [sys.executable, "-m", "bot", "run"]
    second = subprocess.run(command, env=world.environment, cwd=world.directory, capture_output=True, timeout=60)
    assert second.returncode == 1
    assert b"need PostgreSQL" in second.stderr
    person.answers("diagnosis", "yes")
    sees_once(person, "transplant")


def test_stopped_politely_it_finishes_what_is_under_way(world: World) -> None:
    person = world.person("en", "elsewhere").starts().walks_to("cancer", transplant="unsure")
    person.chooses("cancer", "no")
    assert world.stop() == 0
    world.start()
    sees_once(person, "bone_marrow")
