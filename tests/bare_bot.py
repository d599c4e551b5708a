"""A bot's side of the wire, as bare as possible: calls in JSON, and what Telegram answers."""

from __future__ import annotations

from typing import Any

import httpx

from bot.demo.standin import StandIn


class BareBot:
    """Calls a stand-in with its token."""

    def __init__(self, standin: StandIn, client: httpx.Client) -> None:
        self._url = f"{standin.url}/bot{standin.token}"
        self._client = client

    def answer(self, method: str, **params: object) -> dict[str, Any]:
        """The whole answer to a call."""
        body: dict[str, Any] = self._client.post(f"{self._url}/{method}", json=params).json()
        return body

    def result(self, method: str, **params: object) -> Any:
        """The result of a call that is not refused."""
        body = self.answer(method, **params)
        assert body["ok"], body
        return body["result"]

    def refusal(self, method: str, **params: object) -> str:
        """Why a call is refused."""
        body = self.answer(method, **params)
        assert not body["ok"]
        return str(body["description"])
