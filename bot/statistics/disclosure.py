"""Which numbers may be shown, so that no small number can be read from them, nor from several pictures together.

Rounded down, each on its own: a number is lowered to a multiple of five, and below five it is not shown. A number
that is shown by language has no exact total: the total is the sum of the shown numbers and tells nothing more. So of
what is shown, one number is only ever a part of another, or the same at an earlier time: steps of a funnel, days of a
year. Then all shown values are a possible world, and so is that world with up to four people more in one part, now and
later, and in all that it is a part of. Hence a part below five can be any number below five, however many steps and
pictures one sees, and to hide a second number beside it would add nothing.

Where parts can make up more than what they are compared with, it is not quite so. Who sent a result has one, so the
three outcomes are no fewer than what was sent: each can still be three numbers. Criteria that were not met are many
parts of one outcome, and health: they are shown from ten on, and one below five can still be five numbers. The tests
try all small tables.

Released for many at once: numbers change only when five more people have started and a week has gone by. Two pictures
are the same, or differ by five people and seven days, so that a number that appears never says who came yesterday.
Where these spans begin and end depends on the calendar and on who came, not on the day of asking: two pictures share
whole spans or none, and no other way of cutting time tells what lies between.

Shares, orders and hours come after: shares are of shown numbers, orders are those of shown numbers, and hours are
coarse and about twenty referrals at least.

What is not withstood is somebody who fills the spans with screenings of their own, and so knows all but one of the
people in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

STEP = 5
FEWEST, FEWEST_DECIDED = 5, 10
PEOPLE, DAYS = 5, 7
CLAIMS = 20
# Within how many hours: a share of claims is never told more finely than this.
HOURS = (1, 2, 4, 8, 12, 24, 48, 72, 168)

Shown = int | None


def shown(number: int, fewest: int = FEWEST) -> Shown:
    """The number lowered to a multiple of five; None below the fewest that are shown, nought included."""
    return None if number < fewest else number - number % STEP


def together(parts: Iterable[Shown]) -> Shown:
    """The sum of shown numbers; None when there is none among them."""
    return sum(part or 0 for part in parts) or None


def share(part: Shown, whole: Shown) -> int | None:
    """How much of the whole a part is, in percent, as far as the shown numbers tell."""
    return None if part is None or whole is None else min(100, round(100 * part / whole))


def released(people: Mapping[date, int], first: date, end: date) -> date:
    """The day before which numbers may be shown, of those from `first` to before `end`; `first` when none may.

    `people` are those who started on each day.
    """
    last, waiting = first, 0
    for day in (first + timedelta(days=number) for number in range((end - first).days)):
        waiting += people.get(day, 0)
        after = day + timedelta(days=1)
        if waiting >= PEOPLE and (after - last).days >= DAYS:
            last, waiting = after, 0
    return last


def within(claims: Sequence[int], percent: int) -> int | None:
    """The hours within which this share of referrals was claimed, as one of `HOURS`; None for longer than all.

    `claims[n]` is how many waited n whole hours.
    """
    wanted, seen = -(-sum(claims) * percent // 100), 0
    for hours, number in enumerate(claims):
        seen += number
        if seen >= wanted:
            return next((bound for bound in HOURS if hours < bound), None)
    return None
