"""What is said once and not repeated: answers to taps, lines, replies to somebody of a desk, somebody's own data."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from bot.messages import MessageId, Moved, TryLater, Undeliverable
from bot.outgoing import Notice, Reply, Showing
from bot.pace import Pace, Rank
from bot.telegram.api import Api
from bot.views import Views

log = structlog.get_logger("delivery")


@dataclass(frozen=True)
class Remarks:
    """Says what is worth one try: who hears nothing asks again."""

    api: Api
    views: Views
    pace: Pace

    async def answer(self, callback: str, said: str | None) -> None:
        """Answer the tap. One that is too old to be answered counts as answered."""
        try:
            await self.api.answer(callback, said)
        except (TryLater, Undeliverable) as error:
            log.info("a tap was not answered", reason=str(error))

    async def say(self, notice: Notice) -> None:
        """Say a line."""
        await self.pace.turn(Rank.DIALOG, notice.chat)
        try:
            await self.api.send(notice.chat, self.views.notice(notice), protect=False)
        except (TryLater, Undeliverable, Moved) as error:
            log.info("a notice was not sent", key=notice.key, reason=str(error))

    async def reply(self, reply: Reply) -> None:
        """Answer somebody of a desk."""
        await self.pace.turn(Rank.DESK, reply.chat)
        try:
            for made in reply.pictures:
                await self.api.send_picture(reply.chat, await asyncio.to_thread(made))
            await self.api.send(reply.chat, self.views.reply(reply), protect=False)
        except (TryLater, Undeliverable, Moved) as error:
            log.info("a reply was not sent", reason=str(error))

    async def give(self, showing: Showing) -> tuple[MessageId, ...]:
        """Send somebody their data; the file is cleared away with the next screen, like any litter."""
        try:
            return (await self.api.send_file(showing.chat, *self.views.file(showing.session)),)
        except (TryLater, Undeliverable) as error:
            log.warning("a file was not sent", reason=str(error))
            return ()
