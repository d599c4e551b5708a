"""The coordinators' card: a function of the referral, as a screen without options."""

from __future__ import annotations

from dialogs.session import ReferralCode, Result
from dialogs.study import Study
from dialogs.symbols import Line, Say, Screen

CARD, BARE = "card", "bare"


def card(study: Study, result: Result, code: ReferralCode) -> Screen:
    """One referral as coordinators read it, and as the person reads it before it is sent."""
    criteria: tuple[Line, ...] = tuple(
        Say(
            "card.criterion",
            {"criterion": Say(f"question.{name}.criterion"), "verdict": Say(f"card.verdict.{verdict}")},
        )
        for name, verdict in result.verdicts.items()
    )
    head: tuple[Line, ...] = (
        Say("card.title", {"study": Say("study.title"), "code": code}),
        Say("card.place", {"place": Say(f"place.{result.place}.name")}),
        Say("card.language", {"language": Say(f"card.language.{result.language}")}),
        Say("card.day", {"day": result.day}),
        Say(f"card.answered_by.{result.answered_by}"),
    )
    return Screen(CARD, (head, (Say(f"card.outcome.{result.outcome}"),), criteria))


def bare_card(code: ReferralCode, why: str) -> Screen:
    """What is left of a card when the referral is gone: its code, and why. `why` is `withdrawn` or `expired`."""
    return Screen(BARE, ((Say(f"card.bare.{why}", {"code": code}),),))
