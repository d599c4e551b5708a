"""From the database to the files: the referrals of some days, a page and a transaction at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.desk.room import life_of
from bot.export.progress import progress
from bot.export.rows import Exported, exported
from bot.export.writing import Written, export
from bot.keys import seal_unsealed
from bot.records import Referral
from bot.store import Store
from bot.vault import Vault
from dialogs.desk import Format
from dialogs.study import Study


@dataclass(frozen=True, slots=True)
class Period:
    """Which referrals: those whose day lies from `since` to `until`, that day too, at some places or at all."""

    since: date
    until: date
    places: Collection[str] | None = None


async def export_period(
    database: str,
    vault: Vault,
    period: Period,
    kind: Format,
    study: Study,
    texts: Mapping[str, Mapping[str, str]],
    *,
    out: Path,
    today: date,
    locale: str,
    force: bool,
) -> Written:
    """Write the referrals of this period, with a bar on the terminal.

    Raises as `export` does, WrongKey, Unavailable.
    """
    store = Store(database, vault)
    try:
        await store.prepare()
        await seal_unsealed(store, vault)
        async with store.begin() as transaction:
            total = await transaction.referrals.count(period.since, period.until, period.places)
        with progress(total) as advance:
            given = pages(store, period)
            return await export(
                kind, given, study, texts, out=out, today=today, locale=locale, force=force, advance=advance
            )
    finally:
        await store.close()


async def pages(store: Store, period: Period) -> AsyncIterator[list[Exported | None]]:
    """What may leave of each referral, by code, so that nothing tells in which order they came.

    Each page is a transaction of its own, and is read in a thread: SQLite has one writer, the bot one loop, and a long
    export must hold nobody up. Raises CannotExport, Unavailable.
    """
    last = ""
    while True:
        async with store.begin() as transaction:
            page = await transaction.referrals.page(last, period.since, period.until, period.places)
        if not page:
            return
        yield await asyncio.to_thread(_leaving, page)
        last = page[-1].code


def _leaving(page: Sequence[Referral]) -> list[Exported | None]:
    lives = ((each, life_of(each)) for each in page)
    return [exported(each.code, each.state, each.result, life.reason, life.criterion) for each, life in lives]
