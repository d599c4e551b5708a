"""Notices by e-mail, through a real SMTP server: the same content as the card, kept until it was taken, and silent."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.letters import NotTaken, read_letter
from bot.notices import TALKATIVE
from bot.records import Referral
from bot.settings import Desk
from bot.store import Store
from bot.vault import Vault
from dialogs.session import ReferralCode
from dialogs.symbols import Say
from tests.mailbox import PASSWORD, Mailbox, Team, notices, shell_with
from tests.postgres import SECRET

pytest_plugins = ["tests.mailbox"]


ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def talkative() -> Iterator[None]:
    """Leaves the libraries' loggers as they were."""
    before = {name: logging.getLogger(name).level for name in TALKATIVE}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


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
