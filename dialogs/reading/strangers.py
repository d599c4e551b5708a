"""Words nobody prepared: whether they are a detail beside an answer, or may belong to what was answered.

People tell more than was asked: "no, the nurse here is lovely". Such a detail is let be. A word that a "no", a "not" or
an adjective of the question stands right beside is no detail ("no crohns", "severe heartburn"): it may be what the
answer is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dialogs.reading.lexicon import Tag, words_named

# `illness`, `drug`, `part`: known words, but of another illness, medicine or part of the body than was asked about.
STRANGE = frozenset({"unknown", "number", "illness", "drug", "part"})
NEGATING = frozenset({"neg", "none", "no"})
# What ends with one of these goes on: "je veux pas (mourir)", "I do not want (to die)".
OPEN_ENDED = frozenset({"pas", "want", "to"})
# Adjectives that people use of anything, so the word after them may be another subject.
DESCRIBING = frozenset({"severe", "some", "low", "very_low", "high", "hard", "normal", "fine", "controlled", "long"})
# Of these the word before them may be the subject as well ("oesophage atteint").
FOLLOWING = frozenset({"severe", "some", "controlled", "subject"})
UNSURE = frozenset({"unsure", "unsure_if", "how_low", "how_bad"})
# With one of these in the clause its adjective has something to speak of.
TOPICAL = frozenset({"topic", "subject", "special", "narrow", "yes", "no", "none"})
PLACES = frozenset({"paris", "montreal"})  # "Paris Kentucky"
# A "yes" with no more than this beside it ("yes, my skin") may be about that.
NOUN_PHRASE = 2

# With so many words that nobody prepared a clause without an answer is about something else.
ASIDE = 3
# What a person does or has that is not the question's own subject.
DOING = STRANGE | {"detail", "topic", "treated", "taken"}
AGENT = frozenset({"start", "have", "affirm"})


def is_bound(tags: Sequence[Tag], place: int, silent: frozenset[str]) -> bool:
    """Whether the strange word at this place may be what the rest of its clause is about."""
    before = [tag for tag in tags[:place] if tag.kind not in silent and tag.kind not in STRANGE]
    if before and before[-1].kind in NEGATING:
        return True
    if place and tags[place - 1].words[-1].text in OPEN_ENDED and tags[place - 1].kind not in UNSURE:
        return True
    if not _topic(tags) and _is_described(tags, place):
        return tags[place].kind != "number"
    if place and tags[place - 1].kind in DESCRIBING | PLACES:
        return tags[place].kind != "number"
    if [tag.kind for tag in tags[max(0, place - 2) : place]] in (["montreal", "det"], ["paris", "det"]):
        return True  # "Montréal-la-Cluse"
    if place + 1 < len(tags) and tags[place + 1].kind in FOLLOWING:
        return tags[place].kind != "number"
    return _beside_a_lone_yes(tags, silent)


def _is_described(tags: Sequence[Tag], place: int) -> bool:
    """Whether it is this word that is good or bad: "my (vitamin) is very low"."""
    after = [tag.kind for tag in tags[place + 1 :]]
    verbs = next((count for count, kind in enumerate(after) if kind != "inert"), len(after))
    begins = any(tag.kind == "det" for tag in tags[max(0, place - 2) : place])
    return (begins or verbs > 0) and after[verbs : verbs + 1] != [] and after[verbs] in DESCRIBING


def _topic(tags: Sequence[Tag]) -> bool:
    """Whether this clause names the question's own subject, or begins with an answer, or with "it"."""
    return any(tag.kind in TOPICAL for tag in tags)


def is_denied(before: Sequence[Tag]) -> bool:
    """Whether a "no" or a "not" stands right before: "no antibiotics"."""
    said = [tag.kind for tag in before if tag.kind != "det"]
    return bool(said) and said[-1] in NEGATING


def _beside_a_lone_yes(tags: Sequence[Tag], silent: frozenset[str]) -> bool:
    """Whether the clause is a yes and a few strange words: "yes my skin"."""
    said = [tag.kind for tag in tags if tag.kind not in silent]
    strange = [kind for kind in said if kind in STRANGE]
    return "yes" in said and len(strange) <= NOUN_PHRASE and len(said) == len(strange) + said.count("yes")


def tells_something_else(tags: Sequence[Tag]) -> bool:
    """Whether this clause is a sentence about other things: "(no) the nurse brings her dog along"."""
    strange = sum(tag.kind in STRANGE for tag in tags)
    return strange >= ASIDE and not any(tag.kind in ("subject", "special") for tag in tags)


def is_deed(tags: Sequence[Tag]) -> bool:
    """Whether this tells what somebody does or has: "I measure it", "j'ai un appareil", "a nurse called"."""
    said = [tag for tag in tags if tag.kind not in ("inert", "det", "polite")]
    clinicians = words_named("clinicians", "words")
    theirs = any(one.words[-1].text in clinicians and two.kind == "unknown" for one, two in pairwise(tags))
    return theirs or any(one.kind in AGENT and two.kind in DOING for one, two in pairwise(said))


def is_about_the_topic(tags: Sequence[Tag]) -> bool:
    """Whether something nobody prepared is told of the topic: "the nurse took blood"."""
    kinds = {tag.kind for tag in tags}
    return "topic" in kinds and not kinds.isdisjoint(STRANGE | {"detail"})


def is_a_year(tag: Tag) -> bool:
    return len(tag.text) == len("1970") and tag.text[:2] in ("19", "20")
