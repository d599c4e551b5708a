"""What a hundred thousand referrals cost the desk, over a thousand: `python -m tests.bench.desk`, half a minute.

Each question the desk asks the database, as /open, /mine, /find and the routines ask it: the median of thirty, on an
SQLite file of its own, side by side in one run.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

from bot.codes import near_codes, new_code
from bot.desk.figures import figures
from bot.records import Referral
from bot.store import Store, Transaction
from bot.vault import Vault
from dialogs.counting import names
from dialogs.study import read

FEW, MANY, ROUNDS, AT_ONCE = 1_000, 100_000, 30, 5_000
DAY = date(2026, 1, 1)
RESULT = '{"place": "montreal"}'
STUDY, DAYS, TODAY = read(), 180, DAY + timedelta(days=180)
COUNTED = [name for name in names(STUDY) if name.startswith("montreal.")]
STEPS = 25  # things counted for each person on their way to a referral
Question = Callable[[Transaction], Awaitable[object]]


async def filled(path: Path, number: int) -> tuple[Store, list[str]]:
    """A database with this many referrals, half of them open, and their codes."""
    store, codes = Store(f"sqlite+aiosqlite:///{path}", Vault(b"s" * 32)), [str(new_code()) for _ in range(number)]
    await store.prepare()
    states = ("new", "claimed", "contacted", "closed", "closed", "closed")
    for start in range(0, number, AT_ONCE):
        rows = [
            Referral(
                code, random.choice(("montreal", "paris")), DAY, random.choice(states), RESULT, start + at, shown=1
            )
            for at, code in enumerate(codes[start : start + AT_ONCE])
        ]
        async with store.begin() as transaction:
            await transaction.referrals.add(rows)
    for ago in range(DAYS):
        people = number // DAYS + 1
        counted = Counter(random.choices(COUNTED, k=people * STEPS))
        async with store.begin() as transaction:
            await transaction.counts.add(list(counted.elements()), TODAY - timedelta(days=ago + 1))
    return store, codes


def questions(codes: list[str]) -> Mapping[str, Question]:
    """What the desk asks, by name."""
    slip = f"{codes[9][:-1]}{'2' if codes[9][-1] != '2' else '3'}"
    return {
        "/open": lambda each: each.referrals.open_at(["montreal"], None, 21),
        "/mine": lambda each: each.referrals.open_at(["montreal"], b"k" * 16, 21),
        "/find": lambda each: each.referrals.among([codes[7]]),
        "/find, with a slip": lambda each: each.referrals.among(near_codes(slip)),
        "/stats, but for drawing it": lambda each: figures(each, "montreal", TODAY, STUDY),
        "/health": lambda each: each.referrals.unshown(),
        "is the place full": lambda each: each.referrals.has_open("montreal", 20),
    }


async def milliseconds(store: Store, question: Question) -> float:
    """How long this takes, in a transaction of its own."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        async with store.begin() as transaction:
            await question(transaction)
        took.append((time.perf_counter() - began) * 1_000)
    return statistics.median(took)


async def main(directory: Path) -> None:
    """Print the table."""
    few, few_codes = await filled(directory / "few.db", FEW)
    many, many_codes = await filled(directory / "many.db", MANY)
    sys.stdout.write(f"| the desk asks | {MANY:,} over {FEW:,} referrals | ms | ms |\n|---|---|---|---|\n")
    asked = questions(many_codes)
    for name, question in questions(few_codes).items():
        less, more = await milliseconds(few, question), await milliseconds(many, asked[name])
        sys.stdout.write(f"| {name} | {more / less:.2f} × | {less:.1f} | {more:.1f} |\n")
    await few.close()
    await many.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(main(Path(made)))
