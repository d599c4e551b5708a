"""A copy of the database without the key yields no chat, no answer, no address, to one who knows all else."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Ordered, Said
from bot.seals import CHAT, DEED, DESK, LIFE, OTHERS, RESULT, SESSION, Sealed
from bot.store.envelopes import Envelopes
from bot.tables import audit, bridges, chats, letters, metadata, referrals, waiting
from bot.vault import Unsealable, Vault
from dialogs.referral import REASONS
from dialogs.session import Result, Session
from dialogs.study import Outcome, Verdict
from tests.attacker import Attacker
from tests.desk_world import DeskWorld
from tests.dialogs_world import MET, PLAN
from tests.postgres import SECRET, Shell, kept
from tests.rotation import WAITS, plant

pytest_plugins = ["tests.postgres"]

VAULT = Vault(SECRET)
CHATS = Sealed("chats", {"address": CHAT, "session": SESSION})
TYPED = "sentinel words of somebody"
# A count's name may name one too: how often, of everybody. That is said in the threat model.
VERDICTS = [f'"{each}"' for each in (*Verdict, *Outcome, *REASONS)]
CRITERIA = [f'"{question.id}"' for question in PLAN.study.questions]
DEEDS = ["differs.", "close."]


@dataclass
class Stolen:
    """The copy, and what the attacker knows beside it."""

    database: str
    copy: Path
    people: list[int]
    staff: list[int]
    names: list[str]

    @property
    def attacker(self) -> Attacker:
        """Somebody who knows every id and every name, and wants to know who is in it."""
        return Attacker(
            self.copy,
            [*self.people, *self.staff, int(WAITS)],
            [*self.names, TYPED, "to a chat", *VERDICTS, *CRITERIA, *DEEDS],
        )


@pytest.fixture(params=["sqlite"])
def database(sqlite_copy: Path) -> str:
    """Only of this kind can a thief take a file; the rows are the same in both."""
    return f"sqlite+aiosqlite:///{sqlite_copy}"


@pytest.fixture
async def stolen(shell: Shell, database: str, sqlite_copy: Path, tmp_path: Path) -> Stolen:
    people = [shell.person() for _ in range(8)]
    for number, person in enumerate(people):
        await person.consents()
        await person.does(Said(TYPED))
        for _ in range(number % 3):
            await person.taps(*MET[person.at])
    world = DeskWorld(shell)
    staff = await world.desk("Ada Sentinel", "Bo Sentinel")
    lead = await world.lead()
    code = await world.referral()
    await staff[0].acts("claim", code)
    await staff[0].acts("differs", code)
    assert await staff[0].acts("differs", code, "cancer") is None
    enrolled = await world.referral()
    await staff[1].acts("claim", enrolled)
    assert await staff[1].acts("close", enrolled, "enrolled") is None
    await people[0].does(Ordered("mydata"))
    plant(database)
    folder = tmp_path / "stolen"
    folder.mkdir()
    for path in sqlite_copy.parent.glob(f"{sqlite_copy.name}*"):
        shutil.copy(path, folder)
    numbers = [int(each.id) for each in (*staff, lead)]
    return Stolen(database, folder / sqlite_copy.name, [int(each.chat) for each in people], numbers, ["Sentinel"])


def test_somebody_with_a_copy_learns_nothing(stolen: Stolen) -> None:
    assert len(list(stolen.attacker.blobs())) > 40
    assert stolen.attacker.tries_everything() == []


def test_the_same_attacker_learns_everything_from_a_database_made_badly(tmp_path: Path) -> None:
    path, chat = tmp_path / "bad.db", 5_123_456_789
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE chats (key BLOB, address BLOB, session BLOB, name TEXT)")
    plain = json.dumps({"answers": {"diagnosis": "yes"}}).encode()
    weak = Vault(b"changeme" * 4)
    rows = [
        (hashlib.sha256(str(chat).encode()).digest()[:16], chat.to_bytes(8, "big"), zlib.compress(plain), "Ada"),
        (weak.key(chat), b"n" * 16 + b"x" * 40, plain, None),  # type: ignore[arg-type]
        (b"k" * 16, b"n" * 16 + b"y" * 40, weak.seal(plain, b"session" + weak.key(chat)), None),  # type: ignore[arg-type]
    ]
    connection.executemany("INSERT INTO chats VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    learned = "\n".join(Attacker(path, [chat], ["Ada"]).tries_everything())
    for each in (
        f"chat {chat} as bytes",
        "the words 'Ada'",
        f"chat {chat} by its sha256",
        "an answer in chats.session",
        "chats.address is sealed like chats.address",
        "a chat by a guessed secret",
        "chats.session by a guessed secret",
    ):
        assert each in learned


def test_what_is_taken_from_one_row_opens_in_no_other(stolen: Stolen) -> None:
    tried = 0
    for sealed in (CHATS, *DESK, *OTHERS):
        if sealed.to is None:
            continue  # who did what is bound to the audit alone
        rows = [dict(row) for row in kept(stolen.database, metadata.tables[sealed.table])]
        for one, other in itertools.permutations(rows, 2):
            if one[sealed.to] == other[sealed.to]:
                continue
            for column, place in itertools.product(sealed.columns, repeat=2):
                if one[column] is not None:
                    tried += 1
                    _does_not_open(one[column], sealed, place, other)
    assert tried > 100


def test_what_is_taken_from_one_table_opens_in_no_other(stolen: Stolen) -> None:
    everything = [
        (sealed, column, dict(row))
        for sealed in (CHATS, *DESK, *OTHERS)
        for row in kept(stolen.database, metadata.tables[sealed.table])
        for column in sealed.columns
        if row[column] is not None
    ]
    for (one, column, row), (other, place, _) in itertools.product(everything, repeat=2):
        same_kind = one.columns[column] == other.columns[place]  # a chat's address may stand wherever its key does
        if one.table != other.table and not same_kind:
            at = {**row, "key": row.get("key"), "code": row.get("code")}
            _does_not_open(row[column], other, place, at)


def _does_not_open(value: bytes, sealed: Sealed, column: str, row: Mapping[str, Any]) -> None:
    with pytest.raises(Unsealable):
        VAULT.open(value, sealed.belongs_to(column, row))


def test_no_row_ties_a_code_to_a_person(stolen: Stolen) -> None:
    people = {bytes(VAULT.key(each)) for each in (*stolen.people, WAITS)}  # type: ignore[arg-type]
    codes = {row["code"] for row in kept(stolen.database, referrals)}
    assert codes
    for row in (*kept(stolen.database, letters), *kept(stolen.database, waiting), *kept(stolen.database, chats)):
        assert not (row["key"] in people and row.get("code") in codes)
    for row in kept(stolen.database, bridges):
        assert not any(key in bytes(row["link"]) for key in people)


def test_the_owner_of_the_key_reads_all_of_it(stolen: Stolen) -> None:
    read = [
        Session.model_validate_json(zlib.decompress(VAULT.open(row["session"], SESSION + row["key"])))
        for row in kept(stolen.database, chats)
    ]
    assert sum(len(each.answers) for each in read) > 8
    assert {VAULT.open_chat(row["address"], row["key"]) for row in kept(stolen.database, chats)} >= set(stolen.people)
    opens = Envelopes(VAULT).open
    for row in kept(stolen.database, referrals):
        code = row["code"].encode()
        assert set(Result.model_validate_json(opens(row["result"], RESULT + code)).verdicts) == set(PLAN.study.by_id)
        assert '"closed"' in opens(row["life"], LIFE + code)
    deeds = [opens(row["what"], DEED) for row in kept(stolen.database, audit)]
    assert {"differs.cancer", "close.enrolled"} < set(deeds)
