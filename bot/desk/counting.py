"""What of a referral's life is counted, for nobody in particular, once it can no longer be undone."""

from __future__ import annotations

from bot.records import Referral
from dialogs.referral import Life
from dialogs.session import Result

LONGEST = 168  # hours: a week or more counts as this


def finished(referral: Referral, life: Life) -> list[str]:
    """The names of what the last change of this life is counted as, now that nobody can undo it."""
    if life.before is None or referral.result is None or life.changed is None:
        return []
    where = f"{referral.place}.{Result.model_validate_json(referral.result).language}"
    names = []
    if life.taken and not life.before.taken:
        hours = max(0, int(life.changed.timestamp()) - referral.arrived) // 3600
        names += [f"{where}.claimed", f"{where}.hours.{min(hours, LONGEST)}"]
    if life.state == "contacted" != life.before.state:
        names.append(f"{where}.contacted")
    if life.state == "closed" != life.before.state:
        names.append(f"{where}.closed.{life.reason}")
    return names
