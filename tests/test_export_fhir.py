"""The FHIR export: a bundle that is valid R4B, whose responses answer their questionnaire and say nobody's name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from bot.export import CannotExport, Exported, export
from dialogs.study import Verdict
from tests.exported import STUDY, TEXTS, TODAY, asking, names_in, older, pages, row, three, written

Json = Any
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


async def bundle(out: Path, *rows: Exported) -> Json:
    """The bundle of these referrals, which fhir.resources finds valid as a whole."""
    done = await written("fhir", out, *rows)
    text = done.paths[0].read_text("utf-8")
    Bundle.model_validate_json(text)
    return json.loads(text)


def resources(whole: Json) -> tuple[Json, list[Json]]:
    """The questionnaire and the responses."""
    questionnaire, *responses = (entry["resource"] for entry in whole["entry"])
    return questionnaire, responses


def response_faults(questionnaire: Json, response: Json) -> Iterator[str]:
    """Everything in which this response does not answer this questionnaire."""
    if response["questionnaire"] != f"{questionnaire['url']}|{questionnaire['version']}":
        yield "another questionnaire"
    items = {item["linkId"]: item for item in questionnaire["item"]}
    if [item["linkId"] for item in response["item"]] != list(items):
        yield "other items, or another order"
    for given in response["item"]:
        options = [option["valueCoding"] for option in items.get(given["linkId"], {}).get("answerOption", [])]
        codes = [(option["system"], option["code"]) for option in options]
        answers = [answer["valueCoding"] for answer in given.get("answer", [])]
        if len(answers) != 1 or any((answer["system"], answer["code"]) not in codes for answer in answers):
            yield f"{given['linkId']}: no answer among the options"


def everything(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every value in it, with its path."""
    inside: Mapping[Any, Json] = {}
    if isinstance(value, dict):
        inside = value
    elif isinstance(value, list):
        inside = dict(enumerate(value))
    for key, part in inside.items():
        yield f"{path}.{key}", part
        yield from everything(part, f"{path}.{key}")


# ------------------------------------------------------------------------------------------- the questionnaire


async def test_the_questionnaire_asks_about_every_criterion_and_takes_every_verdict(tmp_path: Path) -> None:
    questionnaire, _ = resources(await bundle(tmp_path))
    assert [item["linkId"] for item in questionnaire["item"]] == list(STUDY.by_id)
    assert {item["type"] for item in questionnaire["item"]} == {"choice"}
    for item in questionnaire["item"]:
        assert [option["valueCoding"]["code"] for option in item["answerOption"]] == list(Verdict)
    assert (questionnaire["version"], questionnaire["status"]) == (STUDY.digest, "active")
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", questionnaire["name"]), "FHIR's rule que-0"


async def test_every_text_is_in_english_with_its_french_beside_it(tmp_path: Path) -> None:
    questionnaire, responses = resources(await bundle(tmp_path, *three()))
    english = [
        (path, text)
        for resource in (questionnaire, *responses)
        for path, text in everything(resource)
        if re.search(r"\.(title|text|display)$", path)
    ]
    translated = {
        path: part
        for resource in (questionnaire, *responses)
        for path, part in everything(resource)
        if re.search(r"\._(title|text|display)$", path)
    }
    assert len(english) > 2 * len(STUDY.questions)
    for path, text in english:
        element = re.sub(r"\.(\w+)$", r"._\1", path)
        [extension] = translated[element]["extension"]
        assert extension["url"] == TRANSLATION
        lang, content = extension["extension"]
        assert (lang["url"], lang["valueCode"], content["url"]) == ("lang", "fr", "content")
        assert content["valueString"] != text
    assert questionnaire["language"] == "en"
    assert questionnaire["item"][0]["_text"]["extension"][0]["extension"][1]["valueString"] == "18 ans ou plus"


async def test_a_closed_language_is_named_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(CannotExport, match="fr"):
        await export("fhir", pages(three()), STUDY, {"en": TEXTS["en"]}, out=tmp_path / "new", today=TODAY)
    assert not (tmp_path / "new").exists()


async def test_the_same_study_has_the_same_names_everywhere_and_another_study_others(tmp_path: Path) -> None:
    first, _ = resources(await bundle(tmp_path / "first", row()))
    again, _ = resources(await bundle(tmp_path / "again"))
    changed = asking("adult")
    texts = {language: {**words, "question.adult.criterion": "Adult"} for language, words in TEXTS.items()}
    await export("fhir", pages(), changed, texts, out=tmp_path / "changed", today=TODAY)
    other, _ = resources(json.loads((tmp_path / "changed" / "bundle.json").read_text("utf-8")))
    assert first == again
    assert first["url"] == other["url"]
    assert first["version"] != other["version"], "a changed question is another version of the questionnaire"


