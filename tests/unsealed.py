"""Rows read past the store, with what is sealed in them in words: as the owner of the key reads them."""

from __future__ import annotations

from typing import Any

from bot.seals import DEED, REFERRALS
from bot.store.envelopes import Envelopes
from bot.tables import audit, referrals
from bot.vault import Vault
from tests.postgres import SECRET, kept

VAULT = Vault(SECRET)


def kept_referrals(database: str, vault: Vault = VAULT) -> list[dict[str, Any]]:
    """The referrals, their results and lives opened."""
    words = Envelopes(vault).words
    return [
        {**row, **{each: words(REFERRALS, each, row["code"], row[each]) for each in REFERRALS.columns}}
        for row in kept(database, referrals)
    ]


def kept_deeds(database: str) -> list[dict[str, Any]]:
    """The audit, what was done opened."""
    return [{**row, "what": Envelopes(VAULT).open(row["what"], DEED)} for row in kept(database, audit)]
