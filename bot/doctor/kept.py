"""What can be wrong with the database and the keys it is used with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.doctor.finding import Finding
from bot.keys import current, outdated
from bot.messages import ChatId, Unavailable
from bot.settings import Settings
from bot.store import Store
from bot.store.condition import condition
from bot.vault import Unsealable, Vault

LONG = timedelta(hours=1)


@dataclass
class Kept:
    """What was found in the database: the chats of each desk, and what is wrong."""

    chats: dict[str, set[ChatId]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


async def look_into(settings: Settings, now: datetime) -> Kept:
    """What the database says. It is not made, and nothing in it is changed."""
    kept = Kept()
    if settings.database_url is None and not (settings.data_dir / "screener.db").exists():
        kept.findings.append(Finding("database_new"))
        return kept
    try:
        if await _usable(settings, kept):
            await _read(settings, kept, now)
    except Unavailable as error:
        kept.findings.append(Finding("database_unreachable", {"reason": error}))
    return kept


async def _usable(settings: Settings, kept: Kept) -> bool:
    """Whether the tables can be read as those of this release."""
    found = await condition(settings.database)
    if found.journal != "wal":
        kept.findings.append(Finding("database_unsafe", {"mode": found.journal}))
    if not found.sound:
        kept.findings.append(Finding("database_damaged"))
    elif found.schema is None:
        kept.findings.append(Finding("database_new"))
    elif not found.current:
        kept.findings.append(Finding("schema_new" if found.later else "schema_old", {"found": found.schema}))
    return found.current and found.sound


async def _read(settings: Settings, kept: Kept, now: datetime) -> None:
    # Without the vault the store moves nothing under today's key: a look must not change anything.
    store, vault = Store(settings.database), settings.vault
    try:
        kept.findings += await _keys(store, vault)
        async with store.begin() as transaction:
            for binding in await transaction.desk.bindings():
                try:
                    chat = vault.open_chat(binding.address, binding.key)
                except Unsealable:
                    continue  # with another key: said already
                kept.chats.setdefault(binding.place, set()).add(chat)
            waiting = await transaction.health.waiting(now - LONG)
    finally:
        await store.close()
    for each in waiting:
        about: Mapping[str, object] = {
            "place": each.place,
            "channel": each.channel,
            "number": each.number,
            "hours": int(now.timestamp() - each.since) // 3600,
        }
        kept.findings.append(Finding("letters_waiting" if each.channel else "cards_waiting", about))


async def _keys(store: Store, vault: Vault) -> list[Finding]:
    """Whether the key is that of the database, and old ones are needed."""
    async with store.begin() as transaction:
        desks, people = await transaction.renewal.some()
    if any(some and not any(map(vault.knows, some)) for some in (desks, people)):
        return [Finding("key_wrong")]
    if not vault.older_names:
        return []
    if rows := await outdated(store, vault):
        taken_up = await current(store, vault)
        return [Finding("keys_waiting", {"rows": rows}) if taken_up else Finding("keys_not_taken_up")]
    return [Finding("keys_unneeded")]
