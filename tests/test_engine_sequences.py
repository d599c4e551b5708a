"""Whatever happens, in any order, in a world that changes under the conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.conversation import pressed
from dialogs.engine import Engine
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    CloseBridge,
    Edited,
    Entered,
    Event,
    Expired,
    Forget,
    ForgetMe,
    Fresh,
    Listed,
    Measured,
    Narrowed,
    OpenBridge,
    Openings,
    PassOn,
    Progressed,
    Refer,
    Reminded,
    Restarted,
    Started,
    Step,
    Stopped,
    Tapped,
    TeamWrote,
    Unbridged,
    Unclear,
    Unreadable,
    Unwait,
    WantedFile,
    Weighed,
    WentBack,
    Withdraw,
    Withdrew,
    Wrote,
)
from dialogs.machine import Plan, base
from dialogs.measure import Height, Weight
from dialogs.screens import screen
from dialogs.session import (
    AFTER_SENDING,
    APPROVED,
    BRIDGED,
    ENDS,
    OFFER,
    PREVIEW,
    PROGRESS,
    REPLY,
    WAITING,
    ReferralCode,
    Session,
    TeamMessage,
)
from dialogs.study import Outcome, Verdict
from dialogs.symbols import Screen
from dialogs.walk import Walk
from tests.dialogs_world import (
    CODE,
    ENGINE,
    NOW,
    OPEN,
    PAUSED,
    STUDY,
    Person,
    altered,
    at_bridge,
    at_sent,
    choices_of,
    person,
    with_choice,
    with_question,
)

# ------------------------------------------------------------------------------------ what can happen


class Nth(NamedTuple):
    """A tap on one of the buttons in front of the person."""

    number: int


class Another(NamedTuple):
    """The bot is started anew, with other openings or another study."""

    number: int


NEW_TEXT = {**OPEN.consents, "montreal": {"en": "new", "fr": "new"}}
CALM = with_choice(STUDY, "hypertension", "yes", safety=False)
WORLDS = (
    ENGINE,
    ENGINE,
    Engine(Plan(STUDY), altered(OPEN, consents=NEW_TEXT)),
    Engine(Plan(STUDY), Openings(consents={}, languages=("fr", "en"))),
    Engine(Plan(STUDY), altered(OPEN, languages=("fr",))),
    Engine(Plan(STUDY), PAUSED),
    Engine(Plan(with_question(STUDY, "cancer", revision=2)), OPEN),
    Engine(Plan(with_question(STUDY, "bmi", revision=2)), OPEN),
    Engine(Plan(altered(STUDY, questions=STUDY.questions[:6])), OPEN),
    Engine(Plan(altered(CALM, policy=altered(CALM.policy, stop="never"))), OPEN),
)
CHOICES = sorted({choice for _, choice in choices_of(STUDY)})
STEPS = ["agree", "agree_helping", "decline", "confirmed", "mistaken", "understood", "continue", "share", "review"]
STEPS += ["finish", "send", "keep", "done", "offer", "answer", "tell", "cancel", "", "no such choice"]
TOPICS = ["help", "why", "means", "human", "numbers", "privacy", "about", "language", "place", "leave", "forget"]
TOPICS += ["close", "fact.tested", "fact.nothing", "danger.crisis", "danger.nothing", "nothing", ""]

decimals = st.decimals(0, 300, places=1)
heights = st.builds(Height, unit=st.sampled_from(["cm", "ft_in"]), value=decimals)
weights = st.builds(Weight, unit=st.sampled_from(["kg", "lb"]), value=decimals | st.just(Decimal(600)))
names = st.sampled_from([*CHOICES, *STEPS])
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Started),
    st.builds(Tapped, choice=names),
    st.builds(Entered, height=heights),
    st.builds(Weighed, weight=weights),
    st.builds(Narrowed, coarse=st.sampled_from([0, 3, 5, 7, 150, 230, 999])),
    st.builds(Measured, unit=st.sampled_from(["cm", "ft_in", "kg", "lb"])),
    st.builds(WentBack),
    st.builds(Edited, question=st.sampled_from([*STUDY.by_id, "nothing"])),
    st.builds(ChangedLanguage, language=st.sampled_from(["en", "fr"])),
    st.builds(ChangedPlace, place=st.sampled_from(["montreal", "paris", "elsewhere", "nowhere"])),
    st.builds(Asked, topic=st.sampled_from(TOPICS)),
    st.builds(Unclear, candidates=st.lists(names, max_size=3).map(tuple), lacks_unit=st.booleans()),
    st.builds(Withdrew, code=st.sampled_from([None, ReferralCode("CODE1"), CODE]), given=st.booleans()),
    st.builds(Listed, on=st.booleans()),
    st.builds(TeamWrote, message=st.builds(TeamMessage, approved=st.sampled_from(APPROVED))),
    st.builds(TeamWrote, message=st.builds(TeamMessage, words=st.text(max_size=20))),
    st.builds(Progressed, to=st.sampled_from(PROGRESS)),
    *(st.builds(event) for event in (Reminded, WantedFile, Unreadable, Wrote)),
)
endings: st.SearchStrategy[Event] = st.one_of(
    st.builds(Stopped),
    st.builds(Expired),
    st.builds(Restarted),
    st.builds(ForgetMe, withdraw=st.sampled_from([None, True, False])),
    st.builds(Unbridged, why=st.sampled_from(["by_team", "withdrawn", "over"])),
)
taps = st.builds(Nth, number=st.integers(0, 40))
happenings = st.lists(
    st.one_of(*[taps] * 6, events, events, st.builds(Another, st.integers(0, len(WORLDS) - 1)), endings),
    min_size=4,
    max_size=40,
)
BEGINNINGS: tuple[Session | None, ...] = (
    None,
    person().starts().now,
    person().starts().consents().meets_all_before("bmi").now,
    person().starts(place="paris").consents().meets_all_before("bmi").taps("160", "163").now,
    person().starts().consents("agree_helping").meets_all_before("hypertension").now,
    person().starts().consents().meets_all_before("contraception").now,
    person().starts("fr", "paris").consents().reviews().now,
    person().starts().consents().reviews().taps("continue", "share").now,
    at_sent().now,
    at_bridge().now,
    at_bridge("fr", "paris").taps("answer").now,
    Person(engine=Engine(Plan(STUDY), PAUSED)).starts().taps("tell").now,
)


class Moment(NamedTuple):
    """One thing that happened: to whom, in which world, and what followed."""

    engine: Engine
    before: Session | None
    event: Event
    fresh: Fresh
    step: Step


def lived(begun: Session | None, happening: list[Nth | Another | Event]) -> Iterator[Moment]:
    """Everything that happens, one moment after the other, each from the session as it was written and read again."""
    engine, session = ENGINE, begun
    for number, each in enumerate(happening):
        if isinstance(each, Another):
            engine = WORLDS[each.number]
            continue
        event = tapped(engine, session, each) if isinstance(each, Nth) else each
        if event is None:
            continue
        fresh = Fresh(nonce=f"nonce{number}", code=ReferralCode(f"CODE{number}"))
        step = engine.advance(session, event, NOW, fresh)
        yield Moment(engine, session, event, fresh, step)
        session = Session.model_validate_json(step.session.model_dump_json())
        assert session == step.session, "a session survives JSON"


def tapped(engine: Engine, session: Session | None, tap: Nth) -> Event | None:
    """What the tap means, as the bot would read it; before anything was shown, it begins the conversation."""
    if session is None:
        return Started()
    shown = screen(engine.plan, engine.openings, session)
    assert pressed(shown, session, session.nonce, session.turn - 1, tap.number) is None, "an old screen"
    assert pressed(shown, session, "another", session.turn, tap.number) is None, "another session"
    assert pressed(shown, session, session.nonce, session.turn, len(shown.options)) is None, "no such button"
    return pressed(shown, session, session.nonce, session.turn, tap.number % len(shown.options))


# ------------------------------------------------------------------------------------- what always holds


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
