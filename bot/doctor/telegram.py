"""What Telegram knows of the bot: its token, its rights, its groups, its webhook. Asking changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from typing import Any

from bot.doctor.finding import Finding
from bot.messages import ChatId, Moved, Refused, TryLater, Undeliverable
from bot.settings import Settings
from bot.telegram import Api

TOLERATED = 30  # seconds a clock may be off: reminders and codes that expire need no better one


async def ask(settings: Settings, chats: Mapping[str, Collection[ChatId]], now: datetime) -> AsyncIterator[Finding]:
    """Everything that is wrong there. Where Telegram does not answer, that alone."""
    api = Api(settings.bot_token.get_secret_value(), settings.api_url)
    await api.open()
    try:
        me = await api.me()
        for finding in (*_clock(api, now), *_abilities(me), *await _webhook(api, settings)):
            yield finding
        for place in sorted(chats):
            for chat in sorted(chats[place]):
                if chat < 0 and (code := await _group(api, chat, int(me["id"]))):
                    yield Finding(code, {"place": place})
    except Refused:
        yield Finding("token_refused")
    except (TryLater, Undeliverable) as error:
        yield Finding("api_unreachable", {"reason": error})
    finally:
        await api.close()


def _clock(api: Api, now: datetime) -> list[Finding]:
    theirs = api.clock
    off = 0 if theirs is None else abs(int((now - theirs).total_seconds()))
    return [Finding("clock_off", {"seconds": off})] if off > TOLERATED else []


def _abilities(me: Mapping[str, Any]) -> list[Finding]:
    found = [Finding("privacy_off")] if me.get("can_read_all_group_messages") else []
    return found if me.get("can_join_groups", True) else [*found, Finding("groups_refused")]


async def _webhook(api: Api, settings: Settings) -> list[Finding]:
    url, number, failure = await api.webhook()
    if settings.webhook_url is None:
        return [Finding("webhook_set")] if url else []
    found = [] if url == settings.webhook_url else [Finding("webhook_other")]
    if failure and number:
        found.append(Finding("webhook_failing", {"reason": failure, "number": number}))
    return found


async def _group(api: Api, chat: ChatId, bot: int) -> str | None:
    """What is wrong with the bot's standing in a group, if anything is."""
    try:
        member = await api.standing(chat, bot)
    except Moved:
        return None  # the bot follows by itself, with the next card
    except Undeliverable as error:
        return "group_unknown" if "not found" in str(error).lower() else "group_left"
    match member.get("status"):
        case "left" | "kicked":
            return "group_left"
        case "restricted" if not member.get("can_send_messages"):
            return "group_mute"
        case "member" if not await api.anybody_may_write(chat):
            return "group_mute"
    return None
