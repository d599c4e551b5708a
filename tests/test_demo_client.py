"""An independent client, python-telegram-bot, finds a Telegram it understands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import telegram
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.demo.standin import StandIn

PICTURE = Path(__file__).parent / "pictures" / "demo.png"


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
async def bot(standin: StandIn) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(standin.token, base_url=f"{standin.url}/bot") as ready:
        yield ready


async def test_a_conversation_from_start_to_farewell(standin: StandIn, bot: telegram.Bot) -> None:
    phone = standin.participant("Participant 1", "fr")
    phone.starts("montreal")
    (start,) = await bot.get_updates(timeout=5)
    assert start.message is not None
    assert start.message.text == "/start montreal"
    assert start.message.from_user is not None
    assert start.message.from_user.language_code == "fr"
    button = telegram.InlineKeyboardButton("Oui", callback_data="n.1.0")
    copy = telegram.InlineKeyboardButton("Copier", copy_text=telegram.CopyTextButton("K7M2"))
    sent = await bot.send_message(
        phone.chat_id,
        "<b>Avez-vous 18 ans</b> ou plus ?",
        parse_mode="HTML",
        protect_content=True,
        reply_markup=telegram.InlineKeyboardMarkup([[button], [copy]]),
    )
    assert phone.last.labels == ["Oui", "Copier"]
    assert phone.last.protected
    phone.taps("Oui")
    (tap,) = await bot.get_updates(offset=start.update_id + 1, timeout=5)
    assert tap.callback_query is not None
    assert tap.callback_query.data == "n.1.0"
    await tap.callback_query.answer("Noté")
    await bot.edit_message_text("Merci", phone.chat_id, sent.message_id)
    assert phone.sees("Merci").edits == 1
    assert phone.sees_toast("Noté")
    assert standin.rejected() == []


async def test_files_arrive_whole(standin: StandIn, bot: telegram.Bot) -> None:
    group = standin.group("paris")
    content = b"code;day\r\n\r\n--x\x00\xff"
    sent = await bot.send_document(group.chat_id, content, filename="export é.csv", caption="July")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("export é.csv", len(content))
    picture = await bot.send_photo(group.chat_id, PICTURE.read_bytes(), caption="Statistics")
    assert (picture.photo[-1].width, picture.caption) == (1280, "Statistics")
    assert group.last.picture is not None
    assert group.last.picture.content == PICTURE.read_bytes()


async def test_the_profile_can_be_set_and_read(bot: telegram.Bot) -> None:
    await bot.set_my_commands([("start", "Begin")], telegram.BotCommandScopeAllPrivateChats(), "en")
    assert await bot.get_my_commands(telegram.BotCommandScopeAllPrivateChats(), "en") == (
        telegram.BotCommand("start", "Begin"),
    )
    await bot.set_my_description("About", "fr")
    assert (await bot.get_my_description("fr")).description == "About"
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_short_description()).short_description == "Short"


async def test_chats_and_members_can_be_looked_up(standin: StandIn, bot: telegram.Bot) -> None:
    group = standin.group("montreal")
    assert (await bot.get_chat(group.chat_id)).type == "group"
    assert (await bot.get_chat_member(group.chat_id, group.person_id)).status == "creator"
    stranger = standin.participant()
    assert (await bot.get_chat_member(group.chat_id, stranger.chat_id)).status == "left"
    admin = group.member("Coordination 3", status="administrator")
    assert (await bot.get_chat_member(group.chat_id, admin.person_id)).status == "administrator"
    assert await bot.send_chat_action(group.chat_id, "typing")


async def test_each_failure_has_its_exception(standin: StandIn, bot: telegram.Bot) -> None:
    phone, group = standin.participant(), standin.group("paris")
    phone.starts()
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "a")
    standin.refuses(429, retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(phone.chat_id, "a")
    standin.drops("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(phone.chat_id, "a")
    phone.blocks()
    with pytest.raises(Forbidden, match="blocked"):
        await bot.send_message(phone.chat_id, "a")
    old = group.chat_id
    group.becomes_supergroup(-1009000000002)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(old, "a")
    assert moved.value.new_chat_id == -1009000000002


async def test_a_wrong_token_does_not_begin(standin: StandIn) -> None:
    with pytest.raises(InvalidToken):
        async with telegram.Bot("1:wrong", base_url=f"{standin.url}/bot"):
            raise AssertionError("the stand-in let a stranger in")
