"""What coordinators read beside the cards: lists, answers to their commands. Symbols, no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from dialogs.session import ReferralCode
from dialogs.symbols import Line, Option, Say, Screen

Role = Literal["coordinator", "lead"]
PauseReason = Literal["full", "holiday", "short_staffed", "study_on_hold"]
Format = Literal["csv", "json", "redcap", "fhir"]
FORMATS: tuple[Format, ...] = get_args(Format)
PAUSE_REASONS: tuple[PauseReason, ...] = ("full", "holiday", "short_staffed", "study_on_hold")
SHOWN_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One open referral in a list: how long it has waited in hours, and the name of whoever has it."""

    code: ReferralCode
    state: str
    hours: int
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One chat or person of a desk, as a lead sees them: `name` is None for a group."""

    key: str
    name: str | None
    role: Role | None
    removed: bool = False


def told(key: str, **params: str | int | Say) -> Screen:
    """One sentence."""
    return Screen("desk", ((Say(f"desk.{key}", params),),))


def open_list(which: Literal["open", "mine"], listed: Sequence[Listed]) -> Screen:
    """Open referrals, oldest first, with a button to show each. One more than can be shown says that there are more."""
    if not listed:
        return told(f"{which}.none")
    shown = listed[:SHOWN_AT_ONCE]
    lines: list[Line] = [Say(f"desk.{which}.title")]
    for each in shown:
        who = {"who": each.who or ""} if each.state != "new" else {}
        lines.append(Say(f"desk.listed.{each.state}", {"code": each.code, "hours": each.hours, **who}))
    if len(listed) > SHOWN_AT_ONCE:
        lines.append(Say("desk.listed.more", {"number": SHOWN_AT_ONCE}))
    return Screen("desk", (tuple(lines),), tuple((_show(each.code),) for each in shown))


def not_found(typed: str, nearest: ReferralCode | None) -> Screen:
    """No referral has this code; perhaps the one code that is nearest to it was meant."""
    if nearest is None:
        return told("find.none", code=typed)
    return Screen("desk", ((Say("desk.find.nearest", {"code": typed, "nearest": nearest}),),), ((_show(nearest),),))


def pausing(places: Sequence[str]) -> Screen:
    """Why should the place take nobody for the moment? The reasons are those participants can read."""
    rows = tuple(
        (Option(f"pause.{place}.{reason}", _at(places, place, Say(f"desk.pause.{reason}"))),)
        for place in places
        for reason in PAUSE_REASONS
    )
    return Screen("desk", ((Say("desk.pause.ask"),),), rows)


def inviting(places: Sequence[str]) -> Screen:
    """Whom should the code be for?"""
    roles: tuple[Role, ...] = ("coordinator", "lead")
    rows = tuple(
        (Option(f"invite.{place}.{role}", _at(places, place, Say(f"desk.role.{role}"))),)
        for place in places
        for role in roles
    )
    return Screen("desk", ((Say("desk.invite.ask"),),), rows)


def exporting(places: Sequence[str], since: date | None) -> Screen:
    """For which program should the file be? It holds the results of all these places, from that day on if one is given.

    What it holds, and that nobody can take it back, is said before it is asked for.
    """
    day = (f"{since:%Y-%m-%d}",) if since else ()
    rows = tuple((Option(".".join(("export", each, *day)), Say(f"desk.export.format.{each}")),) for each in FORMATS)
    which: list[Line] = [Say("card.place", {"place": Say(f"place.{place}.name")}) for place in places]
    which += [Say("desk.export.since", {"day": since})] if since else []
    about = tuple((Say(f"desk.export.{each}"),) for each in ("holds", "kept"))
    return Screen("desk", ((Say("desk.export.ask"), *which), *about), rows)


def exported(number: int, cut: int) -> Screen:
    """What stands under the files: how many results they hold, and how many of those not whole."""
    lines: list[Line] = [Say("desk.export.number", {"number": number})]
    lines += [Say("desk.export.cut", {"number": cut})] if cut else []
    return Screen("desk", (tuple(lines), (Say("desk.export.erase"),)))


def colleagues(place: str, people: Sequence[Colleague]) -> Screen:
    """Who belongs to a desk, with a button to remove each."""
    lines = tuple(_colleague(each) for each in people)
    rows = tuple(
        (Option(f"remove.{place}.{each.key}", Say("desk.remove.button", {"who": _name(each)})),)
        for each in people
        if not each.removed
    )
    return Screen("desk", ((Say("desk.remove.title", {"place": Say(f"place.{place}.name")}), *lines),), rows)


def help_for(role: Role) -> Screen:
    """What can be typed here."""
    keys = ["help.intro", "help.coordinator", *(["help.lead"] if role == "lead" else [])]
    return Screen("desk", tuple((Say(f"desk.{key}"),) for key in keys))


def health(lines: Sequence[Say]) -> Screen:
    """How the desk is doing: `lines` say what is not well."""
    return Screen("desk", ((Say("desk.health.title"),), tuple(lines) or (Say("desk.health.well"),)))


def _show(code: ReferralCode) -> Option:
    return Option(f"show.{code.replace('-', '')}", Say("desk.button.show", {"code": code}))


def _at(places: Sequence[str], place: str, label: Say) -> Say:
    """The label, with its place where there is more than one."""
    if len(places) == 1:
        return label
    return Say("desk.button.at", {"place": Say(f"place.{place}.name"), "what": label})


def _colleague(each: Colleague) -> Say:
    what = "removed" if each.removed else each.role or "acts"
    return Say(f"desk.remove.line.{what}", {"who": _name(each)})


def _name(each: Colleague) -> str | Say:
    return Say("desk.remove.group", {"name": each.key[:4]}) if each.name is None else each.name
