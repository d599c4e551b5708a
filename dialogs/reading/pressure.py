"""A blood pressure in figures ("120 over 70", "12/8"): whether it can only be called normal or too high.

The study has no cut-off: these bounds lie far apart, "raised" only goes with a yes, and in between the person is asked.
"""

from __future__ import annotations

import re

# Systolic and diastolic, mmHg. In France and Québec also in centimetres: "12/8" is 120/80.
NORMAL = (range(90, 130), range(50, 85))
RAISED = (140, 90)
HIGH = (180, 110)
CENTIMETRES_BELOW = 30
_READING = re.compile(r"(?<![\d.,/])(\d{1,3})(?:[.,](\d))?\s*(?:/|over|sur|-)\s*(\d{1,3})(?:[.,](\d))?(?![\d/])")


def taken_for(visible: str) -> tuple[str, str]:
    """The text without its one blood pressure, and what that is: normal, high, raised, number, or "" for none."""
    found = list(_READING.finditer(visible))
    if len(found) != 1:
        return visible, "number" if found else ""
    match = found[0]
    upper, lower = _millimetres(match[1], match[2]), _millimetres(match[3], match[4])
    return visible[: match.start()] + " " + visible[match.end() :], _kind(upper, lower)


def _kind(upper: int, lower: int) -> str:
    if not 60 <= upper <= 280 or not 30 <= lower < upper:
        return "number"
    if upper in NORMAL[0] and lower in NORMAL[1]:
        return "normal"
    for kind, bounds in (("high", HIGH), ("raised", RAISED)):
        if upper >= bounds[0] or lower >= bounds[1]:
            return kind
    return "number"


def _millimetres(whole: str, tenth: str | None) -> int:
    value = int(whole)
    return value * 10 + int(tenth or 0) if value < CENTIMETRES_BELOW else value
