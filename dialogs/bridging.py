"""What passes between the person and the team, where the person agreed to it."""

from __future__ import annotations

from typing import Literal, assert_never

from dialogs.events import PassOn, Progressed, TeamWrote, Unbridged, Wrote
from dialogs.session import BRIDGED, PROGRESS, Note
from dialogs.walk import Walk


def over_the_bridge(walk: Walk, event: Wrote | TeamWrote | Progressed | Unbridged) -> None:
    """What this does to a session; nothing where the person did not agree, or does not any more."""
    if walk.state not in BRIDGED:
        return
    match event:
        case Wrote():
            if walk.fire("wrote"):
                walk.effects.append(PassOn(code=walk.session.code))
                walk.update(note=Note(key="passed_on"))
        case TeamWrote(message=message):
            walk.update(message=message, aside=None)
        case Progressed(to=to):
            if PROGRESS.index(to) > PROGRESS.index(walk.session.progress):
                walk.update(progress=to)
        case Unbridged(why=why):
            _ended(walk, why)
        case _:
            assert_never(event)


def _ended(walk: Walk, why: Literal["by_team", "withdrawn", "over"]) -> None:
    match why:
        case "by_team":
            walk.closer = "by_team"
            walk.fire("finished")
        case "withdrawn":
            walk.closer = "withdrawn"
            walk.fire("forgot")
        case "over":
            walk.fire("expired")
        case _:
            assert_never(why)
