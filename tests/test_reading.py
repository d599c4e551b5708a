"""What people type is read as what they meant, or asked about; never as the opposite."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dialogs import study as studies
from dialogs.measure import Height, Weight
from dialogs.reading import (
    Chose,
    Command,
    Danger,
    Gave,
    NotSure,
    NotUnderstood,
    Reading,
    WhichUnit,
    answer_lines,
    as_record,
    explain,
    lexicon,
    read,
)
from tests.evaluation import report

STUDY = studies.read()
QUESTIONS = (*STUDY.askings, "place")
SCREENS = (*QUESTIONS, "language", "consent", "confirm", "preview", "result", "sent", "safety", "review", "nowhere")
LOCALES = ("en", "fr", "fr_CA", "fr_FR")
CONSENT = {
    "agree": "Yes, I agree",
    "agree_helping": "Yes. I am helping someone who is here with me",
    "decline": "No",
}
LINES = list(report.lines(report.files()))
COMMITTED = [line for line in LINES if line.given["kind"] == "choice" and not line.helping]


def reads(asked: str, text: str, locale: str = "en") -> Reading:
    return read(STUDY, asked, locale, text)


def chosen(asked: str, text: str, locale: str = "en") -> str | None:
    """The choice that is committed, if any."""
    reading = reads(asked, text, locale)
    return reading.choice if isinstance(reading, Chose) else None


# ------------------------------------------------------------------------------------------ the gate


def test_the_evaluation_set_holds_no_wrong_commit_and_enough_is_understood() -> None:
    assert report.failures(LINES) == []


def test_the_held_out_part_alone_passes_the_same_gate() -> None:
    assert report.failures([line for line in LINES if "heldout" in line.source]) == []


def test_the_evaluation_set_is_large_and_covers_every_question_in_every_locale() -> None:
    assert len(LINES) >= 900
    assert {(line.locale, line.question) for line in LINES} >= {
        (locale, asked) for locale in ("en", "fr_CA", "fr_FR") for asked in QUESTIONS
    }


def test_no_sign_of_danger_of_the_set_is_answered_as_an_ordinary_line() -> None:
    missed = [
        line.text for line in LINES if line.danger and line.given["kind"] not in ("safety", "confirm", "not_understood")
    ]
    assert missed == []


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


# -------------------------------------------------------------------------------- danger and commands


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I have chest pain", "emergency"),
        ("j'ai d'la misère à respirer", "emergency"),
        ("je veux mourir", "crisis"),
        ("i dont want to live anymore", "crisis"),
        ("depuis la perfusion j'ai de la fièvre", "adverse_event"),
        ("je veux parler à quelqu'un", "human"),
        ("oui mais j'ai mal à la poitrine depuis ce matin", "emergency"),
    ],
)
def test_danger_comes_before_every_question(asked: str, text: str, kind: str) -> None:
    assert reads(asked, text, "fr_CA") == Danger(kind=kind)


def test_danger_is_found_in_a_long_story() -> None:
    assert reads("cancer", "bla bla bla. " * 200 + "and now my chest hurts") == Danger(kind="emergency")


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain",
        "pas de douleur à la poitrine",
        "my husband died of a heart attack in 1990",
        "mon mari est mort d'une crise cardiaque",
        "I had a stroke ten years ago",
        "j'ai 15 ans de maladie",
        "I'm dying laughing",
    ],
)
def test_what_is_denied_or_long_over_raises_no_alarm(text: str) -> None:
    assert not isinstance(reads("organ_damage", text), Danger)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("help", "help"), ("aide svp", "help"), ("pourquoi ?", "why"), ("why do you ask", "why"), ("retour", "back"),
        ("go back please", "back"), ("stop", "stop"), ("je veux arrêter", "stop"), ("recommencer", "restart"),
        ("start over", "restart"), ("English please", "change_language"), ("en français svp", "change_language"),
        ("delete my data", "delete_my_data"), ("effacez mes données", "delete_my_data"),
    ],
)  # fmt: skip
def test_commands_are_understood_on_every_question(text: str, name: str) -> None:
    assert {reads(asked, text) for asked in QUESTIONS} == {Command(name=name)}


@pytest.mark.parametrize(
    "text", ["stop ?", "why not", "I stopped", "j'ai arrêté", "stop asking about cancer all the time"]
)
def test_what_only_resembles_a_command_erases_nothing(text: str) -> None:
    assert reads("standard_treatment", text) not in (Command(name="stop"), Command(name="restart"))


# ------------------------------------------------------------------------------- options on the screen


def test_an_option_can_be_named_by_its_label_or_its_number() -> None:
    labels = {"share": "Ask the team anyway", "review": "Change an answer", "finish": "Finish here"}
    for text in (
        "change an answer",
        "2",
        "option 2",
        "the second one",
        "2)",
        "la deuxième",
        "Chnage an answer",
        "#2",
        "2️⃣",
    ):
        assert read(STUDY, "result", "en", text, labels) == Chose(choice="review"), text
    assert read(STUDY, "result", "en", "the last one", labels) == Chose(choice="finish")
    assert not isinstance(read(STUDY, "result", "en", "4", labels), Chose)


@pytest.mark.parametrize("text", ["yes", "Oui.", "I agree", "j'accepte", "yes please", "1"])
def test_only_a_plain_yes_is_consent(text: str) -> None:
    assert read(STUDY, "consent", "en", text, CONSENT) == Chose(choice="agree")


@pytest.mark.parametrize(
    "text",
    [
        "ok", "sure", "👍", "yes I guess", "yes but", "I think so", "d'accord", "oui bon", "yes if it is safe", "fine",
        "of course", "yes whatever", "oui j'imagine", "why not", "not that I know of", "yes?", "I will", "ok oui",
        "yes and no", "agree?", "I do not disagree", "oui à certaines conditions",
    ],
)  # fmt: skip
def test_anything_but_a_plain_yes_is_no_consent(text: str) -> None:
    assert not isinstance(read(STUDY, "consent", "en", text, CONSENT), Chose)
    assert not isinstance(read(STUDY, "preview", "en", text, {"send": "Send", "keep": "Do not send"}), Chose)


@pytest.mark.parametrize("text", ["don't send", "do not send it", "ne pas envoyer", "n'envoyez rien", "non", "no"])
def test_nothing_is_sent_against_a_no(text: str) -> None:
    assert read(STUDY, "preview", "en", text, {"send": "Send", "keep": "Do not send"}) == Chose(choice="keep")


def test_a_mistake_is_admitted_where_that_is_asked_and_goes_back_elsewhere() -> None:
    labels = {"confirmed": "Yes, that is right", "mistaken": "No, I made a mistake"}
    assert read(STUDY, "confirm", "fr_CA", "je me suis trompée", labels) == Chose(choice="mistaken")
    assert read(STUDY, "confirm", "fr_CA", "oui", labels) == Chose(choice="confirmed")
    assert reads("cancer", "je me suis trompée", "fr_CA") == Command(name="back")


# --------------------------------------------------------------------------------------- robustness


@settings(max_examples=300, deadline=None)
@given(some.text(max_size=300), some.sampled_from(SCREENS), some.sampled_from(LOCALES))
def test_no_text_breaks_it(text: str, asked: str, locale: str) -> None:
    assert read(STUDY, asked, locale, text) == explain(STUDY, asked, locale, text)[0]
    as_record(read(STUDY, asked, locale, text))


WORDS = sorted(lexicon.vocabulary())


@settings(max_examples=300, deadline=None)
@given(
    some.lists(some.sampled_from([*WORDS, "5", "160", "'", '"', "kg", ",", ".", "½", "1/2", "2e"]), max_size=12),
    some.sampled_from(SCREENS),
)
def test_no_heap_of_known_words_breaks_it(words: list[str], asked: str) -> None:
    read(STUDY, asked, "fr_CA", " ".join(words), {"a": "One", "b": "Two"} if len(words) % 2 else {})


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "?", "...", "\u200b", "👩‍👩‍👧", "٣", "፩", "²", "𝐲𝐞𝐬", "a" * 5000, "5'" * 3000, "non " * 2000],
)
@pytest.mark.parametrize("asked", SCREENS)
def test_odd_texts_are_read_without_a_word_of_complaint(asked: str, text: str) -> None:
    read(STUDY, asked, "en", text)


def test_the_work_grows_with_the_text_and_not_faster() -> None:
    def steps(size: int) -> int:
        with mock.patch.object(lexicon, "_steps", wraps=lexicon._steps) as counted:
            read(STUDY, "cancer", "fr_CA", "je ne sais pas si " * size)
        return int(counted.call_count)

    assert steps(160) <= 2.2 * steps(80)


def test_importing_it_reads_no_file() -> None:
    code = "import dialogs.reading.lexicon as lexicon; assert lexicon._files.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_same_text_is_always_read_the_same() -> None:
    assert len({reads("infection", "oui mais contrôlée", "fr_CA") for _ in range(5)}) == 1


# --------------------------------------------------------------------------------- the translators' tool


def test_lines_are_answered_in_the_published_form() -> None:
    line = {"id": "a1", "locale": "fr_CA", "question": "bmi.weight", "text": "120 livres"}
    assert [json.loads(each) for each in answer_lines(STUDY, [json.dumps(line), "\n"])] == [
        {"id": "a1", "kind": "number", "choice": None, "value": 54.43, "candidates": []}
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "3",
        '"x"',
        "{}",
        '{"id":1,"locale":"en","question":"nope","text":"x"}',
        '{"id":1,"locale":"en","question":"age"}',
        "[" * 100000,
    ],
)
def test_a_malformed_line_gets_an_error_record(line: str) -> None:
    (answer,) = (json.loads(each) for each in answer_lines(STUDY, [line]))
    assert answer["kind"] == "error"
    assert answer["error"]


def test_the_reasons_name_the_words_and_what_they_were_taken_for() -> None:
    reading, reasons = explain(STUDY, "cancer", "fr_CA", "oui mais peut-être")
    assert isinstance(reading, NotSure)
    assert "but: mais" in reasons
    assert any(reason.startswith("doubt") for reason in reasons)


def test_nothing_understood_is_said_so() -> None:
    assert reads("cancer", "qsdfgh") == NotUnderstood()
