"""What coordinators see when they write to a person by code: what can be sent, and their own words before they go."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from dialogs.session import APPROVED, Approved
from dialogs.study import Language
from dialogs.symbols import Line, Option, Param, Say, Screen

WORDS = Path(__file__).parent / "words" / "private.toml"
LONGEST = 500  # characters of the desk's own words


def writing(code: str, language: Language, written: int) -> Screen:
    """What this person could be sent. `written` goes into the buttons, so that a second press sends nothing twice."""
    bare = code.replace("-", "")
    ask: dict[str, Param] = {"code": code, "language": Say(f"desk.write.language.{language}"), "number": LONGEST}
    rows = tuple((Option(f"say.{bare}.{each}.{written}", Say(f"desk.write.button.{each}")),) for each in APPROVED)
    return Screen("desk", ((Say("desk.write.ask", ask),),), (*rows, _close(bare)))


def drafted(code: str, language: Language, words: str, stamp: str) -> Screen:
    """The desk's own words as the person would read them, with a warning where they seem to ask too much."""
    bare = code.replace("-", "")
    found = ", ".join(private_words(words))
    careful: tuple[tuple[Line, ...], ...] = ((Say("desk.write.careful", {"words": found}),),) if found else ()
    reads = Say("desk.write.language.careful", {"language": Say(f"desk.write.language.{language}")})
    return Screen(
        "desk",
        ((Say("desk.write.check", {"code": code}), Say("desk.write.text", {"text": words})), (reads,), *careful),
        (
            (Option(f"send.{bare}.{stamp}", Say("desk.write.button.send")),),
            (Option(f"discard.{bare}.{stamp}", Say("desk.write.button.discard")),),
        ),
    )


def sent(code: str, approved: Approved | None) -> Screen:
    """That a message is on its way, and which."""
    what = ((Say(f"desk.write.button.{approved}"),),) if approved else ()
    return Screen("desk", ((Say("desk.write.done", {"code": code}),), *what))


def received(code: str, words: str) -> tuple[Say, Say]:
    """What a person wrote to the desk, and how to answer."""
    return Say("desk.write.received", {"code": code, "text": words}), Say("desk.write.answer", {"code": code})


def private_words(words: str) -> tuple[str, ...]:
    """The words in this text that may ask who somebody is, or how they are: each once, as they are written here."""
    plain, back = _plain(words)
    found = (words[back[match.start()] : back[match.end() - 1] + 1] for match in _private().finditer(plain))
    return tuple(dict.fromkeys(each.lower() for each in found))


def _close(bare: str) -> tuple[Option]:
    return (Option(f"unbridge.{bare}", Say("desk.write.button.close")),)


@lru_cache(maxsize=1)
def _private() -> re.Pattern[str]:
    """Every private phrase, the longest first, as whole words."""
    tables = tomllib.loads(WORDS.read_text("utf-8")).values()
    phrases = sorted(
        {each for table in tables for phrases in table.values() for each in phrases}, key=len, reverse=True
    )
    every = "|".join(re.escape(each).replace(r"\ ", r"[\W_]+") for each in phrases)
    return re.compile(rf"\b(?:{every})s?\b")


def _plain(words: str) -> tuple[str, list[int]]:
    """The text in small letters without accents, and for each of its characters where it stood."""
    letters = [
        (letter, place)
        for place, each in enumerate(words)
        for letter in unicodedata.normalize("NFKD", each).casefold()
        if not unicodedata.combining(letter)
    ]
    return "".join(letter for letter, _ in letters), [place for _, place in letters]
