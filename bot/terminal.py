"""What the commands share: settings or a word about them, an event loop, an end with an exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import NoReturn, TypeVar

import typer

from bot.messages import Unavailable, WrongKey
from bot.settings import BadSettings, Settings, read_settings
from dialogs.study import Study, read

T = TypeVar("T")


def fail(message: str) -> NoReturn:
    """End with these words and exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def places(study: Study) -> frozenset[str]:
    """The places there are."""
    return frozenset(place.id for place in study.places)


def settings() -> Settings:
    """The settings; without good ones, an end that names all that is wrong."""
    try:
        return read_settings(places(read()))
    except BadSettings as error:
        fail(str(error))


def asked(work: Coroutine[None, None, T]) -> T:
    """What this comes to, on the fastest loop there is; without a database or its key, a word about that."""
    try:
        with asyncio.Runner(loop_factory=_loop()) as runner:
            return runner.run(work)
    except Unavailable as error:
        fail(f"The database does not answer ({error}). Check SCREENER_DATABASE_URL or SCREENER_DATA_DIR.")
    except WrongKey:
        fail("The database was used with another key. Give that one, or beside a new one as SCREENER_OLD_KEYS.")


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop, where this system has it."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
