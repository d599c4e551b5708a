"""Tagged words -> what was said: evidence for choices, and what forbids guessing.

A statement is read clause by clause: negations, "had", "no longer" and "I have" work on what follows them, until a
comma, a stop or a "but". Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dialogs.reading.clauses import DOUBTS, clauses_of
from dialogs.reading.lexicon import Tag
from dialogs.reading.meanings import Claim, Meaning
from dialogs.reading.strangers import STRANGE, is_bound, is_denied

# Kinds that say nothing by themselves. `start`, `det`: with which a new sentence begins ("it", "my").
# `detail`: words of everyday things that turn no answer round, but that an answer may be about.
SILENT = frozenset({"inert", "detail", "polite", "topic", "born", "start", "det", "relative"})
# Kinds that colour the whole text: what they mean depends on what is understood of the rest.
TONES = frozenset({"but", "since", "was", "time_past", "known", "mood", "woe", "relief", "regret", "narrow", "only"})
PLAIN = frozenset(
    {"yes", "no", "none", "unsure", "unsure_if", "pending", "assent", "thumbs_up", "thumbs_down", "check", "cross"}
)
LINKS = frozenset({"neg", "nomore", "once", "have", "affirm", "deny", "subject", "special", "now"})
# Kinds with a meaning of their own in every question; any other kind is a claim of the question.
COMMON = DOUBTS | SILENT | TONES | PLAIN | LINKS | STRANGE
# What may follow "I do" without making it the beginning of a statement.
AFTER_PRO_FORM = (SILENT - {"detail"}) | {"now", "yes", "since", "time_past", "relief", "regret", "known"}
# What may stand beside the plain word where nothing but a plain yes or no will do.
COURTESIES = frozenset({"polite", "yes", "no"})
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something said: the choices it leaves open, how much it says, and what kind of words said it."""

    choices: tuple[str, ...]
    weight: int
    kind: str


@dataclass(slots=True)
class Findings:
    """All that was said, its tones, and all that forbids guessing.

    `mentioned`: the subject was named. `loose`: a negation of nothing that was named. `strangers`: how many words
    nobody prepared. `plainly_unsure`: "I don't know" stands alone between two commas.
    """

    evidence: list[Evidence] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    tones: set[str] = field(default_factory=set)
    mentioned: bool = False
    loose: bool = False
    strangers: int = 0
    plainly_unsure: bool = False

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


def gather(tags: Sequence[Tag], meaning: Meaning) -> Findings:
    """What was said and what forbids guessing, clause by clause."""
    found = Findings()
    for clause in clauses_of(tags):
        _read_clause(clause, meaning, found)
    return found


def _read_clause(tags: Sequence[Tag], meaning: Meaning, found: Findings) -> None:
    clause = Clause(now=any(tag.kind == "now" for tag in tags))
    said_before = len(found.evidence)
    wondered = False  # after "I don't know if": what follows is not said
    for place, tag in enumerate(tags):
        if tag.kind == "relative" and place == 0:  # elsewhere "who", "which" only join sentences
            found.doubt(f"question: {tag.text}")
        if not (wondered and _asked_about(tag, meaning)):
            _read_tag(tag, tags[place + 1 :], clause, meaning, found)
        if tag.kind == "unsure_if":
            wondered = True
            found.tones.add(tag.kind)
    found.plainly_unsure |= {tag.kind for tag in tags} - SILENT == {"unsure"}
    _strangers(tags, clause, len(found.evidence) > said_before, found)
    if clause.over:
        _claim("nomore", meaning.claims.get("over"), Clause(), meaning, found)
    if clause.had and meaning.now and not clause.never:
        _claim("had", meaning.claims.get("once"), Clause(), meaning, found)


def _strangers(tags: Sequence[Tag], clause: Clause, says: bool, found: Findings) -> None:
    """The words nobody prepared: a doubt where they may be what the answer is about, else a detail."""
    strange = [place for place, tag in enumerate(tags) if tag.kind in STRANGE]
    found.strangers += len(strange)
    found.tones |= {tags[place].kind for place in strange}
    if says:
        bound = [tags[place] for place in strange if is_bound(tags, place, SILENT)]
        bound += [tag for place, tag in enumerate(tags) if tag.kind == "detail" and is_denied(tags[:place])]
        found.doubts += [f"{tag.kind}: {tag.text}" for tag in bound]
    found.loose |= clause.neg > 0 and (says or not strange)


def _asked_about(tag: Tag, meaning: Meaning) -> bool:
    """Whether these words only repeat the question, so that "I don't know if" answers it."""
    claim = meaning.claims.get(tag.kind)
    return tag.kind in LINKS or (claim is not None and claim.choices == meaning.yes)


