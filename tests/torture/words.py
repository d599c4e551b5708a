"""What people type is looked up in tables that take a while to make, made once, before anybody comes."""

from __future__ import annotations

from dialogs.reading import read as read_words
from dialogs.study import read

MESSAGES = ("I can come on Tuesday.", "Je peux venir mardi.")  # to the team
LOCALES = ("fr_CA", "fr_FR", "en")
WORDS = ("oui", "yes", "help", "retour", *MESSAGES)


def made() -> None:
    """Make the tables that every question shares."""
    study = read()
    for asked in ("age", "cancer", "bmi.height", "consent"):
        for locale in LOCALES:
            for words in WORDS:
                read_words(study, asked, locale, words)
