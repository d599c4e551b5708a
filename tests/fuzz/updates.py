"""Updates as hostile people send them, and as no server ever should: endless, and the same for the same seed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from bot.messages import Command, DeskCommand
from tests.fuzz.door import CHANNEL, PATHS, spoilt
from tests.fuzz.shapes import ANONYMOUS_ADMIN, FILE, HUGE, Words, group, message, person, private, tap

FIRST_CHAT, FIRST_NUMBER, FIRST_GROUP = 6_600_000_000, 90_000_000, -1_009_000_000_000
REMEMBERED = 300  # earlier updates that may come again
VERBS = (
    *("claim", "release", "contact", "closing", "card", "undo", "close", "differs", "show", "pause", "invite"),
    *("remove", "write", "say", "send", "discard", "unbridge", "join", "leave", "export", "x"),
)
Update = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What hostile people know of the others: nothing of it is theirs to use.

    `buttons` are the data of honest people's screens, `codes` of their referrals, `desk_buttons` the data of cards,
    `desk_group` the coordinators' group, in which `removed` still sits. `sent` are updates of honest people, as they
    came: the only ones of theirs that may come again.
    """

    honest: Sequence[int]
    buttons: Sequence[str]
    codes: Sequence[str]
    desk_buttons: Sequence[str]
    desk_group: int
    removed: int
    sent: Sequence[Update]


