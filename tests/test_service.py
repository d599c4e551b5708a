"""One update, one transaction: what it changes, what it does not, and that nobody can spoil another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot.messages import (
    ChatId,
    Command,
    GroupAsked,
    GroupMoved,
    Ignored,
    MessageId,
    Ordered,
    Press,
    Said,
    Showed,
    Unavailable,
    Update,
)
from bot.records import Shown
from bot.store import Store
from bot.tables import chats, moves, referrals, seen
from dialogs.engine import Engine
from dialogs.events import Event, Fresh, Step
from dialogs.machine import Plan
from dialogs.session import AGAIN, Session
from dialogs.symbols import Say
from tests.postgres import Postgres, Shell, kept

pytest_plugins = ["tests.postgres"]

STALE = "toast.old"
OVER = Say("toast.over")
SENTINEL = "Zyxwvut Qwertz 0123"


class Stumbling(Engine):
    """An engine that cannot bear one event."""

    def advance(self, session: Session | None, event: Event, now: Any, fresh: Fresh) -> Step:
        if session and session.note and session.note.key == "unreadable":
            raise ZeroDivisionError
        return super().advance(session, event, now, fresh)


# ------------------------------------------------------------------------------------- what one update does


async def test_a_new_person_is_asked_for_their_language(shell: Shell) -> None:
    person = shell.person()
    await person.orders("start")
    row = person.row()
    assert (person.at, person.session.turn) == ("language", 1)
    assert row is not None
    assert (row["wanted"], row["shown"], row["touched"]) == (1, 0, int(shell.clock.at.timestamp()))


async def test_the_same_update_twice_changes_nothing_and_shows_the_screen_again(shell: Shell) -> None:
    person = shell.person()
    await person.begins()
    tap = person.incoming(person.tap("yes"))
    await person.handles(tap)
    before, row = person.session, person.row()
    shell.clock.passes(minutes=5)
    batch = await person.handles(tap)
    assert [showing.session for showing in batch.showings] == [before]
    assert (batch.rows, batch.notices, person.row()) == ([], [], row)


async def test_typed_words_delivered_twice_answer_one_question(shell: Shell) -> None:
    person = shell.person()
    await person.consents()
    unsure = person.incoming(Said("I don't know"))
    await person.handles(unsure)
    before, row = person.session, person.row()
    assert person.at == "transplant"
    await person.handles(unsure)
    assert (person.session, person.row()) == (before, row)


async def test_people_in_one_batch_each_get_their_own_answer(shell: Shell) -> None:
    people = [shell.person() for _ in range(30)]
    await shell.service.handle([person.incoming(Ordered("start")) for person in people])
    batch = await shell.service.handle([person.incoming(Said("français")) for person in people])
    assert [showing.chat for showing in batch.showings] == [person.chat for person in people]
    assert {showing.session.state for showing in batch.showings} == {"place"}
    assert len({showing.session.nonce for showing in batch.showings}) == 30
    assert len(kept(shell.database, chats)) == 30


async def test_a_card_is_found_again_when_the_batch_that_brought_it_was_lost(shell: Shell) -> None:
    """The answer to a commit can be lost, and the update is then seen: only the database still knows of the card."""
    person = shell.person()
    await person.previews()
    await person.taps("send")
    assert [each.code for each in (await shell.service.interrupted()).referrals] == [person.session.code]


async def test_a_result_is_given_once_however_often_the_yes_arrives(shell: Shell) -> None:
    person = shell.person()
    await person.previews()
    send = person.incoming(person.tap("send"))
    again = replace(send, update=send.update + 500)
    batches = [await person.handles(each) for each in (send, send, again)]
    assert [len(batch.referrals) for batch in batches] == [1, 0, 0]
    [referral] = kept(shell.database, referrals)
    assert (referral["code"], referral["place"], referral["state"]) == (person.session.code, "montreal", "new")
    assert referral["arrived"] == int(shell.clock.at.timestamp())


async def test_a_result_taken_back_is_gone_and_its_card_is_to_be_bare(shell: Shell) -> None:
    person = shell.person()
    await person.previews()
    await person.taps("send")
    await person.orders("delete")
    await person.taps("forget_all")
    assert [(each.result, each.state) for each in person.batch.referrals] == [(None, "withdrawn")]
    assert [row["result"] for row in kept(shell.database, referrals)] == [None]


# --------------------------------------------------------------------------------------- taps that mean nothing


@pytest.mark.parametrize(
    "forged",
    [
        {"turn": 3},
        {"turn": 5},
        {"turn": 999_999_999},
        {"turn": -1},
        {"index": 99},
        {"index": -1},
        {"nonce": ""},
        {"nonce": "other"},
        {"nonce": "", "turn": -1, "index": -1},
    ],
)
async def test_a_forged_or_stale_tap_answers_nothing_and_the_screen_is_shown_again(
    shell: Shell, forged: dict[str, Any]
) -> None:
    person = shell.person()
    await person.begins()
    await person.taps("yes")
    assert (person.at, person.session.turn) == ("consent", 4)
    before, row = person.session, person.row()
    true = person.tap("agree")
    values = {"nonce": true.nonce, "turn": true.turn, "index": true.index, **forged}
    await person.does(Press("callback", values["nonce"], values["turn"], values["index"], true.on))
    assert (person.session, person.row()) == (before, row)
    assert (person.showing.callback, person.showing.toast) == ("callback", None if forged == {"turn": 3} else STALE)


async def test_a_tap_with_somebody_elses_data_answers_for_neither(shell: Shell) -> None:
    one, two = shell.person(), shell.person()
    for person in (one, two):
        await person.begins()
    before = two.session
    await two.does(one.tap("yes"))
    assert (two.session, two.showing.toast) == (before, STALE)
    assert one.at == "age"


async def test_the_button_of_a_farewell_begins_anew_when_nothing_is_left(shell: Shell) -> None:
    stranger = shell.person()
    await stranger.does(Press("callback", AGAIN, 4, 0, MessageId(9)))
    assert (stranger.at, stranger.showing.live, stranger.showing.callback) == ("language", 9, "callback")


async def test_a_second_tap_on_the_last_button_begins_nothing(shell: Shell) -> None:
    person = shell.person()
    await person.begins()
    await person.taps("leave")
    last = person.tap("stop")
    await person.does(last)
    turn = person.session.turn
    async with shell.store.begin() as transaction:
        await transaction.chats.record([Shown(person.key, turn, MessageId(10), (), ())])
        await transaction.chats.erase([(person.key, turn)])
    batch = await person.does(last)
    assert person.row() is None
    assert (batch.showings, [(each.callback, each.said) for each in batch.toasts]) == ([], [("callback", OVER)])


async def test_a_tap_on_an_old_message_counts_in_the_live_one_and_the_old_is_cleared_away(shell: Shell) -> None:
    person = shell.person()
    await person.begins()
    await person.does(person.tap("yes", on=4))
    assert person.at == "consent"
    assert (person.showing.live, person.showing.litter) == (10, (4,))


async def test_a_second_tap_on_stop_does_not_begin_anew(shell: Shell) -> None:
    person = shell.person()
    await person.consents()
    await person.orders("help")
    await person.taps("back", "leave")
    stop = person.tap("stop")
    await person.does(stop)
    await person.does(stop)
    assert person.at == "stopped"
    await person.taps("again")
    assert person.at == "language"


# ----------------------------------------------------------------------------------------- orders, anywhere

COMMANDS: tuple[Command, ...] = ("start", "help", "language", "privacy", "mydata", "stop", "delete", "withdraw")
STEPS: dict[str, tuple[str, ...] | None] = {
    "nothing known": None,
    "language": (),
    "place": ("en",),
    "age": ("en", "montreal"),
    "age.confirm": ("en", "montreal", "no"),
    "consent": ("en", "montreal", "yes"),
    "diagnosis": ("en", "montreal", "yes", "agree"),
    "bmi.height.exact": ("en", "montreal", "yes", "agree", "yes", "declined", "not_enough", "5"),
    "minor": ("en", "montreal", "no", "confirmed"),
    "declined": ("en", "montreal", "yes", "decline"),
}
RUNNING = STEPS.keys() - {"nothing known", "minor", "declined"}


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_is_obeyed_in_every_state(shell: Shell, command: Command) -> None:
    for state, steps in STEPS.items():
        person = shell.person()
        if steps is not None:
            await person.orders("start")
            await person.taps(*steps)
            assert person.at == state
        batch = await person.orders(command)
        assert (batch.notices, len(batch.rows), len(batch.showings)) == ([], 1, 1), state
        assert person.showing.anew, "what a command asks for comes at the bottom"
        assert shell.views.screen(person.session).text
        over = {"stop": "stopped", "delete": "forgotten"}.get(command)
        assert person.session.over == (over is not None), state
        if over:
            assert person.session.answers == {}
            assert person.at == (over if state in RUNNING else "forgotten")


async def test_photos_and_the_like_get_a_line_and_the_same_question(shell: Shell) -> None:
    person = shell.person()
    await person.begins()
    await person.does(Showed())
    assert person.at == "age"
    assert person.session.note is not None
    assert person.session.note.key == "unreadable"
    assert person.showing.litter == (person.messages,)


async def test_who_comes_back_after_over_an_hour_gets_a_new_message_and_the_old_is_cleared_away(shell: Shell) -> None:
    person = shell.person()
    await person.begins()
    shell.clock.passes(hours=1)
    await person.does(Said("hello"))
    assert (person.showing.anew, person.showing.live) == (False, 10)
    shell.clock.passes(hours=1, seconds=1)
    await person.does(Said("hello"))
    assert (person.showing.anew, person.showing.live) == (True, None)
    assert {10, person.messages} <= set(person.showing.litter)


# -------------------------------------------------------------------------------- one poisonous update among others


async def test_a_taken_code_takes_nobody_with_it(shell: Shell) -> None:
    first, second, third = shell.person(), shell.person(), shell.person()
    await first.previews()
    await first.taps("send")
    await second.previews()
    with_taken_code = second.session.changed(code=first.session.code)
    [row] = [row for row in second.batch.rows if row.key == second.key]
    async with shell.store.begin() as transaction:
        await transaction.chats.save([replace(row, session=shell.service.sealed(second.key, with_taken_code))])
    send, start = second.incoming(second.tap("send")), third.incoming(Ordered("start"))
    batch = await shell.service.handle([send, start])
    assert [showing.chat for showing in batch.showings] == [third.chat]
    assert [(notice.chat, notice.key) for notice in batch.notices] == [(second.chat, "failed.person")]
    assert {send.update, start.update} <= {row["update_id"] for row in kept(shell.database, seen)}
    assert len(kept(shell.database, referrals)) == 1
    assert third.row() is not None


async def test_an_engine_that_stumbles_over_one_stumbles_over_nobody_else(shell: Shell) -> None:
    stumbling = replace(shell.service, engine_of=Stumbling)
    one, two = shell.person(), shell.person()
    await one.begins()
    await one.does(Showed())
    before = one.row()
    updates = [one.incoming(Said("yes")), two.incoming(Ordered("start"))]
    batch = await stumbling.handle(updates)
    assert [(notice.chat, notice.key) for notice in batch.notices] == [(one.chat, "failed.person")]
    assert [showing.chat for showing in batch.showings] == [two.chat]
    assert one.row() == before
    assert {each.update for each in updates} <= {row["update_id"] for row in kept(shell.database, seen)}
    assert shell.views.notice(batch.notices[0]).text


async def test_a_stumble_over_somebody_new_leaves_nothing_of_them(shell: Shell) -> None:
    broken = replace(shell.service, plan=Plan(None))  # type: ignore[arg-type]
    batch = await broken.handle([shell.person().incoming(Ordered("start"))])
    assert len(batch.notices) == 1
    assert kept(shell.database, chats) == []


# ------------------------------------------------------------------------------------------ what is left


async def test_a_group_is_told_its_id_once(shell: Shell) -> None:
    asked: list[Update] = [GroupAsked(1, ChatId(-5)), Ignored(3)]
    [notice] = (await shell.service.handle(asked)).notices
    assert (notice.chat, notice.key, dict(notice.params)) == (-5, "group.id", {"chat": "-5"})
    assert (await shell.service.handle(asked)).notices == []


async def test_a_group_of_coordinators_is_followed_where_it_moves_and_no_other(shell: Shell) -> None:
    ours = shell.desks.chat("paris")
    assert ours is not None
    await shell.service.handle([GroupMoved(1, ours, ChatId(-1005)), GroupMoved(2, ChatId(-5), ChatId(-1006))])
    [row] = kept(shell.database, moves)
    assert shell.vault.open_chat(bytes(row["address"]), shell.vault.key(ours)) == -1005


async def test_without_a_database_nothing_is_accepted(shell: Shell, caplog: pytest.LogCaptureFixture) -> None:
    person = shell.person()
    await person.begins()
    tap, before = person.incoming(person.tap("yes")), person.row()
    nowhere = replace(shell.service, store=Store("postgresql+psycopg://nobody@/none?host=/nowhere"))
    with pytest.raises(Unavailable):
        await nowhere.handle([tap])
    assert person.row() == before
    assert tap.update not in {row["update_id"] for row in kept(shell.database, seen)}
    await person.handles(tap)
    assert person.at == "consent"


async def test_a_database_that_fails_half_way_changes_nothing(empty_database: str) -> None:
    shell = Shell(Store(empty_database), empty_database)
    await shell.store.prepare()
    person = shell.person()
    await person.begins()
    engine = create_engine(empty_database.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE seen RENAME COLUMN at TO other"))  # the last thing an update writes
    before = person.row()
    with pytest.raises(Unavailable):
        await person.does(Said("yes"))
    assert person.row() == before
    await shell.store.close()


async def test_what_was_kept_is_shown_though_the_doors_cannot_be_looked_at_after_it(empty_database: str) -> None:
    """The database may go away right after a commit. Whoever said yes is told so, and the desk has its card."""
    shell = Shell(Store(empty_database), empty_database)
    await shell.store.prepare()
    await shell.opened()
    person = shell.person()
    await person.previews()
    engine = create_engine(empty_database.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE pauses RENAME COLUMN place TO other"))  # read by nothing else on this way
    before = shell.openings
    await person.taps("send")
    assert [each.code for each in person.batch.referrals] == [person.session.code]
    assert [showing.chat for showing in person.batch.showings] == [person.chat]
    assert shell.openings == before
    await shell.store.close()


async def test_one_update_handled_by_two_processes_at_once_counts_once(postgres: Postgres) -> None:
    url = await asyncio.to_thread(postgres.emptied)
    shells = [await Shell(Store(url), url).opened(), await Shell(Store(url), url).opened()]
    person = shells[0].person()
    await person.consents()
    for number in range(5):
        start, twice = shells[0].person(), person.incoming(Said("yes"))
        both = await asyncio.gather(*(shell.service.handle([twice]) for shell in shells))
        assert sorted(len(batch.rows) for batch in both) == [0, 1], number
        once = start.incoming(Ordered("start"))
        both = await asyncio.gather(*(shell.service.handle([once]) for shell in shells))
        assert {showing.session.turn for batch in both for showing in batch.showings} == {1}
    for shell in shells:
        await shell.store.close()
