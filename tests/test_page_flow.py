"""A French screening on the demonstration's page, from the first tap to the coordinators' card, all by clicks."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from dialogs.session import CONSENT, LANGUAGE, PLACE, PREVIEW, RESULT, REVIEW, SENT
from tests.person import MET, Person
from tests.world import CI, World

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
ARTIFACTS = Path(__file__).parents[1] / "artifacts"
# Set to a path, the test also leaves a wide picture there, as the README shows it.
PICTURE = os.environ.get("SCREENER_README_PICTURE")
pytestmark = pytest.mark.skipif(CHROMIUM is None and not CI, reason="there is no chromium to look at the page with")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world
        assert world.standin.rejected() == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "CI=true demands a chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        yield launched
        launched.close()


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
