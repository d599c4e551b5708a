"""What can be said of a database from outside: whether it answers, is whole, and of which release it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import NullPool, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.messages import Unavailable
from bot.migrations import HEAD, version
from bot.store.database import set_up_sqlite
from bot.store.transaction import translated


@dataclass(frozen=True, slots=True)
class Condition:
    """How a database is. `journal` is SQLite's, `schema` the last migration, None where there are no tables."""

    schema: str | None
    journal: str = "wal"
    sound: bool = True

    @property
    def current(self) -> bool:
        """Whether its tables are those of this release."""
        return self.schema == HEAD

    @property
    def later(self) -> bool:
        """Whether its tables are those of a later release."""
        return self.schema is not None and self.schema > HEAD


async def condition(url: str) -> Condition:
    """How this database is. Raises Unavailable when it does not answer."""
    engine = create_async_engine(url, hide_parameters=True, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", set_up_sqlite)
    try:
        async with translated(), engine.connect() as connection:
            schema = await connection.run_sync(version)
            if engine.dialect.name != "sqlite":
                return Condition(schema)
            journal = (await connection.execute(text("PRAGMA journal_mode"))).scalar_one()
            sound = (await connection.execute(text("PRAGMA quick_check(1)"))).scalar_one() == "ok"
            return Condition(schema, journal, sound)
    except Unavailable as error:
        if type(error.__cause__) is DatabaseError:  # that is no kind of it, but "not a database", "malformed"
            return Condition(None, sound=False)
        raise
    finally:
        await engine.dispose()
