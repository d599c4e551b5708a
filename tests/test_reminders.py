"""One gentle reminder, by day, wherever the person lives, then silence, then an end that erases: the clock is moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.messages import Act, Ordered, Said, Showed
from bot.outgoing import Batch
from bot.reminders import Reminders
from bot.retention import Retention
from dialogs.session import ENDS
from tests.dialogs_world import STUDY
from tests.postgres import Person, Shell
from tests.test_retention import spoils

pytest_plugins = ["tests.postgres"]

# In each city, the day on which the clocks go forward, and the day on which they go back.
CHANGES = [
    ("montreal", datetime(2026, 3, 8)),
    ("montreal", datetime(2026, 11, 1)),
    ("paris", datetime(2026, 3, 29)),
    ("paris", datetime(2026, 10, 25)),
]


def set_to(shell: Shell, place: str, local: datetime) -> None:
    """It is this moment in that place."""
    shell.clock.at = local.replace(tzinfo=STUDY.place(place).zone).astimezone(UTC)


def clock_in(shell: Shell, place: str) -> datetime:
    """What the clock on the wall says there."""
    return shell.clock.at.astimezone(STUDY.place(place).zone)


async def sweep(shell: Shell) -> Batch:
    """Look for reminders that are due."""
    return await Reminders(shell.store, shell.service, lambda _: None, shell.clock).sweep()


async def stops_at(shell: Shell, place: str, local: datetime) -> Person:
    """Somebody whose last word came at this moment in that place."""
    set_to(shell, place, local)
    here = shell.person()
    await here.consents(place)
    return here


@pytest.mark.parametrize(("place", "change"), CHANGES, ids=str)
async def test_when_the_clocks_change_everybody_is_reminded_once_and_by_day(
    shell: Shell, place: str, change: datetime
) -> None:
    stopped: dict[int, datetime] = {}
    for hours in (-20, -9, -1, 2, 7, 23):
        here = await stops_at(shell, place, change + timedelta(hours=hours))
        stopped[here.chat] = shell.clock.at
    reminded: dict[int, datetime] = {}
    set_to(shell, place, change - timedelta(hours=20))
    for _ in range(4 * 12):
        for showing in (await sweep(shell)).showings:
            assert showing.chat not in reminded, "never a second one"
            assert showing.session.note is not None
            assert (showing.session.note.key, showing.anew) == ("reminder", True)
            assert 9 <= clock_in(shell, place).hour < 20
            reminded[showing.chat] = shell.clock.at
        shell.clock.passes(hours=2)
    waited = [reminded[chat] - stopped[chat] for chat in stopped]
    assert all(timedelta(days=1) <= each <= timedelta(days=1, hours=15) for each in waited), waited


async def test_a_reminder_survives_a_restart_and_is_not_sent_again_by_the_next_process(shell: Shell) -> None:
    here = await stops_at(shell, "montreal", datetime(2026, 6, 1, 12, 0))
    for wanted in ([here.chat], []):
        started = await Shell(shell.store, shell.database).opened()
        started.clock.at = datetime(2026, 6, 2, 17, 0, tzinfo=UTC)
        assert [each.chat for each in (await sweep(started)).showings] == wanted


@pytest.mark.parametrize("place", ["montreal", "paris"])
async def test_nobody_is_woken_because_the_bot_was_away_by_day(shell: Shell, place: str) -> None:
    here = await stops_at(shell, place, datetime(2026, 6, 1, 12, 0))
    for hour in (20, 23):
        set_to(shell, place, datetime(2026, 6, 2, hour, 0))
        assert (await sweep(shell)).showings == []
    set_to(shell, place, datetime(2026, 6, 3, 8, 59))
    assert (await sweep(shell)).showings == []
    set_to(shell, place, datetime(2026, 6, 3, 9, 0))
    assert [each.chat for each in (await sweep(shell)).showings] == [here.chat]


async def test_a_row_that_cannot_be_read_keeps_no_reminder_from_others(shell: Shell) -> None:
    spoilt, here = [await stops_at(shell, "paris", datetime(2026, 6, 1, 12, 0)) for _ in range(2)]
    await spoils(spoilt)
    set_to(shell, "paris", datetime(2026, 6, 2, 12, 0))
    assert [each.chat for each in (await sweep(shell)).showings] == [here.chat]
    assert (await sweep(shell)).showings == []


ACTIVITY: tuple[Act, ...] = (Said("hello"), Said("yes"), Showed(), Ordered("start"), Ordered("help"), Ordered("mydata"))


@pytest.mark.parametrize("act", ACTIVITY, ids=str)
async def test_any_sign_of_life_puts_the_reminder_off(shell: Shell, act: Act) -> None:
    here = await stops_at(shell, "montreal", datetime(2026, 6, 1, 12, 0))
    shell.clock.passes(hours=23)
    await here.does(act)
    shell.clock.passes(hours=2)
    assert (await sweep(shell)).showings == []
    shell.clock.passes(hours=23)
    assert [each.chat for each in (await sweep(shell)).showings] == [here.chat]


async def test_a_tap_puts_the_reminder_off_too(shell: Shell) -> None:
    here = await stops_at(shell, "montreal", datetime(2026, 6, 1, 12, 0))
    shell.clock.passes(hours=23)
    await here.taps("yes")
    shell.clock.passes(hours=2)
    assert (await sweep(shell)).showings == []


@pytest.mark.parametrize("command", ["stop", "delete"])
async def test_after_the_end_nobody_is_reminded(shell: Shell, command: str) -> None:
    here = await stops_at(shell, "paris", datetime(2026, 6, 1, 12, 0))
    await here.does(Ordered("stop") if command == "stop" else Ordered("delete"))
    assert here.at in ENDS
    for _ in range(8):
        shell.clock.passes(hours=6)
        assert (await sweep(shell)).showings == []


async def test_who_has_sent_a_result_is_not_reminded(shell: Shell) -> None:
    set_to(shell, "montreal", datetime(2026, 6, 1, 12, 0))
    here = shell.person()
    await here.previews()
    await here.taps("send")
    shell.clock.passes(days=1, hours=3)
    assert (await sweep(shell)).showings == []


async def test_where_the_operator_wants_none_nobody_is_reminded(shell: Shell) -> None:
    shell.service = replace(shell.service, remind_after=None)
    await stops_at(shell, "montreal", datetime(2026, 6, 1, 12, 0))
    shell.clock.passes(days=1, hours=3)
    assert (await sweep(shell)).showings == []


@pytest.mark.parametrize(("place", "change"), CHANGES, ids=str)
async def test_after_the_reminder_comes_silence_and_30_days_after_the_last_word_the_end(
    shell: Shell, place: str, change: datetime
) -> None:
    """30 times 24 hours, whatever the clocks on the wall do meanwhile; the reminder is no word of theirs."""
    here = await stops_at(shell, place, change - timedelta(days=10, hours=-12))
    last_word, ended = shell.clock.at, list[Batch]()
    hours = clock_in(shell, place).utcoffset()
    retention = Retention(shell.store, shell.service, ended.append, shell.clock)
    shell.clock.passes(days=1)
    assert [each.chat for each in (await sweep(shell)).showings] == [here.chat]
    for _ in range(7):
        shell.clock.passes(days=4)
        assert (await sweep(shell)).showings == []
    shell.clock.at = last_word + timedelta(days=30)
    assert clock_in(shell, place).utcoffset() != hours, "the clocks have changed"
    await retention.sweep()
    assert [each for batch in ended for each in batch.showings] == []
    shell.clock.passes(seconds=1)
    await retention.sweep()
    [farewell] = [each for batch in ended for each in batch.showings]
    assert (farewell.chat, farewell.session.state, farewell.session.answers) == (here.chat, "expired", {})