# ----------------------------------------------------------------------------------------------- the responses


async def test_every_response_answers_the_questionnaire_with_verdicts_and_nothing_else(tmp_path: Path) -> None:
    questionnaire, responses = resources(await bundle(tmp_path, *three()))
    assert len(responses) == 3
    for response, referral in zip(responses, three(), strict=True):
        assert list(response_faults(questionnaire, response)) == []
        said = {item["linkId"]: item["answer"][0]["valueCoding"]["code"] for item in response["item"]}
        assert said == dict(referral.verdicts)
        assert response["status"] == "completed"
        assert response["authored"] == referral.day.isoformat(), "a day, not a time"
    assert set(responses[0]) == {
        *("resourceType", "identifier", "questionnaire", "status", "subject", "authored", "item"),
    }


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda one: one | {"questionnaire": one["questionnaire"] + "0"}, "another questionnaire"),
        (lambda one: one | {"item": one["item"][1:]}, "other items"),
        (lambda one: one | {"item": [{"linkId": "age", "answer": []}, *one["item"][1:]]}, "age: no answer"),
        (
            lambda one: (
                one | {"item": [{"linkId": "age", "answer": [{"valueCoding": {"system": "urn:x", "code": "met"}}]}]}
            ),
            "age: no answer",
        ),
    ],
    ids=["version", "item", "answer", "system"],
)
async def test_the_check_of_responses_finds_each_breach(
    broken: Callable[[Json], Json], fault: str, tmp_path: Path
) -> None:
    questionnaire, [response] = resources(await bundle(tmp_path, row()))
    assert any(fault in each for each in response_faults(questionnaire, broken(response)))


async def test_the_subject_is_a_code_and_no_resource(tmp_path: Path) -> None:
    whole = await bundle(tmp_path, *three())
    _, responses = resources(whole)
    for response, referral in zip(responses, three(), strict=True):
        assert set(response["subject"]) == {"type", "identifier"}
        assert response["subject"]["identifier"]["value"] == referral.code
    assert [path for path, _ in everything(whole) if path.endswith(".reference")] == []
    assert {entry["resource"]["resourceType"] for entry in whole["entry"]} == {"Questionnaire", "QuestionnaireResponse"}


async def test_a_helper_is_named_as_a_helper_and_by_nothing_else(tmp_path: Path) -> None:
    _, responses = resources(await bundle(tmp_path, *three()))
    assert [bool(response.get("source")) for response in responses] == [False, True, False]
    source = responses[1]["source"]
    assert (source["type"], source["display"]) == ("RelatedPerson", "A helper, with the person there")
    assert set(source) == {"type", "display", "_display"}


async def test_a_response_under_older_questions_points_at_the_version_it_answered(tmp_path: Path) -> None:
    questionnaire, [response] = resources(await bundle(tmp_path, older()))
    assert response["questionnaire"] == f"{questionnaire['url']}|0ld0ld0ld0ld"
    assert "tattoos" in {item["linkId"] for item in response["item"]}


# -------------------------------------------------------------------------------------------------- the bundle


async def test_every_name_is_a_urn_that_needs_no_domain(tmp_path: Path) -> None:
    whole = await bundle(tmp_path, *three())
    names = {
        name.partition("|")[0]
        for path, name in everything(whole)
        if isinstance(name, str)
        and re.search(r"\.(url|fullUrl|system|questionnaire)$", path)
        and "extension" not in path
    }
    assert len(names) == 3 + 3, "questionnaire, verdicts, codes, and three responses"
    assert {name for name in names if UUID(name).urn != name} == set()


async def test_no_two_entries_have_one_name(tmp_path: Path) -> None:
    names = [entry["fullUrl"] for entry in (await bundle(tmp_path, *three()))["entry"]]
    assert len(set(names)) == len(names) == 4, "FHIR's rule bdl-7"


async def test_what_fhir_would_refuse_is_never_written(tmp_path: Path) -> None:
    wrong = row().model_copy(update={"code": ""})
    with pytest.raises(ValidationError):
        await written("fhir", tmp_path, row(), wrong)
    assert names_in(tmp_path) == []


async def test_a_bundle_of_nobody_is_valid(tmp_path: Path) -> None:
    _, responses = resources(await bundle(tmp_path))
    assert responses == []
