"""Updates are delivered at least once and in order; failures happen on order; every call is on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from bot.demo.handles import Phone
from bot.demo.people import ImpossibleError
from bot.demo.standin import StandIn


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def phone(standin: StandIn) -> Phone:
    started = standin.participant()
    started.starts()
    return started


@pytest.fixture
async def http(standin: StandIn) -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(f"{standin.url}/bot{standin.token}/", timeout=timeout) as session:
        yield session


async def call(http: aiohttp.ClientSession, method: str, **params: object) -> dict[str, Any]:
    async with http.post(method, json=params) as answer:
        body: dict[str, Any] = await answer.json()
        return body


async def updates(http: aiohttp.ClientSession, **params: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await call(http, "getUpdates", **params))["result"]
    return found


async def test_an_update_comes_again_until_it_is_acknowledged(http: aiohttp.ClientSession, phone: Phone) -> None:
    phone.types("one")
    first = await updates(http)
    assert [one["message"]["text"] for one in first] == ["/start", "one"]
    assert await updates(http) == first
    assert await updates(http, limit=1) == first[:1]
    assert await updates(http, offset=first[1]["update_id"]) == first[1:]
    assert await updates(http, offset=first[1]["update_id"] + 1) == []


async def test_a_long_poll_ends_as_soon_as_somebody_writes(
    http: aiohttp.ClientSession, standin: StandIn, phone: Phone
) -> None:
    seen = await updates(http)
    waiting = asyncio.create_task(updates(http, offset=seen[-1]["update_id"] + 1, timeout=30))
    await asyncio.to_thread(standin.server.until, lambda: standin.telegram.queue.polled or None, 5, lambda: "")
    phone.types("now")
    (one,) = await asyncio.wait_for(waiting, 5)
    assert one["message"]["text"] == "now"


async def test_a_second_poller_ends_the_first(http: aiohttp.ClientSession, standin: StandIn, phone: Phone) -> None:
    offset = (await updates(http))[-1]["update_id"] + 1
    first = asyncio.create_task(call(http, "getUpdates", offset=offset, timeout=30))
    await asyncio.to_thread(standin.server.until, lambda: standin.telegram.queue.polled or None, 5, lambda: "")
    second = asyncio.create_task(updates(http, offset=offset, timeout=30))
    assert await asyncio.wait_for(first, 5) == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running",
    }
    phone.types("to the second")
    assert len(await asyncio.wait_for(second, 5)) == 1


async def test_a_poller_that_hangs_up_is_no_conflict(
    http: aiohttp.ClientSession, standin: StandIn, phone: Phone
) -> None:
    offset = (await updates(http))[-1]["update_id"] + 1
    poll = asyncio.create_task(updates(http, offset=offset, timeout=30))
    await asyncio.to_thread(standin.server.until, lambda: standin.telegram.queue.polled or None, 5, lambda: "")
    poll.cancel()
    await asyncio.to_thread(standin.server.until, lambda: not standin.telegram.queue.polled or None, 5, lambda: "")
    phone.types("after")
    assert len(await updates(http, offset=offset, timeout=5)) == 1
    assert standin.rejected() == []


async def test_no_poll_while_a_webhook_is_set(http: aiohttp.ClientSession, phone: Phone) -> None:
    refused = await call(http, "setWebhook", url="http://example.org")
    assert refused["description"] == "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    assert (await call(http, "setWebhook", url="https://example.org/hook"))["result"] is True
    assert (await call(http, "getUpdates"))["error_code"] == 409
    info = (await call(http, "getWebhookInfo"))["result"]
    assert (info["url"], info["pending_update_count"]) == ("https://example.org/hook", 1)
    assert (await call(http, "deleteWebhook", drop_pending_updates=True))["result"] is True
    assert await updates(http) == []


async def test_only_the_kinds_asked_for_are_queued(http: aiohttp.ClientSession, phone: Phone) -> None:
    seen = await updates(http, allowed_updates=["message"])
    phone.rewrites(phone.types("one"), "two")
    later = await updates(http, offset=seen[-1]["update_id"] + 1)
    assert [list(one)[1] for one in later] == ["message"]


async def test_an_acknowledged_update_can_come_once_more(
    http: aiohttp.ClientSession, standin: StandIn, phone: Phone
) -> None:
    first = (await updates(http))[0]
    assert await updates(http, offset=first["update_id"] + 1) == []
    standin.redelivers()
    assert await updates(http, offset=first["update_id"] + 1) == [first]
    assert await updates(http, offset=first["update_id"] + 1) == []


async def test_everything_a_person_can_send_becomes_an_update(http: aiohttp.ClientSession, phone: Phone) -> None:
    phone.sends("photo", "a caption")
    phone.sends("voice")
    phone.sends("sticker")
    phone.sends("location")
    phone.rewrites(phone.types("one"), "two")
    phone.blocks()
    phone.unblocks()
    kinds = [next(key for key in one if key != "update_id") for one in await updates(http)]
    assert kinds == ["message"] * 6 + ["edited_message"] + ["my_chat_member"] * 2


async def test_a_forged_tap_carries_any_data(http: aiohttp.ClientSession, phone: Phone) -> None:
    await call(http, "sendMessage", chat_id=phone.chat_id, text="a")
    phone.forges("anything.7")
    query = (await updates(http))[-1]["callback_query"]
    assert (query["data"], query["message"]["text"]) == ("anything.7", "a")


def test_nobody_can_do_what_no_client_can(standin: StandIn) -> None:
    phone = standin.participant()
    with pytest.raises(ImpossibleError):
        phone.types("before START")
    with pytest.raises(ImpossibleError):
        phone.starts("not a payload!")
    phone.starts()
    phone.blocks()
    with pytest.raises(ImpossibleError):
        phone.types("while blocked")


async def test_a_deleted_chat_hides_what_the_bot_still_edits(http: aiohttp.ClientSession, phone: Phone) -> None:
    sent = (await call(http, "sendMessage", chat_id=phone.chat_id, text="a"))["result"]
    phone.clears_chat()
    edited = await call(http, "editMessageText", chat_id=phone.chat_id, message_id=sent["message_id"], text="b")
    assert edited["ok"]
    assert phone.messages == []


async def test_429_and_5xx_strike_the_chosen_calls_only(
    http: aiohttp.ClientSession, standin: StandIn, phone: Phone
) -> None:
    other = standin.participant()
    other.starts()
    standin.refuses(429, "sendMessage", chat=phone.chat_id, times=2, retry_after=7)
    for _ in range(2):
        refused = await call(http, "sendMessage", chat_id=phone.chat_id, text="a")
        assert refused == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
        assert (await call(http, "sendMessage", chat_id=other.chat_id, text="a"))["ok"]
    assert (await call(http, "sendMessage", chat_id=phone.chat_id, text="a"))["ok"]
    standin.refuses(502)
    assert (await call(http, "getMe"))["description"] == "Bad Gateway"
    assert standin.rejected() == []
    assert [one.fault for one in standin.calls("sendMessage", phone.chat_id)] == ["refuse", "refuse", None]


@pytest.mark.parametrize(("applied", "seen"), [(False, []), (True, ["a"])])
async def test_a_connection_is_cut_before_or_after_the_effect(
    http: aiohttp.ClientSession, standin: StandIn, phone: Phone, applied: bool, seen: list[str]
) -> None:
    standin.drops("sendMessage", applied=applied)
    with pytest.raises(aiohttp.ClientError):
        await call(http, "sendMessage", chat_id=phone.chat_id, text="a")
    assert [one.text for one in phone.from_bot] == seen
    assert (await call(http, "sendMessage", chat_id=phone.chat_id, text="b"))["ok"]


@pytest.mark.parametrize(("applied", "seen"), [(False, 0), (True, 1)])
async def test_a_slow_call_takes_effect_late_or_answers_late(
    http: aiohttp.ClientSession, standin: StandIn, phone: Phone, applied: bool, seen: int
) -> None:
    standin.slows(30, "sendMessage", applied=applied)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call(http, "sendMessage", chat_id=phone.chat_id, text="a"), 0.2)
    assert len(phone.from_bot) == seen


async def test_the_log_tells_method_parameters_and_answer(
    http: aiohttp.ClientSession, standin: StandIn, phone: Phone
) -> None:
    await updates(http)
    await call(http, "sendMessage", chat_id=phone.chat_id, text="")
    (only,) = standin.calls()
    assert (only.method, only.chat, only.status) == ("sendMessage", phone.chat_id, 400)
    assert only.params == {"chat_id": phone.chat_id, "text": ""}
    assert standin.rejected() == [only]
    assert only.description == "Bad Request: message text is empty"


def test_a_wait_in_vain_says_what_was_seen_instead(standin: StandIn) -> None:
    standin.patience = 0.05
    phone = standin.participant("Participant 1")
    phone.starts("abc")
    with pytest.raises(TimeoutError, match=r"'Montréal'(.|\n)*Participant 1: /start abc"):
        phone.taps("Montréal")
