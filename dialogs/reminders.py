"""When the one reminder is due: by day, in the time of the person's place, and never after the end."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from dialogs.session import AFTER_SENDING, CLOSED, LANGUAGE, PLACE, WAITING, Session
from dialogs.study import Place, Study

MORNING, EVENING = time(9), time(20)
QUIET_STATES = frozenset({LANGUAGE, PLACE, CLOSED, WAITING}) | AFTER_SENDING


def reminder_due(study: Study, session: Session, after: timedelta) -> datetime | None:
    """The moment (UTC) at which to remind this person, `after` their last activity and not at night; None for never.

    Nobody is reminded twice, after the end, or where no time zone tells when night is.
    """
    if session.over or session.reminded or session.state in QUIET_STATES or session.place is None:
        return None
    place = study.place(session.place)
    return None if place.time_zone is None else by_day(place, session.touched + after)


def by_day(place: Place, moment: datetime) -> datetime:
    """This moment (UTC), or where it is night then in this place, the next morning."""
    local = moment.astimezone(place.zone)
    if local.time() < MORNING:
        local = datetime.combine(local.date(), MORNING, place.zone)
    elif local.time() >= EVENING:
        local = datetime.combine(local.date() + timedelta(days=1), MORNING, place.zone)
    return local.astimezone(UTC)
