"""A bot that has run with one secret and now gets another: what there was before, and how it goes on.

(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from unittest.mock import patch

import pytest
from sqlalchemy import Table, create_engine, insert

from bot.keys import outdated, rotate, take_up
from bot.messages import ChatId, Press
from bot.seals import BRIDGE, CHAT, DESK, LETTER, OTHERS, Sealed
from bot.store import Store
from bot.tables import audit, bindings, bridges, cards, chats, letters, moves, referrals, staff, waiting
from bot.vault import NAME_BYTES, Vault
from dialogs.session import ReferralCode
from tests.desk_world import GROUP, DeskWorld
from tests.dialogs_world import MET
from tests.postgres import SECRET, Person, Shell, kept

pytest_plugins = ["tests.postgres"]

NEW = b"the secret that takes its place, long enough too"
OLD_VAULT, VAULT = Vault(SECRET), Vault(NEW, [SECRET])
NEW_VAULT = Vault(NEW)
WAITS, GONE = ChatId(6_000_000_001), ChatId(6_000_000_002)
LATER = 4_000_000_000
LIVES = itertools.count(1)


def shell_with(store: Store, database: str, vault: Vault) -> Shell:
    """The service, with these secrets; Telegram and chance go on where they were."""
    with patch("tests.postgres.Vault", return_value=vault):
        shell = Shell(store, database)
    shell.updates, shell._numbers = itertools.count(next(LIVES) * 10_000), itertools.count(next(LIVES) * 1_000)
    return shell


@asynccontextmanager
async def served(database: str, vault: Vault) -> AsyncIterator[Shell]:
    """The bot started with these secrets."""
    store = Store(database, vault)
    shell = shell_with(store, database, vault)
    try:
        await take_up(store, vault, [ChatId(desk.chat) for desk in shell.desks.desks.values() if desk.chat])
        yield await shell.opened()
    finally:
        await store.close()


async def rotated(database: str, vault: Vault = VAULT) -> int:
    """`screener keys rotate`, from start to end. How many rows are left."""
    store = Store(database, vault)
    try:
        return (await rotate(store, vault, lambda _: None)).left
    finally:
        await store.close()


async def returns(shell: Shell, person: Person) -> Person:
    """The same person, at the bot as it is now: a tap on an old screen shows them where they are."""
    again = shell.person(person.chat)
    await again.does(Press("callback"))
    return again


def names(database: str, table: Table) -> set[bytes]:
    """The names of the keys that the sealed values of a table bear."""
    [sealed] = [each for each in (*DESK, *OTHERS, CHATS) if each.table == table.name]
    rows = kept(database, table)
    return {bytes(row[column])[:NAME_BYTES] for row in rows for column in sealed.columns if row[column]}


CHATS = Sealed("chats", {"address": CHAT, "session": b"session"})
TABLES = (chats, waiting, audit, bridges, letters, bindings, cards, staff, moves, referrals)


@dataclass
class Before:
    """What there was when the bot ran with the old secret."""

    people: list[Person]
    code: ReferralCode


@pytest.fixture
async def before(shell: Shell, database: str) -> Before:
    """People halfway, a desk at work, and at least one row in every table."""
    people = [shell.person() for _ in range(12)]
    for number, person in enumerate(people):
        await person.consents()
        await person.taps(*(MET[person.at] if number % 2 else ()))
    world = DeskWorld(shell)
    [ada] = await world.desk("Ada")
    lead = await world.lead()
    removed = world.somebody("Rex", 66)
    await removed.orders("open")
    code = await world.referral()
    assert await ada.acts("claim", code) is None
    other = await world.referral()
    assert await removed.acts("claim", other) is None
    assert await lead.presses("remove", "montreal", shell.vault.key(removed.id).hex()) is None
    plant(database)
    return Before(people, code)


def plant(database: str) -> None:
    """Rows of the tables that no conversation here reaches, sealed with the old secret."""
    key, group = OLD_VAULT.key(WAITS), OLD_VAULT.key(ChatId(-1_001_000_000_777))
    address = OLD_VAULT.seal_chat(WAITS, key)
    post = {"channel": "chat", "place": "montreal", "due": LATER, "expires": LATER, "tries": 0}
    rows: list[tuple[Table, dict[str, object]]] = [
        (waiting, {"key": key, "place": "montreal", "language": "fr", "address": address, "at": LATER}),
        (letters, {**post, "key": key, "address": address, "body": OLD_VAULT.seal(b"to a chat", LETTER + key)}),
        (letters, {**post, "channel": "mail", "body": OLD_VAULT.seal(b"to a mailbox", LETTER)}),
        (bridges, {"code": "XXX-XXX-XXX", "link": OLD_VAULT.seal(b"link", BRIDGE + b"XXX-XXX-XXX"), "expires": LATER}),
        (moves, {"key": group, "address": OLD_VAULT.seal_chat(GROUP, group)}),
        (cards, {"code": "YYY-YYY-YYY", "key": OLD_VAULT.key(GROUP), "shown": 1, "message": 77, "litter": ""}),
    ]
    rows[-1][1]["address"] = OLD_VAULT.seal_chat(GROUP, OLD_VAULT.key(GROUP))
    engine = create_engine(database.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        for table, row in rows:
            connection.execute(insert(table), row)
    engine.dispose()


async def outdated_in(database: str) -> int:
    """How many rows are still sealed with the old secret."""
    store = Store(database, VAULT)
    try:
        return await outdated(store, VAULT)
    finally:
        await store.close()
