"""Anything that can happen to a conversation, in any order: what Hypothesis draws, and a conversation that lives it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st

from dialogs.conversation import pressed
from dialogs.engine import Engine
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Edited,
    Entered,
    Event,
    Expired,
    ForgetMe,
    Fresh,
    Listed,
    Measured,
    Narrowed,
    Openings,
    Progressed,
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
    WantedFile,
    Weighed,
    WentBack,
    Withdrew,
    Wrote,
)
from dialogs.machine import Plan
from dialogs.measure import Height, Weight
from dialogs.screens import screen
from dialogs.session import APPROVED, PROGRESS, ReferralCode, Session, TeamMessage
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