def _read_tag(tag: Tag, later: Sequence[Tag], clause: Clause, meaning: Meaning, found: Findings) -> None:
    kind = tag.kind
    if meaning.strict and kind in COMMON - COURTESIES:
        found.doubt(f"more than a plain answer: {tag.text}")
    if kind in DOUBTS:
        found.doubt(f"{kind}: {tag.text}")
    elif kind in TONES:
        if not (clause.never and kind in ("was", "time_past")):  # "I have never been ..." is about now as well
            found.tones.add(kind)
    elif kind in PLAIN and kind not in meaning.claims:
        _plain(tag, later, clause, meaning, found)
    elif kind in LINKS:
        _link(tag, later, clause, meaning, found)
    elif kind in meaning.claims or kind not in SILENT | STRANGE:
        _claim(kind, meaning.claims.get(kind, Claim((kind,))), clause, meaning, found)


def _link(tag: Tag, later: Sequence[Tag], clause: Clause, meaning: Meaning, found: Findings) -> None:
    """What works on other words: a negation, "had", "no longer", "I have", the subject itself."""
    match tag.kind:
        case "neg":
            clause.neg += 1
        case "have":
            clause.have = True
        case "once":
            clause.had = True
        case "nomore":
            clause.over = True
        case "subject" | "special":
            found.tones.add(tag.kind)
            _subject(clause, meaning, found)
        case "affirm" | "deny":
            _pro_form(tag, later, clause, meaning, found)


def _plain(tag: Tag, later: Sequence[Tag], clause: Clause, meaning: Meaning, found: Findings) -> None:
    """A plain yes, no or "I don't know", or "none", which is a no or negates what follows."""
    match tag.kind:
        case "no" if clause.have and _something(later):
            clause.neg += 1
        case "none" if any(each.kind in ("yes", "no") for each in later):
            found.doubt("double negation")
        case "none" if _something(later):
            clause.neg += 1
            clause.never = True
        case "no" if clause.neg:
            found.doubt("double negation")
        case "no" | "none":
            clause.never |= tag.kind == "none"
            _answer(meaning.no, meaning.no_alone, "no", found)
        case "yes":
            _answer(meaning.yes, meaning.yes_alone, "yes", found)
        case "assent" if meaning.assent:
            found.say(meaning.yes, ENOUGH, "yes")
        case "unsure" | "unsure_if":
            found.say(("unsure",), ENOUGH, "unsure")
        case "pending":
            found.say(("unsure",), 1, "pending")
        case _:
            _sign(tag.kind, meaning, found)


def _answer(choices: tuple[str, ...], alone: str | None, kind: str, found: Findings) -> None:
    if not choices:
        found.doubt("a yes or a no answers nothing here")
    found.say(choices, ENOUGH if alone else 0, kind)


def _sign(kind: str, meaning: Meaning, found: Findings) -> None:
    """A thumb or a check mark: an answer only where it cannot mean "all is well"; a cross is always a no."""
    sure = ENOUGH if meaning.welcome and not meaning.strict else 1
    match kind:
        case "thumbs_up" | "check":
            found.say(meaning.yes, sure, kind)
        case "thumbs_down":
            found.say(meaning.no, sure, kind)
        case "cross":
            found.say(meaning.no, 1 if meaning.strict else ENOUGH, kind)


def _something(later: Sequence[Tag]) -> bool:
    """Whether something follows that a negation can be about."""
    said = [tag.kind for tag in later if tag.kind not in SILENT]
    if said and said[0] in STRANGE:
        return True
    return any(tag.kind in ("subject", "special", "affirm", "deny") or tag.kind not in COMMON for tag in later)


def _pro_form(tag: Tag, later: Sequence[Tag], clause: Clause, meaning: Meaning, found: Findings) -> None:
    """ "I do", "j'en ai une", "I am not": an answer where the clause ends, else the beginning of a statement."""
    noes = [place for place, each in enumerate(later) if each.kind == "no"]
    if noes and tag.kind == "affirm" and not _something(later[noes[-1] :]):
        found.doubt("I do, no")
    if any(each.kind not in AFTER_PRO_FORM for each in later):
        clause.have = True
        clause.neg += tag.kind == "deny"
    elif clause.neg:
        found.doubt("double negation")
    elif tag.kind == "affirm":
        _answer(meaning.yes, meaning.yes_alone, "yes", found)
    else:
        _answer(meaning.no, meaning.no_alone, "no", found)


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
        clause.had = False
        _claim("had", meaning.claims.get("once"), Clause(), meaning, found)
    elif clause.have or clause.had or clause.now:
        found.say(meaning.asserted, ENOUGH if len(meaning.asserted) == 1 else 0, "asserted")


def _claim(kind: str, claim: Claim | None, clause: Clause, meaning: Meaning, found: Findings) -> None:
    """One of the question's own kinds of phrases, with what stands before it."""
    if claim is None:
        found.doubt(f"speaks of the past ({kind})")
        found.say((*meaning.no, *meaning.asserted), 0, kind)
    elif clause.neg == 0:
        found.say(claim.choices, claim.weight, kind)
    elif clause.neg == 1 and claim.denied:
        found.say((claim.denied,), ENOUGH, f"not {kind}")
    elif clause.neg == 1 and claim.unless:
        found.say(claim.unless, 0, f"not {kind}")
    else:
        found.doubt(f"negation of {kind}")
        found.say(claim.choices, 0, kind)
    clause.neg = 0
