"""Everything, looked at once: the settings first, without which nothing else can be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.desks import Desks
from bot.doctor.environment import files, overheard, unknown_names, wrong_settings
from bot.doctor.finding import Finding
from bot.doctor.kept import look_into
from bot.doctor.places import closed, shared, unreadable
from bot.doctor.telegram import ask
from bot.messages import ChatId
from bot.settings import BadSettings, read_settings
from bot.texts import Catalogs
from dialogs.machine import Plan


async def examine(environment: Mapping[str, str], plan: Plan, catalogs: Catalogs, now: datetime) -> list[Finding]:
    """All that can be found wrong with this installation, as `environment` sets it up."""
    places = frozenset(place.id for place in plan.study.places)
    found = list(unknown_names(environment, places))
    try:
        settings = read_settings(places)
    except BadSettings as error:
        return [*found, *wrong_settings(error)]
    desks = Desks(plan, catalogs, settings.desk)
    kept = await look_into(settings, now)
    # A group that moved has another id in the database than in the settings: the database knows better.
    named = {place: {ChatId(desk.chat)} for place, desk in settings.desk.items() if desk.chat is not None}
    chats = {place: kept.chats.get(place) or named.get(place, set()) for place in places}
    found += [*files(settings, environment), *overheard(settings), *kept.findings]
    found += closed(desks, {place for place in places if chats[place]})
    found += {str(each): each for each in (*shared(chats), *shared(named))}.values()
    found += unreadable(settings.desk)
    return [*found, *[finding async for finding in ask(settings, chats, now)]]
