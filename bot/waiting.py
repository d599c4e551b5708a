"""Tells those who asked for it, once, that their place takes people again: by day, and no more than there is room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.room import Room
from bot.doors import Doors
from bot.letters import letter_to_chat
from bot.records import Letter, Waiter
from bot.routine import repeated
from bot.store import Store, Transaction
from bot.texts import Renderer
from dialogs.reminders import EVENING, MORNING
from dialogs.study import Language, Place
from dialogs.symbols import Say

# Each time, no more people are told than the place has room for; then those who come are counted first.
EVERY = timedelta(hours=1)
# By how much a process may be early after whichever told people last.
EARLY = timedelta(minutes=1)
AT_ONCE = 50
# Later than this, it may not be so any more.
LETTER_LASTS = timedelta(days=2)
LANGUAGES: dict[str, Language] = {"fr": "fr", "en": "en"}


@dataclass(frozen=True)
class Waiting:
    """Tells people that they can begin."""

    store: Store
    room: Room
    renderer: Renderer
    doors: Doors
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Look for places that are open again, now and then, until cancelled."""
        await repeated(self.sweep, EVERY)

    async def sweep(self) -> None:
        """Write to some of those who wait for a place that takes people now, and forget that they waited."""
        await self.doors.look()
        for place in self.room.plan.study.places:
            if self._open(place) and self._by_day(place):
                await self._call(place)

    async def _call(self, place: Place) -> None:
        """Tell as many as there is room for, unless this or another process has done so within the hour.

        The row that says when is locked first, so that of several processes only one counts at a time.
        """
        now = self.now()
        async with self.store.begin() as transaction:
            if await transaction.desk.last_call(place.id) > (now - EVERY + EARLY).timestamp():
                return
            limit = await self._room_for(transaction, place)
            waiters = await transaction.desk.take_waiting(place.id, limit)
            if waiters:
                await transaction.desk.called(place.id, int(now.timestamp()))
            await transaction.letters.post([self._letter(each) for each in waiters])

    def _open(self, place: Place) -> bool:
        """Whether the place takes people in every language it can be read in."""
        openings = self.doors.openings
        consents = openings.consents.get(place.id, {})
        return place.id not in openings.paused and set(consents) == set(openings.languages)

    def _by_day(self, place: Place) -> bool:
        if place.time_zone is None:
            return True
        return MORNING <= self.now().astimezone(place.zone).time() < EVENING

    async def _room_for(self, transaction: Transaction, place: Place) -> int:
        """How many can be told at once: where only so many referrals are wanted, as many as there is room for."""
        cap = self.room.desks.of(place.id).cap
        if cap is None:
            return AT_ONCE
        taken = len(await transaction.referrals.open_at([place.id], limit=cap))
        return min(AT_ONCE, cap - taken)

    def _letter(self, waiter: Waiter) -> Letter:
        locale = self.room.desks.locale(LANGUAGES.get(waiter.language), waiter.place)
        text = self.renderer.say(Say("waiting.open"), locale)
        to = (waiter.place, waiter.key, waiter.address)
        return letter_to_chat(self.room.vault, *to, text, self.now(), LETTER_LASTS)
