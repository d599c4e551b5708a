"""`python -m tests.torture --seed 1 --conversations 500`: one campaign, and what it did and found."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.torture.campaign import CALM, Campaign, Order, campaign, raises_on_signals
from tests.torture.checks import Findings
from tests.torture.databases import NoPostgresError
from tests.torture.mutants import MUTANTS
from tests.torture.plan import Form


def main() -> int:
    """Run it, print it; 1 where anything was found."""
    order = _order()
    raises_on_signals()
    try:
        with campaign(order) as running:
            found = running.run()
    except NoPostgresError:
        print("PostgreSQL is not installed here (on Debian: apt install postgresql)")
        return 2
    for line in told(running, found):
        print(line)
    return 1 if found.wrong else 0


def told(running: Campaign, found: Findings) -> Iterator[str]:
    """What a campaign did and found, line by line."""
    order, kills = running.order, _kills(running)
    form = order.form
    where, how = "PostgreSQL" if form.postgres else "SQLite", "brought" if form.webhook else "polled"
    yield f"seed {order.seed} (plan {order.plan}), {form.workers} process(es) on {where}, updates are {how}"
    settled = running.settled_after
    calmed = f"settled {settled:.0f} s after the calm" if settled is not None else "did NOT settle"
    yield f"stormed for {running.stormed:.0f} s, {calmed}"
    yield from _table("what people did", running.crowd.did())
    yield from _table(f"what went wrong with {sum(running.weather.calls.values())} calls", running.weather.counts)
    yield from _table(f"how {sum(kills.values())} processes were killed or stood still", kills)
    yield from ["", f"points at which nothing died: {', '.join(running.missed) or 'none'} (of {len(form.points)})"]
    yield from _table("what was counted", found.counted)
    yield from ["", f"found: {len(found.wrong)}"]
    yield from (f"FINDING (seed {order.seed}) {each}" for each in found.wrong)


def _kills(running: Campaign) -> Counter[str]:
    kills: Counter[str] = Counter()
    for host in running.hosts:
        kills += host.kills
    return kills


def _table(title: str, counted: Counter[str]) -> Iterator[str]:
    yield from ["", title]
    yield from (f"  {number:7}  {name}" for name, number in sorted(counted.items()))


def _order() -> Order:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--webhook", action="store_true", help="updates are brought, not polled")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--calm", type=float, default=CALM, help="seconds in which everything must have settled")
    parser.add_argument("--log", type=Path, help="keep the processes' logs in this folder")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="", help="a program that is broken on purpose")
    given = parser.parse_args()
    if given.workers > 1 and not given.postgres:
        parser.error("several processes need --postgres")
    return Order(
        given.seed,
        given.conversations,
        Form(given.workers, given.postgres, given.webhook),
        given.minutes,
        complete=not given.mutant,
        mutant=given.mutant,
        at_once=given.at_once,
        calm=given.calm,
        keep=given.log,
    )


if __name__ == "__main__":
    sys.exit(main())
