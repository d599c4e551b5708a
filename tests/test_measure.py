"""Weight bands against arithmetic done here a second time, with nothing but fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest

from dialogs.events import ChangedPlace, Entered, Measured, Weighed
from dialogs.measure import (
    Height,
    Length,
    Mass,
    Weight,
    WeightBands,
    coarse_steps,
    fine_steps,
    from_feet,
    weight_bands,
)
from dialogs.study import BodyMass, Verdict
from dialogs.symbols import Amount
from tests.dialogs_world import STUDY, Person, person

# The oracle: BMI = kg / m². An inch is 2.54 cm, a pound 0.45359237 kg, both exactly.
METRE: dict[Length, Fraction] = {"cm": Fraction(1, 100), "ft_in": Fraction("0.0254")}
KILOGRAM: dict[Mass, Fraction] = {"kg": Fraction(1), "lb": Fraction("0.45359237")}
EXCLUDED, CLEARED = Fraction(18), Fraction("18.5")
MASSES: tuple[Mass, ...] = get_args(Mass)
LENGTHS: tuple[Length, ...] = get_args(Length)

CENTIMETRES = [Height(unit="cm", value=Decimal(value)) for value in range(100, 231)]
INCHES = [Height(unit="ft_in", value=Decimal(value)) for value in range(40, 91)]
TENTHS = [Height(unit="cm", value=Decimal(value) / 10) for value in range(1000, 2301) if value % 10]
# Half inches that may be said: 3'4½" to 7'6½" would begin below 100 cm or end above 230 cm.
HALVES = [Height(unit="ft_in", value=Decimal(value) / 2) for value in range(79, 182) if value % 2]
WIDTHS = {"whole": Fraction(1), "tenths": Fraction(1, 10), "halves": Fraction(1, 2)}
KINDS = {"centimetres": (CENTIMETRES, "whole"), "inches": (INCHES, "whole")}
KINDS |= {"tenths": (TENTHS, "tenths"), "half inches": (HALVES, "halves")}


def bounds() -> BodyMass:
    asked = STUDY.question("bmi").body_mass
    assert asked is not None
    return asked


def true_heights(entered: Height, width: Fraction) -> list[Fraction]:
    """True heights in metres that round to this entry: both ends of the interval and points between them."""
    middle, metre = Fraction(entered.value), METRE[entered.unit]
    return [(middle + width * (Fraction(part, 10) - Fraction(1, 2))) * metre for part in range(11)]


def bmi(kilograms: Fraction, metres: Fraction) -> Fraction:
    return kilograms / metres**2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mass", MASSES)
def test_no_band_decides_wrongly_for_any_height_that_rounds_to_the_entry(kind: str, mass: Mass) -> None:
    heights, width = KINDS[kind]
    assert heights
    for entered in heights:
        bands = weight_bands(entered, mass, bounds())
        just_excluded = bands.excludes_below * KILOGRAM[mass]
        just_cleared = bands.clears_from * KILOGRAM[mass]
        for metres in true_heights(entered, WIDTHS[width]):
            # Whoever taps "below" weighs less than the bound itself, so the bound may be 18 but no more.
            assert bmi(just_excluded, metres) <= EXCLUDED, entered
            assert bmi(just_cleared, metres) >= CLEARED, entered


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mass", MASSES)
def test_the_bands_are_as_wide_as_they_can_be_without_deciding_wrongly(kind: str, mass: Mass) -> None:
    heights, width = KINDS[kind]
    for entered in heights:
        bands = weight_bands(entered, mass, bounds())
        shortest, *_, tallest = true_heights(entered, WIDTHS[width])
        assert bmi((bands.excludes_below + 1) * KILOGRAM[mass], shortest) > EXCLUDED, entered
        assert bmi((bands.clears_from - 1) * KILOGRAM[mass], tallest) < CLEARED, entered


@pytest.mark.parametrize("mass", MASSES)
def test_the_bands_leave_no_gap_and_do_not_overlap(mass: Mass) -> None:
    for entered in (*CENTIMETRES, *INCHES, *TENTHS, *HALVES):
        bands = weight_bands(entered, mass, bounds())
        assert bands.excludes_below < bands.clears_from
        low, high = Decimal(bands.excludes_below), Decimal(bands.clears_from)
        edges = [low - Decimal("0.1"), low, high - Decimal("0.1"), high]
        held = [bands.of(Weight(unit=mass, value=value)) for value in edges]
        assert held == ["below", "between", "between", "above"], entered


@pytest.mark.parametrize("mass", MASSES)
def test_a_typed_weight_is_never_decided_wrongly(mass: Mass) -> None:
    """Every weight to the tenth, at every fifth height: decided only where all true heights agree."""
    for entered in (*CENTIMETRES[::5], *INCHES[::5]):
        bands = weight_bands(entered, mass, bounds())
        heights = true_heights(entered, Fraction(1))
        for tenths in range(200, 1500, 1):
            weight = Weight(unit=mass, value=Decimal(tenths) / 10)
            kilograms = Fraction(tenths, 10) * KILOGRAM[mass]
            match bands.of(weight):
                case "below":
                    assert bmi(kilograms, heights[0]) < EXCLUDED
                case "above":
                    assert bmi(kilograms, heights[-1]) >= CLEARED


def test_bands_by_hand() -> None:
    """5'3": from 5'2½" (1.5875 m) to 5'3½" (1.6129 m). 18.0 × 2.52016 = 45.36 kg; 18.5 × 2.60145 = 48.13 kg."""
    entered = from_feet(5, 3)
    assert weight_bands(entered, "kg", bounds()) == WeightBands(unit="kg", excludes_below=45, clears_from=49)
    assert weight_bands(entered, "lb", bounds()) == WeightBands(unit="lb", excludes_below=100, clears_from=107)


def test_bands_refuse_a_weight_in_another_unit() -> None:
    bands = weight_bands(from_feet(5, 3), "kg", bounds())
    with pytest.raises(ValueError, match="bands in kg"):
        bands.of(Weight(unit="lb", value=Decimal(100)))


# ------------------------------------------------------------------------------------- what is possible


@pytest.mark.parametrize(
    ("unit", "value", "possible"),
    [
        ("cm", "99.9", False),
        ("cm", "100", True),
        ("cm", "230", True),
        ("cm", "230.1", False),
        ("ft_in", "39", False),
        ("ft_in", "40", True),
        ("ft_in", "90", True),
        ("ft_in", "91", False),
    ],
)
def test_a_height_is_possible_from_100_to_230_centimetres(unit: Length, value: str, possible: bool) -> None:
    assert Height(unit=unit, value=Decimal(value)).possible is possible


@pytest.mark.parametrize(
    ("unit", "value", "possible"),
    [
        ("kg", "24.9", False),
        ("kg", "25", True),
        ("kg", "250", True),
        ("kg", "250.1", False),
        ("lb", "55", False),
        ("lb", "56", True),
        ("lb", "551", True),
        ("lb", "552", False),
    ],
)
def test_a_weight_is_possible_from_25_to_250_kilograms(unit: Mass, value: str, possible: bool) -> None:
    assert Weight(unit=unit, value=Decimal(value)).possible is possible


# ------------------------------------------------------------------------------------ on the screen


def at_height(place: str = "montreal") -> Person:
    return person().starts(place=place).consents().meets_all_before("bmi")


def test_the_weight_is_not_asked_where_only_impossible_weights_could_exclude() -> None:
    for entered in (*CENTIMETRES, *INCHES):
        shortest = true_heights(entered, Fraction(1))[0]
        possible_weight_excludes = int(EXCLUDED * shortest**2) > 25
        here = at_height().does(Entered(height=entered))
        if possible_weight_excludes:
            assert here.at == "bmi.weight", entered
        else:
            assert (here.at, here.answers["bmi"]) == ("blood_counts", "unsure"), entered
        assert (here.now.height is None) is not possible_weight_excludes


@pytest.mark.parametrize("mass", MASSES)
@pytest.mark.parametrize("entered", [from_feet(5, 3), from_feet(6), CENTIMETRES[55], TENTHS[500]], ids=str)
def test_the_buttons_carry_the_bounds_of_the_bands(entered: Height, mass: Mass) -> None:
    here = at_height().does(Entered(height=entered), Measured(unit=mass))
    bands = weight_bands(entered, mass, bounds())
    low, high = Amount(bands.excludes_below, mass), Amount(bands.clears_from, mass)
    labels = {option.id: dict(option.label.params) for option in here.screen.options}
    assert labels["below"] == {"limit": low}
    assert labels["between"] == {"low": low, "high": high}
    assert labels["above"] == {"limit": high}


def test_a_typed_weight_and_its_button_say_the_same() -> None:
    choices = {choice.id: choice.verdict for choice in STUDY.question("bmi").choices}
    for value, band in (("44.9", "below"), ("45", "between"), ("48.9", "between"), ("49", "above")):
        here = at_height().does(Entered(height=from_feet(5, 3)))
        here.does(Weighed(weight=Weight(unit="kg", value=Decimal(value))))
        if choices[band] is Verdict.NOT_MET:
            assert (here.at, here.now.pending) == ("bmi.weight.confirm", band)
        else:
            assert here.answers["bmi"] == band


@pytest.mark.parametrize("place", [place.id for place in STUDY.places])
@pytest.mark.parametrize("unit", LENGTHS)
def test_every_height_is_at_most_three_taps_away(place: str, unit: Length) -> None:
    first = STUDY.place(place).lengths[0]
    reached: list[Height] = []
    for coarse in coarse_steps(unit):
        for fine in fine_steps(unit, coarse):
            taps = ([] if unit == first else [unit]) + [str(coarse), f"{fine.value}"]
            assert len(taps) <= 3
            reached.append(fine)
            if unit != first:
                taps = taps[1:]
            here = at_height(place)
            if unit != first:
                here.does(Measured(unit=unit))
            here.taps(*taps)
            assert here.now.height == fine or here.answers["bmi"] == "unsure"
    assert reached == (CENTIMETRES if unit == "cm" else INCHES)


@pytest.mark.parametrize("place", [place.id for place in STUDY.places])
def test_both_units_are_a_button_away_in_every_place(place: str) -> None:
    here = at_height(place)
    first, other = STUDY.place(place).lengths
    assert other in here.buttons
    assert first not in here.buttons
    assert first in here.taps(other).buttons


def test_feet_come_first_in_montreal_and_centimetres_in_paris() -> None:
    assert at_height("montreal").says("height.hint.ft_in")
    assert at_height("paris").says("height.hint.cm")


def test_an_impossible_height_is_asked_again_and_never_kept() -> None:
    here = at_height().does(Entered(height=Height(unit="cm", value=Decimal(99))))
    assert here.at == "bmi.height"
    assert here.says("note.impossible")
    assert here.now.height is None


def test_an_impossible_weight_is_asked_again_and_never_kept() -> None:
    here = at_height().taps("5", "63").does(Weighed(weight=Weight(unit="kg", value=Decimal(24))))
    assert here.at == "bmi.weight"
    assert here.says("note.impossible")
    assert "bmi" not in here.answers


def test_a_weight_typed_where_the_height_is_asked_again_decides_nothing() -> None:
    here = at_height().taps("5", "63", "back")
    assert here.at == "bmi.height"
    here.does(Weighed(weight=Weight(unit="kg", value=Decimal(40))))
    assert (here.at, here.now.pending) == ("bmi.height", None)


@pytest.mark.parametrize("last", ["below", "between", "above", "unsure"])
def test_the_height_is_not_kept_after_the_weight(last: str) -> None:
    here = at_height().taps("5", "63", last)
    if last == "below":
        assert here.now.height is not None, "a mis-tap must be able to come back to the bands"
        here.taps("confirmed")
    assert here.now.height is None
    assert here.now.coarse is None
    assert "63" not in here.now.model_dump_json().replace(here.now.touched.isoformat(), "").replace("n0nce", "")


def test_the_height_is_not_kept_when_the_place_changes_units() -> None:
    here = at_height().taps("5").does(ChangedPlace(place="paris"))
    assert here.now.coarse is None
    assert here.now.length is None
