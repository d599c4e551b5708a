"""Writes an export: the referrals pass through a page at a time, and the files appear when the last has passed."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TextIO, assert_never, get_args

from bot.export import fhir, redcap
from bot.export.files import whole_files
from bot.export.layouts import Layout
from bot.export.rows import CannotExport, Exported
from bot.export.tables import document, table
from dialogs.study import Study

Format = Literal["csv", "redcap", "fhir", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: which files, how many referrals, and how many of them did not fit into the files whole."""

    paths: tuple[Path, ...]
    referrals: int
    cut: int


async def export(
    kind: Format,
    pages: AsyncIterable[Sequence[Exported | None]],
    study: Study,
    texts: Mapping[str, Mapping[str, str]],
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
    layouts = _layouts(kind, study, texts, locale, today)
    passed = cut = 0
    with whole_files(out, [layout.name for layout in layouts], force=force) as files:
        parts = tuple(zip(layouts, files, strict=True))
        for layout, file in parts:
            file.write(layout.head)
        async for page in pages:
            rows = [row for row in page if row is not None]
            for layout, file in parts:
                _append(layout, file, rows, first=passed == 0)
            passed += len(rows)
            cut += sum(not all(layout.holds(row) for layout in layouts) for row in rows)
            advance(len(page))
        for layout, file in parts:
            file.write(layout.tail)
    return Written(tuple(out / layout.name for layout in layouts), passed, cut)


def _append(layout: Layout, file: TextIO, rows: Sequence[Exported], *, first: bool) -> None:
    if layout.row is None or not rows:
        return
    file.write(("" if first else layout.between) + layout.between.join(map(layout.row, rows)))


def _layouts(
    kind: Format, study: Study, texts: Mapping[str, Mapping[str, str]], locale: str, today: date
) -> tuple[Layout, ...]:
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
