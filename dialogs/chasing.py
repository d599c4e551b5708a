"""When something comes back to a desk by itself: counted in the desk's own working time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

MOST_NUDGES = 3
LEADS_ARE_TOLD = 2  # at which nudge
DIGEST_AT = time(9)  # on Mondays
MIDNIGHT = time()
WEEKEND = frozenset({5, 6})
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


class Quiet(NamedTuple):
    """The hours of each day in which a desk is left alone, on its own clock; they may go over midnight."""

    begin: time
    end: time

    def holds(self, moment: time) -> bool:
        """Whether it is quiet at this time of the day."""
        if self.begin < self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


def read_quiet(text: str) -> Quiet | None:
    """The quiet hours in a text such as 20:00-08:00; None in an empty one. Raises ValueError."""
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)\s*", text)
    hours = [int(each) for each in found.groups()] if found else []
    if not hours or max(hours[::2]) > 23 or max(hours[1::2]) > 59 or hours[:2] == hours[2:]:
        raise ValueError("is not two different times of the day such as 20:00-08:00")
    return Quiet(time(hours[0], hours[1]), time(hours[2], hours[3]))


@dataclass(frozen=True, slots=True)
class Worktime:
    """When a desk works: outside its quiet hours, and at weekends only if it says so. `zone` is where it is."""

    quiet: Quiet | None
    weekends: bool
    zone: tzinfo

    def holds(self, moment: datetime) -> bool:
        """Whether the desk works at this moment."""
        local = moment.astimezone(self.zone)
        return self._works_on(local.date()) and not (self.quiet and self.quiet.holds(local.time()))

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much of the time from `since` to `until` the desk works: no more and no less at a change of the clocks.

        An hour that the clocks skip is not there, one that they repeat is there twice: each is judged by what the
        clock on the wall says.
        """
        stretches = self._stretches(since.astimezone(UTC), until.astimezone(UTC))
        return sum((self._worked(begin, end) for begin, end in stretches), timedelta())

    def _stretches(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The time between two moments, cut at each midnight and each change of the clocks, on the clock there."""
        while since < until:
            local = since.astimezone(self.zone)
            midnight = datetime.combine(local.date() + DAY, MIDNIGHT)
            end = min(until, since + (midnight - local.replace(tzinfo=None)))
            end = self._before_the_change(since, end)
            begin = local.replace(tzinfo=None)
            yield begin, begin + (end - since)
            since = end

    def _before_the_change(self, since: datetime, until: datetime) -> datetime:
        """`until`, or the first moment between the two from which the clock there is another one's."""
        same = self._offset(since)
        if self._offset(until - timedelta.resolution) == same:
            return until
        low, high = int(since.timestamp()), int((until + SECOND).timestamp())  # clocks change on a whole second
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(datetime.fromtimestamp(middle, UTC)) == same else (low, middle)
        return datetime.fromtimestamp(high, UTC)

    def _offset(self, moment: datetime) -> timedelta | None:
        return moment.astimezone(self.zone).utcoffset()

    def _worked(self, begin: datetime, end: datetime) -> timedelta:
        """The working time of a stretch inside one day, both ends on the clock there."""
        if not self._works_on(begin.date()):
            return timedelta()
        spans = self._spans(begin.date())
        return sum((max(timedelta(), min(end, last) - max(begin, first)) for first, last in spans), timedelta())

    def _spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working hours of a day, from when to when."""
        midnight, next_one = datetime.combine(day, MIDNIGHT), datetime.combine(day + DAY, MIDNIGHT)
        if self.quiet is None:
            return ((midnight, next_one),)
        begin, end = datetime.combine(day, self.quiet.begin), datetime.combine(day, self.quiet.end)
        return ((midnight, begin), (end, next_one)) if begin < end else ((end, begin),)

    def _works_on(self, day: date) -> bool:
        return self.weekends or day.weekday() not in WEEKEND


def nudges_due(worktime: Worktime, since: datetime, now: datetime, every: timedelta) -> int:
    """How often a referral that nobody has taken since then should have come back by now: three times at most."""
    return min(MOST_NUDGES, worktime.between(since, now) // every)


def digest_week(worktime: Worktime, now: datetime) -> date | None:
    """The Monday of the week whose digest the desk should have by now, in its working time; None for not now."""
    local = now.astimezone(worktime.zone)
    monday = local.date() - timedelta(days=local.weekday())
    if local.replace(tzinfo=None) < datetime.combine(monday, DIGEST_AT) or not worktime.holds(now):
        return None
    return monday
