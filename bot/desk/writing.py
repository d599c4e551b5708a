"""Writing to a person by code: one of the messages that are ready, or the desk's own words once confirmed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.codes import new_code, read_code
from bot.desk.bridge import Bridging
from bot.desk.standing import Standing
from bot.messages import AtDesk
from bot.outgoing import Reply
from bot.records import Bridge, Referral
from dialogs.desk import told
from dialogs.events import TeamWrote, Unbridged
from dialogs.session import APPROVED, Result, TeamMessage
from dialogs.study import Language
from dialogs.symbols import Screen
from dialogs.writing import LONGEST, drafted, sent, writing

ARGUMENT = re.compile(r"(\w{3}[-\s]?\w{3}[-\s]?\w{3})(?:\s+(.*))?", re.DOTALL)
# Words that nobody confirms for this long are erased.
DRAFT_LASTS = timedelta(hours=1)
Link = tuple[Referral, Bridge]


@dataclass(frozen=True)
class Writing:
    """What one person at a desk does to write to somebody."""

    bridging: Bridging
    act: AtDesk
    known: Standing

    async def order(self, argument: str) -> None:
        """Show what can be sent, or the words that were given, to be confirmed."""
        typed = ARGUMENT.fullmatch(argument)
        if not typed:
            return self._say(told("write.how", example=new_code()))
        link = await self._link(typed[1])
        if link is None:
            return self._say(told("write.none", code=read_code(typed[1]) or typed[1]))
        words = (typed[2] or "").strip()
        await self._noted(link[0], "write")
        return await self._draft(link, words) if words else self._menu(link)

    async def press(self, verb: str, about: tuple[str, ...]) -> str | None:
        """Do what a button says. Returns the toast, if there is something to say."""
        link = await self._link(about[0]) if about else None
        if link is None:
            return "unbridged"
        match verb, about[1:]:
            case "write", ():
                self._menu(link)
            case "say", (approved, written):
                return await self._approved(link, approved, written)
            case "send", (stamp,):
                return await self._confirmed(link, stamp)
            case "discard", (stamp,):
                return await self._discarded(link, stamp)
            case "unbridge", ():
                await self._closed(link)
            case _:
                return "gone"
        return None

    def _menu(self, link: Link) -> None:
        referral, bridge = link
        self._say(writing(referral.code, _language(referral), bridge.written), referral.place)

    async def _draft(self, link: Link, words: str) -> None:
        referral, bridge = link
        if len(words) > LONGEST:
            return self._say(told("write.long", number=LONGEST), referral.place)
        await self.bridging.transaction.bridges.save(self.bridging.with_draft(bridge, words))
        return self._say(drafted(referral.code, _language(referral), words, self.bridging.stamp(words)), referral.place)

    async def _approved(self, link: Link, approved: str, written: str) -> str | None:
        message = next((each for each in APPROVED if each == approved), None)
        if message is None:
            return "gone"
        if written != str(link[1].written):
            return "sent_already"
        await self._sent(link, TeamMessage(approved=message), f"write.{message}")
        return None

    async def _confirmed(self, link: Link, stamp: str) -> str | None:
        words = self._words(link[1], stamp)
        if words is None:
            return "sent_already"
        await self._sent(link, TeamMessage(words=words), "write.words")
        return None

    async def _discarded(self, link: Link, stamp: str) -> str | None:
        referral, bridge = link
        if self._words(bridge, stamp) is None:
            return "gone"
        await self.bridging.transaction.bridges.save(replace(bridge, draft=None, drafted=None))
        self._say(told("write.discarded"), referral.place)
        return None

    async def _sent(self, link: Link, message: TeamMessage, what: str) -> None:
        referral, bridge = link
        after = replace(bridge, written=bridge.written + 1, draft=None, drafted=None)
        await self.bridging.transaction.bridges.save(after)
        self.bridging.tell(bridge, TeamWrote(message=message), at_the_bottom=True)
        await self._noted(referral, what)
        self._say(sent(referral.code, message.approved), referral.place)

    async def _closed(self, link: Link) -> None:
        referral, bridge = link
        await self.bridging.end(bridge, Unbridged(why="by_team"))
        await self._noted(referral, "write.close")
        self._say(told("write.closed", code=referral.code), referral.place)

    def _words(self, bridge: Bridge, stamp: str) -> str | None:
        """The words this button was shown with, if they still wait."""
        words = self.bridging.draft(bridge)
        late = bridge.drafted is None or bridge.drafted + DRAFT_LASTS.total_seconds() < self.bridging.now.timestamp()
        return words if words is not None and not late and self.bridging.stamp(words) == stamp else None

    async def _link(self, typed: str) -> Link | None:
        """The referral of this code and its link, if this person may write by it."""
        code = read_code(typed)
        referral = await self.bridging.transaction.referrals.of(code) if code else None
        if referral is None or referral.result is None or not self.known.may(referral.place):
            return None
        bridge = await self.bridging.transaction.bridges.of(referral.code)
        return (referral, bridge) if bridge else None

    async def _noted(self, referral: Referral, what: str) -> None:
        room, now, desk = self.bridging.room, self.bridging.now, self.bridging.transaction.desk
        await desk.remember([room.member(self.act, referral.place, now)])
        await desk.note([room.deed(self.act, referral.place, what, now, referral.code)])

    def _say(self, screen: Screen, place: str | None = None) -> None:
        locale = self.bridging.room.locale((place,) if place else self.known.places)
        self.bridging.batch.replies.append(Reply(self.act.chat, screen, locale))


def _language(referral: Referral) -> Language:
    return Result.model_validate_json(referral.result or "").language
