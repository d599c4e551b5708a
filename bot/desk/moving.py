"""A group that got another id: wherever it is named, it is named anew."""

from __future__ import annotations

from bot.messages import ChatId
from bot.store import Transaction
from bot.vault import Vault


async def move(transaction: Transaction, vault: Vault, chat: ChatId, to: ChatId) -> bytes:
    """Remember that a group has another id, wherever it is named. Returns its sealed address."""
    key, new = vault.key(chat), vault.key(to)
    address = vault.seal_chat(to, new)
    await transaction.desk.move(key, new, vault.seal_chat(to, key), address)
    await transaction.referrals.left_behind(key, new, address)
    return address
