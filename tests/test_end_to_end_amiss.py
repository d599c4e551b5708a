"""Commands in the middle, photos, edits, forged and old buttons, everything twice: nothing is lost."""

from __future__ import annotations

import pytest

from bot.demo.chats import MessageKind
from tests.person import MET
from tests.person import eventually as soon
from tests.shared_world import shown
from tests.world import World

pytest_plugins = ["tests.shared_world"]


@pytest.mark.parametrize(
    ("order", "lands"), [("help", "help"), ("privacy", "privacy"), ("language", "aside.language"), ("start", "cancer")]
)
def test_a_command_opens_its_card_and_the_way_leads_back(world: World, order: str, lands: str) -> None:
    person = world.person("fr", "paris").starts().walks_to("cancer")
    person.types(f"/{order}")
    person.at(lands)
    if lands != "cancer":
        person.phone.taps(person.words("aside.return"))
    person.answers("cancer", "no").at("bone_marrow")


def test_delete_erases_a_screening_that_is_under_way(world: World) -> None:
    before = world.rows("select code from referrals")
    person = world.person().starts().walks_to("cancer")
    person.types("/delete")
    person.at("forgotten")
    world.forgets(person)
    assert world.rows("select code from referrals") == before


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "location"])
def test_what_is_not_text_gets_a_helpful_line(world: World, kind: MessageKind) -> None:
    person = world.person("fr", "montreal").starts().walks_to("diagnosis")
    sent = person.phone.sends(kind)
    person.sees("note.unreadable")
    soon(lambda: sent.id not in [one.id for one in person.phone.messages], "what was sent to be cleared away")
    person.answers("diagnosis", "yes").at("transplant")


def test_an_edited_message_changes_nothing(world: World) -> None:
    person = world.person().starts().walks_to("diagnosis")
    before = shown(person)
    person.phone.rewrites(person.phone.messages[0], "yes")
    world.handled_all()
    assert shown(person) == before
    person.answers("diagnosis", "yes").at("transplant")


@pytest.mark.parametrize("data", ["x", "a.b.c", "n0nce.1.0", "." * 64, "{own}.9999.0", "{own}.1.0", "{own}.0.99"])
def test_forged_buttons_answer_nothing(world: World, data: str) -> None:
    person = world.person().starts()
    own = str(person.at("age").buttons[0].data).partition(".")[0]
    before = shown(person)
    person.phone.forges(data.replace("{own}", own))
    assert shown(person) == before
    session = world.session(person)
    assert session is not None
    assert session.answers == {}


def test_two_taps_in_a_row_answer_one_question(world: World) -> None:
    person = world.person().starts().walks_to("hypertension")
    message = person.at("hypertension")
    data = next(button.data for button in message.buttons if button.label == person.label("hypertension", "no")) or ""
    for _ in range(3):
        person.phone.forges(data, message)
    person.at("organ_damage")
    person.phone.settles()
    session = world.session(person)
    assert session is not None
    assert set(session.answers) == {*list(MET)[: list(MET).index("organ_damage")]}


def test_a_button_of_an_older_screen_shows_where_one_is(world: World) -> None:
    person = world.person("fr", "paris").starts()
    old = person.at("age").buttons[1].data or ""
    person.walks_to("diagnosis").at("diagnosis")
    before = shown(person)
    person.phone.forges(old)
    person.phone.sees_toast(person.words("toast.old"))
    assert shown(person) == before


def test_the_same_update_twice_changes_nothing(world: World) -> None:
    person = world.person().starts().walks_to("diagnosis")
    person.at("diagnosis")
    before, kept = shown(person), world.session(person)
    world.standin.redelivers()
    world.handled_all()
    assert shown(person) == before
    assert world.session(person) == kept
