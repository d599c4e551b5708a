"""Transactions over the tables: what is kept, found, and erased. No other module knows the database library."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import Table, and_, bindparam, case, delete, event, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.messages import ChatKey, Unavailable
from bot.records import Chat, Referral, Shown
from bot.tables import chats, counts, moves, referrals, seen

PREPARING = 4356287  # the lock that lets one process at a time make tables; any number nobody else uses
PATIENCE, SCRUB_PATIENCE = 10_000, 100  # milliseconds to wait for somebody else's lock
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", f"busy_timeout={PATIENCE}")
OVER = chats.c.over.is_(True)


class OneUpdatesFault(Exception):
    """The database took offence at the values of one update, not at all of them."""


class Transaction:
    """What can be done in one transaction. It commits when its block ends, and not if that raises."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._postgres = connection.dialect.name == "postgresql"
        self._blank: set[ChatKey] = set()

    async def unseen(self, updates: Collection[int]) -> set[int]:
        """Those of these updates that were not handled before."""
        found = await self._connection.execute(select(seen.c.update_id).where(seen.c.update_id.in_(updates)))
        return set(updates) - set(found.scalars())

    async def see(self, updates: Collection[int], now: int) -> None:
        """From now on these updates were handled."""
        if updates:
            await self._insert_or_ignore(seen, [{"update_id": each, "at": now} for each in updates])

    async def lock(self, keys: Collection[ChatKey]) -> dict[ChatKey, Chat]:
        """The rows of these chats, held until the transaction ends; those nothing is known about are left out."""
        if self._postgres:
            await self._hold(keys)
        query = select(chats).where(chats.c.key.in_(keys)).order_by(chats.c.key).with_for_update()
        rows = [_chat(row) for row in (await self._connection.execute(query)).mappings()]
        self._blank |= {row.key for row in rows if not row.session}
        return {row.key: row for row in rows if row.session}

    async def let_go(self) -> None:
        """Leave nothing of the chats that were locked and turned out to have nothing to keep."""
        if self._blank:
            await self._connection.execute(delete(chats).where(chats.c.key.in_(self._blank)))

    async def save(self, rows: Sequence[Chat]) -> None:
        """Keep these rows as they are now."""
        if not rows:
            return
        self._blank -= {row.key for row in rows}
        values = [{**asdict(row), "litter": _joined(row.litter)} for row in rows]
        insert = self._insert(chats)
        changed = {column.name: insert.excluded[column.name] for column in chats.c if column.name != "key"}
        await self._connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=changed), values)

    async def refer(self, given: Sequence[Referral]) -> None:
        """Keep these referrals. Raises OneUpdatesFault, at the end, when one of their codes is taken."""
        if given:
            await self._connection.execute(referrals.insert(), [asdict(each) for each in given])

    async def withdraw(self, codes: Collection[str], state: str = "withdrawn") -> list[Referral]:
        """Erase the results under these codes and ask for their cards to be made bare. Returns what is left."""
        gone = (
            update(referrals)
            .where(referrals.c.code.in_(codes), referrals.c.result.is_not(None))
            .values(result=None, state=state, wanted=referrals.c.wanted + 1)
            .returning(*referrals.c)
        )
        return [_referral(row) for row in (await self._connection.execute(gone)).mappings()]

    async def unshown(self) -> list[Chat]:
        """Everybody whose screen is not the one they should see."""
        rows = await self._connection.execute(select(chats).where(chats.c.shown < chats.c.wanted))
        return [_chat(row) for row in rows.mappings() if row["session"]]

    async def unshown_referrals(self) -> list[Referral]:
        """Every referral whose card is not what it should be."""
        rows = await self._connection.execute(select(referrals).where(referrals.c.shown < referrals.c.wanted))
        return [_referral(row) for row in rows.mappings()]

    async def referral(self, code: str) -> Referral | None:
        """The referral under this code, if there is one."""
        row = (await self._connection.execute(select(referrals).where(referrals.c.code == code))).mappings().first()
        return _referral(row) if row else None

    async def record(self, shown: Sequence[Shown]) -> None:
        """These screens were shown; a screen newer than what is wanted is of a conversation long gone.

        What a newer screen has to clear away is left to it.
        """
        known = update(chats).where(chats.c.key == bindparam("of"), chats.c.wanted >= bindparam("turn"))
        values: dict[str, Any] = {
            "shown": bindparam("turn"),
            "message": bindparam("in_message"),
            "litter": case((chats.c.wanted == bindparam("turn"), bindparam("lying")), else_=chats.c.litter),
        }
        rows = [
            {"of": each.key, "turn": each.turn, "in_message": each.message, "lying": _joined(each.litter)}
            for each in shown
        ]
        if rows:
            await self._connection.execute(known.values(values), rows)

    async def record_card(self, code: str, version: int, message: int | None) -> None:
        """This version of a card was shown in this message. What is left of a gone referral goes with it."""
        of_code = referrals.c.code == code
        await self._connection.execute(update(referrals).where(of_code).values(shown=version, message=message))
        gone = and_(of_code, referrals.c.result.is_(None), referrals.c.shown >= referrals.c.wanted)
        await self._connection.execute(delete(referrals).where(gone))

    async def erase(self, ended: Sequence[tuple[ChatKey, int]]) -> None:
        """Erase these conversations, unless they went on after that turn."""
        one = delete(chats).where(chats.c.key == bindparam("of"), chats.c.wanted == bindparam("turn"), OVER)
        if ended:
            await self._connection.execute(one, [{"of": key, "turn": turn} for key, turn in ended])

    async def untouched_since(self, moment: int, limit: int) -> list[Chat]:
        """Open conversations in which nothing happened since then, oldest first."""
        old = select(chats).where(chats.c.touched < moment, chats.c.over.is_(False))
        rows = await self._connection.execute(old.order_by(chats.c.touched).limit(limit).with_for_update())
        return [_chat(row) for row in rows.mappings()]

    async def due_reminders(self, now: int, limit: int) -> list[Chat]:
        """Open conversations whose reminder is due."""
        due = select(chats).where(chats.c.remind <= now, chats.c.over.is_(False))
        rows = await self._connection.execute(due.order_by(chats.c.remind).limit(limit).with_for_update())
        return [_chat(row) for row in rows.mappings()]

    async def count(self, names: Sequence[str], day: date) -> None:
        """One more of each of these today."""
        for name in names:
            insert = self._insert(counts).values(day=day, name=name, number=1)
            more = {"number": counts.c.number + 1}
            await self._connection.execute(insert.on_conflict_do_update(index_elements=["day", "name"], set_=more))

    async def forget_counts(self, before: date) -> None:
        """Forget what was counted before that day."""
        await self._connection.execute(delete(counts).where(counts.c.day < before))

    async def forget_farewells(self, before: int) -> int:
        """Erase every ended conversation whose farewell could not be shown in time. Returns how many."""
        late = delete(chats).where(OVER, chats.c.touched < before)
        return (await self._connection.execute(late)).rowcount

    async def forget_updates(self, before: int) -> int:
        """Forget which updates were handled before then. Returns how many."""
        return (await self._connection.execute(delete(seen).where(seen.c.at < before))).rowcount

    async def outdated(self, arrived: int, closed: int) -> list[str]:
        """The codes of referrals that came before `arrived` or were closed before `closed`."""
        late = or_(referrals.c.arrived < arrived, referrals.c.closed < closed)
        found = await self._connection.execute(select(referrals.c.code).where(late, referrals.c.result.is_not(None)))
        return list(found.scalars())

    async def moved(self, key: ChatKey) -> bytes | None:
        """The sealed address a group moved to, if it did."""
        return (await self._connection.execute(select(moves.c.address).where(moves.c.key == key))).scalar()

    async def move(self, key: ChatKey, address: bytes, places: Collection[str] = ()) -> None:
        """Remember where a group went. The cards of its places stayed behind: no number of theirs counts there."""
        insert = self._insert(moves).values(key=key, address=address)
        await self._connection.execute(
            insert.on_conflict_do_update(index_elements=["key"], set_={"address": insert.excluded.address})
        )
        await self._connection.execute(update(referrals).where(referrals.c.place.in_(places)).values(message=None))

    async def _hold(self, keys: Collection[ChatKey]) -> None:
        """Make sure there are rows to lock, so that two processes cannot begin one conversation twice."""
        blank = {"address": b"", "session": b"", "wanted": 0, "shown": 0, "litter": "", "touched": 0, "over": False}
        await self._insert_or_ignore(chats, [{"key": key, **blank} for key in sorted(keys)])

    async def _insert_or_ignore(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        await self._connection.execute(self._insert(table).on_conflict_do_nothing(), list(rows))

    def _insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        return postgresql.insert(table) if self._postgres else sqlite.insert(table)


class Store:
    """The database: opened, brought up to date, and used in transactions.

    `dirty` says that erased bytes could not be taken out of the log yet, and scrubbing must be tried again.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self.dirty = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """One transaction. It commits at the end of the block; an exception rolls it back.

        Raises Unavailable when the database does not answer, OneUpdatesFault when what was given does not fit.
        """
        try:
            async with self._engine.begin() as connection:
                transaction = Transaction(connection)
                yield transaction
                await transaction.let_go()
        except (IntegrityError, DataError, OverflowError) as error:  # SQLite's driver raises its own for a huge number
            raise OneUpdatesFault(type(error).__name__) from error
        except (DBAPIError, NoConnectionLeft) as error:
            raise Unavailable(type(error).__name__) from error

    async def prepare(self) -> None:
        """Make the tables, or bring older ones up to date. Raises Unavailable when the database does not answer."""
        from bot.migrations import upgrade  # the migration library is heavy, and rarely needed

        try:
            async with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":  # SQLite locks as it begins
                    await connection.execute(select(func.pg_advisory_xact_lock(PREPARING)))
                await connection.run_sync(upgrade)
        except DBAPIError as error:
            await asyncio.sleep(0.1)  # aiosqlite's thread reports the failure to this loop once more: let it live
            raise Unavailable(type(error).__name__) from error

    async def scrub(self) -> None:
        """After an erasure: take the erased bytes out of SQLite's log too. PostgreSQL does so by itself, later.

        Somebody else reading the file may be in the way; nobody waits for them: `dirty` says so. Raises Unavailable.
        """
        if self._engine.dialect.name != "sqlite":
            return
        self.dirty = True
        try:
            async with self._engine.connect() as connection:
                raw = await connection.get_raw_connection()  # a checkpoint cannot run inside a transaction
                driver = raw.driver_connection
                if driver is None:
                    return
                await driver.execute(f"PRAGMA busy_timeout={SCRUB_PATIENCE}")
                async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as found:
                    row = await found.fetchone()
                await driver.execute(f"PRAGMA busy_timeout={PATIENCE}")
                self.dirty = not row or row[0] != 0
        except (sqlite3.Error, DBAPIError, NoConnectionLeft) as error:
            raise Unavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Let go of the database."""
        await self._engine.dispose()


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
    engine = create_async_engine(url, hide_parameters=True, pool_size=1, max_overflow=0)
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    # SQLite ignores FOR UPDATE: taking the write lock at the start is what keeps two writers apart.
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _set_up_sqlite(connection: DBAPIConnection, record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _chat(row: Any) -> Chat:
    litter = tuple(int(each) for each in row["litter"].split())
    return replace(Chat(**{**row, "litter": litter}), key=ChatKey(bytes(row["key"])))


def _referral(row: Any) -> Referral:
    return Referral(**row)


def _joined(messages: tuple[int, ...]) -> str:
    return " ".join(str(each) for each in messages)
