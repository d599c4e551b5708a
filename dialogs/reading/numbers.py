"""Ages, heights and weights as people write them: figures, number words, every unit of trial.md §3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from dialogs.measure import INCHES_PER_FOOT, Height, Weight, from_feet
from dialogs.reading import lexicon
from dialogs.reading.normal import Word
from dialogs.reading.present import present, said, whole

POUNDS_PER_STONE = 14
# Two heights in one answer ("5'3", 160 cm") are one if they differ by no more than rounding does.
SAME_METRES = 0.016
SAME_KILOGRAMS = 0.7
HALF = Decimal("0.5")
# Bare figures that can only be one thing: metres with a decimal, whole centimetres.
METRES = (Decimal(1), Decimal("2.3"))
FEET = (4, 5, 6)
CENTIMETRES = (Decimal(100), Decimal(230))


@dataclass(frozen=True, slots=True)
class Part:
    """A figure, a unit or another word of a text about a measure."""

    kind: str  # "n", a unit of words/*.toml, or "word"
    value: Decimal = Decimal(0)
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a text says in figures: heights, weights, bare figures, and the words around them."""

    heights: tuple[Height, ...]
    weights: tuple[Weight, ...]
    bare: tuple[Decimal, ...]
    words: tuple[Word, ...]
    spoilt: bool  # a figure that fits nowhere ("6'15")


@lru_cache(maxsize=1)
def _names() -> Mapping[str, int]:
    tables = lexicon.tables("number_values")
    return {name: value for table in tables for name, value in table.items() if isinstance(value, int)}


@lru_cache(maxsize=1)
def _units() -> Mapping[str, str]:
    return {word: unit for unit, words in lexicon.section("units") for word in words}


