"""A text cut into clauses, and which of them are about the person who answers.

A comma, a stop or a "but" begins a clause, and so does a sentence right after a plain yes or no. What is said of a
relative is left out where the person then speaks of themselves: "my father had it, but I do not".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dialogs.reading.lexicon import Tag

# Kinds that always ask, whatever else was said.
DOUBTS = frozenset({"hedge", "if", "question", "other", "future", "degree", "odd", "or"})
# What begins a new sentence; after "my" only where enough words follow for one.
BEGINNING = frozenset({"start", "have", "once", "affirm", "deny"})
SENTENCE = 4
# Who says these speaks of themselves.
SELF = frozenset({"i", "me", "mine", "moi", "je"})
SELF_ONLY = frozenset({"me", "moi", "mine", "la mienne", "le mien"})


def clauses_of(tags: Sequence[Tag]) -> list[list[Tag]]:
    """The tags clause by clause, without what is said of somebody else beside what is said of oneself."""
    return _about_themselves([[tag for _, tag in group] for _, group in groupby(_clauses(tags), lambda each: each[0])])


def _about_themselves(clauses: list[list[Tag]]) -> list[list[Tag]]:
    """Without what is said of a relative, where the person then speaks of themselves: "my father did, but I do not"."""
    of_others = [place for place, clause in enumerate(clauses) if _speaks_of(clause, "other") and not _of_self(clause)]
    if not of_others or not any(_of_self(clause) for clause in clauses[of_others[-1] + 1 :]):
        return clauses
    doubts = [tag for place in of_others for tag in clauses[place] if tag.kind in DOUBTS - {"other"}]
    kept = [clause for place, clause in enumerate(clauses) if place not in of_others]
    mine = [[tag for tag in clause if tag.kind != "but" and tag.text not in SELF_ONLY] for clause in kept]
    return [*mine, doubts] if doubts else mine


def _speaks_of(clause: Sequence[Tag], kind: str) -> bool:
    return any(tag.kind == kind for tag in clause)


def _of_self(clause: Sequence[Tag]) -> bool:
    return any(word.text in SELF for tag in clause for word in tag.words)


def _clauses(tags: Sequence[Tag]) -> list[tuple[int, Tag]]:
    """The tags with a clause number: a comma, a stop, a "but" or, after a plain answer, a sentence begins a new one."""
    numbered, extra, plain = [], 0, False
    for place, tag in enumerate(tags):
        if tag.kind == "but" or (plain and _begins(tags[place:])):
            extra += 1
        plain = tag.kind in ("yes", "no", "unsure") or (plain and tag.kind in ("polite", "but"))
        numbered.append((tag.words[0].clause + extra, tag))
    return numbered


def _begins(tags: Sequence[Tag]) -> bool:
    """Whether a sentence begins here, comma or not: "(no) I am fine", "(no) my tests were good"."""
    if tags[0].kind == "det":
        return sum(len(tag.words) for tag in tags if tag.words[0].clause == tags[0].words[0].clause) >= SENTENCE
    return tags[0].kind in BEGINNING
