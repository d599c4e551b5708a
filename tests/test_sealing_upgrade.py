"""A database in which an earlier release kept results in the clear: the first start seals them, and leaves no trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, text

from bot import migrations
from bot.export import CannotExport, exported
from bot.keys import rotate, take_up
from bot.messages import ChatId, WrongKey
from bot.records import Referral
from bot.seals import DONE_BY
from bot.store import Store
from bot.tables import audit, metadata, referrals, unsealed
from bot.vault import Vault
from dialogs.referral import Life
from tests.postgres import SECRET, kept
from tests.test_envelopes import closed, results

pytest_plugins = ["tests.postgres"]

VAULT = Vault(SECRET)
NEWER = Vault(b"the secret that takes its place, long enough too", [SECRET])
RELEASES = ("0001", "0002", "0003")
RESULTS, LIVES = results(), closed()
NUMBER = 400  # more than a page of the file, so that rows were moved from page to page
DEEDS = ("claim", "differs.hypertension", "close.enrolled")
CODES = [f"{number:03}-AAA-AAA" for number in range(NUMBER)]
ADA = VAULT.key(ChatId(77))
TELLING = (b'"met"', b"not_met", b"needs_review", b"likely_ineligible", b"screen_failure", b"hypertension", b"differs.")


@asynccontextmanager
async def opened(database: str, vault: Vault | None = VAULT) -> AsyncIterator[Store]:
    store = Store(database, vault)
    yield store
    await store.close()


async def started(database: str, vault: Vault = VAULT) -> None:
    """As the program starts: tables first, then the key."""
    async with opened(database, vault) as store:
        await store.prepare()
        await take_up(store, vault)


def life(number: int) -> str:
    """What the desk did with this one: every second was closed, the others are Ada's."""
    ada = Life(state="claimed", claimer=ADA.hex(), by=ADA.hex(), taken=True)
    return LIVES[number % len(LIVES)] if number % 2 else ada.model_dump_json(exclude_defaults=True)


