"""A bar on the operator's terminal while a long export runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

LONG = 1000  # referrals; fewer are written before anybody could look


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], object]]:
    """Tell it how many more have passed. It is drawn on the error output, and only where somebody sees it there."""
    hidden = total < LONG or not sys.stderr.isatty()
    with typer.progressbar(length=total, file=sys.stderr, hidden=hidden) as bar:
        yield bar.update
