"""Tagged words -> a choice, or the choices to confirm.

Everything a person says must fit one choice, and every word must be known; the first thing that does not fit asks.
`gather` collects what speaks for which choices (evidence) and what forbids guessing (doubts); `decide` compares.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from dialogs.reading.lexicon import Tag
from dialogs.reading.meanings import Claim, Meaning
from dialogs.reading.outcomes import Chose, NotSure, NotUnderstood

# Kinds that always ask, whatever else was said.
DOUBTS = frozenset(
    {"hedge", "if", "question", "other", "future", "degree", "odd", "or", "unknown", "number", "foreign"}
)
# Kinds that say nothing by themselves.
SILENT = frozenset({"inert", "polite", "topic", "born"})
# Kinds with a meaning of their own in every question; any other kind is a claim of the question.
COMMON = DOUBTS | SILENT | frozenset(
    ["yes", "no", "unsure", "assent", "neg", "none", "nomore", "but", "was", "once", "time_past", "since", "have", "affirm", "deny", "subject", "now",
        "known",
        "mood",
        "relief",
        "regret", "thumbs_up", "thumbs_down", "check", "cross"]
)  # fmt: skip
# What may follow "I do" without making it the beginning of a statement.
AFTER_PRO_FORM = frozenset({"now", "yes", "since", "time_past"})
ENOUGH = 2
# Unknown words that "I don't know" survives.
FORGIVEN = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something said: the choices it leaves open, how much it says, and what kind of words said it."""

    choices: tuple[str, ...]
    weight: int
    kind: str


@dataclass(slots=True)
class Findings:
    """All that was said, and all that forbids guessing."""

    evidence: list[Evidence] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    mentioned: bool = False
    loose_neg: bool = False
    but: bool = False
    since: bool = False
    known: bool = False
    tones: set[str] = field(default_factory=set)
    past: bool = False

    def say(self, choices: tuple[str, ...], weight: int, kind: str) -> None:
        """Add evidence, if it leaves any choice open."""
        if choices:
            self.evidence.append(Evidence(choices, weight, kind))

    def doubt(self, reason: str) -> None:
        """Add a reason to ask."""
        self.doubts.append(reason)


@dataclass(slots=True)
class Clause:
    """What the words so far in this clause do to the next ones; `now` is said anywhere in it."""

    now: bool = False
    have: bool = False
    had: bool = False
    neg: int = 0
    over: bool = False
    never: bool = False


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


def gather(tags: Sequence[Tag], meaning: Meaning) -> Findings:
    """What was said and what forbids guessing, clause by clause."""
    found = Findings()
    for _, group in groupby(_clauses(tags), key=lambda each: each[0]):
        _read_clause([tag for _, tag in group], meaning, found)
    return found


def decide(found: Findings, meaning: Meaning, valid: Collection[str]) -> Chose | NotSure | NotUnderstood:
    """The one choice everything said agrees on, if nothing forbids guessing."""
    evidence = _with_unsure(found.evidence, meaning)
    if not evidence and found.mentioned:
        evidence = [Evidence((*meaning.asserted, *((meaning.denied,) if meaning.denied else ())), 0, "mention")]
    agreed = _agreed(evidence, meaning)
    _late_doubts(found, agreed, meaning)
    if agreed in valid and agreed is not None and not found.doubts and _enough(evidence, agreed, meaning):
        return Chose(choice=agreed)
    return _ask(evidence, meaning, valid)


def _clauses(tags: Sequence[Tag]) -> list[tuple[int, Tag]]:
    """The tags with a clause number: a comma, a stop or a "but" begins a new one."""
    numbered, extra = [], 0
    for tag in tags:
        if tag.kind == "but":
            extra += 1
        numbered.append((tag.words[0].clause + extra, tag))
    return numbered


