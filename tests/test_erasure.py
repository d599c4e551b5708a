"""After the end nothing of a person is left: not in the database file, nor in its write-ahead log, nor in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.messages import ChatId
from bot.vault import NAME_BYTES, NONCE_BYTES
from dialogs.session import BRIDGE, CONSENT, OFFER, PREVIEW, RESULT, SENT
from tests.person import Person, eventually
from tests.world import World

ROW = "select * from chats where key = ?"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), SCREENER_LOG="json") as world:
        yield world
        assert '"error"' not in world.log


@dataclass
class Kept:
    """All that was ever kept of one person, gathered while they go through the screening."""

    world: World
    person: Person
    rows: list[dict[str, Any]]
    links: list[bytes] = field(default_factory=list)

    def gather(self) -> None:
        """What is kept now, once the screen they see is written down."""
        self.rows += self.world.rows(ROW, self.key)
        self.links += [bytes(row["link"]) for row in self.world.rows("select link from bridges")]

    @property
    def key(self) -> bytes:
        """Their keyed hash."""
        return bytes(self.world.vault.key(ChatId(self.person.phone.chat_id)))

    @property
    def pieces(self) -> dict[str, bytes]:
        """Every piece of it by which somebody could know that this person was here."""
        found = {"keyed hash": self.key} | {f"link {number}": link for number, link in enumerate(self.links)}
        for number, row in enumerate(self.rows):
            for name in ("session", "address"):
                sealed = bytes(row[name])
                nonce, cipher = sealed[NAME_BYTES : NAME_BYTES + NONCE_BYTES], sealed[NAME_BYTES + NONCE_BYTES :]
                found |= {f"{name} {number}, nonce": nonce, f"{name} {number}, ciphertext": cipher[:16]}
                found |= {f"{name} {number}, its end": cipher[-16:], f"{name} {number}, whole": sealed}
        return found

    def left(self) -> list[str]:
        """Which of these pieces are found now, searched as bytes and as they would be printed."""
        where = self.world.on_disk + self.world.log_path.read_bytes()
        return [name for name, piece in self.pieces.items() if piece in where or piece.hex().encode() in where]


def leaves(kept: Kept, how: str) -> str:
    """The person goes on, leaves in this way, and sees a farewell; the text of which is returned."""
    person = kept.person
    match how:
        case "delete" | "stop":
            person.walks_to("hypertension")
            kept.gather()
            person.phone.types(f"/{how}")
            return "forgotten" if how == "delete" else "stopped"
        case "minor":
            person.at("age")
            kept.gather()
            person.answers("age", "no")
            return "minor"
        case "decline":
            person.answers("age", "yes").at(CONSENT)
            kept.gather()
            person.chooses(CONSENT, "decline")
            return "declined"
        case "delete once the team may write":
            person.walks_to(None).comes_to_result().chooses(RESULT, "share").chooses(PREVIEW, "send")
            person.chooses(SENT, "offer").chooses(OFFER, "agree").at(BRIDGE)
            kept.gather()
            assert kept.links != []
            person.phone.types("/delete")
            person.chooses("forget", "forget_chat")
            return "forgotten"
        case _:
            person.walks_to(None).comes_to_result().chooses(RESULT, "share").at(PREVIEW)
            kept.gather()
            code = person.chooses(PREVIEW, "send").code
            kept.world.group(person.place).sees(code)
            kept.gather()
            person.chooses(SENT, "done")
            return "finished.sent"


@pytest.mark.parametrize(
    "how", ["delete", "stop", "minor", "decline", "delete once the team may write", "done after sending"]
)
def test_nothing_of_them_is_left_and_others_are_untouched(world: World, how: str) -> None:
    other = Kept(world, world.person("fr", "paris").starts().walks_to("diagnosis"), [])
    person = world.person().starts()
    kept = Kept(world, person, [])
    kept.gather()
    assert kept.left() != [], "what is kept is found, as long as it is kept"
    others = settled(lambda: world.rows(ROW, other.key))
    farewell = leaves(kept, how)
    last = world.standin.server.do(lambda: world.standin.telegram.queue.last)
    shown = person.sees(f"end.{farewell}")
    world.forgets(person)
    eventually(lambda: not kept.left(), f"nothing to be left of them: {kept.left()}")
    assert person.phone.from_bot == [shown], "the farewell stays, and only it"
    rows, updates = len(world.rows("select key from chats")), len(world.rows("select update_id from seen"))
    assert world.standin.redelivers(last) == last
    world.handled_all()
    world.standin.settles()
    assert (len(world.rows("select key from chats")), len(world.rows("select update_id from seen"))) == (rows, updates)
    assert kept.left() == []
    assert [one for one in person.phone.from_bot if one.id != shown.id] == []
    assert world.rows(ROW, other.key) == others


def settled(probe: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows once their screen is written down."""
    return eventually(lambda: rows if (rows := probe()) and rows[0]["message"] is not None else None, "it written down")
