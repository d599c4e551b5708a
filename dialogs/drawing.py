"""The machine as a picture: a Mermaid state diagram that GitHub draws and a clinician can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dialogs.machine import Plan, Route, base, transient
from dialogs.session import AFTER_SENDING, ENDS, LANGUAGE, REVIEW

# Three boxes: what leads out of every state in one is one arrow from the box.
CONVERSATION, QUESTIONS, AFTERWARDS = "conversation", "questions", "afterwards"
GIVING_UP = {"stopped": "stops", "forgot": "asks to be forgotten", "expired": "does not come back"}
# What holds for every question and would be thirteen arrows.
NOTE = (
    "Whatever is already answered is skipped.",
    "The review leads to each question (change),",
    "and while an answer that ends the questions is standing,",
    "each question leads back to the review.",
)


def mermaid(plan: Plan) -> str:
    """Every route of the machine: as an arrow of its own, as one from the box around its states, or in the note."""
    asking = plan.asking_states
    ends = [state for state in plan.states if state in ENDS]
    after = [state for state in plan.states if state in AFTER_SENDING]
    steps = [state for state in plan.states if state not in {*asking, *after, *ends}]
    lines = (
        f'state "Until a result is sent" as {CONVERSATION} {{',
        *_names(plan, steps),
        f'state "The questions" as {QUESTIONS} {{',
        *_names(plan, asking),
        "}",
        "}",
        f'state "Once a result is sent" as {AFTERWARDS} {{',
        *_names(plan, after),
        "}",
        *_names(plan, ends),
        f"[*] --> {LANGUAGE}",
        *_own_arrows(plan),
        *_giving_up(plan),
        *(f"{state} --> [*]" for state in plan.states if state in ENDS),
        f"note right of {QUESTIONS}",
        *(f"  {line}" for line in NOTE),
        "end note",
    )
    return "stateDiagram-v2\n" + "".join(f"  {line}\n" for line in lines)


def shared(plan: Plan, route: Route) -> bool:
    """Whether this route is drawn once for many states: giving up, skipping, changing an answer, a standing one."""
    from_question = _asks(plan, route.source)
    return (
        route.trigger in GIVING_UP
        or _finishing(route)
        or route.trigger == "skipped"
        or route.trigger.startswith("change.")
        or (from_question and route.when == ("standing",) and route.dest == REVIEW)
    )


def node(plan: Plan, state: str) -> str:
    """The name of a state in the diagram, where a dot would end it and `end` or `note` would mean something."""
    return ("q_" if _asks(plan, state) else "") + state.replace(".", "__")


def _asks(plan: Plan, state: str) -> bool:
    return base(state) in plan.question_at


def _names(plan: Plan, states: Iterable[str]) -> Iterator[str]:
    for state in states:
        yield f'state "{_title(plan, state)}" as {node(plan, state)}'


def _title(plan: Plan, state: str) -> str:
    if not _asks(plan, state):
        return state.capitalize()
    label = plan.asking_at[base(state)].label.replace('"', "'")
    return f"{label}, {state.rpartition('.')[2]}" if transient(state) else label


def _own_arrows(plan: Plan) -> Iterator[str]:
    """One arrow from each state to each next one, with every reason to take it."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for route in plan.routes:
        if not shared(plan, route):
            reasons.setdefault((route.source, route.dest), []).append(_reason(route))
    for (source, dest), every in reasons.items():
        yield f"{node(plan, source)} --> {node(plan, dest)} : {' / '.join(dict.fromkeys(every))}"


def _reason(route: Route) -> str:
    """The trigger and what must hold; what must not is what the other arrows from there say."""
    if route.when:
        return f"{route.trigger}, if {' and '.join(route.when)}".replace("_", " ")
    return f"{route.trigger}, otherwise" if route.unless else route.trigger


def _giving_up(plan: Plan) -> Iterator[str]:
    for box, triggers in ((CONVERSATION, tuple(GIVING_UP)), (AFTERWARDS, ("finished", "forgot", "expired"))):
        for trigger in triggers:
            leading = [each for each in plan.routes if each.trigger == trigger and _in(box, each.source)]
            for dest in dict.fromkeys(route.dest for route in leading):
                yield f"{box} --> {dest} : whoever {GIVING_UP.get(trigger, 'is done')}"


def _in(box: str, state: str) -> bool:
    return (state in AFTER_SENDING) == (box == AFTERWARDS)


def _finishing(route: Route) -> bool:
    return route.trigger == "finished" and route.source in AFTER_SENDING
