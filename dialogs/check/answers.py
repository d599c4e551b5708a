"""Checks what answers mean: verdicts, follow-ups, polarity, where rules come from and whom to call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from dialogs.check.finding import Code, Finding
from dialogs.check.sentences import denies, judged
from dialogs.study import Asking, Choice, Place, Question, Study, Verdict, askings

UNSURE = "unsure"
# The bands of weight a body mass index is asked with, and what each means.
BANDS = {
    "below": Verdict.NOT_MET,
    "between": Verdict.UNKNOWN,
    "above": Verdict.MET,
    UNSURE: Verdict.UNKNOWN,
}
# Telegram puts at most 100 buttons under a message; a question also has back, help and leave.
BUTTONS = 97
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def answer_findings(study: Study) -> Iterator[Finding]:
    """Choices that mean nothing, too much or the opposite, and rules or places that leave somebody alone."""
    yield from _early(study)
    for question in study.questions:
        if question.source is None:
            yield Finding(Code.NO_SOURCE, f"question.{question.id}", "say where the rule stands, and quote it")
        for name, asking in askings(question):
            yield from _choices(f"question.{name}", asking, question, study.policy.stop)
            if question.id != study.policy.minor:
                yield from _unsure(f"question.{name}", asking)
        yield from _follow_up(question)
        yield from _verdicts(question)
        yield from _polarity(question)
        yield from _body_mass(question)
    for place in study.places:
        yield from _place(place)


def _early(study: Study) -> Iterator[Finding]:
    """A minor is never asked to consent, and nobody is asked about their health before they did."""
    asked = [question.id for question in study.questions]
    consent_after = study.policy.consent_after
    for name in asked[: asked.index(consent_after) + 1] if consent_after in asked else ():
        if name != study.policy.minor:
            what = "it is asked before consent; move it behind, or let `consent_after` name the age"
            yield Finding(Code.EARLY_QUESTION, f"question.{name}", what)


def _choices(place: str, asking: Asking, question: Question, stop: str) -> Iterator[Finding]:
    if not asking.choices:
        yield Finding(Code.NO_CHOICES, place, "give it the answers that a person can choose from")
    if len(asking.choices) > BUTTONS:
        yield Finding(Code.TOO_MANY_CHOICES, place, f"keep at most {BUTTONS} answers; Telegram shows no more")
    for choice in asking.choices:
        where = f"{place}.choice.{choice.id}"
        if choice.verdict is None and choice.then is None:
            yield Finding(Code.NO_VERDICT, where, "give it a verdict, or a follow-up in `then`")
        if choice.verdict is not None and choice.then is not None:
            yield Finding(Code.TWO_MEANINGS, where, "keep either `verdict` or `then`")
        if choice.then is not None and choice.then not in _follow_ups(question, asking):
            yield Finding(Code.NO_FOLLOW_UP, where, f"add the follow-up {choice.then}, or give a verdict instead")
        if choice.safety and choice.verdict is not Verdict.NOT_MET:
            yield Finding(Code.SAFETY, where, "take `safety` away, or make the choice not_met")
        if choice.safety and stop == "never":
            yield Finding(Code.SAFETY, where, "take `safety` away, or let the policy stop at the first not met")


def _follow_ups(question: Question, asking: Asking) -> set[str]:
    """The follow-ups a choice may lead to: only from the question itself, and a body mass index has none."""
    allowed = question.follow_up and asking is question and question.body_mass is None
    return {question.follow_up.id} if question.follow_up and allowed else set()


def _unsure(place: str, asking: Asking) -> Iterator[Finding]:
    unsure = asking.choice(UNSURE)
    if asking.choices and unsure is None:
        yield Finding(Code.NO_UNSURE, place, f'add a choice `{UNSURE}` with the verdict unknown ("I don\'t know")')
    if unsure and Verdict.UNKNOWN is not unsure.verdict is not None:
        yield Finding(Code.UNSURE_DECIDES, f"{place}.choice.{UNSURE}", "give it the verdict unknown")


def _follow_up(question: Question) -> Iterator[Finding]:
    follow_up = question.follow_up
    if follow_up and follow_up.id not in {choice.then for choice in question.choices}:
        place = f"state.{question.id}.{follow_up.id}"
        yield Finding(Code.UNUSED_FOLLOW_UP, place, "name it in the `then` of a choice, or take it away")


def _verdicts(question: Question) -> Iterator[Finding]:
    every = (*question.choices, *(question.follow_up.choices if question.follow_up else ()))
    given = {choice.verdict for choice in every}
    place = f"question.{question.id}"
    if question.choices and Verdict.MET not in given:
        yield Finding(Code.NEVER_MET, place, "give the answer that fits the study the verdict met")
    # What only the summary says is not in the checklist of the page, and excludes nobody (trial.md, trap 11).
    summary = question.source is not None and question.source.provenance == "seed-summary"
    if question.choices and Verdict.NOT_MET not in given and not summary:
        yield Finding(Code.NEVER_EXCLUDES, place, "give the answer that the rule excludes the verdict not_met")
    if summary and Verdict.NOT_MET in given:
        yield Finding(Code.SUMMARY_EXCLUDES, place, "make not_met unknown: the study team decides")


def _polarity(question: Question) -> Iterator[Finding]:
    """Yes and no against what is asked: a denial, an inclusion, or a criterion that says there is none of it."""
    place = f"question.{question.id}"
    if any(denies(sentence) for sentence in judged(question.ask)):
        wrong = [choice for choice in question.choices if _says(choice, "yes") and choice.verdict is Verdict.NOT_MET]
        told = "who says yes to a denial is turned away; ask for the fact itself"
    elif question.kind == "inclusion":
        wrong = _backwards(question, yes=Verdict.NOT_MET, no=Verdict.MET)
        told = "an inclusion cannot turn away who says yes, or be met by a no; turn the verdicts round"
    elif re.match(r"(no|not|without)\b", question.criterion, re.IGNORECASE):
        wrong = _backwards(question, yes=Verdict.MET, no=Verdict.NOT_MET)
        told = f'"{question.criterion}" cannot be met by a yes, or missed by a no; turn the verdicts round'
    else:
        return
    if wrong:
        yield Finding(Code.INVERTED, place, f"{', '.join(choice.id for choice in wrong)}: {told}")


def _backwards(question: Question, yes: Verdict, no: Verdict) -> list[Choice]:
    return [
        choice
        for choice in question.choices
        if (_says(choice, "yes") and choice.verdict is yes) or (_says(choice, "no") and choice.verdict is no)
    ]


def _says(choice: Choice, word: str) -> bool:
    return choice.id == word or re.match(rf"{word}\b", choice.label, re.IGNORECASE) is not None


def _body_mass(question: Question) -> Iterator[Finding]:
    if question.body_mass is None:
        return
    place = f"question.{question.id}"
    if {choice.id: choice.verdict for choice in question.choices} != BANDS:
        bands = ", ".join(f"{name} {verdict}" for name, verdict in BANDS.items())
        yield Finding(Code.BODY_MASS, place, f"its choices must be: {bands}")
    if [choice.id for choice in question.body_mass.height.choices] != [UNSURE]:
        yield Finding(Code.BODY_MASS, f"{place}.height", f"its only choice must be `{UNSURE}`; heights are made")
    quoted = {Decimal(number) for number in NUMBER.findall(question.source.quotation)} if question.source else set()
    if quoted and question.body_mass.excludes_below not in quoted:
        yield Finding(Code.WRONG_BOUND, place, "make `excludes_below` the number that the quoted rule has")


def _place(place: Place) -> Iterator[Finding]:
    numbers = "\n".join(place.numbers)
    numbered = any(letter.isdigit() for letter in place.emergency) or place.territory is None
    if not numbered or place.emergency not in numbers:
        what = "write the number in `emergency`, and the same in a line of `numbers`"
        yield Finding(Code.NO_EMERGENCY, f"place.{place.id}", what)
    if "suicide" not in numbers.lower():
        yield Finding(Code.NO_CRISIS, f"place.{place.id}", "add a line to `numbers` that says whom to call")
