"""Links that open the bot at the right place: `t.me/<bot>?start=<place>-<language>-<source>`."""

from __future__ import annotations

import re
from typing import NamedTuple, get_args

from dialogs.study import Language, Study

# Telegram allows 64 characters of A-Z a-z 0-9 _ and - after start=.
LONGEST = 64
PAYLOAD = re.compile(r"(?P<place>[a-z0-9_]+)-(?P<language>[a-z]{2})(?:-(?P<source>[A-Za-z0-9_-]{1,32}))?")


class Link(NamedTuple):
    """Where a link leads, and where it was found: a poster, a clinic, an association. Never who found it."""

    place: str
    language: Language
    source: str | None


def read_link(payload: str, study: Study) -> Link | None:
    """What this payload says; None for any but our own."""
    found = PAYLOAD.fullmatch(payload)
    if not found or found["place"] not in {place.id for place in study.places}:
        return None
    language = next((each for each in get_args(Language) if each == found["language"]), None)
    return Link(found["place"], language, found["source"]) if language else None


def write_link(link: Link) -> str:
    """The payload for this link. Raises ValueError when Telegram would not take it."""
    payload = "-".join(filter(None, link))
    if len(payload) > LONGEST or not PAYLOAD.fullmatch(payload):
        raise ValueError(f"{payload!r} does not fit into a link: letters, digits, _ and -, {LONGEST} in all")
    return payload
