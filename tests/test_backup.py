"""A backup taken while people screen is one moment, whole and sealed; restored anywhere, everybody goes on from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.backup import BadBackup, NotEmpty, Occupied, OfALaterRelease, back_up, check, restore
from bot.migrations import HEAD, upgrade, version
from bot.store import Store
from bot.tables import audit, chats, counts, referrals
from tests.backups import BOTH_WAYS, TABLES, VAULT, damage, everything, no_bar, served, walks
from tests.desk_world import DeskWorld
from tests.dialogs_world import MET
from tests.postgres import Shell, kept
from tests.rotation import returns

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.backups"]


# ------------------------------------------------------------------------------------------- taken and restored


@pytest.mark.slow
@pytest.mark.parametrize(("database", "to"), BOTH_WAYS, indirect=["database"])
async def test_taken_while_fifty_people_screen_it_is_one_moment_from_which_all_go_on(
    shell: Shell, database: str, to: str, elsewhere: Callable[[str], str], backup: Path
) -> None:
    people = [shell.person() for _ in range(50)]
    await DeskWorld(shell).desk("Ada")
    answers, halfway = [0] * len(people), asyncio.Event()

    async def screens(number: int) -> None:
        await people[number].consents()
        for _ in range(3):
            await people[number].taps(*MET[people[number].at])
            answers[number] += 1
            if sum(answers) > 60:
                halfway.set()

    async def backs_up() -> None:
        await halfway.wait()
        await back_up(database, VAULT, backup, no_bar)

    before = asyncio.ensure_future(backs_up())
    await asyncio.gather(*(screens(number) for number in range(50)), before)
    target = elsewhere(to)
    contents = await restore(target, VAULT, backup, no_bar)
    assert contents.rows == sum(len(kept(target, table)) for _, table in TABLES)
    async with served(target) as again:
        for person in people:
            back = await returns(again, person)
            if back.batch.showings:
                answered = len(back.session.answers)
                assert set(back.session.answers.items()) <= set(person.session.answers.items())
                assert answered <= 4
                await back.taps(*(["agree"] if back.at == "consent" else MET.get(back.at, [])))


@pytest.mark.parametrize(("database", "to"), BOTH_WAYS, indirect=["database"])
async def test_what_is_restored_is_what_was_kept_to_the_byte(
    shell: Shell, database: str, to: str, elsewhere: Callable[[str], str], backup: Path
) -> None:
    world = DeskWorld(shell)
    [ada] = await world.desk("Ada")
    await ada.acts("claim", await world.referral())
    await walks(shell.person(), 3)
    await back_up(database, VAULT, backup, no_bar)
    target = elsewhere(to)
    await restore(target, VAULT, backup, no_bar)
    assert everything(target) == everything(database)
    assert kept(target, referrals)[0]["day"].__class__ is date


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
async def test_numbers_go_on_after_those_that_were_restored(
    small: str, to: str, elsewhere: Callable[[str], str], backup: Path, tmp_path: Path
) -> None:
    async with served(small) as shell:
        await DeskWorld(shell).desk("Ada")
    fresh = tmp_path / "with a deed"
    await back_up(small, VAULT, fresh, no_bar)
    target = elsewhere(to)
    await restore(target, VAULT, fresh, no_bar)
    async with served(target) as again:
        await DeskWorld(again).desk("Bo")
    assert [row["id"] for row in kept(target, audit)] == [1, 2]


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_backup_of_the_first_release_is_restored_and_brought_up_to_date(
    kind: str, to: str, elsewhere: Callable[[str], str], backup: Path
) -> None:
    old = elsewhere(kind)
    key = VAULT.key(5)  # type: ignore[arg-type]
    await _at(old, "0001")
    engine = create_engine(old.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO chats VALUES (:key, :address, :session, 3, 3, 9, '', 1700000000, NULL, :over)"),
            {"key": key, "address": VAULT.seal_chat(5, key), "session": b"s", "over": False},  # type: ignore[arg-type]
        )
        connection.execute(
            text("INSERT INTO referrals VALUES ('AAA-AAA-AAA', 'paris', '2026-01-02', 'new', '{}', 5, NULL, 1, 1, 44)")
        )
    engine.dispose()
    await back_up(old, VAULT, backup, no_bar)
    assert check(VAULT, backup).schema == "0001"
    target = elsewhere(to)
    await restore(target, VAULT, backup, no_bar)
    assert await _at(target, None) == HEAD
    [row], [referral] = kept(target, chats), kept(target, referrals)
    assert (row["key"], row["message"], row["over"]) == (key, 9, False)
    assert (referral["day"], referral["adopted"], referral["life"]) == (date(2026, 1, 2), 44, None)


async def _at(database: str, revision: str | None) -> str | None:
    """Bring the database to a revision. The one it is at."""
    engine = create_async_engine(database)

    def work(connection: Connection) -> str | None:
        if revision:
            upgrade(connection, revision)
        return version(connection)

    async with engine.begin() as connection:
        found = await connection.run_sync(work)
    await engine.dispose()
    return found


async def test_a_backup_of_a_later_release_is_refused(
    small: str, elsewhere: Callable[[str], str], tmp_path: Path
) -> None:
    engine = create_engine(small.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    await back_up(small, VAULT, tmp_path / "later", no_bar)
    with pytest.raises(OfALaterRelease):
        await restore(elsewhere("sqlite"), VAULT, tmp_path / "later", no_bar)


# ------------------------------------------------------------------------------------------------ into what


async def test_it_is_restored_into_an_empty_database_alone_unless_that_is_asked_for(
    small: str, backup: Path, elsewhere: Callable[[str], str]
) -> None:
    target = elsewhere("sqlite")
    await restore(target, VAULT, backup, no_bar)
    was = everything(target)
    engine = create_engine(target.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(counts.insert(), {"day": date(2026, 1, 1), "name": "n", "number": 1})
    engine.dispose()
    there = everything(target)
    with pytest.raises(NotEmpty):
        await restore(target, VAULT, backup, no_bar)
    assert everything(target) == there
    await restore(target, VAULT, backup, no_bar, force=True)
    assert everything(target) == was


async def test_it_is_not_restored_under_a_running_bot(small: str, backup: Path) -> None:
    running = Store(small)
    await running.presence.beat()
    try:
        with pytest.raises(Occupied):
            await restore(small, VAULT, backup, no_bar, force=True)
    finally:
        await running.close()


async def test_a_damaged_one_changes_nothing_even_when_the_damage_is_at_its_end(small: str, backup: Path) -> None:
    was = everything(small)
    damage(backup)
    with pytest.raises(BadBackup):
        await restore(small, VAULT, backup, no_bar, force=True)
    assert everything(small) == was
