"""A place takes people only where everything is there for them to read, and the consent is what they agreed to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.desks import LONGEST_MESSAGE, Desks
from bot.doors import Doors
from bot.settings import TEXTS, Desk
from bot.store import Store
from bot.texts import Catalogs, Renderer
from bot.vault import Vault
from bot.views import Views
from dialogs.machine import Plan
from dialogs.session import ENDS, Session
from dialogs.study import Language
from dialogs.symbols import OperatorText, Told
from tests.dialogs_world import AFTER_CONSENT, PLAN, STUDY, altered, at_sent, person, with_place, with_question
from tests.postgres import CATALOGS, demo_desks

DESKS = demo_desks()
LANGUAGES: tuple[Language, ...] = ("fr", "en")
PLACES = tuple(place.id for place in STUDY.places)
EVERYWHERE = {(place, language) for place in PLACES for language in LANGUAGES}


def desks(given: Mapping[str, Desk] = DESKS, catalogs: Catalogs = CATALOGS, plan: Plan = PLAN) -> Desks:
    return Desks(plan, catalogs, given)


def with_desk(place: str, **fields: object) -> dict[str, Desk]:
    """The desks of the demonstration, one of them changed."""
    own: dict[str, object] = {"chat": DESKS[place].chat, "language": DESKS[place].language}
    texts = {str(what): by_language for what, by_language in DESKS[place].texts.items()}
    return {**DESKS, place: Desk.model_validate({**own, **texts, **fields})}


def with_text(locale: str, key: str, text: str) -> Catalogs:
    """The catalogs with one text changed."""
    return replace(CATALOGS, texts={**CATALOGS.texts, locale: {**CATALOGS.texts[locale], key: text}})


def without_locales(*closed: str) -> Catalogs:
    return replace(CATALOGS, texts={name: texts for name, texts in CATALOGS.texts.items() if name not in closed})


def open_in(given: Desks) -> set[tuple[str, str]]:
    openings = given.openings(PLACES, {})
    return {(place, language) for place, language in EVERYWHERE if openings.consent(place, language)}


def digests(given: Desks) -> dict[tuple[str, str], str | None]:
    openings = given.openings(PLACES, {})
    return {(place, language): openings.consent(place, language) for place, language in EVERYWHERE}


def changed(given: Desks) -> set[tuple[str, str]]:
    """Where people must agree anew."""
    before, after = digests(desks()), digests(given)
    return {where for where in EVERYWHERE if before[where] != after[where]}


# ------------------------------------------------------------------------------------------ open and closed


def test_with_everything_there_every_place_is_open_and_nothing_is_to_be_said() -> None:
    assert open_in(desks()) == EVERYWHERE
    assert list(desks().warnings(PLACES)) == []


def test_with_nothing_there_every_place_is_closed_and_each_missing_piece_is_named() -> None:
    assert open_in(desks({})) == set()
    warnings = list(desks({}).warnings(PLACES))
    assert len(warnings) == len(EVERYWHERE)
    for place, language in EVERYWHERE:
        [warning] = [each for each in warnings if each.startswith(f"{place} is closed in {language}: ")]
        for piece in ("CONTACT", "APPROVAL", "PRIVACY"):
            assert f"SCREENER_DESK__{place.upper()}__{piece} " in warning


@pytest.mark.parametrize("place", PLACES)
def test_without_a_chat_of_its_desk_a_place_is_closed_in_every_language(place: str) -> None:
    bound = [each for each in PLACES if each != place]
    openings = desks().openings(bound, {})
    closed = {where for where in EVERYWHERE if not openings.consent(*where)}
    assert closed == {(place, language) for language in LANGUAGES}
    [warning] = desks().warnings(bound)
    assert f"screener desk invite --place {place}" in warning


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("place", PLACES)
def test_without_a_text_in_one_language_a_place_is_closed_in_that_language_only(
    place: str, what: OperatorText, language: Language
) -> None:
    other = {each: "words" for each in LANGUAGES if each != language}
    given = desks(with_desk(place, **{what: other}))
    assert EVERYWHERE - open_in(given) == {(place, language)}
    [warning] = given.warnings(PLACES)
    assert f"{place} is closed in {language}" in warning
    assert f"__{what.upper()} is not set" in warning


@pytest.mark.parametrize(
    ("closed", "where"),
    [
        (("fr_CA",), {("montreal", "fr")}),
        (("fr_FR",), {("paris", "fr")}),
        (("fr", "fr_CA", "fr_FR"), {(place, "fr") for place in PLACES}),
    ],
)
def test_a_closed_locale_closes_where_it_is_read_and_nowhere_else(
    closed: tuple[str, ...], where: set[tuple[str, str]]
) -> None:
    given = desks(catalogs=without_locales(*closed))
    assert EVERYWHERE - open_in(given) == where
    if "fr" not in closed:
        assert [warning.partition(":")[0] for warning in given.warnings(PLACES)] == [
            f"{place} is closed in {language}" for place, language in where
        ]


def test_whoever_speaks_a_closed_language_is_answered_in_english() -> None:
    given = desks(catalogs=without_locales("fr", "fr_CA", "fr_FR"))
    assert given.openings(PLACES, {}).languages == ("en",)
    assert {given.locale("fr", place) for place in (None, *PLACES)} == {"en"}


def test_people_read_the_locale_of_their_place() -> None:
    assert [desks().locale("fr", place) for place in (None, *PLACES)] == ["fr", "fr_CA", "fr_FR", "fr"]
    assert {desks().locale("en", place) for place in (None, *PLACES)} == {"en"}
    assert desks(catalogs=without_locales("fr_CA")).locale("fr", "montreal") == "fr"


@pytest.mark.parametrize("what", TEXTS)
def test_a_place_whose_texts_do_not_fit_into_a_message_is_closed(what: OperatorText) -> None:
    given = desks(with_desk("paris", **{what: {"en": "x" * LONGEST_MESSAGE, "fr": "court"}}))
    assert EVERYWHERE - open_in(given) == {("paris", "en")}
    [warning] = given.warnings(PLACES)
    assert "longer than Telegram allows" in warning


@pytest.mark.parametrize("what", TEXTS)
def test_no_screen_is_too_long_where_the_operators_words_are_as_long_as_they_may_be(what: OperatorText) -> None:
    def of_length(length: int) -> Desks:
        return desks(with_desk("paris", **{what: {"en": "é" * length, "fr": "court"}}))

    def closed(length: int) -> bool:
        return ("paris", "en") not in open_in(of_length(length))

    longest = bisect_left(range(1, LONGEST_MESSAGE), True, key=closed)
    assert longest > 500
    given = of_length(longest)
    doors = Doors(Store("sqlite+aiosqlite:///unused.db"), Vault(b"s" * 32), given, given.openings(PLACES, {}))
    views = Views(PLAN, doors, given, Renderer(CATALOGS, given.told))
    assert max(len(views.screen(session).text) for session in everywhere_in_paris()) <= LONGEST_MESSAGE


def everywhere_in_paris() -> list[Session]:
    """Sessions on each screen that shows the operator's words, with the answers listed where they can be."""
    asked = person().starts("en", "paris").consents()
    unsure = person().starts("en", "paris").consents().taps(*["unsure"] * len(AFTER_CONSENT))
    consent = person().starts("en", "paris").taps("yes").now
    cards = [asked.now.changed(aside=topic) for topic in ("human", "privacy")]
    open_ones = [
        asked.now.changed(state="closed"),
        consent,
        *cards,
        unsure.taps("continue").now,
        at_sent("en", "paris").now,
    ]
    return [*(each.changed(listing=True) for each in open_ones), *(asked.now.emptied(end) for end in ENDS)]


