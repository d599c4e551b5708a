"""One text -> one reading: danger, then the options on the screen, commands, figures, and what the words say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dialogs.measure import Weight
from dialogs.reading import choices, lexicon, numbers, options, pressure
from dialogs.reading.clauses import without_echoes
from dialogs.reading.danger import danger
from dialogs.reading.helping import in_first_person
from dialogs.reading.lexicon import Tag
from dialogs.reading.meanings import meaning_of
from dialogs.reading.normal import Plain, Word, pieces, visible
from dialogs.reading.outcomes import (
    Chose,
    Command,
    Danger,
    Gave,
    NotSure,
    NotUnderstood,
    Reading,
    WhichUnit,
)
from dialogs.reading.statements import SILENT
from dialogs.reading.strangers import STRANGE
from dialogs.study import Study

Explained = tuple[Reading, tuple[str, ...]]

HEIGHT, WEIGHT, AGE, PRESSURE, STANDARD = "bmi.height", "bmi.weight", "age", "hypertension", "standard_treatment"
ADULT_AGE, OLDEST = 18, 110
# Who was born in these years is an adult whatever today is; nobody here was born earlier.
SURELY_ADULT = (1900, 2005)
# "Turning 60 this year": from here on it does not matter whether that was already.
RIPE = 25
OLDEST_IN_TWO_FIGURES = 30  # "born in 72"; "born in 08" may be a child or a very old person
# The only place where a bare weight can only be kilograms.
PLACE = "place"
# A town of both countries (Laval): who reads Québec French or English means the one in Québec.
LAVAL_IS_IN_QUEBEC = ("fr_ca", "en")
KILOGRAMS_ONLY = ("fr_fr", "fr-fr")
# What erases everything is never read from a question ("stop?").
SHORT = 2
# Kinds of words that may stand around a height or a weight.
CALM = SILENT | {"approx", "assent", "now", "have", "affirm", "yes", "mood"}
FINAL = frozenset({"stop", "restart", "delete_my_data"})
UNDOING = frozenset({"back", "restart"})
SAID_FIRST = frozenset({"no", "non", "yes", "oui"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A text in every form it is looked at."""

    plain: Plain
    words: tuple[Word, ...]
    figures: tuple[Word, ...]
    raw: list[str]

    @property
    def long(self) -> bool:
        """Whether this is a story, not an answer."""
        return len(self.words) > lexicon.LONGEST_ANSWER

    def in_first_person(self) -> Heard:
        """What a helper says, as the person being helped would say it."""
        words = in_first_person(self.words)
        return replace(self, words=words, figures=numbers.with_figures(words))


def explained(
    study: Study,
    asked: str,
    locale: str,
    text: str,
    labels: Mapping[str, str],
    numbered: Mapping[int, str] | None = None,
    *,
    helping: bool = False,
) -> Explained:
    """The reading of a text and the reasons for it."""
    heard = _hear(text, options.label_words(labels))
    if not heard.words:
        return NotUnderstood(), ("nothing to read",)
    shown = dict(labels) or _study_labels(study, asked)
    choice = options.by_label(heard.words, shown)
    if choice and (not heard.plain.asks or lexicon.words_of(shown[choice]).asks):
        return Chose(choice=choice), ("is the label of an option",)
    if sign := danger(heard.words, heard.figures, asked):
        return Danger(kind=sign[0]), (f"danger, {sign[0]}: {sign[1]}",)
    if helping:
        heard = heard.in_first_person()
    if heard.long:
        return NotUnderstood(), (f"longer than {lexicon.LONGEST_ANSWER} words",)
    if result := _numbered(asked, heard, labels, dict(enumerate(labels, start=1)) if numbered is None else numbered):
        return result
    chosen = _chosen(study, asked, locale, heard, shown)
    if asked in KNOWN and isinstance(chosen[0], Chose):
        return chosen  # "I made a mistake" answers "is that right?"; elsewhere it wants to go back
    read = _commanded(study, asked, locale, heard, labels) or _measured(study, asked, locale, heard, labels) or chosen
    if isinstance(read[0], NotSure | NotUnderstood) and asked in (*study.askings, PLACE):
        return _command_within(heard) or read
    return read


def _command_within(heard: Heard) -> Explained | None:
    """A command with a reason or a story around it, where the text answers nothing."""
    name = options.command_within(heard.plain.words)
    return (Command(name=name), (f"names the command {name}",)) if name else None