def old(database: str, release: str) -> None:
    """A database as this release left it: referrals, desk, audit; some erased long ago, one withdrawn."""
    engine = create_engine(database.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        migrations.upgrade(connection, release)
        tables = _reflected(connection)
        connection.execute(insert(tables["referrals"]), [_row(number, release) for number in range(NUMBER)])
        gone = {"code": "ZZZ-ZZZ-ZZZ", "result": None}
        connection.execute(insert(tables["referrals"]), {**_row(0, release), **gone, **_no_life(release)})
        key = VAULT.key(ChatId(5))
        chat = {"key": key, "address": VAULT.seal_chat(ChatId(5), key), "session": VAULT.seal(b"s", b"session" + key)}
        blank = {"wanted": 1, "shown": 1, "litter": "", "touched": 1, "over": False}
        connection.execute(insert(tables["chats"]), {**chat, **blank})
        if release > "0001":
            group = VAULT.key(ChatId(-5))
            desk = {"key": group, "place": "montreal", "address": VAULT.seal_chat(ChatId(-5), group)}
            role = {"role": "coordinator", "private": False, "given": False, "at": 1}
            connection.execute(insert(tables["bindings"]), {**desk, **role})
            connection.execute(insert(tables["audit"]), [_deed(number, what) for number, what in enumerate(DEEDS)])
    engine.dispose()


def _reflected(connection: Connection) -> dict[str, Table]:
    found = MetaData()
    found.reflect(connection)
    return dict(found.tables)


def _row(number: int, release: str) -> dict[str, object]:
    row: dict[str, object] = {"code": CODES[number], "place": "montreal", "state": "new", "arrived": 1_700_000_000}
    row |= {"day": date(2026, 3, 1), "result": RESULTS[number], "wanted": 1, "shown": 1}
    return row if release == "0001" else {**row, "life": life(number), "claimer": ADA}


def _no_life(release: str) -> dict[str, object]:
    return {} if release == "0001" else {"life": None}


def _deed(number: int, what: str) -> dict[str, object]:
    who = VAULT.seal(b"77", DONE_BY)
    return {"at": number, "place": "montreal", "who": who, "what": what, "code": CODES[number]}


def on_disk(path: Path) -> bytes:
    """The file, and SQLite's log beside it."""
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def referral(store: Store, code: str) -> Referral | None:
    async with store.begin() as transaction:
        return await transaction.referrals.of(code)


async def test_all_that_was_known_is_known_after_the_start_and_nothing_is_left_in_the_clear(
    empty_database: str, release: str
) -> None:
    old(empty_database, release)
    await started(empty_database)
    async with opened(empty_database) as store:
        for number, code in enumerate(CODES):
            found = await referral(store, code)
            assert found
            assert found.result == RESULTS[number]
            assert found.life == (None if release == "0001" else life(number))
        withdrawn = await referral(store, "ZZZ-ZZZ-ZZZ")
        assert withdrawn
        assert (withdrawn.result, withdrawn.life) == (None, None)
        async with store.begin() as transaction:
            done = [each.what for each in await transaction.desk.deeds("montreal", 0)]
    assert done == ([] if release == "0001" else list(DEEDS))
    assert kept(empty_database, unsealed) == []
    for table in (referrals, audit):
        for row in kept(empty_database, table):
            assert not any(
                word in bytes(value) for value in row.values() if isinstance(value, bytes) for word in TELLING
            )


async def test_what_lay_in_the_clear_is_not_in_the_files_any_more(tmp_path: Path, release: str) -> None:
    path = tmp_path / "screener.db"
    database = f"sqlite+aiosqlite:///{path}"
    old(database, release)
    assert RESULTS[0].encode() in on_disk(path)
    store = Store(database, VAULT)
    await store.prepare()
    await take_up(store, VAULT)
    assert [word for word in TELLING if word in on_disk(path)] == [], "while it runs"
    await store.close()
    assert [word for word in TELLING if word in on_disk(path)] == []


async def test_one_that_died_between_the_tables_and_the_key_goes_on_where_it_was(
    empty_database: str, release: str
) -> None:
    old(empty_database, release)
    async with opened(empty_database, None) as store:
        await store.prepare()
    assert len(kept(empty_database, unsealed)) >= NUMBER
    assert all(row["result"] == b"" for row in kept(empty_database, referrals) if row["result"] is not None)
    await started(empty_database)
    await started(empty_database)
    async with opened(empty_database) as store:
        found = await referral(store, CODES[-1])
    assert found
    assert found.result == RESULTS[NUMBER - 1]


async def test_with_another_key_nothing_is_sealed_that_its_owner_could_not_open(
    empty_database: str, release: str
) -> None:
    old(empty_database, release)
    with pytest.raises(WrongKey):
        await started(empty_database, Vault(b"another secret altogether, long enough"))
    assert len(kept(empty_database, unsealed)) >= NUMBER
    await started(empty_database)
    assert kept(empty_database, unsealed) == []


async def test_several_that_start_at_once_seal_each_of_them_once(empty_database: str) -> None:
    old(empty_database, "0003")
    await asyncio.gather(*(started(empty_database) for _ in range(3)))
    async with opened(empty_database) as store, store.begin() as transaction:
        found = {each.code: each.result for each in await transaction.referrals.among(CODES)}
    assert found == dict(zip(CODES, RESULTS, strict=False))


async def test_a_start_with_a_newer_key_seals_with_that_one_and_leaves_everybody_their_referrals(
    empty_database: str,
) -> None:
    old(empty_database, "0003")
    await started(empty_database, NEWER)
    async with opened(empty_database, NEWER) as store:
        found = await referral(store, CODES[0])
        await rotate(store, NEWER, lambda _: None)
    assert found
    assert found.result == RESULTS[0]
    cells = [row[column] for row in kept(empty_database, referrals) for column in ("result", "life") if row[column]]
    assert {bytes(each[:4]) for each in cells} == {NEWER.name}


async def test_the_tables_are_those_of_a_new_database_with_their_indexes(tmp_path: Path) -> None:
    paths = [tmp_path / "old.db", tmp_path / "new.db"]
    old(f"sqlite+aiosqlite:///{paths[0]}", "0003")
    await started(f"sqlite+aiosqlite:///{paths[0]}")
    engine = create_engine(f"sqlite:///{paths[1]}")
    metadata.create_all(engine)
    engine.dispose()
    assert indexes(paths[0]) == indexes(paths[1])


def indexes(path: Path) -> set[str]:
    """How each index was made, partial ones with what they are about."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
        found = {" ".join(each.replace('"', "").split()) for each in made.scalars()}
    engine.dispose()
    return found


async def test_one_that_is_damaged_keeps_nobody_from_the_others_and_no_export_leaves_it_out_in_silence(
    empty_database: str,
) -> None:
    old(empty_database, "0003")
    await started(empty_database)
    engine = create_engine(empty_database.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        broken = {"result": VAULT.seal(b"of another row", b"elsewhere")}
        connection.execute(referrals.update().where(referrals.c.code == CODES[0]).values(broken))
    engine.dispose()
    async with opened(empty_database) as store, store.begin() as transaction:
        assert await transaction.referrals.of(CODES[0]) is None
        assert {each.code for each in await transaction.referrals.among(CODES[:3])} == set(CODES[1:3])
        first, second, *_ = await transaction.referrals.page("", date(2026, 3, 1), date(2026, 3, 1), None)
        assert (first.result, second.result) == ("", RESULTS[1])
        with pytest.raises(CannotExport):
            exported(first.code, first.state, first.result)
        assert [each.code for each in await transaction.referrals.withdraw([CODES[0]])] == [CODES[0]]
