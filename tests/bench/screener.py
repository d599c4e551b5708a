"""The screener as a row of the benchmark: its settings, the way through its screening, its questions for the peers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bot.demo.setting import setting
from bot.texts import read_catalogs
from bot.texts.source import source_texts
from dialogs.events import Started
from dialogs.screens import screen
from dialogs.session import CONSENT, LANGUAGE, PLACE, RESULT, REVIEW, Session
from dialogs.study import Language
from tests.bench.peers.dialog import TOKEN
from tests.dialogs_world import ENGINE, FRESH, MET, NOW, OPEN, PLAN, STUDY

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the benchmark, long enough to be one"
GROUPS: Mapping[str, int] = {"montreal": -1_002_000_001, "paris": -1_002_000_002, "elsewhere": -1_002_000_003}
READS: Language = "fr"
TAPS: Mapping[str, str] = {
    LANGUAGE: READS,
    PLACE: "montreal",
    CONSENT: "agree",
    REVIEW: "continue",
    RESULT: "finish",
    "bmi.height": MET["bmi"][0],
    "bmi.height.exact": MET["bmi"][1],
    "bmi.weight": MET["bmi"][2],
    **{question: taps[0] for question, taps in MET.items() if question != "bmi"},
}


class Tap(NamedTuple):
    """One step of a screening: on which session, which of how many buttons."""

    session: Session
    button: int
    of: int


def screening() -> Iterator[Tap]:
    """Every tap of a whole screening, from the choice of the language to the one that begins again."""
    session = ENGINE.advance(None, Started(), NOW, FRESH).session
    while True:
        options = screen(PLAN, OPEN, session).options
        index = 0 if session.over else [option.id for option in options].index(TAPS[session.state])
        yield Tap(session, index, len(options))
        if session.over:
            return
        event = options[index].event
        assert event is not None, f"a button that does nothing at {session.state}"
        session = ENGINE.advance(session, event, NOW, FRESH).session


def environment(data: Path, api: str, **settings: str) -> dict[str, str]:
    """The settings of the process: every place open, no sending limit, nothing of this computer's own."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("SCREENER_")}
    own |= {
        "PYTHONPATH": str(ROOT),
        "SCREENER_BOT_TOKEN": TOKEN,
        "SCREENER_SECRET_KEY": SECRET,
        "SCREENER_API_URL": api,
        "SCREENER_DATA_DIR": str(data),
        "SCREENER_SETTINGS": str(data / "none.toml"),
        "SCREENER_SENDS_PER_SECOND": "0",
    }
    for place, group in GROUPS.items():
        desk = {**setting().desk[place], "CHAT": str(group)}
        own |= {f"SCREENER_DESK__{place.upper()}__{key}": value for key, value in desk.items()}
    return own | {f"SCREENER_{key.upper()}": value for key, value in settings.items()}


def write_questions(path: Path) -> None:
    """The study's questions and answers as the screener words them, for dialogs that others lead."""
    words = read_catalogs(source_texts(STUDY)).texts[READS]
    asked = [
        {
            "text": words[f"question.{name}.ask"],
            "labels": [words[f"question.{name}.choice.{choice.id}"] for choice in asking.choices],
        }
        for name, asking in STUDY.askings.items()
        if name in TAPS and not name.startswith("bmi.height")
    ]
    path.write_text(json.dumps(asked, ensure_ascii=False), "utf-8")
