"""Which places take people now: those whose desk has a chat and that are neither paused nor full.

A snapshot of the database, so that no update has to ask for it: renewed after whatever this process changes, and now
and then for what another one did.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.desks import Desks
from bot.records import Binding
from bot.store import Store, Transaction
from bot.vault import Vault
from dialogs.events import Openings

FULL = "full"


@dataclass
class Doors:
    """Says which places are open. `openings` is what it knew when it last looked."""

    store: Store
    vault: Vault
    desks: Desks
    openings: Openings = field(default_factory=Openings)

    async def prepare(self) -> None:
        """Bind the chats that the settings name, let go of those they do not name any more, and look."""
        async with self.store.begin() as transaction:
            given = [await self._given(transaction, place) for place in self.desks.desks]
            named = {(each.key, each.place): each for each in given if each}
            for binding in await transaction.desk.bindings():
                if binding.given and (binding.key, binding.place) not in named:
                    await transaction.desk.unbind(binding.key, [binding.place])
            for binding in named.values():
                await transaction.desk.bind(binding)
                await transaction.referrals.adopt(binding.place, binding.key, binding.address)
        await self.look()

    async def look(self) -> None:
        """Find out which places take people now."""
        async with self.store.begin() as transaction:
            bound = {each.place for each in await transaction.desk.bindings()}
            paused = await transaction.desk.pauses()
            for place, desk in self.desks.desks.items():
                if desk.cap is not None and await transaction.referrals.has_open(place, desk.cap):
                    paused.setdefault(place, FULL)
        self.openings = self.desks.openings(bound, paused)

    async def _given(self, transaction: Transaction, place: str) -> Binding | None:
        chat = self.desks.chat(place)
        if chat is None:
            return None
        key = self.vault.key(chat)
        if moved := await transaction.desk.moved(key):
            chat = self.vault.open_chat(moved, key)
            key = self.vault.key(chat)
        private, now = chat > 0, int(datetime.now(UTC).timestamp())
        return Binding(key, place, self.vault.seal_chat(chat, key), "coordinator", private, now, given=True)
