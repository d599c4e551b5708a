"""Cards on their way to a group: it throws the bot out, moves, or their result is taken back meanwhile."""

from __future__ import annotations

import pytest

from bot.tables import cards, referrals
from tests.postgres import kept
from tests.sending import SEND, Bot, away

pytest_plugins = ["tests.sending"]


pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")


async def test_a_card_waits_for_a_group_that_has_thrown_the_bot_out(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    phone = await bot.sends_a_result()
    await away(group.kicks_bot)
    await bot.tap(phone, "send")
    await bot.takes()
    await away(bot.standin.waits_for_calls, SEND, group.chat_id, 3)
    assert await away(lambda: group.from_bot) == []
    await away(group.invites_bot)
    await away(group.sees, bot.sessions[phone.chat_id].code)
    await bot.settles()
    [card] = await away(lambda: group.from_bot)
    [referral] = kept(bot.shell.database, referrals)
    [standing] = kept(bot.shell.database, cards)
    assert (referral["shown"], standing["message"]) == (1, card.id)


@pytest.mark.parametrize("told", [True, False])
async def test_cards_follow_a_group_that_becomes_a_supergroup(bot: Bot, told: bool) -> None:
    group, old, new = bot.standin.group("montreal"), -4_100_000_001, -1_004_100_000_001
    phone = await bot.sends_a_result()
    if not told:
        await away(bot.standin.refuses, 500, SEND, group.chat_id, times=10_000)
        await bot.tap(phone, "send")
        await bot.takes()
        await away(bot.standin.waits_for_calls, SEND, group.chat_id)
    await away(group.becomes_supergroup, new)
    await away(bot.standin.heals)
    if told:
        await bot.taps(phone, "send")
    [card] = await away(lambda: (group.sees("code"), group.from_bot)[1])
    assert bot.sessions[phone.chat_id].code in card.text
    await bot.settles()
    assert len([call for call in bot.standin.calls(chat=old) if call.rejected]) == (0 if told else 1)
    await bot.takes()
    await bot.orders(phone, "delete")
    await bot.settles()
    await bot.taps(phone, "forget_all")
    [bare] = await away(lambda: group.from_bot)
    assert (bare.id, len(bare.text.splitlines())) == (card.id, 1)


async def test_after_a_move_no_card_is_taken_for_another(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    one, two = await bot.sends_a_result(), await bot.sends_a_result()
    await bot.taps(one, "send")
    [old] = await away(lambda: group.from_bot)
    await away(group.becomes_supergroup, -1_004_100_000_001)
    while (await away(group.types, "hello")).id < old.id - 1:
        continue  # a supergroup counts its messages anew
    await bot.taps(two, "send")
    again = await away(group.sees, bot.sessions[one.chat_id].code)
    card = await away(group.sees, bot.sessions[two.chat_id].code)
    assert old.id in {again.id, card.id}
    await bot.orders(one, "delete")
    await bot.settles()
    await bot.taps(one, "forget_all")
    texts = {each.id: each.text for each in await away(lambda: group.from_bot)}
    assert texts.keys() == {again.id, card.id}
    assert texts[card.id] == card.text
    assert len(texts[again.id].splitlines()) == 1


async def test_a_result_taken_back_while_its_card_waits_never_reaches_the_team(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    phone = await bot.sends_a_result()
    await away(group.kicks_bot)
    await bot.tap(phone, "send")
    await bot.takes()
    await away(bot.standin.waits_for_calls, SEND, group.chat_id)
    await away(phone.sees, "sent")
    await bot.orders(phone, "delete")
    await away(phone.sees, bot.text(phone))
    await bot.tap(phone, "forget_all")
    await bot.takes()
    await away(group.invites_bot)
    await bot.settles()
    assert await away(lambda: group.from_bot) == []
    assert kept(bot.shell.database, referrals) == []


async def test_a_result_taken_back_is_bare_even_where_nobody_knows_if_its_card_arrived(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    phone = await bot.sends_a_result()
    await away(bot.standin.drops, SEND, group.chat_id, applied=True)
    await away(bot.standin.refuses, 500, SEND, group.chat_id, times=10_000)
    await bot.tap(phone, "send")
    await bot.takes()
    await away(group.sees, "")
    await away(phone.sees, bot.text(phone))
    await bot.orders(phone, "delete")
    await away(phone.sees, bot.text(phone))
    await bot.tap(phone, "forget_all")
    await bot.takes()
    await away(phone.sees, bot.text(phone))
    await away(bot.standin.heals)
    await bot.settles()
    newest = (await away(lambda: group.from_bot))[-1]
    assert len(newest.text.splitlines()) == 1, "the team was not told"
    assert kept(bot.shell.database, referrals) == []
