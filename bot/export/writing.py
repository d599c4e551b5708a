"""Writes an export: the referrals pass through a page at a time, and the files appear when the last has passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple, TextIO, assert_never

from bot.export import fhir, redcap
from bot.export.files import whole_files
from bot.export.layouts import Layout
from bot.export.rows import CannotExport, Exported, TooLarge
from bot.export.tables import document, table
from dialogs.desk import Format
from dialogs.study import Study

Texts = Mapping[str, Mapping[str, str]]
Pages = AsyncIterable[Sequence[Exported | None]]


class Passed(NamedTuple):
    """How many referrals passed, and how many of them did not fit into the files whole."""

    referrals: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: which files, how many referrals, and how many of them did not fit into the files whole."""

    paths: tuple[Path, ...]
    referrals: int
    cut: int


@dataclass(frozen=True, slots=True)
class Packed:
    """The same, not written anywhere: each file by its name, with its content."""

    files: tuple[tuple[str, bytes], ...]
    referrals: int
    cut: int


async def export(
    kind: Format,
    pages: Pages,
    study: Study,
    texts: Texts,
    *,
    out: Path,
    today: date,
    locale: str = "en",
    force: bool = False,
    advance: Callable[[int], object] = lambda passed: None,
) -> Written:
    """Write the referrals of all pages, in their order, to files in `out`, and say what was written.

    `texts` are those of every open locale, by key; `locale` is that of the labels, where a format has any. Where a
    page has None, nothing is left of a referral. `advance` is told how many have passed. Either all files are written,
    readable by this user alone, or none. Raises CannotExport when that cannot be, OSError when the disk refuses.
    """
    layouts = await asyncio.to_thread(_layouts, kind, study, texts, locale, today)
    with whole_files(out, [layout.name for layout in layouts], force=force) as files:
        passed = await _filled(tuple(zip(layouts, files, strict=True)), pages, advance)
    return Written(tuple(out / layout.name for layout in layouts), *passed)


async def pack(
    kind: Format,
    pages: Pages,
    study: Study,
    texts: Texts,
    *,
    most: int,
    today: date,
    locale: str = "en",
    advance: Callable[[int], object] = lambda passed: None,
) -> Packed:
    """The same files in memory: nothing of them is ever on a disk. None of them may have more than `most` bytes.

    Raises CannotExport, and TooLarge as soon as a file has become so.
    """

    def advanced(passed: int) -> None:
        if any(buffer.tell() > most for buffer in buffers):
            raise TooLarge("a file is larger than may be")
        advance(passed)

    layouts = await asyncio.to_thread(_layouts, kind, study, texts, locale, today)
    buffers = tuple(BytesIO() for _ in layouts)
    files = tuple(TextIOWrapper(buffer, "utf-8", newline="", write_through=True) for buffer in buffers)
    passed = await _filled(tuple(zip(layouts, files, strict=True)), pages, advanced)
    contents = ((layout.name, buffer.getvalue()) for layout, buffer in zip(layouts, buffers, strict=True))
    return Packed(tuple(contents), *passed)


async def _filled(parts: Sequence[tuple[Layout, TextIO]], pages: Pages, advance: Callable[[int], object]) -> Passed:
    """Fill these files, each page in a thread: others are not to wait while it is laid out and checked."""
    passed = Passed()
    for layout, file in parts:
        file.write(layout.head)
    async for page in pages:
        passed = await asyncio.to_thread(_with_page, parts, page, passed)
        advance(len(page))
    for layout, file in parts:
        file.write(layout.tail)
        file.flush()
    return passed


def _with_page(parts: Sequence[tuple[Layout, TextIO]], page: Sequence[Exported | None], passed: Passed) -> Passed:
    rows = [row for row in page if row is not None]
    for layout, file in parts:
        _append(layout, file, rows, first=passed.referrals == 0)
    cut = sum(not all(layout.holds(row) for layout, _ in parts) for row in rows)
    return Passed(passed.referrals + len(rows), passed.cut + cut)


def _append(layout: Layout, file: TextIO, rows: Sequence[Exported], *, first: bool) -> None:
    if layout.row is None or not rows:
        return
    file.write(("" if first else layout.between) + layout.between.join(map(layout.row, rows)))


def _layouts(kind: Format, study: Study, texts: Texts, locale: str, today: date) -> tuple[Layout, ...]:
    match kind:
        case "csv":
            return (table(study),)
        case "json":
            return (document(study, today),)
        case "fhir":
            return (fhir.bundle(study, texts),)
        case "redcap":
            if locale not in texts:
                raise CannotExport(f"The locale {locale} is closed or unknown. Open are: {', '.join(sorted(texts))}.")
            return redcap.dictionary(study, texts[locale]), redcap.imported(study, texts[locale])
        case _:
            assert_never(kind)
