"""When the one reminder is due: by day, in the time of the person's place, and never after the end."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from dialogs.session import AFTER_SENDING, CLOSED, LANGUAGE, PLACE, WAITING, Session
from dialogs.study import Study

MORNING, EVENING = time(9), time(20)
QUIET_STATES = frozenset({LANGUAGE, PLACE, CLOSED, WAITING}) | AFTER_SENDING


def reminder_due(study: Study, session: Session, after: timedelta) -> datetime | None:
    """The moment (UTC) at which to remind this person, `after` their last activity and not at night; None for never.

    Nobody is reminded twice, after the end, or where no time zone tells when night is.
    """
    if session.over or session.reminded or session.state in QUIET_STATES or session.place is None:
        return None
    place = study.place(session.place)
    if place.time_zone is None:
        return None
    local = (session.touched + after).astimezone(place.zone)
    if local.time() < MORNING:
        local = datetime.combine(local.date(), MORNING, place.zone)
    elif local.time() >= EVENING:
        local = datetime.combine(local.date() + timedelta(days=1), MORNING, place.zone)
    return local.astimezone(UTC)
