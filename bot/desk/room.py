"""What every answer of the desk needs: words, seals, codes. And how a referral's life is read and written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.desks import Desks
from bot.messages import AtDesk, ChatKey
from bot.records import Deed, Member, Referral
from bot.store import Transaction
from bot.vault import Vault
from dialogs.machine import Plan
from dialogs.referral import UNDOABLE, Life

NAMED, DONE_BY = b"name", b"audit"


@dataclass(frozen=True)
class Room:
    """What the desk works with."""

    plan: Plan
    vault: Vault
    desks: Desks

    def locale(self, places: Collection[str]) -> str:
        """The locale a desk is answered in: that of its first place."""
        place = next(iter(places), None)
        return self.desks.locale(self.desks.of(place).language, place) if place else self.desks.locale(None, None)

    def words(self, key: str) -> frozenset[str]:
        """A word of the desk in every language: any of them may be typed."""
        return frozenset(texts[key] for texts in self.desks.catalogs.texts.values())

    def member(self, act: AtDesk, place: str, now: datetime) -> Member:
        """The one who acts, to be remembered at this place."""
        key = self.vault.key(act.person.id)
        name = self.vault.seal(act.person.name.encode("utf-8"), NAMED + key)
        return Member(key, place, name, int(now.timestamp()))

    def deed(self, act: AtDesk, place: str, what: str, now: datetime, code: str | None = None) -> Deed:
        """What was done, for the audit: who did it is sealed."""
        who = self.vault.seal(str(int(act.person.id)).encode("ascii"), DONE_BY)
        return Deed(int(now.timestamp()), place, who, what, code)

    async def names(self, transaction: Transaction, place: str) -> Mapping[str, str]:
        """The names of everybody who has acted at this place, by who they are in a referral's life."""
        return {each.key.hex(): self.name(each) for each in await transaction.desk.members(place)}

    def name(self, member: Member) -> str:
        """The name of a member of the desk. Raises Unsealable."""
        return self.vault.open(member.name, NAMED + member.key).decode("utf-8")


def life_of(referral: Referral) -> Life:
    """The life of a referral at its desk."""
    return Life.model_validate_json(referral.life) if referral.life else Life()


def living(referral: Referral, life: Life) -> Referral:
    """The referral with this life, to be shown anew."""
    changed = int(life.changed.timestamp()) if life.changed else None
    undoable = changed + int(UNDOABLE.total_seconds()) if changed is not None and life.before else None
    return replace(
        referral,
        life=life.model_dump_json(exclude_defaults=True),
        state=life.state,
        claimer=ChatKey(bytes.fromhex(life.claimer)) if life.claimer else None,
        undoable=undoable,
        closed=changed if life.state == "closed" else None,
        waited=referral.waited if life.state == "new" else None,
        wanted=referral.wanted + 1,
    )


def hours_since(moment: int, now: datetime) -> int:
    """Whole hours since then."""
    return max(0, int(now.timestamp()) - moment) // 3600
