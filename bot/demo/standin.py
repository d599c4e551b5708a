"""The stand-in as one object for tests: a context manager that serves, acts as people do, fails on order, and tells.

    with StandIn() as telegram:
        bot = telegram.Bot(telegram.token, base_url=f"{telegram.url}/bot")
        phone = telegram.participant("Participant 1", "fr")
        phone.starts()
        phone.taps("Français")
        assert "Montréal" in phone.sees("habitez-vous").text

All methods are synchronous and may wait; from a coroutine call them through `asyncio.to_thread`.
`python -m bot.demo.standin` serves one alone, for a browser or a bot started by hand.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from bot.demo import people
from bot.demo.chats import ChatKind, Status, Telegram
from bot.demo.faults import Call, Fault, FaultKind, refused
from bot.demo.groups import add_group, add_member
from bot.demo.handles import PATIENCE, Group, Member, Phone, Seat
from bot.demo.server import Server
from bot.demo.setting import setting

TOKEN = "1000001:demo"  # noqa: S105  # invented: it opens nothing but this stand-in


class StandIn:
    """A Telegram of one's own. `groups` overrides the ids of the groups by key (`montreal`, `paris`, `elsewhere`)."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        groups: Mapping[str, int] | None = None,
        group_kind: ChatKind = "group",
        patience: float = PATIENCE,
    ) -> None:
        given = setting()
        self.token = token
        self.patience = patience
        self.telegram = Telegram(token, given.bot.name, given.bot.username)
        self.server = Server(self.telegram, port)
        self.faults = self.server.faults
        self._groups: dict[str, Group] = {}
        ids = groups or {}
        for one in given.groups:
            number = ids.get(one.key, one.id)
            chat = add_group(self.telegram, number, group_kind, one.key, one.title, one.language)
            members = [
                add_member(self.telegram, chat, name, one.language, "creator" if first == 0 else "member")
                for first, name in enumerate(one.members)
            ]
            self._groups[one.key] = Group(self.server, chat.id, members[0].id, patience)

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.server.stop()

    @property
    def url(self) -> str:
        """The address, for SCREENER_API_URL and for a browser."""
        return self.server.url

    # -- people --------------------------------------------------------------------------------------------

    def participant(self, name: str | None = None, language: str | None = "en") -> Phone:
        """A new phone, whose person has not started the bot yet."""
        called = name or setting().participant.name.format(number=people.next_number(self.telegram))
        chat = self.server.do(lambda: people.add_participant(self.telegram, called, language))
        return Phone(self.server, chat.id, chat.id, self.patience)

    def group(self, key: str) -> Group:
        """A coordinators' group by key."""
        return self._groups[key]

    def member(self, place: str | Group, who: str | Seat, status: Status = "member") -> Member:
        """A member of a group (or of the group of a place), who joins where they are not in it.

        `who` is a first name, or somebody who sits elsewhere already: the same person, with the same id.
        """
        return (self.group(place) if isinstance(place, str) else place).member(who, status=status)

    # -- what goes wrong -----------------------------------------------------------------------------------

    def refuses(
        self, code: int, method: str | None = None, chat: int | None = None, times: int = 1, retry_after: int = 1
    ) -> None:
        """The next calls are answered with 429 (wait `retry_after` seconds) or a 5xx, and do nothing."""
        self._order(Fault("refuse", method, chat, times, refusal=refused(code, retry_after)))

    def drops(
        self, method: str | None = None, chat: int | None = None, times: int = 1, *, applied: bool = False
    ) -> None:
        """The next calls end with a cut connection; where `applied`, after they took effect."""
        self._order(Fault("drop_after" if applied else "drop_before", method, chat, times))

    def slows(
        self,
        seconds: float,
        method: str | None = None,
        chat: int | None = None,
        times: int = 1,
        *,
        applied: bool = False,
    ) -> None:
        """The next calls take `seconds` longer, before they take effect or (`applied`) after."""
        kind: FaultKind = "slow_answer" if applied else "slow"
        self._order(Fault(kind, method, chat, times, seconds))

    def heals(self) -> None:
        """Nothing goes wrong any more."""
        self.server.do(self.faults.clear)

    def redelivers(self, update_id: int | None = None) -> int:
        """Delivers an update once more, the newest by default, and returns its id."""
        return self.server.do(lambda: self.telegram.queue.again(update_id))

    def expires_taps(self) -> None:
        """Makes all unanswered taps too old to be answered."""
        self.server.do(self.telegram.forget_taps)

    def passes(self, *, hours: float) -> None:
        """Lets Telegram's clock run ahead: messages grow older than what may be deleted."""
        self.server.do(lambda: self.telegram.pass_time(hours * 3600))

    # -- what was seen -------------------------------------------------------------------------------------

    def calls(self, method: str | None = None, chat: int | None = None) -> list[Call]:
        """The calls so far, oldest first; getUpdates only when asked for by name."""
        return self.server.do(lambda: self._calls(method, chat))

    def rejected(self) -> list[Call]:
        """The calls that Telegram itself would have refused; faults on order are not among them."""
        return self.server.do(lambda: [one for one in self.faults.calls if one.rejected])

    def waits_for_calls(self, method: str, chat: int | None = None, count: int = 1) -> list[Call]:
        """The calls of a method, once there are `count`."""
        return self.server.until(
            lambda: found if len(found := self._calls(method, chat)) >= count else None,
            self.patience,
            lambda: f"waited for {count} calls of {method}; there were {len(self._calls(method, chat))}",
        )

    def waits_for_bot(self, seconds: float = 30.0) -> None:
        """Waits until a bot asks for updates, anew where one did before."""
        queue = self.telegram.queue
        before = self.server.do(lambda: queue.polls)
        self.server.until(
            lambda: queue.polled or queue.polls > before or None,
            seconds,
            lambda: "no bot has asked for updates",
        )

    def settles(self) -> None:
        """Waits until the bot has acknowledged every update and reacted to it."""
        self.server.until(
            lambda: self._settled() or None, self.patience, lambda: "the bot has not reacted to everything"
        )

    def _settled(self) -> bool:
        queue, chats = self.telegram.queue, self.telegram.chats.values()
        return not queue.ready and queue.polled and not any(one.waiting or one.taps for one in chats)

    def _calls(self, method: str | None, chat: int | None) -> list[Call]:
        wanted = method.lower() if method else None
        return [
            one
            for one in self.faults.calls
            if (one.method.lower() == wanted if wanted else one.method.lower() != "getupdates")
            and chat in (None, one.chat)
        ]

    def _order(self, fault: Fault) -> None:
        self.server.do(lambda: self.faults.order(fault))


def main() -> int:
    """Serves one stand-in until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m bot.demo.standin")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with StandIn(port=given.port, token=given.token) as standin:
        print(standin.url, flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
