"""`make bench`: measures everybody in turn, several rounds, and writes `artifacts/bench/`. Ends by itself."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import Plan, figures
from tests.bench.measuring import Measured, Setting, Void, measure
from tests.bench.processes import BOT_CORE, CORES, OTHER_CORE, postgres, redis
from tests.bench.rows import PEERS, Row, Services, rows
from tests.bench.screener import ROOT
from tests.bench.table import Found, drawn, written

OUT = ROOT / "artifacts" / "bench"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
WHOLE = Plan(rounds=5, seconds=4.0, starts=7, flooded_seconds=60.0)
QUICK = Plan(rounds=1, seconds=1.0, starts=1, stored=(1_000, 20_000), flooded_seconds=3.0)


def main() -> int:
    """Runs the benchmark. Returns the exit code: 0 also where a figure is missed, for that is a result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute: rows only, once")
    parser.add_argument("--rows", default="", help="only rows whose names hold one of these words, by comma")
    parser.add_argument("--rounds", type=int, default=0, help="how many rounds")
    parser.add_argument("--no-figures", action="store_true", help="the rows alone")
    parser.add_argument("--no-rows", action="store_true", help="the other figures alone")
    given = parser.parse_args()
    plan = QUICK if given.quick else WHOLE
    plan = replace(plan, rounds=given.rounds or plan.rounds)
    os.sched_setaffinity(0, {OTHER_CORE})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything started is stopped
    _peers()
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screener-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL, which does not run as root, has its own folder in it
        with redis(folder / "redis.log") as redis_url, postgres(folder / "postgres") as server:
            services = Services(redis_url, server)
            found = Found([row for row in rows(services) if _chosen(row, given.rows)])
            if not given.no_rows:
                _rounds(found, services, folder, plan.rounds, plan.seconds)
                _write(found)
            if not given.no_figures and not given.quick:
                for figure in figures(services, folder, plan):
                    _say(f"{figure.name}: {figure.found}")
                    found.figures.append(figure)
    _say("")
    _say(_write(found))
    _say(f"bot on core {BOT_CORE}, everything else on core {OTHER_CORE}; written to {OUT.relative_to(ROOT)}")
    return 0


def _chosen(row: Row, words: str) -> bool:
    return any(word in row.name for word in words.split(",")) if words else True


def _rounds(found: Found, services: Services, folder: Path, rounds: int, seconds: float) -> None:
    """Every row once in each round, each round in another order, so that no row has all the quiet moments."""
    found.missing |= {row.name: row.missing for row in found.rows if row.missing}
    there = [row for row in found.rows if not row.missing]
    for number in range(rounds):
        done: dict[str, Measured] = {}
        turn = number * len(there) // max(rounds, 1)
        for row in [*there[turn:], *there[:turn]]:
            try:
                place = folder / f"{number}-{found.rows.index(row)}"
                done[row.name] = measure(row, services, place, Setting(seconds=seconds))
            except Void as error:
                found.missing[row.name] = str(error)
                _say(str(error))
                continue
            _say(f"round {number + 1}/{rounds}  {done[row.name].rate:7.0f}/s  {row.name}")
        found.rounds.append(done)


def _peers() -> None:
    """An environment of their own for the peers, made once and again when what it needs has changed."""
    stamp = PEERS.parents[1] / ".installed"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS.parents[1])], check=True)
    install = [str(PEERS), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*install, "-r", str(REQUIREMENTS)], check=True)
    stamp.write_text(REQUIREMENTS.read_text())


def _write(found: Found) -> str:
    """Keep what was found so far, and return its table."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    machine = f"{len(CORES)} cores ({platform.machine()}), Python {platform.python_version()}, load afterwards {load}"
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    table = written(found, when, machine, " ".join(["python", "-m", "tests.bench", *sys.argv[1:]]))
    (OUT / "table.md").write_text(table, "utf-8")
    if found.rounds:
        drawn(found, OUT / "rows.svg")
    return table


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
