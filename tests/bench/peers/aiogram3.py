"""A peer on aiogram 3, written as its own examples are: a state for each question, in memory or in Redis."""

# mypy: disable-error-code="import-not-found, unused-ignore"
# This library is only in the peers' own environment.

from __future__ import annotations

import os
import sys
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from tests.bench.peers.dialog import AGAIN, TOKEN, api, questions, summary

QUESTIONS = questions()
STATES = [State(f"question{number}", "Screening") for number in range(len(QUESTIONS))]
ENDED = State("ended", "Screening")


def keyboard(buttons: list[tuple[str, str]]) -> Any:
    """One button in each row."""
    rows = [[InlineKeyboardButton(text=label, callback_data=said)] for label, said in buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def greet(message: Message, state: FSMContext) -> None:
    """The first question, in a new message."""
    await state.clear()
    await state.set_state(STATES[0])
    await message.answer(QUESTIONS[0].text, reply_markup=keyboard(QUESTIONS[0].buttons(0)))


async def again(query: CallbackQuery, state: FSMContext) -> None:
    """The first question, in place of the farewell."""
    await state.set_state(STATES[0])
    await query.answer()
    await query.message.edit_text(QUESTIONS[0].text, reply_markup=keyboard(QUESTIONS[0].buttons(0)))


async def answer(query: CallbackQuery, state: FSMContext) -> None:
    """Keeps the answer and asks the next question, or ends."""
    number, index = (int(each) for each in query.data.split("."))
    chosen = await state.update_data({str(number): index})
    await query.answer()
    if number + 1 < len(QUESTIONS):
        await state.set_state(STATES[number + 1])
        following = QUESTIONS[number + 1]
        await query.message.edit_text(following.text, reply_markup=keyboard(following.buttons(number + 1)))
        return
    said = summary(QUESTIONS, {int(key): value for key, value in chosen.items()})
    await state.clear()
    await state.set_state(ENDED)
    await query.message.edit_text(said, reply_markup=keyboard([("Again", AGAIN)]))


def main() -> None:
    """Poll until stopped; uvloop is used by aiogram itself where it is installed."""
    redis = os.environ.get("BENCH_REDIS") if "redis" in sys.argv[1:] else None
    # The Redis client's own limit of 100 connections makes half of 200 chats fail at once.
    kept = RedisStorage.from_url(redis, {"max_connections": 1_000}) if redis else MemoryStorage()
    dispatcher = Dispatcher(storage=kept)
    dispatcher.message.register(greet, CommandStart())
    dispatcher.callback_query.register(again, ENDED)
    for state in STATES:
        dispatcher.callback_query.register(answer, state)
    session = AiohttpSession(api=TelegramAPIServer.from_base(api()))
    dispatcher.run_polling(Bot(TOKEN, session=session))


if __name__ == "__main__":
    main()
