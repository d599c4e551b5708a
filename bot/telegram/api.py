"""What we say to Telegram: each call, and what its failures mean to us."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.warnings import PTBUserWarning

from bot.messages import (
    Button,
    ChatId,
    Message,
    MessageGone,
    MessageId,
    Moved,
    Refused,
    TryLater,
    Undeliverable,
)
from bot.metrics import Metrics
from bot.telegram.request import TIMEOUT, AiohttpRequest
from dialogs.study import Language

SOON = timedelta(seconds=2)
OTHER_POLLER = timedelta(seconds=5)
WANTED_UPDATES = ["message", "callback_query"]
CONNECTIONS = 100  # the most Telegram opens to a webhook at once
SLOWEST = 100_000  # bytes a second: a file must have left by then
SPARE = 10.0  # seconds an answer may come later than the long poll promises

# The raw call returns what Telegram sent without parsing it again. Saying so is not news.
warnings.filterwarnings("ignore", category=PTBUserWarning, message="Please use 'Bot")


# What Telegram answers when there is nothing left to do: the screen is shown, the tap was answered long ago.
DONE_ALREADY = ("message is not modified", "query is too old", "query id is invalid")
GONE = ("message to edit not found", "message can't be edited", "message to delete not found", "can't be deleted")


@dataclass(frozen=True, slots=True)
class Profile:
    """What Telegram shows about the bot in one language; commands with what they do, to people and in groups."""

    description: str
    short_description: str
    commands: tuple[tuple[str, str], ...]
    desk_commands: tuple[tuple[str, str], ...] = ()


class Api:
    """The Bot API, in our words."""

    def __init__(self, token: str, url: str, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._request = AiohttpRequest()
        # Of its own, so that asking for updates never waits behind a thousand screens.
        self._polling = AiohttpRequest()
        self._bot = Bot(token, base_url=f"{url}/bot", request=self._request, get_updates_request=self._polling)
        self._url = f"{url}/bot{token}/"

    async def open(self) -> None:
        """Be ready to call."""
        await self._request.initialize()
        await self._polling.initialize()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._request.shutdown()
        await self._polling.shutdown()

    @property
    def bot(self) -> Bot:
        """The bot that parsed updates belong to."""
        return self._bot

    async def updates(self, offset: int, wait: float) -> list[dict[str, Any]]:
        """Updates from `offset` on, raw; waits `wait` seconds for the first. Raises Refused or TryLater."""
        wanted = {"offset": offset, "timeout": int(wait), "allowed_updates": WANTED_UPDATES}
        asked = self._polling.call(f"{self._url}getUpdates", wanted, wait + SPARE)
        found = await self._counted("getUpdates", asked)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise _nonsense()
        return found

    async def send(self, chat: ChatId, message: Message, protect: bool = True) -> MessageId:
        """Send a new message. `protect` keeps it from being forwarded or copied out of the chat."""
        what = {"chat_id": chat, "text": message.text, "protect_content": protect, **_keyboard(message)}
        found = await self._call("sendMessage", what)
        return _sent(found)

    async def edit(self, chat: ChatId, message_id: MessageId, message: Message) -> None:
        """Make an earlier message read like this. Raises MessageGone when it cannot be edited any more."""
        what = {"chat_id": chat, "message_id": message_id, "text": message.text, **_keyboard(message)}
        await self._call("editMessageText", what)

    async def send_file(self, chat: ChatId, name: str, content: bytes, caption: str) -> MessageId:
        """Send a file that may be kept and passed on: it is the person's own, or a lead asked for it."""
        what = {"chat_id": chat, "document": InputFile(content, filename=name), "caption": caption}
        found = await self._upload("sendDocument", what, read_timeout=TIMEOUT + len(content) / SLOWEST)
        return _sent(found)

    async def send_picture(self, chat: ChatId, png: bytes) -> MessageId:
        """Send a picture to somebody of a desk, who may keep it."""
        photo = InputFile(png, filename="numbers.png")
        found = await self._upload("sendPhoto", {"chat_id": chat, "photo": photo})
        return _sent(found)

    async def delete(self, chat: ChatId, message_id: MessageId) -> None:
        """Delete a message. Raises MessageGone when it is not there or too old."""
        await self._call("deleteMessage", {"chat_id": chat, "message_id": message_id})

    async def answer(self, callback: str, text: str | None = None) -> None:
        """Tell the phone that its tap arrived, with a short line to show."""
        await self._call("answerCallbackQuery", {"callback_query_id": callback, **({"text": text} if text else {})})

    async def introduce(self, language: Language | None, profile: Profile) -> None:
        """Set what Telegram shows about the bot in this language; None is for all the others."""
        where = {"language_code": language} if language else {}
        menus = (("all_private_chats", profile.commands), ("all_group_chats", profile.desk_commands))
        for scope, menu in menus:
            commands = [{"command": name, "description": text} for name, text in menu]
            what = {"commands": commands, "scope": {"type": scope}}
            await self._call("setMyCommands", {**what, **where})
        await self._call("setMyDescription", {"description": profile.description, **where})
        await self._call("setMyShortDescription", {"short_description": profile.short_description, **where})

    async def offer(self, chat: ChatId, commands: Sequence[tuple[str, str]]) -> None:
        """Set the menu of this chat alone, in whatever language. Raises Undeliverable, TryLater."""
        listed = [{"command": name, "description": text} for name, text in commands]
        await self._call("setMyCommands", {"commands": listed, "scope": {"type": "chat", "chat_id": chat}})

    async def offer_no_more(self, chat: ChatId) -> None:
        """Let this chat have the menu that all have. Raises Undeliverable, TryLater."""
        await self._call("deleteMyCommands", {"scope": {"type": "chat", "chat_id": chat}})

    async def start_webhook(self, url: str, secret: str) -> None:
        """Have updates brought to this address; the server shows the secret with each."""
        wanted = {"url": url, "secret_token": secret, "max_connections": CONNECTIONS}
        await self._call("setWebhook", {**wanted, "allowed_updates": WANTED_UPDATES})

    async def webhook(self) -> tuple[str, int, str]:
        """The address updates are brought to, how many wait, and what went wrong with the last that failed."""
        found = _described(await self._call("getWebhookInfo", {}))
        return found.get("url", ""), found.get("pending_update_count", 0), found.get("last_error_message", "")

    async def me(self) -> Mapping[str, Any]:
        """What Telegram knows about the bot. Raises Refused, TryLater."""
        return _described(await self._call("getMe", {}))

    async def standing(self, chat: ChatId, who: int) -> Mapping[str, Any]:
        """What somebody may do in a chat. Raises Undeliverable when the chat is unknown to the bot, TryLater."""
        return _described(await self._call("getChatMember", {"chat_id": chat, "user_id": who}))

    async def anybody_may_write(self, chat: ChatId) -> bool:
        """Whether members of a group may write there who have no rights of their own. Raises TryLater."""
        found = _described(await self._call("getChat", {"chat_id": chat}))
        return bool(_described(found.get("permissions", {})).get("can_send_messages", True))

    @property
    def clock(self) -> datetime | None:
        """What the server's clock said when it answered last."""
        try:
            return parsedate_to_datetime(self._request.date or "")
        except ValueError:
            return None

    async def stop_webhook(self) -> None:
        """Let updates be polled."""
        await self._call("deleteWebhook", {})

    async def _call(self, method: str, what: Mapping[str, object]) -> Any:
        """What Telegram says to this, parsed no further: the library's own way there costs as much as the network."""
        return await self._counted(method, self._request.call(self._url + method, what))

    async def _upload(self, method: str, what: Mapping[str, object], read_timeout: float | None = None) -> Any:
        """What Telegram says to this, which has a file in it."""
        asked = self._bot.do_api_request(method, api_kwargs=dict(what), read_timeout=read_timeout)
        return await self._counted(method, asked)

    async def _counted(self, method: str, call: Awaitable[Any]) -> Any:
        outcome = "done"
        try:
            with _translated():
                if (found := await call) is False:  # Telegram says true, or what it did
                    raise _nonsense()
                return found
        except Exception as error:
            outcome = type(error).__name__
            raise
        finally:
            self._metrics.called(method, outcome)


