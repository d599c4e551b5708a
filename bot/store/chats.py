"""People's conversations: one row for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, delete, func, select, update

from bot.messages import ChatKey
from bot.records import Chat, Shown
from bot.seals import CHAT, SESSION
from bot.store.presence import NOBODY
from bot.store.statements import Statements, joined, parted
from bot.tables import chats
from bot.vault import NAME_BYTES, Unsealable, Vault, older_hashes

OVER = chats.c.over.is_(True)
UNSHOWN = chats.c.shown < chats.c.wanted
RECORDED = ("shown", "message", "litter", "holder")


class Chats:
    """The rows of people in a conversation, in one transaction.

    While older secrets may still open, whatever row is read is moved under today's key by the transaction that reads
    it: so nobody ever holds a row by an older one, and a person has one row whoever looks for it first.
    """

    def __init__(self, statements: Statements, vault: Vault | None = None) -> None:
        self._say = statements
        self._vault = vault if vault and vault.older_names else None
        self._blank: set[ChatKey] = set()
        self._elsewhere: dict[ChatKey, int] = {}

    async def lock(self, keys: Collection[ChatKey]) -> dict[ChatKey, Chat]:
        """The rows of these chats, held until the transaction ends; those nothing is known about are left out."""
        if self._say.postgres:
            await self._hold(keys)
        older = {ChatKey(old): key for key in keys for old in older_hashes(key)}
        query = select(chats).where(chats.c.key.in_([*keys, *older])).order_by(chats.c.key).with_for_update()
        rows = await self._read(query)
        self._blank |= {row.key for row in rows if not row.session}
        found = {row.key: row for row in rows if row.session}
        for old in older.keys() & found.keys():
            await self._move(found.pop(old), older[old], found)
        return found

    async def let_go(self) -> None:
        """Leave nothing of the chats that were locked and turned out to have nothing to keep."""
        if self._blank:
            await self._say.run(delete(chats).where(chats.c.key.in_(self._blank)))

    async def save(self, rows: Sequence[Chat]) -> None:
        """Keep these rows as they are now."""
        if rows:
            self._blank -= {row.key for row in rows}
            await self._say.insert_or_replace(chats, [self._values(row) for row in rows])

    async def unshown(self) -> list[Chat]:
        """Everybody whose screen is not the one they should see."""
        rows = await self._read(select(chats).where(UNSHOWN))
        return await self._renewed([row for row in rows if row.session])

    @property
    def number(self) -> int:
        """The number of this process."""
        return self._say.number

    def holder(self, key: ChatKey) -> int:
        """The process that shows this chat its screen: this one, unless another was still at it when it was locked."""
        return self._elsewhere.get(key, self._say.number)

    async def hold(self, keys: Collection[ChatKey]) -> None:
        """These chats, locked before, are shown their screen again by this process: nobody else is to meanwhile."""
        mine = set(keys) - self._elsewhere.keys()
        if mine and self._say.postgres:
            again = update(chats).where(chats.c.key.in_(mine))
            await self._say.run(again.values(holder=self._say.number, shown=chats.c.wanted - 1))

    async def left_behind(self, limit: int, among: Collection[ChatKey] | None = None) -> list[Chat]:
        """Some chats whose screen is not shown, and whose process lives no more: from now on they are this one's."""
        query = select(chats).where(UNSHOWN, self._say.deserted(chats.c.holder))
        if among is not None:
            query = query.where(chats.c.key.in_(among))
        rows = await self._read(query.order_by(chats.c.key).limit(limit).with_for_update(skip_locked=True))
        rows = [row for row in rows if row.session]
        held = update(chats).where(chats.c.key.in_([row.key for row in rows]))
        if rows:
            await self._say.run(held.values(holder=self._say.number))
        return await self._renewed(rows)

    async def oldest_unshown(self) -> int | None:
        """When the chat whose screen has been wanted for longest was last touched; None where all are shown."""
        return (await self._say.run(select(func.min(chats.c.touched)).where(UNSHOWN))).scalar()

    async def unfinished(self, keys: Collection[ChatKey]) -> set[ChatKey]:
        """Those of these chats whose screen is not shown."""
        rows = await self._say.run(select(chats.c.key).where(chats.c.key.in_(keys), UNSHOWN))
        return {ChatKey(bytes(key)) for key in rows.scalars()}

    async def record(self, shown: Sequence[Shown]) -> set[ChatKey]:
        """These screens were shown; a screen newer than what is wanted is of a conversation long gone.

        Returns the chats in which an older screen may stand above a newer one: this process was taken for dead, and
        showed it all the same.
        """
        if not shown:
            return set()
        query = select(chats).where(chats.c.key.in_([each.key for each in shown])).order_by(chats.c.key)
        rows = {bytes(row["key"]): row for row in (await self._say.run(query.with_for_update())).mappings()}
        known = [(each, rows[each.key]) for each in shown if each.key in rows and rows[each.key]["wanted"] >= each.turn]
        late = {each.key for each, row in known if row["wanted"] > each.turn and row["holder"] != self._say.number}
        values = [
            {**_late(each, row), "of": each.key} if each.key in late else {**_recorded(each, row), "of": each.key}
            for each, row in known
        ]
        one = update(chats).where(chats.c.key == bindparam("of"))
        if values:
            await self._say.run(one.values({name: bindparam(f"in_{name}") for name in RECORDED}), values)
        return late

    async def upset(self, keys: Collection[ChatKey]) -> set[ChatKey]:
        """Have these chats shown their screen once more, by anybody. Returns those another process is still showing."""
        again = update(chats).where(chats.c.key.in_(keys), chats.c.shown >= chats.c.wanted)
        await self._say.run(again.values(shown=chats.c.wanted - 1, holder=NOBODY))
        shown = select(chats.c.key).where(chats.c.key.in_(keys), chats.c.holder != NOBODY)
        return {ChatKey(bytes(key)) for key in (await self._say.run(shown)).scalars()}

    async def erase(self, ended: Sequence[tuple[ChatKey, int]]) -> None:
        """Erase these conversations, unless they went on after that turn or something still lies about in the chat."""
        one = delete(chats).where(chats.c.key == bindparam("of"), chats.c.wanted == bindparam("turn"), OVER, ~UNSHOWN)
        if ended:
            await self._say.run(one, [{"of": key, "turn": turn} for key, turn in ended])

    async def untouched_since(self, moment: int, limit: int) -> list[Chat]:
        """Open conversations in which nothing happened since then, oldest first."""
        old = select(chats).where(chats.c.touched < moment, chats.c.over.is_(False))
        old = old.order_by(chats.c.touched).limit(limit).with_for_update(skip_locked=True)
        return await self._renewed(await self._read(old))

    async def due_reminders(self, now: int, limit: int) -> list[Chat]:
        """Open conversations whose reminder is due."""
        due = select(chats).where(chats.c.remind <= now, chats.c.over.is_(False))
        due = due.order_by(chats.c.remind).limit(limit).with_for_update(skip_locked=True)
        return await self._renewed(await self._read(due))

    async def forget_farewells(self, before: int) -> int:
        """Erase every ended conversation whose farewell could not be shown in time. Returns how many."""
        return (await self._say.run(delete(chats).where(OVER, chats.c.touched < before))).rowcount

    async def renew(self, after: bytes, limit: int) -> tuple[bytes, int]:
        """Move some of the rows after this key that are sealed with an older one. Returns the last, and how many."""
        assert self._vault, "there are no older secrets"
        old = func.substr(chats.c.address, 1, NAME_BYTES).in_(self._vault.older_names)
        found = await self._read(select(chats).where(old, chats.c.key > after).order_by(chats.c.key).limit(limit))
        await self._renewed(found)
        return (found[-1].key if found else after), len(found)

    async def _renewed(self, rows: list[Chat]) -> list[Chat]:
        """These rows as they are under today's key. One that does not open stays where and as it is."""
        if self._vault is None:
            return rows
        keys: dict[ChatKey, ChatKey] = {}
        for row in rows:
            if self._vault.outdated(row.address):
                with suppress(Unsealable):
                    keys[row.key] = self._vault.key(self._vault.open_chat(row.address, row.key))
        found = await self.lock(set(keys.values())) if keys else {}
        return [found.get(keys.get(row.key, row.key), row) for row in rows]

    async def _move(self, row: Chat, key: ChatKey, found: dict[ChatKey, Chat]) -> None:
        """Put this row under today's key, where it cannot meet another: if the person has a row there, it is newer."""
        assert self._vault, "only a vault with older secrets knows older hashes"
        if key not in found:
            try:
                address = self._vault.resealed(row.address, CHAT + row.key, CHAT + key)
                session = self._vault.resealed(row.session, SESSION + row.key, SESSION + key)
            except Unsealable:  # left to die in its time; the person begins anew, as with any row that does not open
                return
            found[key] = replace(row, key=key, address=address, session=session)
            if row.key in self._elsewhere:
                self._elsewhere[key] = self._elsewhere[row.key]
            await self.save([found[key]])
        await self._say.run(delete(chats).where(chats.c.key == row.key))

    async def _read(self, query: Select[Any]) -> list[Chat]:
        """These rows; which of them another process is showing something to is kept in mind."""
        rows = [dict(row) for row in (await self._say.run(query)).mappings()]
        held = {ChatKey(bytes(row["key"])): row.pop("holder") for row in rows if row["shown"] < row["wanted"]}
        others = await self._say.others(held.values())
        self._elsewhere |= {key: holder for key, holder in held.items() if holder in others}
        return [_chat(row) for row in rows]

    def _values(self, row: Chat) -> dict[str, Any]:
        """This row as its table has it."""
        values = {name: getattr(row, name) for name in Chat.__slots__}
        return {**values, "litter": joined(row.litter), "holder": self.holder(row.key)}

    async def _hold(self, keys: Collection[ChatKey]) -> None:
        """Make sure there are rows to lock, so that two processes cannot begin one conversation twice."""
        blank = {"address": b"", "session": b"", "wanted": 0, "shown": 0, "litter": "", "touched": 0, "over": False}
        await self._say.insert_or_ignore(chats, [{"key": key, **blank} for key in sorted(keys)])


