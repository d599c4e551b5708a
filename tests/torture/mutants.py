"""Programs that are broken on purpose: what a campaign that finds nothing in them would be worth."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from bot.cards import Cards
from bot.delivery import Delivery
from bot.messages import Update
from bot.outgoing import Batch
from bot.service import Service
from bot.store import Store, Transaction
from bot.telegram import Poller
from bot.telegram.parse import parsed

EVERY = 5
LONG = 0.5  # seconds: else a short campaign would have to be lucky


class _Forgotten(Exception):
    """Rolls back what was to be committed."""


@dataclass(frozen=True)
class _Lossy:
    """A store whose transactions are rolled back in silence."""

    store: Store

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        with suppress(_Forgotten):
            async with self.store.begin() as transaction:
                yield transaction
                raise _Forgotten


def loses_a_commit() -> None:
    """Now and then what was handled is not committed, and acknowledged all the same."""
    handle, numbers = Service._handled, itertools.count(1)

    async def lossy(service: Service, updates: Sequence[Update]) -> Batch:
        if next(numbers) % EVERY:
            return await handle(service, updates)
        return await handle(replace(service, store=_Lossy(service.store)), updates)  # type: ignore[arg-type]

    Service._handled = lossy  # type: ignore[method-assign, assignment]


def forgets_what_was_shown() -> None:
    """That a screen was sent is never written down: every start sends it anew."""

    async def nothing(delivery: Delivery) -> None:
        delivery._urgent.clear()

    Delivery._write_down = nothing  # type: ignore[method-assign, assignment]


def acknowledges_first() -> None:
    """Updates are acknowledged before they are handled."""
    handled = Poller._handled

    async def hasty(poller: Poller, raw: Sequence[dict[str, Any]]) -> bool:
        updates = [parsed(each, poller._api.bot) for each in raw]
        if updates:
            await poller._api.updates(max(each.update for each in updates) + 1, 0)
            await asyncio.sleep(LONG)
        return await handled(poller, raw)

    Poller._handled = hasty  # type: ignore[method-assign, assignment]


def sends_no_card() -> None:
    """Cards are taken for shown that never were: all of them, else what a desk does later could bring the few back."""

    async def forgetful(cards: Cards, code: str) -> float:
        async with cards._store.begin() as transaction:
            referral = await transaction.referrals.of(code)
            if referral is not None:
                await transaction.referrals.shown(code, referral.wanted)
        return 0.0

    Cards._brought_up_to_date = forgetful  # type: ignore[method-assign, assignment]


MUTANTS: dict[str, Callable[[], None]] = {
    "loses a commit": loses_a_commit,
    "forgets what was shown": forgets_what_was_shown,
    "acknowledges first": acknowledges_first,
    "sends no card": sends_no_card,
}
