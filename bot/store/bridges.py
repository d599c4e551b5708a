"""The links between codes and chats that people agreed to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, or_, select, update

from bot.records import Bridge
from bot.store.statements import Statements
from bot.tables import bridges, referrals


class Bridges:
    """Which chat the desk may write to by code, in one transaction."""

    def __init__(self, statements: Statements) -> None:
        self._say = statements

    async def save(self, bridge: Bridge) -> None:
        """The desk may write to this chat by this code, until the link expires."""
        await self._say.insert_or_replace(bridges, [asdict(bridge)])

    async def of(self, code: str) -> Bridge | None:
        """The link of this code, where there is one, held until the transaction ends."""
        row = (await self._say.run(select(bridges).where(bridges.c.code == code).with_for_update())).mappings().first()
        return _bridge(row) if row else None

    async def close(self, codes: Collection[str]) -> set[str]:
        """Nobody can write by these codes any more. Returns those by which somebody could."""
        gone = delete(bridges).where(bridges.c.code.in_(codes)).returning(bridges.c.code)
        return set((await self._say.run(gone)).scalars())

    async def expired(self, now: int) -> list[Bridge]:
        """The links by which nobody may write any more."""
        late = select(bridges).where(bridges.c.expires <= now).order_by(bridges.c.code)
        rows = await self._say.run(late.with_for_update(skip_locked=True))
        return [_bridge(row) for row in rows.mappings()]

    async def behind(self, now: int) -> list[tuple[Bridge, str]]:
        """Links of people who do not know yet where their referral is, and where it is: what nobody can undo now."""
        settled = or_(referrals.c.undoable.is_(None), referrals.c.undoable <= now)
        query = select(bridges, referrals.c.state).where(bridges.c.code == referrals.c.code, settled)
        query = query.where(bridges.c.told != referrals.c.state).order_by(bridges.c.code)
        rows = await self._say.run(query.with_for_update(of=bridges, skip_locked=True))
        return [(_bridge(row), row["state"]) for row in rows.mappings()]

    async def forget_drafts(self, before: int) -> None:
        """Erase the words of the desk that nobody has confirmed since then."""
        old = update(bridges).where(bridges.c.drafted < before)
        await self._say.run(old.values(draft=None, drafted=None))


def _bridge(row: Any) -> Bridge:
    return Bridge(**{column.name: row[column.name] for column in bridges.c})
