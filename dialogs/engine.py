"""The conversation as a pure function: `advance(session, event, now) -> Step`.

No clock, no randomness, no words, no waiting. The machine says what follows what; this module says what each event
means for the session before and after the machine has moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialogs.events import (
    Asked,
    CloseBridge,
    Count,
    Effect,
    Event,
    Expired,
    Forget,
    ForgetMe,
    Fresh,
    Listed,
    Openings,
    Progressed,
    Reminded,
    Restarted,
    Started,
    Step,
    Stopped,
    TeamWrote,
    Unbridged,
    Unwait,
    WantedFile,
    Withdrew,
    Wrote,
)
from dialogs.links import Link, read_link
from dialogs.machine import Plan
from dialogs.session import BRIDGED, FORGOTTEN, Session
from dialogs.taking import changed_language, changed_place, take
from dialogs.walk import Walk

# What the person did not do: it is no sign of life.
NOT_THEIRS = Reminded | TeamWrote | Progressed
# What a person may want whatever the screen is, and what the world does: taken even when the screen is gone.
ANYWHERE = Stopped | ForgetMe | Expired | Asked | Withdrew | Listed | WantedFile
ANYWHERE |= Wrote | TeamWrote | Progressed | Unbridged


def begins(session: Session | None, event: Event) -> bool:
    """Whether a session begins with this event; to one that goes on, nothing fresh is given."""
    return session is None or session.over or isinstance(event, Restarted)


@dataclass(frozen=True)
class Engine:
    """One study, and which places of it are open, ready to advance anybody's session."""

    plan: Plan
    openings: Openings

    def advance(self, session: Session | None, event: Event, now: datetime, fresh: Fresh) -> Step:
        """What follows when this happens: the session afterwards and everything the world must do.

        None is somebody nothing is known about. `fresh` is used only where a session begins. Any event is
        answered in any state: one that means nothing there changes nothing but the turn.
        """
        if session is None or session.over:
            return self._begun(session, event, now, fresh)
        if begins(session, event):
            return self._restarted(session, now, fresh)
        touched = session.touched if isinstance(event, NOT_THEIRS) else now
        walk = Walk(self.plan, self.openings, session.changed(touched=touched, turn=session.turn + 1, note=None))
        if not walk.reconciled() or isinstance(event, ANYWHERE):
            take(walk, event, shown=session)
        if not walk.session.over:
            walk.moved()
        return Step(session=self._showing(walk.session), effects=tuple(walk.effects))

    def _showing(self, session: Session) -> Session:
        """This session with the rules its screen is now made by."""
        return session if session.over else session.changed(rules=Walk(self.plan, self.openings, session).rules)

    def _begun(self, ended: Session | None, event: Event, now: datetime, fresh: Fresh) -> Step:
        session = Session(
            study=self.plan.study.id,
            nonce=fresh.nonce,
            code=fresh.code,
            touched=now,
            turn=ended.turn + 1 if ended else 1,
            waits=fresh.waits,
        )
        match event:
            case Stopped() | ForgetMe() | Expired():
                return Step(session=session.emptied(FORGOTTEN), effects=(Forget(wish=not isinstance(event, Expired)),))
            case Asked(topic=topic):
                return Step(session=self._showing(session.changed(aside=topic)))
            case Started(payload=payload) if link := read_link(payload, self.plan.study):
                return self._led(session, link)
            case Withdrew():
                walk = Walk(self.plan, self.openings, session)
                take(walk, event, shown=session)
                return Step(session=self._showing(walk.session), effects=tuple(walk.effects))
            case _:
                return Step(session=self._showing(session))

    def _restarted(self, session: Session, now: datetime, fresh: Fresh) -> Step:
        begun = self._begun(session, Started(), now, fresh).session
        walk = Walk(self.plan, self.openings, begun)
        if session.language:
            changed_language(walk, session.language)
        left: tuple[Effect, ...] = (CloseBridge(code=session.code),) if session.state in BRIDGED else ()
        left = (*left, Unwait()) if session.waits else left
        return Step(session=self._showing(walk.session.changed(listing=session.listing)), effects=left)

    def _led(self, session: Session, link: Link) -> Step:
        """Begin where a link leads; a language or a place that is not open is asked for as usual."""
        walk = Walk(self.plan, self.openings, session)
        if link.language in self.openings.languages:
            changed_language(walk, link.language)
            changed_place(walk, link.place)
        counted = (Count(name=f"source.{link.source}"),) if link.source else ()
        return Step(session=self._showing(walk.session), effects=(*walk.effects, *counted))
