"""Who may be written to, and when: whoever talks with us first, nobody at another's cost."""

from __future__ import annotations

import asyncio
import time

from bot.messages import ChatId
from bot.pace import GROUP, PERSON, Pace, Rank


async def test_when_not_all_can_be_written_to_at_once_a_dialog_goes_first_and_a_reminder_last() -> None:
    pace, order = Pace(20), list[Rank]()

    async def writes(rank: Rank) -> None:
        await pace.turn(rank)
        order.append(rank)

    await asyncio.gather(*(writes(Rank.DIALOG) for _ in range(20)))  # all that may be sent in this second
    order.clear()
    await asyncio.gather(
        *(writes(rank) for rank in (Rank.REMINDER, Rank.DESK, Rank.DIALOG, Rank.REMINDER, Rank.DIALOG))
    )
    assert order == [Rank.DIALOG, Rank.DIALOG, Rank.DESK, Rank.REMINDER, Rank.REMINDER]


async def test_one_chat_that_is_written_to_too_often_waits_alone() -> None:
    for chat, burst in ((ChatId(5), PERSON), (ChatId(-5), GROUP)):
        pace = Pace(1_000)
        for _ in range(burst):
            await pace.turn(Rank.DIALOG, chat)
        waiting = asyncio.create_task(pace.turn(Rank.DIALOG, chat))
        began = time.monotonic()
        await pace.turn(Rank.DIALOG, ChatId(6))
        assert time.monotonic() - began < 0.5
        assert not waiting.done()
        waiting.cancel()


async def test_whoever_gives_up_waiting_costs_the_others_no_more_than_a_turn() -> None:
    pace = Pace(50)
    await asyncio.gather(*(pace.turn(Rank.DIALOG) for _ in range(50)))
    gone = asyncio.create_task(pace.turn(Rank.DIALOG))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait_for(pace.turn(Rank.DIALOG), 1)
    assert gone.cancelled()


async def test_nothing_waits_where_there_is_no_limit() -> None:
    pace, began = Pace(0), time.monotonic()
    for _ in range(1_000):
        await pace.turn(Rank.DIALOG, ChatId(5))
    assert time.monotonic() - began < 1
