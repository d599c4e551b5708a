"""The options on the screen, typed: a label word for word, or its number in the list; and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialogs.reading import lexicon
from dialogs.reading.lexicon import cover, phrases_tree, section
from dialogs.reading.normal import Word

WRAPPING = "polite"
COMMANDS = ("help", "why", "back", "stop", "restart", "change_language", "delete_my_data")


def by_label(words: Sequence[Word], labels: Mapping[str, str]) -> str | None:
    """The only option whose label these words are."""
    texts = tuple(word.text for word in words)
    same = [choice for choice, label in labels.items() if texts and lexicon.words_of(label).texts == texts]
    return same[0] if len(set(same)) == 1 else None


def label_words(labels: Mapping[str, str]) -> frozenset[str]:
    """Every word of the labels: what a typo may have been meant as, besides the known words."""
    return frozenset(text for label in labels.values() for text in lexicon.words_of(label).texts)


def by_number(words: Sequence[Word], figures: Sequence[Word], labels: Mapping[str, str]) -> str | None:
    """The option named by its place: "2", "option 2", "la deuxième", "the last one"."""
    places = {word: name for name, names in section("ordinals") for word in names}
    wrapping = {word for _, phrases in section("ordinal_wrapping") for each in phrases for word in each.split("|")}
    named: set[str] = set()
    # "2e" falls apart into a figure and letters; "1er" too.
    endings = {"e", "er", "eme", "ieme", "ere", "nd", "rd", "th", "st"}
    for place, word in enumerate(figures):
        if word.text == "#":
            continue
        if word.text in places:
            named.add(places[word.text])
        elif word.figure and word.text.isdecimal():
            named.add(word.text.lstrip("0") or "0")
        elif not (word.text in wrapping or (word.text in endings and place and figures[place - 1].figure)):
            return None
    lone = len(words) == 1 and words[0].text in ("un", "une", "one")
    if lone:
        named = {"1"}
    if len(named) != 1:
        return None
    name, options = named.pop(), tuple(labels)
    if name == "last":
        return options[-1] if options else None
    return options[int(name) - 1] if len(name) < 3 and 1 <= int(name) <= len(options) else None


def ending_in(figures: Sequence[Word], labels: Mapping[str, str], named: str) -> tuple[str, ...]:
    """Other options whose label ends in one of these figures: "5" is the fifth option, or five feet."""
    said = {word.text for word in figures if word.figure}
    plain = {each: lexicon.words_of(label).words for each, label in labels.items()}
    ends = {each: [word.text for word in words if word.figure][-1:] for each, words in plain.items()}
    return tuple(each for each, end in ends.items() if each != named and not said.isdisjoint(end))


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