@contextmanager
def _translated() -> Iterator[None]:
    """A foreign error stops here, the most specific first: in PTB a BadRequest is a NetworkError."""
    try:
        yield
    except RetryAfter as error:
        raise TryLater(_delta(error.retry_after), "too many requests") from error
    except ChatMigrated as error:
        raise Moved(ChatId(error.new_chat_id)) from error
    except InvalidToken as error:
        raise Refused(error.message) from error
    except Forbidden as error:
        raise Undeliverable(error.message) from error
    except BadRequest as error:
        _bad_request(error)
    except Conflict as error:
        raise TryLater(OTHER_POLLER, "another process polls this bot") from error
    except NetworkError as error:
        raise TryLater(SOON, type(error).__name__) from error
    except TelegramError as error:
        raise TryLater(SOON, type(error).__name__) from error


def _sent(found: object) -> MessageId:
    """The number of the message that was sent. Raises TryLater where the answer has none."""
    match found:
        case {"message_id": int(number)}:
            return MessageId(number)
    raise _nonsense()


def _described(found: object) -> Mapping[str, Any]:
    """What was asked about. Raises TryLater where the answer describes nothing."""
    if not isinstance(found, dict):
        raise _nonsense()
    return found


def _nonsense() -> TryLater:
    """For an answer that cannot be Telegram's: something on the way gave it."""
    return TryLater(SOON, "an answer that is none")


def _bad_request(error: BadRequest) -> None:
    said = error.message.lower()
    if any(words in said for words in DONE_ALREADY):
        return
    if any(words in said for words in GONE):
        raise MessageGone(error.message) from error
    raise Undeliverable(error.message) from error


def _delta(wait: int | timedelta) -> timedelta:
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def _keyboard(message: Message) -> dict[str, object]:
    rows = [[_button(button) for button in row] for row in message.rows]
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _button(button: Button) -> dict[str, object]:
    """A button as the Bot API writes it: the library's objects would say the same, at ten times the cost."""
    if button.copies:
        return {"text": button.label, "copy_text": {"text": button.copies}}
    return {"text": button.label, "callback_data": button.data}
