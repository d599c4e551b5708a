"""Somebody comes back after days, in whatever way: they find the screen where they were, and are told which it is."""

from __future__ import annotations

import pytest

from bot.messages import Act, MessageId, Ordered, Said, Showed
from dialogs.study import Language
from dialogs.symbols import Say
from tests.dialogs_world import AFTER_CONSENT, MET, STUDY
from tests.postgres import Person, Shell

pytest_plugins = ["tests.postgres"]

SEVENTH = "hypertension"
NUMBER = 1 + [question.id for question in STUDY.questions].index(SEVENTH)
# Words that would answer the question, words that mean nothing, what is no text, and the command.
ANYTHING: dict[Language, tuple[Act, ...]] = {
    "en": (Said("no"), Said("hello"), Said("5"), Showed(), Ordered("start")),
    "fr": (Said("oui"), Said("bonjour"), Said("me revoilà")),
}


async def at_the_seventh(shell: Shell, language: Language = "en") -> Person:
    """Somebody who is at the seventh question, whose screen they have in their live message."""
    here = shell.person()
    await here.begins(language)
    await here.taps("yes", "agree", *(tap for each in AFTER_CONSENT[: NUMBER - 2] for tap in MET[each]))
    assert here.at == SEVENTH
    return here


def reads(here: Person) -> str:
    return here.shell.views.screen(here.session).text


def stopped_at(here: Person, language: Language) -> str:
    """The line that says where they stopped."""
    where = {"number": NUMBER, "of": len(STUDY.questions)}
    locale = here.shell.desks.locale(language, "montreal")
    return here.shell.renderer.say(Say("note.welcome_back.question", where), locale)


@pytest.mark.parametrize(("language", "act"), [(each, act) for each, acts in ANYTHING.items() for act in acts], ids=str)
async def test_any_message_after_days_brings_back_the_screen_at_the_bottom_and_says_which(
    shell: Shell, language: Language, act: Act
) -> None:
    here = await at_the_seventh(shell, language)
    answers = here.session.answers
    shell.clock.passes(days=4)
    await here.does(act)
    assert (here.at, here.session.answers) == (SEVENTH, answers)
    assert reads(here).startswith(stopped_at(here, language))
    assert str(NUMBER) in stopped_at(here, language)
    assert (here.showing.anew, here.showing.live) == (True, None)
    assert MessageId(10) in here.showing.litter, "the old screen goes"
    await here.does(Said("no" if language == "en" else "non"))
    assert here.session.answers.keys() - answers.keys() == {SEVENTH}, "once it was seen again, an answer is an answer"


async def test_an_answer_typed_the_same_day_is_an_answer(shell: Shell) -> None:
    here = await at_the_seventh(shell)
    shell.clock.passes(hours=8)
    await here.does(Said("no"))
    assert here.session.answers[SEVENTH].choice == "no"


async def test_a_tap_on_the_screen_is_an_answer_however_late(shell: Shell) -> None:
    here = await at_the_seventh(shell)
    shell.clock.passes(days=4)
    await here.taps("no")
    assert here.session.answers[SEVENTH].choice == "no"


@pytest.mark.parametrize(
    ("said", "opens"), [("help", "help"), ("I want to die", "danger.crisis"), ("stop", "leave"), ("why", "why")]
)
async def test_what_cannot_wait_does_not_wait_after_days_either(shell: Shell, said: str, opens: str) -> None:
    here = await at_the_seventh(shell)
    shell.clock.passes(days=4)
    await here.does(Said(said))
    assert (here.at, here.session.aside) == (SEVENTH, opens)


async def test_after_days_a_typed_yes_sends_nothing(shell: Shell) -> None:
    here = shell.person()
    await here.previews()
    shell.clock.passes(days=4)
    batch = await here.does(Said("yes"))
    assert (here.at, batch.referrals) == ("preview", [])
    assert [each.place for each in (await here.does(Said("yes"))).referrals] == ["montreal"]
