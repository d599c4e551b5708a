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

# The lists of signs in the order they are looked for, and the kind they show. "unease": what may be an emergency or
# an everyday trouble; after a study treatment it is a reaction to that.
SIGNS = (
    ("crisis", "crisis"),
    ("emergency", "emergency"),
    ("adverse_event", "adverse_event"),
    ("unease", "emergency"),
    ("minor", "minor"),
    ("human", "human"),
)
# These are taken back by a denial alone.
LASTING = frozenset({"crisis", "human", "minor"})
# Words this far apart still speak of one thing ("pain ... in my chest").
NEAR = 6
# A year stands at most this far from what happened in it.
YEAR_WITHIN = 12
AGE, ADULT = "age", 18
YOUNGEST = 5
YOUNGEST_BARE = 10  # "I'm 5'2"


# Who begins with these begins anew: a "not" before them belongs to what was said before.
SUBJECTS = frozenset({"i", "je"})
TAKEN_BACK = ("danger", "taken_back")
STATED_AGE = ("danger", "stated_age")


@dataclass(frozen=True, slots=True)
class Sign:
    """Words that show a danger. `gap`: what lies between two that are a sign only together."""

    start: int
    end: int
    certain: bool = False
    gap: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    """The words, and every first step a phrase in them could take: most lists are seen at a glance not to be there."""

    words: Sequence[Word]
    steps: frozenset[str]

    @staticmethod
    def of(words: Sequence[Word]) -> _Text:
        """These words as a text."""
        texts = {word.text for word in words}
        counts = any(word.figure for word in words) or not texts.isdisjoint(lexicon.number_names())
        return _Text(words, frozenset({*texts, lexicon.FIGURE} if counts else texts))


def danger(words: Sequence[Word], figures: Sequence[Word], asked: str) -> tuple[str, str] | None:
    """The kind of danger and the words that show it. `figures` are the words with numbers as figures."""
    text = _Text.of(words)
    found = {listed: tuple(_signs(text, listed)) for listed, _ in SIGNS}
    signs = [sign for each in found.values() for sign in each]
    back = _TakenBack.of(text, signs) if signs else None
    for listed, kind in SIGNS:
        if kind == "minor" and asked == AGE and _says_no(text):
            continue  # there it is the answer
        for sign in found[listed]:
            if back and not back.takes(words, sign, listed):
                return kind, " ".join(word.text for word in words[sign.start : sign.end])
        if kind == "minor" and (age := _stated_minor_age(figures)):
            return kind, age
    return None


def _says_no(text: _Text) -> bool:
    """Whether the text begins with a plain no."""
    return any(start == 0 for start, _ in _places(text, _phrases(*TAKEN_BACK, "refusal")))


def _signs(text: _Text, listed: str) -> Iterator[Sign]:
    """Every sign of this list."""
    for name, certain in (("certain", True), ("phrases", False)):
        for start, end in _places(text, _phrases("danger", listed, name)):
            yield Sign(start, end, certain)
    for one, other in _near(listed):
        first = _places(text, one)
        yield from _together(text.words, first, _places(text, other) if first else [])


def _together(
    words: Sequence[Word], first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]
) -> Iterator[Sign]:
    """Where one of each stands in the same sentence, near each other. Only neighbours are compared."""
    pointer = 0
    for start, end in first:
        while pointer < len(second) and second[pointer][1] < start - NEAR:
            pointer += 1
        for begin, stop in second[pointer : pointer + 2 * NEAR]:
            if begin > end + NEAR:
                break
            if words[begin].sentence == words[start].sentence and (begin >= end or stop <= start):
                yield Sign(min(start, begin), max(end, stop), gap=(min(end, stop), max(start, begin)))


def _places(text: _Text, root: Node) -> list[tuple[int, int]]:
    """Where phrases of this list stand."""
    if root.next.keys().isdisjoint(text.steps):
        return []
    places, place = [], 0
    for tag in lexicon.cover(text.words, root):
        if tag.kind == "hit":
            places.append((place, place + len(tag.words)))
        place += len(tag.words)
    return places


