"""How a file of an export is laid out: a head, the referrals one by one, a tail; so that no file is held in memory."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import StringIO

from bot.export.rows import Exported
from dialogs.study import Study

# A spreadsheet takes a cell that begins with one of these for a formula and would run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Layout:
    """One file: what stands before, between and after the referrals, and each of them as text.

    Without `row` the file is its head alone. `holds` says whether everything about a referral has its place in it.
    """

    name: str
    head: str
    row: Callable[[Exported], str] | None = None
    between: str = ""
    tail: str = ""
    holds: Callable[[Exported], bool] = lambda row: True


def csv_line(cells: Iterable[str]) -> str:
    """One line of a CSV file, in which no cell is a formula."""
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def harmless(cell: str) -> str:
    """The cell as a spreadsheet shows it and never runs it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def of_this_study(study: Study) -> Callable[[Exported], bool]:
    """Whether a referral was made under questions and places that all still belong to this study."""
    questions, places = study.by_id.keys(), {place.id for place in study.places}

    def fits(row: Exported) -> bool:
        known = row.criterion is None or row.criterion in questions
        return known and row.place in places and row.verdicts.keys() <= questions

    return fits
