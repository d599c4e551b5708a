"""Referrals for REDCap: the data dictionary that makes a project's form, and the data to import into it.

Source of the rules: REDCap's help on the data dictionary and on the Data Import Tool (names, types, coded choices).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.export.layouts import Layout, csv_line, of_this_study
from bot.export.rows import STATES, CannotExport, Exported
from bot.export.tables import COLUMNS, cell
from dialogs.referral import REASONS
from dialogs.study import AnsweredBy, Language, Outcome, Study, Verdict

HEADER = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
FORM = "screening"
RECORD = "record_id"
COMPLETE = "2"  # REDCap's own code for a form that is complete
# REDCap mends other names silently, and then finds no field for the columns of the import.
NAME = re.compile(r"[a-z](?:_?[a-z0-9])*")
# Names REDCap keeps for itself, or that browsers stumble over in its branching logic.
RESERVED = (
    *("submit", "new", "return", "continue", "case", "switch", "class", "enum", "catch", "throw", "document", "super"),
    *("focus", "elements", "action", "event_id", "target", "field_label", "instance", "hidden_edit_flag"),
)
TEXT, RADIO = "text", "radio"
LABEL = "export.field."
LANGUAGES: tuple[Language, ...] = ("en", "fr")
ANSWERED_BY: tuple[AnsweredBy, ...] = ("participant", "helper")

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: a line of the dictionary, a column of the import. `choices` are its codes and labels."""

    name: str
    label: str
    kind: str = TEXT
    choices: Mapping[str, str] | None = None
    section: str = ""
    validation: str = ""
    identifies: bool = False
    shown_if: str = ""

    def line(self) -> str:
        """This field as a line of the dictionary."""
        choices = " | ".join(f"{code}, {label}" for code, label in (self.choices or {}).items())
        filled = {
            "Variable / Field Name": self.name,
            "Form Name": FORM,
            "Section Header": self.section,
            "Field Type": self.kind,
            "Field Label": self.label,
            "Choices, Calculations, OR Slider Labels": choices,
            "Text Validation Type OR Show Slider Number": self.validation,
            "Identifier?": "y" if self.identifies else "",
            "Branching Logic (Show field only if...)": self.shown_if,
        }
        return csv_line(filled.get(column, "") for column in HEADER)


def dictionary(study: Study, texts: Texts) -> Layout:
    """The data dictionary: uploaded once, it makes the form.

    Raises CannotExport, naming every question, when REDCap would not take their names.
    """
    taken = {RECORD, f"{FORM}_complete", *COLUMNS, *RESERVED}
    if wrong := sorted(name for name in study.by_id if name in taken or not NAME.fullmatch(name)):
        raise CannotExport(f"REDCap would not take these names of questions: {', '.join(wrong)}.")
    return Layout("dictionary.csv", csv_line(HEADER) + "".join(field.line() for field in _fields(study, texts)))


def imported(study: Study, texts: Texts) -> Layout:
    """The data to import: a row for each referral, every coded value among the choices of its field, or empty."""
    fields = _fields(study, texts)

    def row(referral: Exported) -> str:
        return csv_line((*(_value(field, referral) for field in fields), COMPLETE))

    head = csv_line((*(field.name for field in fields), f"{FORM}_complete"))
    return Layout("import.csv", head, row, holds=of_this_study(study))


def _value(field: Field, referral: Exported) -> str:
    value = cell(referral, "code" if field.name == RECORD else field.name)
    return value if field.choices is None or value in field.choices else ""


def _fields(study: Study, texts: Texts) -> tuple[Field, ...]:
    """The fields of the form, in its order: which referral, what the person said, what the team noted."""
    labels = {key.removeprefix(LABEL): text for key, text in texts.items() if key.startswith(LABEL)}
    verdicts = _choices(texts, "verdict", Verdict)
    criteria = {question.id: texts[f"question.{question.id}.criterion"] for question in study.questions}
    places = {place.id: texts[f"place.{place.id}.name"] for place in study.places}
    said, *further = (Field(name, criterion, RADIO, verdicts) for name, criterion in criteria.items())
    return (
        Field(RECORD, labels[RECORD], identifies=True),
        Field("place", labels["place"], RADIO, places),
        Field("language", labels["language"], RADIO, _choices(texts, "language", LANGUAGES)),
        Field("day", labels["day"], validation="date_ymd", identifies=True),
        Field("answered_by", labels["answered_by"], RADIO, _choices(texts, "answered_by", ANSWERED_BY)),
        Field("outcome", labels["outcome"], RADIO, _choices(texts, "outcome", Outcome)),
        Field("study_version", labels["study_version"]),
        replace(said, section=texts["export.section.said"]),
        *further,
        Field("state", labels["state"], RADIO, _choices(texts, "state", STATES), texts["export.section.team"]),
        Field("reason", labels["reason"], RADIO, _choices(texts, "reason", REASONS), shown_if="[state] = 'closed'"),
        Field("criterion", labels["criterion"], RADIO, criteria, shown_if="[reason] = 'screen_failure'"),
    )


def _choices(texts: Texts, kind: str, codes: Iterable[str]) -> dict[str, str]:
    return {str(code): texts[f"export.{kind}.{code}"] for code in codes}
