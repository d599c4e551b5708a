"""Checks what a person reads: one fact to a question, asked positively, of the right person, without traps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from dialogs.check.finding import Code, Finding
from dialogs.check.sentences import (
    NOT_KNOWING,
    asks,
    first_person,
    joins,
    judged,
    negations,
    second_person,
)
from dialogs.study import Asking, Study

# Telegram counts a message in UTF-16 code units. It documents no limit for the words on a button: a phone shows
# about 40 of them in a row of one, then cuts them off, and here the end of a label can be what decides.
MESSAGE = 4096
LABEL = 40

# 0.5 x 109 and 10 9: where an exponent was. 10⁹ is right: its exponent is not a digit of the line.
EXPONENT = re.compile(r"[x×*]\s*10\s?\d{1,2}\b|\b10[ \u00a0]\d{1,2}\b", re.IGNORECASE)
LAB_VALUE = re.compile(r"\d\s*(?:g/d?l|mmol|µmol|mm\s?hg|cells?/|/l\b|kg/m|[x×]\s*10)", re.IGNORECASE)
YEAR = re.compile(r"\b2[1-9]\d\d\b")
FORBIDDEN = {
    re.compile(r"\b(in)?eligib\w*|\b(dis|un)?qualif\w*", re.IGNORECASE): "only the study team can decide; say that",
    re.compile(r"(?<!systemic )\bsclerosis\b", re.IGNORECASE): "alone it is heard as multiple sclerosis; say systemic",
    re.compile(r"\bspots? left\b|\bstill recruiting\b", re.IGNORECASE): "nothing here may hurry anybody; leave it out",
    re.compile(r"\bsafe (?:&|and) effective\b", re.IGNORECASE): "that is what the study tests; say so",
}


def wording_findings(study: Study) -> Iterator[Finding]:
    """Words that would make a person answer wrongly, or that a person must never read."""
    for name, asking in study.askings.items():
        place = f"question.{name}"
        yield from _sentences(place, asking)
        yield from _labels(place, asking)
        yield from _helping(place, asking)
    yield from _persons(study)
    yield from _criteria(study)
    for key, text in study.texts():
        yield from _read(key, text)
    for key, text in _quoted(study):
        yield from _numbers(key, text)
    yield from _lengths(study)


def _sentences(place: str, asking: Asking) -> Iterator[Finding]:
    joined: set[str] = set()
    for part, text in (("ask", asking.ask), ("ask_helping", asking.ask_helping)):
        where = f"{place}.{part}"
        if not asks(text):
            yield Finding(Code.NOT_A_QUESTION, where, "ask: end one sentence with a question mark")
        for sentence in judged(text):
            if words := negations(sentence):
                yield Finding(Code.NEGATED, where, f'"{words[0]}" in "{sentence}"; ask for the fact itself')
            joined |= joins(sentence)
    excused = {allowed.word.lower() for allowed in asking.allow}
    for word in sorted(joined - excused):
        what = f'"{word}" joins two facts; make two questions, or excuse it in `allow` with the reason'
        yield Finding(Code.DOUBLE, f"{place}.ask", what)
    for word in sorted(excused - joined):
        yield Finding(Code.NEEDLESS_ALLOW, f"{place}.allow", f'no question here needs "{word}"; take it away')


def _labels(place: str, asking: Asking) -> Iterator[Finding]:
    own = [choice.label for choice in asking.choices]
    helping = [choice.label_helping or choice.label for choice in asking.choices]
    for labels in dict.fromkeys((tuple(own), tuple(helping))):
        for label, times in Counter(label.casefold() for label in labels).items():
            if times > 1:
                yield Finding(Code.SAME_LABEL, place, f'{times} choices read "{label}"; say how they differ')


def _helping(place: str, asking: Asking) -> Iterator[Finding]:
    """The person speaks to us as I, we speak to them as you; a helper speaks of somebody else."""
    questions = " ".join(judged(asking.ask_helping))
    if first_person(questions) or second_person(questions):
        yield Finding(Code.PERSON, f"{place}.ask_helping", "a helper is asked: say this person")
    for choice in asking.choices:
        where = f"{place}.choice.{choice.id}"
        if second_person(choice.label):
            yield Finding(Code.PERSON, where, "the person says this: say I, not you")
        said = NOT_KNOWING.sub("", choice.label_helping or choice.label)
        if second_person(said) or (not choice.label_helping and first_person(said)):
            yield Finding(Code.PERSON, where, "a helper says this: write a `label_helping` that says they")


def _persons(study: Study) -> Iterator[Finding]:
    """Whom each question speaks to. One that is the same for a helper speaks of nobody."""
    questions = {name: " ".join(judged(asking.ask)) for name, asking in study.askings.items()}
    saying_i = [name for name, words in questions.items() if first_person(words)]
    saying_you = [name for name, words in questions.items() if second_person(words)]
    switching = min(saying_i, saying_you, key=len) if saying_i and saying_you else []
    for name, asking in study.askings.items():
        where = f"question.{name}.ask"
        impersonal = asking.ask == asking.ask_helping and name not in saying_i
        if name in switching:
            yield Finding(Code.PERSON_SWITCH, where, "the others speak as another person; say you in all of them")
        elif name not in saying_you and not impersonal:
            yield Finding(Code.PERSON, where, "speak to the person: say you")


def _criteria(study: Study) -> Iterator[Finding]:
    """Coordinators read the criterion, and so does the person: it speaks of neither."""
    for question in study.questions:
        if first_person(question.criterion) or second_person(question.criterion):
            where = f"question.{question.id}.criterion"
            yield Finding(Code.PERSON, where, "say it so that it is right on a card: without I and you")


def _read(key: str, text: str) -> Iterator[Finding]:
    yield from _numbers(key, text)
    if found := LAB_VALUE.search(text):
        yield Finding(Code.LAB_VALUE, key, f'"{found.group(0)}"; ask what a doctor said, without numbers')
    for words, why in FORBIDDEN.items():
        if found := words.search(text):
            yield Finding(Code.FORBIDDEN_WORD, key, f'"{found.group(0)}": {why}')
    if "{" in text or "}" in text:
        yield Finding(Code.BRACES, key, "write the words themselves")


def _numbers(key: str, text: str) -> Iterator[Finding]:
    if found := EXPONENT.search(text):
        yield Finding(Code.EXPONENT, key, f'"{found.group(0)}"; write the exponent, as in 10⁹')
    if found := YEAR.search(text):
        yield Finding(Code.IMPOSSIBLE_YEAR, key, f'"{found.group(0)}"; look up the year that was meant')


def _quoted(study: Study) -> Iterator[tuple[str, str]]:
    for question in study.questions:
        if question.source:
            yield f"question.{question.id}.source", f"{question.source.rule}\n{question.source.quotation}"


def _lengths(study: Study) -> Iterator[Finding]:
    """Each screen's own share of a message, and each label. What else is on it, `bot` adds up as rendered."""
    for key, text in _messages(study):
        if utf16(text) > MESSAGE:
            yield Finding(Code.TOO_LONG, key, f"{utf16(text)} of at most {MESSAGE} characters; say it in fewer words")
    for key, text in _buttons(study):
        if utf16(text) > LABEL:
            yield Finding(Code.TOO_LONG, key, f"{utf16(text)} of at most {LABEL} characters on a button; shorten it")


def _messages(study: Study) -> Iterator[tuple[str, str]]:
    for name, asking in study.askings.items():
        for part, ask in (("ask", asking.ask), ("ask_helping", asking.ask_helping)):
            yield f"question.{name}.{part}", "\n".join((ask, max(asking.why, asking.means or "", key=len)))
    for fact in study.facts:
        yield f"fact.{fact.id}.text", f"{fact.title}\n{fact.text}"
    yield "places", "\n".join(line for place in study.places for line in (place.label, *place.numbers))
    yield "criteria", "\n".join(question.criterion for question in study.questions)


def _buttons(study: Study) -> Iterator[tuple[str, str]]:
    for key, text in study.texts():
        if ".choice." in key or key.endswith(".label") or re.fullmatch(r"fact\..*\.title", key):
            yield key, text


def utf16(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2
