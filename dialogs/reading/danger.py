"""Signs of danger in what people type, looked for before anything else.

The trade: a false alarm costs one extra card and loses no answer; a miss can cost a life. So signs are found anywhere
in a text of any length, in either language, through typos. They are taken back only by what clearly takes them
back: a denial right before ("no chest pain"), a time long over ("in 1990"), someone who has died, everyday
breathlessness ("on the stairs"). A thought of suicide is taken back by a denial alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialogs.reading import lexicon
from dialogs.reading.lexicon import Node, Tag
from dialogs.reading.normal import Word

KINDS = ("crisis", "emergency", "adverse_event", "minor", "human")
# These are taken back by a denial alone.
LASTING = frozenset({"crisis", "human", "minor"})
# Words this far apart still speak of one thing ("pain ... in my chest").
NEAR = 6
# A denial stands at most this many words before what it denies; a year at most this far from what happened in it.
DENIED_WITHIN = 3
YEAR_WITHIN = 12
ADULT = 18
YOUNGEST = 5
YOUNGEST_BARE = 10  # "I'm 5'2"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Where a text takes signs back: places of denials and of a bare "no", sentences by reason, harmless places."""

    denials: frozenset[int]
    noes: frozenset[int]
    over: frozenset[int]
    usual: frozenset[int]
    harmless: frozenset[int]


def danger(words: Sequence[Word], figures: Sequence[Word], asked: str) -> tuple[str, str] | None:
    """The kind of danger and the words that show it. `figures` are the words with numbers as figures."""
    back = _taken_back(words)
    for kind in KINDS:
        if kind == "minor" and asked == "age":
            continue  # there it is the answer
        for start, end, certain in _signs(words, kind, back):
            if certain or not _is_taken_back(words, start, end, kind, back):
                return kind, " ".join(word.text for word in words[start:end])
        if kind == "minor" and (age := _stated_minor_age(figures)):
            return kind, age
    return None


def _spans(words: Sequence[Word], root: Node) -> dict[str, list[Span]]:
    """Where each kind of phrase stands."""
    spans: dict[str, list[Span]] = {}
    if not lexicon.begins_any(words, root):
        return spans
    place = 0
    for tag in lexicon.cover(words, root):
        spans.setdefault(tag.kind, []).append((place, place + len(tag.words)))
        place += len(tag.words)
    return spans


def _taken_back(words: Sequence[Word]) -> TakenBack:
    spans = _spans(words, lexicon.phrases_tree("danger_taken_back"))

    def sentences(*names: str) -> frozenset[int]:
        return frozenset(words[start].sentence for name in names for start, _ in spans.get(name, []))

    def starts(name: str) -> frozenset[int]:
        return frozenset(start for start, _ in spans.get(name, []))

    harmless = frozenset(place for span in spans.get("harmless", []) for place in range(*span))
    return TakenBack(starts("denial"), starts("no"), sentences("history", "third_gone"), sentences("usual"), harmless)


def _signs(words: Sequence[Word], kind: str, back: TakenBack) -> Iterator[tuple[int, int, bool]]:
    """Every sign of this kind, as (start, end, whether nothing takes it back)."""
    found = _spans(words, lexicon.phrases_tree("danger", kind))
    for name in ("certain", "phrases"):
        for start, end in found.get(name, []):
            if back.harmless.isdisjoint(range(start, end)):
                yield start, end, name == "certain"
    for first, second in _near(kind):
        hits = _spans(words, first).get("hit", [])
        for start, end in _together(words, hits, _spans(words, second).get("hit", []) if hits else []):
            if back.harmless.isdisjoint((start, end - 1)):
                yield start, end, False


def _together(words: Sequence[Word], first: Sequence[Span], second: Sequence[Span]) -> Iterator[Span]:
    """Where one of each stands in the same sentence, near each other. Only neighbours are compared."""
    pointer = 0
    for start, end in first:
        while pointer < len(second) and second[pointer][1] < start - NEAR:
            pointer += 1
        for begin, stop in second[pointer : pointer + 2 * NEAR]:
            if begin > end + NEAR:
                break
            if words[begin].sentence == words[start].sentence and (begin >= end or stop <= start):
                yield min(start, begin), max(end, stop)


def _is_taken_back(words: Sequence[Word], start: int, end: int, kind: str, back: TakenBack) -> bool:
    """Whether the rest of the sentence says that this is not so, or long over."""
    clause, sentence = words[start].clause, words[start].sentence
    before = range(max(0, start - DENIED_WITHIN), start)
    if any(place in back.denials and words[place].clause == clause for place in before):
        return True
    if start - 1 in back.noes and words[start - 1].clause == clause:
        return True
    if kind in LASTING:
        return False
    around = words[max(0, start - YEAR_WITHIN) : end + YEAR_WITHIN]
    if any(word.sentence == sentence and _is_year(word) for word in around):
        return True
    return sentence in back.over or (kind == "emergency" and sentence in back.usual)


def _is_year(word: Word) -> bool:
    return word.text.isdecimal() and len(word.text) == 4 and word.text[:2] in ("19", "20")


@lru_cache(maxsize=8)
def _near(kind: str) -> tuple[tuple[Node, Node], ...]:
    """Pairs of lists of words that are a sign when they stand near each other."""
    return tuple(
        (lexicon.planted("hit", first), lexicon.planted("hit", second))
        for first, second in lexicon.pairs("danger", kind)
    )


def _stated_minor_age(words: Sequence[Word]) -> str | None:
    """ "I am 16", "j'ai 15 ans": an age under 18, said of the person now."""
    tags = lexicon.cover(words, lexicon.phrases_tree("minor_age"))
    counted = lexicon.words_named("minor_age", "measure")  # "I am 16 weeks along"
    for place, tag in enumerate(tags, start=1):
        after = tags[place].words[0].text if place < len(tags) else ""
        bare = tag.words[0].text == "i" and after not in counted and _figure(tag) >= YOUNGEST_BARE
        said = tag.kind == "age" or (tag.kind == "last" and (not after or bare))
        if said and YOUNGEST <= _figure(tag) < ADULT:
            return tag.text
    return None


def _figure(tag: Tag) -> int:
    return next((int(word.text) for word in tag.words if word.text.isdecimal()), 0)
