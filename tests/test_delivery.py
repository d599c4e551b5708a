"""What should be shown is shown, whatever Telegram and people do meanwhile: once, newest, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import event

from bot.cards import Cards
from bot.delivery import Delivery
from bot.demo.chats import Message
from bot.demo.handles import Phone
from bot.demo.standin import StandIn
from bot.messages import Command, TryLater, Unavailable
from bot.metrics import Metrics
from bot.pace import Pace, patience
from bot.store import Store
from bot.tables import cards, chats, referrals
from bot.telegram import Api
from bot.telegram.parse import parsed
from bot.telegram.polling import batches
from dialogs.screens import screen
from dialogs.session import Session
from tests.dialogs_world import AFTER_CONSENT, MET, PLAN
from tests.person import eventually
from tests.postgres import Shell, kept

pytest_plugins = ["tests.postgres"]
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")

SOON = timedelta(milliseconds=20)
SEND, EDIT, DELETE, ANSWER = "sendMessage", "editMessageText", "deleteMessage", "answerCallbackQuery"
T = TypeVar("T")


async def away(act: Callable[..., T], *arguments: object, **named: object) -> T:
    """What the stand-in's side does: it lives in another thread, and may wait."""
    return await asyncio.to_thread(act, *arguments, **named)


class Bot:
    """The application without its poller: it takes what waits when it is told to, and sends by itself."""

    def __init__(self, shell: Shell, api: Api, standin: StandIn) -> None:
        self.shell, self.api, self.standin = shell, api, standin
        self.delivery = self.restarted()
        self.sessions: dict[int, Session] = {}
        self._offset = 0

    def restarted(self) -> Delivery:
        """A delivery that remembers nothing."""
        shell = self.shell
        cards = Cards(self.api, shell.store, shell.room, shell.views, Pace(0))
        self.delivery = Delivery(self.api, shell.store, shell.views, cards, Pace(0), Metrics())
        return self.delivery

    async def takes(self) -> None:
        """Handle all that waits, and begin to send what follows."""
        updates = [parsed(raw, self.api.bot) for raw in await self.api.updates(self._offset, 0)]
        for some in batches(updates):
            batch = await self.shell.service.handle(some)
            self.sessions.update({showing.chat: showing.session for showing in batch.showings})
            self.delivery.deliver(batch)
        self._offset = max([self._offset, *(update.update + 1 for update in updates)])

    async def settles(self) -> None:
        """Everything is sent and written down."""
        await self.delivery.stop(5)

    async def begins(self, *options: str) -> Phone:
        """A phone whose person has started and tapped these."""
        phone = await away(self.standin.participant)
        await away(phone.starts)
        await self.takes()
        await self.settles()
        await self.taps(phone, *options)
        return phone

    async def taps(self, phone: Phone, *options: str) -> None:
        """The buttons with these names, and what follows settled after each."""
        for option in options:
            await self.tap(phone, option)
            await self.takes()
            await self.settles()

    async def tap(self, phone: Phone, option: str, on: Message | None = None) -> None:
        session = self.sessions[phone.chat_id]
        ids = [each.id for each in screen(PLAN, self.shell.openings, session).options]
        await away(phone.taps, ids.index(option), on)

    async def orders(self, phone: Phone, command: Command) -> None:
        await away(phone.types, f"/{command}")
        await self.takes()

    async def sends_a_result(self) -> Phone:
        """Somebody who has everything met and is about to say yes for the second time."""
        answers = (tap for question in AFTER_CONSENT for tap in MET[question])
        return await self.begins("en", "montreal", "yes", "agree", *answers, "continue", "share")

    def text(self, phone: Phone) -> str:
        """What this person should read now."""
        return self.shell.views.screen(self.sessions[phone.chat_id]).text

    async def shows_only_what_it_should(self, phone: Phone) -> None:
        assert [one.text for one in await away(lambda: phone.from_bot)] == [self.text(phone)]


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
async def bot(standin: StandIn, sqlite_copy: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setattr("bot.telegram.api.SOON", SOON)
    monkeypatch.setattr("bot.cards.UNREACHABLE", SOON.total_seconds())
    monkeypatch.setattr("bot.cards.LONGEST", SOON.total_seconds())
    url = f"sqlite+aiosqlite:///{sqlite_copy}"
    shell, api = await Shell(Store(url), url).opened(), Api(standin.token, standin.url)
    await api.open()
    made = Bot(shell, api, standin)
    yield made
    await away(standin.heals)
    with suppress(Unavailable):
        await made.delivery.stop(0)
    await api.close()
    await shell.store.close()
    assert [call.description for call in standin.rejected() if "chat not found" in call.description] == []


# --------------------------------------------------------------------------------------- when sending fails


async def test_too_many_requests_in_one_chat_park_only_that_chat(bot: Bot) -> None:
    one, two = await bot.begins(), await bot.begins()
    await away(bot.standin.refuses, 429, EDIT, one.chat_id)
    for phone in (one, two):
        await bot.tap(phone, "en")
    await bot.takes()
    await away(two.sees, bot.text(two))
    assert bot.text(one) not in [each.text for each in await away(lambda: one.from_bot)]
    await away(one.sees, bot.text(one))
    refused, repeated = bot.standin.calls(EDIT, one.chat_id)
    assert refused.status == 429
    assert repeated.at - refused.at >= 1, "it came back sooner than Telegram asked for"


@pytest.mark.parametrize("method", [SEND, EDIT])
@pytest.mark.parametrize("failing", ["500", "502", "504", "dropped before", "dropped after"])
async def test_a_call_that_fails_is_repeated_until_the_screen_is_shown_once(
    bot: Bot, failing: str, method: str
) -> None:
    phone = await bot.begins("en")
    if method == SEND:
        await away(phone.deletes, (await away(lambda: phone.from_bot))[0])
    if failing.isdigit():
        await away(bot.standin.refuses, int(failing), method, times=3)
    elif failing == "dropped before":
        await away(bot.standin.drops, method, times=3)
    else:
        await away(bot.standin.drops, method, times=1, applied=True)
    await away(phone.types, "Montreal")
    await bot.takes()
    await bot.settles()
    shown = [one.text for one in await away(lambda: phone.from_bot)]
    # A first send that was applied, and whose answer was lost, is the one duplicate that can be seen.
    assert shown == [bot.text(phone)] * (2 if (failing, method) == ("dropped after", SEND) else 1)
    [row] = kept(bot.shell.database, chats)
    assert (row["shown"], row["litter"]) == (row["wanted"], "")


@pytest.mark.parametrize("tapped", [0, 1])
async def test_the_one_possible_duplicate_is_gone_with_the_next_tap_on_either(bot: Bot, tapped: int) -> None:
    await away(bot.standin.drops, SEND, applied=True)
    phone = await bot.begins()
    both = await away(lambda: phone.from_bot)
    assert [one.text for one in both] == [bot.text(phone)] * 2
    await bot.tap(phone, "en", on=both[tapped])
    await bot.takes()
    await bot.settles()
    if tapped == 0:
        await bot.shows_only_what_it_should(phone)
    else:
        assert [one.text for one in await away(lambda: phone.from_bot)][-1] == bot.text(phone)


async def test_patience_is_at_least_what_telegram_asks_for_and_grows_with_each_failure() -> None:
    for seconds in (1, 5, 600):
        waits = [patience(TryLater(timedelta(seconds=seconds), ""), tries) for tries in range(1, 12)]
        assert all(seconds <= wait <= max(seconds, 60) * 1.2 for wait in waits)
        assert waits[-1] >= waits[0] or seconds == 600


# ------------------------------------------------------------------------------------- what people do meanwhile


async def test_a_live_message_the_person_deleted_is_sent_anew(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(phone.deletes, (await away(lambda: phone.from_bot))[0])
    await away(phone.types, "yes")
    await bot.takes()
    await bot.settles()
    await bot.shows_only_what_it_should(phone)
    await bot.taps(phone, "agree")
    await bot.shows_only_what_it_should(phone)


async def test_nobody_who_blocked_the_bot_is_written_to_again(bot: Bot) -> None:
    phone = await bot.begins("en")
    await bot.tap(phone, "montreal")
    await away(phone.blocks)
    await bot.takes()
    await bot.settles()
    tried = len(bot.standin.calls(chat=phone.chat_id))
    bot.restarted().deliver(await bot.shell.service.interrupted())
    await bot.settles()
    assert len(bot.standin.calls(chat=phone.chat_id)) == tried
    await away(phone.starts)
    await bot.takes()
    await bot.settles()
    assert bot.text(phone) in [one.text for one in await away(lambda: phone.from_bot)]


async def test_who_says_stop_and_blocks_at_once_is_erased(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(phone.types, "/stop")
    await away(phone.blocks)
    await bot.takes()
    await bot.settles()
    assert kept(bot.shell.database, chats) == []


async def test_the_newest_screen_wins_when_many_are_waiting(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    before = len(bot.standin.calls(EDIT))
    await away(bot.standin.slows, 0.8, EDIT)
    for text in ("yes", "yes", "yes", "help", "back"):
        await away(phone.types, text)
    await bot.takes()
    await bot.settles()
    assert len(bot.standin.calls(EDIT)) - before == 2
    await bot.shows_only_what_it_should(phone)
    assert [one.text for one in await away(lambda: phone.messages) if not one.from_bot] == ["/start"]


# ------------------------------------------------------------------------------------------------- clearing away


async def test_typed_answers_and_screens_left_above_are_cleared_away(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(phone.types, "yes")
    await bot.orders(phone, "help")
    await bot.settles()
    await bot.shows_only_what_it_should(phone)
    assert [one.text for one in await away(lambda: phone.messages) if not one.from_bot] == ["/start"]


async def test_a_screen_too_old_to_be_deleted_says_nothing_any_more(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(bot.standin.passes, hours=49)
    await bot.orders(phone, "help")
    await bot.settles()
    old, live = await away(lambda: phone.from_bot)
    assert (old.text, old.rows, live.text) == (bot.shell.views.left_behind().text, (), bot.text(phone))


async def test_what_cannot_be_cleared_away_now_is_cleared_away_next_time(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(bot.standin.refuses, 500, DELETE, times=2)
    await bot.orders(phone, "help")
    await bot.settles()
    assert [one.text for one in await away(lambda: phone.from_bot)].count(bot.text(phone)) == 1, "it was sent twice"
    assert kept(bot.shell.database, chats)[0]["litter"] != ""
    bot.restarted()
    await away(bot.standin.heals)
    await bot.taps(phone, "back")
    await bot.shows_only_what_it_should(phone)


async def test_what_was_typed_goes_soon_even_when_telegram_would_not_let_it_go_at_once(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other screen has to come for that, and none is sent or edited for it."""
    monkeypatch.setattr("bot.delivery.AGAIN", 0.05)
    phone = await bot.begins("en", "montreal", "yes", "agree")
    await away(bot.standin.refuses, 500, DELETE, times=3)
    typed = await away(phone.types, "yes")
    await bot.takes()

    def shown() -> list[Message]:
        return [one for one in phone.messages if one.id == typed.id or one.from_bot]

    await away(eventually, lambda: len(shown()) == 1, "what was typed to go")
    await bot.settles()
    assert [(one.text, one.edits) for one in shown()] == [(bot.text(phone), 5)]
    assert kept(bot.shell.database, chats)[0]["litter"] == ""


async def test_an_end_is_an_end_even_where_nothing_can_be_cleared_away(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal")
    await away(bot.standin.refuses, 500, DELETE, times=9)
    await bot.orders(phone, "stop")
    await bot.settles()
    assert kept(bot.shell.database, chats) == []


# ------------------------------------------------------------------------------------------------- what it costs


async def test_an_answer_costs_one_transaction_and_two_calls(bot: Bot) -> None:
    phone = await bot.begins("en", "montreal", "yes", "agree")
    commits: list[object] = []
    event.listen(bot.shell.store._engine.sync_engine, "commit", commits.append)
    writing = asyncio.create_task(bot.delivery.run())
    before = len(bot.standin.calls())
    answered = len(bot.standin.calls(ANSWER))
    for number, option in enumerate(("yes", "declined", "not_enough", "5", "63"), start=1):
        await bot.tap(phone, option)
        await bot.takes()
        await away(phone.sees, bot.text(phone))
        await away(bot.standin.waits_for_calls, ANSWER, None, answered + number)
    calls = bot.standin.calls()[before:]
    assert sorted(call.method for call in calls) == [ANSWER] * 5 + [EDIT] * 5
    assert len(commits) == 5, "that a screen was edited need not be written down at once"
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await bot.settles()
    assert len(commits) == 6
    [row] = kept(bot.shell.database, chats)
    assert row["shown"] == row["wanted"]


async def test_a_double_tap_costs_no_second_edit(bot: Bot) -> None:
    phone = await bot.begins("en")
    before = len(bot.standin.calls(EDIT))
    session = bot.sessions[phone.chat_id]
    for _ in range(2):
        await away(phone.forges, f"{session.nonce}.{session.turn}.0")
    await bot.takes()
    await bot.settles()
    assert len(bot.standin.calls(EDIT)) - before == 1
    await bot.shows_only_what_it_should(phone)


async def test_what_was_shown_is_not_forgotten_when_writing_it_down_is_cut_short(bot: Bot) -> None:
    phone = await away(bot.standin.participant)
    await away(phone.starts)
    await bot.takes()
    async with bot.shell.store.begin():  # nobody else can write now
        await asyncio.gather(*bot.delivery._tasks)
        writing = asyncio.create_task(bot.delivery.run())
        await asyncio.wait([writing], timeout=0.05)  # it takes what is to be written, and waits
        assert bot.delivery._shown == {}
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    await bot.settles()
    [row] = kept(bot.shell.database, chats)
    assert (row["shown"], row["message"]) == (1, (await away(lambda: phone.from_bot))[0].id)


async def test_stopping_without_a_database_is_no_error(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    await bot.begins("en")
    monkeypatch.setattr(bot.delivery, "_store", Store("postgresql+psycopg://nobody@/none?host=/nowhere"))
    await bot.settles()


# --------------------------------------------------------------------------------------------------------- cards


async def test_a_card_waits_for_a_group_that_has_thrown_the_bot_out(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    phone = await bot.sends_a_result()
    await away(group.kicks_bot)
    await bot.tap(phone, "send")
    await bot.takes()
    await away(bot.standin.waits_for_calls, SEND, group.chat_id, 3)
    assert await away(lambda: group.from_bot) == []
    await away(group.invites_bot)
    await away(group.sees, bot.sessions[phone.chat_id].code)
    await bot.settles()
    [card] = await away(lambda: group.from_bot)
    [referral] = kept(bot.shell.database, referrals)
    [standing] = kept(bot.shell.database, cards)
    assert (referral["shown"], standing["message"]) == (1, card.id)


@pytest.mark.parametrize("told", [True, False])
async def test_cards_follow_a_group_that_becomes_a_supergroup(bot: Bot, told: bool) -> None:
    group, old, new = bot.standin.group("montreal"), -4_100_000_001, -1_004_100_000_001
    phone = await bot.sends_a_result()
    if not told:
        await away(bot.standin.refuses, 500, SEND, group.chat_id, times=10_000)
        await bot.tap(phone, "send")
        await bot.takes()
        await away(bot.standin.waits_for_calls, SEND, group.chat_id)
    await away(group.becomes_supergroup, new)
    await away(bot.standin.heals)
    if told:
        await bot.taps(phone, "send")
    [card] = await away(lambda: (group.sees("code"), group.from_bot)[1])
    assert bot.sessions[phone.chat_id].code in card.text
    await bot.settles()
    assert len([call for call in bot.standin.calls(chat=old) if call.rejected]) == (0 if told else 1)
    await bot.takes()
    await bot.orders(phone, "delete")
    await bot.settles()
    await bot.taps(phone, "forget_all")
    [bare] = await away(lambda: group.from_bot)
    assert (bare.id, len(bare.text.splitlines())) == (card.id, 1)


async def test_after_a_move_no_card_is_taken_for_another(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    one, two = await bot.sends_a_result(), await bot.sends_a_result()
    await bot.taps(one, "send")
    [old] = await away(lambda: group.from_bot)
    await away(group.becomes_supergroup, -1_004_100_000_001)
    while (await away(group.types, "hello")).id < old.id - 1:
        continue  # a supergroup counts its messages anew
    await bot.taps(two, "send")
    again = await away(group.sees, bot.sessions[one.chat_id].code)
    card = await away(group.sees, bot.sessions[two.chat_id].code)
    assert old.id in {again.id, card.id}
    await bot.orders(one, "delete")
    await bot.settles()
    await bot.taps(one, "forget_all")
    texts = {each.id: each.text for each in await away(lambda: group.from_bot)}
    assert texts.keys() == {again.id, card.id}
    assert texts[card.id] == card.text
    assert len(texts[again.id].splitlines()) == 1


async def test_a_result_taken_back_while_its_card_waits_never_reaches_the_team(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    phone = await bot.sends_a_result()
    await away(group.kicks_bot)
    await bot.tap(phone, "send")
    await bot.takes()
    await away(bot.standin.waits_for_calls, SEND, group.chat_id)
    await away(phone.sees, "sent")
    await bot.orders(phone, "delete")
    await away(phone.sees, bot.text(phone))
    await bot.tap(phone, "forget_all")
    await bot.takes()
    await away(group.invites_bot)
    await bot.settles()
    assert await away(lambda: group.from_bot) == []
    assert kept(bot.shell.database, referrals) == []


async def test_a_result_taken_back_is_bare_even_where_nobody_knows_if_its_card_arrived(bot: Bot) -> None:
    group = bot.standin.group("montreal")
    phone = await bot.sends_a_result()
    await away(bot.standin.drops, SEND, group.chat_id, applied=True)
    await away(bot.standin.refuses, 500, SEND, group.chat_id, times=10_000)
    await bot.tap(phone, "send")
    await bot.takes()
    await away(group.sees, "")
    await away(phone.sees, bot.text(phone))
    await bot.orders(phone, "delete")
    await away(phone.sees, bot.text(phone))
    await bot.tap(phone, "forget_all")
    await bot.takes()
    await away(phone.sees, bot.text(phone))
    await away(bot.standin.heals)
    await bot.settles()
    newest = (await away(lambda: group.from_bot))[-1]
    assert len(newest.text.splitlines()) == 1, "the team was not told"
    assert kept(bot.shell.database, referrals) == []
