"""A referral's whole life over HTTP: the real program, a strict Telegram, people and coordinators."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.demo.chats import Message
from dialogs.cards import bare_card
from dialogs.session import ReferralCode
from dialogs.symbols import Say
from tests.coordinator import Coordinator, all_press
from tests.person import RENDERER, eventually
from tests.world import World

SENTINEL = "Zyxwvut Qwertz"
STAFF = "Vwxqj Plortz"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("desk")) as running:
        yield running


def sent(world: World, name: str | None = None) -> ReferralCode:
    """The code of a result that somebody sends now."""
    person = world.person(name=name)
    person.reviews().comes_to_result()
    return person.sends()


def stands(one: Coordinator, code: ReferralCode) -> list[Message]:
    """The messages in which this referral's card stands."""
    return [each for each in one.seat.from_bot if code in each.text]


def test_a_referral_is_taken_contacted_and_closed_in_one_message(world: World) -> None:
    code = sent(world)
    one, two = world.coordinator("Coordination 1"), world.coordinator("Coordination 2")
    card = one.card(code, "new")
    one.claims(code).card(code, "claimed", who=one.name)
    one.contacts(code).card(code, "contacted", who=one.name)
    reason = Say("desk.reason.screen_failure")
    two.closes(code, "screen_failure", "infection").card(code, "closed", who=two.name, reason=reason)
    assert [each.id for each in stands(one, code)] == [card.id]
    two.undoes(code).card(code, "contacted", who=one.name)


def test_of_two_who_tap_at_once_one_has_it_and_the_other_reads_who(world: World) -> None:
    code = sent(world)
    pair = [world.coordinator("Coordination 1"), world.coordinator("Coordination 2")]
    pair[0].card(code, "new")
    all_press(world.group(), code, "desk.button.claim", *pair)
    text = pair[0].seat.sees(lambda one: code in one.text and any(each.name in one.text for each in pair)).text
    [first] = [each for each in pair if each.name in text.splitlines()[0]]
    [other] = [each for each in pair if each is not first]
    other.is_told("taken", who=first.name)


def test_the_desk_finds_and_lists_while_the_person_is_on_the_phone(world: World) -> None:
    code = sent(world)
    one = world.coordinator()
    above = one.card(code, "new")
    one.orders("open")
    assert code in one.sees("desk.open.title").text
    one.orders("find", code.lower().replace("-", " "))
    eventually(lambda: [each.id for each in stands(one, code) if each.id > above.id and each.buttons], "it comes below")
    eventually(lambda: above.id not in [each.id for each in stands(one, code)], "the one further up to be cleared")
    one.orders("find", code[:-1] + ("2" if code[-1] != "2" else "3"))
    one.sees("desk.find.nearest", code=code[:-1] + ("2" if code[-1] != "2" else "3"), nearest=code)


def test_a_killed_desk_loses_no_change_and_shows_it_when_it_lives_again(world: World) -> None:
    code = sent(world)
    one = world.coordinator()
    one.card(code, "new")
    one.claims(code)
    world.handled_all()
    world.restart()
    one.card(code, "claimed", who=one.name)
    assert len(stands(one, code)) == 1


def test_what_a_person_takes_back_is_bare_at_the_desk_whatever_became_of_it(world: World) -> None:
    person = world.person()
    person.reviews().comes_to_result()
    code = person.sends()
    one = world.coordinator()
    one.card(code, "new")
    one.claims(code).card(code, "claimed", who=one.name)
    person.phone.types(f"/withdraw {code}")
    bare = RENDERER.message(bare_card(code, "withdrawn"), one.locale).text
    one.seat.sees(lambda each: each.text == bare)
    assert [each.text for each in stands(one, code)] == [bare]


def test_nothing_coordinators_see_names_the_person_and_nothing_people_see_names_them(world: World) -> None:
    person = world.person(name=SENTINEL)
    person.reviews().comes_to_result()
    code = person.sends()
    staff = world.coordinator(STAFF)
    staff.card(code, "new")
    staff.claims(code).contacts(code)
    staff.orders("open")
    staff.orders("find", code)
    staff.orders("mine")
    staff.sees("desk.mine.title")
    person.phone.types("/mydata")
    eventually(lambda: code in person.everything, "all that is kept")
    assert STAFF in staff.everything, "coordinators see each other"
    for theirs in (SENTINEL, str(person.phone.chat_id)):
        assert theirs not in staff.everything
        assert theirs not in world.log
    for ours in (STAFF, str(staff.seat.person.id)):
        assert ours not in person.everything
        assert ours not in world.log
        assert ours.encode() not in world.on_disk
