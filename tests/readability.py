"""How hard the whole script is to read, by language: `python -m tests.readability`, or `make readability`.

English: Flesch-Kincaid grade, 0.39 × words per sentence + 11.8 × syllables per word - 15.59 (Kincaid 1975).
French: Kandel-Moles, 207 - 1.015 × words per sentence - 73.6 × syllables per word (Kandel and Moles 1958), as
textstat computes it offline, after hyphens and apostrophes are split: otherwise "mesurez-vous" is one long word.
Words and sentences are counted by textstat in both: a sentence of one or two words, such as the label "Yes", adds
its words but no sentence, so that buttons cannot make a script look easy.

English syllables are counted here, by the vowels one hears, because textstat wants a word list that it downloads,
and because pyphen finds places to break a line, not syllables ("about" and "open" have one for it). Held against
the CMU dictionary in November 2026, `english_syllables` was right for every word of this script that is in it, and
for nine in ten of all its words.

Proper nouns and the medical words below are not the author's choice: each stands in as one word of two syllables.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import textstat

from bot.texts import read_catalogs
from bot.texts.source import source_texts
from dialogs.study import read

# The English grade must not be above, the French ease not below.
LIMITS: Mapping[str, float] = {"en": 6.0, "fr": 70.0}
HARDEST = 10
# A text of fewer words says nothing about how its author writes.
WORDS_TO_JUDGE = 6

# Names as they stand in the register or on a phone: they cannot be put more simply.
NAMES = (
    "University Paris 7 - Denis Diderot",
    "Université Paris 7 - Denis Diderot",
    "Université de Montréal",
    "McGill University Health Centre",
    "Centre universitaire de santé McGill",
    "Medical University of South Carolina",
    "Assistance Publique - Hôpitaux de Paris",
    "Centre hospitalier de l'Université de Montréal",
    "Marie Hudson",
    "ClinicalTrials.gov",
    "Info-Santé",
    "Info-Social",
    "APPELLE",
    "Montréal",
    "Québec",
    "Telegram",
    "CellCept",
    "Myfortic",
    "NCT04356287",
    "CARE-SSc",
    "UCMSC",
    "CHUM",
    "SF-36v2",
    "EQ-5D-5L",
    "mRSS",
)

# Medical words with no plain word that means the same, and why each must be said.
MEDICAL: Mapping[str, Mapping[str, str]] = {
    "en": {
        "systemic": "in the name of the disease",
        "sclerosis": "in the name of the disease",
        "scleroderma": "the name of the disease",
        "morphea": "the name of what it is mixed up with",
        "methotrexate": "the name of a medicine",
        "mycophenolate": "the name of a medicine",
        "placebo": "explained where it is said, and the word of the consent form",
        "infusion": "explained where it is said",
        "umbilical": "where the cells come from",
        "hepatitis": "the name of an infection",
    },
    "fr": {
        "systémique": "in the name of the disease",
        "sclérose": "in the name of the disease",
        "sclérodermie": "the name of the disease",
        "morphée": "the name of what it is mixed up with",
        "méthotrexate": "the name of a medicine",
        "mycophénolate": "the name of a medicine",
        "placebo": "explained where it is said, and the word of the consent form",
        "perfusion": "explained where it is said",
        "ombilical": "where the cells come from",
        "hépatite": "the name of an infection",
        "autogreffe": "explained where it is said, and the word doctors in France use",
        "contraception": "the shortest exact word",
    },
}
STAND_IN = {"en": "doctor", "fr": "maison"}

# What a person would see in place of {this}; any other name is a short label.
FILLED: Mapping[str, str] = {
    "questions": "13",
    "number": "7",
    "of": "13",
    "feet": "5",
    "cm": "100",
    "first": "160",
    "last": "169",
    "height": "160 cm",
    "limit": "50 kg",
    "low": "45 kg",
    "high": "50 kg",
    "emergency": "911",
    "code": "K7M2",
    "chat": "1234",
    "study": "CARE-SSc",
    "place": "Paris",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard one locale is: the score of the whole script, and its hardest texts, the hardest first."""

    locale: str
    score: float
    hardest: tuple[tuple[float, str, str], ...]

    @property
    def good(self) -> bool:
        """Whether the script is easy enough."""
        language = _language(self.locale)
        return self.score <= LIMITS["en"] if language == "en" else self.score >= LIMITS["fr"]

    def __str__(self) -> str:
        name, sign = ("Flesch-Kincaid grade", "at most") if self.locale == "en" else ("Kandel-Moles", "at least")
        limit = LIMITS[_language(self.locale)]
        lines = [f"{self.locale}: {name} {self.score:.1f} ({sign} {limit:.0f}){'' if self.good else '  TOO HARD'}"]
        return "\n".join([*lines, *(f"  {score:6.1f}  {key}: {text}" for score, key, text in self.hardest)])


