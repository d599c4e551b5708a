"""The pictures of the figures, made for a phone: bars with their numbers, from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.statistics.disclosure import FEWEST, Shown, share
from bot.statistics.figures import ByLanguage, Cell, Compared, Figures
from bot.statistics.sheet import DARK, LIGHT, MARGIN, RIGHT, Sheet, sheet
from bot.statistics.summary import hours, note, number, period, title
from dialogs.study import Language
from dialogs.symbols import Say

Words = Callable[[Say], str]
Part = Literal["way", "questions"]
PARTS: tuple[Part, ...] = ("way", "questions")

TITLE, HEADING, TEXT, SMALL = 42, 34, 28, 24
ROW, TABLE_ROW, LIST_ROW, THICK, THIN = 48, 56, 66, 28, 8
LABELS = 384  # how wide the names at the left may be
BARS, BARS_END = MARGIN + LABELS + 20, 668
ALL, SHARE, FIRST, SECOND = 758, 858, 946, RIGHT  # where columns of numbers end
NUMBER = 76  # how wide they may be
LISTED = 5
GUTTER = 56
ORDER: tuple[Language, ...] = ("fr", "en")


def picture(figures: Figures, words: Words, dark: bool, part: Part = "way") -> bytes:
    """One part of the figures as a PNG, 1080 pixels wide and about twice as high, as a phone is.

    `words` says symbols in the reader's locale. Telegram would make both parts on one picture too small to read.
    """
    with sheet(DARK if dark else LIGHT) as empty:
        page = _Page(empty, words)
        page.title(figures)
        _way(page, figures) if part == "way" else _questions(page, figures)
        page.note()
        return empty.png(page.y + MARGIN / 2)


@dataclass
class _Page:
    """A column of a sheet, and how far down it is filled."""

    sheet: Sheet
    words: Words
    y: float = MARGIN
    left: float = MARGIN
    right: float = RIGHT

    @property
    def wide(self) -> float:
        return self.right - self.left

    def title(self, figures: Figures) -> None:
        for line in self.sheet.wrapped(self.words(title(figures)), TITLE, self.wide, bold=True):
            self.sheet.write(self.left, self.y + TITLE / 2, line, TITLE, bold=True)
            self.y += TITLE * 1.25
        self.line(period(figures), TEXT)

    def heading(self, name: str) -> None:
        self.y += 26
        self.sheet.box(self.left, self.y, self.wide, 2, self.sheet.colours.line)
        self.y += 18
        heading = self.words(Say(f"desk.stats.heading.{name}"))
        self.sheet.write(self.left, self.y + HEADING / 2, heading, HEADING, bold=True, room=self.wide)
        self.y += HEADING + 16

    def line(self, said: Say, size: float = SMALL) -> None:
        self.sheet.write(self.left, self.y + ROW / 2, self.words(said), size, faint=True, room=self.wide)
        self.y += ROW

    def note(self) -> None:
        self.y += 30
        for line in self.sheet.wrapped(self.words(note()), SMALL, self.wide):
            self.sheet.write(self.left, self.y + SMALL / 2, line, SMALL, faint=True)
            self.y += SMALL * 1.4

    def label(self, label: Say, height: float = ROW, room: float = LABELS) -> None:
        self.sheet.write(self.left, self.y + height / 2, self.words(label), TEXT, room=room)

    def number(self, x: float, shown: Shown, below: int = FEWEST, *, bold: bool = False) -> None:
        said = self.words(Say("desk.stats.number", {"number": number(shown, below)}))
        hidden = shown is None
        bold = bold and not hidden
        self.sheet.write(x, self.y + ROW / 2, said, TEXT, bold=bold, faint=hidden, align="right", room=NUMBER)

    def share(self, x: float, percent: int | None) -> None:
        if percent is not None:
            said = self.words(Say("desk.stats.share", {"percent": percent}))
            self.sheet.write(x, self.y + ROW / 2, said, TEXT, faint=True, align="right")

    def bar(self, x: float, y: float, length: float, height: float, language: Language | None = None) -> None:
        colours = self.sheet.colours
        self.sheet.box(x, y, length, height, {"fr": colours.fr, "en": colours.en, None: colours.bar}[language])

    def legend(self) -> None:
        """Which colour is which language, at the left of a row."""
        x = self.left
        for language in ORDER:
            name = self.words(Say(f"desk.stats.column.{language}"))
            self.bar(x, self.y + (ROW - SMALL) / 2, SMALL, SMALL, language)
            self.sheet.write(x + SMALL + 12, self.y + ROW / 2, name, SMALL)
            x += SMALL + 48 + self.sheet.width(name, SMALL)


def _way(page: _Page, figures: Figures) -> None:
    """From everybody who started to those who joined the study; what came of it, and how long it took."""
    page.heading("funnel")
    page.legend()
    whole = page.words(Say("desk.stats.column.all"))
    page.sheet.write(ALL, page.y + ROW / 2, whole, SMALL, faint=True, align="right")
    for language, x in zip(ORDER, (FIRST, SECOND), strict=True):
        page.bar(x - SMALL, page.y + (ROW - SMALL) / 2, SMALL, SMALL, language)
    page.y += ROW
    most = max(step.total.number or 1 for step in figures.funnel)
    for step in figures.funnel:
        _counted(page, step.total, figures.step("started").total.number, most, step.by_language)
    page.heading("outcomes")
    most = max(cell.number or 1 for cell in figures.outcomes)
    for cell in figures.outcomes:
        _counted(page, cell, figures.step("result").total.number, most, {})
    if figures.hours:
        page.heading("hours")
        for name, within in (("median", figures.hours.median), ("ninetieth", figures.hours.ninetieth)):
            page.label(Say(f"desk.stats.hours.{name}"))
            page.sheet.write(BARS, page.y + ROW / 2, page.words(hours(within)), TEXT, bold=True)
            page.y += ROW


def _counted(page: _Page, cell: Cell, whole: Shown, most: int, by_language: ByLanguage) -> None:
    """A number, its share, and its bar: of each language where that is shown."""
    page.label(cell.label)
    page.number(ALL, cell.number, cell.below, bold=True)
    page.share(SHARE, share(cell.number, whole))
    scale, top, x = (BARS_END - BARS) / most, page.y + (ROW - THICK) / 2, float(BARS)
    page.bar(x, top, (cell.number or 0) * scale, THICK)
    for language, end in zip(ORDER, (FIRST, SECOND), strict=True):
        if cell.number and by_language:
            page.number(end, by_language[language])
            page.bar(x, top, (by_language[language] or 0) * scale, THICK, language)
            x += (by_language[language] or 0) * scale
    page.y += ROW


def _questions(page: _Page, figures: Figures) -> None:
    """French and English side by side; where people stop, what is not met, how they came, why it ended."""
    page.heading("questions")
    _table(page, figures.questions)
    _beside(page, ("stopped", figures.stopped), ("decided", figures.decided))
    _beside(page, ("sources", figures.sources), ("closed", figures.closed))


def _table(page: _Page, questions: Sequence[Compared]) -> None:
    page.y -= 10
    page.line(Say("desk.stats.heading.asked"))
    page.legend()
    kinds = ("unsure", "changed", "stopped")
    wide = (page.right - BARS) / len(kinds)
    for column, kind in enumerate(kinds):
        head, middle = page.words(Say(f"desk.stats.column.{kind}")), BARS + wide * (column + 0.5)
        page.sheet.write(middle, page.y + ROW / 2, head, SMALL, faint=True, align="center", room=wide - 12)
    page.y += ROW
    shares = {question.name: _shares(question) for question in questions}
    longest = [
        max(each[column][language] or 1 for each in shares.values() for language in ORDER) for column in range(3)
    ]
    for question in questions:
        page.label(question.label, TABLE_ROW)
        for column, percents in enumerate(shares[question.name]):
            _compared(page, BARS + wide * column, wide / 2, percents, longest[column])
        page.y += TABLE_ROW


def _shares(question: Compared) -> tuple[ByLanguage, ...]:
    """Who did not know, changed the answer and stopped, in percent of those who were asked in this language."""
    kinds = (question.unsure, question.changed, question.stopped)
    return tuple({each: share(kind[each], question.asked[each]) for each in ORDER} for kind in kinds)


def _compared(page: _Page, x: float, half: float, percents: ByLanguage, longest: int) -> None:
    """Two languages beside each other, each with its bar below; the longest of the column fills it."""
    for place, language in enumerate(ORDER):
        percent = percents[language]
        said = number(None, FEWEST) if percent is None else Say("desk.stats.share", {"percent": percent})
        words = page.words(Say("desk.stats.number", {"number": said}))
        left, wide = x + half * place + 8, half - 16
        page.sheet.write(left + wide / 2, page.y + 20, words, SMALL + 2, faint=percent is None, align="center")
        page.sheet.box(left, page.y + 40, wide, THIN, page.sheet.colours.line)
        page.bar(left, page.y + 40, wide * (percent or 0) / longest, THIN, language)


def _beside(page: _Page, *lists: tuple[str, Sequence[Cell]]) -> None:
    """Two lists next to each other."""
    middle = (page.left + page.right) / 2
    left = replace(page, right=middle - GUTTER / 2)
    right = replace(page, left=middle + GUTTER / 2)
    for column, (name, cells) in zip((left, right), lists, strict=True):
        column.heading(name)
        _list(column, cells)
    page.y = max(left.y, right.y)


def _list(page: _Page, cells: Sequence[Cell]) -> None:
    """The longest bars of a list, and what is known of the rest."""
    listed = [(cell, cell.number) for cell in cells if cell.number is not None]
    most = max((shown for _, shown in listed), default=0)
    for cell, shown in listed[:LISTED]:
        page.label(cell.label, room=page.wide - 96)
        page.number(page.right, shown, bold=True)
        page.bar(page.left, page.y + ROW - 4, page.wide * shown / most, THIN)
        page.y += LIST_ROW
    if len(listed) < LISTED:
        below = max((cell.below for cell in cells), default=FEWEST)
        page.line(Say("desk.stats.others" if listed else "desk.stats.few", {"number": below}))
