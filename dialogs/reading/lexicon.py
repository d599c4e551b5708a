"""The words people use, from words/*.toml: phrases of known meaning, and the best way to cover a text with them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from dialogs.reading.normal import Plain, Word, plain, shortened

WORDS = Path(__file__).parent.parent / "words"
LANGUAGES = ("en", "fr")

# A typo is forgiven from five letters on. Shorter words lie too close together ("no", "now", "non", "nom", "not"):
# one letter there turns an answer round. The first letter must be right: it carries every negating prefix
# ("eligible", "ineligible"; "controlled", "uncontrolled"), and people seldom miss it.
SHORTEST_FUZZY = 5
TWO_TYPOS_FROM = 9
# Beyond this many words nothing is corrected and no choice is read: that is a story, not an answer.
LONGEST_ANSWER = 60

_right = attrgetter("right")
_PARTS = re.compile(r"\([^)]*\)|\[[^]]*\]|[^\s()\[\]]+")
FIGURE = "#"  # in a phrase: any number
Value = str | int | list["Value"] | dict[str, "Value"]
Table = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Tag:
    """Some words of a text and what kind they are; kind "unknown" when no phrase holds them.

    `own`: by a phrase of the question itself.
    """

    kind: str
    words: tuple[Word, ...]
    own: bool = False

    @property
    def text(self) -> str:
        """The words themselves."""
        return " ".join(word.text for word in self.words)


@dataclass(slots=True, eq=False)
class Node:
    """A place between two words of a phrase: how it may go on, and what kind of phrase has ended here, if it may end.

    The wordings of a phrase part and meet again in the same nodes: spelled out one by one they would be millions.
    `rank` counts the phrases in the order they were planted.
    """

    kind: str | None = None
    own: bool = False
    rank: int = 0
    next: dict[str, list[Node]] = field(default_factory=dict)

    @property
    def right(self) -> tuple[bool, int]:
        """Which of two phrases of the same words counts: the question's own, the last of those; else the first."""
        return self.own, self.rank if self.own else -self.rank


