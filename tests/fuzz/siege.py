"""Honest people in the middle of things, a desk at work, and hostile people all around them."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.messages import ChatId, Incoming, Ordered, Press, Said
from bot.outgoing import Batch
from bot.tables import audit, bindings, bridges, cards, chats, invites, moves, pauses, referrals, staff
from bot.telegram.parse import parsed
from bot.telegram.polling import batches
from bot.views import Views
from dialogs.session import Session
from dialogs.symbols import Say
from tests.desk_world import GROUP, DeskWorld
from tests.dialogs_world import AFTER_CONSENT, MET
from tests.fuzz import door
from tests.fuzz.shapes import message, private, tap
from tests.fuzz.updates import Hostile, Known, Update
from tests.postgres import Person, Shell, kept

POLL = 100
STUMBLES = {
    "a batch failed",
    "an update failed",
    "an update was given up",
    "a wish failed",
    "a conversation cannot be read",
    "a conversation cannot go on",
}
# What somebody outside may be answered about a desk: how a code is sent, that this one is none; nothing else.
TOASTS_TO_STRANGERS = (Say("desk.toast.stranger"), Say("toast.over"))
TOLD_TO_STRANGERS = {"desk.join.how", "desk.join.wrong"}


DESK = (bindings, staff, audit, invites, pauses, moves)
WHOLE_WAY = (
    *("en", "montreal", "yes", "agree"),
    *(tap for question in AFTER_CONSENT for tap in MET[question]),
    *("continue", "share", "send", "offer", "agree"),
)
# How far each honest person has come: to the first screens, the middle, the preview, sent, and may be written to.
STAGES = (0, 2, 4, 9, len(WHOLE_WAY) - 3, len(WHOLE_WAY) - 2, len(WHOLE_WAY))


@dataclass
class Memory:
    """What is kept in memory: how many objects, and how many bytes are resident."""

    objects: int
    resident: int

    @classmethod
    def now(cls) -> Memory:
        """As it is."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return cls(len(gc.get_objects()), pages * 4_096)

    def __sub__(self, before: Memory) -> Memory:
        """What came since then."""
        return Memory(self.objects - before.objects, self.resident - before.resident)


@dataclass
class Siege:
    """Honest people in the middle of things, a desk at work, and hostile people all around."""

    shell: Shell
    hostile: Hostile
    known: Known
    said: Counter[str] = field(default_factory=Counter)

    def memory(self) -> Memory:
        """What is kept in memory now, but for what hostile people keep."""
        self.hostile.forget()
        return Memory.now()

    async def endures(self, number: int) -> None:
        """This many updates come, as polled, and everything that follows is put into words."""
        for _ in range(0, number, POLL):
            updates = [parsed(raw, door.BOT) for raw in self.hostile.updates(POLL)]
            for some in batches(updates):
                self._sees(await self.shell.service.handle(some))
        await asyncio.sleep(0)

    def untouched(self) -> Mapping[str, Any]:
        """All that is not hostile people's own: honest people's rows, and everything of the desk."""
        database, keys = self.shell.database, {self.shell.vault.key(ChatId(each)) for each in self.known.honest}
        codes = set(self.known.codes)
        own = {
            "chats": [dict(row) for row in kept(database, chats) if bytes(row["key"]) in keys],
            **{
                table.name: [dict(row) for row in kept(database, table) if row["code"] in codes]
                for table in (referrals, cards, bridges)
            },
        }
        desk = {table.name: [dict(row) for row in kept(database, table)] for table in DESK}
        return own | desk

    def _sees(self, batch: Batch) -> None:
        """What follows reaches only those who acted, and strangers learn nothing of a desk."""
        views = self.shell.views
        for showing in batch.showings:
            data = _buttons(views, showing.session)
            if self.hostile.is_hostile(showing.chat):
                self.hostile.live[showing.chat] = data
            views.toast(showing)
        for reply in batch.replies:
            assert reply.chat not in self.known.honest, "an outsider made the bot write to somebody else"
            lines = {line.key for block in reply.screen.blocks for line in block if isinstance(line, Say)}
            assert lines <= TOLD_TO_STRANGERS
            views.reply(reply)
        for toast in batch.toasts:
            assert toast.said in TOASTS_TO_STRANGERS
        for notice in batch.notices:
            assert notice.key == "group.id"
            views.notice(notice)
        assert not batch.happenings
        self.said.update(type(each).__name__ for each in (*batch.showings, *batch.replies, *batch.toasts))


async def besieged(shell: Shell, seed: int) -> Siege:
    """People at every stage of a screening, a desk that has claimed, somebody removed from it, and their enemies."""
    desk = DeskWorld(shell)
    first, _, gone = await desk.desk("One", "Two", "Gone")
    await gone.orders("open")
    lead = await desk.lead()
    people = [shell.person() for _ in STAGES]
    sent = [_raw(update) for person, stage in zip(people, STAGES, strict=True) for update in await _walk(person, stage)]
    codes = [person.session.code for person in people[-2:]]
    await first.acts("claim", codes[0])
    await gone.acts("claim", codes[1])
    await lead.orders("remove")
    [press] = [each for each in lead.buttons() if each.endswith(shell.vault.key(gone.id).hex())]
    await lead.presses(*press.split("."))
    await lead.orders("invite")
    known = Known(
        honest=[*(int(each.chat) for each in people), int(lead.id)],
        buttons=[button for each in people for button in _buttons(shell.views, each.session)],
        codes=codes,
        desk_buttons=[await _card_button(shell, code, verb) for code in codes for verb in ("claim", "contact", "undo")],
        desk_group=int(GROUP),
        removed=int(gone.id),
        sent=sent,
    )
    return Siege(shell, Hostile(seed, known), known)


async def _walk(person: Person, taps: int) -> list[Incoming]:
    """Goes so far, and asks for help there. Returns what they sent, as it came."""
    sent = [person.incoming(Ordered("start"))]
    await person.handles(sent[0])
    for option in WHOLE_WAY[:taps]:
        sent.append(person.incoming(person.tap(option)))
        await person.handles(sent[-1])
    sent.append(person.incoming(Said("help")))
    await person.handles(sent[-1])
    return sent


def _raw(update: Incoming) -> Update:
    """An honest person's update as it came."""
    who = int(update.chat)
    match update.act:
        case Press(callback=callback, nonce=nonce, turn=turn, index=index, on=on):
            body = tap(who, private(who), f"{nonce}.{turn}.{index}", callback, on)
        case Ordered(command=command):
            body = {"message": message(who, private(who), text=f"/{command}")}
        case act:
            body = {"message": message(who, private(who), text=act.text if isinstance(act, Said) else None)}
    return {"update_id": update.update, **body}


def _buttons(views: Views, session: Session) -> list[str]:
    return [button.data for row in views.screen(session).rows for button in row if button.data]


async def _card_button(shell: Shell, code: str, verb: str) -> str:
    async with shell.store.begin() as transaction:
        referral = await transaction.referrals.of(code)
    assert referral is not None
    return f"d.{verb}.{code.replace('-', '')}.{referral.wanted}"
