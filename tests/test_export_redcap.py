"""REDCap takes the dictionary and the import as they are: its documented rules, checked one by one.

Source of the rules: REDCap's help on the data dictionary and the Data Import Tool; the names it reserves.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.export import CannotExport, Exported, export
from bot.export.rows import STATES
from dialogs.referral import REASONS
from tests.exported import TEXTS, TODAY, asking, older, pages, row, three, written

COLUMNS = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?,"
    "Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation"
)
NAME, TYPE, CHOICES = "Variable / Field Name", "Field Type", "Choices, Calculations, OR Slider Labels"
LABEL, FORM = "Field Label", "Form Name"
LOGIC = "Branching Logic (Show field only if...)"
TYPES = {"text", "notes", "radio", "dropdown", "calc", "file", "checkbox", "yesno", "truefalse", "slider"}
CODED = {"radio", "dropdown"}
# Names that REDCap keeps for itself, or that browsers stumble over in its branching logic.
RESERVED = {
    *("submit", "new", "return", "continue", "case", "switch", "class", "enum", "catch", "throw", "document", "super"),
    *("focus", "elements", "action", "event_id", "target", "field_label", "instance", "hidden_edit_flag"),
}


def redcap_faults(dictionary: str, imported: str) -> list[str]:
    """Everything REDCap's documented rules would refuse or silently change in these two files."""
    if dictionary.splitlines()[0] != COLUMNS:
        return ["the 18 columns"]
    rows = list(csv.DictReader(io.StringIO(dictionary)))
    names = [each[NAME] for each in rows]
    choices = {each[NAME]: _codes(each[CHOICES]) for each in rows if each[TYPE] in CODED}
    faults = [f"the name {name} twice" for name in {name for name in names if names.count(name) > 1}]
    for each in rows:
        faults += [f"{each[NAME]}: {fault}" for fault in _field_faults(each, choices)]
    if rows and (rows[0][TYPE], rows[0][CHOICES]) != ("text", ""):
        faults.append("the first field is the record id, a text")
    if len({each[FORM] for each in rows}) != 1:
        faults.append("one form, since no event or form is named in the import")
    return faults + list(_import_faults(rows, choices, imported))


def _field_faults(field: Mapping[str, str], choices: Mapping[str, list[str]]) -> Iterator[str]:
    name, logic = field[NAME], field[LOGIC]
    if not re.fullmatch(r"[a-z](_?[a-z0-9])*", name) or len(name) > 26:
        yield "name: small letters, digits, single underscores, a letter first, 26 at most"
    if name in RESERVED or name.startswith("redcap_") or name == f"{field[FORM]}_complete":
        yield "name: reserved"
    if not re.fullmatch(r"[a-z](_?[a-z0-9])*", field[FORM]) or len(field[FORM]) > 50:
        yield "form name: small letters, digits, underscores"
    if field[TYPE] not in TYPES or not field[LABEL]:
        yield "type and label"
    if re.search(r"[\[\]<>]|\$\{", field[LABEL] + field["Section Header"] + field[CHOICES]):
        yield "words: brackets would pipe a value in, or be HTML"
    if field[TYPE] in CODED and not _choices_are_right(field[CHOICES]):
        yield "choices: code, label | code, label"
    if field["Text Validation Type OR Show Slider Number"] not in ("", "date_ymd"):
        yield "validation"
    if any(field[flag] not in ("", "y") for flag in ("Identifier?", "Required Field?", "Matrix Ranking?")):
        yield "flags: y or nothing"
    for other, code in re.findall(r"\[(\w*)\] = '(\w*)'", logic):
        if code not in choices.get(other, []):
            yield f"logic: {other} has no {code}"
    if logic and not re.fullmatch(r"\[\w+\] = '\w+'", logic):
        yield "logic: not understood"


def _codes(choices: str) -> list[str]:
    return [part.partition(",")[0].strip() for part in choices.split("|")]


def _choices_are_right(choices: str) -> bool:
    codes, parts = _codes(choices), choices.split("|")
    words = all(part.partition(",")[2].strip() for part in parts)
    return words and len(set(codes)) == len(codes) and all(re.fullmatch(r"[A-Za-z0-9_]+", code) for code in codes)


def _import_faults(rows: list[dict[str, str]], choices: Mapping[str, list[str]], imported: str) -> Iterator[str]:
    header, *records = csv.reader(io.StringIO(imported))
    by_name = {each[NAME]: each for each in rows}
    form = f"{rows[0][FORM]}_complete"
    if not header or header[0] != rows[0][NAME]:
        yield "import: the record id is the first column"
    if unknown := set(header) - set(by_name) - {form}:
        yield f"import: no field for {sorted(unknown)}"
    ids = [record[0] for record in records]
    if len(set(ids)) != len(ids) or not all(ids):
        yield "import: a record has an id of its own"
    for record in records:
        for name, value in zip(header, record, strict=True):
            if value and name in choices and value not in choices[name]:
                yield f"import: {name} has no choice {value}"
            if by_name.get(name, {}).get("Text Validation Type OR Show Slider Number") == "date_ymd" and not (
                re.fullmatch(r"\d{4}-\d\d-\d\d", value) and date.fromisoformat(value)
            ):
                yield f"import: {name} is no day"
            if name == form and value not in ("0", "1", "2"):
                yield f"import: {name}"


