"""A demonstration has numbers to show, and a real bot never has invented ones."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.rehearsal import NotARehearsal, rehearse
from bot.settings import TELEGRAM, Settings
from bot.statistics import figures_of, first_day
from bot.store import Store
from bot.vault import new_secret
from tests.person import STUDY


def settings(directory: Path, api_url: str = TELEGRAM) -> Settings:
    token, key = SecretStr("1:a"), SecretStr(new_secret())
    return Settings(bot_token=token, secret_key=key, data_dir=directory, api_url=api_url)


async def test_what_is_rehearsed_can_be_pictured_for_every_place(tmp_path: Path) -> None:
    given = settings(tmp_path, api_url="http://127.0.0.1:1")
    await rehearse(given, STUDY)
    store, today = Store(given.database), datetime.now(UTC).date()
    async with store.begin() as transaction:
        counted = await transaction.counts.since(first_day(today), today)
    await store.close()
    for place in STUDY.places:
        figures = figures_of(counted, place.id, today, STUDY)
        assert figures is not None
        assert (figures.step("started").total.number or 0) > 100


async def test_nothing_is_invented_where_the_bot_speaks_to_telegram_itself(tmp_path: Path) -> None:
    with pytest.raises(NotARehearsal):
        await rehearse(settings(tmp_path), STUDY)
    assert os.listdir(tmp_path) == []
