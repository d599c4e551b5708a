"""What is so now, where a text says it beside what was, or corrects itself: "I was 140 lb, now 120", "120, no, 125"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from dialogs.reading import lexicon


def present(raw: Sequence[str]) -> Sequence[str]:
    """The pieces of a text without the one of two statements about a figure that is over, or was corrected."""
    clauses = _clauses(raw)
    figures = [clause for clause in clauses if _has_figure(clause)]
    over = [one for one, next_one in pairwise(figures) if next_one[0] in said("instead")]
    if over:
        return [piece for clause in clauses if clause not in over for piece in clause if piece not in said("instead")]
    over = [clause for clause in figures if _is_past(clause)]
    if not over or len(figures) - len(over) != 1:
        return raw
    return [piece for clause in clauses if clause not in over for piece in clause if piece not in said("begin")]


def whole(raw: Sequence[str]) -> Iterator[str]:
    """The pieces with "1/2" as one, and without what only looks like a unit."""
    place = 0
    while place < len(raw):
        half = tuple(raw[place : place + 3]) in (("1", "/", "2"), ("1", "⁄", "2"))
        barefoot = tuple(raw[place : place + 2]) == ("pieds", "nus")
        if raw[place] != "ish" and not barefoot:  # "120ish lbs"; "1m74 pieds nus" has no feet
            yield "half" if half else raw[place]
        place += 3 if half else 1


def _clauses(raw: Sequence[str]) -> list[list[str]]:
    """The pieces, cut where a new statement may begin."""
    clauses: list[list[str]] = [[]]
    for piece in raw:
        begins = piece in said("begin") or piece in said("instead")
        if piece in ",;.()\n" or (begins and clauses[-1] and clauses[-1][-1] not in said("instead")):
            clauses.append([])
        if piece not in ",;":
            clauses[-1].append(piece)
    return [clause for clause in clauses if clause]


def _has_figure(clause: Sequence[str]) -> bool:
    return any(piece[0].isdecimal() or piece in lexicon.number_names() for piece in clause)


def _is_past(clause: Sequence[str]) -> bool:
    words = {word for piece in clause if piece[0].isalpha() for word in lexicon.words_of(piece).texts}
    return not words.isdisjoint(said("then")) and words.isdisjoint(said("now"))


@lru_cache(maxsize=8)
def said(name: str) -> frozenset[str]:
    """The words of one list about then and now."""
    return frozenset(word for each, words in lexicon.section("numbers", "times") if each == name for word in words)
