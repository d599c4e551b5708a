"""Heights, weights and ages, in every way they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dialogs.measure import Height, Weight
from dialogs.reading import Danger, Gave, WhichUnit, as_record
from tests.reading import LOCALES, chosen, reads

# ---------------------------------------------------------------------------------- heights and weights


METRES = st_cm = some.integers(min_value=100, max_value=230)
FEET = some.tuples(some.integers(min_value=4, max_value=6), some.integers(min_value=0, max_value=11))


@given(METRES, some.sampled_from(LOCALES))
def test_every_metric_way_to_write_a_height_gives_that_height(centimetres: int, locale: str) -> None:
    metres, rest = divmod(centimetres, 100)
    forms = [f"{centimetres}", f"{centimetres} cm", f"{centimetres}cm", f"je mesure {centimetres} cm"]
    if rest:
        forms += [f"{metres},{rest:02}", f"{metres}.{rest:02} m"]
    if rest >= 10:
        forms += [f"{metres}m{rest}", f"{metres} m {rest}", f"{metres} mètre {rest}"]
    for form in forms:
        reading = reads("bmi.height", form, locale)
        assert isinstance(reading, Gave), form
        assert reading.value == Height(unit="cm", value=Decimal(centimetres)), form


@given(FEET, some.sampled_from(LOCALES))
def test_every_way_to_write_feet_and_inches_gives_that_height(size: tuple[int, int], locale: str) -> None:
    feet, inches = size
    forms = [
        f"{feet}'{inches}\"", f"{feet}’{inches}”", f"{feet} pi {inches}", f"{feet} pieds {inches} pouces",
        f"{feet} ft {inches} in", f"{feet}ft{inches}", f"{feet}pi{inches}po", f"I'm {feet}'{inches}",
    ]  # fmt: skip
    for form in forms:
        assert reads("bmi.height", form, locale) == Gave(
            value=Height(unit="ft_in", value=Decimal(feet * 12 + inches))
        ), form


@given(some.integers(min_value=25, max_value=250), some.sampled_from(LOCALES))
def test_every_way_to_write_kilograms_gives_that_weight(kilograms: int, locale: str) -> None:
    for form in (
        f"{kilograms} kg",
        f"{kilograms}kg",
        f"{kilograms} kilos",
        f"je pèse {kilograms} kg",
        f"{kilograms},0 kg",
    ):
        reading = reads("bmi.weight", form, locale)
        assert isinstance(reading, Gave), form
        assert reading.value == Weight(unit="kg", value=Decimal(kilograms)), form


@given(some.integers(min_value=56, max_value=551), some.sampled_from(LOCALES))
def test_every_way_to_write_pounds_gives_that_weight(pounds: int, locale: str) -> None:
    for form in (f"{pounds} lb", f"{pounds}lbs", f"{pounds} livres", f"{pounds} pounds", f"i weigh {pounds} lbs"):
        assert reads("bmi.weight", form, locale) == Gave(value=Weight(unit="lb", value=Decimal(pounds))), form


@given(some.integers(min_value=56, max_value=250))
def test_a_bare_weight_is_kilograms_in_france_and_a_question_elsewhere(value: int) -> None:
    assert reads("bmi.weight", str(value), "fr_FR") == Gave(value=Weight(unit="kg", value=Decimal(value)))
    for locale in ("en", "fr", "fr_CA"):
        assert reads("bmi.weight", str(value), locale) == WhichUnit(value=Decimal(value))


@pytest.mark.parametrize(
    "text",
    ["5.3", "5'15", "300 cm", "90 cm", "1m6", "54 kg", "5'3 or 5'4", "5'3\" or 170 cm", "63", "5", "160 ?", "not 160"],
)
def test_an_impossible_or_doubtful_height_is_never_stored(text: str) -> None:
    assert not isinstance(reads("bmi.height", text), Gave)


@pytest.mark.parametrize(
    "text", ["20 kg", "300 kg", "5'3\"", "more than 100 lbs", "between 50 and 55 kg", "I lost 5 kg", "120 lb or 60 kg"]
)
def test_an_impossible_or_doubtful_weight_is_never_stored(text: str) -> None:
    assert not isinstance(reads("bmi.weight", text), Gave)


def test_numbers_in_letters_are_numbers() -> None:
    assert as_record(reads("bmi.height", "un mètre soixante-deux", "fr_FR"))["value"] == 162.0
    assert as_record(reads("bmi.height", "cinq pieds quatre", "fr_CA"))["value"] == 162.56
    assert as_record(reads("bmi.weight", "quatre-vingt-dix-sept kilos", "fr_FR"))["value"] == 97.0
    assert as_record(reads("bmi.weight", "one hundred and fifteen pounds"))["value"] == 52.16


# ----------------------------------------------------------------------------------------------- age


@pytest.mark.parametrize(
    "text", ["45", "j'ai 54 ans", "I am 18", "née en 1958", "soixante et onze ans", "born in 1990", "38F"]
)
def test_an_adult_age_is_a_yes(text: str) -> None:
    assert chosen("age", text) == "yes"


@pytest.mark.parametrize("text", ["j'ai 16 ans", "I'm 17", "under 18", "moins de 18 ans", "je suis mineure"])
def test_a_young_age_is_a_sign_everywhere_and_after_a_no_the_answer_to_the_age_question(text: str) -> None:
    assert chosen("age", f"no, {text}") == "no"
    assert reads("age", text) == Danger(kind="minor")
    assert reads("cancer", text) == Danger(kind="minor")
