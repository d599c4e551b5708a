"""`check` finds everything wrong with a study, and the drawing shows all of the machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dialogs.check import Code, Finding, check, route_findings
from dialogs.drawing import NOTE, mermaid, node
from dialogs.machine import Route, base
from dialogs.session import AFTER_SENDING, CONSENT, ENDS, LANGUAGE, PREVIEW, RESULT
from dialogs.study import Allowed, BodyMass, Choice, Study, Verdict, read
from tests.dialogs_world import PLAN, STUDY, altered, with_choice, with_place, with_question

SEED = read(Path(__file__).parent / "fixtures" / "seed_checklist.toml")


def places(findings: Sequence[Finding], code: Code) -> set[str]:
    """The questions (or other places) for which this was found."""
    return {finding.place.split(".")[1] for finding in findings if finding.code is code}


# --------------------------------------------------------------------------------- the two studies we have


def test_the_study_we_ask_has_nothing_wrong() -> None:
    assert [str(finding) for finding in check(STUDY)] == []


# What is wrong with the page's checklist, by hand, from the table of traps in trial.md.
SEED_TRAPS: dict[Code, set[str]] = {
    # "My high blood pressure is not under control": no for most, and yes for whoever means "yes, it is".
    Code.INVERTED: {"infection", "cancer", "pregnancy", "hypertension"},
    Code.NEGATED: {"transplant", "blood_counts", "infection", "hypertension", "cancer", "pregnancy"},
    Code.DOUBLE: {"transplant", "infection", "organ_damage", "cancer", "pregnancy"},
    Code.PERSON_SWITCH: {"organ_damage"},
    Code.EXPONENT: {"blood_counts"},
    Code.IMPOSSIBLE_YEAR: {"diagnosis"},
    Code.NO_UNSURE: {question.id for question in SEED.questions} - {"age"},
    Code.NOT_A_QUESTION: {question.id for question in SEED.questions},
}


@pytest.mark.parametrize("code", SEED_TRAPS)
def test_the_checklist_of_the_page_is_refused_naming_each_trap(code: Code) -> None:
    assert places(check(SEED), code) == SEED_TRAPS[code]


def test_the_checklist_of_the_page_is_still_what_the_page_says() -> None:
    page = [question.ask for question in SEED.questions]
    assert len(page) == 10
    assert "I do not have any uncontrolled infections like HIV or hepatitis." in page
    for question in SEED.questions:
        fits = "yes" if question.kind == "inclusion" else "no"
        met = [choice.id for choice in question.choices if choice.verdict is Verdict.MET]
        assert met == [fits], "check Yes for inclusions, check No for exclusions"


# ------------------------------------------------------------------------------- one thing broken at a time


def without(*gone: tuple[str, str, str]) -> tuple[Finding, ...]:
    """What is found when these arrows (trigger, from, to) are missing from the machine."""
    kept = [route for route in PLAN.routes if (route.trigger, route.source, route.dest) not in gone]
    assert len(kept) == len(PLAN.routes) - len(gone)
    return tuple(route_findings(kept))


def with_policy(**fields: object) -> Study:
    return altered(STUDY, policy=altered(STUDY.policy, **fields))


def swapped() -> Study:
    """Cancer with yes and no the wrong way round."""
    return with_choice(with_choice(STUDY, "cancer", "yes", verdict=Verdict.MET), "cancer", "no", verdict="not_met")


def many() -> tuple[Choice, ...]:
    more = (Choice(id=f"more_{number}", label=f"More {number}", verdict=Verdict.UNKNOWN) for number in range(95))
    return (*STUDY.question("cancer").choices, *more)


def cancer(**fields: object) -> Study:
    return with_question(STUDY, "cancer", **fields)


def quoted(quotation: str) -> Study:
    source = STUDY.question("cancer").source
    assert source is not None
    return cancer(source=altered(source, quotation=quotation))


def body_mass() -> BodyMass:
    asked = STUDY.question("bmi").body_mass
    assert asked is not None
    return asked


BROKEN: dict[Code, Callable[[], tuple[Finding, ...]]] = {
    Code.DUPLICATE_ID: lambda: check(altered(STUDY, facts=(*STUDY.facts, STUDY.facts[0]))),
    Code.RESERVED_ID: lambda: check(with_place(STUDY, "elsewhere", id="back")),
    Code.POLICY_QUESTION: lambda: check(with_policy(consent_after="weight")),
    Code.UNREACHABLE: lambda: without(("shared", RESULT, PREVIEW)),
    Code.ENDLESS: lambda: without(
        *(("chose", state, to) for state in ("closed", "waiting") for to in ("age", "closed"))
    ),
    Code.NO_EXIT: lambda: without(("forgot", CONSENT, "forgotten")),
    Code.NO_ROUTE: lambda: without(("answered", "diagnosis", "review")),
    Code.TWO_ROUTES: lambda: tuple(route_findings((*PLAN.routes, Route("reviewed", RESULT, PREVIEW)))),
    Code.EARLY_QUESTION: lambda: check(with_policy(consent_after="diagnosis")),
    Code.NO_CHOICES: lambda: check(cancer(choices=())),
    Code.TOO_MANY_CHOICES: lambda: check(cancer(choices=many())),
    Code.NO_VERDICT: lambda: check(with_choice(STUDY, "cancer", "past", verdict=None)),
    Code.TWO_MEANINGS: lambda: check(with_choice(STUDY, "blood_counts", "yes", verdict="unknown")),
    Code.NO_FOLLOW_UP: lambda: check(with_choice(STUDY, "cancer", "past", verdict=None, then="cause")),
    Code.UNUSED_FOLLOW_UP: lambda: check(with_choice(STUDY, "blood_counts", "yes", verdict="not_met", then=None)),
    Code.NO_UNSURE: lambda: check(cancer(choices=STUDY.question("cancer").choices[:-1])),
    Code.UNSURE_DECIDES: lambda: check(with_choice(STUDY, "cancer", "unsure", verdict="met")),
    Code.NEVER_MET: lambda: check(with_choice(STUDY, "bone_marrow", "no", verdict="unknown")),
    Code.NEVER_EXCLUDES: lambda: check(with_choice(STUDY, "bone_marrow", "yes", verdict="unknown")),
    Code.SUMMARY_EXCLUDES: lambda: check(with_choice(STUDY, "standard_treatment", "never", verdict="not_met")),
    Code.INVERTED: lambda: check(swapped()),
    Code.SAFETY: lambda: check(with_choice(STUDY, "cancer", "past", safety=True)),
    Code.BODY_MASS: lambda: check(with_choice(STUDY, "bmi", "between", verdict="met")),
    Code.WRONG_BOUND: lambda: check(with_question(STUDY, "bmi", body_mass=altered(body_mass(), excludes_below="18.5"))),
    Code.NO_SOURCE: lambda: check(cancer(source=None)),
    Code.NO_EMERGENCY: lambda: check(with_place(STUDY, "paris", emergency="a doctor")),
    Code.NO_CRISIS: lambda: check(
        with_place(STUDY, "elsewhere", numbers=("Emergency: call your local emergency number.",))
    ),
    Code.NOT_A_QUESTION: lambda: check(cancer(ask="Tell us if you have cancer now.")),
    Code.NEGATED: lambda: check(cancer(ask="Do you have a cancer not yet treated?")),
    Code.DOUBLE: lambda: check(cancer(ask="Do you have cancer or a bone marrow disease now?")),
    Code.NEEDLESS_ALLOW: lambda: check(cancer(allow=(Allowed(word="or", reason="Some reason."),))),
    Code.SAME_LABEL: lambda: check(with_choice(STUDY, "cancer", "past", label="yes")),
    Code.PERSON: lambda: check(cancer(ask_helping="Do you have cancer now?")),
    Code.PERSON_SWITCH: lambda: check(cancer(ask="Do I have cancer now?")),
    Code.TOO_LONG: lambda: check(cancer(why="Because. " * 500)),
    Code.EXPONENT: lambda: check(quoted("neutropenia < 0.5 x 109 cells")),
    Code.LAB_VALUE: lambda: check(cancer(why="Your level should be above 8 g/dL.")),
    Code.IMPOSSIBLE_YEAR: lambda: check(quoted("2103 classification criteria")),
    Code.FORBIDDEN_WORD: lambda: check(cancer(why="This tells if you are eligible.")),
    Code.BRACES: lambda: check(cancer(why="Because of {reason}.")),
}


@pytest.mark.parametrize("code", BROKEN)
def test_the_study_with_one_thing_broken_is_refused_for_that_reason_alone(code: Code) -> None:
    assert {finding.code for finding in BROKEN[code]()} == {code}


def test_every_code_is_shown_by_a_study_broken_in_just_that_way() -> None:
    assert set(BROKEN) == set(Code)


def test_every_code_says_in_a_sentence_why_it_is_a_fault() -> None:
    assert all(re.fullmatch(r"[A-Z].*\.", code.meaning) for code in Code)
    assert len({code.meaning for code in Code}) == len(Code)


def test_every_finding_names_its_place_and_says_what_to_do() -> None:
    for finding in (*check(SEED), *(finding for broken in BROKEN.values() for finding in broken())):
        assert finding.place
        assert len(finding.what.split()) > 3
        assert str(finding) == f"{finding.place}: {finding.what} [{finding.code}]"


def test_all_that_is_wrong_is_found_at_once() -> None:
    twice = with_question(with_choice(STUDY, "cancer", "past", verdict=None), "pregnancy", source=None)
    assert {finding.code for finding in check(twice)} == {Code.NO_VERDICT, Code.NO_SOURCE}


# ------------------------------------------------------------------------------------ where the line is drawn


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ("Are you 65 or older?", None),
        ("Do you have cancer now? It does not matter which.", None),
        ("Do you have cancer now? Any kind, old or new, and also in the blood.", None),
        ("Don't you have cancer now?", Code.INVERTED),
        ("Do you not have cancer now?", Code.INVERTED),
        ("Are you not ill with cancer now?", Code.INVERTED),
        ("Do you have no cancer now?", Code.INVERTED),
        ("Do you have cancer and pain?", Code.DOUBLE),
        ("Have you had cancer since 2013?", None),
        ("Is your count under 30 × 10⁹?", Code.LAB_VALUE),
        ("Is your count under 30 x 109?", Code.EXPONENT),
        ("Is your count over 10 9 cells?", Code.EXPONENT),
        ("Do you have cancer, as defined in 2103?", Code.IMPOSSIBLE_YEAR),
        ("Do you have multiple sclerosis?", Code.FORBIDDEN_WORD),
        ("Do you have systemic sclerosis?", None),
        ("Would you qualify?", Code.FORBIDDEN_WORD),
    ],
)
def test_a_question_is_judged_by_its_own_words(ask: str, code: Code | None) -> None:
    found = {finding.code for finding in check(cancer(ask=ask))}
    assert (code in found) if code else not found


def test_a_length_is_counted_as_telegram_does() -> None:
    assert check(with_choice(STUDY, "cancer", "past", label="🙂" * 20)) == ()
    assert {each.code for each in check(with_choice(STUDY, "cancer", "past", label="🙂" * 21))} == {Code.TOO_LONG}


def test_an_inclusion_answered_the_wrong_way_round_is_inverted() -> None:
    turned = with_choice(with_choice(STUDY, "diagnosis", "yes", verdict="not_met"), "diagnosis", "no", verdict="met")
    assert {finding.code for finding in check(turned)} == {Code.INVERTED}


def test_a_follow_up_must_also_have_a_third_value() -> None:
    cause = STUDY.question("blood_counts").follow_up
    assert cause is not None
    broken = with_question(STUDY, "blood_counts", follow_up=altered(cause, choices=cause.choices[:-1]))
    assert [(each.code, each.place) for each in check(broken)] == [(Code.NO_UNSURE, "question.blood_counts.cause")]


def test_a_safety_card_needs_a_policy_that_has_the_answer_confirmed() -> None:
    findings = check(with_policy(stop="never"))
    assert [(each.code, each.place) for each in findings] == [(Code.SAFETY, "question.hypertension.choice.yes")]


def test_only_skipping_and_sharing_may_lead_nowhere() -> None:
    sometimes = [route._replace(when=("settled",)) for route in PLAN.routes]
    findings = list(route_findings(sometimes))
    stuck = {finding.place.rpartition(".")[2] for finding in findings if finding.code is Code.NO_ROUTE}
    every = {route.trigger.rpartition(".")[2] for route in PLAN.routes}
    assert every - stuck == {"skipped", "shared", "wished"}


# ------------------------------------------------------------------------------------------- the drawing

DRAWING = mermaid(PLAN)
ARROW = re.compile(r"^\s*(\S+) --> (\S+)(?: : (.*))?$", re.MULTILINE)
ARROWS = [(source, dest, why or "") for source, dest, why in ARROW.findall(DRAWING)]


@pytest.mark.parametrize("route", PLAN.routes, ids=str)
def test_every_route_is_in_the_drawing(route: Route) -> None:
    source, dest = node(PLAN, route.source), node(PLAN, route.dest)
    own = [why for start, end, why in ARROWS if (start, end) == (source, dest)]
    if any(route.trigger.replace("_", " ") in why for why in own):
        return
    after = route.source in AFTER_SENDING
    if route.trigger in {"stopped", "forgot", "expired"} or (route.trigger == "finished" and after):
        assert ("afterwards" if after else "conversation", route.dest) in {(start, end) for start, end, _ in ARROWS}
    elif route.trigger.startswith("change."):
        assert "(change)" in "".join(NOTE)
    elif route.trigger == "skipped":
        assert "skipped" in "".join(NOTE)
    else:
        assert (route.when, route.dest) == (("standing",), "review")
        assert base(route.source) in PLAN.question_at
        assert "standing" in "".join(NOTE)


def test_the_drawing_invents_no_arrow() -> None:
    real = {(node(PLAN, route.source), node(PLAN, route.dest)) for route in PLAN.routes}
    boxed = {(box, end) for box in ("conversation", "afterwards") for end in ENDS}
    boxed |= {("[*]", LANGUAGE)} | {(end, "[*]") for end in ENDS}
    assert {(source, dest) for source, dest, _ in ARROWS} <= real | boxed


def test_every_state_is_named_once_with_an_id_that_mermaid_takes() -> None:
    named = re.findall(r'^\s*state "([^"]+)" as (\S+)( \{)?$', DRAWING, re.MULTILINE)
    ids = [name for _, name, _ in named]
    boxes = ["afterwards", "conversation", "questions"]
    assert sorted(ids) == sorted([node(PLAN, state) for state in PLAN.states] + boxes)
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in ids)
    assert {name for start, end, _ in ARROWS for name in (start, end)} <= {*ids, "[*]"}
    assert ("High blood pressure, safety", "q_hypertension__safety", "") in named


def test_no_label_holds_what_would_end_it() -> None:
    assert DRAWING.startswith("stateDiagram-v2\n")
    assert not any(mark in why for _, _, why in ARROWS for mark in ":;#{}")
    assert DRAWING.count("{") == DRAWING.count("}") == 3
