"""Gives leads the results they asked for, as files: made where nobody waits for it, whole or not at all.

Nothing of a file is ever on a disk. Who is no lead any more once it is made gets nothing. An export that ends with the
process is asked for anew: it was noted, and nothing of it has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import structlog

from bot.desk.room import Room
from bot.desk.standing import led_by
from bot.messages import Message, MessageGone, MessageId, Moved, TryLater, Undeliverable
from bot.outgoing import Export
from bot.pace import Pace, Rank, patience
from bot.store import Store
from bot.telegram.api import Api
from bot.texts import Renderer
from dialogs.desk import exported, told
from dialogs.symbols import Screen

if TYPE_CHECKING:  # loaded with the first export: most processes never make one
    from bot.export import Packed

LARGEST = 50_000_000  # bytes: Telegram takes no larger file from a bot
SAY_AGAIN = 3.0  # seconds until it is said how far an export is, and again
TRIES = 5

T = TypeVar("T")

log = structlog.get_logger("giving")


@dataclass
class Far:
    """How far an export is: how many of its referrals have passed. `over` once it is made, or will not be."""

    total: int = 0
    passed: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def advance(self, passed: int) -> None:
        """So many more have passed."""
        self.passed += passed


class Giving:
    """Makes one export after the other, and gives each to whoever asked for it."""

    def __init__(
        self, api: Api, store: Store, room: Room, renderer: Renderer, pace: Pace, now: Callable[[], datetime]
    ) -> None:
        self._api = api
        self._store = store
        self._room = room
        self._renderer = renderer
        self._pace = pace
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._under_way: dict[Export, asyncio.Task[None]] = {}

    def begin(self, export: Export) -> None:
        """Begin to make this, unless that is under way already: then its button was pressed twice."""
        if export not in self._under_way:
            task = self._under_way[export] = asyncio.create_task(self._served(export))
            task.add_done_callback(lambda _: self._under_way.pop(export))

    async def stop(self, seconds: float) -> None:
        """Finish what is under way, for at most this long."""
        if self._under_way:
            _, unfinished = await asyncio.wait(self._under_way.values(), timeout=seconds)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def _served(self, export: Export) -> None:
        try:
            refused = await self._given(export)
        except Exception as error:  # what fails here hurts nobody else
            log.error("an export failed", kind=export.kind, reason=type(error).__name__)
            refused = told("export.failed")
        if refused is None:
            return
        try:
            said = self._says(export, refused)
            await self._patiently(export, partial(self._api.send, export.chat, said, protect=False))
        except (TryLater, Undeliverable, Moved) as error:
            log.warning("a lead was not told of it", kind=export.kind, reason=type(error).__name__)

    async def _given(self, export: Export) -> Screen | None:
        """Make it and give it. What is to be said where that cannot be."""
        from bot.export import TooLarge

        try:
            packed = await self._made(export)
        except TooLarge:
            return told("export.too_large", example=f"{self._now():%Y-%m-%d}")
        if packed.referrals == 0:
            return told("export.none")
        async with self._store.begin() as transaction:
            led = await led_by(transaction.desk, self._room.vault, export.chat)
        if not led.issuperset(export.places):
            return told("toast.lead_only")
        await self._sent(export, packed)
        return None

    async def _made(self, export: Export) -> Packed:
        """The files, while it is said how far they are. Raises CannotExport, Unavailable."""
        far = Far()
        telling = asyncio.create_task(self._tell(export, far))
        try:
            async with self._one_at_a_time:
                return await self._packed(export, far)
        finally:
            far.over.set()
            await telling

    async def _packed(self, export: Export, far: Far) -> Packed:
        from bot.export import pack
        from bot.export.period import Period, pages

        period = Period(export.since or date.min, date.max, export.places)
        async with self._store.begin() as transaction:
            far.total = await transaction.referrals.count(period.since, period.until, period.places)
        return await pack(
            export.kind,
            pages(self._store, period),
            self._room.plan.study,
            self._room.desks.catalogs.texts,
            most=LARGEST,
            today=self._now().date(),
            locale=export.locale,
            advance=far.advance,
        )

    async def _tell(self, export: Export, far: Far) -> None:
        """Say how far it is once it takes longer than a moment, in one message, which goes when it is over."""
        standing: MessageId | None = None
        with suppress(TryLater, Undeliverable, Moved):
            while not far.over.is_set():
                with suppress(TimeoutError):  # not wait_for: in Python 3.11 that may swallow being cancelled
                    async with asyncio.timeout(SAY_AGAIN):
                        await far.over.wait()
                        break
                said = self._says(export, told("export.progress", passed=far.passed, total=far.total))
                standing = await self._said(export, said, standing)
        if standing is not None:
            with suppress(TryLater, Undeliverable, MessageGone):
                await self._api.delete(export.chat, standing)

    async def _said(self, export: Export, said: Message, standing: MessageId | None) -> MessageId:
        await self._pace.turn(Rank.DESK, export.chat)
        if standing is not None:
            with suppress(MessageGone):
                await self._api.edit(export.chat, standing, said)
                return standing
        return await self._api.send(export.chat, said, protect=False)

    async def _sent(self, export: Export, packed: Packed) -> None:
        """Send all files, the last with what is to be said about them; where one is not taken, none stays."""
        said = self._says(export, exported(packed.referrals, packed.cut)).text
        sent: list[MessageId] = []
        try:
            for number, (name, content) in enumerate(packed.files, start=1):
                caption = said if number == len(packed.files) else ""
                give = partial(self._api.send_file, export.chat, name, content, caption)
                sent.append(await self._patiently(export, give))
        except BaseException:
            for each in sent:
                with suppress(TryLater, Undeliverable, MessageGone):
                    await self._api.delete(export.chat, each)
            raise

    async def _patiently(self, export: Export, call: Callable[[], Awaitable[T]]) -> T:
        """Make this call, again where it has to wait. Raises TryLater after the last try, Undeliverable."""
        for tries in range(1, TRIES):
            await self._pace.turn(Rank.DESK, export.chat)
            try:
                return await call()
            except TryLater as error:
                await asyncio.sleep(patience(error, tries))
        await self._pace.turn(Rank.DESK, export.chat)
        return await call()

    def _says(self, export: Export, screen: Screen) -> Message:
        return self._renderer.message(screen, export.locale)
