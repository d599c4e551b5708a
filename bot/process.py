"""One start of the program: a process that serves, or one that keeps several of them serving, until a signal."""

from __future__ import annotations

import asyncio
import signal
import sys

from bot.listening import Worker, listening
from bot.messages import Occupied
from bot.settings import Settings
from bot.texts import Catalogs
from dialogs.machine import Plan


async def serve(settings: Settings, plan: Plan, catalogs: Catalogs, worker: Worker) -> None:
    """Serve until a signal comes. Raises Refused, Unavailable, Occupied, CannotListen."""
    from bot.application import Application

    application = Application(settings, plan, catalogs, worker)
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()

    def orphaned() -> None:
        loop.remove_reader(sys.stdin.fileno())
        stopping.set()

    if worker.of > 1:  # the process that started this one is gone when its end of the pipe is
        loop.add_reader(sys.stdin.fileno(), orphaned)
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stopping.set)
    await application.run(stopping)


def supervise(settings: Settings, workers: int) -> None:
    """Keep so many processes serving until a signal comes. Raises Occupied where only one can, CannotListen."""
    from bot.workers import Workers

    if settings.database.startswith("sqlite"):
        raise Occupied(f"{workers} processes cannot share an SQLite database")
    Workers(workers, listening(settings.listen, "SCREENER_LISTEN") if settings.webhook_url else None).run()
