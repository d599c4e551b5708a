"""What was said: evidence for choices, tones that colour it, and what forbids guessing."""

from __future__ import annotations

from dataclasses import dataclass, field

# A statement of this weight is an answer by itself.
ENOUGH = 2
# The doubt that what is told is over.
PAST = "speaks of the past"


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
    nobody prepared. `plainly_unsure`: "I don't know" stands alone between two commas. `own_deed`: a sentence tells of
    something the person does or has, "I measure it".
    """

    evidence: list[Evidence] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    tones: set[str] = field(default_factory=set)
    mentioned: bool = False
    loose: bool = False
    strangers: int = 0
    plainly_unsure: bool = False
    own_deed: bool = False

    def say(self, choices: tuple[str, ...], weight: int, kind: str) -> None:
        """Add evidence, if it leaves any choice open."""
        if choices:
            self.evidence.append(Evidence(choices, weight, kind))

    def doubt(self, reason: str) -> None:
        """Add a reason to ask."""
        self.doubts.append(reason)
