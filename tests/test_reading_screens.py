"""What is said to the screen one is on: danger and commands anywhere, its options, consent."""

from __future__ import annotations

import pytest

from dialogs.reading import Chose, Command, Danger, read
from tests.reading import QUESTIONS, STUDY, reads

CONSENT = {
    "agree": "Yes, I agree",
    "agree_helping": "Yes. I am helping someone who is here with me",
    "decline": "No",
}


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
