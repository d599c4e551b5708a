"""Results as files for other programs: asked for by a lead, in private, and written down before any file is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from bot.desk.room import Room
from bot.desk.standing import Standing
from bot.messages import AtDesk
from bot.outgoing import Batch, Export, Reply
from bot.store import Transaction
from dialogs.desk import FORMATS, exporting, told
from dialogs.symbols import Screen


@dataclass(frozen=True)
class Exporting:
    """What one person at a desk does to take results away."""

    room: Room
    transaction: Transaction
    act: AtDesk
    known: Standing
    now: datetime
    batch: Batch

    def order(self, typed: str) -> str | None:
        """Ask for which program; `typed` may be the first day. Returns what is refused."""
        if not self.known.led:
            return "lead_only"
        since = _day(typed)
        if not self.act.private:
            self._say(told("export.private"))
        elif typed and since is None:
            self._say(told("export.how", example=f"{self.now:%Y-%m-%d}"))
        else:
            self._say(exporting(self.known.led, since))
        return None

    async def press(self, kind: str, since: str = "") -> str:
        """Ask for the files, to be made once nobody waits for them. Never in a group, where others would read them.

        It is noted at each place before anything leaves, so that nothing leaves that is not noted.
        """
        chosen, day = next((each for each in FORMATS if each == kind), None), _day(since)
        if not self.known.led or not self.act.private:
            return "lead_only"
        if chosen is None or (since and day is None):
            return "gone"
        for place in self.known.led:
            await self.transaction.desk.remember([self.room.member(self.act, place, self.now)])
            await self.transaction.desk.note([self.room.deed(self.act, place, f"export.{chosen}", self.now)])
        locale = self.room.locale(self.known.led)
        self.batch.exports.append(Export(self.act.chat, chosen, self.known.led, day, locale))
        return "making"

    def _say(self, screen: Screen) -> None:
        self.batch.replies.append(Reply(self.act.chat, screen, self.room.locale(self.known.led)))


def _day(typed: str) -> date | None:
    """The day in a text such as 2026-03-01; None in any other."""
    try:
        return date.fromisoformat(typed) if re.fullmatch(r"\d{4}-\d\d-\d\d", typed, re.ASCII) else None
    except ValueError:
        return None
