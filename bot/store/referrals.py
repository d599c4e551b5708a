"""Referrals, and the cards that show them to the desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Executable, RowMapping, delete, func, or_, select, update

from bot.messages import ChatKey
from bot.records import Card, Referral
from bot.seals import REFERRALS
from bot.store.envelopes import Envelopes
from bot.store.presence import NOBODY
from bot.store.statements import Statements, joined, parted
from bot.tables import bridges, cards, letters, referrals
from bot.vault import Unsealable

OPEN = ("new", "claimed", "contacted")
PAGE = 500
KEPT = [column for column in referrals.c if column.name not in {"adopted", "holder"}]


class Referrals:
    """The referrals and their cards, in one transaction.

    Results, and what the desk did, are sealed as they are kept and opened as they are read. A referral that does not
    open is damaged, or the key it was sealed with is gone: nobody can be shown it, and it dies in its time.
    """

    def __init__(self, statements: Statements, envelopes: Envelopes) -> None:
        self._say = statements
        self._envelopes = envelopes

    async def add(self, given: Sequence[Referral]) -> None:
        """Keep these referrals. Raises OneUpdatesFault, at the end, when one of their codes is taken."""
        if given:
            await self._say.run(referrals.insert(), [self._row(each) for each in given])

    async def of(self, code: str) -> Referral | None:
        """The referral under this code, if there is one, held until the transaction ends."""
        found = await self._read(select(*KEPT).where(referrals.c.code == code).with_for_update())
        return found[0] if found else None

    async def among(self, codes: Collection[str]) -> list[Referral]:
        """The referrals under these codes."""
        return await self._read(select(*KEPT).where(referrals.c.code.in_(codes)))

    async def save(self, referral: Referral) -> None:
        """Keep this referral as it is now."""
        values = self._row(referral)
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
        rows = await self._read(gone)
        if rows:
            await self._say.run(delete(bridges).where(bridges.c.code.in_([row.code for row in rows])))
            await self._say.run(delete(letters).where(letters.c.code.in_([row.code for row in rows])))
        return rows

    async def unshown(self) -> list[Referral]:
        """Every referral of which some card is not what it should be."""
        return await self._read(select(*KEPT).where(referrals.c.shown < referrals.c.wanted))

    async def deserted(self) -> list[Referral]:
        """Every referral of which some card is not what it should be, and nobody who lives is at it."""
        unshown = (referrals.c.shown < referrals.c.wanted, self._say.deserted(referrals.c.holder))
        return await self._read(select(*KEPT).where(*unshown))

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
        return await self._read(again.returning(*KEPT))

    async def show_anew(self, places: Collection[str]) -> list[Referral]:
        """Ask for the cards of all open referrals of these places, where they stand or where they now belong."""
        anew = update(referrals).where(referrals.c.place.in_(places), referrals.c.state.in_(OPEN))
        return await self._read(anew.values(wanted=referrals.c.wanted + 1).returning(*KEPT))

    async def open_at(self, places: Collection[str], claimer: bytes | None = None, limit: int = 20) -> list[Referral]:
        """Open referrals of these places, oldest first; only those this coordinator has, if one is given."""
        query = select(*KEPT).where(referrals.c.place.in_(places), referrals.c.state.in_(OPEN))
        if claimer is not None:
            query = query.where(referrals.c.claimer == claimer)
        return await self._read(query.order_by(referrals.c.arrived).limit(limit))

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
        return await self._read(query.order_by(referrals.c.arrived).with_for_update(skip_locked=True))

    async def undoable_until(self, moment: int) -> list[Referral]:
        """Referrals whose last change could be undone until then, and whose cards still offer it."""
        query = select(*KEPT).where(referrals.c.undoable <= moment)
        return await self._read(query.with_for_update(skip_locked=True))

    async def page(self, after: str, since: date, until: date, places: Collection[str] | None) -> list[Referral]:
        """The next referrals with a result after this code, whose day lies from `since` to `until`, by code.

        One that does not open has an empty result, so that no export leaves it out in silence.
        """
        query = select(*KEPT).where(referrals.c.code > after, *_within(since, until, places))
        rows = (await self._say.run(query.order_by(referrals.c.code).limit(PAGE))).mappings()
        return [self._opened(row) or Referral(**{**row, "result": "", "life": None}) for row in rows]

    async def count(self, since: date, until: date, places: Collection[str] | None) -> int:
        """How many referrals all these pages have."""
        query = select(func.count()).select_from(referrals).where(*_within(since, until, places))
        return int((await self._say.run(query)).scalar_one())

    async def outdated(self, arrived: int, closed: int) -> list[str]:
        """The codes of referrals that came before `arrived` or were closed before `closed`."""
        late = or_(referrals.c.arrived < arrived, referrals.c.closed < closed)
        found = await self._say.run(select(referrals.c.code).where(late, referrals.c.result.is_not(None)))
        return list(found.scalars())

    async def _read(self, query: Executable) -> list[Referral]:
        """These referrals, but for those that do not open."""
        rows = (await self._say.run(query)).mappings()
        return [each for each in map(self._opened, rows) if each]

    def _opened(self, row: RowMapping) -> Referral | None:
        """The referral of this row; None when it does not open."""
        try:
            words = {each: self._envelopes.words(REFERRALS, each, row["code"], row[each]) for each in REFERRALS.columns}
        except Unsealable:
            return None
        return Referral(**{**row, **words})

    def _row(self, referral: Referral) -> dict[str, Any]:
        """This referral as its table has it."""
        values = asdict(referral)
        cells = {each: self._envelopes.cell(REFERRALS, each, referral.code, values[each]) for each in REFERRALS.columns}
        return {**values, **cells}

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
        litter = func.trim(cards.c.litter)
        same = (litter == joined(before.litter), cards.c.message.is_not_distinct_from(before.message))
        done = await self._say.run(update(cards).where(*here, *same).values(_values(after)))
        if not done.rowcount and after.message not in {None, before.message}:
            await self._say.run(update(cards).where(*here).values(litter=func.trim(litter + f" {after.message}")))

    async def bring(self, card: Card) -> None:
        """Ask for this card at the bottom of its chat; the one further up is cleared away."""
        known = (await self.cards(card.code)).get(card.key, card)
        litter = known.litter if known.message is None else (*known.litter, known.message)
        await self.save_card(replace(known, shown=0, message=None, litter=litter))
        await self._say.run(update(referrals).where(referrals.c.code == card.code).values(shown=0))

    async def clear_away(self, code: str, key: ChatKey, message: int) -> bool:
        """Have this card cleared away, if another one is known to stand in its chat. Returns whether it is to go.

        Such a one was sent, and its answer or what was written down of it was lost.
        """
        known = (await self.cards(code)).get(key)
        if known is None or known.message is None or message in {known.message, *known.litter}:
            return False
        await self.save_card(replace(known, shown=0, litter=(*known.litter, message)))
        await self._say.run(update(referrals).where(referrals.c.code == code).values(shown=0))
        return True

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