def with_figures(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words with numbers written in letters as figures: "soixante et onze" gives 71; "un", "one" alone stay."""
    out: list[Word] = []
    place = 0
    while place < len(words):
        value, end = _spelled(words, place)
        if end == place or (end == place + 1 and value == 1 and not _unit_follows(words, end)):
            out.append(words[place])
            place += 1
        else:
            out.append(Word(str(value), words[place].sentence, words[place].clause))
            place = end
    return tuple(out)


def _unit_follows(words: Sequence[Word], place: int) -> bool:
    return place < len(words) and _units().get(words[place].text, "and") not in ("and", "half")


def _spelled(words: Sequence[Word], start: int) -> tuple[int, int]:
    """The number written in letters from this word on, and where it ends; the start itself where there is none."""
    names, total, place, end = _names(), 0, start, start
    while place < len(words):
        text = words[place].text
        if text in ("et", "and") and end > start and place + 1 < len(words) and words[place + 1].text in names:
            place += 1
            continue
        value = names.get(text)
        added = _added(total, value, end == start) if value is not None else None
        if added is None:
            break
        total, place, end = added, place + 1, place + 1
    return total, end


def _added(total: int, value: int, first: bool) -> int | None:
    """The number so far with one more word, or None where that word begins another number."""
    if first:
        return value
    rest = total % 100
    if total in (1, 2) and 10 <= value < 100:
        return total * 100 + value  # "one twenty-five" pounds
    if value == 100:
        return total * 100 if 1 < total < 10 or total == 1 else None
    if value == 20 and rest == 4:
        return total + 76  # quatre-vingts
    if rest == 10 and 7 <= value < 10:
        return total + value  # dix-sept
    if value < 10 and rest and (rest % 10 or (rest < 20)):
        return None
    if rest == 0 and total and value < 100:
        return total + value if total >= 100 else None
    if rest >= 20 and rest % 10 == 0 and value < 20 and (value < 10 or rest in (60, 80)):
        return total + value
    return None


def measured(raw: Sequence[str], words: Sequence[Word]) -> Measured:
    """Every measure in the text. `raw` are its pieces with their signs (' and "), `words` its plain words."""
    parts = _parts(present(raw))
    heights: list[Height] = []
    weights: list[Weight] = []
    bare: list[Decimal] = []
    rest: list[Word] = []
    spoilt = False
    place = 0
    while place < len(parts):
        if parts[place].kind != "n":
            part = parts[place]
            spoilt = spoilt or part.kind in ("ft", "m", "cm", "mm", "kg", "lb", "st")
            if part.word:
                rest.append(part.word)
            place += 1
            continue
        found, end = _measure(parts, place)
        match found:
            case Height():
                heights.append(found)
            case Weight():
                weights.append(found)
            case Decimal():
                bare.append(found)
            case None:
                spoilt = True
        place = end
    if len({each.unit for each in heights}) > 1 or len({each.unit for each in weights}) > 1:
        rest = [word for word in rest if word.text not in said("either")]  # "54 kg or 119 lb": do they agree?
    if heights or weights:
        rest = [word for word in rest if word.text not in said("but")]  # what follows it speaks for itself
    return Measured(tuple(heights), tuple(weights), tuple(bare), tuple(rest), spoilt)


def _parts(raw: Sequence[str]) -> list[Part]:
    """The pieces as figures, units and words. Signs count only right after a figure."""
    units, parts = _units(), list[Part]()
    sentence = 0
    words: list[Word] = []
    for piece in whole(raw):
        if piece in ".!;\n()":
            sentence += 1
        if piece[0].isalpha() and piece not in units:
            words += [Word(each, sentence, sentence) for each in lexicon.words_of(piece).texts]
        elif piece != "-" or not words or words[-1].figure:  # "cinquante-huit" is one number
            words.append(Word(piece, sentence, sentence))
    for word in with_figures(words):
        after_figure = bool(parts) and parts[-1].kind in ("n", "half")
        match word.text:
            case text if word.figure:
                parts.append(Part("n", Decimal(text.replace(",", "."))))
            case "'" if after_figure:
                parts.append(Part("ft"))
            case "'" if parts and parts[-1].kind == "ft" and len(parts) > 1 and parts[-2].kind == "n":
                parts[-1] = Part("in")
            case '"' if after_figure:
                parts.append(Part("in"))
            case "#" if after_figure:
                parts.append(Part("lb"))
            case text if text in units and (after_figure or units[text] in ("half", "and")):
                parts.append(Part(units[text], word=word if units[text] == "and" else None))
            case text if text[0].isalpha():
                parts.append(Part("word", word=word))
            case "/" | "-" | "+":
                parts.append(Part("sign"))
    return parts


def _measure(parts: Sequence[Part], start: int) -> tuple[Height | Weight | Decimal | None, int]:
    """The measure that begins with this figure, or the bare figure, or None for nonsense; and where it ends."""
    half = _half(parts, start + 1)
    if half and _kind(parts, half) in ("kg", "lb", "st", "ft", "cm", "in"):  # "54 and a half kg"
        if _kind(parts, half) == "ft":
            return from_feet(int(parts[start].value), 6), half + 1
        found, end = _measure((Part("n", parts[start].value + HALF), *parts[half:]), 0)
        return found, half + end - 1
    value = parts[start].value
    unit = _kind(parts, start + 1)
    half = _half(parts, start + 2)
    if half and unit in ("kg", "lb", "st", "cm", "in"):  # "54 kilos et demi"
        found, _ = _measure((Part("n", value + HALF), Part(unit)), 0)
        return found, half
    match unit:
        case "ft":
            return _feet(parts, start)
        case "m":
            return _metres(parts, start)
        case "cm" | "in" | "mm" if value <= 3000:
            scaled = value / 10 if unit == "mm" else value
            return Height(unit="ft_in" if unit == "in" else "cm", value=scaled), start + 2
        case "kg":
            grams = _value(parts, start + 2) if _kind(parts, start + 3) == "g" else None
            loose = _value(parts, start + 2)
            if _kind(parts, start + 3) in ("lb", "st"):
                return Weight(unit="kg", value=value), start + 2  # "54 kg (119 lb)"
            if grams is None and loose is not None and 100 <= loose < 1000:
                return Weight(unit="kg", value=value + loose / 1000), start + 3  # "54 kg 500"
            if grams is not None and value == int(value) and grams < 1000:
                return Weight(unit="kg", value=value + grams / 1000), start + 4
            return (None if _kind(parts, start + 2) == "n" else Weight(unit="kg", value=value)), start + 2
        case "lb":
            return Weight(unit="lb", value=value), start + 2
        case "st":
            pounds = _value(parts, start + 2) or Decimal(0)
            used = 2 + (_kind(parts, start + 2) == "n") + (_kind(parts, start + 3) == "lb")
            return Weight(unit="lb", value=value * POUNDS_PER_STONE + pounds), start + used
    follows = _value(parts, start + 1)
    if value in (1, 2) and follows is not None and 10 <= follows < 100 and _kind(parts, start + 2) in ("", "word"):
        return Height(unit="cm", value=value * 100 + follows), start + 2  # dictated: "1 60"
    return value, start + 1


def _half(parts: Sequence[Part], place: int) -> int:
    """Where the text goes on after "and a half" here; 0 where there is none."""
    while _kind(parts, place) == "and":
        place += 1
    return place + 1 if _kind(parts, place) == "half" else 0


def _feet(parts: Sequence[Part], start: int) -> tuple[Height | None, int]:
    feet, place = parts[start].value, start + 2
    if feet != int(feet):
        return None, place  # 5.3 feet: five feet three, or 0.3 of a foot?
    if _kind(parts, place) == "and":
        place += 1
    if _kind(parts, place) == "half" or (_kind(parts, place) == "word" and _kind(parts, place + 1) == "half"):
        return from_feet(int(feet), 6), place + 1 + (_kind(parts, place) == "word")
    inches = _value(parts, place)
    if inches is None:
        return from_feet(int(feet)), place
    place += 1
    if _kind(parts, place) == "sign" or inches >= INCHES_PER_FOOT:
        return None, place
    place += _kind(parts, place) == "in"
    after = next((each for each in range(place, len(parts)) if parts[each].kind != "and"), place)  # "and a half"
    if _kind(parts, after) == "half":
        return from_feet(int(feet), inches + HALF), after + 1
    return from_feet(int(feet), inches if inches != int(inches) else int(inches)), place


def _metres(parts: Sequence[Part], start: int) -> tuple[Height | None, int]:
    metres, follows = parts[start].value, _value(parts, start + 2)
    if follows is None:
        whole = metres == int(metres)  # "1 m" is most likely cut off
        return (None if whole else Height(unit="cm", value=metres * 100)), start + 2
    if metres != int(metres) or follows != int(follows) or not 10 <= follows < 100:
        return None, start + 3  # "1m6" is 1.06 or 1.60
    return Height(unit="cm", value=metres * 100 + follows), start + 3 + (_kind(parts, start + 3) == "cm")


def _kind(parts: Sequence[Part], place: int) -> str:
    return parts[place].kind if place < len(parts) else ""


def _value(parts: Sequence[Part], place: int) -> Decimal | None:
    return parts[place].value if _kind(parts, place) == "n" else None


def bare_height(value: Decimal) -> Height | None:
    """A figure without a unit as a height, where it can be only one: 1.60 or 160."""
    if value != int(value) and METRES[0] <= value <= METRES[1]:
        return Height(unit="cm", value=value * 100)
    return Height(unit="cm", value=value) if CENTIMETRES[0] <= value <= CENTIMETRES[1] else None


def bare_feet(values: Sequence[Decimal]) -> Height | None:
    """Two figures without a unit as feet and inches: "5 5", "five six"."""
    if len(values) != 2 or any(value != int(value) for value in values):
        return None
    feet, inches = (int(value) for value in values)
    return from_feet(feet, inches) if feet in FEET and inches < INCHES_PER_FOOT else None


def agreeing_height(heights: Sequence[Height]) -> Height | None:
    """The one height all of these are, or None."""
    metres = [float(each.metres) for each in heights]
    return heights[0] if heights and max(metres) - min(metres) <= SAME_METRES else None


def agreeing_weight(weights: Sequence[Weight]) -> Weight | None:
    """The one weight all of these are, or None."""
    masses = [float(each.kilograms) for each in weights]
    return weights[0] if weights and max(masses) - min(masses) <= SAME_KILOGRAMS else None
