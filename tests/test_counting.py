"""What is counted of a conversation: each thing once, for nobody in particular."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.counting import LONGEST_NAME, counted, names, remembered
from dialogs.events import (
    Asked,
    ChangedLanguage,
    ChangedPlace,
    Edited,
    Event,
    Expired,
    ForgetMe,
    Reminded,
    Restarted,
    Started,
    Stopped,
    WentBack,
)
from dialogs.session import AFTER_SENDING, MINOR, RESULT, SENT, Session
from dialogs.study import Language
from tests.dialogs_world import AFTER_CONSENT, STUDY, Person, altered
from tests.happenings import Another, Nth, happenings, lived


@dataclass
class Tallied(Person):
    """Somebody in front of the bot, and everything they were counted as, in order."""

    tally: list[str] = field(default_factory=list)
    memory: tuple[str, ...] = ()

    def does(self, *events: Event) -> Self:
        for event in events:
            before = self.session
            super().does(event)
            found = counted(STUDY, before, self.now, self.memory)
            self.memory = remembered(before, self.now, event, found, self.memory)
            self.tally += found
        return self

    def starts(self, language: Language = "en", place: str = "montreal") -> Self:
        return self.does(Started()).does(ChangedLanguage(language=language)).does(ChangedPlace(place=place))

    def counts(self, *kinds: str, place: str = "montreal", language: Language = "en") -> bool:
        """Whether each of these was counted, once, under this place and language."""
        tally = Counter(self.tally)
        return all(tally[f"{place}.{language}.{kind}"] == 1 for kind in kinds)

    def times(self, kind: str) -> int:
        """How often something of this kind was counted, whatever the place and the language."""
        return sum(_kind(name).startswith(kind) for name in self.tally)


def _kind(name: str) -> str:
    return name.split(".", 2)[2]


# --------------------------------------------------------------------------------- what each thing counts as


def test_nobody_is_counted_before_language_and_place_are_known() -> None:
    assert Tallied().does(Started(), ChangedLanguage(language="fr"), Asked(topic="help"), Stopped()).tally == []


def test_who_chooses_a_language_and_a_place_starts_and_is_asked_the_first_question() -> None:
    assert Tallied().starts("fr", "paris").tally == ["paris.fr.started", "paris.fr.asked.age"]


def test_who_comes_by_a_link_starts_at_once() -> None:
    led = Tallied().does(Started(payload="paris-fr-chu"))
    assert led.tally == ["paris.fr.started", "paris.fr.asked.age"]


def test_the_whole_way_is_counted_step_by_step() -> None:
    sent = Tallied().starts().consents().reviews().taps("continue", "share", "send")
    questions = tuple(f"asked.{question}" for question in AFTER_CONSENT)
    expected = ("started", "asked.age", "agreed", *questions, "result.likely_eligible", "sent")
    assert [_kind(name) for name in sent.tally] == list(expected)


def test_a_height_and_a_follow_up_are_the_same_question_still() -> None:
    somebody = Tallied().starts().consents().meets_all_before("bmi").taps("5", "63")
    assert somebody.times("asked.bmi") == 1
    somebody.taps("above", "yes", "scleroderma")
    assert somebody.times("asked.blood_counts") == 1


def test_a_refusal_is_counted_as_declined_and_a_minor_as_minor() -> None:
    assert Tallied().starts().consents("decline").counts("declined")
    minor = Tallied().starts().taps("no", "confirmed")
    assert minor.at == MINOR
    assert minor.tally[-1] == "montreal.en.minor"
    assert not minor.times("result")


def test_not_knowing_is_counted_with_its_question_also_in_a_follow_up() -> None:
    somebody = Tallied().starts().consents().meets_all_before("blood_counts").taps("yes", "unsure")
    assert somebody.counts("unsure.blood_counts")
    assert not somebody.times("changed")


def test_another_answer_is_counted_as_changed_and_the_same_one_again_is_not() -> None:
    somebody = Tallied().starts().consents().reviews()
    somebody.does(Edited(question="cancer")).taps("no")
    assert not somebody.times("changed")
    somebody.does(Edited(question="cancer")).taps("unsure")
    assert somebody.counts("changed.cancer", "unsure.cancer")


def test_a_result_is_counted_with_each_criterion_that_was_not_met() -> None:
    somebody = Tallied().starts().consents().meets_all_before("cancer").taps("yes", "confirmed")
    assert somebody.at == RESULT
    assert somebody.tally[-2:] == ["montreal.en.result.likely_ineligible", "montreal.en.decided.cancer"]


def test_an_answer_still_to_be_confirmed_decides_nothing() -> None:
    somebody = Tallied().starts().consents().meets_all_before("cancer").taps("yes", "mistaken", "no")
    assert not somebody.times("decided")
    assert not somebody.times("result")


# ------------------------------------------------------------------------------------------ where people stop


def test_who_leaves_before_a_result_stopped_where_they_were() -> None:
    for leaving in (Stopped(), Expired(), ForgetMe()):
        at_a_question = Tallied().starts().consents().meets_all_before("bmi").taps("5").does(leaving)
        assert at_a_question.tally[-1] == "montreal.en.stopped.bmi"
        assert Tallied().starts().taps("yes").does(leaving).tally[-1] == "montreal.en.stopped.consent"
        assert Tallied().starts().consents().reviews().does(leaving).tally[-1] == "montreal.en.stopped.review"


def test_who_leaves_after_a_result_did_not_stop_before_one() -> None:
    for taps in ((), ("share",), ("review",), ("share", "send")):
        for leaving in (Stopped(), Expired(), ForgetMe(withdraw=False)):
            somebody = Tallied().starts().consents().reviews().taps("continue", *taps).does(leaving)
            assert not somebody.times("stopped"), (taps, leaving)


def test_a_reminder_is_nothing_that_somebody_did() -> None:
    somebody = Tallied().starts().consents()
    before = list(somebody.tally)
    assert somebody.does(Reminded()).tally == before


# -------------------------------------------------------------------------------------- nothing counts twice


def test_going_back_and_forth_counts_nothing_twice() -> None:
    somebody = Tallied().starts().consents().meets("diagnosis", "transplant")
    before = list(somebody.tally)
    somebody.does(WentBack(), WentBack(), WentBack(), WentBack()).taps("yes")
    assert somebody.at == "standard_treatment"
    assert somebody.tally == before


def test_wavering_counts_once_for_not_knowing_and_once_for_changing() -> None:
    somebody = Tallied().starts().consents()
    for choice in ("unsure", "yes", "unsure", "yes"):
        somebody.taps(choice).does(WentBack())
    assert somebody.times("unsure.diagnosis") == 1
    assert somebody.times("changed.diagnosis") == 1


def test_looking_at_the_result_again_counts_the_first_one_only() -> None:
    somebody = Tallied().starts().consents().meets_all_before("cancer").taps("yes", "confirmed", "review")
    somebody.does(Edited(question="cancer")).taps("no").meets("bone_marrow", "pregnancy", "contraception")
    somebody.taps("continue")
    assert somebody.at == RESULT
    assert [name for name in somebody.tally if "result" in name] == ["montreal.en.result.likely_ineligible"]
    assert somebody.times("decided") == 1


def test_another_language_goes_on_where_the_first_one_was() -> None:
    somebody = Tallied().starts().does(ChangedLanguage(language="fr")).consents()
    assert somebody.times("started") == 1
    assert somebody.times("asked.age") == 1
    assert somebody.counts("agreed", "asked.diagnosis", language="fr")


def test_another_place_asks_for_consent_again_and_counts_it_once() -> None:
    somebody = Tallied().starts().consents().does(ChangedPlace(place="paris")).taps("agree")
    assert somebody.at == "diagnosis"
    assert somebody.times("started") == somebody.times("agreed") == somebody.times("asked.diagnosis") == 1


def test_who_starts_over_is_the_same_person_still() -> None:
    somebody = Tallied().starts().consents().taps("unsure").does(Restarted())
    before = list(somebody.tally)
    somebody.does(ChangedPlace(place="montreal")).consents().taps("unsure")
    assert somebody.at == "transplant"
    assert somebody.tally == before, "the same questions again are nothing new"
    assert somebody.taps("declined").tally[-1] == "montreal.en.asked.standard_treatment"


def test_starting_over_keeps_nothing_of_what_was_answered() -> None:
    def left(*taps: str) -> tuple[str, ...]:
        return Tallied().starts().consents().taps(*taps).does(Restarted()).memory

    assert left("unsure") == left("yes")


def test_who_had_a_result_and_starts_over_has_no_second_one() -> None:
    somebody = Tallied().starts().consents().reviews().taps("continue").does(Restarted())
    somebody.does(ChangedPlace(place="montreal")).consents().reviews().taps("continue")
    assert somebody.times("result") == 1
    assert not somebody.does(Stopped()).times("stopped")


def test_another_screening_after_one_was_sent_or_ended_is_counted_anew() -> None:
    again = Tallied().starts().consents().reviews().taps("continue", "share", "send").does(Restarted())
    assert again.does(ChangedPlace(place="paris")).counts("started", place="paris")
    ended = Tallied().starts().does(Stopped()).starts()
    assert ended.times("started") == 2


def test_letting_the_team_write_sends_nothing_again() -> None:
    sent = Tallied().starts().consents().reviews().taps("continue", "share", "send")
    before = list(sent.tally)
    assert sent.taps("offer", "decline", "offer", "agree").does(Stopped()).tally == before


def test_nothing_is_remembered_after_the_end_or_once_a_result_was_sent() -> None:
    sent = Tallied().starts().consents().meets("diagnosis").does(WentBack()).taps("yes")
    sent.meets(*AFTER_CONSENT[1:]).taps("continue", "share", "send")
    assert sent.at == SENT
    assert sent.memory == ()
    assert Tallied().starts().consents().does(Stopped()).memory == ()


# ------------------------------------------------------------------------------------------------ always


BEGINNINGS = (
    Tallied(),
    Tallied().starts("fr", "paris").consents().meets_all_before("blood_counts").taps("unsure"),
    Tallied().starts().consents().meets_all_before("cancer").taps("yes", "confirmed", "review"),
    Tallied().starts().consents().reviews(),
    Tallied().starts().consents().reviews().taps("continue", "share"),
    Tallied().starts().consents().meets("diagnosis").does(Restarted()),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BEGINNINGS), happenings)
def test_whatever_happens_nobody_is_counted_twice(begun: Tallied, happening: list[Nth | Another | Event]) -> None:
    """However often people start over, go back, or the world changes under them, until they are done."""
    memory, known, own = begun.memory, set(names(STUDY)), Counter(map(_kind, begun.tally))
    for moment in lived(begun.session, happening):
        found = counted(STUDY, moment.before, moment.step.session, memory)
        memory = remembered(moment.before, moment.step.session, moment.event, found, memory)
        assert known.issuperset(found)
        if begins(moment.before, moment.event):
            own.clear()
        own.update(_kind(name) for name in found)
        assert not own or max(own.values()) == 1
        assert sum(number for kind, number in own.items() if kind.startswith("result.")) <= 1
        assert not (own["sent"] and any(kind.startswith("stopped.") for kind in own))
        assert_in_reach(own)


def begins(before: Session | None, event: Event) -> bool:
    """Whether what happens now begins a screening that is counted on its own."""
    return before is None or before.over or (before.state in AFTER_SENDING and isinstance(event, Restarted))


def assert_in_reach(own: Counter[str]) -> None:
    """Nobody is said to be unsure, to have changed or to be sent without what must have come first."""
    for kind in own:
        what, _, question = kind.partition(".")
        if what in {"unsure", "changed", "decided"}:
            assert own[f"asked.{question}"], kind
        if what in {"agreed", "result", "sent"}:
            assert own["started"], kind


def test_every_name_fits_its_column_and_speaks_of_one_place_and_language() -> None:
    known = list(names(STUDY))
    assert len(known) == len(set(known))
    assert max(len(name) for name in known) <= LONGEST_NAME
    assert {name.split(".")[0] for name in known} == {place.id for place in STUDY.places}


def test_a_study_with_too_long_names_can_be_found() -> None:
    long = altered(STUDY, places=(altered(STUDY.places[0], id="a" * 40),))
    assert max(len(name) for name in names(long)) > LONGEST_NAME
