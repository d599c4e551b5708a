"""A card that was sent, and of which nobody knows: the answer was lost, or the process before it wrote it down."""

from __future__ import annotations

import pytest

from bot.demo.handles import Group
from bot.tables import cards, referrals
from tests.postgres import kept
from tests.sending import SEND, Bot, away

pytest_plugins = ["tests.sending"]
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")


@pytest.fixture
async def group(bot: Bot) -> Group:
    """A group that was sent one card twice: the bot knows of the second."""
    group = bot.standin.group("montreal")
    phone = await bot.sends_a_result()
    await away(bot.standin.drops, SEND, group.chat_id, applied=True)
    await bot.taps(phone, "send")
    stray, card = await away(lambda: group.from_bot)
    assert (stray.text, kept(bot.shell.database, cards)[0]["message"]) == (card.text, card.id)
    return group


async def presses(bot: Bot, group: Group, label: str, number: int) -> None:
    """A button of one of the cards, and what follows."""
    shown = await away(lambda: group.from_bot)
    await away(group.taps, label, shown[number])
    await bot.takes()
    await bot.settles()


async def test_who_takes_it_on_the_stray_one_has_it_and_the_stray_one_goes(bot: Bot, group: Group) -> None:
    card = (await away(lambda: group.from_bot))[1]
    await presses(bot, group, "Je m’en occupe", 0)
    [left] = await away(lambda: group.from_bot)
    assert (left.id, kept(bot.shell.database, referrals)[0]["state"]) == (card.id, "claimed")
    assert left.text != card.text


async def test_one_that_says_what_is_no_longer_so_goes_when_it_is_pressed(bot: Bot, group: Group) -> None:
    await presses(bot, group, "Je m’en occupe", 1)
    stray, card = await away(lambda: group.from_bot)
    await presses(bot, group, "Je m’en occupe", 0)
    [left] = await away(lambda: group.from_bot)
    assert (left.id, left.text) == (card.id, card.text)
    assert left.id != stray.id


async def test_the_card_itself_stays_where_it_is_pressed(bot: Bot, group: Group) -> None:
    stray, card = await away(lambda: group.from_bot)
    await presses(bot, group, "Je m’en occupe", 1)
    assert [one.id for one in await away(lambda: group.from_bot)] == [stray.id, card.id]
