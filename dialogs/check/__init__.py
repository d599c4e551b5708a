"""Everything that is wrong with a study, found at once, before anybody is asked anything."""

from __future__ import annotations

from dialogs.check.answers import answer_findings
from dialogs.check.finding import Code, Finding
from dialogs.check.names import name_findings
from dialogs.check.routes import route_findings
from dialogs.check.wording import wording_findings
from dialogs.machine import Plan
from dialogs.study import Study


def check(study: Study) -> tuple[Finding, ...]:
    """Everything wrong with this study; nothing when it may be used.

    Where names are wrong the machine is not looked at: it would be another study's.
    """
    names = tuple(name_findings(study))
    machine = () if names else tuple(route_findings(Plan(study).routes))
    answers = tuple(answer_findings(study))
    explained = tuple(finding.place for finding in answers if finding.code is Code.UNUSED_FOLLOW_UP)
    return (
        *names,
        *(finding for finding in machine if not finding.place.startswith(explained)),
        *answers,
        *wording_findings(study),
    )


__all__ = ["Code", "Finding", "check", "route_findings"]
