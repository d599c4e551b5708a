"""What the benchmark found, as a table to read and a picture to look at; ratios first."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.measuring import Measured
from tests.bench.rows import ECHO, FAST_ECHO, OURS, PICKLE, REDIS, Row

# What the screener must reach in steps/s, over whom.
WANTED: Mapping[str, float] = {ECHO: 3.1, PICKLE: 5.0, REDIS: 2.5, FAST_ECHO: 0.85}


@dataclass
class Found:
    """All rounds of all rows, in the order they are shown; `missing` says why one could not be measured."""

    rows: Sequence[Row]
    rounds: list[dict[str, Measured]] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def of(self, row: str) -> list[Measured]:
        """What every round found about this row."""
        return [each[row] for each in self.rounds if row in each]

    def ratio(self, row: str, of: Callable[[Measured], float] = lambda run: run.rate) -> float | None:
        """How many times as many steps the screener made as this row: the median over rounds, each within itself."""
        each = [of(round_[OURS]) / of(round_[row]) for round_ in self.rounds if row in round_ and OURS in round_]
        return statistics.median(each) if each else None


def median(runs: Sequence[Measured], of: str, *given: float) -> float:
    """The median of one thing that was measured."""
    values = [getattr(run, of)(*given) if given else getattr(run, of) for run in runs]
    return float(statistics.median(values))


def written(found: Found, when: str, machine: str, command: str) -> str:
    """The whole result in Markdown."""
    parts = [f"{when}, {machine}, `{command}`.", "\n".join(_goals(found)), "\n".join(_table(found))]
    if found.figures:
        parts.append("\n".join(_figures(found.figures)))
    return "\n\n".join(parts) + "\n"


def _goals(found: Found) -> list[str]:
    lines = [
        "| steps/s of the screener (SQLite, polling) over | ratio | wanted | | in steps per second of CPU |",
        "|---|---|---|---|---|",
    ]
    for name, wanted in WANTED.items():
        ratio = found.ratio(name)
        if ratio is None:
            lines.append(f"| {name} | not measured: {found.missing.get(name, 'no round was whole')} | {wanted} × | | |")
        else:
            by_cpu = found.ratio(name, lambda run: 1 / max(run.cpu_per_step, 1e-9))
            lines.append(f"| {name} | {ratio:.2f} × | {wanted} × | {_mark(ratio >= wanted)} | {by_cpu:.2f} × |")
    return lines


def _table(found: Found) -> list[str]:
    lines = [
        "| row | screener is | steps/s (lowest to highest) | p50 ms | p99 ms | CPU µs per step | survives a kill |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found.rows:
        runs = found.of(row.name)
        if not runs:
            lines.append(f"| {row.name} | | not measured: {found.missing.get(row.name, 'no run was whole')} | | | | |")
            continue
        ratio = found.ratio(row.name)
        rates = [run.rate for run in runs]
        stalled = max(run.stalled for run in runs)
        kept = row.kept + (f"; {stalled} people waited for more than 5 s" if stalled else "")
        lines.append(
            f"| {row.name} | {'' if ratio is None or row.name == OURS else f'{ratio:.2f} ×'} "
            f"| {median(runs, 'rate'):.0f} ({min(rates):.0f} to {max(rates):.0f}) "
            f"| {median(runs, 'percentile', 0.5) * 1e3:.0f} | {median(runs, 'percentile', 0.99) * 1e3:.0f} "
            f"| {median(runs, 'cpu_per_step') * 1e6:.0f} | {kept} |"
        )
    return lines


def _figures(figures: Sequence[Figure]) -> list[str]:
    lines = ["| figure | found | wanted | |", "|---|---|---|---|"]
    return lines + [f"| {each.name} | {each.found} | {each.wanted} | {_mark(each.reached)} |" for each in figures]


def _mark(reached: bool | None) -> str:
    return "" if reached is None else "reached" if reached else "**missed**"


def drawn(found: Found, path: Path) -> None:
    """A bar for each row, with its lowest and highest round, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    shown = [row for row in found.rows if found.of(row.name)]
    rates = [[run.rate for run in found.of(row.name)] for row in shown]
    middles = [statistics.median(each) for each in rates]
    spread = [
        [middle - min(each) for middle, each in zip(middles, rates, strict=True)],
        [max(each) - middle for middle, each in zip(middles, rates, strict=True)],
    ]
    figure, axes = pyplot.subplots(figsize=(9, 0.42 * len(shown) + 1.2))
    axes.barh(
        [row.name for row in shown],
        middles,
        xerr=spread,
        color=["#1f6f8b" if row.ours else "#b8b8b8" for row in shown],
        error_kw={"ecolor": "#444444", "elinewidth": 1},
    )
    axes.invert_yaxis()
    axes.set_xlabel("answered presses a second: median, lowest and highest of all rounds")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, bbox_inches="tight")
    pyplot.close(figure)
