"""The team and a person write to each other over HTTP: the real program, a strict Telegram, and neither learns who."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.letters import LEASE
from dialogs.session import BRIDGE, OFFER, REPLY, SENT, ReferralCode, TeamMessage
from tests.coordinator import Coordinator
from tests.person import Person, eventually
from tests.world import World

PARTICIPANT, STAFF = "Zyxwvut Qwertz", "Vwxqj Plortz"
WORDS = "Venez jeudi à 10 h"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("bridge")) as running:
        yield running


def agreed(world: World, name: str | None = None) -> tuple[Person, ReferralCode]:
    """Somebody who has sent a result and agreed that the team writes to them here."""
    person = world.person(name=name)
    person.reviews().comes_to_result()
    code = person.sends()
    person.chooses(SENT, "offer").chooses(OFFER, "agree").at(BRIDGE)
    return person, code


def writes(one: Coordinator, code: ReferralCode, words: str) -> None:
    """Sends own words, and confirms them."""
    one.orders("write", f"{code} {words}")
    shown = one.sees("desk.write.check", code=code)
    one.seat.taps(one.words("desk.write.button.send"), on=shown)
    one.sees("desk.write.done", code=code)


def test_they_write_to_each_other_and_the_person_closes_it(world: World) -> None:
    person, code = agreed(world, PARTICIPANT)
    one = world.coordinator(STAFF)
    one.seat.sees(lambda each: code in each.text and one.words("card.said.bridged") in each.text)
    one.orders("write", code)
    menu = one.seat.sees(lambda each: one.words("desk.write.button.call") in each.labels)
    one.seat.taps(one.words("desk.write.button.call"), on=menu)
    person.sees("bridge.approved.call")
    writes(one, code, WORDS)
    person.phone.sees(WORDS)
    person.chooses(BRIDGE, "answer", message=TeamMessage(words=WORDS)).at(REPLY)
    person.types("Jeudi me va")
    person.sees("note.passed_on")
    one.seat.sees(lambda each: code in each.text and "Jeudi me va" in each.text)
    person.chooses(BRIDGE, "close", message=TeamMessage(words=WORDS))
    person.phone.sees(lambda each: person.words("close.now") in each.labels)
    person.phone.taps(person.words("close.now"), on=person.phone.from_bot[-1])
    person.sees("end.finished.unbridged")
    one.seat.sees(lambda each: code in each.text and one.words("card.said") in each.text)
    for theirs in (PARTICIPANT, str(person.phone.chat_id)):
        assert theirs not in one.everything
        assert theirs not in world.log
    for ours in (STAFF, str(one.seat.person.id)):
        assert ours not in person.everything
        assert ours not in world.log
    for said in (WORDS, "Jeudi me va"):
        assert said.encode() not in world.on_disk
        assert said not in world.log


def test_a_killed_bot_loses_nothing_that_was_written(world: World) -> None:
    person, code = agreed(world)
    one = world.coordinator()
    one.orders("write", f"{code} {WORDS}")
    shown = one.sees("desk.write.check", code=code)
    world.handled_all()
    world.restart()
    one.seat.taps(one.words("desk.write.button.send"), on=shown)
    person.phone.sees(WORDS)
    person.chooses(BRIDGE, "answer", message=TeamMessage(words=WORDS)).at(REPLY)
    person.phone.types("Merci bien")
    world.handled_all()
    world.restart()
    one.seat.patience += LEASE.total_seconds()  # a letter that was under way is tried again when its lease has run out
    one.seat.sees(lambda each: code in each.text and "Merci bien" in each.text)


def test_when_the_desk_closes_the_link_the_person_reads_their_code_once_more(world: World) -> None:
    person, code = agreed(world)
    one = world.coordinator()
    one.orders("write", code)
    menu = one.seat.sees(lambda each: one.words("desk.write.button.close") in each.labels and code in each.text)
    one.seat.taps(one.words("desk.write.button.close"), on=menu)
    person.sees("end.finished.by_team", code=code)
    one.sees("desk.write.closed", code=code)
    world.forgets(person)
    eventually(lambda: world.rows("select * from bridges where code = ?", code) == [], "the link to be gone")
