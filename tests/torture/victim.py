"""The real program, with traps at its await points, told by its environment: `python -m tests.torture.victim`.

It is what `screener run` runs; only where it is about to wait, it may be made to die or to stand still, and some of
its patiences and pauses are shorter, so that a campaign does not last for hours.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

from bot import bridges, reminders, retention
from bot.__main__ import cli
from bot.bridges import Bridges
from bot.cards import Cards
from bot.delivery import Delivery
from bot.desk import chasing
from bot.desk.chasing import Chasing
from bot.doors import Doors
from bot.handover import Handover
from bot.letters import Outbox
from bot.remarks import Remarks
from bot.reminders import Reminders
from bot.retention import Retention
from bot.service import Service
from bot.store import Presence, Store, Transaction
from bot.telegram import Api, Poller, request
from bot.telegram.webhook import Webhook
from tests.torture import words
from tests.torture.mutants import MUTANTS
from tests.torture.points import HOW, MUTANT, NTH, TELLS, TRAP, Trap, at_work

FULL = "TORTURE_FULL"  # where there is such a file, the database may not grow
MOST_PAGES = 1_073_741_823
TIMEOUT = 3.0  # seconds instead of twenty
OFTEN = timedelta(seconds=4)  # instead of minutes, so that a life comes by what is done now and then
DIES_WITH_PARENT = 1
SOON = 0.01  # seconds between two looks at who has ended

# What the program reads as it starts: here only once.
READ_ONCE = (
    *("bot.application", "bot.keys", "bot.logs", "bot.migrations", "alembic.command", "aiosqlite", "psycopg", "uvloop"),
    "bot.web",
    *("sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.dialects.postgresql.psycopg", "babel.units"),
)

WORK: tuple[tuple[type[Any], str, str], ...] = (
    (Service, "handle", "handle"),
    (Delivery, "_shown_in", "show"),
    (Delivery, "_write_down", "record"),
    (Cards, "_brought_up_to_date", "cards"),
    (Remarks, "answer", "remark"),
    (Handover, "take_over", "take over"),
    (Handover, "_look_again", "settle"),
    (Retention, "sweep", "retention"),
    (Reminders, "sweep", "reminders"),
    (Outbox, "_begin", "letters"),
    (Outbox, "_serve", "letters"),
    (Chasing, "chase", "chase"),
    (Bridges, "sweep", "bridges"),
    (Doors, "look", "doors"),
)


def prepared(trap: Trap) -> None:
    """Set the trap: from now on the program comes by all the points."""
    for owner, name, what in WORK:
        setattr(owner, name, at_work(what, getattr(owner, name)))
    _transactions(trap)
    _calls(trap)
    _moments(trap)
    request.TIMEOUT = TIMEOUT
    for each in (bridges, chasing, reminders, retention):
        each.EVERY = OFTEN  # type: ignore[attr-defined]


def _transactions(trap: Trap) -> None:
    begin = Store.begin

    @asynccontextmanager
    async def trapped(store: Store) -> AsyncIterator[Transaction]:
        async with begin(store) as transaction:
            if not store.presence.shared and FULL in os.environ:
                pages = 1 if os.access(os.environ[FULL], os.F_OK) else MOST_PAGES
                await transaction._connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            yield transaction
            trap.step("before commit")
        trap.step("after commit")

    Store.begin = trapped  # type: ignore[method-assign, assignment]


def _calls(trap: Trap) -> None:
    for name in {"_call", "_upload"} & vars(Api).keys():
        setattr(Api, name, _called(trap, getattr(Api, name)))


def _called(trap: Trap, call: Any) -> Any:
    async def trapped(api: Api, method: str, *given: Any, **more: Any) -> Any:
        trap.step(f"before {method}")
        done = await call(api, method, *given, **more)
        trap.step(f"after {method}")
        return done

    return trapped


def _moments(trap: Trap) -> None:
    for owner, name, before, after in (
        (Poller, "_handled", "poll: fetched", "poll: before the next is asked for"),
        (Store, "prepare", "start: before the tables", "start: prepared"),
        (Store, "scrub", "scrub: before", "scrub: after"),
        (Presence, "beat", "presence: before the beat", ""),
        (Presence, "elect", "presence: before the vote", ""),
        (Webhook, "_handled", "brought: taken", "brought: before they are acknowledged"),
    ):
        setattr(owner, name, _between(trap, getattr(owner, name), before, after))


def _between(trap: Trap, work: Any, before: str, after: str) -> Any:
    async def trapped(*given: Any, **more: Any) -> Any:
        trap.comes_by(before)
        done = await work(*given, **more)
        trap.comes_by(after)
        return done

    return trapped


def main() -> None:
    """Serve as a nursery: bear one process for each line that is read, and say how each of them ended.

    The program is read once, and not anew for each of hundreds of lives.
    """
    _dies_with_its_parent()
    for name in READ_ONCE:
        import_module(name)
    words.made()
    orders = ""
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], SOON)
        if readable:
            if not (said := os.read(sys.stdin.fileno(), 65536)):
                return
            *whole, orders = (orders + said.decode()).split("\n")
            for order in whole:
                _bear(json.loads(order))
        _bury()


def _bear(order: dict[str, Any]) -> None:
    if child := os.fork():
        print(json.dumps({"born": child}), flush=True)
        return
    _dies_with_its_parent()
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, of in enumerate((nothing, log, log)):
        os.dup2(of, number)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    os._exit(_lived())


def _lived() -> int:
    """The exit code of `screener run`, trapped."""
    given = os.environ
    tells = os.open(given[TELLS], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    trap = Trap(given.get(TRAP, ""), int(given.get(NTH, "1")), "stops" if given.get(HOW) == "stops" else "dies", tells)
    if mutant := given.get(MUTANT):
        MUTANTS[mutant]()
    try:
        prepared(trap)
        cli(["run"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _bury() -> None:
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not child:
            return
        print(json.dumps({"ended": child, "code": os.waitstatus_to_exitcode(status)}), flush=True)


def _dies_with_its_parent() -> None:
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    main()
