"""The last screen: with the row of whoever left would go what still lies about in their chat."""

from __future__ import annotations

import asyncio

import pytest

from bot.demo.handles import Phone
from bot.records import Shown
from bot.tables import chats
from tests.person import eventually
from tests.postgres import kept
from tests.sending import DELETE, Bot, away

pytest_plugins = ["tests.sending"]
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")


async def leaves_while_nothing_can_be_deleted(bot: Bot) -> Phone:
    """Somebody who wrote /delete, and still sees the question they were at."""
    phone = await bot.begins("en", "montreal", "yes", "agree")
    await away(bot.standin.refuses, 500, DELETE, times=9)
    await bot.orders(phone, "delete")
    await bot.settles()
    assert len(await away(lambda: phone.from_bot)) == 2
    return phone


async def test_an_address_and_no_answer_is_kept_until_the_old_question_is_gone(bot: Bot) -> None:
    await leaves_while_nothing_can_be_deleted(bot)
    [row] = kept(bot.shell.database, chats)
    assert (row["over"], row["shown"]) == (True, row["wanted"] - 1)


async def test_the_old_question_goes_and_with_it_all_that_was_kept(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.AGAIN", 0.05)
    phone = await bot.begins("en", "montreal", "yes", "agree")
    writing = asyncio.create_task(bot.delivery.run())
    await away(bot.standin.refuses, 500, DELETE, times=3)
    await bot.orders(phone, "delete")
    await away(eventually, lambda: kept(bot.shell.database, chats) == [], "everything to be erased")
    assert len(await away(lambda: phone.from_bot)) == 1
    writing.cancel()


async def test_killed_before_the_old_question_was_gone_the_next_process_clears_it_away(bot: Bot) -> None:
    phone = await leaves_while_nothing_can_be_deleted(bot)
    farewell = (await away(lambda: phone.from_bot))[-1]
    await away(bot.standin.heals)
    bot.restarted().deliver(await bot.shell.service.interrupted())
    await bot.settles()
    assert [(one.id, one.text) for one in await away(lambda: phone.from_bot)] == [(farewell.id, farewell.text)]
    assert kept(bot.shell.database, chats) == []


async def test_what_an_earlier_screen_left_goes_with_a_farewell_that_did_not_know_of_it(bot: Bot) -> None:
    """Both were handled before it was written down what the first could not clear away."""
    phone = await bot.begins("en", "montreal", "yes", "agree")
    await away(bot.standin.refuses, 500, DELETE, times=1)
    for order in ("help", "delete"):
        await away(phone.types, f"/{order}")
        await bot.takes()
        await away(eventually, lambda: not bot.delivery._busy, "the screen to be shown")
    await bot.settles()
    assert len(await away(lambda: phone.from_bot)) == 1
    assert kept(bot.shell.database, chats) == []


async def test_what_another_process_left_lying_about_outlives_the_farewell(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal", "yes", "agree")
    await away(phone.types, "/delete")
    await bot.takes()
    async with bot.shell.store.begin() as transaction:
        [row] = await transaction.chats.unshown()
        await transaction.chats.record([Shown(row.key, row.wanted - 1, row.message, (999,))])
    await bot.settles()
    [tombstone] = kept(bot.shell.database, chats)
    assert (tombstone["litter"], tombstone["shown"]) == ("999", tombstone["wanted"] - 1)
    bot.delivery.deliver(await bot.shell.service.interrupted())
    await bot.settles()
    assert kept(bot.shell.database, chats) == []


async def test_of_somebody_who_left_and_blocked_the_bot_nothing_is_kept(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal", "yes", "agree")
    await away(phone.types, "/stop")
    await away(phone.blocks)
    await bot.takes()
    await bot.settles()
    assert kept(bot.shell.database, chats) == []
