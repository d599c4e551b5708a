"""What a person's update means on the screen they saw, and in which message it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.codes import read_code
from bot.desks import Desks
from bot.messages import Act, ChatKey, Incoming, MessageId, Ordered, Press, Said, Showed
from bot.outgoing import Showing, Where
from bot.records import Chat
from bot.texts import Renderer
from dialogs.conversation import heard, pressed
from dialogs.events import (
    Asked,
    Edited,
    Entered,
    Event,
    ForgetMe,
    Narrowed,
    Openings,
    Started,
    Stopped,
    Tapped,
    Unclear,
    Unreadable,
    Weighed,
    Withdrew,
)
from dialogs.machine import Plan
from dialogs.screens import screen
from dialogs.session import AFTER_SENDING, AGAIN, LANGUAGE, PLACE, Session

# After this long away the old message is far up: the screen is sent again at the bottom.
AWAY = timedelta(hours=1)
# After a night, or to a reminder, a typed yes may as well mean "yes, I go on": it brings the screen back and answers
# nothing. Once a result was sent, and before there is a question, there is nothing it could be mistaken for.
A_NIGHT = timedelta(hours=8)
ANSWERS = Tapped | Entered | Weighed | Narrowed | Edited | Unclear | Unreadable
UNMISTAKABLE = AFTER_SENDING | {LANGUAGE, PLACE}
ORDERS: Mapping[str, Event] = {
    "help": Asked(topic="help"),
    "language": Asked(topic="language"),
    "privacy": Asked(topic="privacy"),
    "mydata": Asked(topic="mydata"),
    "stop": Stopped(),
    "delete": ForgetMe(),
}


class Before(NamedTuple):
    """What is known before an update: the person's row, whether the update is new, whether they wait to be told."""

    row: Chat | None
    new: bool
    waits: bool


def meant(
    plan: Plan, openings: Openings, desks: Desks, renderer: Renderer, session: Session | None, act: Act
) -> Event | None:
    """What happened, in the engine's words; None for a tap on a screen that is gone."""
    if isinstance(act, Ordered) and act.command == "withdraw":
        return Withdrew(code=read_code(act.argument), given=bool(act.argument))
    if isinstance(act, Ordered) and act.command != "start":
        return ORDERS[act.command]
    if session is None and isinstance(act, Press) and act.nonce != AGAIN:
        return None
    if isinstance(act, Ordered) or session is None or (session.over and not isinstance(act, Press)):
        return Started(payload=act.argument if isinstance(act, Ordered) else "")
    shown = screen(plan, openings, session)
    match act:
        case Press(nonce=nonce, turn=turn, index=index):
            return pressed(shown, session, nonce, turn, index)
        case Said(text=text):
            locale = desks.locale(session.language, session.place)
            labels = renderer.labels(shown, locale)
            return heard(plan.study, shown, session, locale, text, labels)
        case Showed():
            return Unreadable()


def resumed(event: Event | None, act: Act, session: Session | None, now: datetime) -> Event | None:
    """What happened; where somebody comes back with words that could be an answer, a return to where they were."""
    if session is None or session.state in UNMISTAKABLE or isinstance(act, Press) or not isinstance(event, ANSWERS):
        return event
    reminded = session.note is not None and session.note.key == "reminder"
    return Started() if reminded or now - session.touched > A_NIGHT else event


def answered(incoming: Incoming, key: ChatKey, session: Session, where: Where, stale: bool) -> Showing:
    """The screen to show for this update, and the answer to its tap; `stale` when the tap meant nothing."""
    callback, toast = None, None
    if isinstance(incoming.act, Press):
        press = incoming.act
        callback = press.callback
        double = (press.nonce, press.turn) == (session.nonce, session.turn - 1)
        toast = "toast.old" if stale and not double else None
    return Showing(key, incoming.chat, session, where.live, where.litter, where.anew, callback, toast)


def where_to_show(incoming: Incoming, row: Chat | None, now: datetime) -> Where:
    """The message to show the screen in, and what to clear away.

    A tap is answered in place. Typed answers are cleared away, so the screen stays where it is; after a command or
    a long pause it would be far up, so it comes anew at the bottom.
    """
    live, litter = (row.message, row.litter) if row else (None, ())
    if isinstance(incoming.act, Press):
        pressed_on = incoming.act.on
        if live is None:
            return Where(pressed_on, litter)
        return Where(MessageId(live), litter if pressed_on in {None, live} else (*litter, int(pressed_on or 0)))
    starting = isinstance(incoming.act, Ordered) and incoming.act.command == "start"
    if incoming.message is not None and not starting:
        litter = (*litter, incoming.message)
    away = row is not None and now.timestamp() - row.touched > AWAY.total_seconds()
    if away or isinstance(incoming.act, Ordered):
        return Where(None, litter if live is None else (*litter, live), anew=True)
    return Where(None if live is None else MessageId(live), litter)
