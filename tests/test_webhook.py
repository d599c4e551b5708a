"""Telegram brings updates: only Telegram, only what it would send, acknowledged only when durable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from bot.messages import Incoming, Unavailable, Update
from bot.settings import BadSettings, read_settings
from bot.telegram import Api
from bot.telegram.webhook import LONGEST_BODY, MOST_WAITING, Webhook

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")
SECRET = "a-secret-of-the-tests"
HEADERS = {"x-telegram-bot-api-secret-token": SECRET}


class Office:
    """What handles updates, when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[Update]] = []
        self.open = asyncio.Event()
        self.fault: Exception | None = None

    async def handle(self, updates: Sequence[Update]) -> None:
        self.batches.append(list(updates))
        await self.open.wait()
        if self.fault:
            raise self.fault

    @property
    def numbers(self) -> list[list[int]]:
        return [[each.update for each in batch] for batch in self.batches]


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def door(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    webhook = Webhook(Api("1:a", "http://127.0.0.1:9"), "/updates", SECRET, office.handle)
    running = asyncio.create_task(webhook.run())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(webhook.app), base_url="http://screener") as client:
        yield client
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def update(number: int, chat: int = 5_100_000_001) -> dict[str, object]:
    private, person = {"id": chat, "type": "private"}, {"id": chat, "is_bot": False, "first_name": "P"}
    message = {"message_id": number, "date": 1, "chat": private, "from": person, "text": "yes"}
    return {"update_id": number, "message": message}


async def test_only_telegram_is_let_in_and_only_with_an_update(door: httpx.AsyncClient, office: Office) -> None:
    office.open.set()
    json = {**HEADERS, "content-type": "application/json"}
    assert (await door.post("/updates", json=update(1))).status_code == 403
    wrong = {"x-telegram-bot-api-secret-token": SECRET[:-1]}
    assert (await door.post("/updates", json=update(1), headers=wrong)).status_code == 403
    assert (await door.get("/updates", headers=HEADERS)).status_code == 405
    assert (await door.post("/elsewhere", json=update(1), headers=HEADERS)).status_code == 404
    assert (await door.post("/updates", data={"update_id": "1"}, headers=HEADERS)).status_code == 415
    assert (await door.post("/updates", content=b" " * (LONGEST_BODY + 1), headers=json)).status_code == 413
    for nonsense in (b"", b"{", b"[]", b"\xff", b"[" * 100_000):
        assert (await door.post("/updates", content=nonsense, headers=json)).status_code == 400
    assert office.batches == []
    assert (await door.post("/updates", json={"update_id": 2, "poll": {"hostile": True}}, headers=HEADERS)).is_success


async def test_an_update_is_acknowledged_only_once_it_is_durable(door: httpx.AsyncClient, office: Office) -> None:
    brought = asyncio.create_task(door.post("/updates", json=update(1), headers=HEADERS))
    _, waiting = await asyncio.wait({brought}, timeout=0.1)
    assert waiting
    assert office.numbers == [[1]]
    assert isinstance(office.batches[0][0], Incoming)
    office.open.set()
    assert (await brought).status_code == 200


async def test_what_arrives_together_is_handled_together_and_each_chat_in_its_order(
    door: httpx.AsyncClient, office: Office
) -> None:
    updates = [update(1), update(2, chat=7), update(3, chat=8), update(4, chat=7)]
    brought = []
    for each in updates:
        brought.append(asyncio.create_task(door.post("/updates", json=each, headers=HEADERS)))
        await asyncio.sleep(0.01)
    office.open.set()
    assert [(await each).status_code for each in brought] == [200] * 4
    assert office.numbers == [[1], [2, 3], [4]]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("WEBHOOK_URL", "http://screener.test/updates"),
        ("WEBHOOK_SECRET", "short"),
        ("LISTEN", "8443"),
        ("STATUS_LISTEN", "127.0.0.1:port"),
        ("SENDS_PER_SECOND", "-1"),
        ("LEASE_SECONDS", "0"),
    ],
)
def test_a_setting_that_cannot_serve_is_named(monkeypatch: pytest.MonkeyPatch, setting: str, value: str) -> None:
    monkeypatch.setenv("SCREENER_BOT_TOKEN", "1:a")
    monkeypatch.setenv("SCREENER_SECRET_KEY", "k" * 32)
    read_settings(frozenset())
    monkeypatch.setenv(f"SCREENER_{setting}", value)
    with pytest.raises(BadSettings, match=f"SCREENER_{setting}: "):
        read_settings(frozenset())


@pytest.mark.parametrize("fault", [Unavailable("gone"), ValueError("a mistake of ours")])
async def test_what_could_not_be_handled_is_to_be_brought_again(
    door: httpx.AsyncClient, office: Office, fault: Exception
) -> None:
    office.fault = fault
    office.open.set()
    refused = await door.post("/updates", json=update(1), headers=HEADERS)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    office.fault = None
    assert (await door.post("/updates", json=update(1), headers=HEADERS)).status_code == 200


async def test_who_comes_when_too_many_wait_is_to_come_again(door: httpx.AsyncClient, office: Office) -> None:
    brought = [
        asyncio.create_task(door.post("/updates", json=update(number, chat=number), headers=HEADERS))
        for number in range(1, MOST_WAITING + 10)
    ]
    first = await asyncio.wait(brought, return_when=asyncio.FIRST_COMPLETED, timeout=5)
    assert {each.result().status_code for each in first[0]} == {503}
    office.open.set()
    answers = [(await each).status_code for each in brought]
    assert answers.count(200) >= MOST_WAITING
