"""Several processes of the screener on one PostgreSQL, before one strict Telegram.

The fixture comes with `pytest_plugins = ["tests.postgres", "tests.site"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.demo.run import environment
from bot.demo.standin import StandIn
from bot.store.presence import PRESENT
from dialogs.session import ReferralCode
from dialogs.study import Language
from tests.person import MET, PATIENCE, Person, eventually
from tests.postgres import Postgres

LEASE = 2


class Site:
    """A Telegram, a PostgreSQL, and the processes that serve from it."""

    def __init__(self, directory: Path, database: str, **settings: str) -> None:
        self.directory, self.database = directory, database
        self.standin = StandIn(patience=PATIENCE)
        self.processes: list[subprocess.Popen[bytes]] = []
        self._settings = settings

    def sets(self, **settings: str) -> None:
        """Further settings of all processes that are started from now on."""
        self._settings |= settings

    def starts(self, *arguments: str) -> subprocess.Popen[bytes]:
        """One more process."""
        given = environment(self.standin, self.directory / "data")
        given["SCREENER_SECRET_KEY"] = "the same secret for all processes, and long enough"
        given |= {"SCREENER_DATABASE_URL": self.database, "SCREENER_LEASE_SECONDS": str(LEASE), **self._settings}
        with (self.directory / f"{len(self.processes)}.log").open("ab") as log:
            command = [sys.executable, "-m", "bot", "run", *arguments]
            process = subprocess.Popen(
                command, env=given, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def log(self, number: int) -> str:
        """What this process has said."""
        return (self.directory / f"{number}.log").read_text("utf-8", "replace")

    def says(self, number: int, words: str, times: int = 1) -> None:
        """Waits until this process says so."""
        eventually(lambda: self.log(number).count(words) >= times, f"{words} from process {number}: {self.log(number)}")

    def person(self, language: Language = "en", place: str = "montreal") -> Person:
        """Somebody new."""
        return Person(self.standin.participant(None, language), language, place)

    def handled_all(self) -> None:
        queue = self.standin.telegram.queue
        self.standin.server.until(lambda: not queue.ready or None, PATIENCE, lambda: "updates are not acknowledged")

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.database.replace("+psycopg", "")) as connection:
            return connection.execute(statement.encode()).fetchall()

    def present(self, number: int) -> None:
        """Waits until so many processes hold their lock."""
        locks = f"select pid from pg_locks where locktype = 'advisory' and classid = {PRESENT}"
        eventually(lambda: len(self.rows(locks)) == number, f"{number} processes to be present")

    def ends(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres) -> Iterator[Site]:
    site = Site(tmp_path, postgres.fresh())
    site.standin.server.start()
    try:
        yield site
    finally:
        site.ends()
        site.standin.server.stop()


def walks(person: Person, question: str, to: str) -> None:
    """Answers from this question up to that one."""
    for each in list(MET)[list(MET).index(question) : list(MET).index(to)]:
        person.answers(each, MET[each])
    person.at(to)


def sees_once(person: Person, state: str) -> None:
    person.at(state)
    eventually(lambda: len(person.phone.from_bot) == 1 or None, f"one message:\n{person.phone.shown()}")


def sent_once(site: Site, person: Person, code: ReferralCode) -> None:
    """The desk has exactly one card of this person, and the database exactly one referral."""
    site.standin.group(person.place).sees(code)
    eventually(lambda: site.rows("select 1 from referrals where shown < wanted") == [], "all cards to be written down")
    assert len([one for one in site.standin.group(person.place).from_bot if code in one.text]) == 1
    assert site.rows(f"select count(*) from referrals where code = '{code}'") == [(1,)]
