"""The coordinators' card: a function of the referral and of its life at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.referral import REASONS, Life
from dialogs.session import ReferralCode, Result
from dialogs.study import Study, Verdict
from dialogs.symbols import Line, Option, Say, Screen
from dialogs.wording import asking_label

CARD, BARE = "card", "bare"
# What a coordinator must look at comes before what is fine.
DECISIVE_FIRST = (Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.NOT_ASKED, Verdict.MET)


def card(study: Study, result: Result, code: ReferralCode) -> Screen:
    """One referral as coordinators read it when it comes, and as the person reads it before it is sent."""
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


@dataclass(frozen=True, slots=True)
class AtDesk:
    """What the desk's card says beyond the result: its life, the name of who has it, and how long it had waited.

    `bridged` when the person agreed to be written to; `version` goes into the buttons, so that a press on a card
    that has changed since is known for what it is.
    """

    life: Life
    who: str | None = None
    waited: int | None = None
    bridged: bool = False
    version: int = 1


def desk_card(study: Study, result: Result, code: ReferralCode, at: AtDesk) -> Screen:
    """One referral as its desk sees it now, with what can be done next."""
    shown = card(study, result, code)
    said = [Say("card.said.bridged" if at.bridged else "card.said")]
    blocks = [said if block == (Say("card.said"),) else block for block in shown.blocks]
    states = tuple(_state_lines(study, at))
    return Screen(CARD, (states, *(tuple(block) for block in blocks)), tuple(_rows(study, code, at)))


def bare_card(code: ReferralCode, why: str) -> Screen:
    """What is left of a card when the referral is gone: its code, and why. `why` is `withdrawn` or `expired`."""
    return Screen(BARE, ((Say(f"card.bare.{why}", {"code": code}),),))


def _with(result: Result, verdict: Verdict) -> list[str]:
    return [name for name, given in result.verdicts.items() if given is verdict]


def _criterion(name: str) -> Say:
    return Say("card.criterion", {"criterion": Say(f"question.{name}.criterion")})


def _state_lines(study: Study, at: AtDesk) -> Iterator[Line]:
    life, who = at.life, at.who or ""
    if life.state == "closed":
        yield Say("desk.card.closed", {"reason": Say(f"desk.reason.{life.reason}"), "who": who})
        if life.criterion in study.by_id:
            yield Say("desk.card.different", {"criterion": Say(f"question.{life.criterion}.criterion")})
    else:
        yield Say(f"desk.card.{life.state}", {"who": who} if life.state != "new" else {})
    if life.state == "new" and at.waited is not None:
        yield Say("desk.card.waited", {"hours": at.waited})


def _rows(study: Study, code: ReferralCode, at: AtDesk) -> Iterator[tuple[Option, ...]]:
    def button(verb: str, label: Say, *more: str) -> tuple[Option]:
        return (Option(".".join((verb, code.replace("-", ""), str(at.version), *more)), label),)

    life = at.life
    if life.menu == "close":
        for reason in REASONS:
            verb = "differs" if reason == "screen_failure" else "close"
            yield button(verb, Say(f"desk.close.{reason}"), *([reason] if verb == "close" else []))
        yield button("card", Say("desk.button.back"))
    elif life.menu == "criterion":
        for question in study.questions:
            yield button("differs", asking_label(question), question.id)
        yield button("card", Say("desk.button.back"))
    else:
        if life.state == "new":
            yield button("claim", Say("desk.button.claim"))
        if life.state in {"new", "claimed"}:
            yield button("contact", Say("desk.button.contact"))
        if life.state == "claimed":
            yield button("release", Say("desk.button.release"))
        if at.bridged and life.state != "closed":
            yield (Option(f"write.{code.replace('-', '')}", Say("desk.button.write")),)
        if life.state != "closed":
            yield button("closing", Say("desk.button.close"))
        if life.before is not None:
            yield button("undo", Say("desk.button.undo"))
