"""What must hold for whatever somebody types, however strange: no text is known here, only what may never happen."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from bot.texts import read_catalogs
from bot.texts.source import source_texts
from dialogs import study as studies
from dialogs.measure import Height, Weight
from dialogs.reading import Chose, Command, Danger, Gave, NotSure, NotUnderstood, Reading, WhichUnit, explain, read
from dialogs.reading.normal import LONGEST
from dialogs.reading.options import COMMANDS

DANGERS = frozenset({"emergency", "crisis", "adverse_event", "minor", "human"})
EVALUATION = Path(__file__).parents[1] / "evaluation"
LOCALES = ("en", "fr_CA", "fr_FR", "fr")
LABELLED, HELPING = 1, 2  # bits of the third byte of an input
HEADER = 3
WITHIN = 0.050  # seconds of processor time one text may take
SLOW = f"takes more than {WITHIN * 1000:.0f} ms"
OFTEN_ENOUGH = 5  # times a slow one is measured anew: another process may have had the core's caches
SHORT = 150  # characters; typos in stories are not corrected
# Invisible: what a person did not see themselves type must not count.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2069\ufeff\u00ad\u2060"

STUDY = studies.read()
# The screens that are not the study's: their options, by the keys of their words.
SCREENS: Mapping[str, Mapping[str, str]] = {
    "consent": {"agree": "consent.agree", "agree_helping": "consent.agree_helping", "decline": "consent.decline"},
    "confirm": {"confirmed": "confirm.confirmed", "mistaken": "confirm.mistaken"},
    "preview": {"send": "preview.send", "keep": "preview.keep"},
    "place": {place.id: f"place.{place.id}.label" for place in STUDY.places},
    **{
        asked: {choice.id: f"question.{asked}.choice.{choice.id}" for choice in asking.choices}
        for asked, asking in STUDY.askings.items()
    },
}
# Screens on which typed words are read without options of their own.
BARE = ("language", "result", "safety", "sent", "review", "closed", "waiting", "aside", "bridge", "reply")
ASKED = (*SCREENS, *BARE)
WITHOUT_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "language": ("fr", "en"),
    "result": ("share", "review", "finish"),
    "safety": ("understood",),
    "sent": ("done",),
}


@dataclass(frozen=True)
class Case:
    """Somebody typed this on that screen."""

    asked: str
    locale: str
    text: str
    labelled: bool = False
    helping: bool = False

    @property
    def labels(self) -> Mapping[str, str]:
        """The words on the buttons, where this screen has them in front of the person."""
        return _labels(self.asked, self.locale) if self.labelled else {}

    @property
    def choices(self) -> frozenset[str]:
        """All that may be read as chosen here."""
        return frozenset(SCREENS.get(self.asked, WITHOUT_OPTIONS.get(self.asked, ())))

    def saying(self, text: str) -> Case:
        """Other words on the same screen."""
        return replace(self, text=text)

    def reading(self) -> Reading:
        """What it is read as."""
        return read(STUDY, self.asked, self.locale, self.text, self.labels, helping=self.helping)

    @property
    def packed(self) -> bytes:
        """The input of the fuzzer that makes this case."""
        flags = LABELLED * self.labelled + HELPING * self.helping
        return bytes([ASKED.index(self.asked), LOCALES.index(self.locale), flags]) + self.text.encode("utf-8")


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, str]]:
    return read_catalogs(source_texts(STUDY)).texts


@lru_cache(maxsize=256)
def _labels(asked: str, locale: str) -> Mapping[str, str]:
    here = _texts().get(locale) or source_texts(STUDY)
    return {option: here[key] for option, key in SCREENS.get(asked, {}).items()}


def case(data: bytes) -> Case:
    """The case these bytes of a fuzzer stand for."""
    asked, locale, flags = data[:HEADER].ljust(HEADER, b"\0")
    text = data[HEADER:].decode("utf-8", "replace")
    return Case(
        ASKED[asked % len(ASKED)], LOCALES[locale % len(LOCALES)], text, bool(flags & LABELLED), bool(flags & HELPING)
    )


def seeds() -> Iterator[Case]:
    """A case for each line of the evaluation sets: what people write is the best place to begin."""
    for path in sorted(EVALUATION.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines()):
            said = json.loads(line)
            where = (said["question"], said["locale"], said["text"])
            yield Case(*where, labelled=number % 2 == 0, helping=bool(said.get("helping")))


def broken(said: Case, only: int | None = None) -> list[str]:
    """The promises that reading this case breaks, each in a few words; raises whatever the reader raises.

    Without instruments all are looked at; `only` looks at one of those that need another reading, by its number.
    """
    reading = said.reading()
    found = [*_out_of_place(said, reading)]
    if _says_nothing(said.text) and not isinstance(reading, NotUnderstood | NotSure):
        found.append("something read where there is no letter, figure or picture")
    chosen = PROMISES if only is None else [PROMISES[only % len(PROMISES)]]
    return [*found, *(words for words, kept in chosen if not kept(said, reading))]


def _out_of_place(said: Case, reading: Reading) -> Iterator[str]:
    """A reading that cannot be one of this screen."""
    match reading:
        case Chose(choice=choice) if choice not in said.choices:
            yield "a choice this screen does not have"
        case NotSure(candidates=candidates) if not candidates or len(set(candidates)) != len(candidates):
            yield "asks about nothing, or twice about the same"
        case NotSure(candidates=candidates) if not said.choices.issuperset(candidates):
            yield "asks about a choice this screen does not have"
        case Command(name=name) if name not in COMMANDS:
            yield "an unknown command"
        case Danger(kind=kind) if kind not in DANGERS:
            yield "an unknown danger"
        case Gave(value=Height() as height) if said.asked != "bmi.height" or not height.possible:
            yield "a height that nobody asked for, or nobody has"
        case Gave(value=Weight() as weight) if said.asked != "bmi.weight" or not weight.possible:
            yield "a weight that nobody asked for, or nobody has"
        case WhichUnit() if said.asked != "bmi.weight" or said.locale == "fr_FR":
            yield "a unit asked about where there is one only"


def _again(said: Case, reading: Reading) -> bool:
    return said.reading() == reading


def _explained(said: Case, reading: Reading) -> bool:
    return explain(STUDY, said.asked, said.locale, said.text, said.labels, helping=said.helping)[0] == reading


def _trimmed(said: Case, reading: Reading) -> bool:
    return said.saying(said.text.strip()).reading() == reading


def _padded(said: Case, reading: Reading) -> bool:
    return _long(said) or said.saying(f" \n{said.text}\n ").reading() == reading


def _with_the_unseen(said: Case, reading: Reading) -> bool:
    middle, sign = len(said.text) // 2, INVISIBLE[len(said.text) % len(INVISIBLE)]
    return _long(said) or said.saying(sign + said.text[:middle] + sign + said.text[middle:] + sign).reading() == reading


def _in_capitals(said: Case, reading: Reading) -> bool:
    return not said.text.isascii() or said.saying(said.text.upper()).reading() == reading


def _in_small_letters(said: Case, reading: Reading) -> bool:
    return not said.text.isascii() or said.saying(said.text.lower()).reading() == reading


def _asked(said: Case, _: Reading) -> bool:
    """A question is no answer, whatever else it says."""
    return not isinstance(said.saying(said.text + " ?").reading(), Chose)


def _on_another_screen(said: Case, reading: Reading) -> bool:
    """Who types, where, and whether the options stand there, may make it clearer, never the opposite."""
    where = [replace(said, locale=each) for each in LOCALES]
    others = [*where, replace(said, helping=not said.helping), replace(said, labelled=not said.labelled)]
    chosen = {each.choice for other in others if isinstance(each := other.reading(), Chose)}
    return not isinstance(reading, Chose) or chosen <= {reading.choice}


def _with_courtesies(said: Case, reading: Reading) -> bool:
    """A sign of danger stays one beside a greeting or thanks. Where the age is asked, being too young is an answer."""
    if not isinstance(reading, Danger) or len(said.text) > SHORT or (reading.kind, said.asked) == ("minor", "age"):
        return True
    texts = (f"Hello.\n{said.text}", f"{said.text}\nok", f"{said.text}. Merci")
    return all(isinstance(said.saying(each).reading(), Danger) for each in texts)


def _long(said: Case) -> bool:
    """Whether a character more would push another one out of what is looked at."""
    return len(said.text) + 8 >= LONGEST


def _in_time(said: Case, _: Reading) -> bool:
    """Whether it is read in time, at least once in a few tries."""
    for _again in range(OFTEN_ENOUGH):
        began = time.process_time()
        said.reading()
        if time.process_time() - began < WITHIN:
            return True
    return False


PROMISES: Sequence[tuple[str, Callable[[Case, Reading], bool]]] = (
    (SLOW, _in_time),
    ("another reading the second time", _again),
    ("explained as something else", _explained),
    ("trimmed, it is another", _trimmed),
    ("white space around it changes it", _padded),
    ("an invisible character changes it", _with_the_unseen),
    ("capitals change it", _in_capitals),
    ("small letters change it", _in_small_letters),
    ("a question answers", _asked),
    ("the opposite on another screen", _on_another_screen),
    ("a danger lost beside a courtesy", _with_courtesies),
)


def _says_nothing(text: str) -> bool:
    """Whether there is no letter, no figure and no picture in it: marks, signs and white space alone."""
    shown = unicodedata.normalize("NFKC", text[:LONGEST])
    return not any(unicodedata.category(each)[0] in "LNS" for each in shown)
