"""One coverage-guided run, in the environment that `python -m tests.fuzz` makes: libFuzzer's arguments, and a target.

What is found does not end the run: each broken promise is written once, with its input, to the file named by
SCREENER_FUZZ_FOUND, one line of JSON each; inputs that were slow go to it too, to be measured without instruments.
"""

from __future__ import annotations

import json
import logging
import os
import random
import sys
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
import atheris  # type: ignore[import-untyped]  # only in the environment made for it
import pydantic
import rapidfuzz
import structlog
import telegram

import bot.texts
import tests.dialogs_world

# What is imported by then is not instrumented: only what is looked at pays for it.
NOT_LOOKED_AT = (aiohttp, pydantic, rapidfuzz, telegram, bot.texts, tests.dialogs_world)
with atheris.instrument_imports():
    from dialogs.reading import lexicon
    from tests.fuzz import door, reader

FOUND = Path(os.environ["SCREENER_FUZZ_FOUND"])
ENOUGH = 5  # inputs for one broken promise
MOST_SLOW = 200
SIGNS = [*".,;:!?()/-'\"&+*=#%\n", "👍", "…", "\u200b", "\u202e", "\u0301", "½", "²", "٣", "１", "1/2", "5'", "n'"]

seen: Counter[str] = Counter()


def note(data: bytes, broke: str) -> None:
    """Write down that this input broke a promise, unless that is known well enough."""
    seen[broke] += 1
    if seen[broke] <= (MOST_SLOW if broke == reader.SLOW else ENOUGH):
        with FOUND.open("a", encoding="utf-8") as found:
            found.write(json.dumps({"broke": broke, "input": data.hex()}) + "\n")
        print(f"FOUND {broke}: {data!r}", flush=True)


def tried(data: bytes, broken: Callable[[bytes], list[str]]) -> None:
    """One input: whatever it breaks or raises is noted."""
    began = time.process_time()
    try:
        for broke in broken(data):
            note(data, broke)
    except Exception as error:  # whatever it is, it is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        note(data, f"raises {type(error).__name__} at {Path(last.filename).name}:{last.lineno}")
    if time.process_time() - began > 20 * reader.WITHIN:
        note(data, reader.SLOW)


def read_words(data: bytes) -> list[str]:
    """The reader's promises."""
    return reader.broken(reader.case(data), only=zlib.crc32(data))


def read_update(data: bytes) -> list[str]:
    """The door's promises."""
    return door.broken(door.update(data))


def words_mutated(data: bytes, longest: int, seed: int) -> bytes:
    """Half of the time bytes as libFuzzer changes them; else words: known ones put in, left out, moved, said twice."""
    chance = random.Random(seed)
    if chance.random() < 0.5:
        return bytes(atheris.Mutate(data, longest))
    head, said = bytearray(data[: reader.HEADER].ljust(reader.HEADER, b"\0")), reader.case(data).text.split(" ")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(said) + 1)
        match chance.randrange(7):
            case 0 | 1:
                said.insert(at, chance.choice(WORDS))
            case 2:
                said.insert(at, chance.choice(SIGNS))
            case 3 if said:
                said.pop(min(at, len(said) - 1))
            case 4 if said:
                said[min(at, len(said) - 1)] = chance.choice(WORDS)
            case 5 if len(said) > 1:
                chance.shuffle(said)
            case _:
                head[chance.randrange(reader.HEADER)] = chance.randrange(256)
    return (bytes(head) + " ".join(said).encode("utf-8", "replace"))[:longest]


WORDS = sorted(lexicon.vocabulary())
TARGETS = {"reader": (read_words, words_mutated), "callback": (read_update, None)}


def main() -> None:
    """Fuzz until libFuzzer's arguments say that it is enough."""
    name, *arguments = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    target, mutated = TARGETS[name]
    more = {"custom_mutator": mutated} if mutated else {}
    for asked in reader.ASKED:  # what is loaded once is not counted against whoever needs it first
        reader.Case(asked, "en", "oui 5").reading()
    atheris.Setup([sys.argv[0], *arguments], lambda data: tried(data, target), **more)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
