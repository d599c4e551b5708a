"""Heights and weights are read in every form people write them, and asked again when anything else may be meant."""

from __future__ import annotations

import pytest

from dialogs import study as studies
from dialogs.reading import Gave, WhichUnit, as_record, read

STUDY = studies.read()


def value(asked: str, text: str, locale: str = "fr_CA") -> float:
    """The height or weight read, in cm or kg."""
    given = as_record(read(STUDY, asked, locale, text))["value"]
    assert isinstance(given, float), text
    return given


HEIGHTS = [
    ("5f3", 160.02),
    ("5 p 3", 160.02),
    ("5'3 1/2", 161.29),
    ("five foot three", 160.02),
    ("5 foot nothing", 152.4),
    ("5 and a half feet", 167.64),
    ("cinq pieds trois et demi", 161.29),
    ("5 pieds juste", 152.4),
    ("63 pouces", 160.02),
    ("160 cm or 5'3", 160),
    ("5'3\" (160 cm)", 160.02),
    ("un mètre quatre-vingt-deux", 182),
    ("1 mètre 74 pieds nus", 174),
    ("1m51 petite mais costaude", 151),
    ("168 cms only", 168),
    ("1600 mm", 160),
    ("my driver's license says 5'3", 160.02),
]
WEIGHTS = [
    ("120 ponds", 54.43),
    ("120ish lbs", 54.43),
    ("54 and a half kg", 54.5),
    ("54 kilos et demi", 54.5),
    ("54kg500", 54.5),
    ("eight and a half stone", 53.98),
    ("8 st 7 lb", 53.98),
    ("54 kg (119 lb)", 54),
    ("54 kg or 119 lbs", 54),
    ("one twenty pounds", 54.43),
    ("dix-sept stone", 107.95),
    ("quatre-vingt-dix kilos", 90),
    ("nonante kilos", 90),
    ("je suis rendue à 110 livres", 49.9),
    ("94 kilos, hélas", 94),
    ("45 kg je suis maigre", 45),
]


@pytest.mark.parametrize(("text", "centimetres"), HEIGHTS, ids=[text for text, _ in HEIGHTS])
def test_a_height_as_people_write_it_is_that_height(text: str, centimetres: float) -> None:
    assert value("bmi.height", text) == pytest.approx(centimetres, abs=0.01)


@pytest.mark.parametrize(("text", "kilograms"), WEIGHTS, ids=[text for text, _ in WEIGHTS])
def test_a_weight_as_people_write_it_is_that_weight(text: str, kilograms: float) -> None:
    assert value("bmi.weight", text) == pytest.approx(kilograms, abs=0.01)


@pytest.mark.parametrize(
    ("asked", "text", "now"),
    [
        ("bmi.height", "I used to be 5'6, now I'm 5'5", 165.1),
        ("bmi.height", "1m70 à 20 ans, 1m67 aujourd'hui", 167),
        ("bmi.height", "j'ai perdu 3 cm, je suis à 1m57", 157),
        ("bmi.weight", "lost 15 pounds, now I'm 118 lbs", 53.52),
        ("bmi.weight", "j'ai perdu 4 kilos, je fais 51 kg maintenant", 51),
        ("bmi.weight", "60 kg avant, 52 kg maintenant", 52),
        ("bmi.weight", "109 pounds, used to be 140 before all this", 49.44),
    ],
)
def test_of_then_and_now_the_now_is_taken(asked: str, text: str, now: float) -> None:
    assert value(asked, text) == pytest.approx(now, abs=0.01)


@pytest.mark.parametrize(
    ("asked", "text", "meant"),
    [
        ("bmi.height", "5'3, no 5'4", 162.56),
        ("bmi.height", "1m60, pardon 1m62", 162),
        ("bmi.weight", "120, no 125 lb", 56.7),
        ("bmi.weight", "54 kg non 56 kg", 56),
    ],
)
def test_a_correction_counts(asked: str, text: str, meant: float) -> None:
    assert value(asked, text) == pytest.approx(meant, abs=0.01)


DOUBTFUL = [
    ("bmi.height", "5.3"),
    ("bmi.height", "5'3 or 5'4"),
    ("bmi.height", "1m60 ou 1m61"),
    ("bmi.height", "just under 5'3"),
    ("bmi.height", "5 pieds 8 dans ma jeunesse"),
    ("bmi.height", "5'6 but I shrunk"),
    ("bmi.height", "my sister is 5'3"),
    ("bmi.height", "1m62 quand j'étais jeune, maintenant moins"),
    ("bmi.height", "I'd like to be 5'6"),
    ("bmi.height", "5'13"),
    ("bmi.weight", "would love to be 130 lbs again"),
    ("bmi.weight", "le docteur voudrait que je pèse 120 livres"),
    ("bmi.weight", "mon poids idéal est 55 kg"),
    ("bmi.weight", "my goal is 120 lbs"),
    ("bmi.weight", "not even 100 lbs"),
    ("bmi.weight", "entre 50 et 52 kg"),
    ("bmi.weight", "50-52 kg"),
    ("bmi.weight", "120 lb ou 70 kg"),
    ("bmi.weight", "I gained 10 lbs"),
    ("bmi.weight", "mon mari pèse 80 kg"),
    ("bmi.weight", "120 lb, sorry, 125 maybe"),
]


@pytest.mark.parametrize(("asked", "text"), DOUBTFUL, ids=[text for _, text in DOUBTFUL])
def test_a_wish_a_range_the_past_or_somebody_elses_figure_is_asked_again(asked: str, text: str) -> None:
    assert not [locale for locale in ("en", "fr_CA", "fr_FR") if isinstance(read(STUDY, asked, locale, text), Gave)]


def test_a_bare_weight_after_a_correction_still_asks_for_its_unit_in_canada() -> None:
    assert isinstance(read(STUDY, "bmi.weight", "fr_CA", "120 lb, non 125"), WhichUnit)
