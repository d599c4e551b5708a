"""The page in a real browser: what a person sees and does there reaches the bot, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from bot.demo.standin import StandIn
from tests.browser import Open, ScriptedBot, chromium, needs_browser, pages, phone_of

pytestmark = [needs_browser, pytest.mark.slow]
LONG = "A label that is much too long for one line of a telephone's screen"


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


def test_an_empty_chat_shows_the_description_and_start(world: ScriptedBot, opens: Open) -> None:
    world.call("setMyDescription", description="À propos", language_code="fr")
    world.standin.participant("Participant 1", "fr")
    page = opens()
    phone = phone_of(page)
    expect(phone.get_by_test_id("description")).to_contain_text("À propos")
    expect(phone.get_by_test_id("start")).to_have_text("Démarrer")
    phone.get_by_test_id("start").click()
    expect(phone.get_by_test_id("message")).to_contain_text("/start")
    expect(phone.get_by_test_id("description")).to_be_hidden()


def test_a_question_is_asked_answered_and_replaced_in_place(world: ScriptedBot, opens: Open) -> None:
    phone_handle = world.standin.participant()
    phone_handle.starts()
    page = opens()
    message = world.asks(phone_handle.chat_id, "<b>18</b> or older?", "Yes", "No")
    phone = phone_of(page)
    phone.get_by_role("button", name="No", exact=True).click()
    tap = world.waits_for_tap()
    assert tap["data"] == "n.1.1"
    expect(phone.get_by_role("button", name="No (in progress)")).to_be_visible()
    world.call("answerCallbackQuery", callback_query_id=tap["id"], text="Noted")
    expect(phone.get_by_test_id("toast")).to_have_text("Noted")
    world.call("editMessageText", chat_id=phone_handle.chat_id, message_id=message, text="Thank you")
    replaced = phone.get_by_test_id("message").last
    expect(replaced).to_contain_text("Thank you")
    expect(replaced).to_contain_text("edited")
    expect(phone.get_by_test_id("button")).to_have_count(0)
    expect(phone.get_by_test_id("message")).to_have_count(2)


def test_an_alert_waits_for_ok(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    world.asks(handle.chat_id, "?", "Yes")
    page = opens()
    phone_of(page).get_by_test_id("button").click()
    world.call("answerCallbackQuery", callback_query_id=world.waits_for_tap()["id"], text="Read this", show_alert=True)
    expect(page.get_by_role("alertdialog")).to_contain_text("Read this")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_dots_show_while_the_bot_has_not_answered(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    page = opens()
    phone = phone_of(page)
    expect(phone.get_by_test_id("typing")).to_be_visible()
    world.call("sendMessage", chat_id=handle.chat_id, text="Here")
    expect(phone.get_by_test_id("typing")).to_be_hidden()


def test_text_is_typed_and_never_becomes_markup(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    page = opens()
    phone = phone_of(page)
    phone.get_by_test_id("composer").fill("<img src=x onerror=alert(1)> & 'é'")
    page.keyboard.press("Enter")
    expect(phone.get_by_test_id("message").last).to_contain_text("<img src=x onerror=alert(1)> & 'é'")
    assert handle.messages[-1].text == "<img src=x onerror=alert(1)> & 'é'"
    world.call("sendMessage", chat_id=handle.chat_id, text="<b>not bold</b>")
    expect(phone.get_by_test_id("message").last).to_contain_text("<b>not bold</b>")


def test_the_menu_sends_a_command_by_keyboard_alone(world: ScriptedBot, opens: Open) -> None:
    world.call("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    world.call("setMyCommands", commands=[{"command": "aide", "description": "Aide"}], language_code="fr")
    handle = world.standin.participant(language="fr")
    handle.starts()
    page = opens()
    phone_of(page).get_by_test_id("menu").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="/aide")).to_be_focused()
    page.keyboard.press("Escape")
    expect(phone_of(page).get_by_test_id("menu")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(phone_of(page).get_by_test_id("message").last).to_contain_text("/aide")


def test_a_tapped_button_keeps_the_keyboard_users_place(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    message = world.asks(handle.chat_id, "one?", "Yes", "No")
    page = opens()
    phone_of(page).get_by_role("button", name="Yes").focus()
    page.keyboard.press("Enter")
    world.waits_for_tap()
    world.call(
        "editMessageText",
        chat_id=handle.chat_id,
        message_id=message,
        text="two?",
        reply_markup={"inline_keyboard": [[{"text": "Next", "callback_data": "n.2.0"}]]},
    )
    expect(phone_of(page).get_by_test_id("message").last).to_be_focused()
    page.keyboard.press("Tab")
    expect(phone_of(page).get_by_role("button", name="Next")).to_be_focused()


def test_blocking_offers_restart_and_deleting_empties_the_chat(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    page = opens()
    phone = phone_of(page)
    phone.get_by_test_id("more").click()
    phone.get_by_test_id("clear").click()
    expect(phone.get_by_test_id("message")).to_have_count(0)
    phone.get_by_test_id("more").click()
    phone.get_by_test_id("block").click()
    expect(phone.get_by_test_id("start")).to_have_text("Restart")
    phone.get_by_test_id("start").click()
    expect(phone.get_by_test_id("message")).to_contain_text("/start")


def test_a_link_with_a_code_starts_with_it(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    page = opens()
    phone = phone_of(page)
    phone.get_by_test_id("more").click()
    phone.get_by_test_id("link").click()
    phone.get_by_test_id("payload").fill("poster-7")
    page.keyboard.press("Enter")
    expect(phone.get_by_test_id("message")).to_contain_text("/start poster-7")
    assert handle.messages[0].text == "/start poster-7"


def test_photos_voices_stickers_and_places_can_be_sent(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    phone = phone_of(opens())
    for kind in ("photo", "voice", "sticker", "location"):
        phone.get_by_test_id("attach").click()
        phone.get_by_test_id(f"send-{kind}").click()
        expect(phone.locator(f".media-{kind}")).to_be_visible()
    assert [one.kind for one in handle.messages[1:]] == ["photo", "voice", "sticker", "location"]


def test_a_copy_button_copies_and_a_link_opens_nothing(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    rows = [
        [{"text": "Copy", "copy_text": {"text": "K7M2"}}],
        [{"text": "Registry", "url": "https://example.org/"}],
    ]
    world.call("sendMessage", chat_id=handle.chat_id, text="K7M2", reply_markup={"inline_keyboard": rows})
    page = opens(permissions=["clipboard-read", "clipboard-write"])
    phone = phone_of(page)
    phone.get_by_role("button", name="Copy (copies the code)").click()
    expect(phone.get_by_test_id("toast")).to_have_text("Copied to clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == "K7M2"
    phone.get_by_role("button", name="Registry (opens a link)").click()
    expect(phone.get_by_test_id("toast").last).to_contain_text("https://example.org/")
    assert page.context.pages == [page]
    assert world.taps() == []


def test_a_label_that_telegram_would_cut_is_cut_and_marked(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    world.asks(handle.chat_id, "?", "Yes", LONG)
    phone = phone_of(opens())
    expect(phone.locator("[data-cut]")).to_have_text(LONG)
    expect(phone.get_by_title(LONG)).to_be_visible()


def test_an_own_message_can_be_changed(world: ScriptedBot, opens: Open) -> None:
    handle = world.standin.participant()
    handle.starts()
    handle.types("one")
    phone = phone_of(opens())
    phone.get_by_test_id("message").last.hover()
    phone.get_by_test_id("actions").last.click()
    phone.get_by_test_id("edit").click()
    phone.get_by_test_id("composer").fill("two")
    phone.get_by_test_id("send").click()
    expect(phone.get_by_test_id("message").last).to_contain_text("edited")
    assert handle.messages[-1].text == "two"


def test_phones_are_added_in_both_languages(opens: Open) -> None:
    page = opens()
    page.get_by_test_id("add-fr").click()
    expect(phone_of(page).get_by_test_id("start")).to_be_focused()
    page.get_by_test_id("add-en").click()
    expect(phone_of(page, 1).get_by_test_id("start")).to_have_text("Start")
    expect(phone_of(page, 1)).to_have_accessible_name("Phone of Participant 2")


def test_the_page_speaks_the_browsers_language_and_can_be_switched(opens: Open) -> None:
    page = opens(locale="fr-CA")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_test_id("banner")).to_contain_text("rien ne quitte cet ordinateur")
    page.get_by_test_id("language-en").click()
    expect(page.get_by_test_id("banner")).to_contain_text("nothing leaves this computer")
    page.reload()
    expect(page.get_by_test_id("banner")).to_contain_text("nothing leaves this computer")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_and_a_switch(opens: Open, scheme: str) -> None:
    page = opens(color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_test_id("theme-light" if scheme == "dark" else "theme-dark").click()
    assert page.evaluate(ground) != before
    page.get_by_test_id("theme-auto").click()
    assert page.evaluate(ground) == before


@pytest.mark.parametrize("width", [320, 360])
def test_on_a_narrow_screen_one_side_is_shown_at_a_time_and_nothing_sticks_out(
    world: ScriptedBot, opens: Open, width: int
) -> None:
    for language in ("fr", "en"):
        handle = world.standin.participant(language=language)
        handle.starts()
        world.asks(handle.chat_id, "?" * 40, "Yes", LONG)
    page = opens(viewport={"width": width, "height": 740})
    expect(phone_of(page, 0)).to_be_visible()
    expect(phone_of(page, 1)).to_be_hidden()
    page.get_by_test_id("pick-private").nth(1).click()
    expect(phone_of(page, 1).get_by_test_id("composer")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_test_id("pick-side").nth(1).click()
    expect(page.get_by_test_id("room").first.get_by_test_id("composer")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_page_says_when_the_demonstration_is_gone(world: ScriptedBot, browser: Browser) -> None:
    page = browser.new_page(locale="en-US")
    page.goto(world.standin.url)
    page.locator("html[data-ready]").wait_for()
    world.standin.server.stop()
    expect(page.locator("#lost")).to_be_visible()
    page.close()
