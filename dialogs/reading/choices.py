"""What was said -> the one choice it can only mean, or the choices to confirm.

Everything a person says must leave the same single choice open, and every word must be known; the first thing that
does not fit asks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dialogs.reading.evidence import ENOUGH, PAST, Evidence, Findings
from dialogs.reading.lexicon import Tag
from dialogs.reading.meanings import Meaning
from dialogs.reading.outcomes import Chose, NotSure, NotUnderstood
from dialogs.reading.statements import gather

# A result is told in the past: "it was fine last month".
REPORTS = frozenset({"normal", "all_fine", "fine", "barren"})
# Side remarks that "I don't know" survives: it clears nobody and turns nobody away.
FORGIVEN = 4
SIDE_REMARKS = ("unknown: ", "number: ", "future: ", "other: ", PAST, "a negation of nothing named")
# More of them beside an answer than this is a story: it may say anything.
TOO_STRANGE = 10


def choose(
    tags: Sequence[Tag], meaning: Meaning, valid: Collection[str], doubts: Sequence[str]
) -> tuple[Chose | NotSure | NotUnderstood, tuple[str, ...]]:
    """The choice these tags can only mean, or those to confirm; and why. `doubts` are those found outside the tags."""
    found = gather(tags, meaning)
    found.doubts.extend(doubts)
    reading = decide(found, meaning, valid)
    reasons = [f"{tag.kind}: {tag.text}" for tag in tags]
    reasons += [f"says {'/'.join(each.choices)} ({each.kind}, {each.weight})" for each in found.evidence]
    return reading, (*reasons, *(f"doubt: {doubt}" for doubt in found.doubts))


def decide(found: Findings, meaning: Meaning, valid: Collection[str]) -> Chose | NotSure | NotUnderstood:
    """The one choice everything said agrees on, if nothing forbids guessing."""
    evidence = _with_unsure(found, meaning)
    if not evidence and found.mentioned:
        evidence = [Evidence((*meaning.asserted, *((meaning.denied,) if meaning.denied else ())), 0, "mention")]
    if found.mentioned and any(each.kind == "over" for each in evidence):
        evidence = (
            [*evidence, Evidence(meaning.claims["over"].choices, 1, "mention")]
            if "over" in meaning.claims
            else evidence
        )
    agreed = _agreed(evidence, meaning)
    if _is_a_no_for_good(agreed, meaning):
        found.doubts[:] = [
            doubt for doubt in found.doubts if not doubt.startswith(PAST) or "nomore" in doubt or "had it" in doubt
        ]
    found.doubts.extend(_late_doubts(found, agreed, meaning))
    sure = not found.doubts or (agreed == "unsure" and _forgiven(found))
    if agreed is not None and agreed in valid and sure and _enough(evidence, agreed, meaning):
        return Chose(choice=agreed)
    return _ask(evidence, meaning, valid)


def _with_unsure(found: Findings, meaning: Meaning) -> list[Evidence]:
    """ "Low, but I don't know how low" is one answer, not two; "I don't know if it is low" is the other one."""
    evidence = found.evidence
    kinds = {each.kind for each in evidence}
    if kinds.isdisjoint({"unsure", "how_low"}) or "unsure_if" in found.tones:
        return evidence
    for kind, choice in meaning.with_unsure.items():
        if (
            kind in kinds
            and evidence[-1].kind in ("unsure", "how_low", "maybe_can")
            and kinds <= {kind, "unsure", "yes", "how_low", "maybe_can"}
        ):
            return [Evidence((choice,), ENOUGH, f"{kind} + unsure")]
    return evidence


def _agreed(evidence: Sequence[Evidence], meaning: Meaning) -> str | None:
    """The only choice that everything said leaves open."""
    if not evidence:
        return None
    if {each.choices for each in evidence if each.weight} == {("unsure",)} or _never_told(evidence):
        return "unsure"
    left = [choice for choice in evidence[0].choices if all(choice in each.choices for each in evidence)]
    if len(left) == 1:
        return left[0]
    kinds = {each.kind for each in evidence if each.weight}
    if len(kinds) == 1 and left and (alone := meaning.alone.get(*kinds)):
        return alone
    if kinds <= {"yes", "stated", "check", "thumbs_up"} and left:
        return meaning.yes_alone
    return meaning.no_alone if kinds <= {"no", "cross", "thumbs_down"} and left else None


def _never_told(evidence: Sequence[Evidence]) -> bool:
    """ "Nobody ever told me, so I don't know": the last word is what is meant."""
    return {each.kind for each in evidence} == {"untold", "unsure"} and evidence[-1].kind == "unsure"


def _enough(evidence: Sequence[Evidence], agreed: str, meaning: Meaning) -> bool:
    """Whether enough was said: one clear statement, or two different weak ones that agree."""
    plain = {"yes": meaning.yes_alone, "no": meaning.no_alone}
    by_kind = {each.kind: each.weight for each in evidence if plain.get(each.kind, agreed) == agreed}
    return sum(by_kind.values()) >= ENOUGH


def _late_doubts(found: Findings, agreed: str | None, meaning: Meaning) -> list[str]:
    """The doubts that depend on what was understood."""
    tones, no, yes = found.tones, agreed is not None and agreed in meaning.no, agreed in meaning.yes
    reported = any(each.kind in REPORTS for each in found.evidence)
    past = meaning.now and agreed != "past" and not reported and not tones.isdisjoint({"was", "time_past"})
    past = past and not _is_a_no_for_good(agreed, meaning)
    bad = meaning.now and not meaning.welcome  # a yes is bad news
    contrary = bad and (("relief" in tones and agreed in meaning.yes) or ("regret" in tones and no))
    kinds = {each.kind for each in found.evidence if each.weight}
    plainly = kinds <= {"yes", "check"}
    foreign = tones & meaning.heeds if agreed not in (*meaning.beside, "unsure") else ()
    doubts = {
        "a yes that may be to something else": yes and plainly and _beside_the_point(found, meaning, bad=bad),
        "a name not denied": found.mentioned and no and kinds == {"not vague"},
        "but": "but" in tones and agreed not in meaning.excused and agreed != "unsure",
        PAST: past,
        "as far as they know": "known" in tones and not no,
        "says how they are": "mood" in tones and bad and agreed == meaning.yes_alone,
        "only": "only" in tones and not (agreed in meaning.spared or agreed == "unsure"),
        "bad news beside a no": "woe" in tones and bad and no and kinds.isdisjoint({"denied", "cleared"}),
        "a tone that fits the opposite better": contrary,
        "no, since": "since" in tones and no and not reported,
        "a no to one kind only": not tones.isdisjoint({"special", "narrow"}) and no and not reported,
        f"another {'/'.join(sorted(foreign))}": bool(foreign),
        "too much that is not understood": found.strangers > TOO_STRANGE,
        "a negation of nothing named": found.loose and agreed != "unsure",
    }
    return [name for name, holds in doubts.items() if holds]


def _is_a_no_for_good(agreed: str | None, meaning: Meaning) -> bool:
    """Whether this is a no that what was before cannot turn round: "no, I had it ten years ago"."""
    return meaning.now and agreed in (*meaning.no, "not_applicable") and "once" not in meaning.claims


def _beside_the_point(found: Findings, meaning: Meaning, *, bad: bool) -> bool:
    """Whether a plain yes stands beside something that it may be about: "yes, I am 45", "yes, checked in June"."""
    if not found.tones.isdisjoint({"talked", "aged", "counted"}):
        return True
    examined = "examined" in found.tones and "since" not in found.tones
    deed = (found.own_deed or "watched" in found.tones) and not found.mentioned
    return bad and (deed or examined or any(each.kind in meaning.unclear for each in found.evidence))


def _forgiven(found: Findings) -> bool:
    """ "My cuff is broken so I don't know": side remarks beside "I don't know", but not inside it."""
    if "unsure_if" in found.tones:
        return False
    if found.plainly_unsure:
        return not any(doubt.startswith(("hedge", "if", "or", "double", "a question")) for doubt in found.doubts)
    return len(found.doubts) <= FORGIVEN and all(doubt.startswith(SIDE_REMARKS) for doubt in found.doubts)


def _ask(evidence: Sequence[Evidence], meaning: Meaning, valid: Collection[str]) -> NotSure | NotUnderstood:
    """The choices that were spoken of, those everything agrees on first; the opposite of a lone yes or no as well."""
    ranked = sorted(evidence, key=lambda each: -each.weight)
    spoken = [choice for each in ranked for choice in each.choices]
    if not spoken:
        return NotUnderstood()
    if len(set(spoken)) == 1:
        spoken += meaning.no if spoken[0] in meaning.yes else meaning.yes
        spoken.append("unsure")
    candidates = tuple(choice for choice in dict.fromkeys(spoken) if choice in valid)
    return NotSure(candidates=candidates) if candidates else NotUnderstood()
