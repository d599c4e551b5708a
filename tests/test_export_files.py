"""The files of an export: whole or not there at all, for the operator alone, however long it takes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.export import FORMATS, CannotExport, Exported, Format, export, progress
from tests.exported import FILES, STUDY, TEXTS, TODAY, names_in, pages, row, three, written

# ---------------------------------------------------------------------------------------- whole files or nothing


@pytest.mark.parametrize("kind", FORMATS)
async def test_files_are_for_the_operator_alone_and_nothing_else_is_left(kind: Format, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        done = await written(kind, tmp_path / "a" / "b", *three())
    finally:
        os.umask(before)
    assert names_in(tmp_path / "a" / "b") == sorted(FILES[kind])
    assert {path.stat().st_mode & 0o777 for path in done.paths} == {0o600}
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", FORMATS)
async def test_what_is_there_is_refused_unless_it_may_be_replaced(kind: Format, tmp_path: Path) -> None:
    await written(kind, tmp_path, row())
    with pytest.raises(CannotExport, match=FILES[kind][-1]):
        await written(kind, tmp_path, *three())
    assert "P3R-T8W-2HR" not in (tmp_path / FILES[kind][-1]).read_text("utf-8")
    await written(kind, tmp_path, *three(), force=True)
    assert "P3R-T8W-2HR" in (tmp_path / FILES[kind][-1]).read_text("utf-8")


async def test_one_file_that_is_there_keeps_the_other_from_being_written(tmp_path: Path) -> None:
    (tmp_path / "import.csv").write_text("mine")
    with pytest.raises(CannotExport, match="import"):
        await written("redcap", tmp_path, *three())
    assert names_in(tmp_path) == ["import.csv"]


async def test_a_folder_in_the_place_of_a_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "import.csv").mkdir()
    with pytest.raises(CannotExport, match="folders named import"):
        await written("redcap", tmp_path, *three(), force=True)
    assert names_in(tmp_path) == ["import.csv"]


async def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(CannotExport, match="no folder"):
        await written("csv", tmp_path / "out", *three())


async def broken_off() -> AsyncIterator[Sequence[Exported | None]]:
    """A database that goes away after the first page."""
    yield three()
    raise ConnectionError


@pytest.mark.parametrize("kind", FORMATS)
async def test_an_export_that_breaks_off_leaves_nothing_and_changes_nothing(kind: Format, tmp_path: Path) -> None:
    before = {}
    for file in FILES[kind]:
        (tmp_path / file).write_text("of yesterday")
        before[file] = "of yesterday"
    with pytest.raises(ConnectionError):
        await export(kind, broken_off(), STUDY, TEXTS, out=tmp_path, today=TODAY, force=True)
    assert {name: (tmp_path / name).read_text() for name in names_in(tmp_path)} == before


KILLED = """
import asyncio, sys
from pathlib import Path
from bot.export import export
from tests.exported import STUDY, TEXTS, TODAY, three

async def endless():
    while True:
        yield three()
        print("a page", flush=True)
        await asyncio.sleep(0.01)

asyncio.run(export("csv", endless(), STUDY, TEXTS, out=Path(sys.argv[1]), today=TODAY))
"""


def test_an_export_that_is_killed_leaves_no_file_that_looks_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "a page\n"
        process.kill()
        assert process.wait(30) == -signal.SIGKILL
    assert not (tmp_path / "referrals.csv").exists()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} <= {0o700}, "what is left, nobody else reads"


# ------------------------------------------------------------------------------------------------ long exports


async def test_a_long_export_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    page = [row(f"code{at}") for at in range(500)]

    async def peak(number: int) -> int:
        tracemalloc.start()
        try:
            await export("csv", pages(*[page] * number), STUDY, TEXTS, out=tmp_path / str(number), today=TODAY)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = await peak(2), await peak(16)
    assert many < 1.5 * few


async def test_the_bar_is_told_of_everybody_who_passed(tmp_path: Path) -> None:
    passed: list[int] = []
    await written("csv", tmp_path, *three(), None, None, advance=passed.append)
    assert passed == [2, 2, 1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "total", "drawn"),
    [(Terminal, 100_000, True), (Terminal, 10, False), (io.StringIO, 100_000, False)],
    ids=["a terminal", "a short export", "a pipe"],
)
def test_a_bar_is_drawn_on_a_terminal_for_a_long_export(
    stream: type[io.StringIO],
    total: int,
    drawn: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = stream()
    monkeypatch.setattr(sys, "stderr", error)
    with progress(total) as advance:
        advance(total // 2)
        advance(total // 2)
    assert ("100%" in error.getvalue()) == drawn
    assert bool(error.getvalue()) == drawn
    assert capsys.readouterr().out == "", "the output is for what was written"
