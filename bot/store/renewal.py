"""What a change of the secret says to the database: what is still sealed with an older key, and its renewal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, delete, func, or_, select, text, update

from bot.seals import AUDIT, DESK, LIFE, OTHERS, REFERRALS, Sealed
from bot.store.envelopes import Envelopes
from bot.store.statements import Statements
from bot.tables import audit, bindings, chats, metadata, referrals, unsealed
from bot.vault import NAME_BYTES, Unsealable

TAKING_UP = 4356286  # the lock that lets one process at a time take a new key up; any number nobody else uses
SAMPLE = 50


class Renewal:
    """Rows sealed with older keys, in one transaction."""

    def __init__(self, statements: Statements, envelopes: Envelopes) -> None:
        self._say = statements
        self._envelopes = envelopes

    async def alone(self) -> None:
        """Wait until no other process takes a key up, and keep others from it until the transaction ends."""
        if self._say.postgres:  # SQLite has one writer at a time anyway
            await self._say.run(select(func.pg_advisory_xact_lock(TAKING_UP)))

    async def some(self) -> tuple[list[bytes], list[bytes]]:
        """The sealed addresses of the desks' chats, and some of the people's."""
        desks = (await self._say.run(select(bindings.c.address))).scalars()
        people = await self._say.run(select(chats.c.address).where(chats.c.address != b"").limit(SAMPLE))
        return list(desks), list(people.scalars())

    async def outdated(
        self, sealed: Sealed, names: Collection[bytes], limit: int | None = None, skipping: int = 0
    ) -> Sequence[Mapping[str, Any]]:
        """Rows of which something is sealed with one of these keys, held until the transaction ends."""
        table = metadata.tables[sealed.table]
        query = select(table).where(_bears(sealed, names)).order_by(*table.primary_key.columns).offset(skipping)
        rows = await self._say.run(query.limit(limit).with_for_update())
        return [dict(row) for row in rows.mappings()]

    async def change(self, table_name: str, row: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        """Let this row have these values. One that has today's key already was put there since, and stays.

        The row itself is changed and not replaced: whoever waits to erase it finds it under its new key.
        """
        table = metadata.tables[table_name]
        keys = [column.name for column in table.primary_key]
        here = [table.c[name] == row[name] for name in keys]
        there = [table.c[name] == changed.get(name, row[name]) for name in keys]
        if any(name in changed for name in keys) and (await self._say.run(select(table).where(*there))).first():
            await self._say.run(delete(table).where(*here))
        else:
            await self._say.run(update(table).where(*here).values(dict(changed)))

    async def drop(self, table_name: str, row: Mapping[str, Any]) -> None:
        """Forget this row."""
        table = metadata.tables[table_name]
        await self._say.run(
            delete(table).where(*(table.c[column.name] == row[column.name] for column in table.primary_key))
        )

    async def doers(self) -> Sequence[bytes]:
        """Who acted at any desk, sealed."""
        return list((await self._say.run(select(audit.c.who))).scalars())

    async def reclaim(self, keys: Mapping[bytes, bytes]) -> None:
        """Name those who have referrals by their new keys. A life that does not open is damaged, and stays."""
        lives = select(referrals.c.code, referrals.c.life).where(referrals.c.life.is_not(None))
        for row in (await self._say.run(lives)).all():
            belongs_to = LIFE + row.code.encode("ascii")
            try:
                life = was = self._envelopes.open(row.life, belongs_to)
            except Unsealable:
                continue
            for old, new in keys.items():
                life = life.replace(old.hex(), new.hex())
            if life != was:
                cell = self._envelopes.seal(life, belongs_to)
                await self._say.run(update(referrals).where(referrals.c.code == row.code).values(life=cell))
        for old, new in keys.items():
            await self._say.run(update(referrals).where(referrals.c.claimer == old).values(claimer=new))

    async def seal_unsealed(self) -> int:
        """Seal the words that an earlier release kept in the clear. How many there were."""
        rows = (await self._say.run(select(unsealed))).all()
        cells: dict[str, list[dict[str, Any]]] = {"result": [], "life": [], "what": []}
        for row in rows:
            sealed = AUDIT if row.kind in AUDIT.columns else REFERRALS
            cell = self._envelopes.cell(sealed, row.kind, row.of, row.words)
            cells[row.kind].append({"row": int(row.of) if sealed is AUDIT else row.of, "cell": cell})
        for kind, given in cells.items():
            if given:
                await self._say.run(_filling(kind), given)
        if rows:  # PostgreSQL keeps deleted rows for a while, but no file that was truncated
            await self._say.run(text("TRUNCATE unsealed") if self._say.postgres else delete(unsealed))
        return len(rows)

    async def count(self, names: Collection[bytes]) -> int:
        """How many rows hold something sealed with one of these keys."""
        total = 0
        for sealed in (Sealed("chats", {"address": b"", "session": b""}), *DESK, *OTHERS):
            query = select(func.count()).select_from(metadata.tables[sealed.table]).where(_bears(sealed, names))
            total += (await self._say.run(query)).scalar_one()
        return total


def _filling(kind: str) -> Update:
    """Puts the `cell` into the `row` of a kind of words; one that was erased meanwhile stays erased."""
    if kind in AUDIT.columns:
        return update(audit).where(audit.c.id == bindparam("row")).values({kind: bindparam("cell")})
    there = (referrals.c.code == bindparam("row"), referrals.c[kind].is_not(None))
    return update(referrals).where(*there).values({kind: bindparam("cell")})


def _bears(sealed: Sealed, names: Collection[bytes]) -> ColumnElement[bool]:
    """Whether some sealed value of a row bears one of these names."""
    table = metadata.tables[sealed.table]
    return or_(*(func.substr(table.c[column], 1, NAME_BYTES).in_(names) for column in sealed.columns))