def _recorded(shown: Shown, row: RowMapping) -> dict[str, Any]:
    """A row that was shown this. Another message in which a screen was known to stand is litter from now on.

    What a newer screen has decided to clear away stays so. A farewell does not count as shown as long as something
    lies about: with its row that would be forgotten. Whoever goes on to a newer screen, or to clear away, goes on
    holding it; otherwise that is for whoever wants to show it.
    """
    known, newer = row["message"], shown.turn < row["wanted"]
    lying = [*parted(row["litter"]), *shown.litter]
    message = known if newer and shown.message in lying else shown.message
    lying += [each for each in (known, shown.message) if each is not None]
    lying = [each for each in dict.fromkeys(lying) if each not in {*shown.cleared, message}]
    unfinished = not newer and bool(row["over"] and lying) and message is not None
    goes_on = bool(shown.litter) if unfinished else shown.going_on and newer
    holder = row["holder"] if goes_on else NOBODY
    seen = shown.turn - unfinished
    return {"in_shown": seen, "in_message": message, "in_litter": joined(tuple(lying)), "in_holder": holder}


def _late(shown: Shown, row: RowMapping) -> dict[str, Any]:
    """A row whose newer screen is another process's to show: only what this one left lying about is added."""
    lying = parted(row["litter"])
    if shown.message is not None and shown.message not in {row["message"], *lying}:
        lying = (*lying, shown.message)
    return {f"in_{name}": row[name] for name in RECORDED} | {"in_litter": joined(lying)}


def _chat(row: Mapping[str, Any]) -> Chat:
    known = {name: value for name, value in row.items() if name != "holder"}
    return Chat(**{**known, "key": ChatKey(bytes(row["key"])), "litter": parted(row["litter"])})
