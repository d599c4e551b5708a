"""Typed text -> plain words. The same steps are applied to the phrases of the words files, so the two always meet.

Nothing of meaning is decided here, but what the eye does not see (accents, capitals, apostrophes of any make,
zero-width and bidirectional marks, skin tones, repeated letters) stops mattering. Every step is linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Telegram allows 4096 characters in a message; nothing beyond is ever looked at.
LONGEST = 4096

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʹ`´′＇‛"), "'")
_QUOTES = dict.fromkeys(map(ord, "“”„″＂«»"), '"')
_LIGATURES = {ord("œ"): "oe", ord("Œ"): "oe", ord("æ"): "ae", ord("Æ"): "ae"}
_HALF = {ord("½"): " half "}
_FIRST = _HALF | _APOSTROPHES | _QUOTES | _LIGATURES

# Invisible or purely decorative: format characters, variation selectors, keycap rings, accents, skin tones.
_DROPPED = {"Cf", "Mn", "Me", "Cs", "Co", "Cn"}
_SKIN_TONES = range(0x1F3FB, 0x1F400)

# A lone figure may hold a decimal; a word may hold apostrophes; any other visible sign stands alone.
_PIECE = re.compile(r"\d{1,9}(?:[.,]\d{1,6}(?!\d))?|[^\W\d_]+(?:'[^\W\d_]+)*|\n|[^\w\s]")

STRONG = frozenset(".!;\n()…¡?؟¿")
SOFT = frozenset(",:|–—<>")
# In the table of signs: what every other picture stands for.
ANY_SIGN = "🔣"
# These neither divide nor mean anything between words: "peut-être", "n/a".
JOINING = frozenset("/-\"'&+*=_~^`%")

_ELIDED = {
    "j": "je", "n": "ne", "d": "de", "l": "le", "c": "ce", "s": "se", "m": "me", "t": "te",
    "qu": "que", "jusqu": "jusque", "lorsqu": "lorsque", "puisqu": "puisque", "quoiqu": "quoique",
}  # fmt: skip
_ENDINGS = {"re": "are", "ve": "have", "ll": "will", "m": "am", "d": "would", "s": "is"}
_NOT = {"won't": "will", "can't": "can", "shan't": "shall", "ain't": "am"}
_REPEATED = re.compile(r"(.)\1+")
_REPEATED_OFTEN = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """One plain word or figure: `sentence` and `clause` count the breaks before it."""

    text: str
    sentence: int
    clause: int

    @property
    def figure(self) -> bool:
        """Whether it is written in digits."""
        return self.text[0].isdecimal()


@dataclass(frozen=True, slots=True)
class Plain:
    """A text as plain words. `questions`: sentences with a question mark. `lone_ne`: a French `ne` without `pas`."""

    words: tuple[Word, ...]
    questions: frozenset[int]
    lone_ne: bool

    @property
    def asks(self) -> bool:
        """Whether it holds a question mark."""
        return bool(self.questions)

    @property
    def texts(self) -> tuple[str, ...]:
        """The words alone."""
        return tuple(word.text for word in self.words)


def visible(text: str) -> str:
    """The text without accents, capitals, invisible characters and decoration."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST].translate(_FIRST)).translate(_FIRST).casefold()
    apart = unicodedata.normalize("NFKD", folded[:LONGEST])
    return "".join(_kept(char) for char in apart)


def pieces(text: str) -> list[str]:
    """Figures, words and signs of an already visible text, in order."""
    return _PIECE.findall(text)


def plain(text: str, spelling: Mapping[str, str], emoji: Mapping[str, str]) -> Plain:
    """The words of a text: contractions opened, SMS spellings spelled out, emoji named, French `ne` left out."""
    words: list[Word] = []
    sentence = clause = particles = 0
    questions: set[int] = set()
    other_sign = emoji.get(ANY_SIGN, "")
    found = pieces(visible(text))
    for place, piece in enumerate(found):
        if piece in STRONG:
            if piece in "?؟¿":
                questions.add(sentence)
            sentence, clause = sentence + 1, clause + 1
        elif piece in SOFT:
            clause += 1
        elif piece in JOINING:
            continue
        else:
            for word in _opened(emoji.get(piece, other_sign if _is_sign(piece) else piece), spelling):
                if word == "ne" and _birth(found[place + 1 : place + 3]):
                    words.append(Word("nee", sentence, clause))
                elif word == "ne":
                    particles += 1
                else:
                    words.append(Word(word, sentence, clause))
    closers = sum(word.text in _CLOSERS for word in words)
    return Plain(tuple(words), frozenset(questions), particles > closers)


def _is_sign(piece: str) -> bool:
    """Whether this is a picture or another sign that is no letter, figure or punctuation."""
    return len(piece) == 1 and unicodedata.category(piece) in ("So", "Sk")


def _birth(after: Sequence[str]) -> bool:
    """Whether the next pieces make "ne" a "né": "en 1972", "le 12"."""
    return len(after) == 2 and after[0] in ("en", "le") and after[1][0].isdecimal()


def shortened(word: str) -> tuple[str, ...]:
    """What a word with repeated letters may stand for: "ouiiii" gives "ouii", "oui"."""
    once = _REPEATED.sub(r"\1", word)
    return tuple(dict.fromkeys((_REPEATED_OFTEN.sub(r"\1\1", word), _REPEATED_OFTEN.sub(r"\1", word), once)))


_CLOSERS = frozenset(
    [
        "pas",
        "jamais",
        "plus",
        "pu",
        "pus",
        "aucun",
        "aucune",
        "rien",
        "personne",
        "ni",
        "guere",
        "que",
        "nullement",
        "point",
    ]
)


def _kept(char: str) -> str:
    if char in "\n\r\u2028\u2029":
        return "\n"
    if ord(char) in _SKIN_TONES:
        return ""
    category = unicodedata.category(char)
    if category in _DROPPED:
        return ""
    return " " if category in ("Cc", "Zs", "Zl", "Zp") else char


def _opened(piece: str, spelling: Mapping[str, str]) -> list[str]:
    """One piece as the words it stands for."""
    if not piece:
        return []
    if " " in piece:
        return [word for part in piece.split() for word in _opened(part, spelling)]
    if piece in spelling:
        return spelling[piece].split()
    if "'" not in piece:
        return [piece]
    if piece.endswith("n't"):
        return [*_opened(_NOT.get(piece, piece[:-3]), spelling), "not"]
    head, _, tail = piece.rpartition("'")
    if tail in _ENDINGS and (len(head) > 1 or head in ("i", "y")):
        return [*_opened(head, spelling), _ENDINGS[tail]]
    parts = piece.split("'")
    opened = [_ELIDED.get(part, part) for part in parts[:-1]]
    return [*opened, *_opened(parts[-1], spelling)]
