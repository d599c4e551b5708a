"""The whole screener as people meet it: the real program as a process of its own, before a strict Telegram."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.demo.chats import Message
from bot.demo.handles import Group
from bot.demo.run import environment
from bot.demo.standin import StandIn
from bot.messages import ChatId
from bot.vault import Vault, read_secret
from dialogs.session import Session
from dialogs.study import Language
from tests.coordinator import Coordinator
from tests.person import PATIENCE, Person, eventually

CI = os.environ.get("CI") == "true"


class World:
    """A Telegram, the screener's process, and what it leaves on disk and in its log.

    `without` names settings that are left out, `settings` others to add.
    """

    def __init__(self, directory: Path, without: Collection[str] = (), **settings: str) -> None:
        self.directory = directory
        self.standin = StandIn(patience=PATIENCE)
        self._without, self._settings = frozenset(without), settings
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.standin.server.start()
        given = {**environment(self.standin, self.data), **self._settings}
        self.environment = {key: value for key, value in given.items() if key not in self._without}
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.kill()
        self.standin.server.stop()

    # -- the process ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the screener and wait until it asks for updates."""
        assert self.process is None, "it is running already"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                env=self.environment,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self.standin.waits_for_bot(40)
        except TimeoutError as error:
            raise AssertionError(f"the screener does not poll; it said:\n{self.log}") from error

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing written down."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Killed and started again."""
        self.kill()
        self.start()

    def pauses(self) -> None:
        """The process stands still: updates wait for it in Telegram."""
        self._running().send_signal(signal.SIGSTOP)

    def _end(self, sign: signal.Signals) -> int:
        process = self._running()
        process.send_signal(sign)
        code = process.wait(PATIENCE)
        self.process = None
        queue = self.standin.telegram.queue
        self.standin.server.until(lambda: not queue.polled or None, PATIENCE, lambda: "a dead poll stays open")
        return code

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, "it is not running"
        return self.process

    # -- what it leaves ------------------------------------------------------------------------------------

    @property
    def data(self) -> Path:
        """The data directory, which the screener makes."""
        return self.directory / "data"

    @property
    def log_path(self) -> Path:
        """The file of its log."""
        return self.directory / "screener.log"

    @property
    def log(self) -> str:
        """All it has logged, in every life."""
        return self.log_path.read_text("utf-8", "replace")

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / "screener.db"

    @property
    def on_disk(self) -> bytes:
        """Every byte in the data directory: the database, its write-ahead log, anything else."""
        return b"".join(path.read_bytes() for path in sorted(self.data.iterdir()) if path.is_file())

    @property
    def vault(self) -> Vault:
        """What opens the sealed values, as the operator could."""
        return Vault(read_secret(self.environment["SCREENER_SECRET_KEY"]))

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """The rows of a query on the database, read from outside."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(statement, values)]
        finally:
            connection.close()

    def session(self, person: Person) -> Session | None:
        """What is kept about this person, unsealed; None where nothing is."""
        key = self.vault.key(ChatId(person.phone.chat_id))
        rows = self.rows("select session from chats where key = ?", key)
        if not rows:
            return None
        return Session.model_validate_json(zlib.decompress(self.vault.open(rows[0]["session"], b"session" + key)))

    def forgets(self, person: Person) -> None:
        """Waits until nothing is kept about this person."""
        eventually(lambda: self.session(person) is None, "the session to be erased")

    def handled_all(self) -> None:
        """Waits until everything people did is committed and acknowledged."""
        queue = self.standin.telegram.queue
        self.standin.server.until(lambda: not queue.ready or None, PATIENCE, lambda: "updates are not acknowledged")

    def cards(self, place: str = "montreal") -> list[Message]:
        """The messages of the bot in the group of a place."""
        return self.group(place).from_bot

    def group(self, place: str = "montreal") -> Group:
        """The coordinators' group of a place."""
        return self.standin.group(place)

    def coordinator(self, name: str = "Coordination 1", place: str = "montreal") -> Coordinator:
        """A member of the group of a place."""
        return Coordinator(self.standin.member(place, name), place)

    def person(self, language: Language = "en", place: str = "montreal", name: str | None = None) -> Person:
        """Somebody new, who has not opened the chat yet."""
        return Person(self.standin.participant(name, language), language, place)
