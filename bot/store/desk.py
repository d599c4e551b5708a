"""Who belongs to the desk of each place, what they did, and whether the place takes people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update

from bot.messages import ChatKey
from bot.records import Binding, Deed, Member, Waiter
from bot.seals import DEED
from bot.store.envelopes import Envelopes
from bot.store.statements import Statements
from bot.tables import audit, bindings, calls, digests, invites, moves, pauses, staff, waiting
from bot.vault import all_hashes, older_hashes


class Desk:
    """Bindings, staff, invites, the audit, pauses and those who wait for a pause to end, in one transaction."""

    def __init__(self, statements: Statements, envelopes: Envelopes) -> None:
        self._say = statements
        self._envelopes = envelopes

    # -- which chats -----------------------------------------------------------------------------------------

    async def bindings(self) -> list[Binding]:
        """Every chat of every desk."""
        rows = await self._say.run(select(bindings).order_by(bindings.c.at, bindings.c.key))
        return [Binding(**{**row, "key": ChatKey(bytes(row["key"]))}) for row in rows.mappings()]

    async def bind(self, binding: Binding) -> None:
        """This chat belongs to this desk now."""
        await self._say.insert_or_replace(bindings, [asdict(binding)])

    async def unbind(self, key: ChatKey, places: Collection[str]) -> list[str]:
        """This chat does not belong to these desks any more. Returns those it belonged to."""
        gone = delete(bindings).where(bindings.c.key == key, bindings.c.place.in_(places))
        return list((await self._say.run(gone.returning(bindings.c.place))).scalars())

    async def moved(self, key: ChatKey) -> bytes | None:
        """The sealed address a group moved to, if it did."""
        return (await self._say.run(select(moves.c.address).where(moves.c.key == key))).scalar()

    async def move(self, key: ChatKey, to: ChatKey, address_by_old: bytes, address: bytes) -> None:
        """A group has another id: remember it by the old one, and bind the new one in its place."""
        await self._say.insert_or_replace(moves, [{"key": key, "address": address_by_old}])
        already = select(bindings.c.place).where(bindings.c.key == to)
        there = set((await self._say.run(already)).scalars())
        await self._say.run(delete(bindings).where(bindings.c.key == key, bindings.c.place.in_(there)))
        await self._say.run(update(bindings).where(bindings.c.key == key).values(key=to, address=address))

    # -- which people ----------------------------------------------------------------------------------------

    async def invite(self, digest: bytes, place: str, role: str, expires: int) -> None:
        """A code with this digest may be used once, until then."""
        row = {"digest": digest, "place": place, "role": role, "expires": expires}
        await self._say.insert_or_replace(invites, [row])

    async def use_invite(self, digest: bytes, now: int) -> tuple[str, str] | None:
        """The place and role of the code with this digest, which nobody can use again; None if there is none."""
        used = delete(invites).where(invites.c.digest.in_(all_hashes([digest]))).returning(*invites.c)
        row = (await self._say.run(used)).first()
        return (row.place, row.role) if row and row.expires > now else None

    async def members(self, place: str) -> list[Member]:
        """Everybody who has acted for this desk."""
        rows = await self._say.run(select(staff).where(staff.c.place == place).order_by(staff.c.at.desc()))
        return [_member(row) for row in rows.mappings()]

    async def removed(self, key: ChatKey) -> set[str]:
        """The places this person was removed from."""
        gone = select(staff.c.place).where(staff.c.key == key, staff.c.removed.is_(True))
        return set((await self._say.run(gone)).scalars())

    async def remember(self, members: Sequence[Member]) -> None:
        """Keep these people as they are now."""
        if members:
            await self._say.insert_or_replace(staff, [asdict(each) for each in members])

    # -- what they did ---------------------------------------------------------------------------------------

    async def note(self, deeds: Sequence[Deed]) -> None:
        """Keep that these things were done."""
        if deeds:
            await self._say.run(
                audit.insert(), [{**asdict(each), "what": self._envelopes.seal(each.what, DEED)} for each in deeds]
            )

    async def deeds(self, place: str, since: int) -> list[Deed]:
        """What was done at this desk since then, oldest first. Raises Unsealable."""
        found = select(audit).where(audit.c.place == place, audit.c.at >= since).order_by(audit.c.at, audit.c.id)
        return [
            Deed(row.at, row.place, row.who, self._envelopes.open(row.what, DEED), row.code)
            for row in await self._say.run(found)
        ]

    async def forget(self, staff_before: int, deeds_before: int, waiting_before: int, now: int) -> None:
        """Forget whatever has been kept for as long as it may be."""
        await self._say.run(delete(staff).where(staff.c.at < staff_before))
        await self._say.run(delete(audit).where(audit.c.at < deeds_before))
        await self._say.run(delete(waiting).where(waiting.c.at < waiting_before))
        await self._say.run(delete(invites).where(invites.c.expires <= now))

    async def digest(self, place: str, week: date) -> bool:
        """This place is sent the digest of this week now. Whether nobody had done that before."""
        insert = self._say.insert(digests).values(place=place, week=week)
        newer = digests.c.week < insert.excluded.week
        changed = {"week": insert.excluded.week}
        one = insert.on_conflict_do_update(index_elements=["place"], set_=changed, where=newer)
        return (await self._say.run(one.returning(digests.c.place))).first() is not None

    # -- whether it takes people -----------------------------------------------------------------------------

    async def pauses(self) -> dict[str, str]:
        """The reason why a place takes nobody for the moment, by place."""
        return {row.place: row.reason for row in await self._say.run(select(pauses))}

    async def pause(self, place: str, reason: str, now: int) -> None:
        """This place takes nobody for the moment."""
        await self._say.insert_or_replace(pauses, [{"place": place, "reason": reason, "at": now}])

    async def resume(self, place: str) -> bool:
        """This place takes people again. Whether it did not before."""
        return bool((await self._say.run(delete(pauses).where(pauses.c.place == place))).rowcount)

    async def wait(self, waiter: Waiter) -> None:
        """This person is to be told, once, when their place takes people again."""
        if older := older_hashes(waiter.key):
            await self._say.run(delete(waiting).where(waiting.c.key.in_(older)))
        await self._say.insert_or_replace(waiting, [asdict(waiter)])

    async def waits(self, key: ChatKey) -> bool:
        """Whether this person is to be told."""
        there = select(waiting.c.key).where(waiting.c.key.in_(all_hashes([key])))
        return (await self._say.run(there)).first() is not None

    async def waiting_among(self, keys: Collection[ChatKey]) -> set[ChatKey]:
        """Those of these people who are to be told."""
        if not keys:
            return set()
        rows = await self._say.run(select(waiting.c.key).where(waiting.c.key.in_(all_hashes(keys))))
        found = {bytes(key) for key in rows.scalars()}
        return {key for key in keys if not found.isdisjoint(all_hashes([key]))}

    async def forget_waiting(self, keys: Collection[ChatKey]) -> None:
        """These people are not to be told any more."""
        if keys:
            await self._say.run(delete(waiting).where(waiting.c.key.in_(all_hashes(keys))))

    async def last_call(self, place: str) -> int:
        """When people who wait for this place were last told, 0 for never: held until the transaction ends."""
        await self._say.insert_or_ignore(calls, [{"place": place, "at": 0}])
        held = select(calls.c.at).where(calls.c.place == place).with_for_update()
        return int((await self._say.run(held)).scalar_one())

    async def called(self, place: str, now: int) -> None:
        """People who wait for this place are told now."""
        await self._say.run(update(calls).where(calls.c.place == place).values(at=now))

    async def take_waiting(self, place: str, limit: int) -> list[Waiter]:
        """Some of those who wait for this place: they are told now, and forgotten."""
        query = select(waiting).where(waiting.c.place == place).order_by(waiting.c.at).limit(limit)
        rows = await self._say.run(query.with_for_update(skip_locked=True))
        found = [Waiter(**{**row, "key": ChatKey(bytes(row["key"]))}) for row in rows.mappings()]
        await self.forget_waiting([each.key for each in found])
        return found


def _member(row: Any) -> Member:
    return Member(**{**row, "key": ChatKey(bytes(row["key"]))})
