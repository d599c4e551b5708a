"""What each event does to a session: before and after the machine has moved."""

from __future__ import annotations

from typing import assert_never

from dialogs.bridging import over_the_bridge
from dialogs.eligibility import result
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Edited,
    Entered,
    Event,
    Expired,
    ForgetMe,
    GiveFile,
    Listed,
    Measured,
    Narrowed,
    OpenBridge,
    Progressed,
    Refer,
    Reminded,
    Restarted,
    Started,
    Stopped,
    Tapped,
    TeamWrote,
    Unbridged,
    Unclear,
    Unreadable,
    Wait,
    WantedFile,
    Weighed,
    WentBack,
    Withdraw,
    Withdrew,
    Wrote,
)
from dialogs.machine import base
from dialogs.measure import Height, Weight, weight_bands
from dialogs.session import (
    AFTER_SENDING,
    BRIDGE,
    CLOSED,
    CONSENT,
    LANGUAGE,
    OFFER,
    PLACE,
    PREVIEW,
    REPLY,
    RESULT,
    REVIEW,
    SENT,
    WAITING,
    Consent,
    Note,
    Session,
)
from dialogs.study import Choice, Language
from dialogs.walk import Walk

# Where somebody who comes back is not told that they stopped here: nothing is left to go on with.
UNGREETED = AFTER_SENDING | {LANGUAGE, PLACE}
# What a tap on the steps that are not questions means to the machine.
STEPS = {
    CLOSED: {"tell": "wished"},
    WAITING: {"cancel": "cancelled"},
    RESULT: {"share": "shared", "review": "reviewed", "finish": "finished"},
    REVIEW: {"continue": "continued"},
    PREVIEW: {"send": "sent", "keep": "kept"},
    SENT: {"done": "finished", "offer": "offered"},
    OFFER: {"agree": "bridged", "decline": "kept"},
    BRIDGE: {"answer": "answering"},
    REPLY: {"keep": "kept"},
}


def take(walk: Walk, event: Event, shown: Session) -> None:
    """What this event does to the session; `shown` is the session whose screen the person was looking at."""
    match event:
        case Started():
            walk.update(aside=None, note=None if walk.state in UNGREETED else Note(key="welcome_back"))
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
            _wanted_language(walk, language)
        case ChangedPlace(place=place):
            changed_place(walk, place)
        case Asked(topic=topic):
            walk.update(aside=topic)
        case Stopped():
            walk.fire("finished" if walk.state in AFTER_SENDING else "stopped")
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
        case Wrote() | TeamWrote() | Progressed() | Unbridged():
            over_the_bridge(walk, event)
        case _:
            assert_never(event)


def _unclear(event: Unclear) -> Note:
    if event.lacks_unit:
        return Note(key="which_unit")
    if event.too_long:
        return Note(key="too_long")
    return Note(key="did_you_mean" if event.candidates else "unclear", about=event.candidates)


def _tapped(walk: Walk, choice: str, shown: Session) -> None:
    question = walk.plan.question_at.get(base(walk.state))
    if walk.state == CONSENT:
        _consented(walk, choice)
    elif question is None:
        _stepped(walk, choice, shown)
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


def _stepped(walk: Walk, choice: str, shown: Session) -> None:
    """A tap on a step that is no question, and what it asks of the world."""
    before = walk.state
    if before == PREVIEW and choice == "send":
        walk.effects.append(Refer(code=shown.code, result=result(walk.plan.study, shown)))
    if not walk.fire(STEPS.get(before, {}).get(choice, "")):
        return
    if walk.state == WAITING:
        _wished(walk)
    elif (before, walk.state) == (OFFER, BRIDGE):
        walk.effects.append(OpenBridge(code=walk.session.code))


def _wished(walk: Walk) -> None:
    if walk.session.place and walk.session.language:
        walk.effects.append(Wait(place=walk.session.place, language=walk.session.language))
        walk.update(waits=True)


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
    elif walk.state in {OFFER, REPLY}:
        walk.fire("kept")
    elif walk.state != WAITING:  # the wish is taken back by its own button, never by looking for the way back
        walk.back()


def _wanted_language(walk: Walk, language: Language) -> None:
    """Go on in this language; where it was typed and is closed, those that are open are shown."""
    if language in walk.openings.languages:
        changed_language(walk, language)
    elif walk.state != LANGUAGE:
        walk.update(aside="language")


def changed_language(walk: Walk, language: Language) -> None:
    """Go on in this language, if it is open."""
    if language not in walk.openings.languages:
        return
    walk.update(language=language, aside=walk.session.aside if walk.state == LANGUAGE else None)
    if walk.state == LANGUAGE:
        walk.fire("chose")
    elif walk.state == WAITING:
        _wished(walk)
    walk.reconciled()


def changed_place(walk: Walk, place: str) -> None:
    """Go on as somebody from this place, if there is one of that name."""
    if place not in {each.id for each in walk.plan.study.places}:
        return
    same = walk.session.place == place
    walk.update(place=place, aside=None, length=None, mass=None, coarse=None)
    if walk.state in {PLACE, CLOSED} or (walk.state == WAITING and not same):
        walk.fire("chose")
    walk.reconciled()


def _withdrew(walk: Walk, event: Withdrew) -> None:
    if event.code is None:
        walk.update(aside=None, note=Note(key="withdraw.wrong" if event.given else "withdraw.how"))
        return
    walk.effects.append(Withdraw(code=event.code))
    if walk.state in AFTER_SENDING and walk.session.code == event.code:
        walk.fire("forgot")
    else:
        walk.update(aside=None, note=Note(key="withdraw.done", about=(event.code,)))


def _forget(walk: Walk, withdraw: bool | None) -> None:
    if walk.state not in AFTER_SENDING:
        walk.fire("forgot")
    elif withdraw is None:
        walk.update(aside="forget")
    else:
        if withdraw:
            walk.effects.append(Withdraw(code=walk.session.code))
        walk.fire("forgot")
