"""A text cut into clauses, and which of them are about the person who answers.

A comma, a stop or a "but" begins a clause, and so does a sentence right after a plain yes or no. What is said of a
relative is left out where the person then speaks of themselves: "my father had it, but I do not".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from dialogs.reading.lexicon import Tag, words_named
from dialogs.reading.meanings import Meaning

# Kinds that always ask, whatever else was said.
DOUBTS = frozenset({"hedge", "if", "question", "other", "future", "degree", "odd", "or"})
# What begins a new sentence; after "my" only where enough words follow for one.
BEGINNING = frozenset({"start", "have", "once", "affirm", "deny"})
SENTENCE = 4
# How it was before, and the plain answers that hold for now whatever was.
BEFORE = frozenset({"was", "time_past", "once"})
PLAINLY = frozenset({"yes", "no", "unsure", "hedge", "if", "other"})
# Who says these speaks of themselves.
SELF = frozenset({"i", "me", "mine", "moi", "je"})
SELF_ONLY = frozenset({"me", "moi", "mine", "la mienne", "le mien"})
# "Cancer? None.": so many words may only repeat the question, and these kinds of words do.
ECHO = 4
ECHOING = frozenset(
    {"subject", "special", "topic", "vague", "inert", "det", "start", "polite", "have", "affirm", "now"}
)
# "(my mother did) but no": the answer that begins with one of these begins a clause.
TURNING = frozenset({"but", "mais"})
# After a plain answer and any of these a sentence may still begin: "no and my tests were good".
LOOSE = frozenset({"polite", "but", "inert"})


def clauses_of(tags: Sequence[Tag]) -> list[list[Tag]]:
    """The tags clause by clause, without what is said of somebody else beside what is said of oneself."""
    numbered = groupby(_clauses(tags), lambda each: each[0])
    return _about_themselves([[tag for _, tag in group] for _, group in numbered])


def about_now(clauses: list[list[Tag]]) -> list[list[Tag]]:
    """Without what was before, where it is then said how it is now: "it was high, but now it is fine"."""
    now = next((place for place, clause in enumerate(clauses) if place and _speaks_of(clause, "now")), 0)
    before = [kind for clause in clauses[:now] for kind in (tag.kind for tag in clause)]
    said = {word.text for clause in clauses[:now] for tag in clause for word in tag.words}
    recent = not said.isdisjoint(words_named("recently", "words"))
    if recent or BEFORE.isdisjoint(before) or not PLAINLY.isdisjoint(before):
        return clauses
    return [[tag for tag in clause if tag.kind != "but"] for clause in clauses[now:]]


def without_echoes(tags: Sequence[Tag], questions: Collection[int], meaning: Meaning) -> tuple[tuple[Tag, ...], bool]:
    """The tags without the question repeated before its answer ("cancer? none"), and whether anything is asked."""
    last = tags[-1].words[0].sentence if tags else -1
    echoes = {each for each in questions if each < last and _is_echo([*_of_sentence(tags, each)], meaning)}
    kept = tuple(tag for tag in tags if tag.words[0].sentence not in echoes)
    return kept, bool(set(questions) - echoes)


def _of_sentence(tags: Sequence[Tag], sentence: int) -> Iterator[Tag]:
    return (tag for tag in tags if tag.words[0].sentence == sentence)


def _is_echo(tags: Sequence[Tag], meaning: Meaning) -> bool:
    """Whether these few words only name what was asked about."""
    claims = {kind for kind, claim in meaning.claims.items() if claim.choices == meaning.yes}
    return sum(len(tag.words) for tag in tags) <= ECHO and {tag.kind for tag in tags} <= ECHOING | claims


def where_they_live(clauses: list[list[Tag]]) -> list[list[Tag]]:
    """Only where the person says to live, beside places they came from: "from Paris, I live in Montréal"."""
    living = [clause for clause in clauses if _speaks_of(clause, "living") and not _speaks_of(clause, "was")]
    rest = [tag.kind for clause in clauses if clause not in living for tag in clause]
    gone = not {"was", "odd", "other"}.isdisjoint(rest) and {"future", "or", "if", "hedge"}.isdisjoint(rest)
    return living if living and gone else clauses


def _about_themselves(clauses: list[list[Tag]]) -> list[list[Tag]]:
    """Without what is said of a relative, where the person then speaks of themselves: "my father did, but I do not"."""
    of_others = [place for place, clause in enumerate(clauses) if _speaks_of(clause, "other") and not _of_self(clause)]
    denied = _denied_before(clauses, of_others)
    if not of_others or not (denied or any(_of_self(clause) for clause in clauses[of_others[-1] + 1 :])):
        return clauses
    doubts = [tag for place in of_others for tag in clauses[place] if tag.kind in DOUBTS - {"other"}]
    kept = [clause for place, clause in enumerate(clauses) if place not in of_others]
    mine = [[tag for tag in clause if tag.kind != "but" and tag.text not in SELF_ONLY] for clause in kept]
    return [*mine, doubts] if doubts else mine


def _denied_before(clauses: Sequence[Sequence[Tag]], of_others: Sequence[int]) -> bool:
    """Whether a plain no stands before all that is said of relatives: "no, and my cousin is cured"."""
    relatives = words_named("helping", "relatives")
    named = all(
        any(word.text in relatives for tag in clauses[place] for word in tag.words)
        and not any(_speaks_of(clauses[place], kind) for kind in ("adult", "minor"))
        for place in of_others
    )
    before = clauses[: of_others[0]] if of_others else ()
    return named and any(_speaks_of(clause, "no") for clause in before)


def _speaks_of(clause: Sequence[Tag], kind: str) -> bool:
    return any(tag.kind == kind for tag in clause)


def _of_self(clause: Sequence[Tag]) -> bool:
    return any(word.text in SELF for tag in clause for word in tag.words)


def _clauses(tags: Sequence[Tag]) -> list[tuple[int, Tag]]:
    """The tags with a clause number: a comma, a stop, a "but" or, after a plain answer, a sentence begins a new one."""
    numbered, extra, plain = [], 0, False
    for place, tag in enumerate(tags):
        turns = tag.kind == "but" or (place and tag.words[0].text in TURNING)
        if turns or (plain and _begins(tags[place:])):
            extra += 1
        answers = tag.kind in ("yes", "no", "unsure") and not says_untold(tag)
        plain = answers or (plain and tag.kind in LOOSE)
        numbered.append((tag.words[0].clause + extra, tag))
    return numbered


def says_untold(tag: Tag) -> bool:
    """Whether this no is that nobody said so: "no doctor ever told me"."""
    saying = words_named("saying", "words")
    return tag.kind == "no" and len(tag.words) > 1 and any(word.text in saying for word in tag.words)


def _begins(tags: Sequence[Tag]) -> bool:
    """Whether a sentence begins here, comma or not: "(no) I am fine", "(no) my tests were good"."""
    if tags[0].kind == "det":
        return sum(len(tag.words) for tag in tags if tag.words[0].clause == tags[0].words[0].clause) >= SENTENCE
    return tags[0].kind in BEGINNING
