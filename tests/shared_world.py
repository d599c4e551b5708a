"""A world for the tests of one file, in which nothing may go wrong inside.

The fixture comes with `pytest_plugins = ["tests.shared_world"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.person import Person
from tests.world import World


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    """A world in which, whatever a test does, Telegram never says no and nothing goes wrong inside."""
    before = len(shared.standin.rejected())
    yield shared
    shared.handled_all()
    refused = [call.description for call in shared.standin.rejected()[before:]]
    assert [each for each in refused if "query is too old" not in each] == [], "only a tap can come too late"
    assert "error" not in shared.log


def shown(person: Person) -> list[str]:
    person.phone.settles()
    return [one.text for one in person.phone.from_bot]
