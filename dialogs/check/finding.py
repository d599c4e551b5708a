"""What can be wrong with a study: every code with its meaning, and one finding of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """The stable name of one kind of fault, and in `meaning` why it is one."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        """A code that is its own name and knows its meaning."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    # Names that other things rely on.
    DUPLICATE_ID = "duplicate_id", "Two things of one kind have the same id, so one of them can never be meant."
    RESERVED_ID = "reserved_id", "An id is already a step of the conversation, a kind of state or a button."
    POLICY_QUESTION = "policy_question", "The policy names a question that the study does not ask."

    # What the machine does.
    UNREACHABLE = "unreachable", "A state nobody can come to."
    ENDLESS = "endless", "A state from which no end can be reached except by giving up."
    NO_EXIT = "no_exit", "A state in which a person cannot stop or be forgotten, or that never expires."
    NO_ROUTE = "no_route", "In some case a step leads nowhere, and the person is stuck."
    TWO_ROUTES = "two_routes", "In some case a step leads to two places, and the first one listed wins by accident."

    # What answers mean.
    EARLY_QUESTION = "early_question", "A question other than the age is asked before consent."
    NO_CHOICES = "no_choices", "Something is asked that has no answers to choose from."
    TOO_MANY_CHOICES = "too_many_choices", "More buttons than Telegram puts under one message."
    NO_VERDICT = "no_verdict", "A choice says nothing about the criterion and leads to nothing that does."
    TWO_MEANINGS = "two_meanings", "A choice has a verdict and also leads to a follow-up that would give another."
    NO_FOLLOW_UP = "no_follow_up", "A choice leads to a follow-up that its question does not have."
    UNUSED_FOLLOW_UP = "unused_follow_up", "A follow-up to which no choice leads."
    NO_UNSURE = "no_unsure", "A person who does not know has no way to say so."
    UNSURE_DECIDES = "unsure_decides", "Not knowing is taken for an answer."
    NEVER_MET = "never_met", "No choice meets the criterion, so nobody can."
    NEVER_EXCLUDES = "never_excludes", "No choice excludes, although the rule comes from the checklist."
    SUMMARY_EXCLUDES = "summary_excludes", "A choice excludes people by a rule that is only in the summary."
    INVERTED = "inverted", "Yes and no are the wrong way round: whom the study looks for would be turned away."
    SAFETY = "safety", "A safety card is followed by the confirmation of an answer, and this one is never confirmed."
    BODY_MASS = "body_mass", "The choices of a body mass index are not the bands that it is asked with."
    WRONG_BOUND = "wrong_bound", "The bound that excludes is not a number of the quoted rule."

    # Where rules come from, and whom to call.
    NO_SOURCE = "no_source", "Nobody can check where the question comes from."
    NO_EMERGENCY = "no_emergency", "A place does not say which number to call in an emergency."
    NO_CRISIS = "no_crisis", "A place does not say whom to call with thoughts of suicide."

    # How it is said.
    NOT_A_QUESTION = "not_a_question", "What is asked has no sentence that ends with a question mark."
    NEGATED = "negated", "A question with a negation: yes and no can both mean the same."
    DOUBLE = "double", "A question that joins two facts: who has one of them has no answer."
    NEEDLESS_ALLOW = "needless_allow", "A word is excused that the question does not use, or that needs no excuse."
    SAME_LABEL = "same_label", "Two buttons of one question read the same."
    PERSON = "person", "The words speak of another person than the one who is meant."
    PERSON_SWITCH = "person_switch", "One question says I where the others say you, or the other way round."
    TOO_LONG = "too_long", "More text than Telegram shows."
    EXPONENT = "exponent", "A number that has lost its exponent, such as 0.5 x 109."
    LAB_VALUE = "lab_value", "A person would read a laboratory value, and judge their own."
    IMPOSSIBLE_YEAR = "impossible_year", "A year that cannot be, such as 2103."
    FORBIDDEN_WORD = "forbidden_word", "A word that a person must never read here."
    BRACES = "braces", "Braces in a study's text: nothing is filled in there, so a person would read them."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its code, where it is, and what to do about it."""

    code: Code
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} [{self.code}]"
