"""What a sentence does, as far as its words show: asks, denies, joins, speaks of somebody. English only."""

from __future__ import annotations

import re

SENTENCE = re.compile(r"[^.?!]+[.?!]*")
NEGATION = re.compile(
    r"\b(no|not|never|none|nobody|nothing|neither|nor|cannot|without|unable|unwilling|ineligible)\b|n['’]t\b",
    re.IGNORECASE,
)
# A negation of the verb itself: "I do not have", "Are you not", "Don't you". Not "low counts not caused by".
DENIAL = re.compile(
    r"\b(?:am|is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must)"
    r"(?:\s+(?:i|you|they|this person))?\s+(?:not|never)\b|n['’]t\b|\bcannot\b"
    r"|\b(?:have|has|had|is|are|was|were|there)\s+no\b",
    re.IGNORECASE,
)
JOINING = re.compile(r"\b(and|or)\b", re.IGNORECASE)
# "18 or older" is one bound, not two facts.
BOUND = re.compile(r"\b\d+\s+or\s+(?:older|younger|more|less|over|under)\b", re.IGNORECASE)
FIRST = re.compile(r"\bI\b|(?i:\b(?:me|my|mine)\b)")
SECOND = re.compile(r"\b(you|your|yours)\b", re.IGNORECASE)
# What anybody may say who answers, also for another person.
NOT_KNOWING = re.compile(r"\bI don['’]t know\b", re.IGNORECASE)


def judged(text: str) -> list[str]:
    """The sentences that ask; all of them where none does, since then they are what is answered."""
    sentences = [sentence.strip() for sentence in SENTENCE.findall(text)]
    return [sentence for sentence in sentences if sentence.endswith("?")] or sentences


def asks(text: str) -> bool:
    """Whether any sentence ends with a question mark."""
    return any(sentence.endswith("?") for sentence in judged(text))


def negations(sentence: str) -> list[str]:
    """The words that turn its meaning round."""
    return [match.group(0).lower() for match in NEGATION.finditer(sentence)]


def denies(sentence: str) -> bool:
    """Whether it says that something is not so."""
    return DENIAL.search(sentence) is not None


def joins(sentence: str) -> set[str]:
    """The words that join two things into one."""
    return {match.group(0).lower() for match in JOINING.finditer(BOUND.sub("", sentence))}


def first_person(text: str) -> bool:
    """Whether somebody speaks of themselves."""
    return FIRST.search(text) is not None


def second_person(text: str) -> bool:
    """Whether it speaks to somebody."""
    return SECOND.search(text) is not None
