"""This process among those that serve from one database: its number, who else lives, and which one of them polls.

On PostgreSQL a process holds locks as long as its own connection lives. A dead process loses them at once. One that
stands still says nothing on that connection, and the server ends it after the lease. So there is nothing to write
down and nothing to prolong: whoever holds no lock any more has left its work to the others.

An SQLite file is served by one process, which holds a lock on a file beside it for as long as it lives.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import structlog
from sqlalchemy import (
    BigInteger,
    NullPool,
    Select,
    cast,
    column,
    func,
    literal_column,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.messages import Occupied, Unavailable

LEASE = 30.0  # seconds a process may stand still before others take over what it was showing
LATELY = 0.5  # seconds for which a process may believe that it is still present without having asked
NOBODY = 0
PRESENT, POLLS = 4356288, 4356289  # two kinds of locks; any numbers nobody else uses
HANDOVER = 3.0  # seconds a process waits at its start for the one before it to let go of an SQLite file

# The numbers of all processes that are present now.
LOCKS = table("pg_locks", *map(column, ("locktype", "classid", "objid", "objsubid", "granted", "database")))
BASES = table("pg_database", column("oid"), column("datname"))
LIVING: Select[int] = select(cast(LOCKS.c.objid, BigInteger)).where(
    LOCKS.c.locktype == "advisory",
    LOCKS.c.classid == literal_column(str(PRESENT)),
    LOCKS.c.objsubid == 2,
    LOCKS.c.granted,
    LOCKS.c.database == select(BASES.c.oid).where(BASES.c.datname == func.current_database()).scalar_subquery(),
)

T = TypeVar("T")

log = structlog.get_logger("presence")


class Presence:
    """What the others can know of this process. `number` names it, until it was lost to them; then it has another."""

    def __init__(self, url: str, lease: float = LEASE) -> None:
        self._url = url
        self.lease = lease
        self.shared = not url.startswith("sqlite")
        self.number = _new_number()
        self._file: sqlite3.Connection | None = None
        self._connection: AsyncConnection | None = None
        self._talking = asyncio.Lock()
        self._heard: float | None = None
        self._elected = False

    @property
    def known(self) -> bool:
        """Whether this process has ever been present: until then, nothing is its own."""
        return self._heard is not None

    def holds(self, number: int) -> bool:
        """Whether what was promised under this number is still ours to do."""
        if self._heard is None or not self.shared:
            return number == self.number
        return number == self.number and time.monotonic() - self._heard < self.lease

    async def still_holds(self, number: int, since: float) -> bool:
        """The same, asked of the database where it was promised a while ago: it may have given us up meanwhile.

        `since` is when, by the monotonic clock.
        """
        if self.shared and self._heard is not None and time.monotonic() - max(since, self._heard) > LATELY:
            with suppress(Unavailable):  # then nothing is ours any more
                await self.beat()
        return self.holds(number)

    @property
    def polls(self) -> bool:
        """Whether this process is the one that asks Telegram for updates."""
        return self._elected and self.holds(self.number)

    async def beat(self) -> None:
        """Be present, or stay so: to be called several times in a lease. Raises Unavailable, Occupied."""
        if self.shared:
            await self._said(self._stay)
        elif self._file is None:
            self._file, self._heard = _locked(f"{make_url(self._url).database}.lock"), time.monotonic()

    async def elect(self) -> bool:
        """Try to be the one that polls; it stays so until it resigns or is lost. Raises Unavailable."""
        if self.shared and not self._elected:
            await self._said(self._candidate)
        elif not self.shared:
            self._elected = True
        return self.polls

    async def resign(self) -> None:
        """Let another process poll."""
        if self.shared and self._elected:
            with suppress(Unavailable):  # then it is lost, and so is the lock
                await self._said(self._resigned)
        self._elected = False

    async def close(self) -> None:
        """Leave whatever is not done to the others."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await _closed(connection)
        if self._file is not None:
            self._file.close()

    async def _stay(self, connection: AsyncConnection) -> None:
        await connection.execute(select(1))

    async def _candidate(self, connection: AsyncConnection) -> None:
        self._elected = bool((await connection.execute(select(func.pg_try_advisory_lock(POLLS, 0)))).scalar())

    async def _resigned(self, connection: AsyncConnection) -> None:
        await connection.execute(select(func.pg_advisory_unlock(POLLS, 0)))

    async def _said(self, word: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """Say this on the connection that makes us present."""
        async with self._talking:
            began = time.monotonic()
            if self._heard is not None and began - self._heard >= self.lease:
                await self._lost()  # we stood still for too long, whether the server has noticed or not
            try:
                async with asyncio.timeout(self.lease):
                    if self._connection is None:
                        self._connection = await self._entered()
                    await word(self._connection)
            except (DBAPIError, OSError, TimeoutError) as error:
                await self._lost()
                raise Unavailable(type(error).__name__) from error
            self._heard = began

    async def _entered(self) -> AsyncConnection:
        engine = create_async_engine(self._url, hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        connection = await engine.connect()
        milliseconds = str(int(self.lease * 1000))
        await connection.execute(select(func.set_config("idle_session_timeout", milliseconds, False)))
        await connection.execute(select(func.pg_advisory_lock(PRESENT, self.number)))
        return connection

    async def _lost(self) -> None:
        """The others take this process for dead: what it was doing is theirs, and it begins anew, as another."""
        connection, self._connection = self._connection, None
        self._elected = False
        if connection is None:
            return
        log.warning("this process is taken for dead by the others, and begins anew")
        self.number, self._heard = _new_number(), float("-inf")
        await _closed(connection)


async def _closed(connection: AsyncConnection) -> None:
    with suppress(DBAPIError, OSError, TimeoutError):  # what is lost already needs no closing
        async with asyncio.timeout(1):
            await connection.close()


def _new_number() -> int:
    return secrets.randbelow(2**31 - 1) + 1


def _locked(path: str) -> sqlite3.Connection:
    """A lock that ends with this process, wherever Python runs. Raises Occupied, Unavailable."""
    try:
        connection = sqlite3.connect(path, timeout=HANDOVER, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise Occupied("another process serves from this database") from error
        raise Unavailable(type(error).__name__) from error
    return connection
