"""The door of the Bot API: `/bot<token>/<method>`, answered in Telegram's form, every call logged."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.demo import files, messages, profile
from bot.demo.chats import Telegram
from bot.demo.faults import Call, Fault, Faults
from bot.demo.lines import Cut, Lines
from bot.demo.params import Params, read
from bot.demo.polling import HungUpError, get_updates
from bot.demo.wire import ApiError, Json, JsonObject

METHODS: dict[str, Callable[[Telegram, Params], Json]] = {**messages.METHODS, **files.METHODS, **profile.METHODS}


class BotApi:
    """Telegram's side of every call."""

    def __init__(self, telegram: Telegram, faults: Faults, lines: Lines) -> None:
        self._telegram = telegram
        self._faults = faults
        self._lines = lines

    async def answer(self, request: Request) -> Response:
        """Answers one call, or cuts the connection where a fault says so."""
        method = request.path_params["method"]
        if request.path_params["token"] != self._telegram.token:
            return _response(ApiError(401, "Unauthorized"))
        try:
            params = read(request.url.query, request.headers.get("content-type", ""), await request.body())
        except ApiError as refusal:
            self._log(method, Params({}), refusal.code, refusal.answer())
            return _response(refusal)
        fault = self._faults.strike(method, params.chat)
        if fault is None:
            return await self._called(request, method, params)
        return await self._struck(fault, request, method, params)

    async def _struck(self, fault: Fault, request: Request, method: str, params: Params) -> Response:
        if fault.kind == "drop_before":
            self._log(method, params, 0, {}, fault)
            return Cut(request, self._lines)
        if fault.kind == "refuse":
            refusal = fault.refusal or ApiError(500, "Internal Server Error")
            self._log(method, params, refusal.code, refusal.answer(), fault)
            return _response(refusal)
        if fault.kind == "slow":
            await self._telegram.changes.pause(fault.seconds)
        response = await self._called(request, method, params, fault)
        if fault.kind == "slow_answer":
            await self._telegram.changes.pause(fault.seconds)
        return Cut(request, self._lines) if fault.kind == "drop_after" else response

    async def _called(self, request: Request, method: str, params: Params, fault: Fault | None = None) -> Response:
        try:
            body: JsonObject = {"ok": True, "result": await self._result(request, method, params)}
        except ApiError as refusal:
            self._log(method, params, refusal.code, refusal.answer(), fault)
            return _response(refusal)
        except HungUpError:
            return Response(status_code=499)
        self._log(method, params, 200, body, fault)
        return JSONResponse(body)

    async def _result(self, request: Request, method: str, params: Params) -> Json:
        if method.lower() == "getupdates":
            return await get_updates(self._telegram, params, lambda: _hung_up(request))
        handler = METHODS.get(method.lower())
        if handler is None:
            raise ApiError(404, "Not Found")
        return handler(self._telegram, params)

    def _log(self, method: str, params: Params, status: int, response: JsonObject, fault: Fault | None = None) -> None:
        number = len(self._faults.calls) + 1
        cut = fault is not None and fault.kind in ("drop_before", "drop_after")
        self._faults.calls.append(
            Call(
                number,
                self._telegram.now(),
                method,
                params.chat,
                params.logged(),
                0 if cut else status,
                response,
                fault.kind if fault else None,
            )
        )
        self._telegram.changes.touch()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _response(refusal: ApiError) -> JSONResponse:
    return JSONResponse(refusal.answer(), status_code=refusal.code)
