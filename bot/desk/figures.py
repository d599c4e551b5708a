"""A desk's numbers, as an answer: pictures to be made once nobody waits for it, and a few lines."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from bot.desk.room import Room
from bot.messages import ChatId
from bot.outgoing import Reply
from bot.statistics import PARTS, Figures, figures_of, first_day, picture, spans_of, starting, summary
from bot.store import Transaction
from bot.texts import Renderer
from dialogs.study import Study
from dialogs.symbols import Screen


async def numbers(
    room: Room, transaction: Transaction, place: str, chat: ChatId, now: datetime, dark: bool = False
) -> Reply:
    """The numbers of this place until yesterday, in the language of its desk."""
    locale, figures = room.locale((place,)), await _until_yesterday(room, transaction, place, now)
    words = partial(Renderer(room.desks.catalogs, room.desks.told).say, locale=locale)
    pictures = tuple(partial(picture, figures, words, dark, part) for part in PARTS) if figures else ()
    return Reply(chat, Screen("desk", summary(figures)), locale, pictures)


async def digest(room: Room, transaction: Transaction, place: str, now: datetime) -> str | None:
    """A few lines about this place, in the language of its desk; None before there are numbers."""
    figures = await _until_yesterday(room, transaction, place, now)
    if figures is None:
        return None
    renderer = Renderer(room.desks.catalogs, room.desks.told)
    return renderer.message(Screen("desk", summary(figures)), room.locale((place,))).text


async def _until_yesterday(room: Room, transaction: Transaction, place: str, now: datetime) -> Figures | None:
    return await figures(transaction, place, now.date(), room.plan.study)


async def figures(transaction: Transaction, place: str, today: date, study: Study) -> Figures | None:
    """The figures of a place until yesterday.

    Day by day only those who started are read; all else is added up by the database, within the days that may be
    shown: nobody waits longer where more was counted.
    """
    started = await transaction.counts.of(starting(place), first_day(today), today)
    counted = list(started)
    for span in spans_of(started, place, today):
        sums = await transaction.counts.sums(f"{place}.", span.first, span.end)
        counted += [(span.first, name, number) for name, number in sums if name not in starting(place)]
    return figures_of(counted, place, today, study)
