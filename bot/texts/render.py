"""From a screen to the message a person reads, in their locale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit

from bot.messages import Button, Message
from bot.texts.catalogs import Catalogs
from dialogs.measure import INCHES_PER_FOOT, Height, Mass
from dialogs.study import Language
from dialogs.symbols import Amount, Line, Option, Param, Say, Screen, Told

OperatorWords = Callable[[Told, Language], str | None]
AT_DESK = "d"  # begins the data of a desk's buttons
REMEMBERED = 4_096  # Babel takes longer over one number than everything else over a screen
GROUPED = 1_000  # from here on each language parts the digits in its own way
UNITS = {"kg": "mass-kilogram", "lb": "mass-pound", "cm": "length-centimeter"}


@dataclass(frozen=True)
class Renderer:
    """Says symbols in words; `told` finds the operator's own words."""

    catalogs: Catalogs
    told: OperatorWords

    def message(self, screen: Screen, locale: str, address: str = "") -> Message:
        """The message for this screen. `address` begins the data of a person's buttons: `<nonce>.<turn>`.

        The buttons of a desk carry what they do instead: who may do it is asked again at each press.
        """
        blocks = ("\n".join(self._lines(block, locale)) for block in screen.blocks)
        numbered = iter(range(len(screen.options)))
        rows = tuple(
            tuple(self._button(each, locale, f"{address}.{next(numbered)}") for each in row) for row in screen.rows
        )
        return Message("\n\n".join(filter(None, blocks)), rows)

    def labels(self, screen: Screen, locale: str) -> dict[str, str]:
        """The words on this screen's buttons, by option."""
        return {option.id: self.say(option.label, locale) for option in screen.options}

    def say(self, said: Say, locale: str) -> str:
        """One sentence or label. Raises KeyError for a text nobody wrote: `screener check` finds those."""
        locale = said.language if said.language and said.language != locale.partition("_")[0] else locale
        template = self.catalogs.texts[locale][said.key]
        if not said.params:
            return template
        return template.format_map({name: self._param(value, locale) for name, value in said.params.items()})

    def _lines(self, block: tuple[Line, ...], locale: str) -> Iterator[str]:
        """The lines of a block; one that leads to words of the operator falls away with them."""
        told = {line: self.told(line, _language(locale)) for line in block if isinstance(line, Told)}
        if told and not any(told.values()):
            return
        for line in block:
            if text := self.say(line, locale) if isinstance(line, Say) else told[line]:
                yield text

    def _button(self, option: Option, locale: str, data: str) -> Button:
        label = self.say(option.label, locale)
        if option.copies:
            return Button(label, copies=option.copies)
        return Button(label, data=data if option.event else f"{AT_DESK}.{option.id}")

    def _param(self, value: Param, locale: str) -> str:
        match value:
            case str():
                return value
            case int():
                return number_words(value, locale)
            case date():
                return day_words(value, locale)
            case Say():
                return self.say(value, locale)
            case Told():
                return self.told(value, _language(locale)) or ""
            case Amount(number=number, unit=unit):
                return amount_words(number, unit, locale)
            case Height():
                return height_words(value, locale)


@lru_cache(REMEMBERED)
def number_words(number: int, locale: str) -> str:
    """A number as the reader writes it: a small one as everybody does."""
    return str(number) if 0 <= number < GROUPED else format_decimal(number, locale=locale)


@lru_cache(REMEMBERED)
def amount_words(number: int, unit: Mass, locale: str) -> str:
    """A weight as the reader writes it: 140 lb, 64 kg."""
    return format_unit(number, UNITS[unit], "short", locale=locale)


@lru_cache(REMEMBERED)
def day_words(day: date, locale: str) -> str:
    """A day as the reader writes it: July 1, 2026; 1er juillet 2026, which Babel writes without its ending."""
    words = format_date(day, "long", locale=locale)
    return words.replace("1 ", "1er ", 1) if day.day == 1 and locale.startswith("fr") else words


@lru_cache(REMEMBERED)
def height_words(height: Height, locale: str) -> str:
    """A height as the reader writes it: 5 ft 3 in, 5 pi 3 po, 5 pieds 3 pouces, 160 cm."""
    if height.unit == "cm":
        return format_unit(height.value, UNITS["cm"], "short", locale=locale)
    feet, inches = divmod(height.value, INCHES_PER_FOOT)
    length: Literal["short", "long"] = "short" if locale in {"en", "fr_CA"} else "long"
    parts = ((feet, "length-foot"), (inches, "length-inch"))
    return " ".join(format_unit(number, unit, length, locale=locale) for number, unit in parts)


def _language(locale: str) -> Language:
    return "fr" if locale.startswith("fr") else "en"
