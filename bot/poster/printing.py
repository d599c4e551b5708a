"""Prints posters and cards as PDF and SVG. The only user of Typst, which sets the page, and of segno."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import as_file, files
from itertools import accumulate, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from xml.sax.saxutils import escape

from bot.poster.words import PosterWords, poster_words
from bot.texts import Renderer
from dialogs.study import Study

HERE = Path(__file__).parent
# Atkinson Hyperlegible, drawn by the Braille Institute for people with low vision.
FONTS = "fontpkg_atkinson_hyperlegible"
SHEETS = ("poster", "card", "cards")
# ISO/IEC 18004: four modules of quiet around. Level Q still reads with a quarter of the code torn, bent or dirty.
QUIET_ZONE = 4
CORRECTION = "q"
Format = Literal["pdf", "svg"]
FORMATS: tuple[Format, ...] = ("pdf", "svg")


def make_posters(
    renderer: Renderer,
    study: Study,
    *,
    place: str,
    locale: str,
    source: str,
    bot: str,
    approval: str | None,
    contact: str | None,
    out: Path,
) -> tuple[Path, ...]:
    """A poster (A4), a card (85 × 55 mm, two sides) and a sheet of ten cards (A4) in `out`, as PDF and as SVG.

    An SVG holds one page, so that a card has two of them. Without `approval` or `contact` every page is marked as a
    draft. Either all files are written, in place of older ones, or none. Raises ValueError, with a sentence for the
    operator, for a place, locale, source or bot that cannot be right, and for texts that do not fit.
    """
    words = poster_words(
        renderer, study, place=place, locale=locale, source=source, bot=bot, approval=approval, contact=contact
    )
    name = f"{place}-{locale}-{source}"
    made = {f"{sheet}-{name}{rest}": page for sheet in SHEETS for rest, page in _pages(sheet, words)}
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out, prefix=".poster-") as folder:
        for file, page in made.items():
            (Path(folder) / file).write_bytes(page)
        return tuple((Path(folder) / file).replace(out / file) for file in made)


def _pages(sheet: str, words: PosterWords) -> Iterator[tuple[str, bytes]]:
    """Every file of a sheet, as the end of its name and its content."""
    for kind in FORMATS:
        pages = _typeset(sheet, words, kind)
        pages = [_described(page, words) for page in pages] if kind == "svg" else pages
        sides = ("",) if len(pages) == 1 else ("-front", "-back")
        yield from ((f"{side}.{kind}", page) for side, page in zip(sides, pages, strict=True))


def _typeset(sheet: str, words: PosterWords, kind: Format) -> list[bytes]:
    """The sheet as files of this kind: one PDF, made for screen readers too (PDF/UA), or an SVG for each page."""
    import typst

    try:
        with as_file(files(FONTS)) as fonts:
            made = typst.compile(
                HERE / "layout.typ",
                root=HERE,
                font_paths=[fonts],
                ignore_system_fonts=True,
                format=kind,
                sys_inputs={"sheet": sheet, "words": json.dumps(_inputs(words))},
                pdf_standards="ua-1" if kind == "pdf" else None,
            )
    except typst.TypstError as error:
        if "too long" in error.message:
            raise ValueError(
                f"The approval and the contact are too long for the {sheet}: {len(words.approval or '')} and "
                f"{len(words.contact or '')} characters. Shorten them for print."
            ) from error
        raise
    return made if isinstance(made, list) else [made]


def _described(svg: bytes, words: PosterWords) -> bytes:
    """The SVG, whose letters are shapes, with its words for screen readers."""
    read = (words.kind, words.ask, words.study, words.free, words.not_watched, words.link, words.registry)
    told = " ".join(read if words.whole else (words.draft_notice, *read))
    head, closing, rest = svg.partition(b">")
    return (
        head
        + b' role="img"'
        + closing
        + f"<title>{escape(words.ask)}</title><desc>{escape(told)}</desc>".encode()
        + rest
    )


def _inputs(words: PosterWords) -> dict[str, object]:
    return {**asdict(words), "whole": words.whole, "code": _code(words.link)}


def _code(link: str) -> dict[str, object]:
    """The QR code as runs of dark modules (x, y, length), within a side that counts its quiet zone."""
    import segno

    rows = [list(row) for row in segno.make_qr(link, error=CORRECTION).matrix_iter(border=QUIET_ZONE)]
    return {"side": len(rows), "runs": [(x, y, length) for y, row in enumerate(rows) for x, length in _dark_runs(row)]}


def _dark_runs(row: list[int]) -> Iterator[tuple[int, int]]:
    """Where each run of dark modules begins, and how long it is."""
    runs = [(module, len(list(same))) for module, same in groupby(row)]
    ends = accumulate(length for _, length in runs)
    yield from ((end - length, length) for end, (module, length) in zip(ends, runs, strict=True) if module)
