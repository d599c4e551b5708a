"""Whatever comes, from whomever: nothing escapes, nothing grows, and nobody else's state moves by a byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import telegram
from structlog.typing import EventDict, WrappedLogger

from bot.messages import ChatId, Incoming, Press
from dialogs.reading import Chose, Danger
from tests.fuzz import door, reader
from tests.fuzz.siege import STUMBLES, besieged
from tests.fuzz.updates import Hostile, Known
from tests.postgres import Shell

pytest_plugins = ["tests.postgres"]

MOST_OBJECTS, MOST_BYTES = 3_000, 16_000_000  # of growth under 12,000 updates: one object for four of them


@pytest.fixture
def stumbles() -> Iterator[Counter[str]]:
    """What the program logs, counted and not written."""
    counted: Counter[str] = Counter()

    def count(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        counted[str(event["event"])] += 1
        raise structlog.DropEvent

    structlog.configure(processors=[count])
    yield counted
    structlog.reset_defaults()


@pytest.fixture(params=["sqlite"])
def database(sqlite_copy: Path) -> str:
    """One kind is enough: what is looked at here does not differ between them."""
    return f"sqlite+aiosqlite:///{sqlite_copy}"


async def test_hostile_updates_move_nobody_else_and_reach_no_desk(shell: Shell, stumbles: Counter[str]) -> None:
    siege = await besieged(shell, seed=20_260_301)
    before = siege.untouched()
    stumbles.clear()
    await siege.endures(1_000)
    assert siege.untouched() == before
    assert not STUMBLES & stumbles.keys()
    assert min(siege.said[each] for each in ("Showing", "Toast", "Reply")) > 0, "they did not get far"


@pytest.mark.slow
async def test_under_twenty_thousand_of_them_nothing_escapes_nothing_grows_and_nothing_moves(
    shell: Shell, stumbles: Counter[str]
) -> None:
    siege = await besieged(shell, seed=20_260_302)
    before = siege.untouched()
    stumbles.clear()
    for asked in reader.ASKED:  # what is loaded once, when it is first needed
        reader.Case(asked, "en", "oui 5").reading()
    await siege.endures(8_000)
    warm = siege.memory()
    for _ in range(6):
        await siege.endures(2_000)
        assert siege.untouched() == before
    grown = siege.memory() - warm
    assert not STUMBLES & stumbles.keys()
    assert grown.objects < MOST_OBJECTS
    assert grown.resident < MOST_BYTES


def test_every_kind_of_update_there_is_comes_and_the_same_for_the_same_seed() -> None:
    known = Known([1], ["n.1.0"], ["K7M-4P2-XW9"], ["d.claim.K7M4P2XW9.1"], -5, 2, [{"update_id": 1}])
    one, same, another = (Hostile(seed, known).updates(3_000) for seed in (1, 1, 2))
    assert {kind for each in one for kind in each} >= set(telegram.Update.ALL_TYPES)
    assert repr(one) == repr(same) != repr(another)


# --------------------------------------------------------------------------------- the reader and the door alone


def test_no_input_the_fuzzer_begins_with_breaks_a_promise_of_the_reader() -> None:
    some = list(reader.seeds())[::120]
    assert {said.packed: broke for said in some if (broke := reader.broken(said))} == {}
    assert [reader.case(said.packed) for said in some] == some


def test_no_input_the_fuzzer_begins_with_breaks_a_promise_of_the_door(stumbles: Counter[str]) -> None:
    assert {data: broke for data in door.seeds() if (broke := door.broken(door.update(data)))} == {}
    assert set(stumbles) == {"an update could not be read"}


def test_a_reader_that_reads_what_nobody_asked_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    said = reader.Case("age", "en", "yes")
    monkeypatch.setattr(reader, "read", lambda *_, **__: Chose(choice="maybe"))
    assert set(reader.broken(said)) == {
        *("a choice this screen does not have", "explained as something else", "a question answers"),
    }
    monkeypatch.setattr(reader, "read", lambda _study, _asked, _locale, text, *_, **__: Danger(kind=text))
    noticed = set(reader.broken(said.saying(" ? ")))
    assert noticed >= {"an unknown danger", "trimmed, it is another", "an invisible character changes it"}


def test_a_door_that_takes_a_group_for_a_person_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Incoming(door.NUMBER, ChatId(door.GROUP["id"]), Press("77", "n0nce", 9, 99))
    monkeypatch.setattr(door, "parsed", lambda *_: taken)
    noticed = set(door.broken(door.tap("n0nce.9.98", door.GROUP)))
    assert noticed >= {"somebody's private word from another chat", "button data read as something else"}