# -------------------------------------------------------------------------------------------------- the consent


@pytest.mark.parametrize("what", ["approval", "privacy"])
def test_whoever_agreed_is_asked_again_when_the_operators_words_change(what: OperatorText) -> None:
    given = with_desk("paris", **{what: {"en": "Other words.", "fr": DESKS["paris"].text(what, "fr")}})
    assert changed(desks(given)) == {("paris", "en")}


@pytest.mark.parametrize("key", ["consent.ask", "privacy.kept", "privacy.team", "privacy.free"])
def test_whoever_agreed_is_asked_again_when_our_words_change(key: str) -> None:
    assert changed(desks(catalogs=with_text("en", key, "Other words."))) == {(place, "en") for place in PLACES}
    assert changed(desks(catalogs=with_text("fr_CA", key, "Autre chose."))) == {("montreal", "fr")}


def test_whoever_agreed_is_asked_again_when_another_emergency_number_is_named() -> None:
    catalogs = with_text("fr_FR", "place.paris.emergency", "le 17")
    assert changed(desks(catalogs=catalogs)) == {("paris", "fr")}


def test_whoever_agreed_is_asked_again_when_there_are_more_questions() -> None:
    fewer = Plan(altered(STUDY, questions=STUDY.questions[:-1]))
    assert changed(desks(plan=fewer)) == EVERYWHERE


def test_nobody_is_asked_again_because_of_what_they_did_not_agree_to() -> None:
    assert changed(desks(with_desk("paris", contact="another number", chat=-1, language="en"))) == set()
    assert changed(desks(catalogs=with_text("en", "help.text", "Other words."))) == set()
    assert changed(desks(plan=Plan(with_question(STUDY, "infection", label="Another")))) == set()
    assert changed(desks(plan=Plan(with_place(STUDY, "paris", lengths=("cm",))))) == set()


def test_the_places_and_languages_have_digests_of_their_own() -> None:
    assert len(set(digests(desks()).values())) == len(EVERYWHERE)
    assert digests(desks()) == digests(desks())


# --------------------------------------------------------------------------------------------- what is told


def test_each_desk_tells_its_own_words_and_a_place_without_one_tells_none() -> None:
    given = desks({"paris": DESKS["paris"]})
    assert given.told(Told("contact", "paris"), "en") == DESKS["paris"].text("contact", "en")
    assert given.told(Told("contact", "montreal"), "en") is None
    assert (given.chat("paris"), given.chat("montreal")) == (DESKS["paris"].chat, None)
