"""A group that got another id: wherever it is named, it is named anew."""

from __future__ import annotations

from bot.messages import ChatId, GroupAsked, GroupMoved, Update
from bot.outgoing import Batch, Notice
from bot.store import Transaction
from bot.vault import Vault


async def move(transaction: Transaction, vault: Vault, chat: ChatId, to: ChatId) -> bytes:
    """Remember that a group has another id, wherever it is named. Returns its sealed address."""
    key, new = vault.key(chat), vault.key(to)
    address = vault.seal_chat(to, new)
    await transaction.desk.move(key, new, vault.seal_chat(to, key), address)
    await transaction.referrals.left_behind(key, new, address)
    return address


async def in_group(transaction: Transaction, vault: Vault, update: Update, batch: Batch) -> None:
    """What happened to a group itself: somebody asked for its id, or it got another."""
    match update:
        case GroupAsked(chat=chat):
            batch.notices.append(Notice(chat, "group.id", {"chat": str(chat)}))
        case GroupMoved(chat=chat, to=to):
            bound = {each.key for each in await transaction.desk.bindings()}
            if vault.key(chat) in bound:
                await move(transaction, vault, chat, to)