def reading(locale: str, texts: Mapping[str, str]) -> Reading:
    """How hard these texts of one locale are."""
    language = _language(locale)
    score = grade if language == "en" else ease
    plain = {key: plainly(text, language) for key, text in texts.items()}
    judged = [(score(text), key, texts[key]) for key, text in plain.items() if len(text.split()) >= WORDS_TO_JUDGE]
    hardest = sorted(judged, reverse=language == "en")[:HARDEST]
    return Reading(locale, score(" ".join(plain.values())), tuple(hardest))


def readings() -> tuple[Reading, ...]:
    """Every open locale as a person would get it."""
    texts = read_catalogs(source_texts(read())).texts
    return tuple(reading(locale, texts[locale]) for locale in texts)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of English text."""
    words = re.findall(r"[\w']+", text)
    syllables = sum(map(english_syllables, words)) / len(words)
    return 0.39 * len(words) / float(textstat.sentence_count(text)) + 11.8 * syllables - 15.59


def ease(text: str) -> float:
    """The Kandel-Moles ease of French text."""
    textstat.set_lang("fr")
    return float(textstat.flesch_reading_ease(text))


def plainly(text: str, language: str) -> str:
    """The text as it is scored: filled in, excepted words replaced, words split, closed by a full stop."""
    text = re.sub(r"\{(\w+)\}", lambda found: FILLED.get(found.group(1), STAND_IN[language]), text)
    text = re.sub(r"[\u00a0\u202f]", " ", text).replace("\u2019", "'")
    text = EXCEPTED[language].sub(STAND_IN[language], text)
    text = re.sub(r"(?<=\d)[.,](?=\d)", "", text)
    text = re.sub(r"-", " ", text) if language == "en" else re.sub(r"[-']", " ", text)
    text = " ".join(re.sub(r"[^\w\s.?!']", " ", text).split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _excepted(language: str) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(NAMES, key=len, reverse=True))
    medical = "|".join(MEDICAL[language])
    return re.compile(rf"\b(?:{names}|(?i:(?:{medical})s?))\b")


EXCEPTED = {language: _excepted(language) for language in MEDICAL}

# One group of vowels is one syllable, but for vowels that are not heard, and neighbours that are heard apart.
GROUP = re.compile(r"[aeiouy]+")
SILENT = re.compile(r"[^aeiouy]e$|[gq]ue$|[^td]ed$|[^aeioucsxzgh]es$")
HEARD = re.compile(r"[^aeiouylrw]les?$|ia(?!l\b)|(?<![tsc])io|iu|eo(?!u)|(?<!q)ua(?!r)|ii|ying$|iest$|ier$")
# Words of the script that the rules get wrong, and letters that are read one by one.
KNOWN: Mapping[str, int] = {
    **{"people": 2, "someone": 2, "somewhere": 2, "elsewhere": 2, "something": 2, "timeline": 2, "platelets": 2},
    **{"language": 2, "million": 2, "safety": 2, "severely": 3, "suicide": 3, "reaction": 3, "reactions": 3},
    **{"centimetres": 4, "every": 2, "being": 2, "acr": 3, "bmi": 3, "hiv": 3, "md": 2, "kg": 3, "cm": 4, "ml": 4},
}


def english_syllables(word: str) -> int:
    """How many syllables one hears in an English word; a number counts as one, as it does for textstat."""
    word = word.lower().strip("'")
    heard = len(GROUP.findall(word)) + len(HEARD.findall(word)) - bool(SILENT.search(word))
    return KNOWN.get(word, max(1, heard))


def _language(locale: str) -> str:
    return locale.partition("_")[0]


def main() -> int:
    """Print every locale's reading; 1 when any is too hard."""
    every = readings()
    print("\n\n".join(str(each) for each in every))
    return 0 if all(each.good for each in every) else 1


if __name__ == "__main__":
    sys.exit(main())
