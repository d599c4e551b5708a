"""A counter of changes that can be waited on: how tests and the page learn that something happened."""

from __future__ import annotations

import asyncio
import contextlib


class Changes:
    """A counter of changes that can be waited on."""

    def __init__(self) -> None:
        self.version = 0
        self._ended = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def closed(self) -> bool:
        """Whether the stand-in is being stopped."""
        return self._ended.is_set()

    def touch(self) -> int:
        """Counts one change and wakes everybody who waits."""
        self.version += 1
        for one in self._waiting:
            if not one.done():
                one.set_result(None)
        self._waiting.clear()
        return self.version

    def close(self) -> None:
        """Ends all waiting for good: long polls and live streams return."""
        self._ended.set()
        self.touch()

    async def pause(self, seconds: float) -> None:
        """Lets `seconds` pass, or less when the stand-in is being stopped."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)

    async def after(self, version: int, seconds: float | None = None) -> bool:
        """Whether something changed after `version`, waiting up to `seconds` for it (for ever, if None)."""
        if self.version > version or self.closed:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            done, _ = await asyncio.wait({future}, timeout=seconds)
        finally:
            self._waiting.discard(future)
        return bool(done)
