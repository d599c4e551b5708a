"""The coordinators' side of the page in a real browser: two of them at once, cards, commands and pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.demo.invitations import inviter
from bot.demo.standin import StandIn
from tests.browser import Open, ScriptedBot, chromium, needs_browser, pages

pytestmark = [needs_browser, pytest.mark.slow]
PICTURE = Path(__file__).parent / "pictures" / "demo.png"


@pytest.fixture
def world() -> Iterator[ScriptedBot]:
    with StandIn() as standin:
        yield ScriptedBot(standin)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def opens(world: ScriptedBot, browser: Browser) -> Iterator[Open]:
    with pages(world.standin.url, browser) as opened:
        yield opened


@pytest.fixture
def montreal(world: ScriptedBot) -> int:
    return world.standin.group("montreal").chat_id


def room_of(page: Page, number: int = 0) -> Locator:
    return page.get_by_test_id("room").nth(number)


def actor(room: Locator, name: str) -> Locator:
    return room.get_by_role("button", name=name, exact=True)


def test_a_card_is_claimed_by_one_coordinator_and_the_other_is_told(
    world: ScriptedBot, opens: Open, montreal: int
) -> None:
    world.asks(montreal, "New result", "Claim")
    page = opens()
    room = room_of(page)
    claim = room.get_by_test_id("button")
    claim.click()
    expect(claim).to_have_attribute("aria-busy", "true")
    actor(room, "Coordination 2").click()
    expect(claim).not_to_have_attribute("aria-busy", "true")
    claim.click()
    expect(claim).to_have_attribute("aria-busy", "true")
    world.standin.server.until(
        lambda: len(world.standin.telegram.chats[montreal].taps) == 2 or None, 5, lambda: "no second tap came"
    )
    first, second = world.taps()
    names = [each["from"]["first_name"] for each in (first, second)]
    assert names == ["Coordination 1", "Coordination 2"]
    world.answers(first, "It is yours")
    world.answers(second, "Coordination 1 was faster")
    expect(room.get_by_test_id("toast")).to_have_text("Coordination 1 was faster")
    expect(claim).not_to_have_attribute("aria-busy", "true")


def test_commands_are_typed_and_picked_as_the_coordinator_who_acts(
    world: ScriptedBot, opens: Open, montreal: int
) -> None:
    menu = [{"command": "open", "description": "What is open"}]
    lead = [*menu, {"command": "invite", "description": "A code to join"}]
    world.call("setMyCommands", commands=menu, scope={"type": "all_group_chats"})
    world.call("setMyCommands", commands=lead, scope={"type": "chat_administrators", "chat_id": montreal})
    page = opens()
    room = room_of(page)
    room.get_by_test_id("composer").fill("/find K7M2")
    page.keyboard.press("Enter")
    expect(room.get_by_test_id("message").last).to_have_class("message mine ")
    expect(room.locator(".head-below")).to_have_text("CARE-SSc is typing…")
    room.get_by_test_id("menu").click()
    expect(page.get_by_role("menuitem")).to_have_count(2)
    page.keyboard.press("Escape")
    actor(room, "Coordination 2").focus()
    page.keyboard.press("Enter")
    expect(actor(room, "Coordination 2")).to_be_focused()
    expect(room.get_by_test_id("message").last).to_contain_text("Coordination 1")
    room.get_by_test_id("menu").click()
    page.get_by_role("menuitem", name="/open").click()
    expect(room.get_by_test_id("message").last).to_contain_text("/open")
    said = [(one["message"]["from"]["first_name"], one["message"]["text"]) for one in world.call("getUpdates")]
    assert said == [("Coordination 1", "/find K7M2"), ("Coordination 2", "/open")]


def test_coordinators_answer_in_their_group(world: ScriptedBot, opens: Open) -> None:
    paris = world.standin.group("paris")
    page = opens()
    message = world.asks(paris.chat_id, "New request", "Take it")
    picker = page.get_by_test_id("pick-group").nth(1)
    expect(picker.get_by_test_id("badge")).to_contain_text("1")
    picker.click()
    room = room_of(page, 1)
    expect(picker.get_by_test_id("badge")).to_have_count(0)
    actor(room, "Coordination 2").click()
    room.get_by_role("button", name="Take it").click()
    assert world.waits_for_tap()["from"]["first_name"] == "Coordination 2"
    room.get_by_test_id("message").hover()
    room.get_by_test_id("actions").click()
    room.get_by_test_id("reply").click()
    room.get_by_test_id("composer").fill("seen")
    room.get_by_test_id("send").click()
    expect(room.get_by_test_id("message").last).to_contain_text("seen")
    assert paris.messages[-1].reply_to == message


def test_a_picture_is_shown_and_grows_when_it_is_tapped(world: ScriptedBot, opens: Open, montreal: int) -> None:
    page = opens()
    world.sends_picture(montreal, PICTURE.read_bytes(), "Numbers of July")
    room = room_of(page)
    shown = room.get_by_role("img", name="Numbers of July")
    expect(shown).to_be_in_viewport()
    assert shown.evaluate("each => each.complete && each.naturalWidth > 1000")
    before = shown.bounding_box()
    room.get_by_test_id("photo").focus()
    page.keyboard.press("Enter")
    large = page.get_by_test_id("enlarged")
    expect(large).to_be_visible()
    after = large.locator("img").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > 2 * before["width"]
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(room.get_by_test_id("photo")).to_be_focused()


def test_a_coordinator_has_a_private_chat_too(world: ScriptedBot, opens: Open) -> None:
    page = opens(viewport={"width": 390, "height": 740})
    page.get_by_test_id("pick-side").nth(1).click()
    actor(room_of(page), "Coordination 2").click()
    room_of(page).get_by_role("button", name="Open the private chat with the bot (Coordination 2)").click()
    phone = page.get_by_test_id("phone")
    expect(phone).to_have_accessible_name("Phone of Coordination 2")
    expect(phone.get_by_test_id("start")).to_be_focused()
    page.keyboard.press("Enter")
    expect(phone.get_by_test_id("message")).to_contain_text("/start")
    world.waits_for_update()
    said = world.call("getUpdates")[-1]["message"]
    assert said["from"]["id"] == world.standin.member("montreal", "Coordination 2").person_id
    assert world.standin.participant().person.name == "Participant 1"


def test_the_page_invites_to_a_desk_as_the_operator_does(world: ScriptedBot, opens: Open) -> None:
    command = [sys.executable, "-c", "import sys; print('/join', '-'.join(sys.argv[1:]))"]
    world.standin.telegram.inviter = inviter(command, {}, Path())
    page = opens(permissions=["clipboard-read", "clipboard-write"])
    room = room_of(page)
    room.get_by_test_id("more").click()
    page.get_by_role("menuitem", name="Invite a lead").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("/join --place-montreal---role-lead")
    page.keyboard.press("Enter")
    expect(room.get_by_test_id("toast")).to_have_text("Copied to clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == "/join --place-montreal---role-lead"


def test_who_comes_and_goes_is_seen(world: ScriptedBot, opens: Open) -> None:
    room = room_of(opens())
    third = world.standin.member("montreal", "Coordination 3")
    expect(room.get_by_test_id("notice")).to_have_text("Coordination 3 joined the group")
    expect(room.get_by_test_id("actor")).to_have_count(3)
    third.leaves()
    expect(room.get_by_test_id("notice").last).to_have_text("Coordination 3 left the group")
    expect(room.get_by_test_id("actor")).to_have_count(2)


def test_a_group_that_moved_is_followed(world: ScriptedBot, opens: Open) -> None:
    page = opens()
    group = world.standin.group("montreal")
    group.becomes_supergroup(-1009000000005)
    expect(page.get_by_test_id("pick-group")).to_have_count(3)
    world.asks(group.chat_id, "A card after the move", "Claim")
    page.get_by_role("button", name="Claim").click()
    assert world.waits_for_tap()["message"]["chat"]["id"] == -1009000000005


def test_places_are_called_in_the_language_of_the_page(opens: Open) -> None:
    page = opens(locale="fr-CA")
    places = page.get_by_test_id("pick-group")
    expect(places).to_have_text(["Montréal", "Paris", "Ailleurs"])
    page.get_by_test_id("language-en").click()
    expect(places).to_have_text(["Montréal", "Paris", "Elsewhere"])


@pytest.mark.parametrize("width", [320, 390])
def test_the_desk_fits_on_a_phone(world: ScriptedBot, opens: Open, montreal: int, width: int) -> None:
    world.sends_picture(montreal, PICTURE.read_bytes(), "Numbers of July")
    world.asks(montreal, "New result " * 30, "Claim", "Close…")
    page = opens(viewport={"width": width, "height": 740})
    page.get_by_test_id("pick-side").nth(1).click()
    room = room_of(page)
    for part in (room.get_by_test_id("composer"), actor(room, "Coordination 2"), room.get_by_test_id("button").last):
        expect(part).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == width
