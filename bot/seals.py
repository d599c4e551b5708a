"""What is sealed in each table, and what it belongs to there: it opens nowhere else.

`chats` are not listed: their rows move under today's key whenever they are read (`store/chats.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHAT = b"chat"
SESSION = b"session"
NAMED = b"name"
DONE_BY = b"audit"
BRIDGE = b"bridge"
DRAFT = b"draft"
LETTER = b"letter"
RESULT = b"result"
LIFE = b"life"
DEED = b"deed"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed columns of a table, each with what its values belong to: with the value of the column `to`, if any.

    Where `address` names one of them it holds the chat of which `key` is the keyed hash, so that a key can be renewed.
    """

    table: str
    columns: Mapping[str, bytes]
    to: str | None = "key"
    address: str | None = None

    def belongs_to(self, column: str, row: Mapping[str, Any]) -> bytes:
        """What this value of a row is bound to."""
        to = (row[self.to] if self.to else None) or b""
        return self.columns[column] + (to.encode("ascii") if isinstance(to, str) else bytes(to))


REFERRALS = Sealed("referrals", {"result": RESULT, "life": LIFE}, to="code")
AUDIT = Sealed("audit", {"who": DONE_BY, "what": DEED}, to=None)
DESK = (
    Sealed("bindings", {"address": CHAT}, address="address"),
    Sealed("cards", {"address": CHAT}, address="address"),
    Sealed("staff", {"name": NAMED}),
    Sealed("moves", {"address": CHAT}),
)
OTHERS = (
    Sealed("waiting", {"address": CHAT}, address="address"),
    AUDIT,
    REFERRALS,
    Sealed("bridges", {"link": BRIDGE, "draft": DRAFT}, to="code"),
    Sealed("letters", {"address": CHAT, "body": LETTER}, address="address"),
)
# Keyed hashes beside nothing that is sealed. A `claimer` is renewed with the staff; an invite lives for an hour.
HASHES = {"referrals": ("claimer",), "invites": ("digest",)}
