"""A new secret takes the place of an old one while the bot runs.

What is kept is moved under the new key in three ways. `take_up`, at the start of the bot, moves what the desks are
found by, all at once. A person's row moves in the very transaction that first reads it (`store/chats.py`). `rotate`
reads everything that is left, a little at a time, and says when the old secret opens nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from bot.messages import ChatId, Unavailable, WrongKey
from bot.seals import CHAT, DESK, DONE_BY, OTHERS, Sealed
from bot.store import OneUpdatesFault, Store, Transaction
from bot.vault import Unsealable, Vault, older_hashes

AT_ONCE = 100  # rows in one transaction: people wait no longer than for these
TRIES = 5
BINDINGS, CARDS, STAFF, MOVES = DESK


Bar = Callable[[int], AbstractContextManager[Callable[[int], object]]]


class Superseded(Exception):
    """The bot runs with another secret now."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How a rotation ended: rows moved, and rows that still bear the name of an older key."""

    moved: int
    left: int


async def seal_unsealed(store: Store, vault: Vault) -> None:
    """Seal what an earlier release kept in the clear, in a database that this secret is used with. Raises WrongKey."""
    async with store.begin() as transaction:
        await _fit(transaction, vault)
        found = await transaction.renewal.seal_unsealed()
    if found:
        await store.scrub()


async def take_up(store: Store, vault: Vault, given: Collection[ChatId] = ()) -> None:
    """Check that the secret is that of the database; move what belongs to the desks under it if it is new.

    What an earlier release kept in the clear is sealed, and not to be found on the disk any more.

    `given` are the chats that the settings name. Raises WrongKey, and then nothing has changed.
    """
    async with store.begin() as transaction:
        await _fit(transaction, vault)
        await transaction.renewal.seal_unsealed()
        if vault.older_names:
            await _desk(transaction, vault, given)
    await store.scrub()  # each time: whoever sealed it may have died before this


async def _fit(transaction: Transaction, vault: Vault) -> None:
    """See that nobody else takes a key up meanwhile, and that this is the secret of the database. Raises WrongKey."""
    await transaction.renewal.alone()
    desks, people = await transaction.renewal.some()
    if any(some and not any(map(vault.knows, some)) for some in (desks, people)):
        raise WrongKey("the database was used with another secret")


async def current(store: Store, vault: Vault) -> bool:
    """Whether the desks are under this secret still: if not, another process has taken up a newer one."""
    async with store.begin() as transaction:
        desks, _ = await transaction.renewal.some()
    return not desks or any(each.startswith(vault.name) for each in desks)


async def outdated(store: Store, vault: Vault) -> int:
    """How many rows hold something that only an older secret opens."""
    async with store.begin() as transaction:
        return await transaction.renewal.count(vault.older_names)


async def rotate_keys(database: str, vault: Vault, bar: Bar) -> Rotated:
    """Move everything under today's key, with a bar on the terminal. Raises Superseded, Unavailable."""
    store = Store(database, vault)
    try:
        await store.prepare()
        with bar(await outdated(store, vault)) as advance:
            return await rotate(store, vault, advance)
    finally:
        await store.close()


async def rotate(store: Store, vault: Vault, progress: Callable[[int], object]) -> Rotated:
    """Move everything that is left under today's key; tell `progress` how many rows more. It may be stopped anywhere.

    `store` must know the vault. Raises Superseded unless the bot has been started with this secret: one that runs with
    the old one alone would not find what was moved.
    """
    if not await current(store, vault):
        raise Superseded("the bot was not started with this secret")
    moved = await _people(store, progress)
    for sealed in (*DESK, *OTHERS):
        moved += await _rest(store, vault, sealed, progress)
    await store.scrub()
    return Rotated(moved, await outdated(store, vault))


async def _people(store: Store, progress: Callable[[int], object]) -> int:
    after, total = b"", 0
    while True:
        async with store.begin() as transaction:
            after, number = await transaction.chats.renew(after, AT_ONCE)
        if not number:
            return total
        total += number
        progress(number)


async def _rest(store: Store, vault: Vault, sealed: Sealed, progress: Callable[[int], object]) -> int:
    """Move what is left in a table. What does not open is damaged, and stays."""
    total, damaged, failures = 0, 0, 0
    while True:
        try:
            async with store.begin() as transaction:
                rows = await transaction.renewal.outdated(sealed, vault.older_names, AT_ONCE, skipping=damaged)
                opened = [await _moved(transaction, vault, sealed, row) for row in rows]
        except (Unavailable, OneUpdatesFault):  # somebody else was in the way: two that waited for each other
            failures += 1
            if failures >= TRIES:
                raise
            continue
        if not rows:
            return total
        failures, damaged, total = 0, damaged + opened.count(False), total + opened.count(True)
        progress(len(rows))


async def _moved(transaction: Transaction, vault: Vault, sealed: Sealed, row: Mapping[str, Any]) -> bool:
    """Move a row under today's key. Whether it opened."""
    if sealed is MOVES:  # by a group the settings do not name: nobody looks it up
        await transaction.renewal.drop(sealed.table, row)
        return True
    try:
        changed = renewed(vault, sealed, row)
    except Unsealable:
        return False
    await transaction.renewal.change(sealed.table, row, changed)
    return True


def renewed(vault: Vault, sealed: Sealed, row: Mapping[str, Any], key: bytes | None = None) -> dict[str, Any]:
    """The values of a row that are others under today's key. Raises Unsealable.

    `key` is its new keyed hash, where the row holds no address to make it from.
    """
    chat = row[sealed.address] if sealed.address else None
    if chat is not None and row["key"] is not None:
        opened = vault.open(chat, CHAT + row["key"])
        key = bytes(vault.key(ChatId(int.from_bytes(opened, "big", signed=True))))
    changed: dict[str, Any] = {} if key is None else {"key": key}
    for column in sealed.columns:
        if row[column] is not None:
            now = sealed.belongs_to(column, {**row, **changed})
            changed[column] = vault.resealed(row[column], sealed.belongs_to(column, row), now)
    return changed


async def _desk(transaction: Transaction, vault: Vault, given: Collection[ChatId]) -> None:
    """Move what the desks are found by, and those who act there."""
    names = vault.older_names
    for sealed in (BINDINGS, CARDS):
        for row in await transaction.renewal.outdated(sealed, names):
            await _moved(transaction, vault, sealed, row)
    keys = _new_keys(vault, given)
    for row in await transaction.renewal.outdated(MOVES, names):
        if row["key"] in keys:
            await transaction.renewal.change(MOVES.table, row, renewed(vault, MOVES, row, keys[row["key"]]))
    # Who somebody of the staff is only the audit knows: nobody is kept among them without a deed.
    doers = [int(vault.open(who, DONE_BY)) for who in await transaction.renewal.doers() if vault.knows(who)]
    keys = _new_keys(vault, [ChatId(each) for each in dict.fromkeys(doers)])
    for row in await transaction.renewal.outdated(STAFF, names):
        await transaction.renewal.change(STAFF.table, row, renewed(vault, STAFF, row, keys.get(row["key"])))
    await transaction.renewal.reclaim(keys)


def _new_keys(vault: Vault, chats: Collection[ChatId]) -> dict[bytes, bytes]:
    """Today's keyed hashes of these chats, by the older ones."""
    found = {}
    for chat in chats:
        key = vault.key(chat)
        found.update(dict.fromkeys(older_hashes(key), bytes(key)))
    return found
