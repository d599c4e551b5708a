"""Takes updates that Telegram brings, and says "thank you" only once everything that follows from them is durable."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.allowance import Allowance
from bot.messages import Unavailable, Update
from bot.telegram.api import Api
from bot.telegram.parse import parsed
from bot.telegram.polling import batches

LONGEST_BODY = 1 << 20  # bytes; what Telegram sends stays far below
MOST_WAITING = 400  # updates; one process gets at most 100 at once from Telegram
AGAIN = "2"  # seconds after which to bring it again
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  # the name of a header

log = structlog.get_logger("webhook")


class Webhook:
    """The address Telegram brings updates to. What arrives while others are handled is handled together."""

    def __init__(
        self,
        api: Api,
        path: str,
        secret: str,
        handle: Callable[[Sequence[Update]], Awaitable[None]],
        allowance: Allowance | None = None,
    ) -> None:
        self._api = api
        self._allowance = allowance or Allowance()
        self._secret = secret.encode("ascii")
        self._handle = handle
        self._waiting: deque[tuple[Update, asyncio.Future[bool]]] = deque()
        self._some = asyncio.Event()
        self.app = Starlette(routes=[Route(path, self._receive, methods=["POST"])])

    async def run(self) -> None:
        """Handle what arrives, until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            waiting, self._waiting = self._waiting, deque()
            await self._handled(list(waiting))

    async def _handled(self, waiting: list[tuple[Update, asyncio.Future[bool]]]) -> None:
        """Handle these, and tell each request whether it may be acknowledged."""
        told = {id(update): future for update, future in waiting}
        try:
            for batch in batches([update for update, _ in waiting]):
                await self._handle(batch)
                for update in batch:
                    _tell(told.pop(id(update)), True)
        except Unavailable as error:
            log.error("the database is unavailable, updates come again", reason=str(error), updates=len(told))
        except Exception as error:  # what fails once must not be the end of it
            log.error("updates could not be handled, they come again", reason=type(error).__name__, updates=len(told))
        finally:
            for future in told.values():
                _tell(future, False)

    async def _receive(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            return Response(status_code=403)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response(status_code=415)
        if len(self._waiting) >= MOST_WAITING:
            return _come_again()
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        raw = _json(body)
        if raw is None:
            return Response(status_code=400)
        durable: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._allowance.admitted(parsed(raw, self._api.bot)), durable))
        self._some.set()
        return Response() if await durable else _come_again()


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is too much."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST_BODY:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):  # the latter for something nested without end
        return None
    return raw if isinstance(raw, dict) else None


def _tell(future: asyncio.Future[bool], durable: bool) -> None:
    if not future.done():  # or whoever asked has hung up
        future.set_result(durable)


def _come_again() -> Response:
    return Response(status_code=503, headers={"retry-after": AGAIN})
