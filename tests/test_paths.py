"""Every way through the conversation in every place, language and voice, and every screen on it as it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category

import pytest

from bot.messages import Message
from bot.texts import Renderer
from bot.texts.source import source_texts
from dialogs.cards import bare_card, card
from dialogs.desk import PAUSE_REASONS
from dialogs.eligibility import result
from dialogs.engine import Engine
from dialogs.events import Expired, ForgetMe, Openings
from dialogs.study import Language
from dialogs.symbols import Param, Say, Screen
from tests.dialogs_world import CODE, LANGUAGES, OPEN, PLAN, STUDY, Person, at_sent, choices_of, person
from tests.walking import CATALOGS, PLACES, WAYS, Way, ending, walked

# Telegram's limits: characters are UTF-16 code units, data is bytes of UTF-8.
MESSAGE, DATA, BUTTONS, IN_A_ROW, COPIED = 4096, 64, 100, 8, 256
# Telegram names none for a label. In a row of one a narrow phone shows about 40 characters, then wraps or cuts, and
# in a row of two or three each gets its part of them.
LABEL = 40
# On the narrowest, in bold, as the page of the demonstration shows it.
NARROW = 34
ANSWER = re.compile(r"\.choice\.|^consent\.(agree|decline)|^confirm\.(confirmed|mistaken)|^offer\.(agree|decline)")
# The longest address the buttons of a screen can have: a nonce of 128 bits and the millionth screen.
ADDRESS = f"{'n' * 22}.999999"
# Long words of an operator: how to reach the team, who approved, who answers for privacy.
TOLD = {"contact": 300, "approval": 300, "privacy": 900}

SOURCE = source_texts(STUDY)


# ------------------------------------------------------------------------------------------------ the ways


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_way_is_walked_whole_ends_and_reads_well(way: Way) -> None:
    """One test for each way, since walking it is most of the work."""
    met = walked(way)
    assert {session.state for session in met.sessions.values()} == set(PLAN.states) - {"closed", "waiting"}
    assert choices_of(STUDY).keys() <= met.given
    assert met.sessions.keys() - ending(met) == set()
    screens = list(met.screens())
    assert {key for _, shown in screens for key in shown.keys()} - set(SOURCE) == set()  # noqa: SIM118
    spoken = [(session, shown) for session, shown in screens if session.language and session.state != "language"]
    assert {key for session, shown in spoken for key in foreign(shown, session.language)} <= {"language.name"}
    if way.locale is not None:
        renderer = Renderer(CATALOGS, lambda told, _: "é" * TOLD[told.what])
        for session, shown in screens:
            locale = way.locale if session.place else CATALOGS.locale(session.language, None)
            message = renderer.message(shown, locale or "en", ADDRESS)
            assert faults(message) == [], (session.state, session.aside)


def foreign(shown: Screen, language: Language | None) -> Iterator[str]:
    """What on this screen is said in another language than the reader's."""
    said: list[Param] = [*(line for block in shown.blocks for line in block), *(each.label for each in shown.options)]
    while said:
        if isinstance(each := said.pop(), Say):
            said += each.params.values()
            if each.language not in {None, language}:
                yield each.key


def faults(message: Message) -> list[str]:
    """What Telegram would refuse, or a phone cut off."""
    buttons = [button for row in message.rows for button in row]
    found = [f"a message of {utf16(message.text)}"] * (not 0 < utf16(message.text) <= MESSAGE)
    found += [f"{len(buttons)} buttons"] * (len(buttons) > BUTTONS)
    found += [f"a row of {len(row)}" for row in message.rows if not 0 < len(row) <= IN_A_ROW]
    found += [
        f"a label of {utf16(each.label)} in a row of {len(row)}: {each.label}"
        for row in message.rows
        for each in row
        if not 0 < utf16(each.label) <= LABEL // len(row)
    ]
    found += [f"data of {len(each.data.encode())}" for each in buttons if each.data and len(each.data.encode()) > DATA]
    found += [f"copies {len(each.copies)}" for each in buttons if each.copies and len(each.copies) > COPIED]
    found += [f"neither data nor copy: {each.label}" for each in buttons if not each.data and not each.copies]
    found += [f"left open: {text}" for text in (message.text, *(each.label for each in buttons)) if "{" in text]
    return found


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# ------------------------------------------------------------------------------------- all texts, and no other


# Said by the shell alone: about the bot, in groups, after a tap or a fault, and on what is left of a card.
SHELL = ("profile.", "toast.", "group.", "failed.", "card.bare.", "old.", "poster.", "mydata.file_", "waiting.open")
# Read by coordinators.
DESK = ("desk.", "export.", "card.said.bridged")
# Names for lists in which only the whole criterion is named; the drawing of the machine shows them.
DRAWN = ("question.bmi.height.label", "question.blood_counts.cause.label")


def test_every_text_is_on_some_screen() -> None:
    """One walk from each place, both languages and both voices among them, and a place that is closed."""
    ways = [Way("en", "montreal", "helper"), Way("en", "paris", "participant"), Way("fr", "elsewhere", "participant")]
    used = {key for way in ways for _, shown in walked(way).screens() for key in shown.keys()}  # noqa: SIM118
    used |= {key for shown in closed() for key in shown.keys()}  # noqa: SIM118
    for end in (ForgetMe(withdraw=True), Expired()):
        used |= set(at_sent().does(end).screen.keys())
    unused = [key for key in SOURCE if key not in used and not key.startswith((*SHELL, *DESK, *DRAWN))]
    assert unused == []


def closed() -> Iterator[Screen]:
    """What somebody from a place that asks nothing sees, or that asks nobody new for the moment."""
    yield Person(engine=Engine(PLAN, Openings(consents={}, languages=LANGUAGES))).starts().screen
    for reason in PAUSE_REASONS:
        paused = Openings(consents=OPEN.consents, languages=LANGUAGES, paused=dict.fromkeys(PLACES, reason))
        here = Person(engine=Engine(PLAN, paused)).starts()
        yield here.screen
        yield here.taps("tell").screen
        yield here.opens("mydata").screen
        yield here.does(Expired()).screen


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_a_closed_door_reads_well(locale: str) -> None:
    renderer = Renderer(CATALOGS, lambda told, _: "é" * TOLD[told.what])
    assert [fault for shown in closed() for fault in faults(renderer.message(shown, locale, ADDRESS))] == []


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_the_end_of_no_answer_is_cut_off_on_a_narrow_phone(locale: str) -> None:
    """Often the end decides: "They would want one, if they can". Of other labels a phone may show a little less."""
    labels = {key: text for key, text in CATALOGS.texts[locale].items() if ANSWER.search(key)}
    assert len(labels) > 60
    assert {text for text in labels.values() if len(text) > NARROW} == set()


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_no_text_needs_a_picture_to_be_understood(locale: str) -> None:
    """Read aloud, an emoji is noise or nothing: there is none, in no text and on no button."""
    pictures = {key for key, text in CATALOGS.texts[locale].items() if any(category(each) == "So" for each in text)}
    assert pictures == set()


@pytest.mark.parametrize("locale", CATALOGS.texts)
def test_the_card_and_what_is_left_of_it_render(locale: str) -> None:
    renderer = Renderer(CATALOGS, lambda told, _: told.what)
    session = person().starts().consents().reviews().now
    for shown in (card(STUDY, result(STUDY, session), CODE), bare_card(CODE, "withdrawn"), bare_card(CODE, "expired")):
        assert faults(renderer.message(shown, locale)) == []
