"""SIGKILL away from the straight path: reminders, one's own data, withdrawal, second thoughts, typed answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from bot.messages import ChatId
from dialogs.session import REVIEW, SENT, Session
from tests.person import MET, Person, eventually
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world
        assert "error" not in world.log


def now(world: World, person: Person) -> Session:
    session = world.session(person)
    assert session is not None
    return session


def answers(world: World, person: Person) -> dict[str, str]:
    return {asked: answer.choice for asked, answer in now(world, person).answers.items()}


def alone(person: Person) -> None:
    """One message of the bot, and nothing of what the person typed since they started."""

    def tidy() -> bool:
        typed = [one for one in person.phone.messages if not one.from_bot and not one.text.startswith("/start")]
        return len(person.phone.from_bot) == 1 and not typed

    eventually(tidy, f"one message and nothing typed:\n{person.phone.shown()}")


def cut(world: World, *methods: str) -> None:
    """From now on nothing of this kind reaches Telegram."""
    for method in methods:
        world.standin.drops(method, times=99)


def killed(world: World) -> None:
    """Killed once everything is committed; Telegram works again after the start."""
    world.handled_all()
    world.kill()
    world.standin.heals()
    world.start()


def noon(folder: Path) -> Path:
    """Time zones in which it is about noon now in Montréal and in Paris, as `PYTHONTZPATH` wants them."""
    ahead = 12 - datetime.now(UTC).hour
    zone = files("tzdata").joinpath("zoneinfo", "Etc", f"GMT{-ahead:+d}" if ahead else "GMT0").read_bytes()
    for place in ("America/Toronto", "America/Montreal", "Europe/Paris"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(zone)
    return folder


def due(world: World, person: Person) -> None:
    """Their reminder is due, and it is day where they are: both are moved while the bot is stopped."""
    world.environment["PYTHONTZPATH"] = str(noon(world.data.parent / "zones"))
    connection = sqlite3.connect(world.database)
    with connection:
        moved = connection.execute(
            "update chats set remind = 1 where key = ?", (bytes(world.vault.key(ChatId(person.phone.chat_id))),)
        )
        assert moved.rowcount == 1
    connection.close()


def test_killed_before_the_reminder_reached_them_it_comes_once(world: World) -> None:
    person = world.person().starts().walks_to("diagnosis")
    world.kill()
    due(world, person)
    cut(world, "sendMessage")
    world.start()
    eventually(lambda: now(world, person).reminded, "the reminder to be decided")
    world.kill()
    world.standin.heals()
    world.start()
    reminded = person.at("diagnosis")
    alone(person)
    assert now(world, person).note is not None
    written = "select key from chats where shown = wanted and message = ?"
    eventually(lambda: world.rows(written, reminded.id) or None, "the reminder to be written down")
    world.restart()
    world.standin.settles()
    assert [one.id for one in person.phone.from_bot] == [reminded.id], "no second reminder"
    person.answers("diagnosis", "yes").at("transplant")
    assert answers(world, person) == {"age": "yes", "diagnosis": "yes"}


def test_killed_after_the_reminder_was_sent_and_before_that_was_written_down_it_is_at_most_doubled(
    world: World,
) -> None:
    """The one window in which a duplicate can be seen."""
    person = world.person("fr", "paris").starts().walks_to("diagnosis")
    old = person.at("diagnosis").id
    world.kill()
    due(world, person)
    world.standin.slows(30, "sendMessage", chat=person.phone.chat_id, applied=True)
    world.start()
    eventually(lambda: person.phone.last.id != old, "the reminder")
    world.restart()
    eventually(lambda: old not in [one.id for one in person.phone.from_bot], "the screen before it to be cleared away")
    assert {one.text for one in person.phone.from_bot} == {person.at("diagnosis").text}
    assert len(person.phone.from_bot) <= 2
    person.answers("diagnosis", "yes").at("transplant")


@pytest.mark.parametrize(
    ("typed", "card"),
    [
        ("help", "help.text"),
        ("why do you ask", "question.infection.why"),
        ("I want to kill myself", "danger.crisis"),
        ("/privacy", "privacy.rights"),
    ],
)
def test_killed_before_a_card_was_shown_it_is_shown_and_the_way_goes_on(world: World, typed: str, card: str) -> None:
    person = world.person().starts().walks_to("infection")
    before = answers(world, person)
    cut(world, "editMessageText", "sendMessage", "deleteMessage")
    person.phone.types(typed)
    killed(world)
    person.sees(card)
    person.phone.taps(person.words("aside.return"))
    person.at("infection")
    alone(person)
    assert answers(world, person) == before
    assert typed.startswith("/") or (typed not in world.log and typed.encode() not in world.on_disk)


def test_killed_on_the_way_back_they_are_where_they_went_with_all_answers(world: World) -> None:
    person = world.person("fr", "paris").starts().walks_to("infection")
    before = answers(world, person)
    cut(world, "editMessageText")
    person.phone.taps(person.words("frame.back"))
    killed(world)
    person.at("organ_damage")
    alone(person)
    assert answers(world, person) == before
    person.answers("organ_damage", "no").at("infection")


def test_killed_when_somebody_comes_back_they_are_told_where_they_stopped_once(world: World) -> None:
    person = world.person("fr", "montreal").starts().walks_to("infection")
    before = answers(world, person)
    cut(world, "sendMessage", "deleteMessage")
    person.phone.types("/start")
    killed(world)
    person.sees("note.welcome_back.question", number=1 + list(MET).index("infection"), of=len(MET))
    alone(person)
    assert answers(world, person) == before


def test_killed_during_delete_the_farewell_is_shown_and_nothing_is_left(world: World) -> None:
    person, other = world.person().starts().walks_to("infection"), world.person("fr", "paris").starts()
    other.walks_to("diagnosis")
    cut(world, "editMessageText", "sendMessage", "deleteMessage")
    person.phone.types("/delete")
    killed(world)
    person.at("forgotten")
    world.forgets(person)
    alone(person)
    other.answers("diagnosis", "yes").at("transplant")


def test_killed_during_mydata_the_data_is_shown_and_the_way_goes_on(world: World) -> None:
    person = world.person().starts().walks_to("infection")
    before = answers(world, person)
    cut(world, "sendMessage", "editMessageText", "deleteMessage")
    person.phone.types("/mydata")
    killed(world)
    person.sees("mydata.title")
    alone(person)
    cut(world, "sendDocument")
    person.phone.taps(person.words("mydata.file"))
    killed(world)
    person.sees("mydata.title")
    person.phone.taps(person.words("aside.return"))
    person.at("infection")
    alone(person)
    assert answers(world, person) == before


def test_killed_after_the_file_was_sent_it_is_cleared_away_on_leaving(world: World) -> None:
    person = world.person().starts().walks_to("infection")
    person.phone.types("/mydata")
    person.sees("mydata.title")
    alone(person)
    person.phone.taps(person.words("mydata.file"))
    file = person.sees("mydata.file_caption").id
    litter = "select litter from chats where litter = ?"
    eventually(lambda: world.rows(litter, str(file)) or None, "the file to be written down")
    world.restart()
    person.phone.taps(person.words("aside.return"))
    person.at("infection")
    alone(person)


def test_killed_during_withdraw_the_result_is_gone_and_the_card_is_bare(world: World) -> None:
    person = world.person().reviews()
    code = person.comes_to_result().sends()
    card = world.group().sees(code)
    eventually(lambda: world.rows("select code from referrals where shown = wanted") or None, "the card written down")
    cut(world, "editMessageText", "sendMessage", "deleteMessage")
    person.phone.types(f"/withdraw {code}")
    killed(world)
    person.sees("end.forgotten.withdrawn")
    eventually(lambda: world.group().sees(code).text != card.text, "the card to be made bare")
    assert len([one for one in world.cards() if code in one.text]) == 1
    eventually(lambda: world.rows("select code from referrals") == [], "the referral to be erased")
    world.forgets(person)
    alone(person)


def test_killed_during_a_change_of_language_and_of_place_both_are_kept(world: World) -> None:
    person = world.person("fr", "paris").starts().walks_to("infection")
    before = answers(world, person)
    person.phone.types("/language")
    person.at("aside.language")
    cut(world, "editMessageText")
    person.chooses("aside.language", "en")
    killed(world)
    person.language = "en"
    eventually(lambda: now(world, person).language == "en", "the language")
    person.phone.types("/help")
    person.at("help")
    person.phone.taps(person.words("help.place"))
    person.at("aside.place")
    cut(world, "editMessageText")
    label = person.words("place.montreal.label")
    person.phone.taps(label)
    killed(world)
    person.place = "montreal"
    session = now(world, person)
    assert (session.language, session.place) == ("en", "montreal")
    assert answers(world, person) == before
    person.at("consent")
    alone(person)


def test_killed_during_an_edit_from_the_review_the_other_answers_stay(world: World) -> None:
    person = world.person().reviews()
    cut(world, "editMessageText")
    person.chooses(REVIEW, "infection")
    killed(world)
    person.at("infection")
    cut(world, "editMessageText")
    person.chooses("infection", "unsure")
    killed(world)
    person.at(REVIEW)
    alone(person)
    assert answers(world, person) == {**MET, "infection": "unsure"}


def test_killed_before_a_typed_answer_was_cleared_away_it_is_with_the_next_screen_at_the_latest(world: World) -> None:
    person = world.person("fr", "montreal").starts().walks_to("infection")
    cut(world, "deleteMessage")
    person.phone.types("non")
    world.handled_all()
    person.at("cancer")
    killed(world)
    person.at("cancer")
    person.answers("cancer", "no").at("bone_marrow")
    alone(person)
    assert answers(world, person)["infection"] == "no"


def test_killed_during_a_restart_the_new_conversation_is_shown_and_the_old_is_gone(world: World) -> None:
    person = world.person().starts().walks_to("infection")
    person.phone.types("restart")
    person.at("leave")
    before = now(world, person).nonce
    cut(world, "editMessageText", "sendMessage")
    person.chooses("leave", "restart")
    killed(world)
    eventually(lambda: now(world, person).nonce != before, "the new conversation")
    person.at("place")
    alone(person)
    assert answers(world, person) == {}
    person.chooses("place", "montreal").walks_to("diagnosis")


def test_killed_after_sending_help_is_still_over_the_code(world: World) -> None:
    person = world.person().reviews()
    code = person.comes_to_result().sends()
    cut(world, "editMessageText", "sendMessage", "deleteMessage")
    person.phone.types("help")
    killed(world)
    person.at("help")
    person.phone.taps(person.words("aside.return"))
    assert person.at(SENT)
    assert person.code == code
    alone(person)
