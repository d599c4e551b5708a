"""The coordinators' card: a function of the referral, as a screen without options."""

from __future__ import annotations

from dialogs.session import ReferralCode, Result
from dialogs.study import Study, Verdict
from dialogs.symbols import Line, Say, Screen

CARD, BARE = "card", "bare"
# What a coordinator must look at comes before what is fine.
DECISIVE_FIRST = (Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.NOT_ASKED, Verdict.MET)


def card(study: Study, result: Result, code: ReferralCode) -> Screen:
    """One referral as coordinators read it, and as the person reads it before it is sent."""
    groups = (
        (Say(f"card.verdict.{verdict}"), *(_criterion(name) for name in _with(result, verdict)))
        for verdict in DECISIVE_FIRST
        if _with(result, verdict)
    )
    head: tuple[Line, ...] = (
        Say("card.title", {"study": Say("study.title"), "code": code}),
        Say("card.place", {"place": Say(f"place.{result.place}.name")}),
        Say("card.language", {"language": Say(f"card.language.{result.language}")}),
        Say("card.day", {"day": result.day}),
        Say(f"card.answered_by.{result.answered_by}"),
    )
    return Screen(CARD, (head, (Say(f"card.outcome.{result.outcome}"),), (Say("card.said"),), *groups))


def _with(result: Result, verdict: Verdict) -> list[str]:
    return [name for name, given in result.verdicts.items() if given is verdict]


def _criterion(name: str) -> Say:
    return Say("card.criterion", {"criterion": Say(f"question.{name}.criterion")})


def bare_card(code: ReferralCode, why: str) -> Screen:
    """What is left of a card when the referral is gone: its code, and why. `why` is `withdrawn` or `expired`."""
    return Screen(BARE, ((Say(f"card.bare.{why}", {"code": code}),),))
