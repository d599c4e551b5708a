"""Whatever happens, in any order, in a world that changes under the conversation."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.engine import Engine
from dialogs.events import (
    Asked,
    CloseBridge,
    Event,
    Expired,
    Forget,
    OpenBridge,
    PassOn,
    Refer,
    Tapped,
    Unwait,
    Withdraw,
    Withdrew,
    Wrote,
)
from dialogs.machine import base
from dialogs.screens import screen
from dialogs.session import AFTER_SENDING, BRIDGED, ENDS, OFFER, PREVIEW, REPLY, WAITING, Session
from dialogs.study import Outcome, Verdict
from dialogs.symbols import Screen
from dialogs.walk import Walk
from tests.dialogs_world import NOW
from tests.happenings import BEGINNINGS, Another, Moment, Nth, endings, events, happenings, lived, taps


def agreed(session: Session | None) -> bool:
    return session is not None and session.consent is not None


def up_to_date(engine: Engine, session: Session) -> bool:
    walk = Walk(engine.plan, engine.openings, session)
    return not session.over and not walk.reconciled() and walk.session.answers == session.answers


def check_moment(moment: Moment) -> None:
    """What must be true after anything that happens."""
    session, before = moment.step.session, moment.before
    shown = screen(moment.engine.plan, moment.engine.openings, session)
    assert shown.options, "there is always something to tap"
    assert before is None or session.turn == before.turn + 1
    assert agreed(session) or set(session.answers) <= {"age"}, "no answer about health without consent"
    if session.over:
        assert session == session.emptied(session.state, session.farewell), "an end keeps nothing"
        return
    if session.state in AFTER_SENDING:
        left_over = (session.answers, session.consent, session.path, session.pending, session.height)
        assert not any(left_over), "of the answers nothing is left after sending"
    assert session.state in BRIDGED or session.message is None, "the team's words are kept for the bridge only"
    assert session.state in moment.engine.plan.states
    assert session.state not in ENDS
    assert not Walk(moment.engine.plan, moment.engine.openings, session).reconciled(), "where it may be"
    assert session.height is None or base(session.state).startswith("bmi."), "no height outside its question"
    assert (session.pending is None) or session.state.endswith((".confirm", ".safety"))
    if isinstance(moment.event, Asked) and before is not None and up_to_date(moment.engine, before):
        assert session.state == before.state, "a card loses no place"
        assert session.answers == before.answers, "a card changes no answer"


def check_effects(moment: Moment) -> None:
    """Who is told what, and when."""
    for effect in moment.step.effects:
        if isinstance(effect, Refer):
            before = moment.before
            assert before is not None
            assert (before.state, moment.event) == (PREVIEW, Tapped(choice="send"))
            assert before.consent is not None
            assert effect.code == before.code
            if effect.result.outcome is Outcome.LIKELY_ELIGIBLE:
                assert set(effect.result.verdicts.values()) == {Verdict.MET}
        elif isinstance(effect, Withdraw):
            asked = isinstance(moment.event, Withdrew) and moment.event.code == effect.code
            assert asked or (moment.before is not None and moment.before.state in AFTER_SENDING)
        elif isinstance(effect, Forget):
            assert moment.step.session.over
        elif isinstance(effect, OpenBridge):
            assert moment.before is not None
            assert (moment.before.state, moment.event) == (OFFER, Tapped(choice="agree")), "only after a yes of its own"
            assert effect.code == moment.before.code
        elif isinstance(effect, PassOn):
            assert moment.before is not None
            assert (moment.before.state, moment.event) == (REPLY, Wrote())
    left = moment.before is not None and moment.before.state in BRIDGED and moment.step.session.state not in BRIDGED
    closed = [effect.code for effect in moment.step.effects if isinstance(effect, CloseBridge)]
    assert closed == ([moment.before.code] if left and moment.before else []), "who leaves the bridge closes it"
    waited = moment.before is not None and moment.before.state == WAITING and moment.step.session.state != WAITING
    if waited and not isinstance(moment.event, Expired):
        assert {Unwait(), Forget()}.intersection(moment.step.effects), "who goes elsewhere does not wait any more"


def test_every_kind_of_event_can_happen_in_these_tests() -> None:
    text = repr((events, endings))
    assert [each.__name__ for each in get_args(Event) if each.__name__ not in text] == []


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BEGINNINGS), happenings)
def test_whatever_happens_the_conversation_holds(begun: Session | None, happening: list[Nth | Another | Event]) -> None:
    sent: Counter[str] = Counter()
    for moment in lived(begun, happening):
        check_moment(moment)
        check_effects(moment)
        sent.update(effect.code for effect in moment.step.effects if isinstance(effect, Refer))
    assert all(times == 1 for times in sent.values()), "one result for each session"


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(BEGINNINGS), happenings)
def test_the_same_happenings_lead_to_the_same_place(
    begun: Session | None, happening: list[Nth | Another | Event]
) -> None:
    first = [moment.step for moment in lived(begun, happening)]
    again = [moment.step for moment in lived(begun, happening)]
    assert first == again
    for moment in lived(begun, happening):
        read = moment.before and Session.model_validate_json(moment.before.model_dump_json())
        assert moment.engine.advance(read, moment.event, NOW, moment.fresh) == moment.step


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(BEGINNINGS), st.lists(taps, max_size=40))
def test_taps_alone_never_send_more_than_was_previewed(begun: Session | None, happening: list[Nth]) -> None:
    """Somebody who taps anything, also what leaves and begins again: each result was on the screen before."""
    for moment in lived(begun, [*happening]):
        for effect in moment.step.effects:
            if isinstance(effect, Refer) and moment.before is not None:
                shown = screen(moment.engine.plan, moment.engine.openings, moment.before)
                assert previewed(shown) == {name: str(given) for name, given in effect.result.verdicts.items()}


def previewed(shown: Screen) -> dict[str, str]:
    """The verdict on each criterion, as the card on this screen says it: under the heading of its block."""
    said: dict[str, str] = {}
    for block in shown.blocks:
        keys = list(Screen("", (block,)).keys())
        verdict = keys[0].removeprefix("card.verdict.")
        criteria = [key.split(".")[1] for key in keys if key.endswith(".criterion") and key.startswith("question.")]
        said |= dict.fromkeys(criteria, verdict)
    return said
