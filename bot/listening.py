"""Sockets that listen, alone or shared by several processes of one start."""

from __future__ import annotations

import socket
from dataclasses import dataclass


class CannotListen(Exception):
    """Nothing can listen at the address that a setting names."""


@dataclass(frozen=True)
class Worker:
    """Which of several processes of one start this is, and the socket they share; alone, it opens its own."""

    number: int = 0
    of: int = 1
    shared: int | None = None


ALONE = Worker()


def listening(address: str, setting: str, further: int = 0) -> socket.socket:
    """A socket that listens at `host:port`, or so many ports further on. Raises CannotListen."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port) + further), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise CannotListen(f"{setting}: nothing can listen at {address}: {error}") from error
