"""The rows of the benchmark: who is measured, how it is started, and what it keeps when it is killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import Postgres, free_port
from tests.bench.screener import ROOT, environment, screening, write_questions

PEERS = ROOT / ".bench-venv" / "bin" / "python"
OURS = "screener, SQLite, polling"
WEBHOOK = "screener, PostgreSQL, webhook"
ECHO = "PTB echo, default transport"
FAST_ECHO = "PTB echo, aiohttp + uvloop"
PICKLE = "PTB ConversationHandler + PicklePersistence"
REDIS = "aiogram 3 FSM, Redis"
NO_POSTGRES = "PostgreSQL is not installed here"
NO_REDIS = "Redis is not installed here"


@dataclass(frozen=True)
class Row:
    """One row. `missing` says why it cannot be measured here; `kept` what of the dialog outlives a SIGKILL."""

    name: str
    kept: str
    peer: tuple[str, ...] = ()
    database: str = ""
    webhook: bool = False
    missing: str = ""
    workers: int = 1

    @property
    def ours(self) -> bool:
        """Whether this is the screener itself."""
        return not self.peer

    def steps(self) -> dict[str, str]:
        """The presses of the crowd, as options of the stand-in."""
        if self.peer:
            return {"route": "0"}
        taps = list(screening())
        return {
            "route": ",".join(str(tap.button) for tap in taps),
            "widths": ",".join(str(tap.of) for tap in taps),
        }

    def command(self) -> tuple[str, ...]:
        """What starts it."""
        if self.peer:
            return (str(PEERS), "-m", *self.peer)
        return (sys.executable, "-m", "bot", "run", "--workers", str(self.workers))

    def environment(self, data: Path, api: str, services: Services) -> Mapping[str, str]:
        """What it is told."""
        if self.peer:
            questions = data / "questions.json"
            write_questions(questions)
            told = {"BENCH_API": api, "BENCH_DATA": str(data), "BENCH_QUESTIONS": str(questions)}
            return {**os.environ, **told, "BENCH_REDIS": services.redis or "", "PYTHONPATH": str(ROOT)}
        settings = {}
        if self.database == "postgresql" and services.postgres:
            settings["database_url"] = services.postgres.fresh()
        if self.webhook:
            address = f"127.0.0.1:{free_port()}"
            settings |= {"webhook_url": f"https://{address}/hook", "listen": address}
        return environment(data, api, **settings)


@dataclass(frozen=True)
class Services:
    """What some rows need beside themselves, where it is here."""

    redis: str | None = None
    postgres: Postgres | None = None


def rows(services: Services) -> list[Row]:
    """All rows, in the order of the table."""
    every, nothing = "every answer", "nothing"
    no_postgres = "" if services.postgres else NO_POSTGRES
    ptb, aiogram = "tests.bench.peers.ptb", "tests.bench.peers.aiogram3"
    return [
        Row(OURS, every, database="sqlite"),
        Row("screener, SQLite, webhook", every, database="sqlite", webhook=True),
        Row("screener, PostgreSQL, polling", every, database="postgresql", missing=no_postgres),
        Row(WEBHOOK, every, (), "postgresql", webhook=True, missing=no_postgres),
        Row(ECHO, "no dialog", (ptb, "echo")),
        Row(FAST_ECHO, "no dialog", (ptb, "echo", "--aiohttp")),
        Row(f"{FAST_ECHO}, side by side", "no dialog", (ptb, "echo", "--aiohttp", "--concurrent")),
        Row("PTB ConversationHandler", nothing, (ptb, "conversation")),
        Row(PICKLE, "what is older than a minute", (ptb, "pickle")),
        Row(f"{PICKLE}, written each time", "every answer but the last", (ptb, "pickled")),
        Row("aiogram 3 FSM, memory", nothing, (aiogram,)),
        Row(REDIS, "all, unless Redis dies too", (aiogram, "redis"), missing="" if services.redis else NO_REDIS),
        Row("the two HTTP calls alone, aiohttp + uvloop", "no dialog", ("tests.bench.peers.floor",)),
    ]
