"""A desk's numbers, as an answer: pictures to be made once nobody waits for it, and a few lines."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot.desk.room import Room
from bot.messages import ChatId
from bot.outgoing import Reply
from bot.statistics import PARTS, Figures, figures_of, first_day, picture, summary
from bot.store import Transaction
from bot.texts import Renderer
from dialogs.symbols import Screen


async def numbers(
    room: Room, transaction: Transaction, place: str, chat: ChatId, now: datetime, dark: bool = False
) -> Reply:
    """The numbers of this place until yesterday, in the language of its desk."""
    locale, figures = room.locale((place,)), await _until_yesterday(room, transaction, place, now)
    words = partial(Renderer(room.desks.catalogs, room.desks.told).say, locale=locale)
    pictures = tuple(partial(picture, figures, words, dark, part) for part in PARTS) if figures else ()
    return Reply(chat, Screen("desk", (summary(figures),)), locale, pictures)


async def digest(room: Room, transaction: Transaction, place: str, now: datetime) -> str | None:
    """A few lines about this place, in the language of its desk; None before there are numbers."""
    figures = await _until_yesterday(room, transaction, place, now)
    if figures is None:
        return None
    renderer = Renderer(room.desks.catalogs, room.desks.told)
    return renderer.message(Screen("desk", (summary(figures),)), room.locale((place,))).text


async def _until_yesterday(room: Room, transaction: Transaction, place: str, now: datetime) -> Figures | None:
    today = now.date()
    counted = await transaction.counts.since(first_day(today), today)
    return figures_of(counted, place, today, room.plan.study)
