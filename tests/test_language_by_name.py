"""Who names the language they want, in any words, has it at once; who only speaks of a language changes nothing."""

from __future__ import annotations

import pytest

from dialogs.conversation import heard
from dialogs.events import Asked, ChangedLanguage, Event, Openings, Started
from dialogs.reading import language_wanted
from dialogs.study import Language
from tests.dialogs_world import OPEN, STUDY, Person, at_bridge, at_sent, person
from tests.test_typing_only import CATALOGS, RENDERER

LOCALES: dict[Language, str] = {"en": "en", "fr": "fr_CA"}
OTHER: dict[Language, Language] = {"en": "fr", "fr": "en"}
ASKED_FOR: dict[Language, tuple[str, ...]] = {
    "en": (
        "english please", "in English", "English", "anglais svp", "en anglais", "en anglais s'il vous plaît",
        "je préférerais continuer en anglais", "on peut passer en anglais ?", "switch to english",
        "continue in english if u can", "I only speak English", "can i switch to english", "version anglaise svp",
    ),
    "fr": (
        "en français svp", "français", "french please", "in french please", "francais", "FRANÇAIS !",
        "can we do this in french instead", "change language to french", "je parle juste français",
        "can you switch to french", "Can you speak French? I prefer", "is there a french version",
    ),
}  # fmt: skip
NAMING = [(language, text) for language, texts in ASKED_FOR.items() for text in texts]


def types(here: Person, text: str) -> Event:
    """What these words mean on the screen this person sees, in the language they read."""
    locale = LOCALES[here.now.language or "en"]
    return heard(STUDY, here.screen, here.now, locale, text, RENDERER.labels(here.screen, locale))


@pytest.mark.parametrize(("language", "text"), NAMING)
@pytest.mark.parametrize("reads", LOCALES)
def test_who_names_a_language_goes_on_in_it_at_the_same_question(
    reads: Language, language: Language, text: str
) -> None:
    here = person().starts(reads).consents().meets_all_before("cancer")
    event = types(here, text)
    assert event == ChangedLanguage(language=language)
    tapped = person().with_session(here.now).opens("language").taps(language)
    here.does(event)
    assert (here.at, here.now.language, here.now.aside) == ("cancer", language, None)
    assert here.screen == tapped.screen
    assert here.answers == tapped.answers


@pytest.mark.parametrize("reads", LOCALES)
@pytest.mark.parametrize("text", ["english please", "en français svp"])
def test_it_is_so_everywhere_in_the_dialog(reads: Language, text: str) -> None:
    wanted: Language = "en" if "english" in text else "fr"
    begun = person().starts(reads)
    everywhere = (
        person().does(Started()).does(ChangedLanguage(language=reads)),
        begun,
        person().starts(reads).taps("yes"),
        person().starts(reads).consents().opens("help"),
        person().starts(reads).consents().opens("language"),
        person().starts(reads).consents().meets_all_before("bmi"),
        person().starts(reads).consents().reviews(),
        person().starts(reads).consents().reviews().taps("continue", "share"),
        at_sent(reads),
        at_bridge(reads),
        at_bridge(reads).taps("answer"),
    )
    for here in everywhere:
        state = here.at
        here.does(types(here, text))
        assert (here.at, here.now.language, here.now.aside) == (state, wanted, None)


@pytest.mark.parametrize("reads", LOCALES)
def test_who_has_the_language_they_name_already_sees_their_screen(reads: Language) -> None:
    here = person().starts(reads).consents()
    before = here.screen
    for text in ASKED_FOR[reads]:
        assert here.does(types(here, text)).screen == before, text


@pytest.mark.parametrize("reads", LOCALES)
@pytest.mark.parametrize(
    "text",
    [
        "language", "langue", "change language", "changer de langue", "wrong language", "switch the language",
        "je parle pas anglais", "no french", "not english", "pas anglais", "mon anglais est pas bon",
        "not in english, french please", "pas en anglais en français", "i'm french", "my french",
    ],
)  # fmt: skip
def test_who_names_no_language_or_turns_one_down_is_shown_the_choice(reads: Language, text: str) -> None:
    here = person().starts(reads).consents().meets_all_before("cancer")
    assert types(here, text) == Asked(topic="language")


@pytest.mark.parametrize("asked", ["diagnosis", "standard_treatment", "cancer", "pregnancy"])
@pytest.mark.parametrize(
    "text",
    [
        "my doctor only speaks English", "my doctor speaks english", "mon médecin parle juste anglais",
        "the report was in english", "le rapport est en anglais", "i want to see a doctor in english please",
        "my nurse asked to continue in english", "the english version of the question is confusing",
        "j'ai lu ça en anglais", "do you have any forms in french?", "ma mère parle seulement français",
        "elle parle pas français", "english is my second language", "je suis anglais", "I don't want english",
        "my sister wants to do it in french please",
    ],
)  # fmt: skip
@pytest.mark.parametrize("reads", LOCALES)
def test_who_only_speaks_of_a_language_stays_in_theirs(reads: Language, asked: str, text: str) -> None:
    here = person().starts(reads).consents().meets_all_before(asked)
    assert here.does(types(here, text)).now.language == reads


def test_the_choice_is_shown_to_who_names_a_language_that_is_closed() -> None:
    only_english = Openings(consents=OPEN.consents, languages=("en",))
    here = person().with_engine(only_english).starts("en").consents()
    here.does(types(here, "en français svp"))
    assert (here.now.language, here.now.aside) == ("en", "language")
    assert here.taps("en").now.aside is None


@pytest.mark.parametrize(("language", "text"), NAMING)
def test_a_language_is_found_in_the_words_alone(language: Language, text: str) -> None:
    assert language_wanted(text) == language


def test_every_language_there_are_texts_for_can_be_named() -> None:
    assert set(ASKED_FOR) == set(CATALOGS.languages) == set(OTHER)
