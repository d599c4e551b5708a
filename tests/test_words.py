"""What people read: whole languages, the right words for each place, labels that fit a phone, an easy script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.texts import Catalogs, Problem, Renderer, read_catalogs
from bot.texts.catalogs import BASES, LOCALES
from bot.texts.render import height_words
from bot.texts.source import source_texts
from bot.texts.typography import typeset
from dialogs.events import Openings
from dialogs.machine import Plan, base
from dialogs.measure import Height, from_feet
from dialogs.screens import screen
from dialogs.session import Answer, ReferralCode, Session
from dialogs.study import AnsweredBy, Language, Place, Verdict, read
from dialogs.symbols import Amount, Say, Screen
from tests.readability import MEDICAL, NAMES, Reading, ease, english_syllables, grade, plainly, readings

STUDY = read()
PLAN = Plan(STUDY)
SOURCE = source_texts(STUDY)
CATALOGS = read_catalogs(SOURCE)
RENDERER = Renderer(CATALOGS, lambda told, language: None)
FRENCH = ("fr", "fr_CA", "fr_FR")
REGIONAL = ("fr_CA", "fr_FR")
EVERYWHERE = tuple(BASES)
# Telegram shows about this much of a button on a narrow phone before it cuts the end off.
LABEL = 40
TELEGRAM_MESSAGE, TELEGRAM_DESCRIPTION, TELEGRAM_SHORT, TELEGRAM_COMMAND, TELEGRAM_TOAST = 4096, 512, 120, 256, 200
HEIGHT = from_feet(5, 3)


def _po(folder: Path, locale: str) -> Path:
    return folder / locale / "LC_MESSAGES" / "screener.po"


def _entries(locale: str, folder: Path = LOCALES) -> dict[str, Message]:
    with _po(folder, locale).open(encoding="utf-8") as file:
        return {str(message.context): message for message in read_po(file, locale=locale) if message.id}


def _numbers(text: str) -> set[str]:
    """The numbers in a text, however their digits are grouped."""
    return set(re.findall(r"\d+", text))


# ------------------------------------------------------------------------------------------- whole languages


def test_every_locale_is_open() -> None:
    assert CATALOGS.problems == ()
    assert set(CATALOGS.texts) == set(BASES)


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_every_locale_has_a_text_for_every_key(locale: str) -> None:
    assert CATALOGS.texts[locale].keys() == SOURCE.keys()
    assert all(text.strip() for text in CATALOGS.texts[locale].values())


@pytest.mark.parametrize("locale", REGIONAL)
def test_a_regional_catalog_holds_only_what_differs(locale: str) -> None:
    french = {key: message.string for key, message in _entries("fr").items()}
    same = [key for key, message in _entries(locale).items() if message.string == french[key]]
    assert same == []


@pytest.mark.parametrize("locale", FRENCH)
def test_no_entry_is_fuzzy_or_outlives_its_source(locale: str) -> None:
    with _po(LOCALES, locale).open(encoding="utf-8") as file:
        catalog = read_po(file, locale=locale)
    assert not catalog.fuzzy
    assert not catalog.obsolete
    assert not any(message.fuzzy for message in catalog)


@pytest.mark.parametrize("locale", FRENCH)
def test_no_number_is_lost_or_changed_in_translation(locale: str) -> None:
    # A height is written in other ways in French, and the examples of it too.
    exempt = {"height.hint.ft_in", "height.hint.cm"}
    texts = CATALOGS.texts[locale]
    changed = [key for key in SOURCE.keys() - exempt if _numbers(SOURCE[key]) != _numbers(texts[key])]
    assert changed == []


# What reads the same in both languages: names, signs, and words they share.
ALIKE = {
    *(
        "study.title",
        "place.montreal.name",
        "place.paris.name",
        "card.title",
        "result.point",
        "listed.option",
        "card.criterion",
        "desk.stats.number",
        "desk.stats.source.named",
    ),
    *("height.only", "height.entered", "question.infection.label", "question.cancer.label"),
}


@pytest.mark.parametrize("locale", FRENCH)
def test_no_text_was_left_in_english(locale: str) -> None:
    texts = CATALOGS.texts[locale]
    alike = {key for key in SOURCE if texts[key].replace("\u00a0", " ").replace("\u2019", "'") == SOURCE[key]}
    assert alike - ALIKE == set()


# ------------------------------------------------------------------------------------------- closed locales


Spoil = Callable[[Catalog, Message], None]


def _without(catalog: Catalog, message: Message) -> None:
    catalog.delete(message.id, context=message.context)


def _emptied(catalog: Catalog, message: Message) -> None:
    message.string = ""


def _fuzzy(catalog: Catalog, message: Message) -> None:
    message.flags.add("fuzzy")


def _with_another_name_in_braces(catalog: Catalog, message: Message) -> None:
    message.string = str(message.string).replace("{", "{other_")


def _with_an_open_brace(catalog: Catalog, message: Message) -> None:
    message.string = f"{message.string} {{"


def _of_an_older_english(catalog: Catalog, message: Message) -> None:
    catalog.delete(message.id, context=message.context)
    catalog.add(f"{message.id} Formerly.", message.string, context=message.context)


def _of_a_text_that_is_gone(catalog: Catalog, message: Message) -> None:
    catalog.add("Gone", "Parti", context="gone.text")


def _spoilt(folder: Path, locale: str, key: str, spoil: Spoil) -> Catalogs:
    """All catalogs as they are, but for one entry of one locale."""
    shutil.copytree(LOCALES, folder, dirs_exist_ok=True)
    path = _po(folder, locale)
    with path.open(encoding="utf-8") as file:
        catalog = read_po(file, locale=locale)
    spoil(catalog, next(message for message in catalog if message.id and message.context == key))
    with path.open("wb") as written:
        write_po(written, catalog)
    return read_catalogs(SOURCE, folder)


WRONG: Mapping[Spoil, str] = {
    _emptied: "is empty",
    _fuzzy: "is marked fuzzy",
    _with_another_name_in_braces: "must use {emergency}, uses {other_emergency}",
    _with_an_open_brace: "uses braces that do not close",
    _of_an_older_english: "translates an older English text",
}


@pytest.mark.parametrize(("spoil", "what"), WRONG.items())
def test_a_wrong_entry_in_french_closes_all_french_by_name(tmp_path: Path, spoil: Spoil, what: str) -> None:
    catalogs = _spoilt(tmp_path, "fr", "safety.card", spoil)
    assert catalogs.languages == ("en",)
    assert set(catalogs.texts) == {"en"}
    assert {problem.locale for problem in catalogs.problems} == set(FRENCH)
    [problem] = [problem for problem in catalogs.problems if problem.locale == "fr"]
    assert problem.entry == "safety.card"
    assert what in problem.what


@pytest.mark.parametrize(("spoil", "what"), WRONG.items())
def test_a_wrong_entry_in_one_region_closes_only_that_region(tmp_path: Path, spoil: Spoil, what: str) -> None:
    catalogs = _spoilt(tmp_path, "fr_CA", "safety.card", spoil)
    assert set(catalogs.texts) == {"en", "fr", "fr_FR"}
    assert catalogs.locale("fr", "CA") is None
    assert catalogs.locale("fr", "FR") == "fr_FR"
    [problem] = catalogs.problems
    assert (problem.locale, problem.entry) == ("fr_CA", "safety.card")
    assert what in problem.what


def test_a_missing_entry_in_french_closes_all_french(tmp_path: Path) -> None:
    catalogs = _spoilt(tmp_path, "fr", "consent.ask", _without)
    assert catalogs.problems[0] == Problem("fr", "consent.ask", "is missing")
    assert catalogs.languages == ("en",)


def test_what_a_region_does_not_say_differently_is_said_as_in_french(tmp_path: Path) -> None:
    catalogs = _spoilt(tmp_path, "fr_CA", "human.doctor", _without)
    assert catalogs.problems == ()
    assert catalogs.texts["fr_CA"]["human.doctor"] == catalogs.texts["fr"]["human.doctor"]


@pytest.mark.parametrize("locale", FRENCH)
def test_an_entry_that_the_source_no_longer_has_closes_its_locale(tmp_path: Path, locale: str) -> None:
    catalogs = _spoilt(tmp_path, locale, next(iter(_entries(locale))), _of_a_text_that_is_gone)
    assert locale not in catalogs.texts
    assert "gone.text" in {problem.entry for problem in catalogs.problems}


def test_a_file_that_cannot_be_read_closes_its_locale_and_names_it(tmp_path: Path) -> None:
    shutil.copytree(LOCALES, tmp_path, dirs_exist_ok=True)
    _po(tmp_path, "fr_FR").write_text('msgid "unfinished\n', encoding="utf-8")
    catalogs = read_catalogs(SOURCE, tmp_path)
    assert [str(problem) for problem in catalogs.problems] == ["fr_FR: screener.po: cannot be read: PoFileError"]
    assert "fr_FR" not in catalogs.texts


# ---------------------------------------------------------------------------------------------- typography

NO_BREAK, NARROW = "\u00a0", "\u202f"
TYPESET = [
    # what the catalog has, in Québec, in France
    ("Est-ce bien cela ?", "Est-ce bien cela?", f"Est-ce bien cela{NARROW}?"),
    ("Est-ce bien cela?", "Est-ce bien cela?", f"Est-ce bien cela{NARROW}?"),
    ("Attention ! Lisez.", "Attention! Lisez.", f"Attention{NARROW}! Lisez."),
    ("oui ; non", "oui; non", f"oui{NARROW}; non"),
    ("Code : K7", f"Code{NO_BREAK}: K7", f"Code{NO_BREAK}: K7"),
    ("Code: K7", f"Code{NO_BREAK}: K7", f"Code{NO_BREAK}: K7"),
    ("Appelez-la :", f"Appelez-la{NO_BREAK}:", f"Appelez-la{NO_BREAK}:"),
    ("« Oui » ou non ?", f"«{NO_BREAK}Oui{NO_BREAK}» ou non?", f"«{NO_BREAK}Oui{NO_BREAK}» ou non{NARROW}?"),
    ("« Oui ? »", f"«{NO_BREAK}Oui?{NO_BREAK}»", f"«{NO_BREAK}Oui{NARROW}?{NO_BREAK}»"),
    ("(vraiment ?)", "(vraiment?)", f"(vraiment{NARROW}?)"),
    ("Quoi ?!", "Quoi?!", f"Quoi{NARROW}?!"),
    ("L'étude", "L\u2019étude", "L\u2019étude"),
    ("https://exemple.org/a?b=1", "https://exemple.org/a?b=1", "https://exemple.org/a?b=1"),
    ("à 10:30", "à 10:30", "à 10:30"),
    ("Envoyez /stop.", "Envoyez /stop.", "Envoyez /stop."),
]


@pytest.mark.parametrize(("written", "quebec", "france"), TYPESET)
def test_each_country_has_its_own_spaces(written: str, quebec: str, france: str) -> None:
    assert typeset(written, "fr_CA") == quebec
    assert typeset(written, "fr_FR") == france
    assert typeset(written, "fr") == france


def test_typography_is_applied_once() -> None:
    for _, quebec, france in TYPESET:
        assert typeset(quebec, "fr_CA") == quebec
        assert typeset(france, "fr_FR") == france


def test_english_is_left_as_it_is() -> None:
    assert typeset("Don't wait: call 911!", "en") == "Don't wait: call 911!"


@pytest.mark.parametrize("locale", FRENCH)
def test_no_line_can_begin_with_a_lonely_mark(locale: str) -> None:
    lonely = re.compile(r" [?!;:»]|« |[\u00a0\u202f]{2}|'")
    assert [key for key, text in CATALOGS.texts[locale].items() if lonely.search(text)] == []


# ---------------------------------------------------------------------------------------------- vocabulary

NEVER: Mapping[str, Mapping[str, str]] = {
    "en": {
        r"eligib|ineligib|qualif|\bselected\b|\baccepted\b": "only the study team decides",
        r"\bsclerosis\b(?<!systemic sclerosis)": "heard as multiple sclerosis",
        r"\barms?\b(?<!the arm)": "a group, not an arm",
        r"\bspots?\b|\bhurry\b|\bseats?\b|\blimited\b": "no false urgency",
        r"\bcure|\bbreakthrough|\bpromising|\bhope|\beffective\b|\bbenefit": "nothing is promised",
        r"\bsubjects?\b|\bpatients?\b": "a person, not a case",
    },
    "fr": {
        r"admissib|éligib|retenu|qualifi|sélectionn": "only the study team decides",
        r"scléroses?(?!\ssystémique)": "heard as multiple sclerosis",
        r"\bbras\b": "a group, not an arm",
        r"\(e\)|\(ne\)|\(s\)|\w[·•]\w|\w/e\b": "no mark of gender",
        r"\bvous (?:êtes|étiez|serez|serait|avez été|aviez été) (?!libre\b|là\b|où\b)\w+": "no ending with a gender",
        r"\bprête?\b|\bcontente?\b|\bheureu|\bdésolé|\bbienvenue?\b|\bseule?\b(?<!seul)(?<!seule)": "no gender",
        r"\b(?:tu|toi|ton|tes)\b": "vous throughout",
        r"\bcobayes?\b|\bsujets? de\b|\bpatiente?s?\b": "a person, not a case",
        r"dépêchez|places? (?:restante|disponible)|bientôt": "no false urgency",
        r"guéri|espoir|prometteu|miracle|efficace|bénéfi": "nothing is promised",
        r"infusion\b": "a herbal tea: perfusion",
    },
    "fr_CA": {
        r"\btension\b": "pression",
        r"effets? indésirables?": "effets secondaires",
        r"médecin traitant": "médecin de famille",
        r"autogreffe": "greffe de vos propres cellules souches",
        r"\be-?mails?\b|\bmail\b": "courriel",
        r"\bCPP\b": "CER",
        r"\bSMS\b": "texto",
        r"\bpieds 3\b": "5 pi 3",
    },
    "fr_FR": {
        r"\bpression\b": "tension",
        r"effets? secondaires?": "effets indésirables",
        r"médecin de famille": "médecin traitant",
        r"\bcourriels?\b|\bclavard": "e-mail",
        r"\bCER\b": "CPP",
        r"\btext(?:o|ez)": "SMS",
        r"fin de semaine|présentement|s'embrouille": "said in Québec",
    },
}
# No laboratory value is asked or shown, nor any threshold of blood pressure.
LABORATORY = r"10⁹|×\s?10|\bg/dL\b|mmHg|\bCD4\b|neutro|thrombo|< ?\d|> ?\d|\b0[.,]5\b"


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_no_word_is_used_that_harms_here(locale: str) -> None:
    rules = {**NEVER[locale.partition("_")[0]], **NEVER[locale], LABORATORY: "no laboratory value"}
    found = [
        f"{key}: {match.group(0)} ({why})"
        for pattern, why in rules.items()
        for key, text in CATALOGS.texts[locale].items()
        if (match := re.search(pattern, text.replace("\u2019", "'"), re.IGNORECASE))
    ]
    assert found == []


SAYS = [
    ("fr_CA", "question.hypertension.ask", "Votre pression"),
    ("fr_FR", "question.hypertension.ask", "Votre tension"),
    ("fr_CA", "question.transplant.ask", "greffe de vos propres cellules souches"),
    ("fr_FR", "question.transplant.ask", "autogreffe (greffe de vos propres cellules souches)"),
    ("fr_CA", "fact.side_effects.title", "Effets secondaires"),
    ("fr_FR", "fact.side_effects.title", "Effets indésirables"),
    ("fr_CA", "result.doctor", "médecin de famille"),
    ("fr_FR", "result.doctor", "médecin traitant"),
    ("en", "fact.tested.text", "a liquid with no cells in it"),
    ("fr", "fact.tested.text", "un liquide sans cellules"),
    ("fr", "fact.groups.text", "trois groupes"),
]


@pytest.mark.parametrize(("locale", "key", "words"), SAYS)
def test_each_place_has_its_own_words(locale: str, key: str, words: str) -> None:
    assert words in CATALOGS.texts[locale][key].replace("\u2019", "'")


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_the_consent_names_the_very_words_that_the_card_uses(locale: str) -> None:
    texts = CATALOGS.texts[locale]
    words = [re.split(r"[,:\s]*[,:]", texts[f"card.verdict.{verdict}"].lower())[0] for verdict in Verdict]
    assert [word for word in words if word not in texts["privacy.team"]] == []


@pytest.mark.parametrize("locale", EVERYWHERE)
@pytest.mark.parametrize("place", STUDY.places, ids=lambda place: place.id)
def test_each_place_shows_its_own_emergency_number(locale: str, place: Place) -> None:
    texts = CATALOGS.texts[locale]
    assert _numbers(texts[f"place.{place.id}.emergency"]) == _numbers(place.emergency)
    assert texts[f"place.{place.id}.emergency"] in texts[f"place.{place.id}.numbers.0"]
    card = texts["safety.card"].format(emergency=texts[f"place.{place.id}.emergency"])
    assert _numbers(card) == _numbers(place.emergency)


@pytest.mark.parametrize("locale", FRENCH)
def test_a_helper_reads_of_this_person_and_never_of_you_or_me(locale: str) -> None:
    own = re.compile(r"\b(?:votre|vos|je|j'|me|m'|moi|mon|ma|mes)(?:\b|(?<='))", re.IGNORECASE)
    helping = {key: text.replace("\u2019", "'") for key, text in CATALOGS.texts[locale].items() if "helping" in key}
    helping.pop("consent.agree_helping")
    assert [key for key, text in helping.items() if own.search(text)] == []


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_what_explains_a_question_fits_a_helper_too(locale: str) -> None:
    # There is one explanation for both, so it may not speak of "your" body.
    explained = {key: text for key, text in CATALOGS.texts[locale].items() if key.endswith((".why", ".means"))}
    about_health = {key: text for key, text in explained.items() if key.startswith("question.")}
    own = re.compile(r"\b(?:your|votre|vos)\b", re.IGNORECASE)
    assert [key for key, text in about_health.items() if own.search(text)] == []


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_no_two_answers_to_a_question_are_nearly_alike(locale: str) -> None:
    texts = CATALOGS.texts[locale]
    for name, asking in STUDY.askings.items():
        for end in ("", ".helping"):
            keys = [f"question.{name}.choice.{choice.id}" for choice in asking.choices]
            labels = [texts.get(f"{key}{end}", texts[key]) for key in keys]
            for one, other in combinations(labels, 2):
                assert SequenceMatcher(None, one.casefold(), other.casefold()).ratio() < 0.75, (one, other)


# -------------------------------------------------------------------------------------------- what fits a phone

HELPED: tuple[AnsweredBy, ...] = ("participant", "helper")
ASIDES = (
    *("help", "why", "means", "human", "numbers", "privacy", "about", "language", "place", "leave", "forget"),
    *(f"fact.{fact.id}" for fact in STUDY.facts),
    *(f"danger.{danger}" for danger in ("emergency", "crisis", "adverse_event", "minor")),
)
SPOKEN: tuple[tuple[str, Language, str], ...] = (
    ("en", "en", "montreal"),
    ("en", "en", "paris"),
    ("fr", "fr", "elsewhere"),
    ("fr_CA", "fr", "montreal"),
    ("fr_FR", "fr", "paris"),
)


def _session(state: str, language: Language, place: str, answered_by: AnsweredBy) -> Session:
    """Somebody who answered everything and stands in this state."""
    digests = {question.id: question.digest for question in STUDY.questions}
    answers = {name: Answer(choice="unsure", digest=digest) for name, digest in digests.items()}
    asking = PLAN.asking_at.get(base(state))
    decisive = [choice.id for choice in asking.choices if choice.verdict is Verdict.NOT_MET] if asking else []
    return Session(
        study=STUDY.id,
        nonce="nonce",
        code=ReferralCode("K7M4P2XW9"),
        touched=datetime(2026, 7, 14, tzinfo=UTC),
        state=state,
        language=language,
        place=place,
        answered_by=answered_by,
        answers={**answers, "age": Answer(choice="yes", digest=digests["age"])},
        pending=decisive[0] if decisive else None,
        height=HEIGHT,
    )


def _screens(language: Language, place: str) -> Iterator[Screen]:
    """Every screen there is for somebody of this language and place, for themselves and helped."""
    for answered_by in HELPED:
        for state in PLAN.states:
            session = _session(state, language, place, answered_by)
            yield from _at(session)
        home = _session("review", language, place, answered_by)
        for aside in ASIDES:
            yield screen(PLAN, Openings(), home.changed(aside=aside))


def _at(session: Session) -> Iterator[Screen]:
    units = ("ft_in", "cm") if "height" in session.state else (None,)
    for unit in units:
        coarse = {"ft_in": 5, "cm": 160}.get(unit or "")
        for mass in ("lb", "kg") if session.state.endswith("weight") else (None,):
            yield screen(PLAN, Openings(), session.changed(length=unit, coarse=coarse, mass=mass))


@pytest.mark.parametrize(("locale", "language", "place"), SPOKEN)
def test_every_label_fits_a_narrow_phone(locale: str, language: Language, place: str) -> None:
    labels = {label for each in _screens(language, place) for label in RENDERER.labels(each, locale).values()}
    assert {label for label in labels if len(label) > LABEL} == set()


@pytest.mark.parametrize(("locale", "language", "place"), SPOKEN)
def test_no_two_buttons_of_a_screen_read_the_same(locale: str, language: Language, place: str) -> None:
    for each in _screens(language, place):
        labels = [re.sub(r"\W+", " ", label).casefold() for label in RENDERER.labels(each, locale).values()]
        assert len(labels) == len(set(labels)), each.kind


@pytest.mark.parametrize(("locale", "language", "place"), SPOKEN)
def test_every_screen_fits_one_message(locale: str, language: Language, place: str) -> None:
    for each in _screens(language, place):
        # The operator's own words, about who answers for privacy and who approved, still have to go in.
        assert len(RENDERER.message(each, locale).text) <= TELEGRAM_MESSAGE - 1000, each.kind


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_what_telegram_shows_of_the_bot_fits(locale: str) -> None:
    texts = CATALOGS.texts[locale]
    assert len(texts["profile.short_description"]) <= TELEGRAM_SHORT
    assert len(texts["profile.description"]) <= TELEGRAM_DESCRIPTION
    assert all(len(text) <= TELEGRAM_TOAST for key, text in texts.items() if key.startswith("toast."))
    commands = {key: text for key, text in texts.items() if key.startswith("profile.command.")}
    assert {key for key, text in commands.items() if len(text) > LABEL} == set()
    assert LABEL < TELEGRAM_COMMAND


# -------------------------------------------------------------------------------------- heights, weights, dates


def _plain(text: str) -> str:
    """The text with ordinary spaces, for comparing."""
    return text.replace(NO_BREAK, " ").replace(NARROW, " ")


HEIGHTS = [
    ("en", HEIGHT, "5 ft 3 in"),
    ("fr_CA", HEIGHT, "5 pi 3 po"),
    ("en", Height(unit="cm", value=Decimal(160)), "160 cm"),
    ("fr_FR", Height(unit="cm", value=Decimal(160)), "160 cm"),
    ("fr_FR", Height(unit="cm", value=Decimal("160.5")), "160,5 cm"),
]


@pytest.mark.parametrize(("locale", "height", "written"), HEIGHTS)
def test_a_height_is_written_as_the_reader_writes_it(locale: str, height: Height, written: str) -> None:
    assert _plain(height_words(height, locale)) == written


WEIGHTS = [
    ("en", "lb", "Less than 98 lb", "98 lb to less than 109 lb", "109 lb or more"),
    ("fr_CA", "lb", "Moins de 98 lb", "De 98 lb à moins de 109 lb", "109 lb ou plus"),
    ("fr_FR", "kg", "Moins de 45 kg", "De 45 kg à moins de 49 kg", "49 kg ou plus"),
]


@pytest.mark.parametrize(("locale", "unit", "below", "between", "above"), WEIGHTS)
def test_the_weight_bands_read_without_a_gap(locale: str, unit: str, below: str, between: str, above: str) -> None:
    low, high = re.findall(r"\d+", between)
    amounts = {name: Amount(int(number), "lb" if unit == "lb" else "kg") for name, number in (("l", low), ("h", high))}
    said = {
        "below": RENDERER.say(Say("weight.below", {"limit": amounts["l"]}), locale),
        "between": RENDERER.say(Say("weight.between", {"low": amounts["l"], "high": amounts["h"]}), locale),
        "above": RENDERER.say(Say("weight.above", {"limit": amounts["h"]}), locale),
    }
    assert {name: _plain(label) for name, label in said.items()} == {"below": below, "between": between, "above": above}


@pytest.mark.parametrize(
    ("locale", "written"),
    [("en", "Day: July 14, 2026"), ("fr_CA", "Jour : 14 juillet 2026"), ("fr_FR", "Jour : 14 juillet 2026")],
)
def test_a_day_is_written_in_words(locale: str, written: str) -> None:
    assert _plain(RENDERER.say(Say("card.day", {"day": date(2026, 7, 14)}), locale)) == written


def test_a_height_of_feet_never_shows_twelve_inches() -> None:
    assert _plain(height_words(from_feet(5, 11), "fr_CA")) == "5 pi 11 po"
    assert _plain(height_words(from_feet(6), "fr_CA")) == "6 pi 0 po"


# ---------------------------------------------------------------------------------------------- readability


@pytest.mark.parametrize("each", readings(), ids=lambda each: each.locale)
def test_the_whole_script_is_easy_to_read(each: Reading) -> None:
    assert each.good, str(each)


SYLLABLES = {
    **{"a": 1, "the": 1, "doctor": 2, "about": 2, "open": 2, "table": 2, "people": 2, "phase": 1, "asked": 1},
    **{"needed": 2, "erased": 2, "changes": 2, "codes": 1, "language": 2, "emergency": 4, "medicine": 3},
    **{"choose": 1, "study": 2, "trying": 2, "questions": 2, "answer": 2, "serious": 3, "earlier": 3, "911": 1},
}


@pytest.mark.parametrize(("word", "heard"), SYLLABLES.items())
def test_english_syllables_are_those_one_hears(word: str, heard: int) -> None:
    assert english_syllables(word) == heard


def test_hard_writing_is_found_hard() -> None:
    hard_english = "Participation necessitates immunological compatibility verification prior to randomization."
    hard_french = "Votre participation nécessite impérativement une vérification immunologique préalable approfondie."
    assert grade(plainly(hard_english, "en")) > 6
    assert ease(plainly(hard_french, "fr")) < 70


def test_a_short_french_question_is_not_scored_as_one_long_word() -> None:
    assert ease(plainly("Combien mesurez-vous ?", "fr")) > 50 > 0 > ease("Combien mesurez-vous ?")


@pytest.mark.parametrize("language", MEDICAL)
def test_the_excepted_words_are_few_and_all_are_said(language: str) -> None:
    script = " ".join(text for locale in CATALOGS.texts if locale.startswith(language) for text in _said(locale))
    assert len(MEDICAL[language]) <= 12
    assert [word for word in MEDICAL[language] if word not in script] == []
    assert len(NAMES) <= 25


def _said(locale: str) -> Iterator[str]:
    return (text.casefold() for text in CATALOGS.texts[locale].values())
