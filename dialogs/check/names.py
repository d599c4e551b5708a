"""Checks the names that everything else relies on: ids and the questions the policy speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dialogs.check.finding import Code, Finding
from dialogs.session import AFTER_SENDING, CLOSED, CONSENT, ENDS, LANGUAGE, PLACE, PREVIEW, RESULT, REVIEW, WAITING
from dialogs.study import Study

STEPS = ENDS | AFTER_SENDING | {LANGUAGE, PLACE, CLOSED, WAITING, CONSENT, REVIEW, RESULT, PREVIEW}
# The last part of a state that belongs to a question: a follow-up of that name would be taken for one of them.
STATE_KINDS = frozenset({"confirm", "safety", "exact", "height", "weight"})
# The buttons under every question, which are named like its choices.
FRAME = frozenset({"back", "help", "leave"})


def name_findings(study: Study) -> Iterator[Finding]:
    """Ids given twice or not free to give, and policies about questions that are not asked."""
    for kind, ids in _ids(study):
        for name, times in Counter(ids).items():
            if times > 1:
                yield Finding(Code.DUPLICATE_ID, f"{kind}.{name}", f"{times} have this id; rename all but one")
    yield from _reserved(study)
    yield from _policy(study)


def _ids(study: Study) -> Iterator[tuple[str, Iterable[str]]]:
    yield "question", [question.id for question in study.questions]
    yield "place", [place.id for place in study.places]
    yield "fact", [fact.id for fact in study.facts]
    for name, asking in study.askings.items():
        yield f"question.{name}.choice", [choice.id for choice in asking.choices]


def _reserved(study: Study) -> Iterator[Finding]:
    taken = [(f"question.{question.id}", question.id, STEPS) for question in study.questions]
    taken += [
        (f"question.{question.id}.{question.follow_up.id}", question.follow_up.id, STATE_KINDS)
        for question in study.questions
        if question.follow_up
    ]
    taken += [(f"place.{place.id}", place.id, FRAME) for place in study.places]
    taken += [
        (f"question.{name}.choice.{choice.id}", choice.id, FRAME)
        for name, asking in study.askings.items()
        for choice in asking.choices
    ]
    for place, name, reserved in taken:
        if name in reserved:
            yield Finding(Code.RESERVED_ID, place, f"{name} means something else already; choose another id")


def _policy(study: Study) -> Iterator[Finding]:
    policy, asked = study.policy, [question.id for question in study.questions]
    for field, name in (("consent_after", policy.consent_after), ("minor", policy.minor)):
        if name not in asked:
            yield Finding(Code.POLICY_QUESTION, f"policy.{field}", f"no question is called {name}; name one that is")
