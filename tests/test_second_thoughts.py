"""Links, reminders, lists of answers, one's own data, taking back: what people do beside answering."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialogs.conversation import heard
from dialogs.eligibility import day
from dialogs.events import (
    Asked,
    Count,
    GiveFile,
    Listed,
    Reminded,
    Restarted,
    Started,
    Tapped,
    Unclear,
    WantedFile,
    Withdraw,
    Withdrew,
)
from dialogs.links import Link, read_link, write_link
from dialogs.reminders import reminder_due
from dialogs.session import ReferralCode, Session
from dialogs.symbols import Say
from tests.dialogs_world import (
    AFTER_CONSENT,
    CODE,
    ENGINE,
    FRESH,
    MET,
    NOW,
    OPEN,
    STUDY,
    Person,
    altered,
    at_sent,
    person,
)

A_DAY = timedelta(days=1)


# ------------------------------------------------------------------------------------------------- links


def test_a_link_opens_the_bot_in_its_language_at_its_place() -> None:
    someone = person().does(Started(payload="paris-fr-chu-rhumato"))
    assert (someone.at, someone.now.language, someone.now.place) == ("age", "fr", "paris")


def test_the_source_of_a_link_is_counted_and_never_kept() -> None:
    step = ENGINE.advance(None, Started(payload="paris-fr-chu-rhumato"), NOW, FRESH)
    assert step.effects == (Count(name="source.chu-rhumato"),)
    assert "chu-rhumato" not in step.session.model_dump_json()


@pytest.mark.parametrize("payload", ["", "hello", "mars-fr", "paris-de", "paris", "paris-fr-é", "PARIS-FR", "a" * 64])
def test_an_unknown_payload_starts_normally(payload: str) -> None:
    assert person().does(Started(payload=payload)).at == "language"


def test_a_link_does_not_disturb_somebody_in_the_middle() -> None:
    someone = person().starts("en", "montreal").consents().does(Started(payload="paris-fr-poster"))
    assert (someone.at, someone.now.language, someone.now.place) == ("diagnosis", "en", "montreal")


def test_a_link_reads_as_it_was_written() -> None:
    for place in STUDY.places:
        link = Link(place.id, "fr", "chu-rhumato")
        assert read_link(write_link(link), STUDY) == link


def test_a_link_too_long_for_telegram_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        write_link(Link("montreal", "fr", "x" * 60))


# --------------------------------------------------------------------------------------------- reminders


def paused(place: str, local: datetime) -> Session:
    """Somebody in the middle of the questions whose last activity was at this local time."""
    session = person().starts("fr", place).consents().now
    return session.changed(touched=local.replace(tzinfo=ZoneInfo(STUDY.place(place).time_zone or "UTC")))


def due(session: Session, after: timedelta = A_DAY) -> datetime | None:
    """When they are reminded, in the time of their place."""
    moment = reminder_due(STUDY, session, after)
    return moment and moment.astimezone(STUDY.place(session.place or "").zone).replace(tzinfo=None)


@pytest.mark.parametrize("place", ["montreal", "paris"])
@pytest.mark.parametrize(
    ("stopped", "reminded"),
    [
        (datetime(2026, 6, 1, 14, 5), datetime(2026, 6, 2, 14, 5)),
        (datetime(2026, 6, 1, 3, 0), datetime(2026, 6, 2, 9, 0)),
        (datetime(2026, 6, 1, 8, 59, 59), datetime(2026, 6, 2, 9, 0)),
        (datetime(2026, 6, 1, 19, 59), datetime(2026, 6, 2, 19, 59)),
        (datetime(2026, 6, 1, 20, 0), datetime(2026, 6, 3, 9, 0)),
        (datetime(2026, 6, 1, 23, 30), datetime(2026, 6, 3, 9, 0)),
    ],
)
def test_a_reminder_comes_a_day_later_and_never_at_night(place: str, stopped: datetime, reminded: datetime) -> None:
    assert due(paused(place, stopped)) == reminded


@pytest.mark.parametrize(
    ("place", "stopped"),
    [
        ("montreal", datetime(2026, 3, 7, 8, 30)),  # the clocks of Montréal go forward on 8 March
        ("montreal", datetime(2026, 10, 31, 21, 0)),  # and back on 1 November
        ("paris", datetime(2026, 3, 28, 23, 0)),  # those of Paris forward on 29 March
        ("paris", datetime(2026, 10, 24, 8, 30)),  # and back on 25 October
    ],
)
def test_no_change_of_clocks_moves_a_reminder_into_the_night(place: str, stopped: datetime) -> None:
    for hours in range(1, 72):
        reminded = due(paused(place, stopped), timedelta(hours=hours))
        assert reminded is not None
        assert 9 <= reminded.hour < 20


def test_nobody_is_reminded_twice() -> None:
    someone = person().starts().consents().does(Reminded())
    assert someone.says("note.reminder.question")
    assert reminder_due(STUDY, someone.now, A_DAY) is None
    assert reminder_due(STUDY, someone.taps("yes").now, A_DAY) is None


def test_a_reminder_does_not_count_as_activity() -> None:
    someone = person().starts().consents()
    later = ENGINE.advance(someone.now, Reminded(), NOW + A_DAY, FRESH).session
    assert later.touched == someone.now.touched


def test_nobody_is_reminded_before_a_place_is_known_after_the_end_or_where_night_is_unknown() -> None:
    for someone in (person().does(Started()), at_sent(), at_sent().taps("done"), person().starts("en", "elsewhere")):
        assert reminder_due(STUDY, someone.now, A_DAY) is None


# ------------------------------------------------------------------------------------ lists, data, taking back


def test_danger_before_a_language_is_known_is_answered_in_every_language() -> None:
    someone = person().does(Started(), Asked(topic="danger.crisis"))
    said = {line.language for block in someone.screen.blocks for line in block if isinstance(line, Say)}
    assert said == {"en", "fr"}
    assert someone.says("danger.crisis")
    assert someone.taps("back").buttons == ["fr", "en"]


def test_the_answers_are_listed_in_the_text_when_somebody_asks_for_it() -> None:
    someone = person().starts().consents().does(Listed(on=True))
    assert someone.says("listed.option")
    assert not someone.does(Listed(on=False)).says("listed.option")


def test_a_bare_number_means_an_answer_only_where_the_answers_are_numbered() -> None:
    someone = person().starts().consents()
    labels = {"yes": "Yes", "no": "No", "unsure": "I don't know"}
    assert heard(STUDY, someone.screen, someone.now, "en", "2", labels) == Unclear()
    someone.does(Listed(on=True))
    assert heard(STUDY, someone.screen, someone.now, "en", "2", labels) == Tapped(choice="no")


def test_my_data_shows_each_answer_and_nothing_is_lost() -> None:
    someone = person().starts().consents().meets("diagnosis").opens("mydata")
    assert someone.says("question.diagnosis.choice.yes")
    assert someone.taps("back").at == "transplant"


def test_somebody_can_have_their_data_as_a_file() -> None:
    assert person().starts().does(WantedFile()).effects == [GiveFile()]


def test_anybody_with_a_code_can_take_its_result_back() -> None:
    code = ReferralCode("ABC-DEF-GHJ")
    someone = person().does(Withdrew(code=code))
    assert someone.effects == [Withdraw(code=code)]
    assert someone.says("note.withdraw.done")


def test_taking_back_tells_nobody_whether_a_code_exists() -> None:
    """The engine does not know, so it says the same in any case."""
    known, unknown = at_sent().does(Withdrew(code=ReferralCode("X"))), person().does(Withdrew(code=ReferralCode("X")))
    assert known.says("note.withdraw.done")
    assert unknown.says("note.withdraw.done")


def test_taking_back_the_result_just_sent_ends_the_conversation() -> None:
    someone = at_sent().does(Withdrew(code=CODE))
    assert someone.at == "forgotten"
    assert Withdraw(code=CODE) in someone.effects


def test_a_wrong_code_is_asked_again_and_takes_nothing_back() -> None:
    someone = person().starts().does(Withdrew(code=None, given=True))
    assert someone.says("note.withdraw.wrong")
    assert someone.effects == []


def test_each_question_says_why_it_is_asked_and_what_it_means_and_loses_no_place() -> None:
    here, explained = person().starts(place="paris"), set[str]()
    answers = {**MET, "age": ("yes", "agree"), "bmi": ("160", "163", "above"), "blood_counts": ("yes", "unsure")}
    for question in ("age", *AFTER_CONSENT):
        for tap in answers[question]:
            if here.at in STUDY.askings:
                for card in ("why", "means"):
                    assert here.taps("help", card).says(f"question.{here.at}.{card}"), here.at
                    explained.add(here.taps("back").at)
            here.taps(tap)
    assert explained == set(STUDY.askings)


def test_starting_over_erases_all_but_the_language() -> None:
    someone = person().starts("fr", "paris").consents().meets("diagnosis").does(Restarted())
    assert (someone.at, someone.now.language, someone.now.place) == ("place", "fr", None)
    assert someone.answers == {}
    assert someone.now.consent is None


def test_the_number_of_questions_left_is_a_true_upper_bound() -> None:
    someone = person().starts().consents()
    for position, question in enumerate(AFTER_CONSENT):
        assert left(someone) == len(AFTER_CONSENT) - position - 1
        someone.meets(question)


def left(someone: Person) -> int:
    """How many questions the screen says can still come after this one."""
    line = next(
        each
        for block in someone.screen.blocks
        for each in block
        if getattr(each, "key", "").startswith("question.prog")
    )
    return int(str(line.params["left"]))  # type: ignore[union-attr]


@pytest.mark.parametrize("reached", ["diagnosis", "transplant", "standard_treatment"])
def test_back_shows_each_screen_of_the_way_the_consent_too(reached: str) -> None:
    """Whoever agreed can read the text again by going back, change their mind there, or go on to where they were."""
    someone = person().starts("fr", "paris").consents().meets_all_before(reached)
    assert someone.at == reached
    way = [*someone.now.path]
    while way:
        assert someone.taps("back").at == way.pop()
        if someone.at == "consent":
            break
    assert someone.at == "consent"
    assert someone.taps("agree").at == reached


def test_a_no_after_going_back_to_the_consent_ends_and_keeps_nothing() -> None:
    someone = person().starts("fr", "paris").consents().meets("diagnosis").taps("back", "back", "decline")
    assert (someone.at, someone.answers, someone.now.consent) == ("declined", {}, None)


def test_a_yes_to_a_text_that_has_changed_meanwhile_counts_for_nothing() -> None:
    """The operator changed the privacy text while somebody was reading the old one: they are asked again."""
    here = person().starts("en", "paris").taps("yes")
    assert here.at == "consent"
    agrees = {option.id: option.event for option in here.screen.options}["agree"]
    assert agrees is not None
    changed = {place: {**texts, "en": "another text"} for place, texts in OPEN.consents.items()}
    here.with_engine(altered(OPEN, consents=changed)).does(agrees)
    assert here.at == "consent"
    assert here.now.consent is None
    assert here.taps("agree").at == "diagnosis"


def test_the_day_is_that_of_the_place() -> None:
    """At 23:30 in Montréal it is the next day in UTC: the card says today."""
    late = datetime(2026, 6, 2, 3, 30, tzinfo=UTC)
    session = at_sent().now.changed(touched=late, place="montreal")
    assert day(STUDY, session).isoformat() == "2026-06-01"
