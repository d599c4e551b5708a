"""A desk's numbers, as an answer: pictures to be made once nobody waits for it, and a few lines."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot.desk.room import Room
from bot.messages import ChatId
from bot.outgoing import Reply
from bot.statistics import PARTS, figures_of, first_day, picture, summary
from bot.store import Transaction
from bot.texts import Renderer
from dialogs.symbols import Screen


async def numbers(
    room: Room, transaction: Transaction, place: str, chat: ChatId, now: datetime, dark: bool = False
) -> Reply:
    """The numbers of this place until yesterday, in the language of its desk."""
    locale, today = room.locale((place,)), now.date()
    counted = await transaction.counts.since(first_day(today), today)
    figures = figures_of(counted, place, today, room.plan.study)
    words = partial(Renderer(room.desks.catalogs, room.desks.told).say, locale=locale)
    pictures = tuple(partial(picture, figures, words, dark, part) for part in PARTS) if figures else ()
    return Reply(chat, Screen("desk", (summary(figures),)), locale, pictures)
