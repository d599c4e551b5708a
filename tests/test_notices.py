"""Notices by e-mail, through a real SMTP server: the same content as the card, kept until it was taken, and silent."""

from __future__ import annotations

import asyncio
import email
import io
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from bot.letters import NotTaken, Outbox, read_letter
from bot.messages import Ordered
from bot.notices import TALKATIVE, Notices
from bot.pace import Pace
from bot.records import Referral
from bot.settings import Desk
from bot.store import Store
from bot.tables import letters
from bot.vault import Vault
from dialogs.session import ReferralCode
from dialogs.symbols import Say
from tests.postgres import SECRET, Shell, demo_desks, kept

pytest_plugins = ["tests.postgres"]

ROOT = Path(__file__).parents[1]
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


@pytest.fixture(autouse=True)
def talkative() -> Iterator[None]:
    """Leaves the libraries' loggers as they were."""
    before = {name: logging.getLogger(name).level for name in TALKATIVE}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


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


async def card(team: Team, code: ReferralCode) -> str:
    async with team.shell.store.begin() as transaction:
        referral = await transaction.referrals.of(code)
    assert referral is not None
    return team.shell.views.card(referral, {}).text


def said(team: Team, key: str, **params: Any) -> str:
    return team.shell.renderer.say(Say(key, params), "fr_CA")


# ------------------------------------------------------------------------------------------------- e-mail


async def test_a_new_referral_arrives_by_mail_with_the_content_of_its_card(team: Team, mailbox: Mailbox) -> None:
    mailbox.goes_up()
    code = await team.is_sent_a_result()
    await team.eventually(lambda: not team.left())
    [message] = mailbox.taken
    place = Say("place.montreal.name")
    assert message["Subject"].split() == said(team, "desk.notice.new.subject", code=code, place=place).split()
    assert message["To"] == "team@example.org"
    assert message.get_content_type() == "text/plain"
    assert (await card(team, code)).split() == mailbox.texts[0].split()


async def test_while_the_server_is_down_the_mail_waits_and_health_says_so(team: Team, mailbox: Mailbox) -> None:
    code = await team.is_sent_a_result()
    await team.eventually(lambda: [row["failure"] for row in team.left()] == ["refused"])
    async with team.shell.store.begin() as transaction:
        [(channel, failure, number)] = await transaction.letters.failing(["montreal"])
    assert (channel.partition("-")[0], failure, number) == ("mailto", "refused", 1)
    team.passes(hours=1)
    await team.eventually(lambda: [row["tries"] for row in team.left()] == [2])
    mailbox.goes_up()
    team.passes(hours=2)
    await team.eventually(lambda: not team.left())
    [text] = mailbox.texts
    assert code in text


async def test_a_withdrawal_is_told_by_a_second_mail(team: Team, mailbox: Mailbox) -> None:
    mailbox.goes_up()
    code = await team.is_sent_a_result()
    await team.eventually(lambda: mailbox.taken)
    await team.loses(code)
    await team.eventually(lambda: len(mailbox.taken) == 2)
    text = mailbox.texts[1]
    assert said(team, "card.bare.withdrawn", code=code) in text
    assert said(team, "desk.notice.erase") in text
    assert said(team, "card.outcome.likely_eligible") not in text


async def test_what_was_withdrawn_while_the_server_was_down_is_never_mailed(team: Team, mailbox: Mailbox) -> None:
    code = await team.is_sent_a_result()
    await team.eventually(lambda: [row["failure"] for row in team.left()] == ["refused"])
    await team.loses(code)
    await team.eventually(lambda: [row["failure"] for row in team.left()] == ["refused"])
    mailbox.goes_up()
    team.passes(hours=2)
    await team.eventually(lambda: not team.left())
    [text] = mailbox.texts
    assert said(team, "card.bare.withdrawn", code=code) in text


async def test_no_text_no_address_and_no_password_is_in_any_log(
    team: Team, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in TALKATIVE:
        caplog.set_level(logging.DEBUG, logger=name)
    lines = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    try:
        code = await team.is_sent_a_result()
        await team.eventually(lambda: [row["failure"] for row in team.left()] == ["refused"])
        mailbox.goes_up()
        team.passes(hours=1)
        await team.eventually(lambda: not team.left())
    finally:
        structlog.reset_defaults()
    # The server's own log is that of the other end, and the database's driver is silenced where the log is set up.
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith(("mail", "aiosqlite"))]
    everything = "\n".join((lines.getvalue(), *ours))
    assert "a letter waits" in everything
    secrets = (PASSWORD, "example.org", f"{mailbox.port}?", code, "127.0.0.1:")
    assert [secret for secret in secrets if secret in everything] == []


