"""A new secret takes the place of the old one while people screen: nobody is asked twice, nothing is lost."""

from __future__ import annotations

import asyncio
from unittest.mock import patch

import pytest
from sqlalchemy import LargeBinary, create_engine

from bot.keys import Superseded, current, rotate, take_up
from bot.messages import ChatId, WrongKey
from bot.records import Waiter
from bot.retention import OPEN_SCREENING
from bot.seals import DESK, HASHES, OTHERS
from bot.store import Store
from bot.tables import bindings, cards, chats, letters, metadata, moves, staff, waiting
from bot.vault import Unsealable, Vault, older_hashes
from tests.desk_world import GROUP, DeskWorld
from tests.dialogs_world import MET
from tests.postgres import SECRET, Person, Shell, kept
from tests.rotation import (
    CHATS,
    LATER,
    NEW,
    NEW_VAULT,
    OLD_VAULT,
    TABLES,
    VAULT,
    WAITS,
    Before,
    names,
    outdated_in,
    returns,
    rotated,
    served,
)
from tests.unsealed import kept_referrals

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.rotation"]


def test_every_column_that_is_sealed_or_hashed_is_known_to_the_rotation() -> None:
    known = {(each.table, column) for each in (*DESK, *OTHERS, CHATS) for column in each.columns}
    known |= {(table, column) for table, columns in HASHES.items() for column in columns}
    known |= {(table.name, "key") for table in (chats, waiting, letters, bindings, cards, staff, moves)}
    assert known == {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }


async def test_everything_that_was_sealed_with_the_old_secret_opens_with_the_new_one_alone(
    before: Before, database: str
) -> None:
    assert all(OLD_VAULT.name in names(database, table) for table in TABLES)
    async with served(database, VAULT):
        assert await rotated(database) == 0
    assert set().union(*(names(database, table) for table in TABLES)) == {NEW_VAULT.name}
    for sealed in (*DESK, *OTHERS, CHATS):
        for row in kept(database, metadata.tables[sealed.table]):
            for column in sealed.columns:
                if row[column] is not None:
                    NEW_VAULT.open(row[column], sealed.belongs_to(column, dict(row)))
    [waits] = kept(database, waiting)
    assert waits["key"] == NEW_VAULT.key(WAITS)
    assert {row["key"] for row in kept(database, cards) if row["code"] == "YYY-YYY-YYY"} == {NEW_VAULT.key(GROUP)}


@pytest.mark.slow
async def test_fifty_people_go_on_answering_while_it_rotates_and_each_has_one_conversation(
    before: Before, database: str, shell: Shell
) -> None:
    now = [*before.people, *[shell.person() for _ in range(38)]]
    for newcomer in now[len(before.people) :]:
        await newcomer.consents()
    async with served(database, VAULT) as shell:

        async def goes_on(person: Person) -> Person:
            again = await returns(shell, person)
            assert again.session.answers == person.session.answers
            await again.taps(*MET[again.at])
            return again

        *people, left = await asyncio.gather(*(goes_on(each) for each in now), rotated(database))
        assert left == 0
    rows = kept(database, chats)
    assert len(rows) == len({bytes(row["key"]) for row in rows})
    assert {bytes(row["key"]) for row in rows} >= {NEW_VAULT.key(each.chat) for each in now}
    assert not {bytes(row["key"]) for row in rows} & {OLD_VAULT.key(each.chat) for each in now}
    async with served(database, NEW_VAULT) as shell:
        for was, then in zip(now, people, strict=True):
            again = await returns(shell, was)
            assert isinstance(then, Person)
            assert again.session == then.session
            assert len(again.session.answers) == len(was.session.answers) + 1


async def test_stopped_anywhere_it_goes_on_where_it_was(before: Before, database: str) -> None:
    async with served(database, VAULT):
        store, lives = Store(database, VAULT), 0
        while True:
            lives += 1

            def dies(_: int) -> None:
                raise KeyboardInterrupt

            with patch("bot.keys.AT_ONCE", 3):
                try:
                    await rotate(store, VAULT, dies)
                except KeyboardInterrupt:
                    continue
            break
        assert lives > 8
        await store.close()
        assert await outdated_in(database) == 0
    async with served(database, NEW_VAULT) as shell:
        for person in before.people:
            assert (await returns(shell, person)).session.answers == person.session.answers


async def test_whoever_has_a_referral_has_it_still_and_who_was_removed_stays_removed(
    before: Before, database: str
) -> None:
    async with served(database, VAULT) as shell:
        world = DeskWorld(shell)
        ada, other, rex = world.somebody("Ada", 1), world.somebody("Bo", 2), world.somebody("Rex", 66)
        await ada.orders("mine")
        assert f"show {before.code}".split()[1].replace("-", "") in "".join(ada.buttons()).replace("-", "")
        assert await other.acts("release", before.code) == "desk.toast.not_yours"
        assert await rex.acts("release", before.code) == "desk.toast.stranger"
        assert await ada.acts("release", before.code) is None
    life = next(row["life"] for row in kept_referrals(database, VAULT) if row["code"] == before.code)
    assert VAULT.key(ada.id).hex() in life
    assert OLD_VAULT.key(ada.id).hex() not in life


async def test_the_cards_of_a_desk_stay_where_they_are(before: Before, database: str) -> None:
    async with served(database, VAULT) as shell, shell.store.begin() as transaction:
        [card] = (await transaction.referrals.cards("YYY-YYY-YYY")).values()
        bound = {each.key for each in await transaction.desk.bindings()}
    assert card.key in bound
    assert card.message == 77
    assert VAULT.open_chat(card.address, card.key) == GROUP


