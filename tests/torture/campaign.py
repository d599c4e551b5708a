"""One campaign: a storm in which everything fails and people go on, then a calm in which everything must be right."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from starlette.types import ASGIApp

import bot.demo.server
from bot.demo.app import create_app
from bot.demo.chats import Telegram
from bot.demo.faults import Faults
from bot.demo.lines import Lines
from bot.demo.run import environment
from bot.demo.standin import StandIn
from tests.torture import courier, words
from tests.torture.checks import Findings, check
from tests.torture.courier import Courier
from tests.torture.crowd import Crowd
from tests.torture.databases import Database, database
from tests.torture.host import Host
from tests.torture.nursery import Nursery
from tests.torture.participant import Habits
from tests.torture.plan import LEASE, Form, Trouble, fingerprint, lives, troubles
from tests.torture.weather import Climate, Weather
from tests.torture.windows import Windows

TICK = 0.02
LAST = 8.0  # seconds in which nothing is killed any more, and everything else goes on
CALM = 240.0  # seconds in which everything must have settled; a letter's lease is three minutes
FIRST_POLL = 60.0


@dataclass(frozen=True)
class Order:
    """What a campaign is to do. Until it is `complete`, more people come than were asked for.

    Where so many `results` must have been sent, the storm may last four times its `minutes` for them.
    """

    seed: int = 1
    conversations: int = 500
    form: Form = field(default_factory=Form)
    minutes: float = 30.0
    complete: bool = False
    results: int = 0
    mutant: str = ""
    climate: Climate = field(default_factory=Climate)
    habits: Habits = field(default_factory=Habits)
    at_once: int = 40
    calm: float = CALM
    last: float = LAST
    keep: Path | None = None

    @property
    def plan(self) -> str:
        """The name of the plan of faults."""
        return fingerprint(self.seed, self.form)


@dataclass
class Campaign:
    """A Telegram in bad weather, a database, hosts, and a crowd."""

    order: Order
    standin: StandIn
    weather: Weather
    database: Database
    windows: Windows
    hosts: list[Host]
    crowd: Crowd
    courier: Courier | None = None
    began: float = field(default_factory=time.monotonic)
    troubled: list[tuple[float, float, str]] = field(default_factory=list)
    stormed: float = 0.0
    settled_after: float | None = None
    _plan: Iterator[Trouble] = field(init=False)
    _next: Trouble = field(init=False)
    _at: float = 0.0
    _going_on: bool = False

    def __post_init__(self) -> None:
        self._plan = troubles(self.order.seed, self.order.form.postgres)
        self._next = next(self._plan)
        self._at = self.began + FIRST_POLL / 10 + self._next.wait

    def run(self) -> Findings:
        """Storm, calm, check."""
        self._storm()
        self._calm()
        return check(self)

    @property
    def missed(self) -> list[str]:
        """The points at which nothing has died yet."""
        return [each for each in self.order.form.points if not any(each in host.struck for host in self.hosts)]

    def _storm(self) -> None:
        self.weather.storms = True
        while self._lasts() and not (self.crowd.begun_all and not self.crowd.active):
            self.crowd.endless = self.order.complete and bool(self.missed)
            self._tick()
            self._trouble(time.monotonic())
        for host in self.hosts:
            host.lets_live(time.monotonic())
        last = None
        while last is None or time.monotonic() < last + self.order.last:
            self._tick()
            if last is None and all(host.unharmed for host in self.hosts) and not self._going_on:
                last = time.monotonic()
            elif self._going_on:
                self._trouble(time.monotonic())
        self.stormed = time.monotonic() - self.began

    def _lasts(self) -> bool:
        """Whether the storm has time left."""
        minutes = (time.monotonic() - self.began) / 60
        sent = sum(len(person.belief.sent) for person in self.crowd.people)
        return minutes < self.order.minutes * (1 if sent >= self.order.results else 4)

    def _calm(self) -> None:
        """Nothing goes wrong any more, and whoever rested goes on: they must all arrive."""
        began = time.monotonic()
        self.crowd.number, self.crowd.endless = len(self.crowd.people), False
        self.standin.server.do(self.weather.calm)
        self.standin.server.do(self.crowd.calms)
        while (now := time.monotonic()) < began + self.order.calm:
            self._tick()
            if self.standin.server.do(lambda: self.crowd.settled) and self._quiet():
                self.settled_after = now - began
                return

    def _quiet(self) -> bool:
        """Whether nothing is left to send or to write down."""
        if self.standin.server.do(lambda: self.standin.telegram.queue.ready):
            return False
        if self.courier is not None and self.courier.busy:
            return False
        counted = (f"select count(*) from {table} where shown < wanted" for table in ("chats", "referrals"))
        left = [self.database.rows(each)[0][0] for each in counted]
        return not any(left) and not any(
            self.database.rows(f"select count(*) from {each}")[0][0] for each in ("letters",)
        )

    def _tick(self) -> None:
        now = time.monotonic()
        for host in self.hosts:
            host.tick(now)
        self.windows.look()
        self.crowd.comes()
        self.standin.server.do(lambda: self.crowd.tick(now))
        time.sleep(TICK)

    def _trouble(self, now: float) -> None:
        """Begin or end what happens to the database."""
        if now < self._at:
            return
        if self._going_on:
            self.database.ends(self._next.kind)
            began, _, kind = self.troubled[-1]
            over = time.monotonic()  # a server takes its time to come back
            self.troubled[-1] = (began, over, kind)
            self._next = next(self._plan)
            self._at = over + self._next.wait
        else:
            self.database.begins(self._next.kind)
            self.weather.counts[self._next.kind] += 1
            self.troubled.append((now, now + self._next.seconds, self._next.kind))
            self._at = now + self._next.seconds
        self._going_on = not self._going_on


@contextmanager
def campaign(order: Order) -> Iterator[Campaign]:
    """Everything ready to begin; nothing of it is left when the block ends."""
    weather = Weather(order.seed, order.climate)

    def in_weather(telegram: Telegram, faults: Faults, lines: Lines) -> ASGIApp:
        return weather.around(create_app(telegram, faults, lines), lines)

    with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        with (
            database(directory, order.form.postgres) as kept,
            patch.object(bot.demo.server, "create_app", in_weather),
            Nursery(directory) as nursery,
            StandIn() as standin,
        ):
            given = environment(standin, directory / "data") | kept.settings
            given |= {"SCREENER_LEASE_SECONDS": str(LEASE), "SCREENER_LOG": "json"}
            troubled: list[tuple[float, float, str]] = []
            windows = Windows(weather, kept, lambda: [(began, ended) for began, ended, _ in troubled])
            bringing = Courier(standin.telegram, weather, order.seed, _free_ports(order.form.workers))
            struck: set[str] = set()
            hosts = []
            for number, port in enumerate(bringing.ports):
                own = given | (_brought(port) if order.form.webhook else {})
                plan = lives(order.seed, number, order.form, struck)
                hosts.append(Host(number, directory, own, plan, nursery, order.mutant, windows.loses, struck))
            words.made()
            crowd = Crowd(standin, order.seed, order.conversations, order.habits, order.at_once)
            tasks: list[asyncio.Future[None]] = []
            try:
                running = Campaign(order, standin, weather, kept, windows, hosts, crowd, troubled=troubled)
                if order.form.webhook:
                    running.courier = bringing
                    standin.server.do(lambda: tasks.append(asyncio.ensure_future(bringing.run())))
                yield running
            finally:
                standin.server.do(lambda: [each.cancel() for each in tasks])
                for host in hosts:
                    host.kill(time.monotonic())
                    if order.keep is not None and host.log.exists():
                        shutil.copy(host.log, order.keep)


def _brought(port: int) -> dict[str, str]:
    """The settings of a process to which updates are brought, at this port."""
    names = {"WEBHOOK_URL": courier.ADDRESS, "WEBHOOK_SECRET": courier.SECRET, "LISTEN": f"127.0.0.1:{port}"}
    return {f"SCREENER_{name}": value for name, value in names.items()}


def _free_ports(number: int) -> list[int]:
    """So many ports at which nothing listens."""
    open_ = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(each.getsockname()[1]) for each in open_]
    for each in open_:
        each.close()
    return ports


def raises_on_signals() -> None:
    """Let SIGTERM end a campaign as an error does, so that everything it started is ended too."""

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # once: what is being ended now must be ended whole
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
