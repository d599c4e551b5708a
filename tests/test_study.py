"""Every question and every choice against the table of trial.md §2, written here by hand a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from dialogs.eligibility import verdicts
from dialogs.machine import first_state
from dialogs.session import CONSENT, MINOR, RESULT
from dialogs.study import Outcome, Study, Verdict
from tests.dialogs_world import (
    AFTER_CONSENT,
    MET,
    PLAN,
    STUDY,
    Person,
    altered,
    choices_of,
    person,
    with_choice,
    with_place,
    with_question,
)

NONE: Verdict | None = None
met, not_met, unknown = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN

# What is asked -> the verdict of each choice. None leads to the follow-up.
TABLE: Mapping[str, Mapping[str, Verdict | None]] = {
    "age": {"yes": met, "no": not_met},
    "diagnosis": {"yes": met, "no": not_met, "unsure": unknown},
    "transplant": {
        "cannot": met,
        "declined": met,
        "wants": not_met,
        "wants_unsure": unknown,
        "had": unknown,
        "unsure": unknown,
    },
    "standard_treatment": {
        "not_enough": met,
        "side_effects": met,
        "helps": unknown,
        "never": unknown,
        "unsure": unknown,
    },
    "bmi.height": {"unsure": unknown},
    "bmi.weight": {"below": not_met, "between": unknown, "above": met, "unsure": unknown},
    "blood_counts": {"yes": NONE, "low": unknown, "no": met, "unsure": unknown},
    "blood_counts.cause": {"scleroderma": met, "other_illness": not_met, "medicine": unknown, "unsure": unknown},
    "hypertension": {"yes": not_met, "no": met, "unsure": unknown},
    "organ_damage": {"severe": not_met, "some": unknown, "no": met, "unsure": unknown},
    "infection": {"yes": not_met, "controlled": unknown, "no": met, "unsure": unknown},
    "cancer": {"yes": not_met, "past": unknown, "no": met, "unsure": unknown},
    "bone_marrow": {"yes": not_met, "no": met, "unsure": unknown},
    "pregnancy": {"yes": not_met, "no": met, "not_applicable": met, "unsure": unknown},
    "contraception": {"yes": met, "not_applicable": met, "no": not_met, "unsure": unknown},
}

# Criterion -> which text it comes from and which line of it.
SOURCES: Mapping[str, tuple[str, str]] = {
    "age": ("seed", "exclusion 7"),
    "diagnosis": ("seed", "inclusion 2"),
    "transplant": ("seed", "inclusion 1"),
    "standard_treatment": ("seed-summary", "summary"),
    "bmi": ("seed", "exclusion 1"),
    "blood_counts": ("seed", "exclusion 2"),
    "hypertension": ("seed", "exclusion 4"),
    "organ_damage": ("seed", "exclusion 5"),
    "infection": ("seed", "exclusion 3"),
    "cancer": ("seed", "exclusion 6"),
    "bone_marrow": ("seed", "exclusion 6"),
    "pregnancy": ("seed", "exclusion 8"),
    "contraception": ("seed", "exclusion 8"),
}

CASES = [(asked, choice, verdict) for asked, row in TABLE.items() for choice, verdict in row.items()]
NAMES = [f"{asked}:{choice}" for asked, choice, _ in CASES]


# ------------------------------------------------------------------------------------- as it is written down


def test_the_study_asks_exactly_what_the_table_says_in_its_order() -> None:
    assert [question.id for question in STUDY.questions] == list(SOURCES)
    assert list(STUDY.askings) == list(TABLE)


@pytest.mark.parametrize("asked", TABLE)
def test_each_choice_has_the_verdict_of_the_table(asked: str) -> None:
    assert {choice.id: choice.verdict for choice in STUDY.askings[asked].choices} == TABLE[asked]


@pytest.mark.parametrize("name", SOURCES)
def test_each_rule_says_where_it_comes_from(name: str) -> None:
    source = STUDY.question(name).source
    assert source is not None
    assert (source.provenance, source.rule) == SOURCES[name]
    assert source.quotation


def test_only_the_yes_to_very_low_blood_counts_leads_to_a_follow_up() -> None:
    assert {key: choice.then for key, choice in choices_of(STUDY).items() if choice.then} == {
        ("blood_counts", "yes"): "cause"
    }


def test_only_high_blood_pressure_shows_the_safety_card() -> None:
    assert [key for key, choice in choices_of(STUDY).items() if choice.safety] == [("hypertension", "yes")]


def test_the_bounds_are_those_of_the_trial() -> None:
    asked = STUDY.question("bmi").body_mass
    assert asked is not None
    assert (str(asked.excludes_below), str(asked.clears_from)) == ("18.0", "18.5")


def test_consent_comes_right_after_the_age() -> None:
    firsts = [first_state(question) for question in STUDY.questions]
    assert list(PLAN.chain) == ["age", CONSENT, *firsts[1:], "review"]


def test_the_policy_is_that_of_this_study() -> None:
    policy = STUDY.policy
    assert policy.stop == "first_not_met"
    assert set(policy.refer) == {Outcome.LIKELY_ELIGIBLE, Outcome.NEEDS_REVIEW}
    assert policy.ask_anyway
    assert (policy.minor, policy.consent_after) == ("age", "age")


def test_each_place_has_its_units_and_its_numbers() -> None:
    montreal, paris, elsewhere = STUDY.places
    assert [place.id for place in STUDY.places] == ["montreal", "paris", "elsewhere"]
    assert (montreal.lengths[0], montreal.masses[0], montreal.emergency) == ("ft_in", "lb", "911")
    assert (paris.lengths[0], paris.masses[0], paris.emergency) == ("cm", "kg", "15 or 112")
    assert (set(elsewhere.lengths), set(elsewhere.masses)) == ({"cm", "ft_in"}, {"kg", "lb"})
    assert elsewhere.time_zone is None
    for number in ("911", "811", "277-3553", "535353", "988"):
        assert number in " ".join(montreal.numbers)
    for number in ("15", "112", "114", "3114"):
        assert number in " ".join(paris.numbers)


# --------------------------------------------------------------------------------------- as it is lived


def criterion(asked: str) -> str:
    return asked.partition(".")[0]


def asked_this(asked: str) -> Person:
    """Somebody who has met everything so far and is now asked this."""
    here = person().starts()
    if asked == "age":
        return here
    here.consents().meets_all_before(criterion(asked))
    match asked:
        case "bmi.weight":
            here.taps("5", "63")
        case "blood_counts.cause":
            here.taps("yes")
    assert here.at == asked
    return here


def finishing(here: Person) -> Person:
    """Goes on to the end, with everything left met, and sends."""
    while here.at not in {"review", RESULT}:
        here.meets(criterion(here.at))
    if here.at == "review":
        here.taps("continue")
    return here.taps("share", "send")


@pytest.mark.parametrize(("asked", "choice", "verdict"), CASES, ids=NAMES)
def test_tapping_a_choice_gives_its_verdict_to_the_coordinators(
    asked: str, choice: str, verdict: Verdict | None
) -> None:
    here = asked_this(asked).taps(choice)
    if verdict is None:
        assert here.at == "blood_counts.cause"
        return
    if verdict is not_met:
        assert not set(here.answers) & {asked, criterion(asked)} or asked == "blood_counts.cause"
        if asked == "hypertension":
            assert here.at == "hypertension.safety"
            here.taps("understood")
        assert here.at == f"{asked}.confirm"
        here.taps("confirmed")
    if (asked, choice) == ("age", "no"):
        assert here.at == MINOR
        assert here.now == here.now.emptied(MINOR)
        return
    if verdict is not_met:
        assert here.at == RESULT
    assert verdicts(STUDY, here.now.answers)[criterion(asked)] is verdict
    if asked == "age":
        here.taps("agree")
    given = finishing(here).referred.result
    assert dict(given.verdicts) == expected(criterion(asked), verdict)
    assert (
        given.outcome
        is {
            met: Outcome.LIKELY_ELIGIBLE,
            unknown: Outcome.NEEDS_REVIEW,
            not_met: Outcome.LIKELY_INELIGIBLE,
        }[verdict]
    )


def expected(name: str, verdict: Verdict) -> dict[str, Verdict]:
    """All met but this one; after a not met, nothing more was asked."""
    order = list(SOURCES)
    after = Verdict.NOT_ASKED if verdict is not_met else met
    here = order.index(name)
    return {other: met if n < here else verdict if n == here else after for n, other in enumerate(order)}


def test_not_knowing_never_excludes_however_often() -> None:
    here = person().starts().consents()
    while here.at != "review":
        here.taps("unsure")
    given = here.taps("continue", "share", "send").referred.result
    assert given.outcome is Outcome.NEEDS_REVIEW
    assert set(given.verdicts.values()) - {met} == {unknown}


def test_the_ways_to_meet_a_criterion_used_by_all_tests_do_meet_it() -> None:
    here = person().starts().consents().reviews()
    assert set(verdicts(STUDY, here.now.answers).values()) == {met}
    assert list(MET) == list(SOURCES)
    assert tuple(SOURCES)[1:] == AFTER_CONSENT


# ------------------------------------------------------------------------------------------------ digests


def rule_changes() -> Iterator[Study]:
    yield with_question(STUDY, "cancer", revision=2)
    yield with_choice(STUDY, "cancer", "past", verdict=Verdict.MET)
    yield with_question(STUDY, "cancer", choices=STUDY.question("cancer").choices[:-1])


def word_changes() -> Iterator[Study]:
    yield with_question(STUDY, "cancer", ask="Do you have any cancer now?")
    yield with_choice(STUDY, "cancer", "past", label="In the past")
    yield with_place(STUDY, "paris", name="Île-de-France")


def test_a_changed_rule_changes_the_digest_of_its_question_alone() -> None:
    for study in rule_changes():
        changed = [each.id for each in study.questions if each.digest != STUDY.question(each.id).digest]
        assert changed == ["cancer"]
        assert study.digest != STUDY.digest


def test_a_corrected_comma_changes_no_digest() -> None:
    for study in word_changes():
        assert study.digest == STUDY.digest


def test_a_changed_bound_or_follow_up_changes_the_digest() -> None:
    bmi, counts = STUDY.question("bmi"), STUDY.question("blood_counts")
    assert bmi.body_mass is not None
    assert counts.follow_up is not None
    assert altered(bmi, body_mass=altered(bmi.body_mass, clears_from="19")).digest != bmi.digest
    fewer = altered(counts.follow_up, choices=counts.follow_up.choices[1:])
    assert altered(counts, follow_up=fewer).digest != counts.digest


def test_texts_have_each_key_once() -> None:
    keys = [key for key, _ in STUDY.texts()]
    assert len(keys) == len(set(keys))
