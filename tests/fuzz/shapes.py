"""The words, values and shapes hostile updates are made of."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fuzz.reader import INVISIBLE, STUDY

ANONYMOUS_ADMIN = 1_087_968_824  # whom Telegram names for an administrator who hides
LONGEST = 4_096
MEGABYTE = 1 << 20
ANSWERS = (
    *("yes", "no", "oui", "non", "I don't know", "je ne sais pas", "5'3\"", "160 cm", "54 kg", "52", "2", "last"),
    *("stop", "help", "retour", "why", "delete my data", "English", "français", "my chest hurts", "chu pas sûr"),
)
ODD = (
    *("", " ", "\n", "\x00", "\ud800", "\udfff\ud800", "{code}", "{0.__class__}", "%s%n", "<b>x</b>", "*_[`", "\\"),
    *("'; DROP TABLE chats; --", '"}],"text":"', "../../etc/passwd", "٣", "１６０", "½", "🇨🇦" * 50, "ﷺ" * 40),
    *("\u202eoui\u202c", "\u2066non\u2069", "n\u200bo", "y\u0301" * 60, "e" + "\u0301" * 500, "\ufeffyes"),
    *("👩\u200d👩\u200d👧", "yes\x1b[2J"),
)
HUGE = (2**31, 2**52 - 1, 2**53, 2**63 - 1, -(2**63), 2**63, 10**30, -1, 0)
FILE: Mapping[str, Any] = {"file_id": "f", "file_unique_id": "u"}


@dataclass(frozen=True)
class Words:
    """Texts and values nobody should send, by chance."""

    chance: random.Random

    def text(self) -> str:
        """An answer, or nonsense, or both; seldom as long as a message can be, or far longer."""
        chance = self.chance.random()
        if chance < 0.002:
            return self.chance.choice(("x", "oui ", "/", "/start ", "1", "é", "\u200b", "5'")) * MEGABYTE
        if chance < 0.03:
            return "".join([self.chance.choice((*ANSWERS, *INVISIBLE, "👍", "ﷺ"))] * LONGEST)[:LONGEST]
        if chance < 0.5:
            return self.chance.choice(ANSWERS)
        if chance < 0.8:
            return self.chance.choice(ODD)
        known = (*ANSWERS, *ODD, *INVISIBLE, *STUDY.askings)
        return self.chance.choice((" ", "", "\n", ", ")).join(self.chance.choices(known, k=self.chance.randint(2, 9)))

    def value(self, deep: int = 4) -> object:
        """Anything that can stand in JSON, nested at most so deep, but for what is nested without end."""
        match self.chance.randrange(9 if deep else 6):
            case 0:
                return None
            case 1:
                return self.chance.choice(HUGE)
            case 2:
                return self.chance.choice((True, False, 1.5, float("inf"), float("nan")))
            case 3 | 4:
                return self.text()
            case 5:
                return nested(self.chance.choice((10, 100, 900)), self.chance.choice(("message", "reply_to_message")))
            case 6 | 7:
                return [self.value(deep - 1) for _ in range(self.chance.randrange(4))]
        return {self.chance.choice(("id", "type", "chat", "x")): self.value(deep - 1)}


def person(who: int) -> dict[str, Any]:
    """Somebody, with a name that fits nowhere."""
    return {"id": who, "is_bot": False, "first_name": "\u202eSomebody\n" + "x" * 80}


def private(who: int) -> dict[str, Any]:
    """Their own chat with the bot."""
    return {"id": who, "type": "private", "first_name": "Somebody"}


def group(number: int, kind: str = "supergroup") -> dict[str, Any]:
    """A group."""
    return {"id": number, "type": kind, "title": "A group"}


def message(who: int, chat: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A message of theirs."""
    return {"message_id": 7 + who % 90, "date": 1_700_000_000, "chat": dict(chat), "from": person(who), **fields}


def tap(who: int, chat: Mapping[str, Any], data: object, callback: str, on: int | None = None) -> dict[str, Any]:
    """A press of theirs on a button that says this."""
    under = message(who, chat, text="?") | ({} if on is None else {"message_id": on})
    return {
        "callback_query": {"id": callback, "from": person(who), "chat_instance": "1", "data": data, "message": under}
    }


def nested(deep: int, name: str) -> dict[str, Any]:
    """Something in itself, again and again."""
    whole: dict[str, Any] = {"id": 1}
    for _ in range(deep):
        whole = {name: whole, "message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}
    return whole
