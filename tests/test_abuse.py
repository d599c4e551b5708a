"""Somebody who floods, guesses or forges: the others do not wait, the desk hears nothing, and nothing is theirs."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.cards import Cards
from bot.codes import ALPHABET, LENGTH, new_code
from bot.delivery import Delivery
from bot.desk.membership import INVITE_LASTS
from bot.messages import (
    ChatId,
    Command,
    DeskCommand,
    Message,
    MessageId,
    Ordered,
    Said,
    TryLater,
    Update,
)
from bot.metrics import Metrics
from bot.outgoing import Batch
from bot.pace import Pace, Rank
from bot.tables import bindings, invites, metadata, referrals
from bot.telegram import Api
from bot.telegram.parse import parsed
from bot.telegram.polling import BATCH, batches
from dialogs.symbols import Say
from tests.desk_world import GROUP, DeskWorld
from tests.fuzz import door
from tests.fuzz.shapes import group, message, private, tap
from tests.postgres import Person, Shell, kept

pytest_plugins = ["tests.postgres"]
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")

A_FLOOD, SOME = 1_000, 150
MOST_A_SECOND = 100  # updates that can come, whoever sends them: what one poll brings, each second of an hour
OWN = {"seen", "chats", "counts"}  # tables in which whoever acts leaves traces of their own


class Telegram(Api):
    """A server that takes everything at once, and remembers which chat it was for."""

    def __init__(self) -> None:
        super().__init__("1:a", "http://127.0.0.1:9")
        self.wrote: list[int] = []
        self.written = asyncio.Event()

    async def send(self, chat: ChatId, message: Message, protect: bool = True) -> MessageId:
        """A message more."""
        self._writes(chat)
        return MessageId(10)

    async def edit(self, chat: ChatId, message_id: MessageId, message: Message) -> None:
        """A message changed."""
        self._writes(chat)

    async def delete(self, chat: ChatId, message_id: MessageId) -> None:
        """A message less."""
        self._writes(chat)

    async def answer(self, callback: str, text: str | None = None) -> None:
        """A tap answered."""

    def _writes(self, chat: ChatId) -> None:
        self.wrote.append(int(chat))
        self.written.set()


class Office:
    """The service with its sending: each poll is handled and sent as the application does."""

    def __init__(self, shell: Shell, per_second: float) -> None:
        self.shell, self.telegram = shell, Telegram()
        pace = Pace(per_second)
        cards = Cards(self.telegram, shell.store, shell.room, shell.views, pace)
        self.delivery = Delivery(self.telegram, shell.store, shell.views, cards, pace, Metrics())
        self.order: list[int] = []

    async def polls(self, updates: list[Update]) -> None:
        """Handle these in the order in which a poller does, and begin to send what follows."""
        for start in range(0, len(updates), BATCH):
            for some in batches(updates[start : start + BATCH]):
                batch = await self.shell.service.handle(some)
                self.order += [int(each.chat) for each in batch.showings]
                self.delivery.deliver(batch)

    async def writes_to(self, people: list[Person], since: int) -> list[int]:
        """The chats that were written to since then, until each of these was."""
        async with asyncio.timeout(20):
            while not {int(each.chat) for each in people} <= set(self.telegram.wrote[since:]):
                self.telegram.written.clear()
                await self.telegram.written.wait()
        last = max(self.telegram.wrote.index(int(each.chat), since) for each in people)
        return self.telegram.wrote[since : last + 1]


@pytest.fixture(params=["sqlite"])
def database(sqlite_copy: Path) -> str:
    """One kind is enough: who goes first is not the database's to say."""
    return f"sqlite+aiosqlite:///{sqlite_copy}"


@pytest.fixture
async def office(shell: Shell) -> AsyncIterator[Office]:
    office = Office(shell, per_second=100)
    yield office
    await office.delivery.stop(0)


async def _begun(shell: Shell, number: int) -> list[Person]:
    people = [shell.person() for _ in range(number)]
    for person in people:
        await person.begins()
    return people


# ----------------------------------------------------------------------------------------------------- flooding


async def test_in_a_poll_full_of_one_persons_messages_everybody_else_is_handled_first(office: Office) -> None:
    [flooder, *others] = await _begun(office.shell, 11)
    flood: list[Update] = [flooder.incoming(Said("x")) for _ in range(BATCH - len(others))]
    await office.polls([*flood, *(each.incoming(Said("yes")) for each in others)])
    first = office.order[: len(others) + 1]
    assert sorted(first) == sorted(int(each.chat) for each in (flooder, *others))


@pytest.mark.slow
async def test_a_thousand_taps_of_one_person_are_one_screen_for_them_and_no_wait_for_the_others(
    office: Office,
) -> None:
    [flooder, *others] = await _begun(office.shell, 6)
    press = flooder.tap("yes")
    await office.polls([flooder.incoming(press) for _ in range(A_FLOOD)])
    since = len(office.telegram.wrote)
    assert since <= 2, "a tap on a screen that is gone changes nothing, so nothing is written"
    await office.polls([each.incoming(each.tap("yes")) for each in others])
    wrote = await office.writes_to(others, since)
    assert len(wrote) <= len(others) + 1


async def test_while_one_persons_messages_are_cleared_away_the_others_take_turns_with_them(office: Office) -> None:
    [flooder, *others] = await _begun(office.shell, 11)
    await office.polls([flooder.incoming(Said("x")) for _ in range(SOME)])
    since = len(office.telegram.wrote)
    await office.polls([each.incoming(each.tap("yes")) for each in others])
    wrote = await office.writes_to(others, since)
    assert wrote.count(int(flooder.chat)) <= 2 * len(others), "one turn each"
    assert since < SOME, "the flood was over before anybody else came"


