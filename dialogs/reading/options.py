"""The options on the screen, typed: a label word for word, or its number in the list; and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialogs.reading import lexicon
from dialogs.reading.lexicon import cover, phrases_tree, section
from dialogs.reading.normal import Word, pieces, visible
from dialogs.reading.numbers import with_figures

WRAPPING = "polite"
SIGNS = {"'": "ft", '"': "in"}
COMMANDS = ("help", "why", "back", "stop", "restart", "change_language", "delete_my_data")


def by_label(words: Sequence[Word], labels: Mapping[str, str]) -> str | None:
    """The only option whose label these words are."""
    texts = tuple(word.text for word in words)
    same = [choice for choice, label in labels.items() if texts and lexicon.words_of(label).texts == texts]
    return same[0] if len(set(same)) == 1 else None


def label_words(labels: Mapping[str, str]) -> frozenset[str]:
    """Every word of the labels: what a typo may have been meant as, besides the known words."""
    return frozenset(text for label in labels.values() for text in lexicon.words_of(label).texts)


def bare_number(text: str) -> bool:
    """Whether this is a number and nothing else, in figures or in letters."""
    words = lexicon.words_of(text).words
    if not words or not text.strip(" .)").isalnum():
        return False
    return _lone_one(words) or all(word.figure for word in with_figures(words))


def _lone_one(words: Sequence[Word]) -> bool:
    return len(words) == 1 and words[0].text in ("un", "une", "one")


def by_number(words: Sequence[Word], figures: Sequence[Word], numbers: Mapping[int, str]) -> str | None:
    """The option named by its number or by its place: "2", "option 2", "la deuxième", "the last one".

    A place says nothing where the numbers are not places.
    """
    places = {word: name for name, names in section("ordinals") for word in names}
    wrapping = {word for _, phrases in section("ordinal_wrapping") for each in phrases for word in each.split("|")}
    placed = tuple(numbers) == tuple(range(1, len(numbers) + 1))
    named: set[str] = set()
    # "2e" falls apart into a figure and letters; "1er" too.
    endings = {"e", "er", "eme", "ieme", "ere", "nd", "rd", "th", "st"}
    for place, word in enumerate(figures):
        if word.text == "#":
            continue
        if word.text in places and placed:
            named.add(places[word.text])
        elif word.figure and word.text.isdecimal():
            named.add(word.text.lstrip("0") or "0")
        elif not (word.text in wrapping or (placed and word.text in endings and place and figures[place - 1].figure)):
            return None
    if _lone_one(words):
        named = {"1"}
    if len(named) != 1:
        return None
    name = named.pop()
    if name == "last":
        return [*numbers.values()][-1] if numbers else None
    return numbers.get(int(name)) if len(name) < 3 else None


def by_measure(raw: Sequence[str], labels: Mapping[str, str]) -> str | None:
    """The only option whose label ends in these feet or these inches, whichever way both are written: "5'", "4 in"."""
    said = _measure(raw)
    if len(said) != len(("figure", "unit")) or said[-1] not in SIGNS.values():
        return None
    same = [choice for choice, label in labels.items() if _measure(pieces(visible(label)))[-2:] == said]
    return same[0] if len(same) == 1 else None


def _measure(raw: Sequence[str]) -> tuple[str, ...]:
    """Figures and units, however they are written, and all else as it is."""
    units = SIGNS | {word: unit for unit, words in section("units") for word in words}
    return tuple(units.get(word.text, word.text) for word in with_figures([Word(piece, 0, 0) for piece in raw]))


def command(words: Sequence[Word]) -> str | None:
    """The one command this whole text is, courtesies aside."""
    root = phrases_tree("commands")
    wrapping = phrases_tree("command_wrapping")
    names: list[str] = []
    for tag in cover(words, root):
        if tag.kind not in ("unknown", "number"):
            names.append(tag.kind)
        elif any(each.kind != WRAPPING for each in cover(tag.words, wrapping)):
            return None
    return names[0] if len(set(names)) == 1 else None


def command_within(words: Sequence[Word]) -> str | None:
    """The one command that is named inside a longer text, with nothing right before that takes it back."""
    tags = cover(words, phrases_tree("commands_within"))
    named = {tag.kind for tag in tags if tag.kind in COMMANDS}
    denied = any(tag.kind in COMMANDS and place and tags[place - 1].kind == "denial" for place, tag in enumerate(tags))
    return named.pop() if len(named) == 1 and not denied else None