@lru_cache(maxsize=1)
def _files() -> dict[str, Table]:
    return {language: tomllib.loads((WORDS / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES}


def tables(*path: str) -> Iterator[Mapping[str, Value]]:
    """The table under this heading, in each language that has one."""
    for table in _files().values():
        here: Value = table
        for step in path:
            here = here.get(step, {}) if isinstance(here, dict) else {}
        if isinstance(here, dict):
            yield here


def section(*path: str) -> Iterator[tuple[str, list[str]]]:
    """Every list of phrases under this heading, in all languages, as (name, phrases)."""
    for table in tables(*path):
        yield from ((name, _phrases_in(value)) for name, value in table.items() if isinstance(value, list))


def _phrases_in(value: Value) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def pairs(*path: str) -> Iterator[tuple[list[str], list[str]]]:
    """The pairs of lists under "near": a phrase of each must stand near the other."""
    for table in tables(*path):
        near = table.get("near", [])
        for pair in near if isinstance(near, list) else []:
            if isinstance(pair, list):
                yield _phrases_in(pair[0]), _phrases_in(pair[1])


@lru_cache(maxsize=16)
def words_named(heading: str, name: str) -> frozenset[str]:
    """The plain words of one list, in all languages."""
    phrases = [phrase for key, listed in section(heading) if key == name for phrase in listed]
    return frozenset(word for phrase in phrases for word in phrase.split("|"))


@lru_cache(maxsize=8)
def replacements(name: str) -> dict[str, str]:
    """The table of this name ("spelling", "emoji"): what is typed, and what it stands for."""
    return {key: value for table in tables(name) for key, value in table.items() if isinstance(value, str)}


def words_of(text: str) -> Plain:
    """The text as plain words, spelled out."""
    return plain(text, replacements("spelling"), replacements("emoji"))


def _wordings(part: str) -> list[tuple[str, ...]]:
    """The wordings of one part of a phrase, the empty one included where the part may be missing.

    "a|b": either word; "(a b|c)": may be missing; "[a b|c]": one of these.
    """
    wordings = [_phrase_words(each) for each in part.strip("()[]").split("|")]
    return [*wordings, ()] if part.startswith("(") else wordings


@lru_cache(maxsize=8192)
def _phrase_words(text: str) -> tuple[str, ...]:
    return words_of(text.replace("' ", "'").strip() + "e" if text.endswith("'") else text).texts


@lru_cache(maxsize=64)
def tree(asked: str) -> Node:
    """All phrases that mean something when this is asked; the question's own kinds go before the common ones."""
    root = Node()
    for name, phrases in section("common"):
        _plant(root, name, phrases, own=False, figures=asked != "age")  # there every number is the answer
    for name, phrases in section("question", asked.replace(".", "_")):
        _plant(root, name, phrases, own=True)
    return root


@lru_cache(maxsize=32)
def phrases_tree(*path: str) -> Node:
    """The phrases under one heading alone."""
    root = Node()
    for name, phrases in section(*path):
        _plant(root, name, phrases, own=False)
    return root


def planted(kind: str, phrases: list[str]) -> Node:
    """These phrases alone."""
    root = Node()
    _plant(root, kind, phrases, own=False)
    return root


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every word of every phrase: what a typo may have been meant as."""
    tops = ("common", "question", "danger", "commands", "numbers")
    return frozenset(word for top in tops for table in tables(top) for word in _all_words(dict(table)))


@lru_cache(maxsize=64)
def _long_words(initial: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in vocabulary() if word[0] == initial and len(word) >= SHORTEST_FUZZY))


def corrected(word: str, extra: frozenset[str] = frozenset()) -> str:
    """The known word this is a misspelling of, or the word itself."""
    known = vocabulary()
    short_forms = replacements("spelling")
    if word in known or word in extra or word[0].isdecimal():
        return word
    for shorter in shortened(word):
        if shorter in known or shorter in extra or shorter in short_forms:
            return shorter
    if len(word) < SHORTEST_FUZZY:
        return word
    allowed = 2 if len(word) >= TWO_TYPOS_FROM else 1
    labels = [each for each in extra if each[0] == word[0] and len(each) >= SHORTEST_FUZZY]
    near = process.extract(word, [*_long_words(word[0]), *labels], scorer=OSA.distance, score_cutoff=allowed, limit=8)
    return min((distance, -len(each), each) for each, distance, _ in near)[2] if near else word


def corrected_words(words: Sequence[Word], extra: frozenset[str] = frozenset()) -> tuple[Word, ...]:
    """The words with typos and repeated letters forgiven, opened again where they were contractions."""
    if len(words) > LONGEST_ANSWER:
        return tuple(words)
    spelled = replacements("spelling")
    right: list[Word] = []
    for word in words:
        better = corrected(word.text, extra)
        right += [Word(each, word.sentence, word.clause) for each in spelled.get(better, better).split()]
    return tuple(right)


def begins_any(words: Sequence[Word], root: Node) -> bool:
    """Whether any phrase begins with any of these words."""
    return any(step in root.next for word in words for step in _steps(word.text))


def cover(words: Sequence[Word], root: Node) -> tuple[Tag, ...]:
    """The words as tags: of all ways to cut them into phrases the one with the longest phrases, left to right."""
    best = [(0, 0, "", False)] * (len(words) + 1)  # score, end, kind, own, from each word on
    for start in range(len(words) - 1, -1, -1):
        best[start] = (best[start + 1][0] - 1, start + 1, "number" if words[start].figure else "unknown", False)
        for end, node in _phrases(words, start, root):
            score = best[end][0] + 10 * (end - start) ** 2 + (5 if node.own else 0)
            if node.kind and score > best[start][0]:
                best[start] = (score, end, node.kind, node.own)
    tags = []
    start = 0
    while start < len(words):
        _, end, kind, own = best[start]
        tags.append(Tag(kind, tuple(words[start:end]), own))
        start = end
    return tuple(tags)


def _phrases(words: Sequence[Word], start: int, root: Node) -> Iterator[tuple[int, Node]]:
    """Where phrases end that begin with this word and stay within its clause: of those ending there, the right one."""
    running = [root]
    for end in range(start, len(words)):
        if words[end].clause != words[start].clause or not running:
            return
        text = words[end].text
        running = [after for step in _steps(text) for node in running for after in node.next.get(step, ())]
        if ended := [node for node in running if node.kind]:
            yield end + 1, max(ended, key=_right)


def _steps(text: str) -> tuple[str, ...]:
    return (text, FIGURE) if text[0].isdecimal() or text in number_names() else (text,)


@lru_cache(maxsize=1)
def number_names() -> frozenset[str]:
    """The number words that can stand where a phrase says "#"; "one" and "un" are too often something else."""
    return frozenset(word for _, words in section("numbers", "words") for word in words)


def _plant(root: Node, kind: str, phrases: list[str], *, own: bool, figures: bool = True) -> None:
    for phrase in phrases:
        if FIGURE in phrase and not figures:
            continue
        root.rank += 1
        fronts = [root]
        for part in _PARTS.findall(phrase):
            fronts = _grown(fronts, _wordings(part))
        for node in fronts:
            if node is not root:
                node.kind, node.own, node.rank = kind, own, root.rank


def _grown(fronts: list[Node], wordings: list[tuple[str, ...]]) -> list[Node]:
    """Where a phrase has come to after one part more, in any of its wordings."""
    end = Node()
    for words in filter(None, wordings):
        here = fronts
        for word in words[:-1]:
            there = Node()
            for node in here:
                node.next.setdefault(word, []).append(there)
            here = [there]
        for node in here:
            node.next.setdefault(words[-1], []).append(end)
    return [*fronts, end] if () in wordings else [end]


def _all_words(here: Value) -> Iterator[str]:
    match here:
        case dict():
            for below in here.values():
                yield from _all_words(below)
        case list():
            for each in here:
                yield from _all_words(each)
        case str():
            for part in _PARTS.findall(here):
                for words in _wordings(part):
                    yield from words