def _hear(text: str, extra: frozenset[str]) -> Heard:
    plain = lexicon.words_of(text)
    if plain.words and _stands_alone(plain.words) and (single := _single(plain.words[0].text)):
        spelled = [replace(plain.words[0], text=word) for word in single.split()]
        plain = replace(plain, words=(*spelled, *plain.words[1:]))
    words = lexicon.corrected_words(plain.words, extra)
    return Heard(plain, words, numbers.with_figures(words), pieces(visible(text)))


def _stands_alone(words: Sequence[Word]) -> bool:
    """Whether the first word is all there is before a comma or a stop."""
    return len(words) == 1 or words[1].clause != words[0].clause


def _single(letter: str) -> str | None:
    """What a text of one letter stands for: "y", "n", "o"."""
    return lexicon.replacements("single").get(letter)


def _study_labels(study: Study, asked: str) -> dict[str, str]:
    asking = study.askings.get(asked)
    return {choice.id: choice.label for choice in asking.choices} if asking else {}


def _valid(study: Study, asked: str, shown: Mapping[str, str]) -> tuple[str, ...]:
    """The ids a reading may name."""
    if asked == PLACE:
        return tuple(place.id for place in study.places)
    return tuple(shown) or KNOWN.get(asked, ())


# The choices of screens that are not the study's, where no labels come along.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "language": ("fr", "en"),
    "consent": ("agree", "agree_helping", "decline"),
    "confirm": ("confirmed", "mistaken"),
    "result": ("share", "review", "finish"),
    "preview": ("send", "keep"),
    "safety": ("understood",),
    "sent": ("done",),
}


def _numbered(asked: str, heard: Heard, labels: Mapping[str, str], numbered: Mapping[int, str]) -> Explained | None:
    if heard.plain.asks:
        return None
    if asked == HEIGHT and (named := options.by_measure(heard.raw, labels)):
        return Chose(choice=named), ("are the feet or the inches of an option",)
    if asked == HEIGHT and not options.SIGNS.keys().isdisjoint(heard.raw):
        return None
    choice = options.by_number(heard.words, heard.figures, numbered)
    return (Chose(choice=choice), ("is the number of an option",)) if choice else None


def _commanded(study: Study, asked: str, locale: str, heard: Heard, labels: Mapping[str, str]) -> Explained | None:
    name = options.command(heard.words) or _turned_round(heard.words)
    if name is None or (name == "change_language" and asked == "language"):
        return None
    if name in FINAL and heard.plain.asks:
        return None
    if name == "stop" and asked == STANDARD and len(heard.words) <= SHORT and "stop" not in heard.plain.texts:
        return None  # "arrêté" there is the medicine that was stopped
    return Command(name=name), (f"the whole text is the command {name}",)


def _turned_round(words: Sequence[Word]) -> str | None:
    """The command after a yes or a no of its own that wants something undone: "no, go back"."""
    apart = len(words) > 1 and words[1].clause != words[0].clause and words[0].text in SAID_FIRST
    name = options.command(words[1:]) if apart else None
    return name if name in UNDOING else None


def _measured(study: Study, asked: str, locale: str, heard: Heard, labels: Mapping[str, str]) -> Explained | None:
    """A height or a weight, where one is asked for and the text holds any figure."""
    if asked not in (HEIGHT, WEIGHT):
        return None
    found = numbers.measured(heard.raw, heard.words)
    if not (found.heights or found.weights or found.bare or found.spoilt):
        return None
    sure = bool(found.heights if asked == HEIGHT else found.weights)  # with its unit, so details do not matter
    doubts = _number_doubts(found.words, heard, asked, CALM | STRANGE if sure else CALM)
    if found.spoilt or doubts:
        return NotUnderstood(), ("a figure that fits nowhere", *doubts)
    reading = _height(found) if asked == HEIGHT else _weight(found, locale)
    return reading, (f"heights {len(found.heights)}, weights {len(found.weights)}, bare {len(found.bare)}",)


def _number_doubts(words: Sequence[Word], heard: Heard, asked: str, calm: frozenset[str]) -> tuple[str, ...]:
    """Why the figures may not be the answer: other words around them, or a question."""
    tags = lexicon.cover(lexicon.corrected_words(words), lexicon.tree(asked))
    doubts = tuple(f"{tag.kind}: {tag.text}" for tag in tags if tag.kind not in calm)
    return (*doubts, *(("a question",) if heard.plain.asks else ()))


