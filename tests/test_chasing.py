"""What a desk does by itself about its referrals, once each: changes become final, what nobody takes comes back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from pydantic import SecretStr

from bot.letters import CHAT
from bot.records import Card
from bot.store import Store
from bot.tables import cards, letters
from dialogs.session import ReferralCode
from tests.chaser import MONTREAL, Chaser, Morning, at, morning_at
from tests.postgres import Shell, kept

pytest_plugins = ["tests.chaser"]


# -------------------------------------------------------------------------------------- a change becomes final


async def test_a_minute_after_a_claim_it_is_counted_and_the_button_to_undo_it_goes(morning: Morning) -> None:
    code = await morning.world.referral()
    morning.shell.clock.passes(hours=2.5)
    await morning.one.acts("claim", code)
    version = morning.row(code)["wanted"]
    assert await morning.passes(seconds=60) == []
    assert await morning.passes(seconds=1) == [code]
    assert morning.world.life(code).before is None
    assert (morning.row(code)["undoable"], morning.row(code)["wanted"]) == (None, int(str(version)) + 1)
    assert morning.counted() == {"montreal.en.claimed": 1, "montreal.en.hours.2": 1}
    assert await morning.passes(minutes=1) == []
    assert morning.counted() == {"montreal.en.claimed": 1, "montreal.en.hours.2": 1}


async def test_an_undone_claim_is_never_counted(morning: Morning) -> None:
    code = await morning.world.referral()
    await morning.one.acts("claim", code)
    morning.shell.clock.passes(seconds=30)
    await morning.one.acts("undo", code)
    assert await morning.passes(minutes=2) == []
    assert morning.counted() == {}


async def test_a_closed_referral_stays_closed_since_the_same_moment(morning: Morning) -> None:
    code = await morning.world.referral()
    await morning.one.acts("close", code, "unreachable")
    closed = morning.row(code)["closed"]
    assert await morning.passes(minutes=5) == [code]
    assert (morning.row(code)["state"], morning.row(code)["closed"]) == ("closed", closed)
    assert morning.counted()["montreal.en.closed.unreachable"] == 1


async def test_one_that_makes_the_routine_stumble_holds_up_no_other(morning: Morning) -> None:
    bad, good = await morning.world.referral(), await morning.world.referral()
    for code in (bad, good):
        await morning.one.acts("claim", code)
    async with morning.shell.store.begin() as transaction:
        referral = await transaction.referrals.of(bad)
        assert referral is not None
        await transaction.referrals.save(replace(referral, life="nonsense"))
    assert await morning.passes(minutes=2) == [good]


# --------------------------------------------------------------------------------------- what nobody takes


async def test_after_four_hours_the_card_comes_back_at_the_bottom_with_the_hours_waited(morning: Morning) -> None:
    code = await morning.world.referral()
    await show(morning.shell, code, message=77)
    assert await morning.passes(hours=4, seconds=-1) == []
    assert await morning.passes(seconds=1) == [code]
    [card] = kept(morning.shell.database, cards)
    assert (card["message"], card["shown"], card["litter"]) == (None, 0, "77")
    assert (morning.row(code)["waited"], morning.row(code)["state"]) == (4, "new")
    assert await morning.passes(minutes=1) == []


async def test_it_comes_back_three_times_at_most(morning: Morning) -> None:
    code = await morning.world.referral()
    came_back = [minute for minute in range(0, 60 * 24 * 4, 20) if await morning.passes(minutes=20)]
    assert [(minute + 20) / 60 for minute in came_back] == [4, 8, 24]
    assert morning.row(code)["waited"] == 24


async def test_nobody_is_woken_at_night_or_on_a_weekend(morning: Morning) -> None:
    morning.shell.clock.at = at(MONTREAL, 3, 6, 18)
    code = await morning.world.referral()
    for hour in range(62):  # to Monday morning, over the night on which the clocks go forward
        assert await morning.passes(hours=1) == [], f"after {hour + 1} hours"
    assert morning.shell.clock.at == at(MONTREAL, 3, 9, 9)
    assert await morning.passes(hours=1) == [code]
    assert morning.row(code)["waited"] == 63
    assert morning.chaser.posted == []


async def test_a_desk_that_works_day_and_night_is_told_at_night(store: Store, database: str) -> None:
    morning = await morning_at(store, database, quiet=None, weekends=True, claim_hours=2)
    morning.shell.clock.at = at(MONTREAL, 3, 7, 23)
    code = await morning.world.referral()
    assert await morning.passes(hours=2, seconds=-1) == []
    assert await morning.passes(seconds=1) == [code]


async def test_what_fell_due_just_before_the_evening_waits_for_the_morning(morning: Morning) -> None:
    morning.shell.clock.at = at(MONTREAL, 3, 3, 15, 59)
    code = await morning.world.referral()
    morning.shell.clock.at = at(MONTREAL, 3, 3, 20, 0)
    assert await morning.chaser.chases() == []
    morning.shell.clock.at = at(MONTREAL, 3, 4, 8, 0)
    assert await morning.chaser.chases() == [code]


async def test_what_somebody_has_does_not_come_back(morning: Morning) -> None:
    code = await morning.world.referral()
    await morning.one.acts("claim", code)
    await morning.passes(minutes=2)
    assert await morning.passes(hours=8) == []


async def test_what_was_given_back_waits_anew(morning: Morning) -> None:
    code = await morning.world.referral()
    assert await morning.passes(hours=4) == [code]
    await morning.one.acts("claim", code)
    morning.shell.clock.passes(hours=1)
    await morning.one.acts("release", code)
    await morning.passes(minutes=2)
    assert await morning.passes(hours=3.9) == []
    assert await morning.passes(hours=0.1) == [code]
    assert morning.row(code)["waited"] == 9


async def test_a_claim_that_is_undone_brings_no_second_nudge(morning: Morning) -> None:
    code = await morning.world.referral()
    assert await morning.passes(hours=4) == [code]
    await morning.one.acts("claim", code)
    await morning.one.acts("undo", code)
    assert await morning.passes(minutes=2) == []
    assert await morning.passes(hours=4) == [code]


async def test_the_second_time_the_lead_is_told_with_the_code_and_the_hours(morning: Morning) -> None:
    lead = await morning.world.lead()
    await morning.world.lead(number=91, place="paris")
    code = await morning.world.referral()
    await morning.passes(hours=4)
    assert morning.chaser.posted == []
    await morning.passes(hours=4)
    [(channel, text)] = morning.chaser.posted
    [row] = kept(morning.shell.database, letters)
    assert (channel, bytes(row["key"])) == (CHAT, morning.shell.vault.key(lead.chat))
    assert code in text
    assert "8" in text
    await morning.passes(hours=16)
    assert morning.chaser.posted == []


async def test_the_second_time_the_channels_are_told_too(store: Store, database: str) -> None:
    morning = await morning_at(store, database, notify=(SecretStr("json://127.0.0.1/secret"),))
    code = await morning.world.referral()
    async with store.begin() as transaction:
        await transaction.letters.forget_late(10**12)  # the notice that it is new
    await morning.passes(hours=4)
    assert morning.chaser.posted == []
    await morning.passes(hours=4)
    [(channel, text)] = morning.chaser.posted
    assert channel.startswith("json-")
    assert code in text.splitlines()[0]


async def test_withdrawn_before_it_was_sent_nothing_about_it_is_sent(morning: Morning) -> None:
    await morning.world.lead()
    code = await morning.world.referral()
    await morning.passes(hours=8)
    assert len(kept(morning.shell.database, letters)) == 1
    async with morning.shell.store.begin() as transaction:
        await transaction.referrals.withdraw([code])
    assert kept(morning.shell.database, letters) == []


async def test_two_processes_at_once_nudge_once_and_count_once(morning: Morning) -> None:
    other = Store(morning.shell.database)
    chasers = [morning.chaser, Chaser(morning.shell, other)]
    waiting, claimed = await morning.world.referral(), await morning.world.referral()
    await morning.world.lead()
    await morning.one.acts("claim", claimed)
    morning.shell.clock.passes(hours=8)
    found = await asyncio.gather(*(each.chases() for each in chasers))
    await other.close()
    assert sorted(code for codes in found for code in codes) == sorted([waiting, claimed])
    assert morning.counted() == {"montreal.en.claimed": 1, "montreal.en.hours.0": 1}
    assert len(kept(morning.shell.database, letters)) == 1


async def show(shell: Shell, code: ReferralCode, message: int) -> None:
    """What is written down once the card of this referral stands in a message of each chat of its desk."""
    async with shell.store.begin() as transaction:
        referral = await transaction.referrals.of(code)
        assert referral is not None
        for each in await transaction.desk.bindings():
            if each.place == referral.place:
                await transaction.referrals.save_card(Card(code, each.key, each.address, referral.wanted, message))
        await transaction.referrals.shown(code, referral.wanted)
