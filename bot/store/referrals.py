"""Referrals, and the cards that show them to the desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from bot.messages import ChatKey
from bot.records import Card, Referral
from bot.store.presence import NOBODY
from bot.store.statements import Statements, joined, parted
from bot.tables import bridges, cards, letters, referrals

OPEN = ("new", "claimed", "contacted")
PAGE = 500
KEPT = [column for column in referrals.c if column.name not in {"adopted", "holder"}]


class Referrals:
    """The referrals and their cards, in one transaction."""

    def __init__(self, statements: Statements) -> None:
        self._say = statements

    async def add(self, given: Sequence[Referral]) -> None:
        """Keep these referrals. Raises OneUpdatesFault, at the end, when one of their codes is taken."""
        if given:
            await self._say.run(referrals.insert(), [asdict(each) for each in given])

    async def of(self, code: str) -> Referral | None:
        """The referral under this code, if there is one, held until the transaction ends."""
        found = await self._say.run(select(*KEPT).where(referrals.c.code == code).with_for_update())
        row = found.mappings().first()
        return Referral(**row) if row else None

    async def among(self, codes: Collection[str]) -> list[Referral]:
        """The referrals under these codes."""
        rows = await self._say.run(select(*KEPT).where(referrals.c.code.in_(codes)))
        return [Referral(**row) for row in rows.mappings()]

    async def save(self, referral: Referral) -> None:
        """Keep this referral as it is now."""
        values = asdict(referral)
        code = values.pop("code")
        await self._say.run(update(referrals).where(referrals.c.code == code).values(values))

    async def withdraw(self, codes: Collection[str], state: str = "withdrawn") -> list[Referral]:
        """Erase the results under these codes, all the desk noted, and what is not sent yet about them.

        Asks for their cards to be made bare.
        """
        gone = (
            update(referrals)
            .where(referrals.c.code.in_(codes), referrals.c.result.is_not(None))
            .values(
                result=None,
                state=state,
                life=None,
                claimer=None,
                undoable=None,
                waited=None,
                nudged=None,
                bridged=False,
                wanted=referrals.c.wanted + 1,
            )
            .returning(*KEPT)
        )
        rows = [Referral(**row) for row in (await self._say.run(gone)).mappings()]
        if rows:
            await self._say.run(delete(bridges).where(bridges.c.code.in_([row.code for row in rows])))
            await self._say.run(delete(letters).where(letters.c.code.in_([row.code for row in rows])))
        return rows

    async def unshown(self) -> list[Referral]:
        """Every referral of which some card is not what it should be."""
        rows = await self._say.run(select(*KEPT).where(referrals.c.shown < referrals.c.wanted))
        return [Referral(**row) for row in rows.mappings()]

    async def deserted(self) -> list[Referral]:
        """Every referral of which some card is not what it should be, and nobody who lives is at it."""
        unshown = (referrals.c.shown < referrals.c.wanted, self._say.deserted(referrals.c.holder))
        return [Referral(**row) for row in (await self._say.run(select(*KEPT).where(*unshown))).mappings()]

    async def hold(self, code: str) -> bool:
        """Whether the cards of this referral, locked before, are this process's to show: no other one is at it."""
        of_code = referrals.c.code == code
        holder = (await self._say.run(select(referrals.c.holder).where(of_code))).scalar()
        if holder == self._say.number:
            return True
        if holder is None or await self._say.others([holder]):
            return False
        await self._say.run(update(referrals).where(of_code).values(holder=self._say.number))
        return True

    async def show_again(self, place: str) -> list[Referral]:
        """Ask for the cards of all open referrals of a place to be looked at: its desk has another chat."""
        again = update(referrals).where(referrals.c.place == place, referrals.c.state.in_(OPEN)).values(shown=0)
        return [Referral(**row) for row in (await self._say.run(again.returning(*KEPT))).mappings()]

    async def show_anew(self, places: Collection[str]) -> list[Referral]:
        """Ask for the cards of all open referrals of these places, where they stand or where they now belong."""
        anew = update(referrals).where(referrals.c.place.in_(places), referrals.c.state.in_(OPEN))
        rows = await self._say.run(anew.values(wanted=referrals.c.wanted + 1).returning(*KEPT))
        return [Referral(**row) for row in rows.mappings()]

    async def open_at(self, places: Collection[str], claimer: bytes | None = None, limit: int = 20) -> list[Referral]:
        """Open referrals of these places, oldest first; only those this coordinator has, if one is given."""
        query = select(*KEPT).where(referrals.c.place.in_(places), referrals.c.state.in_(OPEN))
        if claimer is not None:
            query = query.where(referrals.c.claimer == claimer)
        rows = await self._say.run(query.order_by(referrals.c.arrived).limit(limit))
        return [Referral(**row) for row in rows.mappings()]

    async def has_open(self, place: str, number: int) -> bool:
        """Whether this place has at least this many open referrals."""
        some = select(referrals.c.code).where(referrals.c.place == place, referrals.c.state.in_(OPEN)).limit(number)
        counted = await self._say.run(select(func.count()).select_from(some.subquery()))
        return int(counted.scalar_one()) >= number

    async def unclaimed_since(self, moment: int, place: str) -> list[Referral]:
        """New referrals of a place that came before then, oldest first."""
        query = select(*KEPT).where(
            referrals.c.place == place, referrals.c.state == "new", referrals.c.arrived <= moment
        )
        rows = await self._say.run(query.order_by(referrals.c.arrived).with_for_update(skip_locked=True))
        return [Referral(**row) for row in rows.mappings()]

    async def undoable_until(self, moment: int) -> list[Referral]:
        """Referrals whose last change could be undone until then, and whose cards still offer it."""
        query = select(*KEPT).where(referrals.c.undoable <= moment)
        return [Referral(**row) for row in (await self._say.run(query.with_for_update(skip_locked=True))).mappings()]

    async def page(self, after: str, since: date, until: date, places: Collection[str] | None) -> list[Referral]:
        """The next referrals with a result after this code, whose day lies from `since` to `until`, by code."""
        query = select(*KEPT).where(referrals.c.code > after, *_within(since, until, places))
        rows = await self._say.run(query.order_by(referrals.c.code).limit(PAGE))
        return [Referral(**row) for row in rows.mappings()]

    async def count(self, since: date, until: date, places: Collection[str] | None) -> int:
        """How many referrals all these pages have."""
        query = select(func.count()).select_from(referrals).where(*_within(since, until, places))
        return int((await self._say.run(query)).scalar_one())

    async def outdated(self, arrived: int, closed: int) -> list[str]:
        """The codes of referrals that came before `arrived` or were closed before `closed`."""
        late = or_(referrals.c.arrived < arrived, referrals.c.closed < closed)
        found = await self._say.run(select(referrals.c.code).where(late, referrals.c.result.is_not(None)))
        return list(found.scalars())

    # -- cards ---------------------------------------------------------------------------------------------

    async def cards(self, code: str) -> dict[ChatKey, Card]:
        """In which message each chat shows this referral, by chat."""
        rows = await self._say.run(select(cards).where(cards.c.code == code))
        found = [_card(row) for row in rows.mappings()]
        return {card.key: card for card in found}

    async def save_card(self, card: Card) -> None:
        """Keep in which message a chat shows a referral, whatever was kept before."""
        await self._say.insert_or_replace(cards, [_values(card)])

    async def record_card(self, before: Card, after: Card) -> None:
        """A chat shows a card as in `after`; where it was asked for anew meanwhile, that is still to be done."""
        await self._say.insert_or_ignore(cards, [_values(before)])
        here = (cards.c.code == before.code, cards.c.key == before.key)
        same = (cards.c.litter == joined(before.litter), cards.c.message.is_not_distinct_from(before.message))
        done = await self._say.run(update(cards).where(*here, *same).values(_values(after)))
        if not done.rowcount and after.message not in {None, before.message}:
            await self._say.run(update(cards).where(*here).values(litter=cards.c.litter + f" {after.message}"))

    async def bring(self, card: Card) -> None:
        """Ask for this card at the bottom of its chat; the one further up is cleared away."""
        known = (await self.cards(card.code)).get(card.key, card)
        litter = known.litter if known.message is None else (*known.litter, known.message)
        await self.save_card(replace(known, shown=0, message=None, litter=litter))
        await self._say.run(update(referrals).where(referrals.c.code == card.code).values(shown=0))

    async def send_anew(self, code: str) -> None:
        """Ask for all cards of this referral at the bottom of their chats."""
        for card in (await self.cards(code)).values():
            await self.bring(card)

    async def shown(self, code: str, version: int) -> bool:
        """Every chat shows this version. What is left of a gone referral goes with it. False where it has changed."""
        of_code = referrals.c.code == code
        behind = select(cards.c.key).where(cards.c.code == code, cards.c.shown < version).exists()
        all_shown = update(referrals).where(of_code, referrals.c.wanted == version, ~behind)
        done = await self._say.run(all_shown.values(shown=version, holder=NOBODY))
        if not done.rowcount:  # whoever shows an older version late has it shown anew
            late = select(cards.c.key).where(cards.c.code == code, cards.c.shown < referrals.c.wanted).exists()
            await self._say.run(update(referrals).where(of_code, late).values(shown=0))
        gone = (of_code, referrals.c.result.is_(None), referrals.c.shown >= referrals.c.wanted)
        if (await self._say.run(delete(referrals).where(*gone))).rowcount:
            await self._say.run(delete(cards).where(cards.c.code == code))
        return done.rowcount > 0

    async def left_behind(self, key: ChatKey, moved: ChatKey, address: bytes) -> None:
        """The cards in a group that got another id stayed behind: no number of theirs counts where it is now."""
        standing = select(cards).where(cards.c.key == key)
        rows = [_card(row) for row in (await self._say.run(standing)).mappings()]
        await self._say.run(delete(cards).where(cards.c.key == key))
        if rows:
            new = [replace(row, key=moved, address=address, message=None, litter=()) for row in rows]
            await self._say.insert_or_replace(cards, [_values(each) for each in new])

    async def adopt(self, place: str, key: ChatKey, address: bytes) -> None:
        """Take over the cards that release 1 sent to the only chat this place had."""
        theirs = (referrals.c.place == place, referrals.c.adopted.is_not(None))
        for row in (await self._say.run(select(referrals).where(*theirs))).mappings():
            await self.save_card(Card(row["code"], key, address, shown=row["shown"], message=row["adopted"]))
        await self._say.run(update(referrals).where(*theirs).values(adopted=None))


def _within(since: date, until: date, places: Collection[str] | None) -> list[ColumnElement[bool]]:
    """With a result, of a day from `since` to `until`, at these places if any are given."""
    wanted = [referrals.c.result.is_not(None), referrals.c.day >= since, referrals.c.day <= until]
    return wanted if places is None else [*wanted, referrals.c.place.in_(places)]


def _values(card: Card) -> dict[str, Any]:
    return {**asdict(card), "litter": joined(card.litter)}


def _card(row: Any) -> Card:
    return Card(**{**row, "key": ChatKey(bytes(row["key"])), "litter": parted(row["litter"])})
