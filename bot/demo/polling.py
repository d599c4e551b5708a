"""getUpdates: the long poll, of which only one may be open at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.demo.chats import Telegram
from bot.demo.params import Params
from bot.demo.wire import ApiError, Json, JsonObject, bad

LONGEST_POLL = 50
KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
)
TWO_POLLERS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class HungUpError(Exception):
    """The poller hung up before there was an answer."""


async def get_updates(
    telegram: Telegram, params: Params, hung_up: Callable[[], Awaitable[None]]
) -> Sequence[JsonObject]:
    """The updates from `offset` on, waiting up to `timeout` seconds for the first; `hung_up` ends with the client.

    Raises `ApiError` (409) when another poll begins meanwhile or a webhook is set, `HungUpError` when nobody listens.
    """
    if telegram.profile.webhook:
        raise ApiError(409, WEBHOOK_ACTIVE)
    queue = telegram.queue
    _remember_kinds(telegram, params.json("allowed_updates", "can't parse allowed updates JSON object"))
    replaced = queue.take_over()
    limit = min(max(params.integer("limit", 100), 1), 100)
    if params.integer("offset"):
        queue.acknowledge(params.integer("offset"))
    try:
        await _wait(telegram, replaced, hung_up, min(params.integer("timeout"), LONGEST_POLL))
        return queue.take(limit)
    finally:
        queue.leave(replaced)


async def _wait(
    telegram: Telegram, replaced: asyncio.Event, hung_up: Callable[[], Awaitable[None]], seconds: float
) -> None:
    if telegram.queue.ready or seconds <= 0:
        return
    taken = asyncio.ensure_future(replaced.wait())
    gone = asyncio.ensure_future(hung_up())
    filled = asyncio.ensure_future(_filled(telegram))
    try:
        await asyncio.wait({taken, gone, filled}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            raise HungUpError
        if taken.done():
            raise ApiError(409, TWO_POLLERS)
    finally:
        for task in (taken, gone, filled):
            task.cancel()


async def _filled(telegram: Telegram) -> None:
    while not telegram.queue.ready and not telegram.changes.closed:
        await telegram.changes.after(telegram.changes.version)


def _remember_kinds(telegram: Telegram, kinds: Json) -> None:
    if kinds is None:
        return
    if not isinstance(kinds, Sequence) or isinstance(kinds, str):
        raise bad("can't parse allowed updates: expected an Array of String")
    telegram.queue.allowed = [str(kind) for kind in kinds if kind in KINDS]