# ------------------------------------------------------------------------------------------ the channels


async def test_a_channel_is_named_by_its_kind_and_by_nothing_secret(store: Store, database: str) -> None:
    urls = (f"mailto://me:{PASSWORD}@example.org", f"SLACK://{PASSWORD}/a/b", f"verylongscheme+xyz://{PASSWORD}")
    names = list(notices(shell_with(store, database, *urls)).channels("montreal"))
    assert [name.rpartition("-")[0] for name in names] == ["mailto", "slack", "verylongsche"]
    assert all(len(name) <= 20 for name in names)
    assert not any(PASSWORD in name for name in names)
    other = notices(shell_with(store, database, *urls), Vault(b"another secret, long enough to be one"))
    assert not set(names) & set(other.channels("montreal"))


async def test_what_waits_for_a_channel_still_reaches_it_after_the_key_was_renewed(
    store: Store, database: str, mailbox: Mailbox
) -> None:
    mailbox.goes_up()
    shell = shell_with(store, database, mailbox.url)
    [name] = notices(shell).channels("montreal")
    renewed = notices(shell, Vault(b"another secret, long enough to be one", [SECRET]))
    assert name not in renewed.channels("montreal")
    await renewed.notify("montreal", name, "Subject\n\nText")
    assert mailbox.texts == ["Text"]


async def test_an_address_nobody_understands_or_knows_any_more_is_said_to_be_that(store: Store, database: str) -> None:
    shell = shell_with(store, database, f"nosuchthing://{PASSWORD}")
    [name] = notices(shell).channels("montreal")
    asked = (("montreal", name, "malformed"), ("paris", name, "unknown"), ("montreal", "x", "unknown"))
    for place, channel, why in asked:
        with pytest.raises(NotTaken) as refused:
            await notices(shell).notify(place, channel, "Subject\n\nText")
        assert refused.value.why == why
        assert PASSWORD not in repr(refused.value)


async def test_a_place_without_channels_is_told_nothing(team: Team) -> None:
    code = await team.is_sent_a_result()
    async with team.shell.store.begin() as transaction:
        referral = await transaction.referrals.of(code)
    assert isinstance(referral, Referral)
    given = notices(team.shell)
    assert [letter.place for letter in given.of(referral, "new", team.shell.clock())] == ["montreal"]
    elsewhere = Referral("K7F3-2QMX", "paris", referral.day, "new", referral.result, referral.arrived)
    assert given.of(elsewhere, "new", team.shell.clock()) == []


async def test_the_first_line_of_every_notice_is_a_subject_with_the_code(team: Team) -> None:
    code = await team.is_sent_a_result()
    async with team.shell.store.begin() as transaction:
        referral = await transaction.referrals.of(code)
    assert referral is not None
    for kind in ("new", "waiting", "withdrawn", "expired"):
        [letter] = notices(team.shell).of(referral, kind, team.shell.clock(), hours=8)
        subject, empty, *body = read_letter(team.shell.vault, letter).split("\n")
        assert code in subject
        assert (empty, any(body)) == ("", True)
        assert letter.code == (code if kind in {"new", "waiting"} else None)


# --------------------------------------------------------------------------------------------- the program


def test_the_application_starts_without_apprise() -> None:
    ask = "import sys, bot.application, bot.notices; sys.exit('apprise' in sys.modules)"
    where = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", ask], cwd=ROOT, env=where, check=False).returncode == 0


def test_addresses_show_nowhere_when_a_desk_is_printed() -> None:
    desk = Desk.model_validate({"notify": f'["mailto://me:{PASSWORD}@example.org"]'})
    assert desk.notify[0].get_secret_value() == f"mailto://me:{PASSWORD}@example.org"
    printed = (repr(desk), str(desk), str(desk.model_dump()), desk.model_dump_json())
    assert not any(PASSWORD in shown for shown in printed)
