"""The open connections, so that a call's own can be cut like a cable."""

from __future__ import annotations

import asyncio
import socket

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Lines = dict[tuple[str, int], asyncio.Transport]


def protocol(lines: Lines) -> type[H11Protocol]:
    """A protocol for uvicorn that keeps `lines` up to date."""

    class Kept(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
            super().connection_made(transport)
            # Without this an answer's body waits 40 ms for the acknowledgement of its head. asyncio sees to it only
            # for sockets that were made with a protocol number, which `socket.create_server` leaves out.
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.client:
                lines[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client:
                lines.pop(self.client, None)
            super().connection_lost(exc)

    return Kept


class Cut(Response):
    """Instead of an answer: the connection is reset, as by a broken network."""

    def __init__(self, request: Request, lines: Lines) -> None:
        super().__init__()
        client = request.client
        self._line = lines.get((client.host, client.port)) if client else None

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        """Cuts the line and waits until the server has noticed."""
        if self._line is None:
            raise RuntimeError("the connection to be cut is not known")
        self._line.abort()
        while (await receive())["type"] != "http.disconnect":
            continue
