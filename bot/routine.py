"""What is done again and again while the process lives: one failure is never the end of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

log = structlog.get_logger("routine")


async def repeated(work: Callable[[], Awaitable[None]], every: timedelta) -> None:
    """Do this now and again after each pause, until cancelled. What fails is logged by its kind, and tried again."""
    while True:
        try:
            await work()
        except Exception as error:  # what fails once must not be the end of it
            log.error("a routine failed", routine=work.__qualname__, reason=type(error).__name__)
        await asyncio.sleep(every.total_seconds())
