"""The store keeps, finds and erases the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from bot import migrations
from bot.messages import ChatKey, Unavailable
from bot.records import Binding, Card, Chat, Referral, Shown
from bot.store import OneUpdatesFault, Store
from bot.tables import cards, chats, metadata, moves, referrals, seen
from tests.postgres import Postgres, kept

pytest_plugins = ["tests.postgres"]

KEY, OTHER = ChatKey(b"k" * 16), ChatKey(b"o" * 16)
CHAT = Chat(KEY, address=b"address", session=b"session", wanted=3, shown=2, touched=1_000)
CARD = Referral("AAA-BBB-CCC", "montreal", date(2026, 3, 1), "new", '{"outcome": "x"}', arrived=1_000)


async def saved(store: Store, *rows: Chat) -> None:
    async with store.begin() as transaction:
        await transaction.chats.save(rows)


async def referred(store: Store, *given: Referral) -> None:
    async with store.begin() as transaction:
        await transaction.referrals.add(given)


async def found(store: Store, *keys: ChatKey) -> dict[ChatKey, Chat]:
    async with store.begin() as transaction:
        return await transaction.chats.lock(keys)


async def recorded(store: Store, *shown: Shown) -> Chat:
    async with store.begin() as transaction:
        await transaction.chats.record(shown)
    return (await found(store, KEY))[KEY]


async def card(store: Store) -> Referral | None:
    async with store.begin() as transaction:
        return await transaction.referrals.of(CARD.code)


# ------------------------------------------------------------------------------------------------- chats


async def test_a_saved_row_is_found_as_it_was(store: Store) -> None:
    row = replace(CHAT, message=2**40, litter=(5, 2**41), over=True)
    await saved(store, row, replace(CHAT, key=OTHER))
    assert (await found(store, KEY)) == {KEY: row}
    assert (await found(store, KEY, OTHER)).keys() == {KEY, OTHER}


async def test_saving_again_replaces_everything_but_the_key(store: Store, database: str) -> None:
    await saved(store, replace(CHAT, message=7, litter=(1,)))
    newer = Chat(KEY, b"moved", b"later", wanted=9, shown=8, touched=2_000, message=None, litter=(), over=True)
    await saved(store, newer)
    assert (await found(store, KEY)) == {KEY: newer}
    assert len(kept(database, chats)) == 1


async def test_looking_for_somebody_unknown_leaves_nothing_behind(store: Store, database: str) -> None:
    assert await found(store, KEY) == {}
    assert kept(database, chats) == []


async def test_a_transaction_that_fails_changes_nothing(store: Store, database: str) -> None:
    async def stumble() -> None:
        async with store.begin() as transaction:
            await transaction.chats.lock([KEY])
            await transaction.chats.save([CHAT])
            await transaction.updates.see([1], 1_000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stumble()
    assert kept(database, chats) == []
    assert kept(database, seen) == []


async def test_an_update_is_unseen_until_it_is_seen(store: Store) -> None:
    async with store.begin() as transaction:
        assert await transaction.updates.unseen([1, 2**40]) == {1, 2**40}
        await transaction.updates.see([2**40], 1_000)
        await transaction.updates.see([2**40], 2_000)
        assert await transaction.updates.unseen([1, 2**40]) == {1}
        assert await transaction.updates.unseen([]) == set()


async def test_updates_are_forgotten_only_from_before_the_moment(store: Store) -> None:
    async with store.begin() as transaction:
        await transaction.updates.see([1], 1_000)
        await transaction.updates.see([2], 1_001)
        assert await transaction.updates.forget(1_001) == 1
        assert await transaction.updates.unseen([1, 2]) == {1}


async def test_what_was_shown_is_recorded(store: Store) -> None:
    await saved(store, CHAT)
    row = await recorded(store, Shown(KEY, 3, 70))
    assert (row.shown, row.message, row.litter) == (3, 70, ())


async def test_an_old_screen_shown_late_does_not_count_as_the_new_one(store: Store) -> None:
    await saved(store, replace(CHAT, wanted=5, litter=(8,)), replace(CHAT, key=OTHER, shown=3))
    row = await recorded(store, Shown(KEY, 4, 70))
    assert (row.shown, row.wanted) == (4, 5)
    assert row.litter == (8,), "what the newer screen has to clear away was forgotten"
    async with store.begin() as transaction:
        assert [each.key for each in await transaction.chats.unshown()] == [KEY]


async def test_what_an_older_screen_left_lying_about_is_cleared_away_with_the_newer(store: Store) -> None:
    await saved(store, replace(CHAT, wanted=5))
    assert (await recorded(store, Shown(KEY, 4, 70, litter=(71,)))).litter == (71,)


async def test_of_a_screen_that_two_processes_sent_one_is_cleared_away(store: Store) -> None:
    await saved(store, CHAT)
    await recorded(store, Shown(KEY, 3, 70))
    row = await recorded(store, Shown(KEY, 3, 71))
    assert (row.message, row.litter) == (71, (70,))


async def test_the_message_an_older_screen_stood_in_is_cleared_away_when_the_newer_stands_in_another(
    store: Store,
) -> None:
    """That it stood there was written down after the newer screen had been decided, which knows nothing of it."""
    await saved(store, replace(CHAT, wanted=5))
    await recorded(store, Shown(KEY, 4, 70))
    row = await recorded(store, Shown(KEY, 5, 71))
    assert (row.shown, row.message, row.litter) == (5, 71, (70,))


async def test_what_a_newer_screen_has_to_clear_away_is_never_taken_for_live_again(store: Store) -> None:
    await saved(store, replace(CHAT, wanted=5, message=None, litter=(70, 8)))
    row = await recorded(store, Shown(KEY, 4, 70))
    assert (row.message, set(row.litter)) == (None, {70, 8})


async def test_a_farewell_is_not_shown_before_all_is_cleared_away(store: Store) -> None:
    await saved(store, replace(CHAT, wanted=5, over=True))
    await recorded(store, Shown(KEY, 4, 70))
    row = await recorded(store, Shown(KEY, 5, 71))
    assert (row.shown, row.message, row.litter) == (4, 71, (70,))
    assert (await recorded(store, Shown(KEY, 5, 71, cleared=(70,)))).shown == 5


async def test_a_farewell_nobody_can_be_shown_counts_as_shown(store: Store) -> None:
    await saved(store, replace(CHAT, wanted=5, litter=(8,), over=True))
    assert (await recorded(store, Shown(KEY, 5, None))).shown == 5


async def test_the_message_a_screen_stands_in_is_never_litter(store: Store) -> None:
    await saved(store, replace(CHAT, litter=(70,)))
    assert (await recorded(store, Shown(KEY, 3, 70))).litter == ()


@pytest.mark.parametrize(("going_on", "left"), [(True, []), (False, [KEY])])
async def test_an_older_screen_written_down_gives_the_newer_one_away_unless_it_is_under_way(
    store: Store, going_on: bool, left: list[ChatKey]
) -> None:
    """Else the same process takes it over from itself while it is showing it, and it is sent twice."""
    await store.presence.beat()
    await saved(store, replace(CHAT, wanted=5))
    await recorded(store, Shown(KEY, 4, 70, going_on=going_on))
    async with store.begin() as transaction:
        assert [each.key for each in await transaction.chats.left_behind(9)] == left


async def test_a_screen_of_a_conversation_long_gone_is_not_recorded_in_the_new_one(store: Store) -> None:
    begun = replace(CHAT, wanted=1, shown=0)
    await saved(store, begun)
    assert await recorded(store, Shown(KEY, 40, 70)) == begun


async def test_an_ended_conversation_is_erased_unless_it_went_on(store: Store, database: str) -> None:
    begun_anew = ChatKey(b"n" * 16)
    ended = replace(CHAT, wanted=3, shown=3, over=True)
    await saved(store, replace(ended, wanted=4), replace(ended, key=OTHER), replace(ended, key=begun_anew, over=False))
    async with store.begin() as transaction:
        await transaction.chats.erase([(KEY, 3), (OTHER, 3), (begun_anew, 3)])
    assert {bytes(row["key"]) for row in kept(database, chats)} == {KEY, begun_anew}


async def test_the_untouched_are_found_oldest_first_and_not_those_already_ended(store: Store) -> None:
    keys = [ChatKey(bytes([number]) * 16) for number in range(4)]
    times = (300, 100, 400, 200)
    await saved(store, *(replace(CHAT, key=key, touched=at) for key, at in zip(keys, times, strict=True)))
    await saved(store, replace(CHAT, key=OTHER, touched=1, over=True))
    async with store.begin() as transaction:
        assert [row.touched for row in await transaction.chats.untouched_since(400, 9)] == [100, 200, 300]
        assert [row.touched for row in await transaction.chats.untouched_since(400, 1)] == [100]


async def test_farewells_are_forgotten_and_conversations_are_not(store: Store, database: str) -> None:
    await saved(store, replace(CHAT, touched=99, over=True), replace(CHAT, key=OTHER, touched=99))
    async with store.begin() as transaction:
        assert await transaction.chats.forget_farewells(99) == 0
        assert await transaction.chats.forget_farewells(100) == 1
    assert [bytes(row["key"]) for row in kept(database, chats)] == [OTHER]


# --------------------------------------------------------------------------------------------- referrals


async def test_a_referral_is_kept_as_it_was_given(store: Store) -> None:
    await referred(store, CARD)
    assert await card(store) == CARD


async def test_a_taken_code_is_refused_and_takes_everything_with_it(store: Store, database: str) -> None:
    await referred(store, CARD)

    async def again() -> None:
        async with store.begin() as transaction:
            await transaction.chats.save([CHAT])
            await transaction.updates.see([1], 1_000)
            await transaction.referrals.add([replace(CARD, code="NEW"), replace(CARD, place="paris")])

    with pytest.raises(OneUpdatesFault):
        await again()
    assert kept(database, chats) == []
    assert kept(database, seen) == []
    assert [(row["code"], row["place"]) for row in kept(database, referrals)] == [(CARD.code, "montreal")]


async def test_a_withdrawn_referral_loses_its_result_and_asks_for_a_bare_card(store: Store) -> None:
    await referred(store, replace(CARD, shown=1))
    async with store.begin() as transaction:
        [gone] = await transaction.referrals.withdraw([CARD.code])
        assert (gone.result, gone.state, gone.wanted, gone.shown) == (None, "withdrawn", 2, 1)
        assert await transaction.referrals.withdraw([CARD.code]) == []
        assert [each.code for each in await transaction.referrals.unshown()] == [CARD.code]
    assert await card(store) == gone


async def test_a_gone_referral_is_erased_once_its_bare_card_was_shown(store: Store, database: str) -> None:
    await referred(store, CARD)
    async with store.begin() as transaction:
        await transaction.referrals.withdraw([CARD.code])
        await transaction.referrals.save_card(Card(CARD.code, KEY, b"address", shown=1, message=5))
        await transaction.referrals.shown(CARD.code, 1)
    assert await card(store) is not None, "only the full card was shown"
    async with store.begin() as transaction:
        await transaction.referrals.save_card(Card(CARD.code, KEY, b"address", shown=2, message=5))
        await transaction.referrals.shown(CARD.code, 2)
    assert await card(store) is None
    assert kept(database, cards) == []


async def test_a_shown_card_waits_no_more(store: Store) -> None:
    await referred(store, CARD)
    async with store.begin() as transaction:
        await transaction.referrals.shown(CARD.code, 1)
        assert await transaction.referrals.unshown() == []
    assert await card(store) == replace(CARD, shown=1)


async def test_a_card_asked_for_anew_while_it_is_shown_comes_anew_all_the_same(store: Store) -> None:
    old = Card(CARD.code, KEY, b"here", shown=1, message=5)
    await referred(store, replace(CARD, wanted=2, shown=1))
    async with store.begin() as transaction:
        await transaction.referrals.save_card(old)
        await transaction.referrals.bring(old)
    async with store.begin() as transaction:  # whoever read it before has edited it meanwhile
        await transaction.referrals.record_card(old, replace(old, shown=2))
        await transaction.referrals.shown(CARD.code, 2)
        assert await transaction.referrals.cards(CARD.code) == {KEY: replace(old, shown=0, message=None, litter=(5,))}
        assert [each.code for each in await transaction.referrals.unshown()] == [CARD.code]


async def test_a_card_shown_too_late_is_cleared_away_and_the_next_one_is_recorded_all_the_same(store: Store) -> None:
    asked, late = Card(CARD.code, KEY, b"here"), 9
    await referred(store, CARD)
    async with store.begin() as transaction:
        await transaction.referrals.save_card(replace(asked, shown=1, message=5))
        await transaction.referrals.record_card(asked, replace(asked, shown=1, message=late))
        read = (await transaction.referrals.cards(CARD.code))[KEY]
        assert read == replace(asked, shown=1, message=5, litter=(late,))
        cleared = replace(read, shown=2, litter=())
        await transaction.referrals.record_card(read, cleared)
        assert await transaction.referrals.cards(CARD.code) == {KEY: cleared}


async def test_a_card_is_found_in_each_chat_where_it_stands(store: Store) -> None:
    here, there = Card(CARD.code, KEY, b"here", shown=1, message=2**40), Card(CARD.code, OTHER, b"there", litter=(1, 2))
    async with store.begin() as transaction:
        await transaction.referrals.save_card(here)
        await transaction.referrals.save_card(there)
        await transaction.referrals.save_card(replace(there, message=7))
        assert await transaction.referrals.cards(CARD.code) == {KEY: here, OTHER: replace(there, message=7)}


@pytest.mark.parametrize(
    ("arrived", "closed", "late"),
    [(999, None, True), (1_000, None, False), (1_000, 4_999, True), (1_000, 5_000, False), (999, 5_000, True)],
)
async def test_referrals_are_outdated_by_their_arrival_or_their_closing(
    store: Store, arrived: int, closed: int | None, late: bool
) -> None:
    await referred(store, replace(CARD, arrived=arrived, closed=closed))
    async with store.begin() as transaction:
        assert await transaction.referrals.outdated(arrived=1_000, closed=5_000) == [CARD.code] * late


async def test_a_group_is_found_where_it_went_last_and_so_are_its_binding_and_its_cards(
    store: Store, database: str
) -> None:
    async with store.begin() as transaction:
        assert await transaction.desk.moved(KEY) is None
        await transaction.desk.bind(Binding(KEY, "montreal", b"old", "lead", private=False, at=1))
        await transaction.referrals.save_card(Card(CARD.code, KEY, b"old", shown=1, message=5))
        await transaction.desk.move(KEY, OTHER, b"first", b"new")
        await transaction.referrals.left_behind(KEY, OTHER, b"new")
        await transaction.desk.move(KEY, OTHER, b"second", b"new")
        assert await transaction.desk.moved(KEY) == b"second"
        assert await transaction.desk.bindings() == [Binding(OTHER, "montreal", b"new", "lead", private=False, at=1)]
        assert await transaction.referrals.cards(CARD.code) == {OTHER: Card(CARD.code, OTHER, b"new", shown=1)}
    assert len(kept(database, moves)) == 1


# ------------------------------------------------------------------------------------- what goes wrong


async def test_a_value_that_does_not_fit_is_the_fault_of_one_update(store: Store, database: str) -> None:
    with pytest.raises(OneUpdatesFault):
        await saved(store, replace(CHAT, message=2**70))
    assert kept(database, chats) == []


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://nobody@/none?host=/nowhere", "sqlite+aiosqlite:////nowhere/at/all.db"]
)
async def test_a_database_that_does_not_answer_is_unavailable(url: str) -> None:
    store = Store(url)
    with pytest.raises(Unavailable):
        async with store.begin():
            pass
    with pytest.raises(Unavailable):
        await store.prepare()


# --------------------------------------------------------------------------------------------- migrations


async def test_the_migrations_make_exactly_the_tables_of_the_program(empty_database: str) -> None:
    store = Store(empty_database)
    await store.prepare()
    await store.prepare()
    await store.close()
    engine = create_engine(empty_database.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_one_the_program_looks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


async def test_two_processes_may_start_at_once(empty_database: str) -> None:
    stores = [Store(empty_database) for _ in range(3)]
    await asyncio.gather(*(store.prepare() for store in stores))
    for store in stores:
        await saved(store, CHAT)
        await store.close()
    assert [bytes(row["key"]) for row in kept(empty_database, chats)] == [KEY]


async def test_what_was_erased_is_not_in_the_files_any_more(sqlite_copy: Path) -> None:
    secrets = (b"\x01sealed session " * 40, b"\x02sealed address", b"\x03look-up key....")
    key = ChatKey(secrets[2])
    store = Store(f"sqlite+aiosqlite:///{sqlite_copy}")
    for turn in range(1, 4):
        await saved(store, Chat(key, secrets[1], secrets[0], wanted=turn, shown=turn, touched=1, over=True))
    assert all(secret in _bytes(sqlite_copy) for secret in secrets)
    async with store.begin() as transaction:
        await transaction.chats.erase([(key, 3)])
    await store.scrub()
    assert not any(secret in _bytes(sqlite_copy) for secret in secrets)
    await store.close()


def _bytes(database: Path) -> bytes:
    """All that is on the disk: the file, and the log beside it."""
    return b"".join(path.read_bytes() for path in sorted(database.parent.glob("screener.db*")))


async def test_two_processes_cannot_begin_one_conversation_twice(postgres: Postgres) -> None:
    url = postgres.emptied()
    stores: Sequence[Store] = [Store(url), Store(url)]
    locked = asyncio.Event()

    async def begin(store: Store, session: bytes) -> dict[ChatKey, Chat]:
        async with store.begin() as transaction:
            rows = await transaction.chats.lock([KEY, OTHER])
            locked.set()
            if not rows:
                await transaction.chats.save([replace(CHAT, session=session)])
            return rows

    async def second() -> dict[ChatKey, Chat]:
        await locked.wait()
        return await begin(stores[1], b"second")

    before, after = await asyncio.gather(begin(stores[0], b"first"), second())
    assert before == {}
    assert [row.session for row in after.values()] == [b"first"]
    assert [bytes(row["session"]) for row in kept(url, chats)] == [b"first"]
    for store in stores:
        await store.close()
