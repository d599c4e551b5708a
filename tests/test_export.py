"""What leaves in an export: codes, days and verdicts; in files that are whole, private, and fit what reads them.

`python -m tests.test_export --write` writes the golden files anew.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.export import FORMATS, CannotExport, Exported, Format, export, exported
from bot.export.layouts import csv_line
from bot.export.rows import STATES
from dialogs import eligibility
from dialogs.measure import Height
from dialogs.referral import REASONS
from dialogs.session import Answer, Consent, ReferralCode, Result, Session
from tests.exported import FILES, STUDY, TEXTS, TODAY, asking, older, pages, result, row, rows_of, three, written

FOLDER = Path(__file__).parent / "golden"

# Every golden export: its folder, its format, the locale of its labels.
GOLDEN: Mapping[str, tuple[Format, str]] = {
    "csv": ("csv", "en"),
    "json": ("json", "en"),
    "redcap-en": ("redcap", "en"),
    "redcap-fr": ("redcap", "fr"),
    "fhir": ("fhir", "en"),
}


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


# ------------------------------------------------------------------------------------------------ long exports


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
