"""Where the options are figures themselves, a figure typed is that option, listed or not; its place never counts."""

from __future__ import annotations

import pytest

from dialogs.conversation import heard
from dialogs.entries import place_of
from dialogs.events import Entered, Event, Listed, Measured, Narrowed, Tapped, Unclear, WentBack
from dialogs.measure import coarse_steps, fine_steps
from dialogs.symbols import Say
from tests.dialogs_world import PLAN, STUDY, Person, person
from tests.test_typing_only import RENDERER, TYPISTS, TYPISTS_OWN, Typist


def at_height(typist: Typist, listing: bool, unit: str, *taps: str) -> Person:
    """Somebody who is asked how tall they are, in this unit, and taps so far."""
    here = person().starts(typist.language, typist.place).consents().meets_all_before("bmi").does(Listed(on=listing))
    if place_of(PLAN, here.now).lengths[0] != unit:
        here.taps(unit)
    return here.taps(*taps)


def types(typist: Typist, here: Person, text: str) -> Event:
    locale = typist.locale(here.now)
    return heard(STUDY, here.screen, here.now, locale, text, RENDERER.labels(here.screen, locale))


WAYS = pytest.mark.parametrize("listing", [False, True], ids=["not listed", "listed"])
READERS = pytest.mark.parametrize("typist", [TYPISTS[who] for who in TYPISTS_OWN], ids=TYPISTS_OWN)


@WAYS
@READERS
def test_a_figure_typed_where_feet_are_asked_is_so_many_feet(typist: Typist, listing: bool) -> None:
    here = at_height(typist, listing, "ft_in")
    for feet in coarse_steps("ft_in"):
        for text in (
            f"{feet}",
            f"{feet}.",
            f"{feet} ft",
            f"{feet} feet",
            f"{feet} pieds",
            f"{feet}'",
            f"option {feet}",
        ):
            assert types(typist, here, text) == Narrowed(coarse=feet), text
    assert types(typist, here, "five") == types(typist, here, "cinq") == Narrowed(coarse=5)


@WAYS
@READERS
def test_a_figure_typed_where_inches_are_asked_is_so_many_inches(typist: Typist, listing: bool) -> None:
    for feet in coarse_steps("ft_in"):
        here = at_height(typist, listing, "ft_in", str(feet))
        for height in fine_steps("ft_in", feet):
            inches = int(height.value) % 12
            for text in (f"{inches}", f"{inches} in", f"{inches} pouces", f'{inches}"', f"{feet}'{inches}"):
                assert types(typist, here, text) == Entered(height=height), text


@WAYS
@READERS
def test_a_figure_typed_where_centimetres_are_asked_is_so_many_centimetres(typist: Typist, listing: bool) -> None:
    here = at_height(typist, listing, "cm")
    exact = at_height(typist, listing, "cm", "150")
    for height in fine_steps("cm", 150):
        for text in (f"{height.value}", f"{height.value} cm"):
            assert types(typist, here, text) == types(typist, exact, text) == Entered(height=height)


@pytest.mark.parametrize("unit", ["ft_in", "cm"])
@READERS
def test_feet_or_inches_are_never_the_place_of_another_option(typist: Typist, unit: str) -> None:
    for here in (at_height(typist, True, unit), at_height(typist, True, "cm", "150")):
        assert not isinstance(types(typist, here, '4"'), Narrowed | Entered | Measured | WentBack)
        assert types(typist, here, "5'4\"") == types(typist, here, "5 ft 4")


@READERS
def test_the_number_beside_an_option_in_the_list_is_what_to_type(typist: Typist) -> None:
    feet = [str(step) for step in coarse_steps("ft_in")]
    everywhere = [at_height(typist, True, "ft_in", *taps) for taps in ((), *((each,) for each in feet))]
    everywhere += [at_height(typist, True, "cm", *taps) for taps in ((), ("100",), ("150",), ("230",))]
    everywhere.append(at_height(typist, True, "cm", "160", "163"))
    for here in everywhere:
        text = RENDERER.message(here.screen, typist.locale(here.now)).text
        lines = [line for block in here.screen.blocks for line in block if isinstance(line, Say)]
        numbers = [line.params["number"] for line in lines if line.key == "listed.option"]
        assert numbers == list(here.screen.numbered)
        assert list(here.screen.numbered.values()) == list(here.screen.answers)
        for number, option in here.screen.numbered.items():
            label = RENDERER.say(option.label, typist.locale(here.now))
            assert f"{number}. {label}" in text
            assert types(typist, here, str(number)) == option.event, (here.at, number)


@READERS
def test_a_place_said_in_words_is_not_taken_for_a_figure(typist: Typist) -> None:
    here = at_height(typist, True, "ft_in")
    for text in ("the fourth", "la quatrième", "the first one"):
        assert isinstance(types(typist, here, text), Unclear), text


@pytest.mark.parametrize("text", ["2", "two", "deux", "un", "one"])
def test_a_bare_number_in_letters_needs_a_list_like_one_in_figures(text: str) -> None:
    typist = TYPISTS["en"]
    here = person().starts("en", typist.place).consents()
    assert isinstance(types(typist, here, text), Unclear)
    assert isinstance(types(typist, here.does(Listed(on=True)), text), Tapped)
