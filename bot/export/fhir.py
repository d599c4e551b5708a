"""Referrals as FHIR R4B: one bundle of a questionnaire and, for each referral, a response with a verdict for each item.

The items are the criteria and the answers their verdicts: raw answers are not kept. Names are URNs, since the project
has no domain of its own: the same study gives the same ones wherever it runs. Everything is validated as it is written.
Source: FHIR 4.3.0, Questionnaire, QuestionnaireResponse, Bundle, and the extension "translation".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from bot.export.layouts import Layout
from bot.export.rows import CannotExport, Exported
from dialogs.study import Study, Verdict

PROJECT = UUID("b5d1c5f2-3f2c-4c39-9a57-6f0f5f0d7c11")
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
SOURCE, TRANSLATED = "en", "fr"

Json = dict[str, Any]
Texts = Mapping[str, str]


def urn(*name: str) -> str:
    """The name of a thing of this project, as a URN."""
    return uuid5(PROJECT, "/".join(name)).urn


VERDICTS = urn("verdict")


def bundle(study: Study, texts: Mapping[str, Texts]) -> Layout:
    """A bundle of the questionnaire in both languages and a response for each referral.

    Raises CannotExport when one of the two languages is closed.
    """
    from fhir.resources.R4B.bundle import Bundle, BundleEntry

    if missing := [language for language in (SOURCE, TRANSLATED) if language not in texts]:
        raise CannotExport(f"The questionnaire needs texts in every language; closed is: {', '.join(missing)}.")
    questions = questionnaire(study, texts)
    first: Json = {"fullUrl": questions["url"], "resource": questions}
    whole: Json = {"resourceType": "Bundle", "type": "collection", "entry": [first]}
    Bundle.model_validate(whole)

    def row(referral: Exported) -> str:
        entry = {"fullUrl": urn(study.id, referral.code), "resource": response(study, referral, texts)}
        BundleEntry.model_validate(entry)
        return ",\n" + json.dumps(entry, ensure_ascii=False)

    head = json.dumps(whole, ensure_ascii=False, indent=1).removesuffix("\n ]\n}")
    return Layout("bundle.json", head, row, tail="\n ]\n}\n")


def questionnaire(study: Study, texts: Mapping[str, Texts]) -> Json:
    """The criteria of the study as items, to each of which a verdict is the answer."""
    options = [
        {
            "valueCoding": {
                "system": VERDICTS,
                "code": verdict,
                **_in_both("display", f"export.verdict.{verdict}", texts),
            }
        }
        for verdict in map(str, Verdict)
    ]
    named = {"study": study.title, "registry": study.registry}
    return {
        "resourceType": "Questionnaire",
        "language": SOURCE,
        "url": _url(study),
        "version": study.digest,
        "name": "".join(part.capitalize() for part in study.id.split("_")),
        **_in_both("title", "export.questionnaire", texts, named),
        "status": "active",
        "subjectType": ["Patient"],
        "item": [
            {
                "linkId": question.id,
                **_in_both("text", f"question.{question.id}.criterion", texts),
                "type": "choice",
                "required": True,
                "answerOption": options,
            }
            for question in study.questions
        ],
    }


def response(study: Study, referral: Exported, texts: Mapping[str, Texts]) -> Json:
    """The verdicts of one referral. Its subject is whoever has the code: no resource describes them.

    A `dateTime` of FHIR may be a day alone. A helper who answered is named as such and by nothing else.
    """
    code = {"system": urn(study.id, "code"), "value": referral.code}
    helper = {"type": "RelatedPerson", **_in_both("display", "export.answered_by.helper", texts)}
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": code,
        "questionnaire": f"{_url(study)}|{referral.study_version}",
        "status": "completed",
        "subject": {"type": "Patient", "identifier": code},
        "authored": referral.day.isoformat(),
        **({"source": helper} if referral.answered_by == "helper" else {}),
        "item": [
            {"linkId": question, "answer": [{"valueCoding": {"system": VERDICTS, "code": str(verdict)}}]}
            for question, verdict in referral.verdicts.items()
        ],
    }


def _url(study: Study) -> str:
    return urn(study.id, "questionnaire")


def _in_both(element: str, key: str, texts: Mapping[str, Texts], named: Mapping[str, str] | None = None) -> Json:
    """A text element in the source language, and its translation as FHIR has it beside the element."""
    said, translated = (texts[language][key].format_map(named or {}) for language in (SOURCE, TRANSLATED))
    parts = [{"url": "lang", "valueCode": TRANSLATED}, {"url": "content", "valueString": translated}]
    return {element: said, f"_{element}": {"extension": [{"url": TRANSLATION, "extension": parts}]}}
