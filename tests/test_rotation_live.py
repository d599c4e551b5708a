"""The real program gets a new secret: started with both, rotated while people go on, the old one taken away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.vault import NAME_BYTES, Vault, new_secret
from tests.person import MET, Person, eventually
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world
        assert '"error"' not in world.log


def command(world: World, *arguments: str) -> tuple[int, str]:
    """Run a command with the settings of this world."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env=world.environment, cwd=world.directory, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def names(world: World) -> set[bytes]:
    """The names of the keys that conversations are sealed with."""
    return {bytes(row["address"])[:NAME_BYTES] for row in world.rows("select address from chats")}


def has_one_message(person: Person) -> bool | None:
    """Whether there is one message of the bot's, and no other."""
    return len(person.phone.from_bot) == 1 or None


def goes_on(people: list[Person], state: str, then: str) -> None:
    """All of them answer a question and see the next, in the same message as before."""
    for person in people:
        person.chooses(state, MET[state])
    for person in people:
        person.at(then)
        eventually(partial(has_one_message, person), f"one message:\n{person.phone.shown()}")


def test_a_new_key_while_people_screen(world: World) -> None:
    people = [world.person() for _ in range(5)]
    for person in people:
        person.starts().walks_to("diagnosis")
    old, new = world.environment["SCREENER_SECRET_KEY"], new_secret()
    world.handled_all()

    world.environment |= {"SCREENER_SECRET_KEY": new, "SCREENER_OLD_KEYS": f'["{old}"]'}
    assert command(world, "keys", "rotate")[0] == 1, "the bot still runs with the old one"
    world.stop()
    people[0].chooses("diagnosis", "yes")  # Telegram keeps it
    world.start()
    people[0].at("transplant")
    goes_on(people[1:], "diagnosis", "transplant")
    assert command(world, "keys", "rotate")[0] == 0
    goes_on(people, "transplant", "standard_treatment")
    assert names(world) == {Vault(new.encode()).name}
    assert len(world.rows("select key from chats")) == len(people)

    world.environment.pop("SCREENER_OLD_KEYS")
    world.stop()
    world.start()
    goes_on(people, "standard_treatment", "bmi.height")


def test_a_start_with_another_key_is_refused_in_words(world: World) -> None:
    world.person().starts().walks_to("diagnosis")
    world.handled_all()
    world.stop()
    world.environment["SCREENER_SECRET_KEY"] = new_secret()
    code, said = command(world, "run")
    assert code == 1
    assert "was used with another key" in said
    assert "Traceback" not in said
