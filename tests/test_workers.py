"""Several processes on one PostgreSQL take turns at polling: one may die or stand still, and nobody notices."""

from __future__ import annotations

import signal

import pytest

from dialogs.session import SENT
from tests.person import PATIENCE
from tests.site import Site, sees_once, sent_once, walks

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.postgres", "tests.site"]


def test_one_polls_and_another_takes_over_from_one_that_dies_or_stands_still(site: Site) -> None:
    first = site.starts()
    site.says(0, "polling")
    second = site.starts()
    person = site.person().starts().walks_to("diagnosis")
    site.standin.drops("editMessageText", times=10_000)
    person.answers("diagnosis", "yes")
    site.handled_all()
    site.present(2)
    first.kill()  # what it committed, it has not shown
    site.standin.heals()
    sees_once(person, "transplant")
    site.says(1, "polling")

    # It stands still for longer than its lease, with a screen to show.
    walks(person, "transplant", "infection")
    third = site.starts()
    site.standin.drops("editMessageText", times=10_000)
    person.answers("infection", "no")
    site.handled_all()
    second.send_signal(signal.SIGSTOP)
    site.standin.heals()
    sees_once(person, "cancer")
    site.says(2, "polling")
    walks(person, "cancer", "pregnancy")
    second.send_signal(signal.SIGCONT)
    site.says(1, "taken for dead")
    person.answers("pregnancy", "no")
    sees_once(person, "contraception")
    assert "error" not in site.log(2)

    # One that is told to stop hands over to the one that stood still, which serves again.
    third.terminate()
    assert third.wait(PATIENCE) == 0
    site.says(1, "polling", times=2)
    person.answers("contraception", "yes").at("review")
    code = person.comes_to_result().sends()
    sees_once(person, SENT)
    sent_once(site, person, code)
