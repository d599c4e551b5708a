"""Reads the catalogs and closes, by name, every locale that would not speak one whole language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from bot.texts.typography import typeset
from dialogs.study import Language

LOCALES = Path(__file__).parents[2] / "locales"
SOURCE = "en"
# Every locale and the one it falls back on: a regional one holds only what differs.
BASES: Mapping[str, str | None] = {"en": None, "fr": None, "fr_CA": "fr", "fr_FR": "fr"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a locale is closed: which entry, and what is wrong with it."""

    locale: str
    entry: str
    what: str

    def __str__(self) -> str:
        return f"{self.locale}: {self.entry}: {self.what}"


@dataclass(frozen=True)
class Catalogs:
    """The texts of every open locale, whole, by key; and why the others are closed."""

    texts: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...] = ()

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages a person can choose, in the order they are offered."""
        known: tuple[Language, ...] = ("fr", "en")
        return tuple(language for language in known if language in self.texts)

    def locale(self, language: Language | None, territory: str | None) -> str | None:
        """The locale for this language in this territory; None where it is closed."""
        regional = f"{language}_{territory}"
        wanted = regional if regional in BASES else language
        return wanted if wanted in self.texts else None


def read_catalogs(source: Mapping[str, str], folder: Path = LOCALES) -> Catalogs:
    """All locales: English from the source itself, the others from their `.po` files under `folder`."""
    texts: dict[str, Mapping[str, str]] = {SOURCE: source}
    written: dict[str, Mapping[str, str]] = {}  # as translated, before any typography
    problems: list[Problem] = []
    for locale, base in BASES.items():
        if locale == SOURCE:
            continue
        translated, wrong = _translated(locale, source, folder / locale / "LC_MESSAGES" / "screener.po", base is None)
        problems += wrong
        if base is not None and base not in texts:
            problems.append(Problem(locale, "-", f"the locale it builds on, {base}, is closed"))
        elif not wrong:
            written[locale] = translated if base is None else {**written[base], **translated}
            texts[locale] = {key: typeset(text, locale) for key, text in written[locale].items()}
    return Catalogs(texts=texts, problems=tuple(problems))


def _translated(
    locale: str, source: Mapping[str, str], path: Path, whole: bool
) -> tuple[dict[str, str], list[Problem]]:
    """The translations of one file, by key, and everything wrong with it."""
    try:
        with path.open(encoding="utf-8") as file:
            catalog = read_po(file, locale=locale, abort_invalid=True)
    except (OSError, PoFileError, UnicodeDecodeError) as error:
        return {}, [Problem(locale, path.name, f"cannot be read: {type(error).__name__}")]
    entries = {str(message.context): message for message in catalog if message.id and message.context}
    problems = [problem for key, message in entries.items() for problem in _wrong(locale, key, message, source)]
    if whole:
        problems += [Problem(locale, key, "is missing") for key in source if key not in entries]
    return {key: str(message.string) for key, message in entries.items()}, problems


def _wrong(locale: str, key: str, message: Message, source: Mapping[str, str]) -> list[Problem]:
    if key not in source:
        return [Problem(locale, key, "is not a text of the source any more (run: make locales)")]
    if message.id != source[key]:
        return [Problem(locale, key, "translates an older English text (run: make locales)")]
    if not message.string:
        return [Problem(locale, key, "is empty")]
    if message.fuzzy:
        return [Problem(locale, key, "is marked fuzzy: somebody must look at it")]
    wanted, found = placeholders(source[key]), placeholders(str(message.string))
    if wanted != found:
        return [Problem(locale, key, f"must use {_named(wanted)}, uses {_named(found)}")]
    return []


def placeholders(text: str) -> frozenset[str] | None:
    """The names in braces; None where the braces do not close."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return None


def _named(names: frozenset[str] | None) -> str:
    if names is None:
        return "braces that do not close"
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"


__all__ = ["BASES", "LOCALES", "SOURCE", "Catalog", "Catalogs", "Problem", "placeholders", "read_catalogs"]
