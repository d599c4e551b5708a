"""The life of a referral at the desk: new, claimed, contacted, closed. Pure: who may do what next, and what follows.

The card shows exactly this, so whatever two coordinators do at once, what all of them see is what is kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, assert_never

from dialogs.study import Frozen

LifeState = Literal["new", "claimed", "contacted", "closed"]
Reason = Literal["enrolled", "screen_failure", "declined", "unreachable", "withdrawn", "duplicate"]
Menu = Literal["close", "criterion"]

UNDOABLE = timedelta(minutes=1)
REASONS: tuple[Reason, ...] = ("enrolled", "screen_failure", "declined", "unreachable", "withdrawn", "duplicate")


class Life(Frozen):
    """Where a referral is at the desk. `claimer` is whoever has it, by a name only the shell can read.

    `taken` once anybody has had it. The last change was made by `by` at `changed`; `before` is the life before it,
    while it can be undone. `menu` is what is being chosen on the card.
    """

    state: LifeState = "new"
    claimer: str | None = None
    taken: bool = False
    reason: Reason | None = None
    criterion: str | None = None
    changed: datetime | None = None
    by: str | None = None
    before: Life | None = None
    menu: Menu | None = None


class Claim(Frozen):
    """I take this one."""


class Release(Frozen):
    """I give it back: somebody else should take it."""


class Contact(Frozen):
    """The team and the person have spoken."""


class Close(Frozen):
    """It is over: why, and with `screen_failure` the criterion that proved different."""

    reason: Reason
    criterion: str | None = None


class Undo(Frozen):
    """Take back the last change."""


class Choose(Frozen):
    """Show what can be chosen on the card, or None to go back to it."""

    menu: Menu | None


Move = Claim | Release | Contact | Close | Undo | Choose


class Refused(Frozen):
    """Why a move is not made: `taken` and `not_yours` name who has the referral, by their claimer."""

    why: Literal["taken", "not_yours", "closed", "too_late", "not_now"]
    claimer: str | None = None


def moved(life: Life, move: Move, by: str, lead: bool, now: datetime) -> Life | Refused:
    """The life after this move by this member of the desk, or why it is not made."""
    match move:
        case Undo():
            return _undone(life, by, lead, now)
        case _ if life.state == "closed":
            return Refused(why="closed")
        case Choose(menu=menu):
            return life.model_copy(update={"menu": menu})
        case Claim():
            return _claimed(life, by, now)
        case Release():
            return _released(life, by, lead, now)
        case Contact():
            return _changed(life, by, now, state="contacted", claimer=by if life.state == "new" else life.claimer)
        case Close(reason=reason, criterion=criterion):
            return _closed(life, by, now, reason, criterion)
        case _:
            assert_never(move)


def named(life: Life) -> str | None:
    """Whom the card names: whoever closed it, or else whoever has it."""
    return life.by if life.state == "closed" else life.claimer


def settled(life: Life, now: datetime) -> Life:
    """The life once its last change can no longer be undone."""
    if life.changed is None or now - life.changed < UNDOABLE:
        return life
    return life.model_copy(update={"before": None})


def _claimed(life: Life, by: str, now: datetime) -> Life | Refused:
    if life.state == "new":
        return _changed(life, by, now, state="claimed", claimer=by)
    if life.claimer == by:
        return Refused(why="not_now")
    return Refused(why="taken", claimer=life.claimer)


def _released(life: Life, by: str, lead: bool, now: datetime) -> Life | Refused:
    if life.state != "claimed":
        return Refused(why="not_now")
    if life.claimer != by and not lead:
        return Refused(why="not_yours", claimer=life.claimer)
    return _changed(life, by, now, state="new", claimer=None)


def _closed(life: Life, by: str, now: datetime, reason: Reason, criterion: str | None) -> Life | Refused:
    if (reason == "screen_failure") != (criterion is not None):
        return Refused(why="not_now")
    return _changed(life, by, now, state="closed", claimer=life.claimer or by, reason=reason, criterion=criterion)


def _undone(life: Life, by: str, lead: bool, now: datetime) -> Life | Refused:
    if life.before is None or life.changed is None or now - life.changed >= UNDOABLE:
        return Refused(why="too_late")
    if life.by != by and not lead:
        return Refused(why="not_yours", claimer=life.by)
    return life.before.model_copy(update={"menu": None, "before": None})


def _changed(life: Life, by: str, now: datetime, **fields: object) -> Life:
    before = life.model_copy(update={"before": None, "menu": None})
    values = {**dict(life), "menu": None, "before": before, "by": by, "changed": now, **fields}
    after = Life.model_validate(values)
    return after.model_copy(update={"taken": life.taken or after.state != "new"})
