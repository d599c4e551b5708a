"""Signs of danger in what people type, looked for before anything else.

The trade: a false alarm costs one extra card and loses no answer; a miss can cost a life. So signs are found anywhere
in a text of any length, in either language, through typos. They are taken back only by what clearly takes them
back: a denial right before ("no chest pain"), a time long over ("in 1990"), someone who has died, everyday
breathlessness ("on the stairs"). A thought of suicide is taken back by a denial alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from dialogs.reading import lexicon
from dialogs.reading.lexicon import Node, Tag
from dialogs.reading.normal import Word

KINDS = ("crisis", "emergency", "adverse_event", "minor", "human")
# Words this far apart still speak of one thing ("pain ... in my chest").
NEAR = 6
# A denial stands at most this many words before what it denies.
DENIED_WITHIN = 3
ADULT = 18
YOUNGEST = 5


def danger(words: Sequence[Word], figures: Sequence[Word], asked: str) -> tuple[str, str] | None:
    """The kind of danger and the words that show it. `figures` are the words with numbers as figures."""
    spans = _spans(words, lexicon.phrases_tree("danger_taken_back"))
    for kind in KINDS:
        if kind == "minor" and asked == "age":
            continue  # there it is the answer
        for start, end, certain in _signs(words, kind, spans):
            if certain or not _taken_back(words, start, end, kind, spans):
                return kind, " ".join(word.text for word in words[start:end])
        if kind == "minor" and (age := _stated_minor_age(figures)):
            return kind, age
    return None


Spans = dict[str, list[tuple[int, int]]]


def _spans(words: Sequence[Word], root: Node) -> Spans:
    """Where each kind of phrase stands."""
    spans: Spans = {}
    place = 0
    for tag in lexicon.cover(words, root):
        spans.setdefault(tag.kind, []).append((place, place + len(tag.words)))
        place += len(tag.words)
    return spans


def _signs(words: Sequence[Word], kind: str, spans: Spans) -> Iterator[tuple[int, int, bool]]:
    """Every sign of this kind, as (start, end, whether nothing takes it back)."""
    found = _spans(words, lexicon.phrases_tree("danger", kind))
    harmless = spans.get("harmless", [])
    for name in ("certain", "phrases"):
        for start, end in found.get(name, []):
            if not any(start < stop and begin < end for begin, stop in harmless):
                yield start, end, name == "certain"
    for lists in _near(kind):
        places = [
            [span for name, spots in _spans(words, tree).items() if name == "hit" for span in spots] for tree in lists
        ]
        yield from ((start, end, False) for start, end in _together(words, places)
                    if not any(start <= begin and stop <= end for begin, stop in harmless))  # fmt: skip


def _together(words: Sequence[Word], places: list[list[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """Where one of each list stands in the same sentence, near each other. Only neighbours are compared."""
    first, second = places
    pointer = 0
    for start, end in first:
        while pointer < len(second) and second[pointer][1] < start - NEAR:
            pointer += 1
        for begin, stop in second[pointer : pointer + 2 * NEAR]:
            if begin > end + NEAR:
                break
            if words[begin].sentence == words[start].sentence and (begin >= end or stop <= start):
                yield min(start, begin), max(end, stop)


def _taken_back(words: Sequence[Word], start: int, end: int, kind: str, spans: Spans) -> bool:
    """Whether the rest of the sentence says that this is not so, or long over."""
    if _denied(words, start, spans):
        return True
    if kind in ("crisis", "human", "minor"):
        return False
    sentence = words[start].sentence
    if any(word.sentence == sentence and _is_year(word) for word in words[max(0, start - 12) : end + 12]):
        return True
    backed = ["history", "third_gone", *(["usual"] if kind == "emergency" else [])]
    return any(words[begin].sentence == sentence for name in backed for begin, _ in spans.get(name, []))


def _is_year(word: Word) -> bool:
    return word.text.isdecimal() and len(word.text) == 4 and word.text[:2] in ("19", "20")


def _denied(words: Sequence[Word], start: int, spans: Spans) -> bool:
    """ "no chest pain", "not suicidal": a denial right before, or a few words before, in the same sentence."""
    near = range(max(0, start - DENIED_WITHIN), start)
    sentence = words[start].sentence
    for begin, _ in spans.get("denial", []):
        if begin in near and words[begin].sentence == sentence and words[begin].clause == words[start].clause:
            return True
    return any(begin == start - 1 and words[begin].clause == words[start].clause for begin, _ in spans.get("no", []))


@lru_cache(maxsize=8)
def _near(kind: str) -> tuple[tuple[Node, Node], ...]:
    """Pairs of lists of words that are a sign when they stand near each other."""
    pairs: list[tuple[Node, Node]] = []
    for first, second in lexicon.pairs("danger", kind):
        pairs.append((lexicon.planted("hit", first), lexicon.planted("hit", second)))
    return tuple(pairs)


def _stated_minor_age(words: Sequence[Word]) -> str | None:
    """ "I am 16", "j'ai 15 ans": an age under 18, said of the person now."""
    root = lexicon.phrases_tree("minor_age")
    for tag in lexicon.cover(words, root):
        if tag.kind == "age" and YOUNGEST <= _figure(tag) < ADULT:
            return tag.text
    ages = [tag for tag in lexicon.cover(words, root) if tag.kind == "last"]
    if ages and ages[-1].words[-1] == words[-1] and YOUNGEST <= _figure(ages[-1]) < ADULT:
        return ages[-1].text
    return None


def _figure(tag: Tag) -> int:
    return next((int(word.text) for word in tag.words if word.text.isdecimal()), 0)
