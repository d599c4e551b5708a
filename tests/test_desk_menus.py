"""In a private chat of a desk the menu offers the desk's commands, for as long as the chat belongs to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.demo.handles import Phone, Seat
from bot.desk.menus import COORDINATORS, LEADS
from bot.messages import DeskCommand
from dialogs.desk import Role
from dialogs.symbols import Say
from tests.coordinator import Coordinator
from tests.person import RENDERER, eventually
from tests.test_desk_end_to_end import lead
from tests.world import World

JOINED: dict[Role, tuple[DeskCommand, ...]] = {"coordinator": COORDINATORS, "lead": LEADS}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("menus"), SCREENER_SENDS_PER_SECOND="0") as running:
        yield running


def of_the_desk(one: Coordinator, role: Role) -> list[tuple[str, str]]:
    """The menu of this role in the language of the desk."""
    return [(name, RENDERER.say(Say(f"desk.command.{name}"), one.locale)) for name in JOINED[role]]


def is_offered(seat: Seat, menu: list[tuple[str, str]]) -> None:
    """Waits until this is the menu they see."""
    eventually(lambda: seat.commands == menu, f"the menu {[name for name, _ in menu]}")


def speaking_french(one: Coordinator) -> Phone:
    """Their phone, in the language in which people's menu was looked at."""
    assert isinstance(one.seat, Phone)
    one.seat.speaks("fr")
    return one.seat


def peoples(world: World) -> list[tuple[str, str]]:
    """The menu somebody sees who belongs to no desk."""
    stranger = world.standin.participant("Somebody", "fr")
    eventually(lambda: bool(stranger.commands), "people's menu")
    assert "start" in dict(stranger.commands)
    return stranger.commands


@pytest.mark.parametrize("place", ["montreal", "elsewhere"])
def test_who_joins_in_private_is_offered_what_they_may_do_in_the_desks_language(world: World, place: str) -> None:
    coordinator = lead(world, f"Coordination of {place}", place, "coordinator")
    leader = lead(world, f"Lead of {place}", place, "lead")
    is_offered(coordinator.seat, of_the_desk(coordinator, "coordinator"))
    is_offered(leader.seat, of_the_desk(leader, "lead"))
    lead(world, f"Coordination of {place}", place, "lead")
    is_offered(coordinator.seat, of_the_desk(coordinator, "lead"))


def test_who_leaves_or_is_removed_is_offered_what_everybody_is(world: World) -> None:
    before = peoples(world)
    gone, removed, leader = lead(world, "Gone"), lead(world, "Removed"), lead(world, "Stays")
    for each in (gone, removed, leader):
        is_offered(each.seat, of_the_desk(each, "lead"))
    gone.orders("leave")
    leader.orders("remove")
    shown = leader.sees("desk.remove.title", place=Say("place.montreal.name"))
    leader.seat.taps(leader.words("desk.remove.button", who=removed.name), on=shown)
    for each in (gone, removed):
        is_offered(speaking_french(each), before)
    is_offered(leader.seat, of_the_desk(leader, "lead"))


def test_who_left_while_nothing_could_be_said_is_offered_it_when_the_bot_lives_again(world: World) -> None:
    before = peoples(world)
    one = lead(world, "Left before a crash")
    is_offered(one.seat, of_the_desk(one, "lead"))
    world.standin.refuses(500, "deleteMyCommands", times=1000)
    one.orders("leave")
    one.sees("desk.leave.done")
    world.handled_all()
    world.kill()
    world.standin.heals()
    assert one.seat.commands == of_the_desk(one, "lead")
    world.start()
    is_offered(speaking_french(one), before)


def test_a_menu_that_telegram_refuses_breaks_no_binding_and_comes_later(world: World) -> None:
    world.standin.refuses(500, "setMyCommands", times=1000)
    before = len(world.standin.calls("setMyCommands"))
    one = lead(world, "Joins in a bad hour")
    one.orders("open")
    one.sees("desk.open.none")
    eventually(lambda: len(world.standin.calls("setMyCommands")) > before, "a menu that is refused")
    world.standin.heals()
    world.restart()
    is_offered(one.seat, of_the_desk(one, "lead"))
    assert "Traceback" not in world.log