@dataclass
class Hostile:
    """Some hundred chats that send whatever a custom client, or somebody who plays Telegram, can.

    `live` is filled by the test: the buttons on each hostile chat's own screen.
    """

    seed: int
    known: Known
    chats: int = 600
    live: dict[int, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._words = Words(self._chance)
        self._number = FIRST_NUMBER
        self._before: deque[Update] = deque(maxlen=REMEMBERED)
        self._late: list[Update] = []
        self._kinds: list[Callable[[], Update]] = [
            *[self._taps] * 6,
            *[self._says] * 6,
            *[self._orders] * 3,
            *[self._desk_taps] * 4,
            *[self._desk_orders] * 4,
            *[self._sends_something_else] * 2,
            *[self._in_a_group] * 3,
            *[self._does_something_else] * 4,
            *[self._is_garbage] * 4,
        ]

    def updates(self, number: int) -> list[Update]:
        """As many updates, the next to come: some again, some late."""
        return [self._next() for _ in range(number)]

    def forget(self) -> None:
        """Nothing of what was sent before comes again."""
        self._before.clear()
        self._late.clear()

    def is_hostile(self, chat: int) -> bool:
        """Whether this chat is one of those that act here."""
        return chat not in {*self.known.honest, self.known.desk_group}

    def _next(self) -> Update:
        chance = self._chance.random()
        if chance < 0.01:
            return self._chance.choice(self.known.sent)
        if chance < 0.04 and self._before:
            return self._chance.choice(self._before)
        if chance < 0.06 and self._late:
            return self._late.pop(self._chance.randrange(len(self._late)))
        made = {"update_id": self._numbered(), **self._chance.choice(self._kinds)()}
        if chance < 0.08:
            self._late.append(made)
            return self._next()
        if chance < 0.2:
            self._before.append(made)
        return made

    def _numbered(self) -> int:
        if self._chance.random() < 0.005:
            return self._chance.choice(HUGE)
        self._number += 1
        return self._number

    # -- what a custom client can send ---------------------------------------------------------------------------

    def _taps(self) -> Update:
        who = self._somebody()
        return tap(who, private(who), self._data(who), self._callback())

    def _data(self, who: int) -> object:
        """Button data: somebody else's, one's own with a part changed, or anything."""
        own = self._chance.choice(self.live.get(who) or ["n0nce.1.0"])
        nonce, turn, index = [*own.split("."), "", "", ""][:3]
        stolen = self._chance.choice([*self.known.buttons, "n0nce.3.1"])
        return self._chance.choice(
            [
                *[own] * 4,
                *[stolen] * 3,
                f"{nonce}.{self._chance.randrange(60)}.{index}",
                f"{nonce}.{turn}.{self._chance.choice([-1, 30, 99, 999, 1000])}",
                f"{stolen.split('.')[0]}.{turn}.{index}",
                f"{nonce}.{turn}.{index}.0",
                f"{nonce}.{turn}.{index}\u200b",
                f"{nonce.swapcase()}.{turn}.{index}",
                self._words.text(),
                self._chance.choice([None, 7, [], {}, True]),
            ]
        )

    def _says(self) -> Update:
        who = self._somebody()
        return {"message": message(who, private(who), text=self._words.text())}

    def _orders(self) -> Update:
        who, argument = (
            self._somebody(),
            self._chance.choice(["", "montreal-fr_clinic", "elsewhere-en", self._words.text()]),
        )
        order = self._chance.choice([*get_args(Command), *["start"] * 4, "START", "Help@screener_bot"])
        # A code is whoever's knows it: those of honest people are known here for trying them everywhere else.
        return {"message": message(who, private(who), text=f"/{order} {argument}".strip())}

    def _desk_taps(self) -> Update:
        who, chat = self._outsider()
        code = self._chance.choice(self.known.codes).replace("-", "")
        verb, more = self._chance.choice(VERBS), self._chance.choice(["", ".declined", ".cancer", ".lead", ".x" * 20])
        forged = f"d.{verb}.{code}.{self._chance.randrange(12)}{more}"
        named = self._chance.choice(["montreal.lead", "montreal.holiday", "paris.coordinator", "x.x", "montreal"])
        data = self._chance.choice([forged, forged, f"d.{verb}.{named}", self._chance.choice(self.known.desk_buttons)])
        return tap(who, chat, data, self._callback())

    def _desk_orders(self) -> Update:
        who, chat = self._outsider()
        argument = self._chance.choice(["", *self.known.codes, "K7M-4P2-XW9", "K7M4P2XW8", self._words.text()])
        order = self._chance.choice([*get_args(DeskCommand), "export", "claim", "Stats@screener_bot"])
        return {"message": message(who, chat, text=f"/{order} {argument}".strip())}

    def _sends_something_else(self) -> Update:
        who = self._somebody()
        contents: list[Update] = [
            {"photo": [{**FILE, "width": 1, "height": 1}], "caption": "/delete"},
            {"document": {**FILE, "file_name": self._words.text()[:60]}, "caption": "yes"},
            {"voice": {**FILE, "duration": 1}},
            {"contact": {"phone_number": "1", "first_name": self._words.text()[:60]}},
            {"location": {"latitude": 91.0, "longitude": -1e300}},
            {"dice": {"emoji": "🎲", "value": 7}},
            {"web_app_data": {"data": "/delete", "button_text": "x"}},
            {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}, "text": "/claim"},
            {"via_bot": {"id": 5, "is_bot": True, "first_name": "x"}, "text": "/stop"},
            {"reply_to_message": message(who, private(who), text="?"), "quote": {"text": "no", "position": 0}},
            {"entities": [{"type": "bot_command", "offset": -5, "length": 10**9}], "text": "/help"},
            {"a_kind_of_message_nobody_knows_yet": {"x": [1]}},
        ]
        return {"message": message(who, private(who), **self._chance.choice(contents))}

    def _in_a_group(self) -> Update:
        """Groups that are nobody's; and the coordinators' own, where what is not an order is not heard."""
        who = self._somebody()
        kind = self._chance.choice(["group", "supergroup"])
        strange = group(FIRST_GROUP - self._chance.randrange(20), kind) | {"title": self._words.text()[:60]}
        if self._chance.random() < 0.3:
            said = self._chance.choice([self._words.text().replace("/", ""), "/start", "/stop", "/delete", "claim"])
            return {"message": message(who, self._desk_group(), text=said)}
        contents: list[Update] = [
            {"text": self._chance.choice(["/id", "/help", "/stats", "/open@screener_bot", self._words.text()])},
            {"migrate_to_chat_id": self._chance.choice([*self.known.honest, self.known.desk_group, -5, *HUGE])},
            {"migrate_from_chat_id": self.known.desk_group},
            {"new_chat_members": [person(who)]},
            {"text": "/pause", "sender_chat": strange, "from": {**person(ANONYMOUS_ADMIN), "is_bot": True}},
            {"text": "/open", "from": None},
            {"text": "/mine", "is_topic_message": True, "message_thread_id": 2**31},
        ]
        return {"message": message(who, strange, **self._chance.choice(contents))}

    def _does_something_else(self) -> Update:
        """Every other kind of update; also in the name of honest people and coordinators: none of them is an act."""
        who = self._chance.choice([self._somebody(), *self.known.honest])
        said = self._chance.choice(["/delete", "/stop", "/pause", "yes", self._words.text()])
        chat = self._chance.choice([private(who), self._desk_group(), dict(CHANNEL)])
        wrote = message(who, chat, text=said, edit_date=1_700_000_001)
        member = {"chat": chat, "from": person(who), "date": 1, "old_chat_member": {}, "new_chat_member": {}}
        return self._chance.choice(
            [
                {"edited_message": wrote},
                {"channel_post": {**wrote, "chat": dict(CHANNEL)}},
                {"edited_channel_post": {**wrote, "chat": dict(CHANNEL)}},
                {"message": {**wrote, "chat": dict(CHANNEL)}},
                {"business_connection": {"id": "b", "user": person(who), "user_chat_id": who, "date": 1}},
                {"business_message": {**wrote, "business_connection_id": "b"}},
                {"edited_business_message": {**wrote, "business_connection_id": "b"}},
                {"deleted_business_messages": {"business_connection_id": "b", "chat": chat, "message_ids": [1]}},
                {"message_reaction": {"chat": chat, "message_id": 1, "date": 1, "user": person(who)}},
                {"message_reaction_count": {"chat": chat, "message_id": 1, "date": 1, "reactions": []}},
                {"inline_query": {"id": "1", "from": person(who), "query": said, "offset": ""}},
                {"chosen_inline_result": {"result_id": "1", "from": person(who), "query": said}},
                {"callback_query": {"id": "1", "from": person(who), "inline_message_id": "1", "data": "d.claim.x.1"}},
                {"callback_query": {"id": "1", "from": person(who), "game_short_name": "x", "chat_instance": "1"}},
                {"shipping_query": {"id": "1", "from": person(who), "invoice_payload": said}},
                {"pre_checkout_query": {"id": "1", "from": person(who), "currency": "EUR", "total_amount": -1}},
                {"purchased_paid_media": {"from": person(who), "paid_media_payload": said}},
                {"poll": {"id": "1", "question": said, "options": [], "total_voter_count": 0, "is_closed": False}},
                {"poll_answer": {"poll_id": "1", "user": person(who), "option_ids": [0]}},
                {"my_chat_member": member},
                {"chat_member": member},
                {"chat_join_request": {"chat": chat, "from": person(who), "date": 1, "user_chat_id": who}},
                {"chat_boost": {"chat": chat, "boost": {}}},
                {"removed_chat_boost": {"chat": chat, "boost_id": "1"}},
                {"guest_message": {**wrote, "guest_query_id": "1"}},
                {"managed_bot": {"user": person(who), "bot": person(5)}},
                {"a_kind_of_update_nobody_knows_yet": wrote},
            ]
        )

    # -- what nobody but a broken server sends -------------------------------------------------------------------

    def _is_garbage(self) -> Update:
        who = self._somebody()
        whole = self._chance.choice([tap(who, private(who), "n.1.1", "1"), {"message": message(who, private(who))}])
        path = self._chance.choice([path for path in PATHS if path[0] != "update_id"])
        return spoilt(whole, path, self._words.value())

    # -- who, where and with which words -------------------------------------------------------------------------

    def _somebody(self) -> int:
        return FIRST_CHAT + self._chance.randrange(self.chats)

    def _outsider(self) -> tuple[int, Update]:
        """Somebody who may not act for a desk, in their own chat, in a group of theirs, or in the desk's if removed."""
        who = self._somebody()
        strange = group(FIRST_GROUP - self._chance.randrange(20))
        where = self._chance.choice([(who, private(who)), (who, strange), (self.known.removed, self._desk_group())])
        return where if self._chance.random() < 0.9 else (self.known.removed, private(self.known.removed))

    def _desk_group(self) -> Update:
        return group(self.known.desk_group)

    def _callback(self) -> str:
        return self._chance.choice(["77", "", "x" * 5_000, "\x00", str(self._chance.randrange(10**18))])
