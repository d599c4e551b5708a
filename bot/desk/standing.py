"""Who may do what: a person acts with the role of the chat they are in, or with that of their own private chat."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.messages import AtDesk, ChatId, ChatKey
from bot.records import Binding
from bot.store.desk import Desk
from bot.vault import Vault
from dialogs.desk import Role


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may do here: their role at each place they may act for."""

    chat: ChatKey
    person: ChatKey
    roles: Mapping[str, Role]

    @property
    def places(self) -> tuple[str, ...]:
        """The places they may act for."""
        return tuple(sorted(self.roles))

    @property
    def led(self) -> tuple[str, ...]:
        """The places they lead."""
        return tuple(place for place in self.places if self.roles[place] == "lead")

    def may(self, place: str, role: Role = "coordinator") -> bool:
        """Whether they may do at this place what this role may do."""
        return self.roles.get(place) in {role, "lead"}

    @property
    def by(self) -> str:
        """Who they are, as a referral's life names them."""
        return self.person.hex()


async def standing(desk: Desk, vault: Vault, act: AtDesk) -> Standing:
    """What the one who acts may do, as it is now: whoever was removed a moment ago may do nothing."""
    chat, person = vault.key(act.chat), vault.key(act.person.id)
    removed = await desk.removed(person)
    bindings = await desk.bindings()
    roles: dict[str, Role] = {}
    for binding in bindings:
        own = binding.private and binding.key == person
        if (binding.key == chat or own) and binding.place not in removed:
            roles[binding.place] = "lead" if "lead" in {binding.role, roles.get(binding.place)} else "coordinator"
    return Standing(chat, person, roles)


async def led_by(desk: Desk, vault: Vault, chat: ChatId) -> frozenset[str]:
    """The places that somebody leads by their own private chat, as it is now."""
    key = vault.key(chat)
    removed = await desk.removed(key)
    mine = [each for each in await desk.bindings() if each.private and (each.key, each.role) == (key, "lead")]
    return frozenset(each.place for each in mine) - removed


def recipients(bindings: Collection[Binding], place: str) -> list[Binding]:
    """The chats of a desk that get its cards: those of coordinators, or of leads where there is no other."""
    there = [each for each in bindings if each.place == place]
    return [each for each in there if each.role == "coordinator"] or there
