"""The pictures of the figures: whole, readable on a phone, in every language, light and dark."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest
from matplotlib import image

from bot.statistics import PARTS, Figures, Part, figures_of, picture
from bot.statistics.figures import LANGUAGES, REASONS, Counted
from bot.statistics.sheet import DARK, LIGHT, SMALLEST, WIDTH, Align, Colours, Sheet
from bot.texts import Renderer, read_catalogs
from bot.texts.source import source_texts
from dialogs.study import Outcome
from dialogs.symbols import Say
from tests.dialogs_world import STUDY

BEGUN, UNTIL = date(2026, 7, 1), date(2026, 11, 23)
RENDERER = Renderer(read_catalogs(source_texts(STUDY)), lambda told, language: None)
LOCALES = (("montreal", "en"), ("montreal", "fr_CA"), ("paris", "fr_FR"), ("elsewhere", "fr"))
# Telegram makes a photo smaller whose longer side is above this: no letter may become smaller than print by that.
TALLEST = 2560


def rows(place: str, many: int) -> Iterator[Counted]:
    """What was counted of `many` people in each language, with a number in every place of the pictures."""
    questions = tuple(STUDY.by_id)
    kinds = {"started": many, "agreed": many - many // 10, "sent": many // 3, "claimed": many // 4}
    kinds |= {"contacted": many // 5, "closed.enrolled": many // 8, "hours.3": many // 8, "hours.50": many // 8}
    kinds |= {f"closed.{reason}": many // 30 for reason in REASONS}
    kinds |= {f"result.{outcome}": many // 4 for outcome in Outcome}
    kinds |= {"stopped.consent": many // 10, "source.centre-hospitalier-universitaire": many // 2, "source.other": many}
    for left, question in enumerate(questions):
        kinds[f"asked.{question}"] = many - many * left // 20
        kinds |= {f"{kind}.{question}": many // (5 + left) for kind in ("unsure", "changed", "stopped", "decided")}
    yield from (
        (BEGUN, f"{place}.{language}.{kind}", number) for language in LANGUAGES for kind, number in kinds.items()
    )


def figures(place: str = "montreal", many: int = 1500) -> Figures:
    made = figures_of(rows(place, many), place, UNTIL, STUDY)
    assert made is not None
    return made


def drawn(made: Figures, locale: str, part: Part = "way", *, dark: bool = False) -> bytes:
    return picture(made, lambda said: RENDERER.say(said, locale), dark, part)


class Written(NamedTuple):
    """One line of text and the box it fills."""

    text: str
    size: float
    left: float
    right: float
    top: float
    bottom: float

    def overlaps(self, other: Written) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Written]:
    """Every text that is written from now on, where it stands; nothing is drawn, which is what takes time."""
    found: list[Written] = []
    real = Sheet.write

    def write(
        self: Sheet,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        faint: bool = False,
        align: Align = "left",
        room: float | None = None,
    ) -> float:
        size = real(self, x, y, text, size, bold=bold, faint=faint, align=align, room=room)
        wide = self.width(text, size, bold)
        left = x - {"left": 0.0, "center": wide / 2, "right": wide}[align]
        found.append(Written(text, size, left, left + wide, y - size * 0.4, y + size * 0.4))
        return size

    monkeypatch.setattr(Sheet, "write", write)
    monkeypatch.setattr(Sheet, "png", lambda self, height: b"")
    return found


@pytest.mark.parametrize(("place", "locale"), LOCALES[:2])
@pytest.mark.parametrize("dark", [False, True])
def test_each_picture_is_drawn_whole(place: str, locale: str, dark: bool, tmp_path: Path) -> None:
    for part in PARTS:
        file = tmp_path / f"{part}.png"
        file.write_bytes(drawn(figures(place), locale, part, dark=dark))
        width, height = struct.unpack(">II", file.read_bytes()[16:24])
        assert width == WIDTH
        assert WIDTH < height < TALLEST
        pixels = image.imread(file)
        ground = pixels[0, 0]
        assert all((pixels[:, side] == ground).all() for side in (0, 30, -30, -1)), "nothing is cut at the sides"
        assert all((pixels[line] == ground).all() for line in (0, 30, -1)), "nor above and below"
        assert (pixels != ground).any(axis=2).mean() > 0.03, "something is on it"


@pytest.mark.parametrize(("place", "locale"), LOCALES)
@pytest.mark.parametrize("many", [20, 300, 1500, 123_456])
def test_no_text_is_cut_too_small_or_upon_another(place: str, locale: str, many: int, written: list[Written]) -> None:
    for part in PARTS:
        written.clear()
        drawn(figures(place, many), locale, part)
        assert written
        assert [each for each in written if each.left < 40 or each.right > WIDTH - 40] == []
        assert [each for each in written if each.size < SMALLEST] == []
        assert [(one, other) for one, other in combinations(written, 2) if one.overlaps(other)] == []


def test_numbers_are_written_at_their_bars_the_french_way(written: list[Written]) -> None:
    drawn(figures(), "fr_CA")
    texts = [each.text.replace("\u202f", " ").replace("\u00a0", " ") for each in written]
    assert "3 000" in texts
    assert "100 %" in texts
    assert "1 500" in texts


def test_hidden_numbers_are_written_as_fewer(written: list[Written]) -> None:
    for part in PARTS:
        drawn(figures(many=20), "en", part)
    texts = [each.text for each in written]
    assert {"<5", "<10"} <= set(texts)
    assert not {"0", "1", "2", "3", "4"} & set(texts)


def test_words_come_from_the_catalogs_only(written: list[Written]) -> None:
    asked: list[Say] = []

    def words(said: Say) -> str:
        asked.append(said)
        return f"[{said.key}]"

    picture(figures(), words, False)
    assert {each.text for each in written} <= {f"[{said.key}]" for said in asked}
    assert all(said.key in RENDERER.catalogs.texts["en"] for said in asked)


def test_figures_without_any_shown_number_are_drawn_all_the_same(written: list[Written]) -> None:
    made = figures_of([(BEGUN, f"montreal.{language}.started", 4) for language in LANGUAGES], "montreal", UNTIL, STUDY)
    assert made is not None
    for part in PARTS:
        drawn(made, "fr_CA", part)
    assert any("Moins de" in each.text for each in written)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_stands_out_and_the_languages_differ_by_lightness_too(colours: Colours) -> None:
    """WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what is drawn, beside the ground."""
    assert min(contrast(each, colours.ground) for each in (colours.ink, colours.faint)) >= 4.5
    assert contrast(colours.bar, colours.ground) >= 3
    assert contrast(colours.fr, colours.en) >= 1.25


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
