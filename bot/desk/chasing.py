"""What a desk does by itself: a change becomes final, a referral nobody has taken comes back, the week is summed up.

Any process may do it, and several at once: whatever is done is written down in the transaction that decides it, under
the lock of its row, so that nobody is called twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot.desk.counting import finished
from bot.desk.room import Room, hours_since, life_of, living
from bot.desk.standing import recipients
from bot.letters import WEEK, letter_to_chat
from bot.messages import Unavailable
from bot.notices import Notices
from bot.outgoing import Batch
from bot.records import Binding, Letter, Referral
from bot.routine import repeated
from bot.store import Store, Transaction
from dialogs.chasing import LEADS_ARE_TOLD, Worktime, digest_week, nudges_due
from dialogs.referral import settled
from dialogs.study import Place
from dialogs.symbols import Say

# What a place is told about its week, in the language of its desk; None when there is nothing to tell.
Digest = Callable[[Transaction, str, datetime], Awaitable[str | None]]

EVERY = timedelta(minutes=1)
NUDGE_LASTS = timedelta(days=1)
HOLIDAY = "holiday"  # the reason of a pause in which nobody reads a digest

log = structlog.get_logger("chasing")


@dataclass(frozen=True)
class Chasing:
    """Keeps after every desk."""

    store: Store
    room: Room
    notices: Notices
    deliver: Callable[[Batch], None]
    now: Callable[[], datetime]
    digest: Digest | None = None

    async def run(self) -> None:
        """Do it each minute, until cancelled."""
        await repeated(self.chase, EVERY)

    async def chase(self) -> None:
        """Do whatever is due now. What fails at one place hurts no other. Raises Unavailable."""
        await self._apart("settle", self._settle)
        for place in self.room.plan.study.places:
            await self._apart("nudge", partial(self._nudge, place))
            await self._apart("digest", partial(self._sum_up, place))

    async def _apart(self, step: str, work: Callable[[Batch], Awaitable[None]]) -> None:
        """Do one step, and begin to send what it asks for once it is committed."""
        batch = Batch()
        try:
            await work(batch)
        except Unavailable:
            raise
        except Exception as error:  # what fails is tried again in a minute
            log.error("a desk's routine failed", step=step, reason=type(error).__name__)
            return
        if batch.referrals or batch.letters:
            self.deliver(batch)

    async def _each(
        self, transaction: Transaction, referrals: Sequence[Referral], work: Callable[[Referral], Awaitable[None]]
    ) -> None:
        """Do this with each of these referrals; one that makes us stumble holds up no other."""
        for referral in referrals:
            try:
                async with transaction.apart():
                    await work(referral)
            except Unavailable:
                raise
            except Exception as error:
                log.error("a referral cannot be followed up", code=referral.code, reason=type(error).__name__)

    async def _settle(self, batch: Batch) -> None:
        """Make changes final that cannot be undone any more."""
        now = self.now()
        async with self.store.begin() as transaction:
            # A second later than it could be undone: what is stored are whole seconds.
            found = await transaction.referrals.undoable_until(int(now.timestamp()) - 1)
            await self._each(transaction, found, partial(self._made_final, transaction, now, batch))
            await transaction.counts.add(batch.counted, now.date())

    async def _made_final(self, transaction: Transaction, now: datetime, batch: Batch, referral: Referral) -> None:
        """Count the last change, and show the card without its button to undo it."""
        life = life_of(referral)
        final = living(referral, settled(life, now))
        await transaction.referrals.save(final)
        batch.counted += finished(referral, life)
        batch.referrals.append(final)

    async def _nudge(self, place: Place, batch: Batch) -> None:
        """Bring back the cards nobody has taken; at the second time the leads and the channels are told."""
        now, worktime = self.now(), self._worktime(place)
        if not worktime.holds(now):
            return
        async with self.store.begin() as transaction:
            bindings = await transaction.desk.bindings()
            leads = [each for each in bindings if (each.place, each.role) == (place.id, "lead")]
            oldest = int((now - self._every(place)).timestamp())
            found = await transaction.referrals.unclaimed_since(oldest, place.id)
            await self._each(transaction, found, partial(self._chased, transaction, place, leads, now, batch))
            await transaction.letters.post(batch.letters)

    async def _chased(
        self,
        transaction: Transaction,
        place: Place,
        leads: Sequence[Binding],
        now: datetime,
        batch: Batch,
        referral: Referral,
    ) -> None:
        """Bring back the card of this referral, if it is time."""
        since, due_by = _waits_since(referral), partial(nudges_due, self._worktime(place), every=self._every(place))
        known = due_by(since, _moment(referral.nudged)) if referral.nudged else 0
        due = due_by(since, now)
        if due <= known:
            return
        waited, version = hours_since(referral.arrived, now), referral.wanted + 1
        nudged = replace(referral, waited=waited, nudged=int(now.timestamp()), wanted=version)
        await transaction.referrals.save(nudged)
        await transaction.referrals.send_anew(referral.code)
        if known < LEADS_ARE_TOLD <= due:
            batch.letters += self._told(nudged, waited, leads, now)
        batch.referrals.append(nudged)

    def _told(self, referral: Referral, hours: int, leads: Sequence[Binding], now: datetime) -> list[Letter]:
        """What leads and channels are told about a referral that waits too long."""
        place = Say(f"place.{referral.place}.name")
        said = Say("desk.chase.lead", {"code": referral.code, "place": place, "hours": hours})
        text = self.notices.renderer.say(said, self.room.locale((referral.place,)))
        told = [self._letter(each, text, now, NUDGE_LASTS, referral.code) for each in leads]
        return told + self.notices.of(referral, "waiting", now, hours)

    async def _sum_up(self, place: Place, batch: Batch) -> None:
        """Send the desk what the week has brought, once, on Monday or as soon after it as somebody works there."""
        now = self.now()
        week = digest_week(self._worktime(place), now)
        if self.digest is None or week is None:
            return
        async with self.store.begin() as transaction:
            desk = recipients(await transaction.desk.bindings(), place.id)
            away = (await transaction.desk.pauses()).get(place.id) == HOLIDAY
            if not desk or away or not await transaction.desk.digest(place.id, week):
                return
            if text := await self.digest(transaction, place.id, now):
                batch.letters += [self._letter(each, text, now) for each in desk]
            await transaction.letters.post(batch.letters)

    def _letter(
        self, to: Binding, text: str, now: datetime, lasts: timedelta = WEEK, code: str | None = None
    ) -> Letter:
        return letter_to_chat(self.room.vault, to.place, to.key, to.address, text, now, lasts, code)

    def _every(self, place: Place) -> timedelta:
        return timedelta(hours=self.room.desks.of(place.id).claim_hours)

    def _worktime(self, place: Place) -> Worktime:
        desk = self.room.desks.of(place.id)
        return Worktime(desk.quiet, desk.weekends, place.zone)


def _waits_since(referral: Referral) -> datetime:
    """Since when nobody has it: since it came, or since whoever had it gave it back."""
    return life_of(referral).changed or _moment(referral.arrived)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
