"""Peers on python-telegram-bot, written as its own examples are: an echo, and a ConversationHandler."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import aiohttp
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import NetworkError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    PersistenceInput,
    PicklePersistence,
)
from telegram.request import BaseRequest, RequestData

from tests.bench.peers.dialog import AGAIN, TOKEN, Question, api, data, questions, summary

QUESTIONS = questions()
AT_ONCE = 256
Context = ContextTypes.DEFAULT_TYPE


class OnAiohttp(BaseRequest):
    """The library's own extension point for transports, on aiohttp."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer."""
        return 20.0

    async def initialize(self) -> None:
        """Open the pool."""
        self._session = self._session or aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256))

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """The status and body of one call."""
        if self._session is None:
            raise NetworkError("not open")
        form = request_data.json_parameters if request_data else None
        async with self._session.request(method, url, data=form) as response:
            return response.status, await response.read()


def keyboard(buttons: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    """One button in each row."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=said)] for label, said in buttons])


def screen(number: int) -> dict[str, Any]:
    """The question with this number, as arguments of a call."""
    question: Question = QUESTIONS[number]
    return {"text": question.text, "reply_markup": keyboard(question.buttons(number))}


async def greet(update: Update, context: Context) -> int:
    """The first question, in a new message."""
    if update.message:
        await update.message.reply_text(**screen(0))
    return 0


async def echo(update: Update, context: Context) -> None:
    """The two calls of an answered tap, and nothing else."""
    query = update.callback_query
    assert query
    await query.answer()
    await query.edit_message_text(**screen(6))


async def again(update: Update, context: Context) -> int:
    """The first question, in place of the farewell."""
    query = update.callback_query
    assert query
    await query.answer()
    await query.edit_message_text(**screen(0))
    return 0


async def answer(update: Update, context: Context) -> int:
    """Keeps the answer and asks the next question, or ends."""
    query = update.callback_query
    assert query
    assert context.user_data is not None
    number, index = (int(each) for each in str(query.data).split("."))
    context.user_data[number] = index
    await query.answer()
    if number + 1 < len(QUESTIONS):
        await query.edit_message_text(**screen(number + 1))
        return number + 1
    await query.edit_message_text(summary(QUESTIONS, context.user_data), reply_markup=keyboard([("Again", AGAIN)]))
    context.user_data.clear()
    return ConversationHandler.END


async def written(update: object, context: Context) -> None:
    """Has everything that changed written to the file before the next update."""
    await context.application.update_persistence()


def application(given: argparse.Namespace) -> Application[Any, Any, Any, Any, Any, Any]:
    """The peer that was asked for."""
    builder: Any = ApplicationBuilder().token(TOKEN).base_url(f"{api()}/bot")
    if given.aiohttp:
        builder = builder.request(OnAiohttp()).get_updates_request(OnAiohttp())
    if given.concurrent:
        builder = builder.concurrent_updates(AT_ONCE)
    if given.kind in {"pickle", "pickled"}:
        keep = PersistenceInput(bot_data=False, chat_data=False, callback_data=False)
        builder = builder.persistence(PicklePersistence(data() / "peer.pickle", store_data=keep))
    built: Application[Any, Any, Any, Any, Any, Any] = builder.build()
    if given.kind == "echo":
        built.add_handlers([CommandHandler("start", greet), CallbackQueryHandler(echo)])
        return built
    conversation = ConversationHandler(
        entry_points=[CommandHandler("start", greet), CallbackQueryHandler(again, f"^{AGAIN}$")],
        states={number: [CallbackQueryHandler(answer, rf"^{number}\.")] for number in range(len(QUESTIONS))},
        fallbacks=[CommandHandler("start", greet)],
        name="screening",
        persistent=given.kind != "conversation",
    )
    built.add_handler(conversation)
    if given.kind == "pickled":
        built.add_handler(CallbackQueryHandler(written), group=1)
    return built


def main() -> None:
    """Poll until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("echo", "conversation", "pickle", "pickled"))
    parser.add_argument("--aiohttp", action="store_true", help="on aiohttp and uvloop")
    parser.add_argument("--concurrent", action="store_true", help="handle updates side by side")
    given = parser.parse_args()
    if given.aiohttp:
        import uvloop

        asyncio.set_event_loop(uvloop.new_event_loop())
    application(given).run_polling()


if __name__ == "__main__":
    main()
