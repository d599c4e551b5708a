"""Invented numbers of some weeks, so that a demonstration has something to count: about nobody, and never for real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.settings import TELEGRAM, Settings
from bot.store import Store
from dialogs.study import Outcome, Study

DAYS = 120
SEED = 4356287  # the same numbers each time
GOES_ON, UNSURE, CHANGED = 0.96, 0.12, 0.05
CLAIMED, CONTACTED, ENROLLED = 0.9, 0.8, 0.3
HOURS = (1, 2, 2, 3, 4, 5, 7, 9, 15, 22, 30)


class NotARehearsal(Exception):
    """This bot speaks to Telegram itself: nothing is invented there."""


async def rehearse(settings: Settings, study: Study) -> None:
    """Count what never happened, at every place, until yesterday. Raises NotARehearsal, Unavailable."""
    if settings.api_url == TELEGRAM:
        raise NotARehearsal
    store, rng = Store(settings.database), random.Random(SEED)  # noqa: S311  # no secret: numbers to look at
    today = datetime.now(UTC).date()
    try:
        await store.prepare()
        async with store.begin() as transaction:
            for ago in range(DAYS, 0, -1):
                names = [name for place in study.places for name in _day(study, place.id, rng)]
                await transaction.counts.add(names, today - timedelta(days=ago))
    finally:
        await store.close()


def _day(study: Study, place: str, rng: random.Random) -> Iterator[str]:
    for language, most in (("fr", 6), ("en", 3)):
        for _ in range(rng.randint(1, most)):
            yield from (f"{place}.{language}.{each}" for each in _person(study, rng))


def _person(study: Study, rng: random.Random) -> Iterator[str]:
    """What one invented person is counted as."""
    yield "started"
    for question in study.questions:
        yield f"asked.{question.id}"
        if rng.random() < UNSURE and any(choice.id == "unsure" for choice in question.choices):
            yield f"unsure.{question.id}"
        if rng.random() < CHANGED:
            yield f"changed.{question.id}"
        if rng.random() > GOES_ON:
            yield from _ended(question.id, rng)
            return
        if question.id == study.policy.consent_after:
            yield "agreed"
    outcome = rng.choice((Outcome.LIKELY_ELIGIBLE, Outcome.NEEDS_REVIEW, Outcome.NEEDS_REVIEW))
    yield f"result.{outcome}"
    yield from _at_desk(rng)


def _ended(question: str, rng: random.Random) -> Iterator[str]:
    if rng.random() < 0.5:
        yield f"stopped.{question}"
    else:
        yield from (f"result.{Outcome.LIKELY_INELIGIBLE}", f"decided.{question}")


def _at_desk(rng: random.Random) -> Iterator[str]:
    yield "sent"
    if rng.random() < CLAIMED:
        yield from ("claimed", f"hours.{rng.choice(HOURS)}")
        if rng.random() < CONTACTED:
            yield "contacted"
            yield "closed.enrolled" if rng.random() < ENROLLED else "closed.unreachable"
