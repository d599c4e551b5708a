"""Both doors, the Bot API and the page, as one application that answers on this computer only."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo.api import BotApi
from bot.demo.chats import Telegram
from bot.demo.faults import Faults
from bot.demo.lines import Lines
from bot.demo.page import routes as page_routes

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class OnlyHere:
    """Refuses what was not addressed to this computer by name: a page of the web whose name was rebound to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what names loopback as its host, answers 403 to the rest."""
        if scope["type"] == "http" and not _is_loopback(Request(scope).headers.get("host", "")):
            await Response("403", status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def create_app(telegram: Telegram, faults: Faults, lines: Lines) -> ASGIApp:
    """The whole stand-in as an ASGI application."""
    api = BotApi(telegram, faults, lines)
    routes: list[BaseRoute] = [
        Route("/bot{token}/{method}", api.answer, methods=["GET", "POST"]),
        *page_routes(telegram),
    ]
    return OnlyHere(Starlette(routes=routes, exception_handlers={404: _not_found}))


def _is_loopback(host: str) -> bool:
    name, separator, port = host.rpartition(":")
    return (name if separator and port.isdigit() else host) in LOOPBACK


async def _not_found(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, status_code=404)