def _read_clause(tags: Sequence[Tag], meaning: Meaning, found: Findings) -> None:
    clause = Clause(now=any(tag.kind == "now" for tag in tags))
    spoke = len(found.evidence)
    embedded = False  # after "I don't know if": what follows is not said, only wondered
    for place, tag in enumerate(tags):
        if not embedded or tag.kind in DOUBTS:
            _read_tag(tag, tags[place + 1 :], clause, meaning, found)
        embedded = embedded or tag.kind == "unsure_if"
    if clause.neg:
        found.loose_neg = True
    if clause.over:
        _claim("over", meaning.claims.get("over"), Clause(), meaning, found)
    if clause.had and len(found.evidence) == spoke and meaning.now:
        _claim("once", meaning.claims.get("once"), Clause(), meaning, found)


def _read_tag(tag: Tag, later: Sequence[Tag], clause: Clause, meaning: Meaning, found: Findings) -> None:
    match tag.kind:
        case kind if kind in DOUBTS:
            found.doubt(f"{kind}: {tag.text}")
        case "inert" | "topic":
            if meaning.strict:
                found.doubt(f"more than a plain answer: {tag.text}")
        case "neg":
            clause.neg += 1
        case "have":
            clause.have = True
        case "once":
            clause.had = True
        case "nomore":
            clause.over = True
        case "subject":
            _subject(clause, meaning, found)
        case "affirm" | "deny":
            _pro_form(tag, later, clause, meaning, found)
        case "but" | "since" | "was" | "time_past" | "known" | "mood" | "relief" | "regret":
            found.but |= tag.kind == "but"
            found.tones.add(tag.kind)
            found.known |= tag.kind == "known"
            found.since |= tag.kind == "since"
            found.past |= tag.kind in ("was", "time_past") and not clause.never
        case kind if kind in COMMON:
            _plain(tag, later, clause, meaning, found)
        case kind:
            _claim(kind, meaning.claims.get(kind, Claim((kind,))), clause, meaning, found)


def _plain(tag: Tag, later: Sequence[Tag], clause: Clause, meaning: Meaning, found: Findings) -> None:
    """A plain yes, no, "I don't know", a sign, or "none", which is a no or negates what follows."""
    yes, no = meaning.yes, meaning.no
    if tag.kind in ("yes", "no", "none") and not (no if tag.kind != "yes" else yes):
        found.doubt("a yes or a no answers nothing here")
    sure = ENOUGH if meaning.welcome else 1
    match tag.kind:
        case "yes":
            found.say(yes, ENOUGH if meaning.yes_alone else 0, "yes")
        case "assent" if meaning.assent:
            found.say(yes, ENOUGH, "yes")
        case "thumbs_up" | "check":
            found.say(yes, 1 if meaning.strict else sure, tag.kind)
        case "thumbs_down":
            found.say(no, 1 if meaning.strict else sure, tag.kind)
        case "cross":
            found.say(no, 1 if meaning.strict else ENOUGH, tag.kind)
        case "no" if clause.have and _something(later):
            clause.neg += 1
        case "none" if _something(later):
            clause.neg += 1
            clause.never = clause.never or "never" in tag.text or "jamais" in tag.text
        case "no" if clause.neg:
            found.doubt("double negation")
        case "no" | "none":
            found.say(no, ENOUGH if meaning.no_alone else 0, "no")
        case "unsure" | "unsure_if":
            found.say(("unsure",), ENOUGH, "unsure")


def _something(later: Sequence[Tag]) -> bool:
    """Whether something follows that a negation can be about."""
    return any(tag.kind in ("subject", "affirm", "deny") or tag.kind not in COMMON for tag in later)


def _pro_form(tag: Tag, later: Sequence[Tag], clause: Clause, meaning: Meaning, found: Findings) -> None:
    """ "I do", "j'en ai une", "I am not": an answer where the clause ends, else the beginning of a statement."""
    if any(each.kind not in SILENT | AFTER_PRO_FORM for each in later):
        clause.have = True
        clause.neg += tag.kind == "deny"
    elif clause.neg:
        found.doubt("double negation")
    elif tag.kind == "affirm":
        found.say(meaning.yes, ENOUGH if meaning.yes_alone else 0, "yes")
    else:
        found.say(meaning.no, ENOUGH if meaning.no_alone else 0, "no")


