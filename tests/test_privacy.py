"""Somebody with a name nobody else has goes through a whole screening: nothing of them reaches anybody else."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

import pytest

from bot.demo.standin import StandIn
from bot.messages import ChatId
from bot.seals import REFERRALS
from bot.store.envelopes import Envelopes
from dialogs.session import PREVIEW, RESULT, REVIEW, SENT, Result
from dialogs.study import Verdict
from tests.person import MET, Person, eventually
from tests.world import World

NAME, USERNAME = "Zéphyrine Sentinelle-Quux", "quux_sentinel_77"
# Typed on the way: said by nobody else, and with health words in it.
SENTENCES = (
    "my wolfram fatigue began in Quuxville",
    "zolpiquux 40 mg and oxygen at night",
    "raynaudquux, 4711 Quux Road",
)
HEIGHT, WEIGHT = "171.7 cm", "83.3 kg"


@dataclass(frozen=True)
class Story:
    """A whole screening of one person: what was left while it lasted, and what is left now that it is over."""

    world: World
    person: Person
    code: str
    during: bytes
    screens: str


def named(person: Person, standin: StandIn) -> None:
    """Give this person a name and a username that are found nowhere else."""

    def rename() -> None:
        chat = standin.telegram.chats[person.phone.chat_id]
        somebody = replace(chat.people[chat.id], name=NAME, username=USERNAME)
        chat.people[chat.id] = standin.telegram.people[chat.id] = somebody
        chat.title = NAME

    standin.server.do(rename)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with World(tmp_path_factory.mktemp("world"), SCREENER_LOG="json") as world:
        person = world.person("en", "elsewhere")
        named(person, world.standin)
        person.starts().walks_to("bmi")
        screens = [person.everything]
        during = [world.on_disk]
        for typed in (*SENTENCES, HEIGHT):
            person.types(typed)
            screens.append(person.everything)
            during.append(world.on_disk)
        person.at("bmi.weight")
        person.types(WEIGHT)
        person.at("blood_counts")
        during.append(world.on_disk)
        for question in list(MET)[list(MET).index("blood_counts") :]:
            person.answers(question, MET[question])
        person.at(REVIEW)
        screens.append(person.everything)
        person.comes_to_result().at(RESULT)
        person.types(SENTENCES[0])
        person.chooses(RESULT, "share").at(PREVIEW)
        screens.append(person.everything)
        code = person.chooses(PREVIEW, "send").code
        world.group("elsewhere").sees(code)
        during.append(world.on_disk)
        person.chooses(SENT, "done").sees("end.finished.sent")
        screens.append(person.everything)
        world.forgets(person)
        yield Story(world, person, code, b"\0".join(during), "\n".join(screens))


def secrets_of(person: Person) -> dict[str, bytes]:
    """Everything that could tell who this is or what they said, as it would be written."""
    number = person.phone.chat_id
    said = (NAME, USERNAME, "Sentinelle", *SENTENCES, "wolfram", "zolpiquux", "raynaudquux", "171.7", "83.3")
    return {
        **{each: each.encode() for each in said},
        "the id in digits": str(number).encode(),
        "the id in bytes": number.to_bytes(8, "big"),
        "the id, little end first": number.to_bytes(6, "little"),
    }


def found(person: Person, where: bytes) -> list[str]:
    return [what for what, sentinel in secrets_of(person).items() if sentinel in where]


def test_no_message_to_any_group_says_who_or_what_they_typed(story: Story) -> None:
    received = "\n".join(
        message.text for place in ("montreal", "paris", "elsewhere") for message in story.world.cards(place)
    )
    assert story.code in received
    assert found(story.person, received.encode()) == []


def test_no_call_about_another_chat_carries_anything_of_them(story: Story) -> None:
    own = story.person.phone.chat_id
    others = [str(call.params) for call in story.world.standin.calls() if call.chat not in (own, None)]
    assert others
    assert found(story.person, "\n".join(others).encode()) == []


def test_the_log_knows_nobody(story: Story) -> None:
    log = story.world.log_path.read_bytes()
    assert b"polling" in log
    assert found(story.person, log) == []
    assert story.world.standin.token.encode() not in log
    assert story.world.environment["SCREENER_SECRET_KEY"].encode() not in log


def test_the_database_can_be_read_without_learning_anything(story: Story) -> None:
    assert b"SQLite format 3" in story.during
    assert found(story.person, story.during) == []
    for question, choice in (("transplant", "declined"), ("standard_treatment", "not_enough")):
        assert f'"{question}":{{"choice":"{choice}"'.encode() not in story.during


def test_what_is_typed_is_never_shown_again(story: Story) -> None:
    typed = [each for each in SENTENCES if each in story.screens]
    assert typed == []
    assert "83.3" not in story.screens
    mine = [message.text for message in story.person.phone.messages if not message.from_bot]
    assert [each for each in mine if not each.startswith("/start")] == [], "what was typed is cleared away"


def test_after_the_end_the_session_is_gone_from_the_files(story: Story) -> None:
    world = story.world
    key = world.vault.key(ChatId(story.person.phone.chat_id))
    assert world.rows("select * from chats where key = ?", key) == []
    eventually(lambda: bytes(key) not in world.on_disk, "the row to be gone from database and log")
    assert story.code.encode() in world.on_disk, "the referral stays"


def test_a_result_has_no_field_that_could_hold_an_identity() -> None:
    allowed: dict[str, str] = {
        "study": "an id of the study file",
        "digest": "a hash of the rules",
        "place": "an id of the study file",
        "language": "one of two",
        "day": "a day, not a time",
        "answered_by": "one of two",
        "outcome": "one of three",
        "verdicts": "a verdict by criterion",
    }
    fields = {name: field.annotation for name, field in Result.model_fields.items()}
    assert fields.keys() == allowed.keys()
    assert {name: closed(annotation) for name, annotation in fields.items()} == {
        **dict.fromkeys(allowed, True),
        "study": False,
        "digest": False,
        "place": False,
    }
    assert Result.model_config.get("extra") == "forbid"


def closed(annotation: Any) -> bool:
    """Whether values of this type are few and known beforehand: nothing about a person fits in."""
    if get_origin(annotation) is Literal or annotation is datetime.date:
        return True
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return True
    return get_origin(annotation) is Mapping and get_args(annotation) == (str, Verdict)


def test_the_words_in_a_stored_result_are_the_studys_own(story: Story) -> None:
    [row] = story.world.rows("select place, result from referrals where code = ?", story.code)
    opened = Envelopes(story.world.vault).words(REFERRALS, "result", story.code, row["result"])
    result = Result.model_validate_json(opened or "")
    assert result.place == row["place"] == "elsewhere"
    assert list(result.verdicts) == list(MET)


def test_the_files_are_for_their_owner_only(story: Story) -> None:
    assert story.world.data.stat().st_mode & 0o077 == 0