@dataclass(frozen=True, slots=True)
class _TakenBack:
    """What in a text takes signs back: places of denials and of what may stand between, sentences by reason."""

    denials: frozenset[int]
    noes: frozenset[int]
    between: frozenset[int]
    joining: frozenset[int]
    until: frozenset[int]
    over: frozenset[int]
    years: frozenset[int]
    usual: frozenset[int]
    other_drug: frozenset[int]
    harmless: frozenset[int]

    @staticmethod
    def of(text: _Text, signs: Sequence[Sign]) -> _TakenBack:
        """What takes signs back in this text. `signs`: those found, "no pain or fever" denies both."""
        words = text.words
        named = {name: _places(text, _phrases(*TAKEN_BACK, name)) for name in _REASONS}
        places = {name: frozenset(at for span in spans for at in range(*span)) for name, spans in named.items()}
        sentences = {name: frozenset(words[start].sentence for start, _ in spans) for name, spans in named.items()}
        return _TakenBack(
            denials=places["denial"],
            noes=places["no"],
            between=places["between"],
            joining=places["joining"] | frozenset(at for sign in signs for at in range(sign.start, sign.end)),
            until=sentences["until"],
            over=(sentences["history"] | sentences["third_gone"]) - sentences["now"],
            years=frozenset(
                at for at, word in enumerate(words) if _is_year(word) and word.sentence not in sentences["now"]
            ),
            usual=sentences["usual"],
            other_drug=sentences["other_drug"] - sentences["study"],
            harmless=places["harmless"],
        )

    def takes(self, words: Sequence[Word], sign: Sign, listed: str) -> bool:
        """Whether it only looks like a sign, or the rest of the sentence says: not so, long over, or of every day."""
        if not self.harmless.isdisjoint((sign.start, sign.end - 1)):
            return True
        if sign.certain:
            return False
        sentence = words[sign.start].sentence
        denied = self._denied(words, sign.start) or (
            sign.gap is not None and self._denied(words, sign.gap[1], sign.gap[0])
        )
        if denied and sentence not in self.until:
            return True
        if listed in LASTING:
            return False
        if listed == "adverse_event" and sentence in self.other_drug:
            return True
        near = range(sign.start - YEAR_WITHIN, sign.end + YEAR_WITHIN)
        if sentence in self.over or any(at in near and words[at].sentence == sentence for at in self.years):
            return True
        return listed == "unease" and sentence in self.usual

    def _denied(self, words: Sequence[Word], start: int, after: int = 0) -> bool:
        """Whether a denial stands right before, or only such words between as do not end it: "not having any".

        A bare "no" may be an answer: it denies only what follows at once ("no my chest hurts").
        """
        if words[start].text in SUBJECTS:
            return False  # "you do not understand I want to die"
        at_once = True
        for place in range(start - 1, after - 1, -1):
            if words[place].clause != words[start].clause:
                return False
            if place in self.denials or (at_once and place in self.noes):
                return True
            if place not in self.joining:
                at_once = False
                if place not in self.between:
                    return False
        return False


_REASONS = (
    "denial", "no", "between", "joining", "until", "history", "third_gone", "now", "usual", "other_drug", "study",
    "harmless",
)  # fmt: skip


def _is_year(word: Word) -> bool:
    return word.text.isdecimal() and len(word.text) == 4 and word.text[:2] in ("19", "20")


@lru_cache(maxsize=64)
def _phrases(heading: str, *path: str) -> Node:
    """The phrases of one list, in all languages."""
    *above, last = path
    phrases = [each for name, listed in lexicon.section(heading, *above) if name == last for each in listed]
    return lexicon.planted("hit", phrases)


@lru_cache(maxsize=8)
def _near(listed: str) -> tuple[tuple[Node, Node], ...]:
    """Pairs of lists of words that are a sign when they stand near each other."""
    return tuple(
        (lexicon.planted("hit", first), lexicon.planted("hit", second))
        for first, second in lexicon.pairs("danger", listed)
    )


def _stated_minor_age(words: Sequence[Word]) -> str | None:
    """ "I am 16", "j'ai 15 ans": an age under 18, said of the person now, or of a child who would take part."""
    tags = lexicon.cover(words, lexicon.phrases_tree(*STATED_AGE))
    return next((tag.text for place, tag in enumerate(tags) if _is_minor_age(tags, place)), None)


def _is_minor_age(tags: Sequence[Tag], place: int) -> bool:
    """Whether this tag says an age under 18 of the person."""
    tag, after = tags[place], tags[place + 1] if place + 1 < len(tags) else None
    figure = _figure(tag)
    if not YOUNGEST <= figure < ADULT:
        return False
    match tag.kind:
        case "age":
            return True
        case "theirs":
            return any(each.kind == "joining" for each in tags)
        case "last":
            bare = tag.words[0].text == "i" and figure >= YOUNGEST_BARE
            ends = after is None or after.words[0].clause != tag.words[0].clause
            return ends or (bare and after is not None and after.kind != "measure")  # "I am 16 weeks along"
        case "alone":
            begins = place == 0 or tags[place - 1].words[0].sentence != tag.words[0].sentence
            return begins and (after is None or after.kind == "asks" or after.words[0].clause != tag.words[0].clause)
        case "number":
            return place == 0 and after is not None and after.kind == "asks" and figure >= YOUNGEST_BARE
    return False


def _figure(tag: Tag) -> int:
    return next((int(word.text) for word in tag.words if word.text.isdecimal()), 0)
