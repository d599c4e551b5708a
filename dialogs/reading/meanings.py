"""What the kinds of words mean for each question: which choices a yes, a no, "I have it", "I had it" speak for.

The words themselves live in words/*.toml. Here is only what belongs to the study's own choices (trial.md §2).
A claim of weight 2 is an answer by itself. Of weight 1 it needs another that agrees; of weight 0 it only narrows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Claim:
    """What one kind of phrase speaks for. `denied` is what its plain negation means, `unless` what it
    leaves open; without either, a negation asks.
    """

    choices: tuple[str, ...]
    weight: int = 2
    denied: str | None = None
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """How to read answers to one question.

    `yes` and `no` are the choices the plain words leave open, `yes_alone` and `no_alone` what they mean with nothing
    else. `asserted` and `denied`: what "I have" and "I do not have" the question's subject mean. `claims`: its own
    kinds of phrases; a kind that is not listed is a choice id. `with_unsure`: what a claim becomes together with
    "I don't know". `excused`: choices that "but" belongs to. `now`: asked about now, so a past tense answers nothing.
    `welcome`: a yes is good news or a favour, so that "OK" and a thumb up can only mean yes. `strict`: nothing but the
    plain word and courtesies. `heeds`: kinds of other things (an illness, a drug, a part of the body) that make an
    answer doubtful, except the choices `beside`. `unclear`: claims that a plain yes alone does not make clear: "yes,
    treated". `alone`: what one kind of phrase means with nothing else. `spared`: choices that "only" and "just" leave
    as they are.
    """

    yes: tuple[str, ...] = ("yes",)
    yes_alone: str | None = "yes"
    no: tuple[str, ...] = ("no",)
    no_alone: str | None = "no"
    asserted: tuple[str, ...] = ("yes",)
    denied: str | None = "no"
    claims: Mapping[str, Claim] = field(default_factory=dict)
    with_unsure: Mapping[str, str] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    now: bool = True
    welcome: bool = False
    assent: bool = False
    strict: bool = False
    heeds: frozenset[str] = frozenset({"illness"})
    beside: frozenset[str] = frozenset()
    unclear: frozenset[str] = frozenset()
    alone: Mapping[str, str] = field(default_factory=dict)
    spared: frozenset[str] = frozenset()


_ANY_ANSWER = ("declined", "cannot", "wants", "wants_unsure", "had", "unsure")
_TREATMENTS = ("not_enough", "side_effects", "helps")
_NOTHING = frozenset[str]()
_OPPOSITE = Meaning(yes=(), yes_alone=None, no=(), no_alone=None, asserted=(), denied=None, now=False)

MEANINGS: Mapping[str, Meaning] = {
    "age": Meaning(
        claims={"adult": Claim(("yes",)), "minor": Claim(("no",)), "notyet": Claim(("no",))},
        asserted=(), denied=None, welcome=True, heeds=_NOTHING, spared=frozenset({"yes"}),
    ),
    "diagnosis": Meaning(
        beside=frozenset({"no"}), spared=frozenset({"yes", "no"}),
        claims={"vague": Claim(("yes",), 0, denied="no"), "told": Claim(("yes",), 2, denied="no"),
                "informed": Claim(("yes",), 0)},
        now=False, welcome=True,
    ),
    "transplant": Meaning(
        yes=("wants", "had", "wants_unsure"), yes_alone=None, no=("declined", "cannot"), no_alone=None,
        asserted=(), denied=None, now=False,
        claims={
            "want": Claim(("wants", "wants_unsure"), 1), "can": Claim(("wants",), 1, denied="cannot"),
            "maybe_can": Claim(("wants_unsure",), 1), "risk": Claim(("cannot", "declined"), 0),
            "fear": Claim(_ANY_ANSWER, 0),
        },
        with_unsure={"want": "wants_unsure"}, heeds=_NOTHING,
        spared=frozenset({"declined", "cannot", "had", "wants"}),
        excused=frozenset({"wants_unsure", "declined", "cannot", "had"}),
    ),
    "standard_treatment": Meaning(
        yes=_TREATMENTS, yes_alone=None, no=("never",), no_alone="never", asserted=_TREATMENTS, denied=None, now=False,
        claims={
            "taken": Claim(_TREATMENTS, 0, denied="never"), "stopped": Claim(("not_enough", "side_effects"), 1),
            "effects": Claim(("side_effects",), 1), "helps": Claim(("helps",), 2, denied="not_enough"),
        },
        excused=frozenset({"not_enough", "side_effects", "never"}),
        heeds=frozenset({"illness", "drug"}), beside=frozenset({"never"}),
        spared=frozenset({"never", "not_enough", "side_effects"}),
    ),
    "bmi.height": Meaning(yes=(), yes_alone=None, no=(), no_alone=None, asserted=(), denied=None),
    "bmi.weight": Meaning(yes=(), yes_alone=None, no=(), no_alone=None, asserted=(), denied=None),
    "blood_counts": Meaning(
        yes=("yes", "low"),
        claims={
            "low": Claim(("low",), 1, denied="no"), "normal": Claim(("no",)), "how_low": Claim(("low",), 1),
            "anemia": Claim(("low", "yes"), 0), "lowish": Claim(("low",)), "very_low": Claim(("yes",)),
        },
        with_unsure={"low": "low", "anemia": "low", "how_low": "low"}, unclear=frozenset({"anemia"}),
        spared=frozenset({"low"}), asserted=("yes", "low"), excused=frozenset({"low"}),
    ),
    "blood_counts.cause": Meaning(
        yes=(), yes_alone=None, no=(), no_alone=None, asserted=(), denied=None, now=False,
        claims={
            "disease": Claim(("scleroderma", "other_illness"), 0), "illness": Claim(("other_illness",)),
            "drug": Claim(("medicine",)), "pending": Claim(("unsure",)),
            "scleroderma": Claim(("scleroderma",), unless=("other_illness", "medicine")),
            "medicine": Claim(("medicine",), unless=("other_illness", "scleroderma")),
        },
    ),
    "hypertension": Meaning(
        asserted=("yes", "unsure"),
        claims={
            "high": Claim(("yes",), 2, denied="no"), "raised": Claim(("yes",), 1), "even": Claim(("yes",), 1),
            "normal": Claim(("no",)), "controlled": Claim(("no",)), "steady": Claim(("no", "unsure"), 1),
            "treated": Claim(("yes", "no", "unsure"), 0), "restored": Claim(("yes", "no", "unsure"), 0),
        },
        unclear=frozenset({"treated", "restored"}),
    ),
    "organ_damage": Meaning(
        yes=("severe", "some"), yes_alone="severe", asserted=("some", "severe"), heeds=frozenset({"illness", "part"}),
        beside=frozenset({"no"}),
        claims={"fine": Claim(("no",), 1), "how_bad": Claim(("some",)), "all_fine": Claim(("no",)),
                "organfail": Claim(("severe", "some"), 0)},
        with_unsure={"some": "some"}, excused=frozenset({"some"}), spared=frozenset({"some"}),
    ),
    "infection": Meaning(
        yes=("yes", "controlled"),
        asserted=("yes", "controlled"),
        claims={
            "disease": Claim(("yes", "controlled"), 0), "hard": Claim(("yes",), 2),
            "treated": Claim(("controlled",), 1), "cleared": Claim(("no",), 1), "long": Claim(("controlled", "yes"), 0),
        },
        excused=frozenset({"controlled"}),
    ),
    "cancer": Meaning(
        yes=("yes", "past"),
        claims={"over": Claim(("past",), 1), "once": Claim(("past",), 1), "resting": Claim(("past",), 1),
                "treated": Claim(("yes", "past"), 0), "cleared": Claim(("no",), 1)},
        unclear=frozenset({"treated"}),
        excused=frozenset({"past"}),
    ),
    "bone_marrow": Meaning(claims={"cleared": Claim(("no",), 1)}),
    "pregnancy": Meaning(
        claims={"carrying": Claim(("yes",), 2, denied="no"), "barren": Claim(("not_applicable", "no")),
                "aged_out": Claim(("not_applicable", "no"), 1),
                "tested": Claim(("no",), 1), "delivered": Claim(("no",), 0)},
        alone={"barren": "not_applicable"}, heeds=_NOTHING,
    ),
    "contraception": Meaning(
        assent=True, welcome=True, now=True, heeds=_NOTHING, spared=frozenset({"yes", "no", "not_applicable"}),
        claims={"method": Claim(("yes", "not_applicable"), 0)},
    ),
    "place": Meaning(
        heeds=_NOTHING, spared=frozenset({"montreal", "paris", "elsewhere"}),
        yes=(), yes_alone=None, no=(), no_alone=None, asserted=(), denied=None,
        claims={
            "twin": Claim(("montreal", "paris"), 0), "shared": Claim(("montreal", "paris", "elsewhere"), 0),
            "canada": Claim(("montreal", "elsewhere"), 0),
            "overseas": Claim(("paris", "elsewhere"), 0),
        },
    ),
    "language": _OPPOSITE,
    "consent": Meaning(
        yes=("agree",), yes_alone="agree", no=("decline",), no_alone="decline", asserted=(), denied=None, strict=True,
        claims={"helping": Claim(("agree_helping",), 1)},
    ),
    "confirm": Meaning(
        yes=("confirmed",), yes_alone="confirmed", no=("mistaken",), no_alone="mistaken", asserted=(), denied=None,
        strict=True,
    ),
    "preview": Meaning(
        yes=("send",), yes_alone="send", no=("keep",), no_alone="keep", asserted=(), denied=None, strict=True,
    ),
    "safety": Meaning(yes=("understood",), yes_alone="understood", no=(), no_alone=None, assent=True),
    "sent": Meaning(yes=("done",), yes_alone="done", no=(), no_alone=None, assent=True),
    "result": _OPPOSITE,
    "review": _OPPOSITE,
}  # fmt: skip


def meaning_of(asked: str) -> Meaning:
    """How to read answers to this; for a question nobody prepared, a yes is `yes` and a no is `no`."""
    return MEANINGS.get(asked, Meaning())
