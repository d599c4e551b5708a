"""A screening and its life at the desk on the demonstration's page, all by clicks: a participant, two coordinators."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.demo.invitations import inviter
from bot.demo.run import INVITE
from dialogs.session import CONSENT, LANGUAGE, PLACE, PREVIEW, RESULT, REVIEW, SENT, ReferralCode
from dialogs.symbols import Say
from tests.browser import chromium, needs_browser
from tests.coordinator import Coordinator
from tests.person import MET, Person
from tests.world import World

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
# Set to a path, the test also leaves a wide picture there, as the README shows it.
PICTURE = os.environ.get("SCREENER_README_PICTURE")
pytestmark = [needs_browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world
        assert world.standin.rejected() == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


def opened(browser: Browser, world: World, **options: object) -> Page:
    context = browser.new_context(locale="fr-CA", viewport={"width": 1440, "height": 900}, device_scale_factor=1.5)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(world.standin.url)
    page.locator("html[data-ready]").wait_for()
    return page


class Clicks(Person):
    """A person who does everything with the mouse: what they tap is clicked on the page."""

    phone_on_page: Locator

    def chooses(self, state: str, option: str, **fields: object) -> Clicks:
        """Clicks the button of this option, once the screen of this state is shown."""
        label, mark = self.label(state, option, **fields), self._mark(state)
        shown = self.phone_on_page.get_by_test_id("message").filter(has_text=mark).last
        shown.get_by_role("button", name=label, exact=True).click()
        return self


class ClicksAtDesk(Coordinator):
    """A coordinator for whom the page acts while they are chosen there: what they press is clicked."""

    room: Locator

    def takes_over(self) -> ClicksAtDesk:
        """From now on the page acts for this one."""
        self.room.get_by_test_id("actor").filter(has_text=self.name).click()
        return self

    def taps(self, code: ReferralCode, label: str) -> None:
        """Clicks a button below the newest card of this code, once it is there."""
        card = self.room.get_by_test_id("message").filter(has_text=self.title(code)).last
        card.get_by_role("button", name=label, exact=True).click()


def test_a_french_screening_ends_in_a_card_on_the_other_side(world: World, browser: Browser) -> None:
    page = opened(browser, world)
    person = Clicks(world.standin.participant("Participante 1", "fr"), "fr", "montreal")
    person.phone_on_page = page.get_by_test_id("phone").first
    person.phone_on_page.get_by_test_id("start").click()
    person.chooses(LANGUAGE, "fr").chooses(PLACE, "montreal").answers("age", "yes").chooses(CONSENT, "agree")
    for question, choice in list(MET.items())[1:]:
        person.answers(question, "some" if question == "organ_damage" else choice)
        if question == "transplant":
            keep(page, "page-question")
    person.chooses(REVIEW, "continue").chooses(RESULT, "share").chooses(PREVIEW, "send")
    last = person.phone_on_page.get_by_test_id("message").last
    expect(last).to_contain_text(person.words("sent.call"))
    code = person.code
    expect(last).to_contain_text(code)
    card = page.get_by_test_id("room").filter(has_text=code).get_by_test_id("message").last
    expect(card).to_be_visible()
    expect(card).to_contain_text(re.compile(re.escape(person.words("card.outcome.needs_review"))))
    card.scroll_into_view_if_needed()
    keep(page, "page-card")
    if PICTURE:
        take_picture(page, world, person, card)
    person.chooses(SENT, "done")
    expect(person.phone_on_page.get_by_test_id("message").last).to_contain_text(person.words("end.finished.sent"))
    world.forgets(person)


def test_two_coordinators_share_a_desk(world: World, browser: Browser) -> None:
    person = world.person("fr", "montreal").reviews()
    code = person.comes_to_result().sends()
    page = opened(browser, world)
    room = page.get_by_test_id("room").first
    first, second = (desk(world, room, name) for name in ("Coordination 1", "Coordination 2"))
    first.takes_over().claims(code)
    first.card(code, "claimed", who=first.name)
    second.takes_over().releases(code)
    expect(room.get_by_test_id("toast")).to_have_text(second.words("desk.toast.not_yours", who=first.name))
    first.takes_over().contacts(code)
    first.card(code, "contacted", who=first.name)
    room.get_by_test_id("composer").fill("/open")
    page.keyboard.press("Enter")
    expect(room.get_by_test_id("message").last).to_contain_text(first.words("desk.open.title"))
    first.closes(code, "screen_failure", "cancer").undoes(code).closes(code, "enrolled")
    reason = {"who": first.name, "reason": first.words("desk.reason.enrolled")}
    expect(room).to_contain_text(first.words("desk.card.closed", **reason))
    keep(page, "page-desk")


def test_a_lead_is_invited_joins_in_private_and_pauses_the_place(world: World, browser: Browser) -> None:
    world.standin.telegram.inviter = inviter(INVITE, world.environment, world.directory)
    page = opened(browser, world)
    page.get_by_test_id("pick-group").nth(1).click()
    room = page.get_by_test_id("room").nth(1)
    room.get_by_test_id("more").click()
    room.get_by_test_id("invite-lead").click()
    [join] = re.findall(r"/join \S+", page.get_by_role("alertdialog").inner_text())
    page.keyboard.press("Enter")
    room.get_by_test_id("private").click()
    phone = page.get_by_test_id("phone").last
    phone.get_by_test_id("start").click()
    phone.get_by_test_id("composer").fill(join)
    page.keyboard.press("Enter")
    lead = Coordinator(world.standin.member("paris", "Coordination 1").private(), "paris")
    place = Say("place.paris.name")
    lead.sees("desk.join.done", place=place, role=Say("desk.role.lead"))
    lead.pauses("holiday")
    paused = lead.words("desk.pause.done", place=place, reason=Say("desk.pause.holiday"))
    expect(phone.get_by_test_id("message").last).to_contain_text(paused.partition("/")[0].strip())
    lead.orders("resume")
    lead.sees("desk.resume.done", place=place)


def desk(world: World, room: Locator, name: str) -> ClicksAtDesk:
    """A coordinator of this group who works on the page."""
    coordinator = ClicksAtDesk(world.standin.member("montreal", name), "montreal")
    coordinator.room = room
    return coordinator


def take_picture(page: Page, world: World, person: Clicks, card: Locator) -> None:
    """A wide picture for the README: a French phone at its end, an English one on its way, the card beside them."""
    other = world.person("en", "paris").starts().walks_to("organ_damage")
    expect(page.get_by_test_id("phone").nth(1)).to_contain_text(other.words("question.organ_damage.ask"))
    page.set_viewport_size({"width": 1600, "height": 1060})
    card.evaluate("each => each.scrollIntoView({ block: 'start' })")
    page.mouse.move(1, 1)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURE)


def keep(page: Page, name: str) -> None:
    """A screenshot, kept as an artifact."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=str(ARTIFACTS / f"{name}.png"))