async def test_whoever_answers_as_people_do_never_waits_for_a_limit() -> None:
    """Twenty screens at once, and then one a second: nobody reads faster."""
    pace, person = Pace(30), ChatId(5)
    async with asyncio.timeout(0.5):
        for _ in range(20):
            await pace.turn(Rank.DIALOG, person)
    async with asyncio.timeout(1.5):
        await pace.turn(Rank.DIALOG, person)


# ---------------------------------------------------------------------------------------------- playing the desk


async def _outsiders_try(shell: Shell, code: str, version: int) -> Batch:
    """A participant sends every command and every button of a desk, in private and in a group of their own."""
    intruder = int(shell.person().chat)
    bare = code.replace("-", "")
    orders = [
        f"/{name} {argument}".strip() for name in (*get_args(DeskCommand), "export", "claim") for argument in ("", code)
    ]
    verbs = ("claim", "release", "contact", "closing", "card", "undo", "differs", "close", "write", "say", "send")
    data = [
        f"d.{verb}.{bare}.{seen}{more}"
        for verb in verbs
        for seen in (version, 1)
        for more in ("", ".cancer", ".declined")
    ]
    data += [f"d.show.{bare}", "d.pause.montreal.holiday", "d.invite.montreal.lead", f"d.remove.montreal.{'0' * 32}"]
    whole, number = Batch(), 10_000_000
    for chat in (private(intruder), group(-77)):
        tries = [{"message": message(intruder, chat, text=order)} for order in orders]
        tries += [tap(intruder, chat, each, "callback") for each in data]
        for each in tries:
            number += 1
            whole = whole.join(await shell.service.handle([parsed({"update_id": number, **each}, door.BOT)]))
    return whole


async def test_a_participant_who_sends_every_command_and_button_of_the_desk_gets_and_changes_nothing(
    shell: Shell,
) -> None:
    desk = DeskWorld(shell)
    [one] = await desk.desk("One")
    code = await desk.referral()
    await one.acts("claim", code)
    tables = [table for table in metadata.sorted_tables if table.name not in OWN]
    before = {table.name: kept(shell.database, table) for table in tables}
    told = await _outsiders_try(shell, code, (await one.shell_referral(code)).wanted)
    assert {table.name: kept(shell.database, table) for table in tables} == before
    assert (told.referrals, told.letters, told.happenings, told.withdrawn) == ([], [], [], [])
    assert told.toasts
    assert all(toast.said == Say("desk.toast.stranger") for toast in told.toasts)
    said = {
        line.key for reply in told.replies for block in reply.screen.blocks for line in block if isinstance(line, Say)
    }
    assert said == {"desk.join.how", "desk.join.wrong"}
    assert code not in "".join(shell.views.reply(each).text for each in told.replies)


async def test_a_coordinator_who_sends_participants_commands_in_the_group_begins_no_screening(shell: Shell) -> None:
    await DeskWorld(shell).desk("One")
    orders = [
        message(7_000_000_001, group(int(GROUP)), text=f"/{name}") for name in get_args(Command) if name != "help"
    ]
    for number, each in enumerate(orders):
        assert await shell.service.handle([parsed({"update_id": number, "message": each}, door.BOT)]) == Batch()


# ----------------------------------------------------------------------------------------------------- guessing


async def test_a_code_to_join_is_not_found_by_guessing_nor_used_up_by_it(shell: Shell) -> None:
    desk = DeskWorld(shell)
    code = await desk.invited()
    guesser = desk.somebody("Guesser", 50).in_private()
    for _ in range(60):
        assert await guesser.orders("join", new_code()) == ["desk.join.wrong"]
    assert len(kept(shell.database, invites)) == 1
    assert all(row["given"] for row in kept(shell.database, bindings))
    assert await desk.somebody("One", 1).orders("join", code) == ["desk.join.done"]
    guesses = MOST_A_SECOND * INVITE_LASTS.total_seconds()
    assert guesses / len(ALPHABET) ** LENGTH < 1e-6


async def test_results_are_not_taken_back_by_guessing_and_a_guess_learns_nothing(shell: Shell) -> None:
    await DeskWorld(shell).referral()
    [before] = kept(shell.database, referrals)
    guesser = shell.person()
    screens = set()
    for _ in range(20):
        code = new_code()
        batch = await guesser.does(Ordered("withdraw", code))
        assert batch.referrals == []
        screens.add(shell.views.screen(guesser.session).text.replace(code, ""))
    assert len(screens) == 1
    assert kept(shell.database, referrals) == [before]


# -------------------------------------------------------------------------------------------------- listening in


def _of_nobody(folder: Path) -> ssl.SSLContext:
    """The certificate of a server that nobody vouches for."""
    key, now, name = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC), x509.Name([])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    signed = made.sign(key, hashes.SHA256())
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(plain + signed.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


async def test_not_a_word_is_said_to_a_server_that_cannot_prove_who_it_is(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def listens(there: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        heard.append(await there.read())
        back.close()

    async with await asyncio.start_server(listens, "127.0.0.1", 0, ssl=_of_nobody(tmp_path)) as server:
        api = Api("1:a", f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await api.open()
        with pytest.raises(TryLater):
            await api.me()
        with pytest.raises(TryLater):
            await api.updates(0, 0)
        await api.close()
    assert b"".join(heard) == b""
