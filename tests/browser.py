"""A real browser for tests of the page, and a bot whose part the test plays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bot.demo.standin import StandIn

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="there is no chromium to look at the page with"
)
Open = Callable[..., Page]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    assert CHROMIUM is not None, "CI=true demands a chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        yield launched
        launched.close()


@contextmanager
def pages(url: str, browser: Browser) -> Iterator[Open]:
    """Opens the page as often as wanted, with options of the browser; at the end none may have complained."""
    contexts, complaints = [], []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        page.locator("html[data-ready]").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


class ScriptedBot:
    """A bot before a stand-in, played by the test."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self._client = httpx.Client(base_url=f"{standin.url}/bot{standin.token}/", timeout=10)

    def call(self, method: str, **params: object) -> Any:
        """The result of a call."""
        return self._result(self._client.post(method, json=params))

    def sends_picture(self, chat: int, content: bytes, caption: str) -> Any:
        """Sends a picture with a text below it."""
        given = {"chat_id": str(chat), "caption": caption}
        return self._result(self._client.post("sendPhoto", data=given, files={"photo": ("a.png", content)}))

    def asks(self, chat: int, text: str, *labels: str) -> int:
        """Sends a text with a button for each label, one below the other; the number of the message."""
        rows = [[{"text": label, "callback_data": f"n.1.{at}"}] for at, label in enumerate(labels)]
        markup = {"inline_keyboard": rows}
        sent = self.call("sendMessage", chat_id=chat, text=text, parse_mode="HTML", reply_markup=markup)
        return int(sent["message_id"])

    def answers(self, tap: dict[str, Any], text: str) -> None:
        """Shows a line for a moment to whoever tapped."""
        self.call("answerCallbackQuery", callback_query_id=tap["id"], text=text)

    def taps(self) -> list[dict[str, Any]]:
        """All taps so far."""
        return [one["callback_query"] for one in self.call("getUpdates") if "callback_query" in one]

    def waits_for_update(self) -> None:
        """Waits until there is something to read."""
        queue = self.standin.telegram.queue
        self.standin.server.until(lambda: queue.ready or None, 5, lambda: "no update came")

    def waits_for_tap(self) -> dict[str, Any]:
        """The newest tap, once there is one that was not answered."""
        self.standin.server.until(lambda: self._waiting() or None, 5, lambda: "no tap came")
        return self.taps()[-1]

    def _waiting(self) -> bool:
        return any(chat.taps for chat in self.standin.telegram.chats.values())

    @staticmethod
    def _result(answer: httpx.Response) -> Any:
        body = answer.json()
        assert body["ok"], body
        return body["result"]


def phone_of(page: Page, number: int = 0) -> Locator:
    """One of the phones on the page."""
    return page.get_by_test_id("phone").nth(number)
