"""The spaces French wants before its punctuation: the one part of typography a catalog should not have to repeat."""

from __future__ import annotations

import re

NO_BREAK = "\u00a0"
NARROW = "\u202f"

# A colon inside an address or a time of day is not punctuation: it is followed by something.
COLON = re.compile(r"[ \u00a0\u202f]*:(?=\s|$)")
HIGH = re.compile(r"[ \u00a0\u202f]*([?!;]+)(?=[\s»\")]|$)")
OPEN_QUOTE = re.compile(r"«[ \u00a0\u202f]*")
CLOSE_QUOTE = re.compile(r"[ \u00a0\u202f]*»")

# Before ? ! and ; France puts a narrow no-break space, Québec nothing. Both put a no-break space before a colon.
BEFORE_HIGH = {"fr_CA": "", "fr_FR": NARROW, "fr": NARROW}


def typeset(text: str, locale: str) -> str:
    """The text with the spaces its locale wants; English is left as it is."""
    if not locale.startswith("fr"):
        return text
    text = COLON.sub(f"{NO_BREAK}:", text)
    text = HIGH.sub(rf"{BEFORE_HIGH[locale]}\1", text)
    text = OPEN_QUOTE.sub(f"«{NO_BREAK}", text)
    return CLOSE_QUOTE.sub(f"{NO_BREAK}»", text).replace("'", "\u2019")
