"""What leaves in an export: codes, days and verdicts; in files that are whole, private, and fit what reads them.

`python -m tests.test_export --write` writes the golden files anew.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest

from bot.export import FORMATS, CannotExport, Exported, Format, Written, export, exported, progress
from bot.export.layouts import csv_line
from bot.export.rows import STATES
from bot.texts import read_catalogs
from bot.texts.source import source_texts
from dialogs import eligibility
from dialogs.measure import Height
from dialogs.referral import REASONS
from dialogs.session import Answer, Consent, ReferralCode, Result, Session
from dialogs.study import Question, Study, Verdict, read

Model = TypeVar("Model", Study, Question)
STUDY = read()
TEXTS = read_catalogs(source_texts(STUDY)).texts
FOLDER = Path(__file__).parent / "golden"
TODAY = date(2026, 3, 9)
FILES: Mapping[Format, tuple[str, ...]] = {
    "csv": ("referrals.csv",),
    "json": ("referrals.json",),
    "redcap": ("dictionary.csv", "import.csv"),
    "fhir": ("bundle.json",),
}
# Every golden export: its folder, its format, the locale of its labels.
GOLDEN: Mapping[str, tuple[Format, str]] = {
    "csv": ("csv", "en"),
    "json": ("json", "en"),
    "redcap-en": ("redcap", "en"),
    "redcap-fr": ("redcap", "fr"),
    "fhir": ("fhir", "en"),
}


def result(**changed: Any) -> Result:
    """A result in which everything is met, but for what is said otherwise: a verdict by question, or a field."""
    verdicts = {question.id: Verdict(changed.pop(question.id, Verdict.MET)) for question in STUDY.questions}
    fields: dict[str, Any] = {
        "study": STUDY.id,
        "digest": STUDY.digest,
        "place": "montreal",
        "language": "en",
        "day": date(2026, 3, 2),
        "answered_by": "participant",
        "outcome": eligibility.outcome(verdicts.values()),
        "verdicts": verdicts,
    }
    return Result.model_validate(fields | changed)


def row(
    code: str = "K7M-4P2-XW7",
    state: str = "new",
    reason: str | None = None,
    criterion: str | None = None,
    **changed: Any,
) -> Exported:
    """One referral as it is exported."""
    found = exported(code, state, result(**changed).model_dump_json(), reason, criterion)
    assert found is not None
    return found


def three() -> tuple[Exported, ...]:
    """One referral of each outcome, at three steps of its life."""
    stopped = dict.fromkeys(list(STUDY.by_id)[7:], Verdict.NOT_ASKED)
    return (
        row(),
        row(
            "P3R-T8W-2HR",
            "closed",
            "screen_failure",
            "cancer",
            place="paris",
            language="fr",
            answered_by="helper",
            bmi="unknown",
            cancer="unknown",
        ),
        row(
            "Z9Y-5QC-M4E",
            "contacted",
            place="paris",
            language="fr",
            day=date(2026, 3, 5),
            hypertension="not_met",
            **stopped,
        ),
    )


async def pages(*given: Sequence[Exported | None]) -> AsyncIterator[Sequence[Exported | None]]:
    """These pages, as the database gives them."""
    for page in given:
        yield page


async def written(
    kind: Format, out: Path, *rows: Exported | None, study: Study = STUDY, locale: str = "en", **options: Any
) -> Written:
    """These referrals, exported two to a page."""
    given = [rows[start : start + 2] for start in range(0, len(rows), 2)]
    return await export(kind, pages(*given), study, TEXTS, out=out, today=TODAY, locale=locale, **options)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def asking(*names: str) -> Study:
    """The study, with other ids for its first questions."""
    renamed = (fresh(question, id=name) for name, question in zip(names, STUDY.questions, strict=False))
    return fresh(STUDY, questions=(*renamed, *STUDY.questions[len(names) :]))


def fresh(value: Model, **changed: Any) -> Model:
    """The same, with these fields instead and nothing remembered of what it was; unchecked."""
    return value.model_construct(**{name: getattr(value, name) for name in type(value).model_fields} | changed)


def names_in(folder: Path) -> list[str]:
    """Everything in the folder, what is hidden too."""
    return sorted(path.name for path in folder.iterdir())


# ----------------------------------------------------------------------------------------------- golden files


@pytest.mark.parametrize("name", GOLDEN)
async def test_an_export_reads_as_it_was_reviewed(name: str, tmp_path: Path) -> None:
    kind, locale = GOLDEN[name]
    await written(kind, tmp_path, *three(), locale=locale)
    for file in FILES[kind]:
        reviewed = (FOLDER / name / file).read_text("utf-8")
        assert (tmp_path / file).read_text("utf-8") == reviewed, (
            "an export has changed: read the difference after python -m tests.test_export --write"
        )


def test_every_golden_file_belongs_to_an_export() -> None:
    found = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert found == {f"{name}/{file}" for name, (kind, _) in GOLDEN.items() for file in FILES[kind]}
    assert {kind for kind, _ in GOLDEN.values()} == set(FORMATS)


# -------------------------------------------------------------------------------------- what may leave, what not


def test_nothing_of_a_withdrawn_or_expired_referral_leaves() -> None:
    for state in ("withdrawn", "expired"):
        assert exported("K7M-4P2-XW7", state, None) is None
        assert exported("K7M-4P2-XW7", state, result().model_dump_json()) is None, "even if its result were left"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reason", [None, *REASONS])
def test_a_reason_leaves_only_with_a_closed_referral_and_a_criterion_only_with_a_screen_failure(
    state: str, reason: str | None
) -> None:
    found = exported("K7M-4P2-XW7", state, result().model_dump_json(), reason, "cancer")
    assert found is not None
    assert found.reason == (reason if state == "closed" else None)
    assert (found.criterion == "cancer") == (state == "closed" and reason == "screen_failure")


@pytest.mark.parametrize(
    ("state", "reason", "left", "wrong"),
    [
        ("asleep", None, result().model_dump_json(), "state"),
        ("closed", "bored", result().model_dump_json(), "reason"),
        ("new", None, "{", "result"),
        ("new", None, json.dumps({**result().model_dump(mode="json"), "name": "SENTINEL"}), "name"),
    ],
)
def test_a_referral_that_cannot_be_right_stops_the_export_by_its_code(
    state: str, reason: str | None, left: str, wrong: str
) -> None:
    with pytest.raises(CannotExport, match=f"K7M-4P2-XW7.*{wrong}") as refused:
        exported("K7M-4P2-XW7", state, left, reason)
    assert "SENTINEL" not in str(refused.value)


def screened() -> Session:
    """A screening whose every free field holds what must not leave, last touched at a time that would be found."""
    chosen = {"transplant": "declined", "standard_treatment": "side_effects", "bmi": "above", "pregnancy": "no"}
    return Session(
        study=STUDY.id,
        nonce="SENTINEL-nonce",
        code=ReferralCode("SENTINEL-code"),
        touched=datetime(2026, 3, 2, 13, 37, 59, tzinfo=UTC),
        path=("SENTINEL-path",),
        language="en",
        place="montreal",
        consent=Consent(place="montreal", language="en", digest="SENTINEL-consent"),
        answers={question: Answer(choice=choice, digest="SENTINEL-rules") for question, choice in chosen.items()},
        height=Height(value=163, unit="cm"),
        rules="SENTINEL-screen",
    )


@pytest.mark.parametrize("kind", FORMATS)
async def test_no_identity_no_time_no_raw_answer_and_nobody_of_the_staff_is_in_any_byte(
    kind: Format, tmp_path: Path
) -> None:
    kept = eligibility.result(STUDY, screened()).model_dump_json()
    done = await written(kind, tmp_path, exported("K7M-4P2-XW7", "closed", kept, "screen_failure", "cancer"))
    for path in done.paths:
        text = path.read_text("utf-8")
        assert not re.search(r"SENTINEL|13:37|37:59|1772458679|side_effects|declined\"|\b163\b|above", text)
        assert not re.search(r"(?<![0-9a-f])[012]\d:[0-5]\d|\dT\d\d", text), "a time of day"


def test_an_export_is_given_nothing_that_says_when_or_who() -> None:
    assert list(signature(exported).parameters) == ["code", "state", "result_json", "reason", "criterion"]
    assert set(Exported.model_fields) - set(Result.model_fields) == {
        "code",
        "state",
        "reason",
        "criterion",
        "study_version",
    }


@pytest.mark.parametrize("kind", FORMATS)
async def test_every_referral_is_found_by_its_code_in_the_order_given(kind: Format, tmp_path: Path) -> None:
    done = await written(kind, tmp_path, *three()[:2], None, three()[2])
    assert done.referrals == 3
    text = done.paths[-1].read_text("utf-8")
    found = [text.index(code) for code in ("K7M-4P2-XW7", "P3R-T8W-2HR", "Z9Y-5QC-M4E")]
    assert found == sorted(found)


@pytest.mark.parametrize("kind", FORMATS)
async def test_where_nothing_matches_the_files_are_empty_but_right(kind: Format, tmp_path: Path) -> None:
    done = await written(kind, tmp_path, None, None)
    assert (done.referrals, done.cut) == (0, 0)
    if kind in ("json", "fhir"):
        whole = json.loads(done.paths[0].read_text("utf-8"))
        assert whole.get("referrals", whole.get("entry", [])[1:]) == []
    else:
        assert rows_of(done.paths[-1]) == []
        assert done.paths[-1].read_text("utf-8").count("\n") == 1, "the header stays"


async def test_pages_that_turn_out_empty_leave_no_comma_behind(tmp_path: Path) -> None:
    first, second, third = three()
    given = pages([None], [first], [], [None, None], [second, None, third], [None])
    done = await export("json", given, STUDY, TEXTS, out=tmp_path, today=TODAY)
    assert len(json.loads(done.paths[0].read_text("utf-8"))["referrals"]) == 3


# ------------------------------------------------------------------------------------------------- CSV and JSON


async def test_a_table_has_a_row_for_each_referral_and_a_column_for_each_question(tmp_path: Path) -> None:
    await written("csv", tmp_path, *three())
    first, second, third = rows_of(tmp_path / "referrals.csv")
    assert list(first)[:3] == ["code", "place", "language"]
    assert list(first)[-len(STUDY.questions) :] == list(STUDY.by_id)
    assert (first["state"], first["reason"], first["day"]) == ("new", "", "2026-03-02")
    assert (second["reason"], second["criterion"], second["answered_by"]) == ("screen_failure", "cancer", "helper")
    assert (third["hypertension"], third["cancer"], third["outcome"]) == ("not_met", "not_asked", "likely_ineligible")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_of_a_table_is_run_as_a_formula(begins: str) -> None:
    dangerous = f'{begins}HYPERLINK("x")'
    [[cell, plain]] = csv.reader(io.StringIO(csv_line([dangerous, "a-b=c"]), newline=""))
    assert cell == f"'{dangerous}"
    assert plain == "a-b=c"


async def test_a_code_that_were_a_formula_would_not_be_run(tmp_path: Path) -> None:
    await written("csv", tmp_path, row(code="=1+1"))
    assert rows_of(tmp_path / "referrals.csv")[0]["code"] == "'=1+1"


async def test_a_document_says_which_study_and_when_it_was_exported(tmp_path: Path) -> None:
    await written("json", tmp_path, *three())
    whole = json.loads((tmp_path / "referrals.json").read_text("utf-8"))
    assert whole | {"referrals": None} == {
        "schema_version": 1,
        "study": "care_ssc",
        "registry": "NCT04356287",
        "study_version": STUDY.digest,
        "exported": "2026-03-09",
        "referrals": None,
    }
    assert [Exported.model_validate(each) for each in whole["referrals"]] == list(three())


def older(code: str = "K7M-4P2-XW7") -> Exported:
    """A referral made when the study was elsewhere, asked something else, and did not yet ask about cancer."""
    verdicts = {name: Verdict.MET for name in STUDY.by_id if name != "cancer"} | {"tattoos": Verdict.NOT_MET}
    return row(code, place="lyon", verdicts=verdicts, digest="0ld0ld0ld0ld")


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_referral_made_under_other_questions_is_kept_whole_or_counted_as_cut(
    kind: Format, tmp_path: Path
) -> None:
    done = await written(kind, tmp_path, older(), row("Z9Y-5QC-M4E"))
    whole = "tattoos" in done.paths[-1].read_text("utf-8")
    assert whole == (kind in ("json", "fhir"))
    assert done.cut == (0 if whole else 1)
    if not whole:
        assert rows_of(done.paths[-1])[0]["cancer"] == "not_asked"
    assert "0ld0ld0ld0ld" in done.paths[-1].read_text("utf-8"), "which questions they were stays known"


async def test_a_question_with_the_name_of_a_column_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(CannotExport, match="place, state"):
        await written("csv", tmp_path / "new", study=asking("place", "state"))
    assert not (tmp_path / "new").exists()


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
from tests.test_export import STUDY, TEXTS, TODAY, export, three

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


@pytest.mark.parametrize("doing", ["import bot.export", "import tests.test_export as t; t.sample('csv')"])
def test_fhir_is_loaded_only_by_an_export_that_needs_it(doing: str) -> None:
    script = f"import sys; {doing}; print(sorted(name for name in sys.modules if name.startswith('fhir')))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def sample(name: str) -> dict[str, str]:
    """The files of one golden export, as they would be written now."""
    kind, locale = GOLDEN[name]
    with TemporaryDirectory() as folder:
        done = asyncio.run(written(kind, Path(folder), *three(), locale=locale))
        return {path.name: path.read_text("utf-8") for path in done.paths}


def main() -> None:
    """Write all golden files anew."""
    for name in GOLDEN:
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        for file, text in sample(name).items():
            (FOLDER / name / file).write_text(text, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("python -m tests.test_export --write")
    main()
