"""How well typed answers are read: `python -m tests.evaluation.report [--misses] [--heldout | --tuned]`.

Each line of *.jsonl beside this file says what somebody wrote and what was meant. Right: the very choice, number,
command or danger; or, for a line that cannot be read surely, asking. Wrong: anything else that was committed.
"helping": true means that somebody helping wrote it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from dialogs import study as studies
from dialogs.reading import as_record, read

HERE = Path(__file__).parent
COMMITTED = ("choice", "number", "command", "safety")
NEARLY = 0.6  # a number in inches or pounds, in cm or kg
UNDERSTOOD_OVERALL, UNDERSTOOD_LOCALE = 0.85, 0.80


class Line:
    """One line: what was written, what was meant, what was read."""

    def __init__(self, fields: dict[str, object], source: str, given: dict[str, object]) -> None:
        self.source = source
        self.locale, self.question, self.text = (str(fields[name]) for name in ("locale", "question", "text"))
        self.helping = bool(fields.get("helping"))
        meant = fields["meant"]
        self.meant: dict[str, object] = meant if isinstance(meant, dict) else {}
        self.given = given

    @property
    def danger(self) -> bool:
        """Whether the line is a sign of danger."""
        return self.meant["kind"] == "safety"

    @property
    def verdict(self) -> str:
        """right, asked (again) or wrong."""
        if self._same():
            return "right"
        asked = self.given["kind"] not in COMMITTED
        if self.meant["kind"] not in COMMITTED and asked:
            return "right"
        # A card about danger where none was meant commits nothing: the question is still there behind it.
        return "asked" if asked or self.given["kind"] == "safety" else "wrong"

    def _same(self) -> bool:
        if self.given["kind"] != self.meant["kind"] or self.meant["kind"] not in COMMITTED:
            return False
        if self.meant["kind"] == "number":
            return abs(float(str(self.given["value"])) - float(str(self.meant["value"]))) <= NEARLY
        return self.given["choice"] == self.meant["choice"]


def lines(paths: Iterable[Path]) -> Iterator[Line]:
    """Every line of these files, read."""
    study = studies.read()
    for path in paths:
        for text in path.read_text("utf-8").splitlines():
            fields = json.loads(text)
            helping = bool(fields.get("helping"))
            reading = read(study, fields["question"], fields["locale"], fields["text"], helping=helping)
            yield Line(fields, path.stem, dict(as_record(reading)))


def files(part: str = "") -> list[Path]:
    """The files of one part of the set: "tuned", "heldout", or all."""
    every = sorted(HERE.glob("*.jsonl"))
    if part == "tuned":
        return [path for path in every if "heldout" not in path.stem]
    return [path for path in every if part in path.stem]


def table(title: str, read_lines: list[Line], key: Callable[[Line], str]) -> Iterator[str]:
    """Right, asked again, wrong, by whatever `key` says, and in all."""
    counts: dict[str, Counter[str]] = {}
    for line in read_lines:
        for name in (key(line), "all"):
            counts.setdefault(name, Counter())[line.verdict] += 1
    yield f"{title:<22}{'lines':>7}{'right':>7}{'asked':>7}{'wrong':>7}{'understood':>12}"
    for name in sorted(counts, key=lambda name: (name == "all", name)):
        count = counts[name]
        numbers = "".join(f"{value:>7}" for value in (count.total(), count["right"], count["asked"], count["wrong"]))
        yield f"{name:<22}{numbers}{count['right'] / count.total():>11.1%}"


def dangers(read_lines: list[Line]) -> Iterator[str]:
    """Misses and false alarms of the signs of danger."""
    missed = [line for line in read_lines if line.danger and line.given["kind"] != "safety"]
    false = [line for line in read_lines if not line.danger and line.given["kind"] == "safety"]
    signs = sum(line.danger for line in read_lines)
    yield f"danger: {signs} signs, {len(missed)} missed; {len(read_lines) - signs} others, {len(false)} false alarms"


def failures(read_lines: list[Line]) -> list[str]:
    """Why the set is not read well enough; empty when it is."""
    wrong = [f"wrong: {line.question} {line.locale} {line.text!r}" for line in read_lines if line.verdict == "wrong"]
    shares = {"overall": (read_lines, UNDERSTOOD_OVERALL)}
    for locale in sorted({line.locale for line in read_lines}):
        shares[locale] = ([line for line in read_lines if line.locale == locale], UNDERSTOOD_LOCALE)
    for name, (part, least) in shares.items():
        share = sum(line.verdict == "right" for line in part) / len(part)
        if share < least:
            wrong.append(f"understood in {name}: {share:.1%}, less than {least:.0%}")
    return wrong


def main(arguments: list[str]) -> int:
    """Print the report; 1 when anything is read wrongly or too little is understood."""
    part = next((name for name in ("heldout", "fresh", "tuned") if f"--{name}" in arguments), "")
    read_lines = list(lines(files(part)))
    for title, key in (
        ("locale", lambda line: line.locale), ("question", lambda line: line.question),
        ("part", lambda line: "once held out" if "heldout" in line.source else "tuned"),
    ):  # fmt: skip
        print("\n".join([*table(title, read_lines, key), ""]))
    print("\n".join(dangers(read_lines)))
    if "--misses" in arguments:
        for line in read_lines:
            if line.verdict != "right":
                print(line.verdict, line.locale, line.question, repr(line.text), line.meant, line.given)
    problems = failures(read_lines)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