async def redcap(tmp_path: Path, *rows: Exported, locale: str = "en") -> tuple[str, str]:
    done = await written("redcap", tmp_path, *rows, locale=locale)
    dictionary, imported = (path.read_text("utf-8") for path in done.paths)
    return dictionary, imported


@pytest.mark.parametrize("locale", ["en", "fr", "fr_CA", "fr_FR"])
async def test_redcap_finds_nothing_wrong_with_the_dictionary_and_the_import(locale: str, tmp_path: Path) -> None:
    lives = [
        row(f"AAA-AA{at}-AAA", "closed" if reason else state, reason, criterion="cancer")
        for at, (state, reason) in enumerate([*((state, None) for state in STATES), *(("", each) for each in REASONS)])
    ]
    assert redcap_faults(*await redcap(tmp_path, *three(), *lives, older("Q4W-3J9-KTV"), locale=locale)) == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda one, two: (one.replace("Form Name", "Form", 1), two), "columns"),
        (lambda one, two: (one.replace("record_id", "Record"), two.replace("record_id", "Record")), "name: small"),
        (lambda one, two: (one.replace("record_id", "a" * 27), two.replace("record_id", "a" * 27)), "name: small"),
        (lambda one, two: (one.replace("\nday,", "\ninstance,"), two.replace("day", "instance")), "reserved"),
        (lambda one, two: (one.replace("\nday,", "\nplace,"), two), "twice"),
        (lambda one, two: (one.replace(",text,", ",word,"), two), "type"),
        (lambda one, two: (one.replace("en, English", "e-n, English"), two), "choices"),
        (lambda one, two: (one.replace("en, English", "fr, English"), two), "choices"),
        (lambda one, two: (one.replace("en, English", "en"), two), "choices"),
        (lambda one, two: (one.replace("date_ymd", "date"), two), "validation"),
        (lambda one, two: (one.replace("[state]", "[gone]"), two), "logic"),
        (lambda one, two: (one.replace("Cancer", "<b>Cancer").replace("No cancer", "[place]"), two), "words"),
        (lambda one, two: (one, two.replace("record_id,place", "place,record_id")), "first column"),
        (lambda one, two: (one, two.replace("record_id,place", "record_id,where")), "no field"),
        (lambda one, two: (one, two.replace("montreal", "Montréal")), "no choice"),
        (lambda one, two: (one, two.replace("2026-03-02", "02/03/2026")), "no day"),
        (lambda one, two: (one, two.replace("P3R-T8W-2HR", "K7M-4P2-XW7")), "own"),
        (lambda one, two: (one, re.sub(",2$", ",done", two, flags=re.MULTILINE)), "complete"),
    ],
)
async def test_the_check_of_redcaps_rules_finds_each_breach(
    broken: Callable[[str, str], tuple[str, str]], fault: str, tmp_path: Path
) -> None:
    good = await redcap(tmp_path, *three())
    bad = broken(*good)
    assert bad != good
    assert any(fault in each for each in redcap_faults(*bad)), redcap_faults(*bad)


async def test_the_import_has_the_columns_of_the_dictionary_in_its_order(tmp_path: Path) -> None:
    dictionary, imported = await redcap(tmp_path, *three())
    names = [each[NAME] for each in csv.DictReader(io.StringIO(dictionary))]
    assert imported.splitlines()[0].split(",") == [*names, "screening_complete"]
    assert names[0] == "record_id"


async def test_labels_are_in_the_language_asked_for(tmp_path: Path) -> None:
    english, same = await redcap(tmp_path / "en", *three())
    french, data = await redcap(tmp_path / "fr", *three(), locale="fr")
    assert "18 or older" in english
    assert "18 ans ou plus" in french
    assert same == data, "codes have no language"


async def test_an_unknown_locale_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CannotExport, match=r"de .*en, fr"):
        await written("redcap", tmp_path, locale="de")


async def test_names_that_redcap_would_change_are_refused_all_at_once(tmp_path: Path) -> None:
    study = asking("age__now", "ends_", "day", "return", "code")
    texts = {f"question.{question.id}.criterion": "A criterion" for question in study.questions}
    with pytest.raises(CannotExport, match=r"age__now, code, day, ends_, return"):
        await export("redcap", pages(), study, {"en": {**TEXTS["en"], **texts}}, out=tmp_path, today=TODAY)
