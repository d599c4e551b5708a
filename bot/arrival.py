"""How updates reach this process: it asks for them when it is its turn, or Telegram brings them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from bot.allowance import Allowance
from bot.listening import Worker, listening
from bot.messages import TryLater, Unavailable, Undeliverable, Update
from bot.settings import Settings
from bot.store import Presence
from bot.telegram import Api, Poller

CHECK = 60.0  # seconds between two looks at whether Telegram still brings updates here
SOON = 5.0

log = structlog.get_logger("arrival")


@dataclass(frozen=True)
class Arrivals:
    """Takes updates, and has them handled before they are acknowledged."""

    settings: Settings
    api: Api
    presence: Presence
    handle: Callable[[Sequence[Update]], Awaitable[None]]
    worker: Worker

    async def run(self, stopping: asyncio.Event) -> None:
        """Take updates until told to stop. Raises Refused, CannotListen."""
        allowance = Allowance(limited=self.settings.sends_per_second > 0)
        if self.settings.webhook_url is None:
            poller = Poller(self.api, self.handle, allowance)
            await poller.take_turns(stopping, self.presence.elect, lambda: self.presence.polls)
            return
        await self._brought(self.settings.webhook_url, allowance, stopping)

    async def _brought(self, url: str, allowance: Allowance, stopping: asyncio.Event) -> None:
        from bot.telegram.webhook import Webhook
        from bot.web import serving

        secret = self.settings.brought_with
        webhook = Webhook(self.api, urlsplit(url).path or "/", secret, self.handle, allowance)
        handling = asyncio.create_task(webhook.run())
        watching = asyncio.create_task(self._kept(url, secret))
        stopped = asyncio.create_task(stopping.wait())
        try:
            async with serving(webhook.app, self._socket()):
                log.info("waiting for updates", at=self.settings.listen)
                await asyncio.wait({stopped, watching}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
        finally:
            for task in (stopped, watching, handling):
                task.cancel()

    async def _kept(self, url: str, secret: str) -> None:
        """Have updates brought here, and see to it that it stays so: one process of all does. Raises Refused."""
        known, complaint = None, ""
        while True:
            wait = SOON
            try:
                if await self.presence.elect():
                    if known != url:
                        await self.api.start_webhook(url, secret)
                        log.info("updates are brought here")
                    known, waiting, said = await self.api.webhook()
                    if said and said != complaint:
                        log.warning("Telegram could not bring updates", reason=said, waiting=waiting)
                    complaint, wait = said, CHECK if known == url else SOON
            except (TryLater, Undeliverable, Unavailable) as error:
                log.warning("it is unknown whether updates are brought here", reason=str(error))
            await asyncio.sleep(wait)

    def _socket(self) -> socket.socket:
        if self.worker.shared is not None:
            return socket.socket(fileno=self.worker.shared)
        return listening(self.settings.listen, "SCREENER_LISTEN")
