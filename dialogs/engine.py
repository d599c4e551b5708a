"""The conversation as a pure function: `advance(session, event, now) -> Step`.

No clock, no randomness, no words, no waiting. The machine says what follows what; this module says what each event
means for the session before and after the machine has moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from dialogs.eligibility import result
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Count,
    Edited,
    Entered,
    Event,
    Expired,
    Forget,
    ForgetMe,
    Fresh,
    GiveFile,
    Listed,
    Measured,
    Narrowed,
    Openings,
    Refer,
    Reminded,
    Restarted,
    Started,
    Step,
    Stopped,
    Tapped,
    Unclear,
    Unreadable,
    WantedFile,
    Weighed,
    WentBack,
    Withdraw,
    Withdrew,
)
from dialogs.links import Link, read_link
from dialogs.machine import Plan, base
from dialogs.measure import Height, Weight, weight_bands
from dialogs.session import (
    CLOSED,
    CONSENT,
    FORGOTTEN,
    LANGUAGE,
    PLACE,
    PREVIEW,
    RESULT,
    REVIEW,
    SENT,
    Consent,
    Note,
    Session,
)
from dialogs.study import Choice, Language
from dialogs.walk import Walk

# What a tap on the steps that are not questions means to the machine.
STEPS = {
    RESULT: {"share": "shared", "review": "reviewed", "finish": "finished"},
    REVIEW: {"continue": "continued"},
    PREVIEW: {"send": "sent", "keep": "kept"},
    SENT: {"done": "finished"},
}
# What a person may want whatever the screen is: taken even when the screen they did it on is gone.
ANYWHERE = Stopped | ForgetMe | Expired | Asked | Withdrew | Listed | WantedFile


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
        if isinstance(event, Restarted):
            return self._restarted(session, now, fresh)
        touched = session.touched if isinstance(event, Reminded) else now
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
        )
        match event:
            case Stopped() | ForgetMe() | Expired():
                return Step(session=session.emptied(FORGOTTEN), effects=(Forget(),))
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
            _changed_language(walk, session.language)
        return Step(session=self._showing(walk.session.changed(listing=session.listing)))

    def _led(self, session: Session, link: Link) -> Step:
        """Begin where a link leads; a language or a place that is not open is asked for as usual."""
        walk = Walk(self.plan, self.openings, session)
        if link.language in self.openings.languages:
            _changed_language(walk, link.language)
            _changed_place(walk, link.place)
        counted = (Count(name=f"source.{link.source}"),) if link.source else ()
        return Step(session=self._showing(walk.session), effects=(*walk.effects, *counted))


def take(walk: Walk, event: Event, shown: Session) -> None:
    """What this event does to the session; `shown` is the session whose screen the person was looking at."""
    match event:
        case Started():
            walk.update(aside=None, note=None if walk.state in {LANGUAGE, PLACE, SENT} else Note(key="welcome_back"))
        case Tapped(choice=choice):
            _tapped(walk, choice, shown)
        case Entered(height=height):
            _entered(walk, height)
        case Weighed(weight=weight):
            _weighed(walk, weight)
        case Narrowed(coarse=coarse):
            walk.update(coarse=coarse)
            walk.fire("narrowed")
        case Measured(unit=unit):
            walk.update(length=unit, coarse=None) if unit in {"ft_in", "cm"} else walk.update(mass=unit)
        case WentBack():
            _went_back(walk)
        case Edited(question=question):
            walk.fire(f"change.{question}")
        case ChangedLanguage(language=language):
            _changed_language(walk, language)
        case ChangedPlace(place=place):
            _changed_place(walk, place)
        case Asked(topic=topic):
            walk.update(aside=topic)
        case Stopped():
            walk.fire("finished" if walk.state == SENT else "stopped")
        case ForgetMe(withdraw=withdraw):
            _forget(walk, withdraw)
        case Unclear():
            walk.update(aside=None, note=_unclear(event))
        case Expired():
            walk.fire("expired")
        case Withdrew():
            _withdrew(walk, event)
        case Reminded():
            walk.update(aside=None, reminded=True, note=Note(key="reminder"))
        case Listed(on=on):
            walk.update(listing=on, aside=None)
        case WantedFile():
            walk.effects.append(GiveFile())
        case Restarted():
            return  # a restart is a new session: Engine._restarted
        case Unreadable():
            walk.update(aside=None, note=Note(key="unreadable"))
        case _:
            assert_never(event)


def _unclear(event: Unclear) -> Note:
    if event.lacks_unit:
        return Note(key="which_unit")
    return Note(key="did_you_mean" if event.candidates else "unclear", about=event.candidates)


def _tapped(walk: Walk, choice: str, shown: Session) -> None:
    question = walk.plan.question_at.get(base(walk.state))
    if walk.state == CONSENT:
        _consented(walk, choice)
    elif question is None:
        if walk.state == PREVIEW and choice == "send":
            walk.effects.append(Refer(code=shown.code, result=result(walk.plan.study, shown)))
        walk.fire(STEPS.get(walk.state, {}).get(choice, ""))
    elif walk.state in walk.plan.question_at:
        if chosen := walk.plan.asking_at[walk.state].choice(choice):
            _answered(walk, chosen)
    elif choice == "confirmed" and walk.session.pending:
        walk.record(base(walk.state), walk.session.pending)
        walk.fire("decided")
    elif choice == "mistaken":
        walk.update(pending=None)
        walk.fire("mistaken")
    elif choice == "understood":
        walk.fire("understood")


def _consented(walk: Walk, choice: str) -> None:
    place, language = walk.session.place, walk.session.language
    digest = walk.openings.consent(place, language)
    if choice == "decline":
        walk.fire("declined")
    elif choice in {"agree", "agree_helping"} and place and language and digest:
        walk.update(
            consent=Consent(place=place, language=language, digest=digest),
            answered_by="helper" if choice == "agree_helping" else "participant",
        )
        walk.fire("agreed")


def _answered(walk: Walk, choice: Choice) -> None:
    """A decisive choice waits to be confirmed; any other is an answer at once."""
    walk.choice = choice
    if walk.decisive:
        walk.update(pending=choice.id)
    else:
        walk.record(walk.state, choice.id)
    walk.fire("answered")


def _entered(walk: Walk, height: Height) -> None:
    question = walk.plan.question_at.get(base(walk.state))
    if question is None or question.body_mass is None or base(walk.state) != f"{question.id}.height":
        return
    if not height.possible:
        walk.update(note=Note(key="impossible"))
        return
    walk.weighable = weight_bands(height, "kg", question.body_mass).worth_asking
    if walk.weighable:
        walk.update(height=height, coarse=None)
    else:
        walk.record(base(walk.state), "unsure")
    walk.fire("entered")


def _weighed(walk: Walk, weight: Weight) -> None:
    question, height = walk.plan.question_at.get(walk.state), walk.session.height
    if question is None or height is None or walk.state != f"{question.id}.weight" or question.body_mass is None:
        return
    if not weight.possible:
        walk.update(note=Note(key="impossible"))
    elif choice := question.choice(weight_bands(height, weight.unit, question.body_mass).of(weight)):
        _answered(walk, choice)


def _went_back(walk: Walk) -> None:
    if aside := walk.session.aside:
        walk.update(aside="about" if aside.startswith("fact.") else None)
    else:
        walk.back()


def _changed_language(walk: Walk, language: Language) -> None:
    if language not in walk.openings.languages:
        return
    walk.update(language=language, aside=walk.session.aside if walk.state == LANGUAGE else None)
    if walk.state == LANGUAGE:
        walk.fire("chose")
    walk.reconciled()


def _changed_place(walk: Walk, place: str) -> None:
    if place not in {each.id for each in walk.plan.study.places}:
        return
    walk.update(place=place, aside=None, length=None, mass=None, coarse=None)
    if walk.state in {PLACE, CLOSED}:
        walk.fire("chose")
    walk.reconciled()


def _withdrew(walk: Walk, event: Withdrew) -> None:
    if event.code is None:
        walk.update(aside=None, note=Note(key="withdraw.wrong" if event.given else "withdraw.how"))
        return
    walk.effects.append(Withdraw(code=event.code))
    if walk.state == SENT and walk.session.code == event.code:
        walk.fire("forgot")
    else:
        walk.update(aside=None, note=Note(key="withdraw.done", about=(event.code,)))


def _forget(walk: Walk, withdraw: bool | None) -> None:
    if walk.state != SENT:
        walk.fire("forgot")
    elif withdraw is None:
        walk.update(aside="forget")
    else:
        if withdraw:
            walk.effects.append(Withdraw(code=walk.session.code))
        walk.fire("forgot")
