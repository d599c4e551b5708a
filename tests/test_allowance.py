"""Who floods is left aside for as long as they do, and whoever taps and types as people do is never."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.allowance import GROUP, PERSON, REMEMBERED, Allowance
from bot.messages import AtDesk, ChatId, DeskOrder, GroupAsked, Ignored, Incoming, MessageId, Said, Update
from bot.messages import Person as Sender
from bot.tables import referrals
from bot.telegram import Api, Poller
from bot.telegram.polling import BATCH, batches
from tests.fuzz import door
from tests.postgres import Person, Shell, kept

pytest_plugins = ["tests.postgres"]
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")

A_FLOOD = 1_000


@dataclass
class Clock:
    """Seconds, moved by hand."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Queue(Api):
    """A server that has these updates, and gives them once."""

    polls: list[list[Any]]
    asked: list[int] = field(default_factory=list)
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        super().__init__("1:a", "http://127.0.0.1:9")

    async def updates(self, offset: int, wait: float) -> list[Any]:
        """The next of them; when there are none, nobody comes any more."""
        self.asked.append(offset)
        if self.polls:
            return self.polls.pop(0)
        self.empty.set()
        return await asyncio.Future()


@pytest.fixture(params=["sqlite"])
def database(sqlite_copy: Path) -> str:
    """One kind is enough: what is left aside does not reach it."""
    return f"sqlite+aiosqlite:///{sqlite_copy}"


def said(number: int, chat: int = 5) -> Incoming:
    return Incoming(number, ChatId(chat), Said("x"), MessageId(number))


def order(number: int, chat: int, who: int, private: bool = False) -> AtDesk:
    return AtDesk(number, ChatId(chat), private, Sender(ChatId(who), "x"), DeskOrder("open", "", "/open"))


async def polled(*polls: list[Any]) -> tuple[list[Sequence[Update]], list[int]]:
    """What a poller has handled of these polls, and which offsets it asked for."""
    handled: list[Sequence[Update]] = []

    async def handle(updates: Sequence[Update]) -> None:
        handled.append(updates)

    queue, stopping = Queue(list(polls)), asyncio.Event()
    running = asyncio.create_task(Poller(queue, handle).run(stopping))
    async with asyncio.timeout(10):
        await queue.empty.wait()
    stopping.set()
    await running
    return handled, queue.asked


# ----------------------------------------------------------------------------------------------- how much is handled


async def test_of_a_thousand_messages_at_once_a_burst_is_handled_and_the_rest_in_one_batch_with_all_the_others() -> (
    None
):
    flood = [door.written("x") | {"update_id": number} for number in range(A_FLOOD)]
    handled, asked = await polled(*(flood[start : start + BATCH] for start in range(0, A_FLOOD, BATCH)))
    acts = [update for batch in handled for update in batch if not isinstance(update, Ignored)]
    assert len(acts) == PERSON.at_once
    assert sum(len(batch) for batch in handled) == A_FLOOD, "everything is acknowledged"
    assert len(handled) <= PERSON.at_once + A_FLOOD // BATCH
    assert asked[-1] == A_FLOOD


def test_whoever_sends_one_a_second_is_never_left_aside_however_long() -> None:
    clock = Clock()
    allowance = Allowance(clock=clock)
    for number in range(10_000):
        clock.at += 1 / PERSON.per_second
        assert allowance.admitted(said(number)) == said(number)


def test_a_whole_screening_as_fast_as_one_can_tap_is_handled() -> None:
    allowance = Allowance(clock=Clock())
    assert all(allowance.admitted(said(number)) == said(number) for number in range(PERSON.at_once))


def test_who_flooded_is_heard_again_a_second_later() -> None:
    clock = Clock()
    allowance = Allowance(clock=clock)
    for number in range(A_FLOOD):
        allowance.admitted(said(number))
    one, two, three = range(A_FLOOD, A_FLOOD + 3)
    assert allowance.admitted(said(one)) == Ignored(one)
    clock.at += 1
    assert (allowance.admitted(said(two)), allowance.admitted(said(three))) == (said(two), Ignored(three))


