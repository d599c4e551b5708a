"""Checks the machine a study becomes: that everybody can come everywhere, get to an end, and is never stuck."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from dialogs.check.finding import Code, Finding
from dialogs.machine import Route
from dialogs.session import AFTER_SENDING, ENDS, LANGUAGE

# A person may give up anywhere, or never come back. That is no end a study leads to.
GIVING_UP = frozenset({"stopped", "forgot", "expired"})
# Triggers that are tried and may rightly lead nowhere: passing over what is settled is tried after each step, and
# sharing is offered only for an outcome that may be sent, and to be told only where a place will open again.
MAY_LEAD_NOWHERE = frozenset({"skipped", "shared", "wished"})


def route_findings(routes: Sequence[Route]) -> Iterator[Finding]:
    """States nobody reaches or leaves, and steps that lead nowhere or to two places."""
    states = list(dict.fromkeys(state for route in routes for state in (route.source, route.dest)))
    reached = _closure({LANGUAGE}, _arrows((route.source, route.dest) for route in routes))
    for state in states:
        if state not in reached:
            yield Finding(Code.UNREACHABLE, f"state.{state}", "nothing leads here; lead to it, or take it away")
    backwards = _arrows((route.dest, route.source) for route in routes if route.trigger not in GIVING_UP)
    ending = _closure(set(ENDS), backwards)
    for state in states:
        if state not in ending:
            yield Finding(Code.ENDLESS, f"state.{state}", "no end follows, whatever is chosen; lead on to one")
    yield from _exits(routes, states)
    yield from _choices(routes)


def _arrows(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    arrows: defaultdict[str, set[str]] = defaultdict(set)
    for start, end in pairs:
        arrows[start].add(end)
    return arrows


def _closure(start: set[str], arrows: Mapping[str, set[str]]) -> set[str]:
    """Everything that can be reached from `start`, itself included."""
    found, waiting = set(start), list(start)
    while waiting:
        new = arrows.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _exits(routes: Sequence[Route], states: Sequence[str]) -> Iterator[Finding]:
    """After a result was sent nothing is left to stop: there, finishing stands for it."""
    steps = _arrows((route.source, route.trigger) for route in routes)
    for state in states:
        needed = {"forgot", "expired", "finished" if state in AFTER_SENDING else "stopped"}
        if state not in ENDS and (missing := needed - steps.get(state, set())):
            yield Finding(Code.NO_EXIT, f"state.{state}", f"draw the arrow for: {', '.join(sorted(missing))}")


def _choices(routes: Sequence[Route]) -> Iterator[Finding]:
    """Every step under every truth of the conditions its routes name: exactly one route must be open."""
    steps: defaultdict[tuple[str, str], list[Route]] = defaultdict(list)
    for route in routes:
        steps[route.source, route.trigger].append(route)
    for (state, trigger), choices in steps.items():
        place = f"state.{state}.{trigger}"
        named = sorted({condition for route in choices for condition in (*route.when, *route.unless)})
        for truths in product((False, True), repeat=len(named)):
            holds: dict[str, bool] = dict(zip(named, truths, strict=True))
            leading = [route.dest for route in choices if _open(route, holds)]
            if len(leading) > 1:
                yield Finding(Code.TWO_ROUTES, place, f"when {_said(holds)}: {', '.join(leading)}; keep one of them")
            if not leading and trigger not in MAY_LEAD_NOWHERE:
                yield Finding(Code.NO_ROUTE, place, f"when {_said(holds)}: nothing; say where this leads")


def _open(route: Route, holds: Mapping[str, bool]) -> bool:
    return all(holds[each] for each in route.when) and not any(holds[each] for each in route.unless)


def _said(holds: Mapping[str, bool]) -> str:
    return " and ".join(name if true else f"not {name}" for name, true in holds.items()) or "always"
