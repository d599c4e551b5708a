"""How the link between a person and a desk ends: closed, erased, taken back, expired."""

from __future__ import annotations

import pytest

from bot.messages import Command, Ordered, Said
from bot.tables import bridges, chats
from tests.bridged import Bridge

pytest_plugins = ["tests.bridged"]


async def test_the_person_closes_the_link_and_the_card_says_so(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.person.taps("close", "now")
    assert bridge.person.session.farewell == "unbridged"
    assert bridge.link() is None
    texts = bridge.shell.desks.catalogs.texts["fr_CA"]
    assert texts["card.said"] in await bridge.card()


@pytest.mark.parametrize("withdraw", ["forget_chat", "forget_all"])
async def test_delete_erases_the_link_the_session_and_what_is_not_sent_yet(bridge: Bridge, withdraw: str) -> None:
    await bridge.agrees()
    await bridge.person.taps("answer")
    await bridge.person.does(Said("Please call me"))
    assert bridge.letters() != {}
    await bridge.person.orders("delete")
    await bridge.person.taps(withdraw)
    assert (bridge.link(), bridge.letters()) == (None, {})
    assert bridge.person.at == "forgotten"
    assert (await bridge.referral()).bridged is False
    row = bridge.person.row()
    assert row is not None
    assert row["over"]


async def test_taking_the_result_back_from_another_chat_ends_it_for_whoever_sent_it(bridge: Bridge) -> None:
    await bridge.agrees()
    other = bridge.shell.person()
    batch = await other.does(Ordered("withdraw", bridge.code))
    [told] = [each for each in batch.showings if each.key == bridge.person.key]
    assert (told.session.state, told.session.farewell, told.anew) == ("forgotten", "withdrawn", True)
    assert bridge.link() is None


@pytest.mark.parametrize("command", ["delete", "stop"])
async def test_whoever_lost_their_conversation_is_not_bridged_any_more_after_30_days(
    bridge: Bridge, command: Command
) -> None:
    await bridge.agrees()
    async with bridge.shell.store.begin() as transaction:
        await transaction._connection.execute(chats.delete())
    await bridge.person.orders(command)
    await bridge.time_passes(days=30)
    assert bridge.link() is None


async def test_the_link_expires_after_30_days_with_a_farewell_however_busy_it_was(bridge: Bridge) -> None:
    await bridge.agrees()
    bridge.shell.clock.passes(days=29)
    await bridge.person.does(Said("hello"))
    assert (await bridge.time_passes(hours=23)).showings == []
    told = await bridge.time_passes(hours=2)
    assert [each.session.farewell for each in told.showings] == ["bridged"]
    assert bridge.link() is None
    assert (await bridge.referral()).bridged is False


async def test_a_conversation_nobody_touched_for_30_days_ends_with_its_link(bridge: Bridge) -> None:
    await bridge.agrees()
    bridge.shell.clock.passes(days=30, seconds=1)
    told = await bridge.retention()
    assert [each.session.farewell for each in told.showings] == ["bridged"]
    assert bridge.link() is None


async def test_a_result_that_expires_ends_the_link(bridge: Bridge) -> None:
    bridge.shell.clock.passes(days=20)
    await bridge.person.orders("start")
    for _ in range(6):
        bridge.shell.clock.passes(days=26)
        await bridge.person.orders("start")
    await bridge.agrees()
    bridge.shell.clock.passes(days=5)
    told = await bridge.retention()
    assert [each.session.farewell for each in told.showings] == ["bridged"]
    assert bridge.link() is None


async def test_whoever_agrees_after_the_result_was_taken_back_elsewhere_is_told_so(bridge: Bridge) -> None:
    await bridge.person.taps("offer")
    await bridge.shell.person().does(Ordered("withdraw", bridge.code))
    await bridge.person.taps("agree")
    assert bridge.person.session.farewell == "withdrawn"
    assert bridge.link() is None


async def test_a_link_that_cannot_be_read_stops_no_other(bridge: Bridge) -> None:
    await bridge.agrees()
    async with bridge.shell.store.begin() as transaction:
        await transaction._connection.execute(bridges.insert(), spoilt(bridge))
    await bridge.coordinator.acts("claim", bridge.code)
    await bridge.time_passes(days=31)
    assert bridge.link() is None
    assert bridge.person.session.farewell == "bridged"


def spoilt(bridge: Bridge) -> dict[str, object]:
    row = dict(bridge.link() or {})
    return {**row, "code": "AAA-AAA-AAA"}
