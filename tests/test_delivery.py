"""What should be shown is shown, whatever Telegram and people do meanwhile: once, newest, and to nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event

from bot.demo.chats import Message
from bot.messages import TryLater
from bot.pace import patience
from bot.store import Store
from bot.tables import chats
from tests.person import eventually
from tests.postgres import kept
from tests.sending import ANSWER, DELETE, EDIT, SEND, Bot, away

pytest_plugins = ["tests.sending"]


pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")


# --------------------------------------------------------------------------------------- when sending fails


async def test_too_many_requests_in_one_chat_park_only_that_chat(bot: Bot) -> None:
    one, two = await bot.begins(), await bot.begins()
    await away(bot.standin.refuses, 429, EDIT, one.chat_id)
    for phone in (one, two):
        await bot.tap(phone, "en")
    await bot.takes()
    await away(two.sees, bot.text(two))
    assert bot.text(one) not in [each.text for each in await away(lambda: one.from_bot)]
    await away(one.sees, bot.text(one))
    refused, repeated = bot.standin.calls(EDIT, one.chat_id)
    assert refused.status == 429
    assert repeated.at - refused.at >= 1, "it came back sooner than Telegram asked for"


@pytest.mark.parametrize("method", [SEND, EDIT])
@pytest.mark.parametrize("failing", ["500", "502", "504", "dropped before", "dropped after"])
async def test_a_call_that_fails_is_repeated_until_the_screen_is_shown_once(
    bot: Bot, failing: str, method: str
) -> None:
    phone = await bot.begins("en")
    if method == SEND:
        await away(phone.deletes, (await away(lambda: phone.from_bot))[0])
    if failing.isdigit():
        await away(bot.standin.refuses, int(failing), method, times=3)
    elif failing == "dropped before":
        await away(bot.standin.drops, method, times=3)
    else:
        await away(bot.standin.drops, method, times=1, applied=True)
    await away(phone.types, "Montreal")
    await bot.takes()
    await bot.settles()
    shown = [one.text for one in await away(lambda: phone.from_bot)]
    # A first send that was applied, and whose answer was lost, is the one duplicate that can be seen.
    assert shown == [bot.text(phone)] * (2 if (failing, method) == ("dropped after", SEND) else 1)
    [row] = kept(bot.shell.database, chats)
    assert (row["shown"], row["litter"]) == (row["wanted"], "")


@pytest.mark.parametrize("tapped", [0, 1])
async def test_the_one_possible_duplicate_is_gone_with_the_next_tap_on_either(bot: Bot, tapped: int) -> None:
    await away(bot.standin.drops, SEND, applied=True)
    phone = await bot.begins()
    both = await away(lambda: phone.from_bot)
    assert [one.text for one in both] == [bot.text(phone)] * 2
    await bot.tap(phone, "en", on=both[tapped])
    await bot.takes()
    await bot.settles()
    if tapped == 0:
        await bot.shows_only_what_it_should(phone)
    else:
        assert [one.text for one in await away(lambda: phone.from_bot)][-1] == bot.text(phone)


async def test_patience_is_at_least_what_telegram_asks_for_and_grows_with_each_failure() -> None:
    for seconds in (1, 5, 600):
        waits = [patience(TryLater(timedelta(seconds=seconds), ""), tries) for tries in range(1, 12)]
        assert all(seconds <= wait <= max(seconds, 60) * 1.2 for wait in waits)
        assert waits[-1] >= waits[0] or seconds == 600


# ------------------------------------------------------------------------------------- what people do meanwhile


async def test_a_live_message_the_person_deleted_is_sent_anew(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    deleted = (await away(lambda: phone.from_bot))[0]
    await away(phone.deletes, deleted)
    await away(phone.types, "yes")
    await bot.takes()
    await bot.settles()
    assert [each.id > deleted.id for each in await away(lambda: phone.from_bot)] == [True]
    await bot.shows_only_what_it_should(phone)
    await bot.taps(phone, "agree")
    await bot.shows_only_what_it_should(phone)


async def test_nobody_who_blocked_the_bot_is_written_to_again(bot: Bot) -> None:
    phone = await bot.begins("en")
    await bot.tap(phone, "montreal")
    await away(phone.blocks)
    await bot.takes()
    await bot.settles()
    tried = len(bot.standin.calls(chat=phone.chat_id))
    bot.restarted().deliver(await bot.shell.service.interrupted())
    await bot.settles()
    assert len(bot.standin.calls(chat=phone.chat_id)) == tried
    await away(phone.starts)
    await bot.takes()
    await bot.settles()
    assert bot.text(phone) in [one.text for one in await away(lambda: phone.from_bot)]


async def test_who_says_stop_and_blocks_at_once_is_erased(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(phone.types, "/stop")
    await away(phone.blocks)
    await bot.takes()
    await bot.settles()
    assert kept(bot.shell.database, chats) == []


async def test_the_newest_screen_wins_when_many_are_waiting(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    before = len(bot.standin.calls(EDIT))
    await away(bot.standin.slows, 0.8, EDIT)
    for text in ("yes", "yes", "yes", "help", "back"):
        await away(phone.types, text)
    await bot.takes()
    await bot.settles()
    assert len(bot.standin.calls(EDIT)) - before == 2
    await bot.shows_only_what_it_should(phone)
    assert [one.text for one in await away(lambda: phone.messages) if not one.from_bot] == ["/start"]


# ------------------------------------------------------------------------------------------------- clearing away


async def test_typed_answers_and_screens_left_above_are_cleared_away(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(phone.types, "yes")
    await bot.orders(phone, "help")
    await bot.settles()
    await bot.shows_only_what_it_should(phone)
    assert [one.text for one in await away(lambda: phone.messages) if not one.from_bot] == ["/start"]


async def test_a_screen_too_old_to_be_deleted_says_nothing_any_more(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(bot.standin.passes, hours=49)
    await bot.orders(phone, "help")
    await bot.settles()
    old, live = await away(lambda: phone.from_bot)
    assert (old.text, old.rows, live.text) == (bot.shell.views.left_behind().text, (), bot.text(phone))


async def test_what_cannot_be_cleared_away_now_is_cleared_away_next_time(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(bot.standin.refuses, 500, DELETE, times=2)
    await bot.orders(phone, "help")
    await bot.settles()
    assert [one.text for one in await away(lambda: phone.from_bot)].count(bot.text(phone)) == 1, "it was sent twice"
    assert kept(bot.shell.database, chats)[0]["litter"] != ""
    bot.restarted()
    await away(bot.standin.heals)
    await bot.taps(phone, "back")
    await bot.shows_only_what_it_should(phone)


async def test_what_was_typed_goes_soon_even_when_telegram_would_not_let_it_go_at_once(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other screen has to come for that, and none is sent or edited for it."""
    monkeypatch.setattr("bot.delivery.AGAIN", 0.05)
    phone = await bot.begins("en", "montreal", "yes", "agree")
    await away(bot.standin.refuses, 500, DELETE, times=3)
    typed = await away(phone.types, "yes")
    await bot.takes()

    def shown() -> list[Message]:
        return [one for one in phone.messages if one.id == typed.id or one.from_bot]

    await away(eventually, lambda: len(shown()) == 1, "what was typed to go")
    await bot.settles()
    assert [(one.text, one.edits) for one in shown()] == [(bot.text(phone), 5)]
    assert kept(bot.shell.database, chats)[0]["litter"] == ""


