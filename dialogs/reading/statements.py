"""Tagged words -> what was said: evidence for choices, and what forbids guessing.

A statement is read clause by clause: negations, "had", "no longer" and "I have" work on what follows them, until a
comma, a stop or a "but". Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialogs.reading.clauses import DOUBTS, about_now, clauses_of, says_untold, where_they_live
from dialogs.reading.evidence import ENOUGH, PAST, Findings
from dialogs.reading.lexicon import Tag, words_named
from dialogs.reading.meanings import Claim, Meaning
from dialogs.reading.strangers import (
    STRANGE,
    is_a_year,
    is_about_the_topic,
    is_bound,
    is_deed,
    is_denied,
    tells_something_else,
)

# Kinds that say nothing by themselves. `start`, `det`: with which a new sentence begins ("it", "my").
# `detail`: words of everyday things that turn no answer round, but that an answer may be about.
SILENT = frozenset({"living", "inert", "detail", "polite", "topic", "born", "start", "det", "relative"})
# Kinds that colour the whole text: what they mean depends on what is understood of the rest.
TONES = frozenset(
    {"but", "since", "was", "time_past", "known", "mood", "woe", "relief", "regret", "narrow", "only", "aged"}
)
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
# What says nothing by itself, but a "no" right before may be about it alone: "no pills".
DENIABLE = frozenset({"detail", "treated"})


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
    clauses = where_they_live(clauses_of(tags))
    if meaning.now and meaning.yes and "once" not in meaning.claims:
        clauses = about_now(clauses)
    for clause in clauses:
        _read_clause(clause, meaning, found)
    said = {word.text for tag in tags for word in tag.words}
    found.tones |= {tone for tone in ("examined", "talked", "watched") if said & words_named(tone, "words")}
    if any(tag.kind == "number" and not is_a_year(tag) for tag in tags):
        found.tones.add("counted")
    return found


def _read_clause(tags: Sequence[Tag], meaning: Meaning, found: Findings) -> None:
    clause = Clause(now=any(tag.kind == "now" for tag in tags))
    said_before, doubted_before = len(found.evidence), len(found.doubts)
    wondered = False  # after "I don't know if": what follows is not said
    untold = False  # after "nobody told me that": neither
    for place, tag in enumerate(tags):
        if tag.kind == "relative" and place == 0:  # elsewhere "who", "which" only join sentences
            found.doubt(f"question: {tag.text}")
        if untold and _is_not_told(tag, meaning):
            continue
        if not (wondered and _asked_about(tag, meaning)):
            _read_tag(tag, tags[place + 1 :], clause, meaning, found)
        untold |= says_untold(tag)
        if tag.kind == "unsure_if":
            wondered = True
            found.tones.add(tag.kind)
    found.plainly_unsure |= {tag.kind for tag in tags} - SILENT == {"unsure"}
    says = len(found.evidence) > said_before
    found.own_deed |= is_deed(tags) or is_about_the_topic(tags)
    _strangers(tags, clause, says, found)
    if said_before and not says and tells_something_else(tags):
        aside = [doubt for doubt in found.doubts[doubted_before:] if not doubt.startswith("other: ")]
        found.doubts[doubted_before:] = aside
    if clause.over:
        _claim("nomore", meaning.claims.get("over"), Clause(), meaning, found)
    if clause.had and meaning.now and not clause.never:
        barely = not any(tag.kind in STRANGE | {"detail", "topic"} for tag in tags)
        _claim("had it" if barely else "had", meaning.claims.get("once"), Clause(), meaning, found)


def _is_not_told(tag: Tag, meaning: Meaning) -> bool:
    """Whether these words are what was never told: "(nobody told me that) I have cancer", "... they are low"."""
    claim = meaning.claims.get(tag.kind)
    told = claim is not None and not set(claim.choices).intersection(meaning.no)
    return told or tag.kind in LINKS - {"neg", "nomore", "deny"} or tag.kind in ("was", "narrow", "relative")


def _strangers(tags: Sequence[Tag], clause: Clause, says: bool, found: Findings) -> None:
    """The words nobody prepared: a doubt where they may be what the answer is about, else a detail."""
    strange = [place for place, tag in enumerate(tags) if tag.kind in STRANGE]
    found.strangers += len(strange)
    found.tones |= {tags[place].kind for place in strange}
    if says:
        bound = [tags[place] for place in strange if is_bound(tags, place, SILENT)]
        bound += [tag for place, tag in enumerate(tags) if tag.kind in DENIABLE and is_denied(tags[:place])]
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
            alone = not any(each.kind in STRANGE for each in later)
            _subject(clause, meaning, found, alone=alone)
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
            _answer(meaning.no, meaning.no_alone, "untold" if says_untold(tag) else "no", found)
        case "yes" if tag.own and meaning.yes_alone:
            found.say(meaning.yes if "once" in meaning.claims else (meaning.yes_alone,), ENOUGH, "stated")
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
        case "thumbs_up" | "check" if any(each.choices == meaning.no for each in found.evidence):
            return  # "none 👍": all is well
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
    noes = [place for place, each in enumerate(later) if each.kind == "no" and len(each.words) == 1]
    if noes and tag.kind == "affirm" and not _something(later[noes[-1] :]):
        found.doubt("I do, no")
    if any(each.kind not in AFTER_PRO_FORM for each in later):
        clause.have = True
        clause.neg += tag.kind == "deny"
    elif clause.neg:
        found.doubt("double negation")
    elif found.evidence and not meaning.yes:
        return  # "another disease I have"
    elif tag.kind == "affirm":
        _answer(meaning.yes, meaning.yes_alone, "yes", found)
    else:
        _answer(meaning.no, meaning.no_alone, "no", found)


def _subject(clause: Clause, meaning: Meaning, found: Findings, *, alone: bool) -> None:
    """The question's own subject was named: had, no longer had, denied, asserted, or only mentioned.

    `alone`: nothing strange follows that may be what was had ("a cancer test").
    """
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
        once = meaning.claims.get("once")
        _claim("had the subject" if alone else "had", once, Clause(), meaning, found)
    elif clause.have or clause.had or clause.now:
        found.say(meaning.asserted, ENOUGH if len(meaning.asserted) == 1 else 0, "asserted")


def _claim(kind: str, claim: Claim | None, clause: Clause, meaning: Meaning, found: Findings) -> None:
    """One of the question's own kinds of phrases, with what stands before it."""
    if claim is None:
        found.doubt(f"{PAST} ({kind})")
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
