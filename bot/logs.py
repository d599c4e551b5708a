"""The log: what happened, how long it took, in which state; never who, and never what they said."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog

# Libraries whose own lines may name addresses, tokens or texts: only their warnings are let through.
LOUD = ("aiohttp", "aiosqlite", "alembic", "asyncio", "httpcore", "httpx", "sqlalchemy", "telegram", "transitions")


def set_up(form: Literal["console", "json"]) -> None:
    """Write the log to standard error, as lines to read or as JSON."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s")
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
