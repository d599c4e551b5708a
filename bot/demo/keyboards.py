"""Inline keyboards: `reply_markup` read as strictly as Telegram reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.demo.wire import Json, JsonObject, bad

MAX_BUTTONS = 100
MAX_IN_A_ROW = 8
ACTIONS = (
    "callback_data",
    "url",
    "copy_text",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "pay",
)
SHOWN = ("callback_data", "url", "copy_text")
STYLES = ("danger", "success", "primary")
LINK = re.compile(r"(?:https?://[^\s/]+\.[^\s]+|https?://(?:localhost|[\d.]+)\S*|tg://\S+|ton://\S+)\Z")


@dataclass(frozen=True)
class Button:
    """One button: its label and the one thing it does (`callback_data`, `url` or `copy_text`)."""

    label: str
    action: str
    value: str
    style: str = ""

    @property
    def data(self) -> str | None:
        """The callback data, for a button that sends some."""
        return self.value if self.action == "callback_data" else None

    def json(self) -> JsonObject:
        """The button as the Bot API shows it."""
        value: Json = {"text": self.value} if self.action == "copy_text" else self.value
        styled: JsonObject = {"style": self.style} if self.style else {}
        return {"text": self.label, self.action: value, **styled}


Rows = tuple[tuple[Button, ...], ...]


def inline_rows(markup: Json) -> Rows:
    """The rows of an inline keyboard, empty for none; refuses what Telegram refuses.

    A reply keyboard (below the text field) is refused too: the page does not show one, and a bot that relied
    on it would look right here and not be.
    """
    if markup is None:
        return ()
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if markup.get("remove_keyboard") is True:
        return ()
    if "inline_keyboard" not in markup:
        if markup:
            raise bad("inline keyboard expected")
        return ()
    rows = tuple(_row(row) for row in _array(markup["inline_keyboard"], "inline_keyboard"))
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_IN_A_ROW for row in rows):
        raise bad("reply markup is too long")
    return tuple(row for row in rows if row)


def rows_json(rows: Rows) -> JsonObject:
    """The keyboard as the Bot API shows it."""
    return {"inline_keyboard": [[button.json() for button in row] for row in rows]}


def _array(value: Json, name: str) -> Sequence[Json]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise bad(f'can\'t parse inline keyboard markup: Field "{name}" must be an Array')
    return value


def _row(row: Json) -> tuple[Button, ...]:
    if not isinstance(row, Sequence) or isinstance(row, str):
        raise bad("can't parse inline keyboard button: inline keyboard row must be an Array")
    return tuple(_button(one) for one in row)


def _button(given: Json) -> Button:
    if not isinstance(given, dict):
        raise _unparsable("InlineKeyboardButton must be an Object")
    if "text" not in given:
        raise _unparsable('Can\'t find field "text"')
    label = given["text"]
    if not isinstance(label, str):
        raise _unparsable('Field "text" must be of type String')
    if not label.strip():
        raise _unparsable("Text is empty")
    named = [action for action in ACTIONS if given.get(action) is not None]
    if not named:
        raise _unparsable("Text buttons are unallowed in the inline keyboard")
    if len(named) > 1:
        # Telegram quietly keeps one of several; its documentation forbids it, so a test should see it.
        raise _unparsable(f"Exactly one action is allowed, found {', '.join(named)}")
    if named[0] not in SHOWN:
        raise bad("BUTTON_TYPE_INVALID")
    return Button(label, named[0], _value(named[0], given[named[0]]), _style(given.get("style")))


def _value(action: str, value: Json) -> str:
    if action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= 256:
            raise bad("BUTTON_COPY_TEXT_INVALID")
        return text
    if not isinstance(value, str):
        raise _unparsable(f'Field "{action}" must be of type String')
    if action == "callback_data" and not 1 <= len(value.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if action == "url" and not LINK.match(value):
        raise bad(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    return value


def _style(value: Json) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or value not in STYLES:
        raise bad("BUTTON_STYLE_INVALID")
    return value


def _unparsable(reason: str) -> Exception:
    return bad(f"can't parse inline keyboard button: {reason}")