def _height(found: numbers.Measured) -> Reading:
    if not found.heights and (height := numbers.bare_feet(found.bare)):
        return Gave(value=height)
    heights = [*found.heights, *(() if found.heights else filter(None, map(numbers.bare_height, found.bare)))]
    height = numbers.agreeing_height(heights)
    left_over = found.bare if found.heights else found.bare[len(heights) :]
    return Gave(value=height) if height and height.possible and not left_over else NotUnderstood()


def _weight(found: numbers.Measured, locale: str) -> Reading:
    if not found.weights and len(found.bare) == 1:
        return _bare_weight(found.bare[0], locale)
    weight = numbers.agreeing_weight(found.weights)
    return Gave(value=weight) if weight and weight.possible and not found.bare else NotUnderstood()


def _bare_weight(value: Decimal, locale: str) -> Reading:
    kilograms, pounds = (Weight(unit="kg", value=value), Weight(unit="lb", value=value))
    if locale.casefold() in KILOGRAMS_ONLY:
        return Gave(value=kilograms) if kilograms.possible else NotUnderstood()
    return WhichUnit(value=value) if kilograms.possible or pounds.possible else NotUnderstood()


def _chosen(study: Study, asked: str, locale: str, heard: Heard, shown: Mapping[str, str]) -> Explained:
    words = heard.figures if asked == AGE else heard.words
    tags = lexicon.cover(words, lexicon.tree(asked))
    if asked == AGE:
        tags = _ages(tags)
    if asked == PRESSURE:
        tags = _pressures(tags, heard)
    if asked == PLACE and locale.casefold().replace("-", "_") in LAVAL_IS_IN_QUEBEC:
        tags = tuple(Tag("montreal", tag.words) if tag.kind == "twin" else tag for tag in tags)
    meaning = meaning_of(asked)
    tags, asks = without_echoes(tags, heard.plain.questions, meaning)
    doubts = (*(("a question",) if asks else ()), *(("ne without pas",) if heard.plain.lone_ne else ()))
    valid = _valid(study, asked, shown)
    reading: Reading
    reading, reasons = choices.choose(tags, meaning, valid, doubts)
    if asked in (HEIGHT, WEIGHT) and isinstance(reading, NotSure):
        reading = NotUnderstood()
    return reading, reasons


def _pressures(tags: tuple[Tag, ...], heard: Heard) -> tuple[Tag, ...]:
    """The tags with a blood pressure in figures as what it says; other figures ask."""
    rest, kind = pressure.taken_for(" ".join(heard.raw))
    if not kind:
        return tuple(Tag("odd", tag.words) if tag.kind == "number" else tag for tag in tags)
    words = lexicon.corrected_words(lexicon.words_of(rest).words)
    said = Tag(kind if kind != "number" else "odd", (Word("#", -1, -1),))
    return (said, *lexicon.cover(words, lexicon.tree(PRESSURE)))


def _ages(tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """The tags with the one figure that is an age or a year of birth read as such."""
    born = any(tag.kind == "born" for tag in tags)
    figures = [tag for tag in tags if tag.kind == "number"]
    years = [tag for tag in figures if len(tag.text) == len("1970")]
    if born and len(years) == 1:  # the day of birth says nothing more
        figures, silent = years, {"number"}
    else:
        silent = set[str]()
    if len(figures) != 1 or (len(tags) == 1 and _age(figures[0], born) == "minor"):
        return tuple(_soon(tag, "future") for tag in tags)  # a lone small figure may be anything, so may two
    ripe = Decimal(figures[0].text.replace(",", ".")) >= RIPE
    read = (
        Tag(_age(tag, born), tag.words) if tag in figures else _soon(tag, "inert" if ripe else "future") for tag in tags
    )
    return tuple(Tag("inert", tag.words) if tag.kind in silent else tag for tag in read)


def _soon(tag: Tag, kind: str) -> Tag:
    return Tag(kind, tag.words) if tag.kind == "soon" else tag


def _age(tag: Tag, born: bool) -> str:
    figure = Decimal(tag.words[0].text.replace(",", "."))
    if born and figure < 100:
        return "adult" if figure >= OLDEST_IN_TWO_FIGURES else "number"
    if SURELY_ADULT[0] <= figure <= SURELY_ADULT[1]:
        return "adult"
    if ADULT_AGE <= figure <= OLDEST:
        return "adult"
    return "minor" if 0 < figure < ADULT_AGE else "number"
