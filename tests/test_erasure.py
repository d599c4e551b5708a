"""After the end nothing of a person is left: not in the database file, nor in its write-ahead log, nor in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.messages import ChatId
from bot.vault import NAME_BYTES, NONCE_BYTES
from dialogs.session import BRIDGE, CONSENT, OFFER, PREVIEW, RESULT, REVIEW, SENT
from tests.person import MET, STUDY, Person, eventually
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

    def walks_to(self, question: str | None) -> None:
        """They answer up to this question; what is kept after each answer is gathered."""
        for each in MET:
            if each == question:
                return
            self.person.at("bmi.height" if each == "bmi" else each)
            self.gather()
            self.person.answers(each, MET[each])
            self.gather()
            if each == STUDY.policy.consent_after:
                self.person.consents()

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
            kept.walks_to("hypertension")
            person.at("hypertension")
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
            kept.walks_to(None)
            person.comes_to_result().chooses(RESULT, "share").at(PREVIEW)
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


def test_on_the_way_the_chat_shows_one_protected_message_and_nothing_that_was_typed(world: World) -> None:
    person = world.person("fr", "montreal").starts()
    person.answers("age", "yes").consents()
    for question in list(MET)[1:]:
        if question == "bmi":
            person.types("5 pi 3")
            person.types("130 livres")
        elif MET[question] == "no":
            person.types("non")
        else:
            person.answers(question, MET[question])
        assert alone(person), person.phone.shown()
    person.at(REVIEW)
    person.comes_to_result().chooses(RESULT, "share").chooses(PREVIEW, "send").at(SENT)
    assert alone(person)
    on_it = person.everything
    assert [word for word in ("méthotrexate", "cancer", "grossesse", "oui", "130") if word in on_it.casefold()] == []


def alone(person: Person) -> bool:
    """One message of the bot, which cannot be forwarded, and of the person only the way they began."""

    def tidy() -> bool:
        typed = [one for one in person.phone.messages if not one.from_bot and not one.text.startswith("/start")]
        return len(person.phone.from_bot) == 1 and not typed

    eventually(tidy, f"one message and nothing typed:\n{person.phone.shown()}")
    return all(one.protected for one in person.phone.from_bot)


def test_my_data_comes_as_a_file_that_can_be_saved_and_goes_when_the_person_goes_on(world: World) -> None:
    person = world.person().starts().walks_to("cancer")
    person.phone.types("/mydata")
    person.sees("mydata.title")
    person.phone.taps(person.words("mydata.file"))
    file = person.sees("mydata.file_caption")
    assert (file.kind, file.protected) == ("document", False)
    person.phone.taps(person.words("aside.return"))
    person.at("cancer")
    assert alone(person)


@pytest.mark.parametrize(
    ("typed", "card"),
    [
        ("j'ai une douleur à la poitrine, zqxv", "danger.emergency"),
        ("je veux mourir zqxv", "danger.crisis"),
        ("réaction après la perfusion de l'étude zqxv", "danger.adverse_event"),
        ("j'ai 15 ans zqxv", "danger.minor"),
    ],
)
def test_a_sign_of_danger_is_answered_at_once_and_nothing_of_it_is_kept(world: World, typed: str, card: str) -> None:
    person = world.person("fr", "paris").starts().walks_to("diagnosis")
    person.phone.types(typed)
    shown = person.sees(card)
    assert "112" in shown.text
    assert person.words("danger.not_watched") in shown.text
    session = world.session(person)
    assert session is not None
    kept = session.model_dump_json().encode() + world.on_disk + world.log_path.read_bytes()
    assert [word for word in ("zqxv", "mourir", "poitrine", "15 ans") if word.encode() in kept] == []
    assert alone(person)
    person.phone.taps(person.words("aside.return"))
    person.answers("diagnosis", "yes").at("transplant")


def settled(probe: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows once their screen is written down."""
    return eventually(lambda: rows if (rows := probe()) and rows[0]["message"] is not None else None, "it written down")
