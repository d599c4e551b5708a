"""What people type is read as what they meant, or asked about; never as the opposite."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest

from dialogs.reading import Chose, Command, NotSure, lexicon, read
from tests.evaluation import report
from tests.reading import COMMITTED, LINES, STUDY, chosen, reads

# ------------------------------------------------------------------------------------ plain answers


@pytest.mark.parametrize(
    "text", ["yes", "Yes!", "YEP", "yesss", "oui", "Ouiiii", "ouais", "ben oui", "tout a fait", "oui oui"]
)
def test_a_plain_yes_is_a_yes_in_either_language(text: str) -> None:
    assert chosen("cancer", text) == chosen("cancer", text, "fr_CA") == "yes"


@pytest.mark.parametrize(
    "text", ["no", "Nope", "nooo", "non", "nan", "pantoute", "pas du tout", "NON!!", "❌", "ben non", "not at all"]
)
def test_a_plain_no_is_a_no_in_either_language(text: str) -> None:
    assert chosen("cancer", text) == chosen("cancer", text, "fr_FR") == "no"


@pytest.mark.parametrize(
    "text", ["jsp", "idk", "chu pas sûr", "aucune idée", "no idea", "🤷", "🤷🏽‍♀️", "je ne sais pas", "not sure"]
)
def test_not_knowing_is_never_a_no(text: str) -> None:
    assert {chosen(asked, text) for asked in STUDY.askings if asked != "age"} == {"unsure"}


def test_a_thumb_is_a_yes_only_where_it_cannot_mean_that_all_is_well() -> None:
    assert chosen("diagnosis", "👍") == "yes"
    assert (
        reads("cancer", "👍") == NotSure(candidates=("yes", "past", "no", "unsure")) or chosen("cancer", "👍") is None
    )


def test_not_to_my_knowledge_is_the_ordinary_no_it_is_in_speech() -> None:
    assert chosen("infection", "pas à ma connaissance", "fr_CA") == "no"
    assert chosen("pregnancy", "not that I know of") is None


# -------------------------------------------------------------------------- when nothing is committed


@pytest.mark.parametrize(
    "text",
    [
        "je pense que oui",
        "probably not",
        "I think so",
        "sans doute pas",
        "yes no",
        "oui mais contrôlé",
        "yes but it is treated",
        "I don't not have cancer",
        "je ne dis pas non",
        "my mother has cancer",
        "ma mère oui",
        "I had cancer",
        "je n'ai plus de cancer",
        "cancer-free since 2019",
        "en rémission",
        "pas encore",
        "no?",
        "oui ?",
        "I don't know that I have cancer",
        "my lungs are bad",
        "pas impossible",
        "non-hodgkin lymphoma",
        "nobody told me I don't",
        "yes thank god",
        "ok",
        "now",
        "nom",
        "on",
        "je n'ai",
        "pourquoi pas",
    ],
)
def test_what_has_another_reasonable_reading_is_asked_about(text: str) -> None:
    assert chosen("cancer", text) is None
    assert chosen("cancer", text, "fr_CA") is None


def test_the_candidates_are_choices_of_the_question_the_likeliest_first() -> None:
    assert reads("hypertension", "pression haute mais contrôlée par médicament", "fr_CA") == NotSure(
        candidates=("yes", "no", "unsure")
    )
    assert reads("infection", "oui mais traitée", "fr_CA") == NotSure(candidates=("yes", "controlled"))


def test_candidates_always_exist_on_the_screen() -> None:
    places = {place.id for place in STUDY.places}
    for line in LINES:
        valid = places if line.question == "place" else {each.id for each in STUDY.askings[line.question].choices}
        reading = read(STUDY, line.question, line.locale, line.text)
        assert not isinstance(reading, NotSure) or set(reading.candidates) <= valid, line.text


# ------------------------------------------------------------------------------------ transformations


def _variants(text: str) -> Iterator[str]:
    yield text.upper()
    yield text.lower()
    yield f"  {text}  \n"
    yield text + "."
    yield text + " !"
    yield text.replace("'", "’")
    yield "\u200f" + text.replace(" ", " \u200b")
    yield unicodedata.normalize("NFD", text)


def test_a_commitment_does_not_change_with_case_apostrophes_or_punctuation() -> None:
    for turn, line in enumerate(COMMITTED):
        forms = list(_variants(line.text))
        readings = {chosen(line.question, forms[(turn + step) % len(forms)], line.locale) for step in (0, 3)}
        assert readings == {line.given["choice"]}, line.text


def _some(form: str) -> list[report.Line]:
    """A third of the committed lines, another third for every form: all forms together meet each line."""
    return COMMITTED[len(form) % 3 :: 3]


def test_without_accents_the_same_is_read_or_it_is_asked() -> None:
    for line in COMMITTED[::2]:
        bare = "".join(char for char in unicodedata.normalize("NFD", line.text) if not unicodedata.combining(char))
        assert chosen(line.question, bare, line.locale) in (line.given["choice"], None), bare


@pytest.mark.parametrize(
    "form",
    [
        "{} ?", "{}?", "maybe {}", "je pense que {}", "probablement {}", "I think {}", "peut-être {}",
        "if my doctor agrees, {}", "seulement si on insiste, {}", "{}, I guess", "{}, je suppose",
    ],
)  # fmt: skip
def test_a_question_mark_or_a_hedge_takes_every_commitment_back(form: str) -> None:
    still = [
        line.text for line in _some(form) if chosen(line.question, form.format(line.text), line.locale) is not None
    ]
    assert still == []


@pytest.mark.parametrize("form", ["{}, {}", "{} {}", "{} mais {}", "{}. {}"])
def test_an_opposite_added_takes_every_yes_and_no_back(form: str) -> None:
    opposite = {"yes": "no", "no": "oui"}
    still = [
        line.text
        for line in _some(form)
        if (choice := str(line.given["choice"])) in opposite
        and chosen(line.question, form.format(line.text, opposite[choice]), line.locale) is not None
    ]
    assert still == []


COURTESIES = ["{} thanks", "hi, {}", "{} svp", "bonjour, {}", "{} 🙂", "{}!!!", "well, {}", "ben, {}"]


@pytest.mark.parametrize("form", COURTESIES)
def test_courtesy_and_emoji_never_turn_an_answer_round(form: str) -> None:
    turned = [
        line.text
        for line in _some(form)
        if chosen(line.question, form.format(line.text), line.locale) not in (line.given["choice"], None)
    ]
    assert turned == []


@pytest.mark.parametrize(
    "asked", ["cancer", "infection", "bone_marrow", "blood_counts", "hypertension", "organ_damage"]
)
@pytest.mark.parametrize(
    "text",
    [
        "no, they removed it", "non, on me l'a enlevé", "no, it cleared up", "no, had it years ago",
        "non, mais ils ont trouvé quelque chose", "yes, all good", "oui, tout est nickel", "no crohns", "pas de lupus",
        "no wait, yes", "non attends, oui", "my mother does", "ma mère oui", "no, only a small one", "she has it",
        "I am on antibiotics", "I have my appointment", "not that bad", "pas tant que ça",
    ],
)  # fmt: skip
def test_a_detail_that_may_turn_the_answer_round_is_asked_about(asked: str, text: str) -> None:
    assert chosen(asked, text) is None


@pytest.mark.parametrize(
    ("asked", "text", "choice"),
    [
        ("diagnosis", "yes, the professor in Lausanne told me in 2014 after the nailfold thing", "yes"),
        ("cancer", "no, thank you, my garden keeps me busy", "no"),
        ("infection", "non, je reviens du marché et tout roule", "no"),
        ("bone_marrow", "my uncle had that, I don't", "no"),
        ("cancer", "ma tante en est morte, mais moi non", "no"),
        ("diagnosis", "I don't know, the resident mumbled", "unsure"),
        ("hypertension", "118/74 this morning", "no"),
        ("hypertension", "190 sur 115", "yes"),
        ("hypertension", "140/85", None),
    ],
)
def test_details_beside_a_plain_answer_do_not_matter(asked: str, text: str, choice: str | None) -> None:
    assert chosen(asked, text) == choice


@pytest.mark.parametrize(
    ("asked", "text", "choice"),
    [
        ("cancer", "she does not", "no"), ("cancer", "ma mère n'en a pas", "no"), ("infection", "elle en a pas", "no"),
        ("cancer", "il l'a", "yes"), ("transplant", "mon mari n'en veut pas", "declined"),
        ("cancer", "his mother has it", None), ("cancer", "sa sœur l'a", None),
    ],
)  # fmt: skip
def test_a_helper_answers_in_the_third_person_and_nobody_else_does(asked: str, text: str, choice: str | None) -> None:
    reading = read(STUDY, asked, "fr_CA", text, helping=True)
    assert (reading.choice if isinstance(reading, Chose) else None) == choice
    assert chosen(asked, text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("go back i messed up", "back"), ("oups mauvais bouton, je veux revenir en arrière", "back"),
        ("erase everything i said", "delete_my_data"), ("what does systemic sclerosis mean", "help"),
        ("why do you need to know that", "why"), ("peut-on reprendre depuis le début", "restart"),
    ],
)  # fmt: skip
def test_a_command_is_found_with_its_reason_around_it(text: str, name: str) -> None:
    assert reads("cancer", text, "fr_CA") == Command(name=name)


@pytest.mark.parametrize("text", ["don't delete my answers", "they removed my spleen", "it never went back to normal"])
def test_what_only_sounds_like_a_command_is_none(text: str) -> None:
    assert not isinstance(reads("cancer", text), Command)


@pytest.mark.parametrize("word", ["no", "non", "yes", "oui", "nan", "now", "not"])
def test_short_words_are_never_corrected_into_one_another(word: str) -> None:
    assert lexicon.corrected("nom") == "nom"
    assert lexicon.corrected(word) == word


def test_a_negating_prefix_is_never_taken_for_a_typo() -> None:
    for word in ("inelligible", "unsevere", "imposible"):
        assert lexicon.corrected(word)[:2] == word[:2]


@pytest.mark.parametrize("text", ["sclerodermei systemique", "j'ai la sclerodermie systemiqe", "systemc sclerosis yes"])
def test_typos_in_long_words_are_forgiven(text: str) -> None:
    assert chosen("diagnosis", "oui " + text, "fr_CA") == "yes"
