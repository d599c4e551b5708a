"""Which language somebody asks for, where they name one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from dialogs.reading import lexicon, options
from dialogs.reading.lexicon import cover, phrases_tree
from dialogs.reading.normal import Word
from dialogs.study import Language

CHANGE, BESIDE, TURNED_DOWN = "change_language", "beside", "turned_down"


def language_wanted(text: str) -> Language | None:
    """The one language this text asks for; None where it names none or several, turns one down, or says more.

    A sentence about something else may name a language too: whose it is, or what for, is never guessed.
    """
    words = lexicon.corrected_words(lexicon.words_of(text).words)
    if options.command(words) != CHANGE and not _asks_within(words):
        return None
    kinds = {tag.kind for tag in cover(words, phrases_tree("language_wanted"))}
    named: list[Language] = [each for each in get_args(Language) if each in kinds]
    return named[0] if len(named) == 1 and TURNED_DOWN not in kinds else None


def _asks_within(words: Sequence[Word]) -> bool:
    """Whether a part of this asks for another language, and all the rest is courtesy."""
    tags = cover(words, phrases_tree("commands_within"))
    rest = [word for tag in tags if tag.kind != CHANGE for word in tag.words]
    more = [
        word for tag in cover(rest, phrases_tree("command_wrapping")) if tag.kind == "unknown" for word in tag.words
    ]
    courtesies = cover(more, phrases_tree("language_wanted"))
    return len(rest) < len(words) and all(tag.kind == BESIDE for tag in courtesies)