def test_a_flood_of_one_costs_nobody_else_anything() -> None:
    allowance = Allowance(clock=Clock())
    for number in range(A_FLOOD):
        allowance.admitted(said(2 * number))
        allowance.admitted(order(2 * number + 1, chat=-5, who=6))
    new = 2 * A_FLOOD
    for other in (said(new, chat=7), order(new + 1, chat=-5, who=7), order(new + 2, chat=-7, who=6)):
        assert allowance.admitted(other) == other


def test_what_somebody_types_and_what_they_type_as_a_desk_is_counted_together_in_their_own_chat() -> None:
    allowance = Allowance(clock=Clock())
    for number in range(PERSON.at_once):
        allowance.admitted(order(number, chat=5, who=5, private=True))
    assert allowance.admitted(said(PERSON.at_once)) == Ignored(PERSON.at_once)


def test_groups_that_ask_for_their_id_are_answered_a_few_times() -> None:
    allowance = Allowance(clock=Clock())
    answered = [allowance.admitted(GroupAsked(number, ChatId(-5))) for number in range(A_FLOOD)]
    assert sum(isinstance(each, GroupAsked) for each in answered) == GROUP.at_once


def test_a_crowd_of_strangers_fills_no_memory() -> None:
    allowance = Allowance(clock=Clock())
    for number in range(REMEMBERED * 2):
        allowance.admitted(said(number, chat=number))
    assert len(allowance._left) == REMEMBERED


def test_without_limits_nothing_is_left_aside() -> None:
    allowance = Allowance(limited=False)
    assert all(allowance.admitted(said(number)) == said(number) for number in range(A_FLOOD))


# ---------------------------------------------------------------------------------------------- in which order


async def test_a_send_and_an_order_of_the_desk_typed_at_once_are_two_steps_and_the_result_stays_sent(
    shell: Shell,
) -> None:
    person = shell.person()
    await person.previews()
    send = person.incoming(person.tap("send"))
    typed = order(send.update + 500, chat=int(person.chat), who=int(person.chat), private=True)
    await _handled(shell, [send, typed])
    assert (await _session_of(person)) == "sent"
    await _handled(shell, [person.incoming(send.act)])
    assert len(kept(shell.database, referrals)) == 1


async def test_an_update_that_comes_twice_at_once_is_handled_once_also_at_a_desk() -> None:
    once, twice = order(1, chat=-5, who=6), [order(1, chat=-5, who=6), order(1, chat=-5, who=6)]
    assert list(batches(twice)) == [(once,), (once,)]
    assert list(batches([order(1, chat=-5, who=6), order(2, chat=-5, who=6)])) == [
        (order(1, chat=-5, who=6), order(2, chat=-5, who=6))
    ]


async def test_garbage_in_place_of_updates_does_not_end_the_polling() -> None:
    handled, asked = await polled(["x", None, 5, [], 1.5], [door.written("yes")])
    assert [update for batch in handled for update in batch][:5] == [Ignored(-1)] * 5
    assert asked[-1] == door.NUMBER + 1


async def _handled(shell: Shell, updates: list[Update]) -> None:
    for some in batches(updates):
        await shell.service.handle(some)


async def _session_of(person: Person) -> str:
    shell = person.shell
    async with shell.store.begin() as transaction:
        rows = await transaction.chats.lock({person.key})
    return shell.service.unsealed(rows[person.key]).state


def test_whoever_is_brought_again_because_the_database_was_away_pays_once() -> None:
    allowance = Allowance(clock=Clock())
    mine = [Incoming(number, ChatId(5), Said("yes")) for number in range(PERSON.at_once)]
    for _ in range(3):
        assert [allowance.admitted(each) for each in mine] == mine
    assert allowance.admitted(Incoming(1_000, ChatId(5), Said("yes"))) == Ignored(1_000)