# ------------------------------------------------------------------------------------------------- what it costs


async def test_an_answer_costs_one_transaction_and_two_calls(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal", "yes", "agree")
    commits: list[object] = []
    event.listen(bot.shell.store._engine.sync_engine, "commit", commits.append)
    writing = asyncio.create_task(bot.delivery.run())
    before = len(bot.standin.calls())
    answered = len(bot.standin.calls(ANSWER))
    for number, option in enumerate(("yes", "declined", "not_enough", "5", "63"), start=1):
        await bot.tap(phone, option)
        await bot.takes()
        await away(phone.sees, bot.text(phone))
        await away(bot.standin.waits_for_calls, ANSWER, None, answered + number)
    calls = bot.standin.calls()[before:]
    assert sorted(call.method for call in calls) == [ANSWER] * 5 + [EDIT] * 5
    assert len(commits) == 5, "that a screen was edited need not be written down at once"
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await bot.settles()
    assert len(commits) == 6
    [row] = kept(bot.shell.database, chats)
    assert row["shown"] == row["wanted"]


async def test_a_double_tap_costs_no_second_edit(bot: Bot) -> None:
    phone = await bot.begins("en")
    before = len(bot.standin.calls(EDIT))
    session = bot.sessions[phone.chat_id]
    for _ in range(2):
        await away(phone.forges, f"{session.nonce}.{session.turn}.0")
    await bot.takes()
    await bot.settles()
    assert len(bot.standin.calls(EDIT)) - before == 1
    await bot.shows_only_what_it_should(phone)


async def test_what_was_shown_is_not_forgotten_when_writing_it_down_is_cut_short(bot: Bot) -> None:
    phone = await away(bot.standin.participant)
    await away(phone.starts)
    await bot.takes()
    async with bot.shell.store.begin():  # nobody else can write now
        await asyncio.gather(*bot.delivery._tasks)
        writing = asyncio.create_task(bot.delivery.run())
        await asyncio.wait([writing], timeout=0.05)  # it takes what is to be written, and waits
        assert bot.delivery._shown == {}
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    await bot.settles()
    [row] = kept(bot.shell.database, chats)
    assert (row["shown"], row["message"]) == (1, (await away(lambda: phone.from_bot))[0].id)


async def test_stopping_without_a_database_is_no_error(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await bot.begins("en")
    before = [each.text for each in await away(lambda: phone.from_bot)]
    monkeypatch.setattr(bot.delivery, "_store", Store("postgresql+psycopg://nobody@/none?host=/nowhere"))
    await bot.settles()
    assert [each.text for each in await away(lambda: phone.from_bot)] == before, "the person keeps what they saw"
