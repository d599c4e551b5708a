"""How Bot API calls travel: python-telegram-bot's own extension point, on aiohttp.

Its default transport gets slower the more chats are served at once; this one does not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import aiohttp
from aiohttp.http import HttpProcessingError
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

CONNECTIONS = 512
TIMEOUT = 20.0
CONNECTING = aiohttp.ClientTimeout(total=None, connect=TIMEOUT)


@dataclass(frozen=True, slots=True)
class Said:
    """A call without files, written once: the library's own would write each value apart, and then all again."""

    json_payload: bytes
    contains_files: bool = False


class Way(NamedTuple):
    """The way to one method: where it leads, for the pool, and what its calls begin with, up to their length."""

    to: aiohttp.ClientRequest
    head: bytes


class AiohttpRequest(BaseRequest):
    """One pool of connections. No error it raises holds the address, which contains the token.

    Nearly all calls are small, and their answers too. Those travel on the pool's connections as they are: what the
    client would do around each one, for redirects, cookies and bodies of any kind, costs more than all the rest.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._ways: dict[str, Way] = {}
        self.date: str | None = None  # when the last answer was given, by the server's clock

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer, unless a call says otherwise."""
        return TIMEOUT

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            )

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """An answer of the shape the library relies on. Raises TelegramError for what is none."""
        said = BaseRequest.parse_json_payload(payload)
        if not isinstance(said, dict) or not isinstance(said.get("parameters", {}), dict | None):
            raise TelegramError("an answer that is none")
        return {"result": False, **said}

    async def call(self, url: str, what: Mapping[str, object], seconds: float = TIMEOUT) -> Any:
        """What the server says to this call, as JSON has it. Raises TelegramError."""
        said = Said(json.dumps(what).encode("ascii"))
        return await self.post(url, cast(RequestData, said), read_timeout=seconds)  # which only hands it on

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The status and body of one call. Raises TimedOut or NetworkError."""
        if self._session is None:
            raise NetworkError("the connection pool is not open")
        seconds = read_timeout if isinstance(read_timeout, int | float) else TIMEOUT
        try:
            if request_data is None or request_data.contains_files:
                return await self._uploaded(self._session, url, request_data, seconds)
            async with asyncio.timeout(seconds):
                return await self._exchanged(self._session, url, request_data.json_payload)
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
            raise NetworkError(type(error).__name__) from None

    async def _exchanged(self, session: aiohttp.ClientSession, url: str, body: bytes) -> tuple[int, bytes]:
        """The answer to this body, on a connection of the pool."""
        pool, way = session.connector, self._ways.get(url) or self._way(url)
        if pool is None:
            raise NetworkError("the connection pool is closed")
        connection = await pool.connect(way.to, [], CONNECTING)
        try:
            protocol, transport = connection.protocol, connection.transport
            if protocol is None or transport is None:
                raise NetworkError("the connection was lost")
            protocol.set_response_params(read_until_eof=True)
            transport.write(b"%b%d\r\n\r\n%b" % (way.head, len(body), body))
            message, content = await protocol.read()
            while message.code < 200:  # only an announcement of the answer
                message, content = await protocol.read()
            answer = await content.read()
        except BaseException:  # whatever comes on it now would be taken for the answer to another call
            connection.close()
            raise
        connection.release()
        self.date = message.headers.get("Date")
        return message.code, answer

    def _way(self, url: str) -> Way:
        to = aiohttp.ClientRequest("POST", URL(url), loop=asyncio.get_running_loop())
        head = f"POST {to.url.raw_path} HTTP/1.1\r\nHost: {to.headers['Host']}\r\n"
        head += "Content-Type: application/json\r\nContent-Length: "
        self._ways[url] = Way(to, head.encode("ascii"))
        return self._ways[url]

    async def _uploaded(
        self, session: aiohttp.ClientSession, url: str, request_data: RequestData | None, seconds: float
    ) -> tuple[int, bytes]:
        """The answer to a form with files."""
        form = _form(request_data) if request_data else None
        async with session.post(url, data=form, timeout=aiohttp.ClientTimeout(total=seconds)) as response:
            self.date = response.headers.get("Date")
            return response.status, await response.read()


def _form(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(request_data.json_parameters)
    for name, (filename, content, kind) in (request_data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form
