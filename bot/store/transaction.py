"""Everything that can be done in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Unavailable
from bot.store.bridges import Bridges
from bot.store.chats import Chats
from bot.store.counting import Counts, Updates
from bot.store.desk import Desk
from bot.store.envelopes import Envelopes
from bot.store.health import Health
from bot.store.letters import Letters
from bot.store.presence import Presence
from bot.store.referrals import Referrals
from bot.store.renewal import Renewal
from bot.store.statements import Statements
from bot.vault import Vault


class OneUpdatesFault(Exception):
    """The database took offence at the values of one update, not at all of them."""


class Transaction:
    """One transaction, by what it is about. It commits when its block ends, and not if that raises."""

    def __init__(self, connection: AsyncConnection, presence: Presence, vault: Vault | None = None) -> None:
        self._connection = connection
        statements = Statements(connection, presence.number, presence.known)
        envelopes = Envelopes(vault)
        self.chats = Chats(statements, vault)
        self.updates = Updates(statements)
        self.counts = Counts(statements)
        self.referrals = Referrals(statements, envelopes)
        self.desk = Desk(statements, envelopes)
        self.letters = Letters(statements)
        self.bridges = Bridges(statements)
        self.renewal = Renewal(statements, envelopes)
        self.health = Health(statements)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """A part that is undone alone when its block raises. Raises Unavailable, OneUpdatesFault, or that."""
        async with translated(), self._connection.begin_nested():
            yield


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """The database's failures in our words."""
    try:
        yield
    except (IntegrityError, DataError, OverflowError) as error:  # SQLite's driver raises its own for a huge number
        raise OneUpdatesFault(type(error).__name__) from error
    except (DBAPIError, NoConnectionLeft) as error:
        raise Unavailable(type(error).__name__) from error
