"""Words nobody prepared: whether they are a detail beside an answer, or may belong to what was answered.

People tell more than was asked: "no, the nurse here is lovely". Such a detail is let be. A word that a "no", a "not" or
an adjective of the question stands right beside is no detail ("no crohns", "severe heartburn"): it may be what the
answer is about.
"""

from __future__ import annotations

from collections.abc import Sequence

from dialogs.reading.lexicon import Tag

# `illness`, `drug`, `part`: known words, but of another illness, medicine or part of the body than was asked about.
STRANGE = frozenset({"unknown", "number", "illness", "drug", "part"})
NEGATING = frozenset({"neg", "none", "no"})
# Adjectives that people use of anything, so the word after them may be another subject.
DESCRIBING = frozenset({"severe", "some", "low", "very_low", "high", "hard", "normal", "fine", "controlled", "long"})
# Of these the word before them may be the subject as well ("oesophage atteint").
FOLLOWING = frozenset({"severe", "some", "controlled", "subject"})
PLACES = frozenset({"paris", "montreal"})  # "Paris Kentucky"
# A "yes" with no more than this beside it ("yes, my skin") may be about that.
NOUN_PHRASE = 2


def is_bound(tags: Sequence[Tag], place: int, silent: frozenset[str]) -> bool:
    """Whether the strange word at this place may be what the rest of its clause is about."""
    before = [tag for tag in tags[:place] if tag.kind not in silent and tag.kind not in STRANGE]
    if before and before[-1].kind in NEGATING:
        return True
    if place and tags[place - 1].kind in DESCRIBING | PLACES:
        return tags[place].kind != "number"
    if [tag.kind for tag in tags[max(0, place - 2) : place]] in (["montreal", "det"], ["paris", "det"]):
        return True  # "Montréal-la-Cluse"
    if place + 1 < len(tags) and tags[place + 1].kind in FOLLOWING:
        return tags[place].kind != "number"
    return _beside_a_lone_yes(tags, silent)


def is_denied(before: Sequence[Tag]) -> bool:
    """Whether a "no" or a "not" stands right before: "no antibiotics"."""
    said = [tag.kind for tag in before if tag.kind != "det"]
    return bool(said) and said[-1] in NEGATING


def _beside_a_lone_yes(tags: Sequence[Tag], silent: frozenset[str]) -> bool:
    """Whether the clause is a yes and a few strange words: "yes my skin"."""
    said = [tag.kind for tag in tags if tag.kind not in silent]
    strange = [kind for kind in said if kind in STRANGE]
    return "yes" in said and len(strange) <= NOUN_PHRASE and len(said) == len(strange) + said.count("yes")
