"""The one window in which a person may see something twice: sent, and the process gone before that was written down.

It is not guessed from the time: whenever a process is lost, the database is asked what had been written down by then.
And the window is narrow: what was sent must be written down at once, unless something held that up.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg

from tests.torture.databases import Database
from tests.torture.weather import Weather

RECENT = 2_000  # messages
LONGEST = 60.0  # seconds after which nobody asks any more whether it was written down
# The program writes down at once what it has sent, after it has tried to clear away what lies about. On a computer
# that does much else that takes this long, and no longer.
PROMISED = 3.0
AFTER_A_FAILURE = 7.5  # seconds: it waits for six after it could not write down, and the database may come back late
EVERY = 0.3
# Private chats and small groups share the bot's counter: a number names one message of all chats.
NOTED = "select message, litter from chats union all select message, litter from cards"
Interval = tuple[float, float]


@dataclass
class Windows:
    """Which messages were not written down when a process was lost, and how long ago they had been sent.

    `outages` are when the database did not answer, `stills` when a process stood still: neither is the program's fault.
    """

    weather: Weather
    database: Database
    outages: Callable[[], list[Interval]]
    hit: dict[int, float] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    stills: list[Interval] = field(default_factory=list)
    _noted: set[int] = field(default_factory=set)
    _lost: list[float] = field(default_factory=list)
    _looked: float = 0.0

    def loses(self, at: float, still: float = 0.0) -> None:
        """A process was lost now, or stands still for so many seconds."""
        self._lost.append(at)
        self.losses.append(at)
        if still:
            self.stills.append((at, at + still))
        self.look()

    def look(self) -> None:
        """Find out what was not written down; again later, where the database does not answer now.

        It is also asked now and then while nothing is lost: what was written down is erased where somebody leaves.
        """
        now = time.monotonic()
        if not self._lost and now < self._looked + EVERY:
            return
        try:
            rows = self.database.rows(NOTED)
        except (sqlite3.Error, psycopg.Error):
            return
        self._looked = now
        for message, litter in rows:
            self._noted |= {int(each) for each in (message, *litter.split()) if each is not None}
        for sent in self.weather.sent[-RECENT:] if self._lost else ():
            if sent.message not in self._noted:
                ages = [at - sent.at for at in self._lost if -1 <= at - sent.at <= LONGEST]
                if ages:
                    self.hit.setdefault(sent.message, min(ages))
        self._lost.clear()

    def narrow(self, sent: float, age: float) -> bool:
        """Whether what was sent then, and not written down after so many seconds, was held up by what went wrong."""
        lost = sent + age
        held = sum(_shared((sent, lost), each) for each in self._held_up())
        return age - held <= PROMISED

    def _held_up(self) -> Iterator[Interval]:
        yield from ((began, ended + AFTER_A_FAILURE) for began, ended in self.outages())
        yield from self.stills
        yield from self.weather.silences


def _shared(one: Interval, other: Interval) -> float:
    """Seconds that lie in both."""
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
