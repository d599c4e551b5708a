"""The log: what happened, how long it took, in which state; never who, and never what they said.

Three things see to it. Our own lines hold only what `SAYS` names, and nothing long enough to be a chat id or a token.
Libraries may say that something happened, never what: of their lines only level, name and kind of error are written.
And a crash is told by where it was, without its words, which may repeat anything.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Literal

import structlog

# All that our lines may say. None of it can be about a person: a test reads every call in the program.
SAYS = frozenset(
    (
        *("at", "cards", "channel", "code", "event", "farewells", "key", "kind", "kinds", "level", "number", "place"),
        *("reason", "referrals", "routine", "screens", "seconds", "size", "state", "step", "timestamp", "updates"),
        *("wait", "waiting", "why"),
    )
)
# Numbers this long are chats or updates; the second is the form of a bot's token.
LONGEST_NUMBER = 9_999_999
TELLING = re.compile(r"\d{6,}:[\w-]{10,}|-?\d{8,}|(?<=/bot)[^/\s]+")
HIDDEN = "…"
# What libraries write below this is not looked at at all.
QUIET = logging.ERROR


def set_up(form: Literal["console", "json"]) -> None:
    """Write the log to standard error, as lines to read or as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Tamed())
    logging.basicConfig(handlers=[handler], level=QUIET, force=True)
    logging.captureWarnings(True)
    sys.excepthook = _crashed
    threading.excepthook = lambda given: _crashed(given.exc_type, given.exc_value, given.exc_traceback)
    sys.unraisablehook = lambda given: _crashed(given.exc_type, given.exc_value, given.exc_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_what_it_says,
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def only_what_it_says(_logger: object, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line without what no line may say, whatever it was called with."""
    return {name: value if name == "timestamp" else _harmless(value) for name, value in said.items() if name in SAYS}


def _harmless(value: object) -> object:
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= LONGEST_NUMBER else HIDDEN
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(each) for each in value]
    return TELLING.sub(HIDDEN, str(value))


class _Tamed(logging.Formatter):
    """Of a library's line: how bad it is, whose it is, and the kind of error; not a word of it."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[0] if record.exc_info else None
        return " ".join([record.levelname, record.name, *([error.__name__] if error else [])])


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Say where it was, and which kind of error."""
    chain: list[BaseException | None] = [error]
    while chain[-1] is not None and (cause := chain[-1].__cause__ or chain[-1].__context__) not in chain:
        chain.append(cause)
    for each in filter(None, reversed(chain)):
        for frame in traceback.extract_tb(each.__traceback__):
            print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
        print(type(each).__name__, file=sys.stderr)
    if error is None:
        print(kind.__name__, file=sys.stderr)
