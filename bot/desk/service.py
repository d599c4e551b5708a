"""What somebody at a desk did, and what follows: in the transaction of its update, nothing sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk.orders import Orders
from bot.desk.presses import Presses
from bot.desk.room import Room
from bot.desk.standing import Standing, standing
from bot.messages import AtDesk, DeskOrder, DeskPress, Incoming, Said
from bot.outgoing import Batch, Toast
from bot.store import Transaction
from dialogs.symbols import Say


@dataclass(frozen=True)
class DeskService:
    """Decides who may do what, and has it done."""

    room: Room

    async def sorted_out(
        self, transaction: Transaction, acts: Sequence[AtDesk]
    ) -> tuple[list[tuple[AtDesk, Standing]], list[Incoming]]:
        """Those who act for a desk, and those who only typed a word of ours in their own chat: a participant's."""
        ours: list[tuple[AtDesk, Standing]] = []
        theirs: list[Incoming] = []
        for act in acts:
            known = await standing(transaction.desk, self.room.vault, act)
            order = act.act if isinstance(act.act, DeskOrder) else None
            if order and act.private and not known.roles and order.command != "join":
                theirs.append(Incoming(act.update, act.chat, Said(order.text), act.message))
            else:
                ours.append((act, known))
        return ours, theirs

    async def handle(self, transaction: Transaction, act: AtDesk, known: Standing, now: datetime, batch: Batch) -> None:
        """Do what was asked, if this person may ask it."""
        match act.act:
            case DeskPress(callback=callback) if not known.roles:
                batch.toasts.append(Toast(callback, Say("desk.toast.stranger"), None))
            case DeskPress() as press:
                await Presses(self.room, transaction, act, known, now, batch).take(press)
            case DeskOrder(command=command) if known.roles or command == "join":
                await Orders(self.room, transaction, act, known, now, batch).take(command, act.act.argument)
            case DeskOrder():
                return  # a group that belongs to no desk hears nothing about them
