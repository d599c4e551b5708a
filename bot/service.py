"""What one update, or one polled batch of them, changes: read, decide, write, in one transaction; nothing is sent."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

import structlog

from bot.acts import Before, answered, meant, resumed, where_to_show
from bot.desk import DeskService
from bot.desk.moving import in_group
from bot.desk.standing import Standing
from bot.desk.wishes import Wishes, wished
from bot.desks import Desks
from bot.doors import Doors
from bot.messages import AtDesk, ChatId, ChatKey, Incoming, MessageId, Press, Said, Unavailable, Update
from bot.notices import Notices
from bot.outgoing import Batch, Notice, Showing, Toast, Where
from bot.records import Chat
from bot.store import OneUpdatesFault, Store, Transaction
from bot.texts import Renderer
from bot.vault import Unsealable, Vault
from dialogs.counting import tallied
from dialogs.engine import Engine, begins
from dialogs.events import (
    Event,
    Expired,
    Fresh,
    GiveFile,
    Openings,
    Step,
)
from dialogs.machine import Plan
from dialogs.reminders import reminder_due
from dialogs.session import BRIDGED, ReferralCode, Session
from dialogs.symbols import Say

TRIES = 3
AT_ONCE = 100
NOTHING_FRESH = Fresh(nonce="", code=ReferralCode(""))  # for a session that goes on: it takes nothing of it

SESSION = b"session"
UNREADABLE = (Unsealable, ValueError, zlib.error)  # another secret, tampered with, or of a release long ago

log = structlog.get_logger("service")


@dataclass(frozen=True)
class Service:
    """Handles updates: the one place where store, vault and engine meet."""

    store: Store
    vault: Vault
    plan: Plan
    desks: Desks
    renderer: Renderer
    desk: DeskService
    doors: Doors
    now: Callable[[], datetime]
    fresh: Callable[[], Fresh]
    remind_after: timedelta | None = timedelta(days=1)
    countable: frozenset[str] = frozenset()
    engine_of: Callable[[Plan, Openings], Engine] = Engine

    @property
    def engine(self) -> Engine:
        """The engine, with the places that are open now."""
        return self.engine_of(self.plan, self.doors.openings)

    @property
    def notices(self) -> Notices:
        """What writes to the desks' channels."""
        return Notices(self.vault, self.desks, self.renderer)

    @property
    def wishes(self) -> Wishes:
        """What carries out people's wishes of the desk."""
        return Wishes(self.desk.room, self.renderer)

    async def handle(self, updates: Sequence[Update]) -> Batch:
        """Handle a batch with at most one update for each chat. Raises Unavailable, and then nothing has changed.

        An update whose values the database refuses is tried again alone, so that it cannot take the others with it.
        """
        try:
            return await self._handled(updates)
        except OneUpdatesFault as error:
            log.error("a batch failed", size=len(updates), reason=str(error))
        if len(updates) > 1:
            apart = [await self.handle([each]) for each in updates]
            return reduce(Batch.join, apart)
        for _ in range(TRIES - 1):
            with suppress(OneUpdatesFault):
                return await self._handled(updates)
        return await self._given_up(updates[0])

    def sealed(self, key: ChatKey, session: Session) -> bytes:
        """A session as its row keeps it."""
        plain = session.model_dump_json(exclude_defaults=True).encode("utf-8")
        return self.vault.seal(zlib.compress(plain), SESSION + key)

    def unsealed(self, row: Chat) -> Session:
        """The session of a row. Raises Unsealable."""
        return Session.model_validate_json(zlib.decompress(self.vault.open(row.session, SESSION + row.key)))

    def showing(self, row: Chat) -> Showing:
        """What the person of this row should see now."""
        live = None if row.message is None else MessageId(row.message)
        return Showing(row.key, self.vault.open_chat(row.address, row.key), self.unsealed(row), live, row.litter)

    async def interrupted(self, limit: int = AT_ONCE, among: Collection[ChatKey] | None = None) -> Batch:
        """Screens and cards that are not shown yet, and whose process lives no more: from now on, this one's to show.

        At most `limit` screens; only of these chats, if some are given.
        """
        batch = Batch()
        async with self.store.begin() as transaction:
            for row in await transaction.chats.left_behind(limit, among):
                try:
                    batch.showings.append(replace(self.showing(row), holder=transaction.chats.number))
                except UNREADABLE as error:
                    log.error("a conversation cannot be read", reason=type(error).__name__)
            if among is None:
                batch.referrals = await transaction.referrals.deserted()
        return batch

    async def claim(self, transaction: Transaction, batch: Batch) -> None:
        """Say for each screen of the batch, in its transaction, which process shows it."""
        again = {each.key for each in batch.showings} - {row.key for row in batch.rows}
        await transaction.chats.hold(again)
        batch.showings = [replace(each, holder=transaction.chats.holder(each.key)) for each in batch.showings]

    def happened(self, row: Chat, event: Event, batch: Batch, at_the_bottom: bool = False) -> None:
        """Add to the batch that something other than a message happened to this conversation.

        With `at_the_bottom` its screen comes anew: an edit calls nobody. A conversation that makes us stumble is not
        reminded of, and is erased when its time has come like any other.
        """
        try:
            showing = self.showing(row)
            step = self._advanced(showing.session, event, self.now())
            where = Where(showing.live, row.litter)
            if at_the_bottom:
                where = Where(None, row.litter if row.message is None else (*row.litter, row.message), anew=True)
            changed = self._row(showing.chat, row.key, step, where, row)
        except Exception as error:
            log.error("a conversation cannot go on", kind=type(event).__name__, reason=type(error).__name__)
            batch.rows.append(replace(row, remind=None, over=isinstance(event, Expired)))
            return
        batch.rows.append(changed)
        self._wished(showing.chat, row.key, step, batch)
        batch.showings.append(Showing(row.key, showing.chat, step.session, where.live, where.litter, where.anew))

    async def _handled(self, updates: Sequence[Update]) -> Batch:
        now, batch = self.now(), Batch()
        async with self.store.begin() as transaction:
            acts = [each for each in updates if isinstance(each, AtDesk)]
            desk, typed = await self.desk.sorted_out(transaction, acts)
            people = [*(each for each in updates if isinstance(each, Incoming)), *typed]
            keys = {each.update: self.vault.key(each.chat) for each in people}
            rows = await transaction.chats.lock(set(keys.values())) if keys else {}
            # Asked only once the chats are ours: another process may have been handling the same update.
            new = await transaction.updates.unseen([each.update for each in updates])
            waiting = await transaction.desk.waiting_among(set(keys.values()) - rows.keys())
            for each in people:
                key = keys[each.update]
                self._take(each, key, Before(rows.get(key), each.update in new, key in waiting), now, batch)
            await self.keep(transaction, batch)
            for act, known in desk:
                if act.update in new:
                    batch = batch.join(await self._at_desk(transaction, act, known, now))
            for other in updates:
                if other.update in new:
                    await in_group(transaction, self.vault, other, batch)
            await transaction.counts.add(batch.counted, now.date())
            await transaction.letters.post(batch.letters)
            await transaction.updates.see(new, int(now.timestamp()))
        if batch.referrals or desk:
            await self._look()
        return batch

    async def _look(self) -> None:
        """See which doors are open now. If that fails, what was handled stays so; the next look is soon anyway."""
        try:
            await self.doors.look()
        except (Unavailable, OneUpdatesFault) as error:
            log.warning("the database is unavailable, doors stay as they were", reason=str(error))

    async def _at_desk(self, transaction: Transaction, act: AtDesk, known: Standing, now: datetime) -> Batch:
        """What follows from what somebody did at a desk. One that makes us stumble hurts nobody else."""
        batch = Batch()
        try:
            async with transaction.apart():
                await self.desk.handle(transaction, act, known, now, batch)
                await self.befall(transaction, batch)
                await self.claim(transaction, batch)
        except Unavailable:
            raise
        except Exception as error:
            log.error("an update failed", kind=type(act.act).__name__, reason=type(error).__name__)
            return Batch(notices=[Notice(act.chat, "failed.person")])
        return batch

    async def keep(self, transaction: Transaction, batch: Batch) -> None:
        """Keep what people did, or what happened to them, and carry out what they wish."""
        await transaction.chats.save(batch.rows)
        await transaction.referrals.add(batch.referrals)
        batch.letters += self.notices.of_all(batch.referrals, "new", self.now())
        await self.wishes.carry_out(transaction, batch.wishes, self.now(), batch)
        await self.wishes.taken_back(transaction, batch.withdrawn, "withdrawn", self.now(), batch)
        await self.befall(transaction, batch)
        await self.claim(transaction, batch)
        await transaction.counts.add(batch.counted, self.now().date())
        batch.counted.clear()
        gone = await transaction.referrals.withdraw(batch.withdrawn) if batch.withdrawn else []
        batch.letters += self.notices.of_all(gone, "withdrawn", self.now())
        batch.referrals += gone

    async def befall(self, transaction: Transaction, batch: Batch) -> None:
        """Let happen to people what a desk does, where they agreed to be written to and still do."""
        while batch.happenings:
            each = batch.happenings.pop(0)
            row = (await transaction.chats.lock({each.key})).get(each.key)
            session = self._known(row) if row else None
            if row is None or session is None or session.state not in BRIDGED:
                continue
            part = Batch()
            self.happened(row, each.event, part, each.at_the_bottom)
            await transaction.chats.save(part.rows)
            batch.rows += part.rows
            batch.showings += part.showings
            await self.wishes.carry_out(transaction, part.wishes, self.now(), batch)

    def _take(self, incoming: Incoming, key: ChatKey, before: Before, now: datetime, batch: Batch) -> None:
        """Add what follows from one person's update to the batch. One that makes us stumble hurts nobody else."""
        try:
            self._taken(incoming, key, before, now, batch)
        except Exception as error:
            log.error("an update failed", kind=type(incoming.act).__name__, reason=type(error).__name__)
            batch.notices.append(Notice(incoming.chat, "failed.person"))

    def _taken(self, incoming: Incoming, key: ChatKey, before: Before, now: datetime, batch: Batch) -> None:
        row, new, waits = before
        session = self._known(row) if row else None
        seen = (self.plan, self.doors.openings, self.desks, self.renderer, session)
        event = resumed(meant(*seen, incoming.act), incoming.act, session, now) if new else None
        where = where_to_show(incoming, row, now)
        if event is None:
            if session is not None:
                batch.showings.append(answered(incoming, key, session, where, stale=True))
            elif isinstance(incoming.act, Press):
                batch.toasts.append(Toast(incoming.act.callback, Say("toast.over"), locale=None))
            return
        step = self._advanced(session, event, now, waits)
        batch.rows.append(self._row(incoming.chat, key, step, where, row))
        shown = answered(incoming, key, step.session, where, stale=False)
        batch.showings.append(replace(shown, file=True) if GiveFile() in step.effects else shown)
        self._wished(incoming.chat, key, step, batch, incoming.act.text if isinstance(incoming.act, Said) else "")

    def _advanced(self, session: Session | None, event: Event, now: datetime, waits: bool = False) -> Step:
        fresh = self.fresh().model_copy(update={"waits": waits}) if begins(session, event) else NOTHING_FRESH
        return tallied(self.plan.study, session, event, self.engine.advance(session, event, now, fresh))

    def _wished(self, chat: ChatId, key: ChatKey, step: Step, batch: Batch, words: str = "") -> None:
        wished(step, chat, key, batch, self.now(), self.countable, words)

    def _row(self, chat: ChatId, key: ChatKey, step: Step, where: Where, row: Chat | None) -> Chat:
        return Chat(
            key=key,
            address=row.address if row else self.vault.seal_chat(chat, key),
            session=self.sealed(key, step.session),
            wanted=step.session.turn,
            shown=step.session.turn - 1,
            touched=int(step.session.touched.timestamp()),
            remind=self._reminder(step.session),
            message=where.live,
            litter=where.litter,
            over=step.session.over,
        )

    def _reminder(self, session: Session) -> int | None:
        due = reminder_due(self.plan.study, session, self.remind_after) if self.remind_after else None
        return None if due is None else int(due.timestamp())

    def _known(self, row: Chat) -> Session | None:
        """The session of a row; None where it cannot be read any more: then it begins anew, or ends."""
        try:
            return self.unsealed(row)
        except UNREADABLE as error:
            log.error("a conversation cannot be read", reason=type(error).__name__)
            return None

    async def _given_up(self, update: Update) -> Batch:
        """Accept an update that cannot be handled, so that it blocks nobody, and tell the person."""
        async with self.store.begin() as transaction:
            await transaction.updates.see([update.update], int(self.now().timestamp()))
        log.error("an update was given up", kind=type(update).__name__)
        told = [Notice(update.chat, "failed.person")] if isinstance(update, Incoming) else []
        return Batch(notices=told)