async def test_who_is_reminded_or_expires_is_found_and_shown_under_the_new_key(before: Before, database: str) -> None:
    async with served(database, VAULT) as shell:
        moment = int((shell.clock() + OPEN_SCREENING).timestamp())
        async with shell.store.begin() as transaction:
            reminded = await transaction.chats.due_reminders(moment, 3)
            old = await transaction.chats.untouched_since(moment, 100)
            unshown = await transaction.chats.unshown()
        people = {VAULT.key(each.chat) for each in before.people}
        assert {each.key for each in reminded} < people
        assert {each.key for each in old} >= people
        assert not any(VAULT.outdated(each.session) for each in (*reminded, *old, *unshown))
        assert len(kept(database, chats)) == len({each.key for each in old} | {each.key for each in unshown})


async def test_what_somebody_takes_back_goes_whichever_key_it_is_under(before: Before, database: str) -> None:
    async with served(database, VAULT) as shell, shell.store.begin() as transaction:
        key = VAULT.key(WAITS)
        assert await transaction.desk.waits(key)
        await transaction.letters.forget_to([key])
        await transaction.desk.forget_waiting([key])
        assert not await transaction.desk.waits(key)
    assert [row["channel"] for row in kept(database, letters)] == ["mail"]


async def test_who_asks_again_to_be_told_waits_once(before: Before, database: str) -> None:
    key = VAULT.key(WAITS)
    async with served(database, VAULT) as shell, shell.store.begin() as transaction:
        await transaction.desk.wait(Waiter(key, "paris", "en", VAULT.seal_chat(WAITS, key), LATER))
    assert [row["place"] for row in kept(database, waiting)] == ["paris"]


async def test_a_code_to_join_given_out_before_still_works(before: Before, database: str, shell: Shell) -> None:
    code = await DeskWorld(shell).invited()
    async with served(database, VAULT) as new:
        new.clock.at = shell.clock()
        joins = DeskWorld(new).somebody("Cy", 5, ChatId(-1_009))
        assert await joins.orders("join", code) == ["desk.join.done"]


async def test_nothing_is_rotated_before_the_bot_was_started_with_the_new_secret(before: Before, database: str) -> None:
    with pytest.raises(Superseded):
        await rotated(database)
    assert names(database, chats) == {OLD_VAULT.name}


async def test_a_bot_that_still_runs_with_the_old_secret_learns_that_it_must_stop(
    before: Before, database: str, store: Store
) -> None:
    assert await current(store, OLD_VAULT)
    async with served(database, VAULT):
        assert not await current(store, OLD_VAULT)


@pytest.mark.parametrize("wrong", [Vault(NEW), Vault(b"?" * 40, [NEW])], ids=["forgot the old one", "neither"])
async def test_a_start_with_another_secret_is_refused_and_changes_nothing(
    before: Before, database: str, store: Store, wrong: Vault
) -> None:
    rows = [kept(database, table) for table in TABLES]
    with pytest.raises(WrongKey):
        await take_up(store, wrong)
    assert [kept(database, table) for table in TABLES] == rows


async def test_going_back_to_the_old_secret_is_a_rotation_like_any_other(before: Before, database: str) -> None:
    async with served(database, VAULT):
        await rotated(database)
    back = Vault(SECRET, [NEW])
    async with served(database, back) as shell:
        assert await rotated(database, back) == 0
        for person in before.people:
            assert (await returns(shell, person)).session.answers == person.session.answers


async def test_a_damaged_value_keeps_the_old_secret_from_being_called_done(before: Before, database: str) -> None:
    engine = create_engine(database.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        [row] = [row for row in kept(database, letters) if row["channel"] == "mail"]
        broken = bytes(row["body"])[:-1] + bytes([row["body"][-1] ^ 1])
        connection.execute(letters.update().where(letters.c.id == row["id"]).values(body=broken))
    engine.dispose()
    async with served(database, VAULT):
        assert await rotated(database) == 1
        assert await rotated(database) == 1


async def test_a_conversation_that_does_not_open_begins_anew_and_is_one(before: Before, database: str) -> None:
    person = before.people[0]
    engine = create_engine(database.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(
            chats.update().where(chats.c.key == person.key).values(session=OLD_VAULT.name + b"rubbish" * 9)
        )
    engine.dispose()
    async with served(database, VAULT) as shell:
        again = shell.person(person.chat)
        await again.orders("start")
        assert again.session.answers == {}
        assert await rotated(database) == 0, "their newer row has taken its place"
    assert len([row for row in kept(database, chats) if row["key"] in (person.key, VAULT.key(person.chat))]) == 1


async def test_two_start_at_once_with_the_new_secret(before: Before, database: str) -> None:
    stores = [Store(database, VAULT) for _ in range(2)]
    await asyncio.gather(*(take_up(each, VAULT) for each in stores))
    for each in stores:
        await each.close()
    assert names(database, bindings) == {VAULT.name}
    assert len(kept(database, bindings)) == len({(row["key"], row["place"]) for row in kept(database, bindings)})


def test_the_old_key_opens_and_finds_but_never_seals() -> None:
    sealed = OLD_VAULT.seal(b"x", b"row")
    assert VAULT.open(sealed, b"row") == b"x"
    assert VAULT.outdated(sealed)
    assert not VAULT.outdated(VAULT.seal(b"x", b"row"))
    assert older_hashes(VAULT.key(WAITS)) == (OLD_VAULT.key(WAITS),)
    assert VAULT.key(WAITS) == NEW_VAULT.key(WAITS)
    with pytest.raises(Unsealable):
        OLD_VAULT.open(VAULT.seal(b"x", b"row"), b"row")
