"""Files that appear whole or not at all, and that nobody else on the machine may read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from bot.export.rows import CannotExport


@contextmanager
def whole_files(folder: Path, names: Sequence[str], *, force: bool) -> Iterator[tuple[TextIO, ...]]:
    """Files to write to, that stand in `folder` under these names once the block has ended, or not at all.

    Until then they lie in a folder beside their places, on the same disk. With `force` they take the place of older
    ones. Raises CannotExport, naming all of them, when something is in their place.
    """
    _make_room(folder, names, force)
    with TemporaryDirectory(dir=folder, prefix=".export-") as beside:
        with ExitStack() as opened:
            files = tuple(opened.enter_context(_private(Path(beside, name))) for name in names)
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for name in names:
            os.replace(Path(beside, name), folder / name)
        _keep(folder)


def _make_room(folder: Path, names: Sequence[str], force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise CannotExport(f"{folder} is no folder.")
    taken = [name for name in names if os.path.lexists(folder / name)]
    if folders := [name for name in taken if (folder / name).is_dir()]:
        raise CannotExport(f"{folder} has folders named {', '.join(folders)}: nothing is written in their place.")
    if taken and not force:
        raise CannotExport(f"{folder} has {', '.join(taken)} already. Choose another folder, or --force to replace.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _private(path: Path) -> TextIO:
    """A new file only this user may read, whatever the umask."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


def _keep(folder: Path) -> None:
    """Make sure that the names survive a power cut, where a system lets a folder be opened at all."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
