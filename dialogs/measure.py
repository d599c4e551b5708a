"""Height, weight and the weight bands that decide the body mass index, in exact rational arithmetic."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from dialogs.study import BodyMass, Frozen

Length = Literal["ft_in", "cm"]
Mass = Literal["lb", "kg"]
Band = Literal["below", "between", "above"]

METRES_PER = {"cm": Fraction(1, 100), "ft_in": Fraction(254, 10_000)}
KILOGRAMS_PER = {"kg": Fraction(1), "lb": Fraction(45_359_237, 100_000_000)}
POSSIBLE_METRES = (Fraction(1), Fraction(23, 10))
POSSIBLE_KILOGRAMS = (Fraction(25), Fraction(250))
INCHES_PER_FOOT = 12


class Height(Frozen):
    """A height as somebody entered it: whole or decimal centimetres, or inches in all (5'3" is 63)."""

    unit: Length
    value: Decimal

    @property
    def metres(self) -> Fraction:
        """The entered height itself."""
        return Fraction(self.value) * METRES_PER[self.unit]

    @property
    def possible(self) -> bool:
        """Whether this can be the height of an adult: 100 to 230 cm."""
        return POSSIBLE_METRES[0] <= self.metres <= POSSIBLE_METRES[1]

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """The smallest and the largest true height, in metres, that round to this entry."""
        half = _rounding(self) * METRES_PER[self.unit] / 2
        return self.metres - half, self.metres + half


class Weight(Frozen):
    """A weight as somebody entered it, in kilograms or pounds."""

    unit: Mass
    value: Decimal

    @property
    def kilograms(self) -> Fraction:
        """The entered weight itself."""
        return Fraction(self.value) * KILOGRAMS_PER[self.unit]

    @property
    def possible(self) -> bool:
        """Whether this can be the weight of an adult: 25 to 250 kg."""
        return POSSIBLE_KILOGRAMS[0] <= self.kilograms <= POSSIBLE_KILOGRAMS[1]


class WeightBands(Frozen):
    """Three bands of weight with no gap: below `excludes_below`, from there on, and from `clears_from` on."""

    unit: Mass
    excludes_below: int
    clears_from: int

    @property
    def worth_asking(self) -> bool:
        """Whether the excluding band holds any possible weight; if not, an answer could only clear."""
        return self.excludes_below * KILOGRAMS_PER[self.unit] > POSSIBLE_KILOGRAMS[0]

    def of(self, weight: Weight) -> Band:
        """The band this weight falls into. Raises ValueError for a weight in another unit than the bands."""
        if weight.unit != self.unit:
            raise ValueError(f"bands in {self.unit}, weight in {weight.unit}")
        if weight.value < self.excludes_below:
            return "below"
        return "above" if weight.value >= self.clears_from else "between"


def weight_bands(entered: Height, unit: Mass, bounds: BodyMass) -> WeightBands:
    """The three weight bands that decide the BMI criterion for anyone whose height rounds to `entered`.

    Bounds are whole kilograms or pounds, rounded outward over the height's rounding interval, so that no band can
    decide wrongly: below `excludes_below` every such BMI is under 18.0 kg/m², from `clears_from` on every one is at
    least 18.5. A typed weight is read against the same bands.
    Source: CARE-SSc exclusion "BMI < 18 kg/m2"; margin for self-report, NHANES (PMC2784464).
    """
    smallest, largest = entered.interval
    kilograms = KILOGRAMS_PER[unit]
    return WeightBands(
        unit=unit,
        excludes_below=floor(Fraction(bounds.excludes_below) * smallest**2 / kilograms),
        clears_from=ceil(Fraction(bounds.clears_from) * largest**2 / kilograms),
    )


def from_feet(feet: int, inches: int | Decimal = 0) -> Height:
    """The height entered as feet and inches."""
    return Height(unit="ft_in", value=Decimal(feet * INCHES_PER_FOOT) + inches)


def coarse_steps(unit: Length) -> tuple[int, ...]:
    """The first tap of a height: feet, or centimetres in tens (150 stands for 150 to 159)."""
    low, high = _possible_entries(unit)
    step = _coarse(unit)
    return tuple(range(low // step, high // step + 1)) if unit == "ft_in" else tuple(range(low, high + 1, step))


def fine_steps(unit: Length, coarse: int) -> tuple[Height, ...]:
    """The second tap: every possible height, to the inch or centimetre, that begins with `coarse`."""
    low, high = _possible_entries(unit)
    start = coarse * INCHES_PER_FOOT if unit == "ft_in" else coarse
    values = range(max(start, low), min(start + _coarse(unit) - 1, high) + 1)
    return tuple(Height(unit=unit, value=Decimal(value)) for value in values)


def _coarse(unit: Length) -> int:
    return INCHES_PER_FOOT if unit == "ft_in" else 10


def _possible_entries(unit: Length) -> tuple[int, int]:
    low, high = POSSIBLE_METRES
    return ceil(low / METRES_PER[unit]), floor(high / METRES_PER[unit])


def _rounding(height: Height) -> Fraction:
    """The distance between two neighbouring entries: 1, or 0.1 for a decimal; a fraction of an inch means halves."""
    if height.value == height.value.to_integral_value():
        return Fraction(1)
    if height.unit == "ft_in":
        return Fraction(1, 2)
    return Fraction(10) ** int(height.value.as_tuple().exponent)
