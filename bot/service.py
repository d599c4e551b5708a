"""What one update, or one polled batch of them, changes: read, decide, write, in one transaction; nothing is sent."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

import structlog

from bot.codes import read_code
from bot.desk import DeskService
from bot.desk.moving import move
from bot.desk.standing import Standing
from bot.desks import Desks
from bot.doors import Doors
from bot.messages import (
    AtDesk,
    ChatId,
    ChatKey,
    GroupAsked,
    GroupMoved,
    Incoming,
    MessageId,
    Ordered,
    Press,
    Said,
    Showed,
    Unavailable,
    Update,
)
from bot.outgoing import Batch, Notice, Showing, Where
from bot.records import Chat, Referral
from bot.store import OneUpdatesFault, Store, Transaction
from bot.texts import Renderer
from bot.vault import Unsealable, Vault
from dialogs.conversation import heard, pressed
from dialogs.engine import Engine
from dialogs.events import (
    Asked,
    Count,
    Event,
    Expired,
    Forget,
    ForgetMe,
    Fresh,
    GiveFile,
    Openings,
    Refer,
    Started,
    Step,
    Stopped,
    Unreadable,
    Withdraw,
    Withdrew,
)
from dialogs.machine import Plan
from dialogs.reminders import reminder_due
from dialogs.screens import screen
from dialogs.session import Session

TRIES = 3
# After this long away the old message is far up: the screen is sent again at the bottom.
AWAY = timedelta(hours=1)

SESSION = b"session"
OTHER = "source.other"  # anybody can make a link up: only sources the operator named are counted by name
UNREADABLE = (Unsealable, ValueError, zlib.error)  # another secret, tampered with, or of a release long ago
ORDERS: Mapping[str, Event] = {
    "help": Asked(topic="help"),
    "language": Asked(topic="language"),
    "privacy": Asked(topic="privacy"),
    "mydata": Asked(topic="mydata"),
    "stop": Stopped(),
    "delete": ForgetMe(),
}

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

    async def interrupted(self) -> Batch:
        """Every screen and card that is not shown yet: what a start has to make up for."""
        async with self.store.begin() as transaction:
            rows, cards = await transaction.chats.unshown(), await transaction.referrals.unshown()
        batch = Batch(referrals=cards)
        for row in rows:
            try:
                batch.showings.append(self.showing(row))
            except UNREADABLE as error:
                log.error("a conversation cannot be read", reason=type(error).__name__)
        return batch

    async def unsent(self) -> Batch:
        """Every card that does not say yet what it should, whatever became of the batch that brought it."""
        async with self.store.begin() as transaction:
            return Batch(referrals=await transaction.referrals.unshown())

    def happened(self, row: Chat, event: Event, batch: Batch, at_the_bottom: bool = False) -> None:
        """Add to the batch that something other than a message happened to this conversation.

        With `at_the_bottom` its screen comes anew: an edit calls nobody. A conversation that makes us stumble is not
        reminded of, and is erased when its time has come like any other.
        """
        try:
            showing = self.showing(row)
            step = self.engine.advance(showing.session, event, self.now(), self.fresh())
            where = Where(showing.live, row.litter)
            if at_the_bottom:
                where = Where(None, row.litter if row.message is None else (*row.litter, row.message), anew=True)
            changed = self._row(showing.chat, row.key, step, where, row)
        except Exception as error:
            log.error("a conversation cannot go on", kind=type(event).__name__, reason=type(error).__name__)
            batch.rows.append(replace(row, remind=None, over=isinstance(event, Expired)))
            return
        batch.rows.append(changed)
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
            for each in people:
                key = keys[each.update]
                self._take(each, key, rows.get(key), each.update in new, now, batch)
            await self._write(transaction, batch)
            for act, known in desk:
                if act.update in new:
                    batch = batch.join(await self._at_desk(transaction, act, known, now))
            for other in updates:
                if other.update in new:
                    await self._group(transaction, other, batch)
            await transaction.counts.add(batch.counted, now.date())
            await transaction.letters.post(batch.letters)
            await transaction.updates.see(new, int(now.timestamp()))
        if batch.referrals or desk:
            await self.doors.look()
        return batch

    async def _at_desk(self, transaction: Transaction, act: AtDesk, known: Standing, now: datetime) -> Batch:
        """What follows from what somebody did at a desk. One that makes us stumble hurts nobody else."""
        batch = Batch()
        try:
            async with transaction.apart():
                await self.desk.handle(transaction, act, known, now, batch)
        except Unavailable:
            raise
        except Exception as error:
            log.error("an update failed", kind=type(act.act).__name__, reason=type(error).__name__)
            return Batch(notices=[Notice(act.chat, "failed.person")])
        return batch

    async def _write(self, transaction: Transaction, batch: Batch) -> None:
        """Keep what people did."""
        await transaction.chats.save(batch.rows)
        await transaction.referrals.add(batch.referrals)
        batch.referrals += await transaction.referrals.withdraw(batch.withdrawn)

    async def _group(self, transaction: Transaction, update: Update, batch: Batch) -> None:
        """What happened to a group itself."""
        match update:
            case GroupAsked(chat=chat):
                batch.notices.append(Notice(chat, "group.id", {"chat": str(chat)}))
            case GroupMoved(chat=chat, to=to):
                bound = {each.key for each in await transaction.desk.bindings()}
                if self.vault.key(chat) in bound:
                    await move(transaction, self.vault, chat, to)

    def _take(self, incoming: Incoming, key: ChatKey, row: Chat | None, new: bool, now: datetime, batch: Batch) -> None:
        """Add what follows from one person's update to the batch. One that makes us stumble hurts nobody else."""
        try:
            self._taken(incoming, key, row, new, now, batch)
        except Exception as error:
            log.error("an update failed", kind=type(incoming.act).__name__, reason=type(error).__name__)
            batch.notices.append(Notice(incoming.chat, "failed.person"))

    def _taken(
        self, incoming: Incoming, key: ChatKey, row: Chat | None, new: bool, now: datetime, batch: Batch
    ) -> None:
        session = self._known(row) if row else None
        event = self._event(session, incoming) if new else None
        where = _where(incoming, row, now)
        if event is None:
            if session is not None:
                batch.showings.append(self._answered(incoming, key, session, where, stale=True))
            return
        step = self.engine.advance(session, event, now, self.fresh())
        batch.rows.append(self._row(incoming.chat, key, step, where, row))
        shown = self._answered(incoming, key, step.session, where, stale=False)
        batch.showings.append(replace(shown, file=GiveFile() in step.effects))
        for effect in step.effects:
            if isinstance(effect, Refer):
                batch.referrals.append(_referral(effect, now))
            elif isinstance(effect, Withdraw):
                batch.withdrawn.append(effect.code)
            elif isinstance(effect, Count):
                batch.counted.append(effect.name if effect.name in self.countable else OTHER)

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
            over=Forget() in step.effects,
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

    def _event(self, session: Session | None, incoming: Incoming) -> Event | None:
        """What happened, in the engine's words; None for a tap on a screen that is gone."""
        act = incoming.act
        if isinstance(act, Ordered) and act.command == "withdraw":
            return Withdrew(code=read_code(act.argument), given=bool(act.argument))
        if isinstance(act, Ordered) and act.command != "start":
            return ORDERS[act.command]
        if isinstance(act, Ordered) or session is None or (session.over and not isinstance(act, Press)):
            return Started(payload=act.argument if isinstance(act, Ordered) else "")
        shown = screen(self.plan, self.doors.openings, session)
        match act:
            case Press(nonce=nonce, turn=turn, index=index):
                return pressed(shown, session, nonce, turn, index)
            case Said(text=text):
                locale = self.desks.locale(session.language, session.place)
                labels = self.renderer.labels(shown, locale)
                return heard(self.plan.study, shown, session, locale, text, labels)
            case Showed():
                return Unreadable()

    def _answered(self, incoming: Incoming, key: ChatKey, session: Session, where: Where, stale: bool) -> Showing:
        """The screen to show for this update, and the answer to its tap; `stale` when the tap meant nothing."""
        callback, toast = None, None
        if isinstance(incoming.act, Press):
            press = incoming.act
            callback = press.callback
            double = (press.nonce, press.turn) == (session.nonce, session.turn - 1)
            toast = "toast.old" if stale and not double else None
        return Showing(key, incoming.chat, session, where.live, where.litter, where.anew, callback, toast)

    async def _given_up(self, update: Update) -> Batch:
        """Accept an update that cannot be handled, so that it blocks nobody, and tell the person."""
        async with self.store.begin() as transaction:
            await transaction.updates.see([update.update], int(self.now().timestamp()))
        log.error("an update was given up", kind=type(update).__name__)
        told = [Notice(update.chat, "failed.person")] if isinstance(update, Incoming) else []
        return Batch(notices=told)


def _where(incoming: Incoming, row: Chat | None, now: datetime) -> Where:
    """The message to show the screen in, and what to clear away.

    A tap is answered in place. Typed answers are cleared away, so the screen stays where it is; after a command or
    a long pause it would be far up, so it comes anew at the bottom.
    """
    live, litter = (row.message, row.litter) if row else (None, ())
    if isinstance(incoming.act, Press):
        pressed_on = incoming.act.on
        if live is None:
            return Where(pressed_on, litter)
        return Where(MessageId(live), litter if pressed_on in {None, live} else (*litter, int(pressed_on or 0)))
    starting = isinstance(incoming.act, Ordered) and incoming.act.command == "start"
    if incoming.message is not None and not starting:
        litter = (*litter, incoming.message)
    away = row is not None and now.timestamp() - row.touched > AWAY.total_seconds()
    if away or isinstance(incoming.act, Ordered):
        return Where(None, litter if live is None else (*litter, live), anew=True)
    return Where(None if live is None else MessageId(live), litter)


def _referral(effect: Refer, now: datetime) -> Referral:
    result = effect.result
    return Referral(effect.code, result.place, result.day, "new", result.model_dump_json(), int(now.timestamp()))
