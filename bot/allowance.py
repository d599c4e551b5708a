"""How much of one person's is handled: what comes faster than anybody can tap or type is left aside, unread.

It is acknowledged like anything else, so it does not come again, and costs one row in a batch with all the others.
Each process counts for itself. Nobody who waits is punished for it: what was not used is there later, up to a whole
burst.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.messages import AtDesk, ChatId, GroupAsked, Ignored, Incoming, Update

REMEMBERED = 10_000  # senders; one that was forgotten begins with a whole burst


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and then so many a second."""

    at_once: int
    per_second: float


# A whole screening is forty taps; nobody reads sixty screens a minute.
PERSON = Rate(40, 1.0)
# Anybody may ask for the id of a group, and each answer takes its turn among everybody's screens.
GROUP = Rate(5, 0.05)


class Allowance:
    """What each sender may still send."""

    def __init__(self, limited: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._limited = limited
        self._clock = clock
        self._left: OrderedDict[tuple[ChatId, ChatId], tuple[float, float]] = OrderedDict()
        self._admitted: OrderedDict[int, None] = OrderedDict()

    def admitted(self, update: Update) -> Update:
        """This update; where its sender has sent too much lately, one in its place that asks nothing of us.

        One that comes again, because it could not be kept, was paid for.
        """
        if update.update in self._admitted:
            return update
        match update:
            case Incoming(chat=chat):
                allowed = self._spent((chat, chat), PERSON)
            case AtDesk(chat=chat, person=person):  # by chat too: all administrators who hide have one id
                allowed = self._spent((chat, person.id), PERSON)
            case GroupAsked(chat=chat):
                allowed = self._spent((chat, chat), GROUP)
            case _:
                allowed = True
        if not allowed:
            return Ignored(update.update)
        self._admitted[update.update] = None
        if len(self._admitted) > REMEMBERED:
            self._admitted.popitem(last=False)
        return update

    def _spent(self, sender: tuple[ChatId, ChatId], rate: Rate) -> bool:
        """Whether there was one left to spend."""
        if not self._limited:
            return True
        now = self._clock()
        left, at = self._left.pop(sender, (float(rate.at_once), now))
        left = min(rate.at_once, left + (now - at) * rate.per_second)
        self._left[sender] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return left >= 1
