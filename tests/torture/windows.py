"""The one window in which a person may see something twice: sent, and the process gone before that was written down.

It is not guessed from the time: whenever a process is lost, the database is asked what had been written down by then.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import psycopg

from tests.torture.databases import Database
from tests.torture.weather import Weather

RECENT = 2_000  # messages
LONGEST = 15.0  # seconds in which even a busy computer must have written down what was sent
# Private chats and small groups share the bot's counter: a number names one message of all chats.
NOTED = "select message, litter from chats union all select message, litter from cards"


@dataclass
class Windows:
    """Which messages were not written down when a process was lost, and how long ago they had been sent."""

    weather: Weather
    database: Database
    hit: dict[int, float] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    _noted: set[int] = field(default_factory=set)
    _lost: list[float] = field(default_factory=list)

    def loses(self, at: float) -> None:
        """A process was lost now, or stands still."""
        self._lost.append(at)
        self.losses.append(at)
        self.look()

    def look(self) -> None:
        """Find out what was not written down; again later, where the database does not answer now."""
        if not self._lost:
            return
        try:
            rows = self.database.rows(NOTED)
        except (sqlite3.Error, psycopg.Error):
            return
        for message, litter in rows:
            self._noted |= {int(each) for each in (message, *litter.split()) if each is not None}
        for sent in self.weather.sent[-RECENT:]:
            if sent.message not in self._noted:
                ages = [at - sent.at for at in self._lost if -1 <= at - sent.at <= LONGEST]
                if ages:
                    self.hit.setdefault(sent.message, min(ages))
        self._lost.clear()
