"""Simulated people who press buttons as soon as the bot has answered, and what they saw of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

FIRST_CHAT = 500_000_001
PRESSES = 1_000_000  # a tap's name is its chat's place in the crowd times this, and a number
LIMIT = 100  # updates in one answer, as with Telegram
PATIENCE = 5.0  # seconds after which somebody still waiting counts as stalled

# What a server sends about a press: the message as it stands, with words and buttons, as real ones do.
PERSON = b'{"id":%d,"is_bot":false,"first_name":"Camille","language_code":"fr"}'
BOT = b'{"id":1000001,"is_bot":true,"first_name":"Screener","username":"screener_bot"}'
WORDS = b"Question 7 of 13\\n\\n" + b"Have your doctors told you about any of these in the last months? " * 3
KEYBOARD = b",".join(b'[{"text":"An answer one can give","callback_data":"AbCdEfGh.%d.%d"}]' % (n, n) for n in range(5))
PRESS = (
    b'{"update_id":%d,"callback_query":{"id":"%d","from":'
    + PERSON
    + b',"message":{"message_id":%d,"from":'
    + BOT
    + b',"chat":{"id":%d,"first_name":"Camille","type":"private"},"date":%d,"edit_date":%d,"text":"'
    + WORDS
    + b'","reply_markup":{"inline_keyboard":['
    + KEYBOARD
    + b']}},"chat_instance":"-1234567890123456789","data":"%b"}}'
)
START = (
    b'{"update_id":%d,"message":{"message_id":%d,"from":'
    + PERSON
    + b',"chat":{"id":%d,"first_name":"Camille","type":"private"},"date":%d,"text":"/start",'
    + b'"entities":[{"offset":0,"length":6,"type":"bot_command"}]}}'
)


@dataclass(slots=True)
class Chat:
    """Somebody: which press comes next, and whether the last one was answered."""

    place: int
    id: int
    pressed: int = 0
    live: int = 0
    buttons: list[bytes] = field(default_factory=list)
    since: float = 0.0
    answered: bool = True
    shown: bool = True


@dataclass(slots=True)
class Seen:
    """What was seen since the last reset: one entry in `waits` (seconds) for each press that was answered."""

    since: float
    waits: list[float] = field(default_factory=list)
    starts: int = 0
    calls: int = 0
    refused: int = 0


@dataclass
class Crowd:
    """Everybody, and the updates that wait for the bot.

    `route` says which button is pressed at each step, round and round, and `widths` how many buttons there must be.
    A press is answered when the tap was answered and the screen was changed; then comes the next, after `think`
    seconds. The first `flooded` chats are refused every message. `lost` are those who saw another screen.
    """

    chats: int
    route: Sequence[int]
    later: Callable[[float, Callable[[Chat], None], Chat], object]
    widths: Sequence[int] = ()
    think: float = 0.0
    flooded: int = 0
    queue: deque[tuple[int, bytes]] = field(default_factory=deque)
    wake: Callable[[], None] = lambda: None
    lost: int = 0

    def __post_init__(self) -> None:
        self.people = [Chat(place, FIRST_CHAT + place) for place in range(self.chats)]
        self.seen = Seen(time.monotonic())
        self._updates = 1
        self._messages = 1_000

    def begin(self) -> None:
        """Everybody opens the chat; those who think before they press, one after the other."""
        for chat in self.people:
            if self.think:
                self.later(self.think * chat.place / self.chats, self._starts, chat)
            else:
                self._starts(chat)

    def taken(self, offset: int) -> list[bytes]:
        """The updates from this one on; those before it are done with."""
        while self.queue and self.queue[0][0] < offset:
            self.queue.popleft()
        return [self.queue[n][1] for n in range(min(len(self.queue), LIMIT))]

    def refuses(self, chat: int) -> bool:
        """Whether this chat takes nothing now."""
        refused = 0 <= chat - FIRST_CHAT < self.flooded
        self.seen.refused += refused
        return refused

    def shows(self, chat_id: int, buttons: list[bytes], message: int | None) -> int:
        """A screen came to this chat. Returns the number of its message."""
        if message is None:
            self._messages += 1
            message = self._messages
        place = chat_id - FIRST_CHAT
        if 0 <= place < self.chats and buttons:
            chat = self.people[place]
            chat.buttons, chat.live = buttons, message
            if not chat.shown:
                chat.shown = True
                self._perhaps_done(chat)
        return message

    def answers(self, callback: int) -> None:
        """A tap was answered."""
        place, number = divmod(callback, PRESSES)
        if 0 <= place < self.chats and (chat := self.people[place]).pressed == number and not chat.answered:
            chat.answered = True
            self._perhaps_done(chat)

    def stalled(self) -> int:
        """How many people have waited far too long, but for those who are flooded."""
        late = time.monotonic() - PATIENCE
        return sum(not (each.answered and each.shown) and each.since < late for each in self.people[self.flooded :])

    def _perhaps_done(self, chat: Chat) -> None:
        if not (chat.answered and chat.shown):
            return
        if chat.pressed:
            self.seen.waits.append(time.monotonic() - chat.since)
        else:
            self.seen.starts += 1
        if self.think:
            self.later(self.think, self._presses, chat)
        else:
            self._presses(chat)

    def _starts(self, chat: Chat) -> None:
        chat.shown, chat.since = False, time.monotonic()
        self._messages += 1
        self._happens(START % (self._updates, self._messages, chat.id, chat.id, int(time.time())))

    def _presses(self, chat: Chat) -> None:
        step = chat.pressed % len(self.route)
        if (self.widths and len(chat.buttons) != self.widths[step]) or len(chat.buttons) <= self.route[step]:
            self.lost += 1  # this person presses nothing more: the run is void
            return
        chat.pressed += 1
        chat.answered = chat.shown = False
        chat.since, now = time.monotonic(), int(time.time())
        name, data = chat.place * PRESSES + chat.pressed, chat.buttons[self.route[step]]
        self._happens(PRESS % (self._updates, name, chat.id, chat.live, chat.id, now, now, data))

    def _happens(self, update: bytes) -> None:
        self.queue.append((self._updates, update))
        self._updates += 1
        self.wake()
