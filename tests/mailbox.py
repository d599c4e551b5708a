"""A team with an e-mail channel, and the mail server of its own at the other end.

The fixtures come with `pytest_plugins = ["tests.mailbox"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import asyncio
import email
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from bot.letters import Outbox
from bot.messages import Ordered
from bot.notices import Notices
from bot.pace import Pace
from bot.store import Store
from bot.tables import letters
from bot.vault import Vault
from dialogs.session import ReferralCode
from tests.postgres import Shell, demo_desks, kept

pytest_plugins = ["tests.postgres"]


PASSWORD = "hunter2secret"
PATIENCE = 15.0


@dataclass
class Mailbox:
    """An SMTP server on this computer that can be down."""

    port: int
    taken: list[EmailMessage] = field(default_factory=list)
    controller: Controller | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (its name)
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 OK"

    def goes_up(self) -> None:
        """Take mail from now on."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def goes_down(self) -> None:
        """Let nobody connect."""
        if self.controller:
            self.controller.stop()
            self.controller = None

    @property
    def url(self) -> str:
        """The address by which the operator names it; its name is a secret here."""
        return f"mailto://127.0.0.1:{self.port}?from=bot@example.org&to=team@example.org&name={PASSWORD}"

    @property
    def texts(self) -> list[str]:
        """What the messages say."""
        return ["\n".join(str(each.get_content()).splitlines()) for each in self.taken]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box = Mailbox(probe.getsockname()[1])
    yield box
    box.goes_down()


@dataclass
class Team:
    """The service with a channel in Montréal, and its outbox at work."""

    shell: Shell
    outbox: Outbox

    async def is_sent_a_result(self) -> ReferralCode:
        """Somebody sends their result to Montréal."""
        person = self.shell.person()
        await person.previews()
        code = person.session.code
        await person.taps("send")
        self.outbox.wake()
        return code

    async def loses(self, code: ReferralCode) -> None:
        """Somebody takes their result back."""
        person = self.shell.person()
        await person.begins()
        await person.does(Ordered("withdraw", code))
        self.outbox.wake()

    def passes(self, **much: float) -> None:
        """Let time pass, and look what is due."""
        self.shell.clock.passes(**much)
        self.outbox.wake()

    def left(self) -> list[Any]:
        """The letters that are kept."""
        return list(kept(self.shell.database, letters))

    async def eventually(self, true: Callable[[], object]) -> None:
        """Wait until this is so."""
        until = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < until, self.left()
            await asyncio.sleep(0.02)


def shell_with(store: Store, database: str, *urls: str) -> Shell:
    desks = demo_desks()
    montreal = desks["montreal"].model_copy(update={"notify": tuple(SecretStr(url) for url in urls)})
    return Shell(store, database, {**desks, "montreal": montreal})


def notices(shell: Shell, vault: Vault | None = None) -> Notices:
    return Notices(vault or shell.vault, shell.desks, shell.renderer)


@pytest.fixture
async def team(store: Store, database: str, mailbox: Mailbox) -> AsyncIterator[Team]:
    shell = await shell_with(store, database, mailbox.url).opened()
    nothing_in_telegram: Any = None
    outbox = Outbox(nothing_in_telegram, store, shell.vault, Pace(0), notices(shell).notify, shell.clock)
    work = asyncio.create_task(outbox.run())
    yield Team(shell, outbox)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    await outbox.stop(PATIENCE)
