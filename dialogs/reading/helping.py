"""What a helper says of the person being helped, as that person would say it: "she does not" is "I do not".

Only for somebody who told the bot that they are helping. What is said of a third person ("her mother") stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dialogs.reading.lexicon import replacements, words_named
from dialogs.reading.normal import Word

# "She really does": so many words may stand between who is spoken of and the verb.
NEAR = 3


def in_first_person(said: Sequence[Word]) -> tuple[Word, ...]:
    """The same words as the person being helped would put it."""
    relatives, before = words_named("helping", "relatives"), words_named("helping", "before")
    texts = tuple(word.text for word in said)
    named = relatives.intersection(texts)
    if len(named) > 1 or _somebody_elses(texts, relatives):
        return tuple(said)
    words: list[Word] = []
    for word in said:
        if word.text in named and words and words[-1].text in before:
            words.pop()  # "my mother" is the person, "mother" after "my" is no other
        words.append(replace(word, text=_said_by_them(word.text, [each.text for each in words[-NEAR:]])))
    return tuple(words)


def _somebody_elses(texts: Sequence[str], relatives: frozenset[str]) -> bool:
    """ "Her mother", "sa mère": not the person being helped."""
    theirs = words_named("helping", "theirs")
    return any(one in theirs and two in relatives for one, two in pairwise(texts))


def _said_by_them(text: str, before: Sequence[str]) -> str:
    """This word in the first person; a verb only where "I" was just said."""
    if first := replacements("first_person").get(text):
        return first
    verbs = replacements("first_person_verbs") if {"i", "je"}.intersection(before) else {}
    return verbs.get(text, text)