def _subject(clause: Clause, meaning: Meaning, found: Findings) -> None:
    """The question's own subject was named: had, no longer had, denied, asserted, or only mentioned."""
    found.mentioned = True
    if clause.neg > 1:
        found.doubt("double negation")
    elif clause.over:
        return
    elif clause.neg == 1:
        clause.neg = 0
        clause.had = False
        found.say((meaning.denied,) if meaning.denied else (), ENOUGH, "denied")
    elif clause.had and meaning.now:
        _claim("once", meaning.claims.get("once"), Clause(), meaning, found)
    elif clause.have or clause.had or clause.now:
        found.say(meaning.asserted, ENOUGH if len(meaning.asserted) == 1 else 0, "asserted")


def _claim(kind: str, claim: Claim | None, clause: Clause, meaning: Meaning, found: Findings) -> None:
    """One of the question's own kinds of phrases, with what stands before it."""
    if claim is None:
        found.doubt(f"speaks of the past ({kind})")
        return found.say((*meaning.no, *meaning.asserted), 0, kind)
    if clause.neg == 0:
        return found.say(claim.choices, claim.weight, kind)
    if clause.neg == 1 and claim.denied:
        found.say((claim.denied,), ENOUGH, f"not {kind}")
    else:
        found.doubt(f"negation of {kind}")
        found.say(claim.choices, 0, kind)
    clause.neg = 0
    return None


def _with_unsure(evidence: list[Evidence], meaning: Meaning) -> list[Evidence]:
    """ "Low, but I don't know how low" is one answer, not two."""
    kinds = {each.kind for each in evidence}
    if "unsure" not in kinds:
        return evidence
    for kind, choice in meaning.with_unsure.items():
        if kind in kinds and kinds <= {kind, "unsure", "yes", "how_low", "maybe_can"}:
            return [Evidence((choice,), ENOUGH, f"{kind} + unsure")]
    return evidence


def _agreed(evidence: Sequence[Evidence], meaning: Meaning) -> str | None:
    """The only choice that everything said leaves open."""
    if not evidence:
        return None
    left = [choice for choice in evidence[0].choices if all(choice in each.choices for each in evidence)]
    if len(left) == 1:
        return left[0]
    kinds = {each.kind for each in evidence}
    if kinds <= {"yes", "check", "thumbs_up"} and left:
        return meaning.yes_alone
    return meaning.no_alone if kinds <= {"no", "cross", "thumbs_down"} and left else None


def _enough(evidence: Sequence[Evidence], agreed: str, meaning: Meaning) -> bool:
    """Whether enough was said: one clear statement, or two different weak ones that agree."""
    plain = {"yes": meaning.yes_alone, "no": meaning.no_alone}
    by_kind = {each.kind: each.weight for each in evidence if plain.get(each.kind, agreed) == agreed}
    return sum(by_kind.values()) >= ENOUGH


def _late_doubts(found: Findings, agreed: str | None, meaning: Meaning) -> None:
    """The doubts that depend on what was understood."""
    if found.but and agreed not in meaning.excused:
        found.doubt("but")
    if found.past and meaning.now and agreed != "past":
        found.doubt("speaks of the past")
    no = agreed is not None and agreed in meaning.no
    if found.known and not no:
        found.doubt("as far as they know")
    if "mood" in found.tones and not no:
        found.doubt("says how they are")
    if not meaning.welcome and (("relief" in found.tones and agreed in meaning.yes) or ("regret" in found.tones and no)):
        found.doubt("a tone that fits the opposite better")
    if found.since and no:
        found.doubt("no, since")
    if found.loose_neg and agreed != "unsure":
        found.doubt("a negation of nothing named")
    strangers = [doubt for doubt in found.doubts if doubt.startswith("unknown: ")]
    if agreed == "unsure" and len(strangers) <= FORGIVEN and strangers == found.doubts:
        found.doubts.clear()  # "my cuff is broken so I don't know": clears nobody, turns nobody away


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
