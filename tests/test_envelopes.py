"""What is sealed of a referral has one length, whatever was answered and whatever the desk did."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, date, datetime
from typing import get_args

import pytest

from bot.seals import REFERRALS, RESULT
from bot.store.envelopes import Envelopes
from bot.vault import Unsealable, Vault
from dialogs.desk import FORMATS
from dialogs.referral import REASONS, Life
from dialogs.session import Result
from dialogs.study import Language, Outcome, Verdict
from tests.dialogs_world import PLAN, STUDY
from tests.postgres import SECRET

VAULT = Vault(SECRET)
ENVELOPES = Envelopes(VAULT)
ADA, BO = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def results() -> list[str]:
    """Results of every outcome, place and language, all met, none asked, or mixed by chance."""
    rng, verdicts = random.Random(7), list(Verdict)
    mixed = [[rng.choice(verdicts) for _ in STUDY.questions] for _ in range(300)]
    uniform = [[each] * len(STUDY.questions) for each in verdicts]
    return [
        Result(
            study=STUDY.id,
            digest=STUDY.digest,
            place=place.id,
            language=language,
            day=date(2026, 3, 1 + number % 28),
            answered_by="helper",
            outcome=outcome,
            verdicts=dict(zip((each.id for each in STUDY.questions), given, strict=True)),
        ).model_dump_json()
        for number, given in enumerate((*uniform, *mixed))
        for place, language, outcome in itertools.product(STUDY.places, get_args(Language), Outcome)
    ]


def closed() -> list[str]:
    """The lives of referrals that were closed for each reason, as long as that can be undone and after."""
    now = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    taken = Life(state="contacted", claimer=ADA, taken=True, changed=now, by=ADA)
    pairs = [(reason, None) for reason in REASONS if reason != "screen_failure"]
    why = [*pairs, *(("screen_failure", question.id) for question in STUDY.questions)]
    return [
        Life(
            **{**dict(taken), "state": "closed", "reason": reason, "criterion": criterion, "by": BO, "before": before}
        ).model_dump_json(exclude_defaults=True)
        for reason, criterion in why
        for before in (taken, None)
    ]


@pytest.mark.parametrize("given", [results(), closed()], ids=["results", "lives"])
def test_the_length_of_what_is_sealed_tells_nothing(given: list[str]) -> None:
    assert len({len(each) for each in given}) > 10, "in the clear it would tell"
    assert len({len(ENVELOPES.seal(each, b"row")) for each in given}) == 1


def test_the_length_of_a_deed_tells_nothing() -> None:
    ids = [question.id for question in PLAN.study.questions]
    deeds = ["claim", "undo", *(f"differs.{each}" for each in ids), *(f"close.{each}" for each in REASONS)]
    deeds += [f"export.{each}" for each in FORMATS]
    assert len({len(ENVELOPES.seal(each, b"deed")) for each in deeds}) == 1


def test_a_sealed_result_takes_no_more_room_than_its_words() -> None:
    shortest = min(results(), key=len)
    assert len(ENVELOPES.seal(shortest, b"row")) < len(shortest)


@pytest.mark.parametrize("words", ["", "{}", "é" * 500, json.dumps("\0")])
def test_what_was_sealed_is_read_as_it_was(words: str) -> None:
    cell = ENVELOPES.cell(REFERRALS, "result", "AAA-AAA-AAA", words)
    assert ENVELOPES.words(REFERRALS, "result", "AAA-AAA-AAA", cell) == words
    assert ENVELOPES.cell(REFERRALS, "life", "AAA-AAA-AAA", None) is None
    for column, code in (("life", "AAA-AAA-AAA"), ("result", "BBB-BBB-BBB")):
        with pytest.raises(Unsealable):
            ENVELOPES.words(REFERRALS, column, code, cell)


@pytest.mark.parametrize("plain", [b"", b"no zlib", b"x\x9c"])
def test_what_is_no_packed_words_does_not_open(plain: bytes) -> None:
    sealed = VAULT.seal(plain, RESULT)
    with pytest.raises(Unsealable):
        ENVELOPES.open(sealed, RESULT)


def test_without_a_key_nothing_is_kept_in_the_clear() -> None:
    with pytest.raises(LookupError):
        Envelopes(None).seal("words", RESULT)
