"""The other figures: a slow Bot API, a flooded chat, a large database, the start, and two workers."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.measuring import Measured, Setting, Void, measure, percentile
from tests.bench.processes import BOT_CORE, CORES, api, running
from tests.bench.rows import ECHO, FAST_ECHO, OURS, WEBHOOK, Row, Services, rows
from tests.bench.screener import environment
from tests.bench.stored import fill

KILO, MEGA = 1_000, 1_000_000
SLOW = 0.04
STARTS_WITHIN = 60.0
WAVES = 8.0  # seconds in which 1,000 people are answered more than once


@dataclass(frozen=True)
class Plan:
    """How thorough this run is."""

    rounds: int
    seconds: float
    starts: int
    stored: tuple[int, int] = (KILO, MEGA)
    flooded_seconds: float = 20.0


@dataclass(frozen=True)
class Figure:
    """One line of the second table: what was found, what must be reached, and whether it is."""

    name: str
    found: str
    wanted: str = ""
    reached: bool | None = None


def figures(services: Services, folder: Path, plan: Plan) -> Iterator[Figure]:
    """Every other figure, one after the other. One that cannot be measured says why."""
    named = {row.name: row for row in rows(services)}
    parts: Sequence[tuple[str, Callable[[], Iterator[Figure]]]] = (
        ("slow Bot API", lambda: _latencies(named, services, folder, plan)),
        ("flooded chat", lambda: _flood(named[OURS], services, folder, plan)),
        ("stored sessions", lambda: _stored(named[OURS], services, folder, plan)),
        ("start", lambda: _starts(folder, plan)),
        ("two workers", lambda: _workers(named[WEBHOOK], services, folder, plan)),
    )
    for name, part in parts:
        try:
            yield from part()
        except (Void, TimeoutError) as error:
            yield Figure(name, f"not measured: {error}")


def _latencies(named: dict[str, Row], services: Services, folder: Path, plan: Plan) -> Iterator[Figure]:
    slow = Setting(latency=SLOW, seconds=plan.seconds)
    pairs = []
    for number in range(plan.rounds):
        ours = measure(named[OURS], services, folder / f"slow-{number}", slow)
        theirs = measure(named[ECHO], services, folder / f"slow-echo-{number}", replace(slow, chats=20))
        pairs.append((ours.rate, theirs.rate))
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    found = f"{ratio:.0f} × ({ours:.0f}/s against {theirs:.1f}/s)"
    yield Figure("steps/s over PTB echo when each call takes 40 ms, 200 chats", found, "50 ×", ratio >= 50)
    for latency in (0.1, 1.0):
        setting = Setting(chats=1000, latency=latency, seconds=max(plan.seconds, WAVES), warm_up=2 * latency)
        for name in (OURS, FAST_ECHO):
            if name == FAST_ECHO:
                setting = replace(setting, chats=20)  # one after the other: more chats only wait longer
            found_here = measure(named[name], services, folder / f"latency-{latency}-{name[:3]}", setting)
            middle, late = found_here.percentile(0.5), found_here.percentile(0.99)
            text = f"{found_here.rate:.3g}/s, p50 {middle:.2f} s, p99 {late:.2f} s"
            yield Figure(f"{name}: each call takes {latency:g} s, {setting.chats} chats", text)


def _flood(row: Row, services: Services, folder: Path, plan: Plan) -> Iterator[Figure]:
    calm = Setting(chats=200, think=1.0, seconds=plan.flooded_seconds)
    waits: dict[int, list[float]] = {0: [], 1: []}
    rounds = max(2, plan.rounds // 2)
    for number in range(rounds):
        for flooded in (0, 1) if number % 2 else (1, 0):
            setting = replace(calm, flooded=flooded)
            waits[flooded] += measure(row, services, folder / f"flood-{flooded}-{number}", setting).waits
    without, flooded_p99 = (percentile(tuple(sorted(waits[each])), 0.99) * 1000 for each in (0, 1))
    ratio = flooded_p99 / without
    found = f"{ratio:.2f} × ({flooded_p99:.1f} ms against {without:.1f} ms, {rounds} × {plan.flooded_seconds:g} s each)"
    yield Figure("p99 of the others while one chat is answered 429, over without", found, "≤ 1.1 ×", ratio <= 1.1)


def _stored(row: Row, services: Services, folder: Path, plan: Plan) -> Iterator[Figure]:
    few, many = plan.stored
    found: dict[int, list[Measured]] = {few: [], many: []}
    sizes: dict[int, float] = {}
    for size in plan.stored:
        sizes[size] = fill(folder / f"stored-{size}", size)
    for number in range(plan.rounds):
        for size in plan.stored if number % 2 else reversed(plan.stored):
            place = folder / f"stored-{size}-{number}"
            shutil.copytree(folder / f"stored-{size}", place)
            found[size].append(measure(row, services, place, Setting(seconds=plan.seconds)))
            shutil.rmtree(place)
    yield from _compared(found[few], found[many], f"{many:,} stored sessions over {few:,}")
    grown = statistics.median(each.memory for each in found[many]) - statistics.median(
        each.memory for each in found[few]
    )
    yield Figure("growth of resident memory between them", f"{grown / 1e6:.1f} MB", "≤ 20 MB", grown <= 20e6)
    each = sizes[many]
    yield Figure("bytes in the database per open session", f"{each:.0f}", "≤ 700", each <= 700)


def _compared(few: Sequence[Measured], many: Sequence[Measured], what: str) -> Iterator[Figure]:
    def median(runs: Sequence[Measured], of: Callable[[Measured], float]) -> float:
        return statistics.median(of(run) for run in runs)

    def p50(run: Measured) -> float:
        return run.percentile(0.5)

    def cpu(run: Measured) -> float:
        return run.cpu_per_step

    for name, of, unit, scale in (("processor time", cpu, "µs", 1e6), ("p50", p50, "ms", 1e3)):
        before, after = median(few, of) * scale, median(many, of) * scale
        text = f"{after / before:.2f} × ({after:.0f} {unit} against {before:.0f} {unit})"
        yield Figure(f"{name} per step, {what}", text, "≤ 1.25 ×", after / before <= 1.25)
    pooled = [tuple(sorted(wait for run in runs for wait in run.waits)) for runs in (few, many)]
    before, after = (percentile(waits, 0.99) * 1e3 for waits in pooled)
    text = f"{after / before:.2f} × ({after:.0f} ms against {before:.0f} ms)"
    yield Figure(f"p99 over pooled rounds, {what}", text, "≤ 1.5 ×", after / before <= 1.5)


def _starts(folder: Path, plan: Plan) -> Iterator[Figure]:
    place = folder / "starts"
    place.mkdir(mode=0o700)
    for kind in ("a new database", "an existing database"):
        taken = []
        for number in range(plan.starts):
            data = place / ("same" if kind.startswith("an") else str(number))
            data.mkdir(mode=0o700, exist_ok=True)
            taken.append(_start(data, place / "log"))
        middle = statistics.median(taken[1:] if kind.startswith("an") and len(taken) > 1 else taken)
        text = f"{middle:.2f} s (median of {len(taken)}, {min(taken):.2f} to {max(taken):.2f})"
        yield Figure(f"start to first poll, {kind}", text, "≤ 1.5 s", middle <= 1.5)


def _start(data: Path, log: Path) -> float:
    """Seconds from starting the process until it first asks for updates."""
    with api(log, chats=1, lifetime=STARTS_WITHIN) as server:
        began = time.time()
        with running(Row(OURS, "").command(), [BOT_CORE], log, environment(data, server.url)):
            return server.polled(STARTS_WITHIN) - began


def _workers(one: Row, services: Services, folder: Path, plan: Plan) -> Iterator[Figure]:
    """All share this computer's cores with everything else, so two can make at most what the computer has left."""
    name, rates = "steps/s of two workers over one, PostgreSQL, webhook", []
    if one.missing:
        yield Figure(name, f"not measured: {one.missing}")
        return
    for number in range(plan.rounds):
        pair = [
            measure(replace(one, workers=each), services, folder / f"{each}-workers-{number}", Setting(), CORES).rate
            for each in (1, 2)
        ]
        rates.append(pair)
    ratio = statistics.median(two / alone for alone, two in rates)
    alone, two = (statistics.median(column) for column in zip(*rates, strict=True))
    text = f"{ratio:.2f} × ({two:.0f}/s against {alone:.0f}/s, on {len(CORES)} cores shared with server and database)"
    yield Figure(name, text)
