"""Why a place is closed, or told to the wrong people."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping

from bot.desks import Desks
from bot.doctor.finding import Finding
from bot.messages import ChatId
from bot.settings import TEXTS, Desk
from dialogs.study import Language, Place


def closed(desks: Desks, bound: Collection[str]) -> Iterator[Finding]:
    """Why places are closed: those nobody means to open are only noted."""
    yield from _once(desks)
    openings = desks.openings(bound, {})
    for place in desks.plan.study.places:
        if desks.of(place.id) == Desk() and place.id not in bound:
            yield Finding("place_unused", {"place": place.id})
            continue
        if place.id not in bound:
            yield Finding("place_unbound", {"place": place.id})
        for language in desks.catalogs.languages:
            if missing := _missing(desks.of(place.id), place, language):
                yield Finding("place_texts", {"place": place.id, "language": language, "missing": missing})
            elif (
                place.id in bound
                and language not in openings.consents[place.id]
                and desks.catalogs.locale(language, place.territory)
            ):
                yield Finding("place_long", {"place": place.id, "language": language})


def _once(desks: Desks) -> Iterator[Finding]:
    """Each closed locale, with the first of its problems."""
    first = {problem.locale: problem for problem in reversed(desks.catalogs.problems)}
    for locale, problem in first.items():
        yield Finding("locale_closed", {"locale": locale, "problem": f"{problem.entry}: {problem.what}"})


def _missing(desk: Desk, place: Place, language: Language) -> str:
    names = [what for what in TEXTS if not desk.text(what, language)]
    return ", ".join(f"SCREENER_DESK__{place.id.upper()}__{what.upper()}" for what in names)


def shared(chats: Mapping[str, Collection[ChatId]]) -> Iterator[Finding]:
    """Groups that belong to the desks of several places."""
    places: dict[ChatId, list[str]] = {}
    for place in sorted(chats):
        for chat in chats[place]:
            if chat < 0:  # a person may work for two places
                places.setdefault(chat, []).append(place)
    for each in sorted({tuple(found) for found in places.values() if len(found) > 1}):
        yield Finding("places_share", {"places": ", ".join(each)})


def unreadable(desks: Mapping[str, Desk]) -> Iterator[Finding]:
    """Addresses to notify that no service knows."""
    if not any(desk.notify for desk in desks.values()):
        return
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it writes addresses with their passwords
    from apprise import Apprise

    for place, desk in sorted(desks.items()):
        for number, url in enumerate(desk.notify, start=1):
            if Apprise.instantiate(url.get_secret_value(), suppress_exceptions=True) is None:
                yield Finding("notify_unreadable", {"place": place, "number": number})
