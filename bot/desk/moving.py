"""A group that got another id: wherever it is named, it is named anew."""

from __future__ import annotations

from bot.messages import ChatId, GroupAsked, GroupMoved, Update
from bot.outgoing import Batch, Notice
from bot.store import Transaction
from bot.vault import Vault


async def move(transaction: Transaction, vault: Vault, chat: ChatId, to: ChatId) -> bytes:
    """Remember that a group has another id, wherever it is named. Returns its sealed address.

    The cards of what is open are asked for anew: those that stood in the group as it was have dead buttons.
    """
    key, new = vault.key(chat), vault.key(to)
    address = vault.seal_chat(to, new)
    await transaction.desk.move(key, new, vault.seal_chat(to, key), address)
    await transaction.referrals.left_behind(key, new, address)
    places = {each.place for each in await transaction.desk.bindings() if each.key == new}
    await transaction.referrals.show_anew(places)
    return address


async def in_group(transaction: Transaction, vault: Vault, update: Update, batch: Batch) -> None:
    """What happened to a group itself: somebody asked for its id, or it got another."""
    match update:
        case GroupAsked(chat=chat):
            batch.notices.append(Notice(chat, "group.id", {"chat": str(chat)}))
        case GroupMoved(chat=chat, to=to):
            places = {each.place for each in await transaction.desk.bindings() if each.key == vault.key(chat)}
            if places:
                await move(transaction, vault, chat, to)
                batch.referrals += [each for each in await transaction.referrals.unshown() if each.place in places]
