"""Signs of danger and commands in people's own words are answered as such; what only resembles them is not."""

from __future__ import annotations

import pytest

from dialogs import study as studies
from dialogs.reading import Command, Danger, Reading, read

STUDY = studies.read()
SOME = ("cancer", "hypertension", "standard_treatment", "bmi.weight", "place")


def reads(asked: str, text: str) -> Reading:
    return read(STUDY, asked, "fr_CA", text)


EMERGENCIES = [
    "woke up with crushing tightness behind my breastbone",
    "my jaw and left arm hurt and im sweating",
    "headache like never before and I see double",
    "so breathless I can't finish a sentence",
    "my mum's slumped over and not making sense",
    "my husband fell and he is not answering",
    "I haven't been able to pee since yesterday",
    "my nose has been bleeding for three hours",
    "I'm not sure what this chest pain is",
    "I never had chest pain like this",
    "an hour ago I had a heart attack",
    "do you think i should go to emerg",
    "j'ai une barre dans la poitrine",
    "ma poitrine est en feu",
    "j'ai de plus en plus mal à la poitrine",
    "y a du sang partout",
    "ma bouche part d'un bord",
    "le coeur me débat comme un fou",
    "je pense que ma mère fait un AVC",
    "je peux pas prendre une grande respiration",
    "elle ne réagit plus",
    "j'ai plus de force dans le bras droit",
    "faut-il que j'aille aux urgences",
    "j'ai le bras gauche engourdi depuis une heure",
]
CRISES = [
    "what's the point anymore",
    "I don't see why I should go on",
    "nobody would care if i died",
    "i wish i could just fall asleep and not wake up",
    "everyone would be better without me",
    "I've saved up my painkillers",
    "I feel like a burden and I don't want to go on",
    "I want medically assisted death",
    "you don't understand I want to die",
    "à quoi bon",
    "je vois pas d'issue",
    "je suis au bout du rouleau",
    "ils seraient tous plus heureux si j'étais pas là",
    "des fois je pense à m'enlever la vie",
    "je serai plus là demain",
    "si vous me prenez pas je me tue",
    "je veux juste dormir et jamais me réveiller",
    "personne me regrettera",
    "j'aime mieux mourir que refaire un traitement",
    "j'ai ramassé mes pilules au cas",
]
REACTIONS = [
    "my arm is killing me where they injected me",
    "got my second dose tuesday, now I'm covered in a rash",
    "I'm in the study already and I have a fever of 39",
    "headaches since they gave me the cells on monday",
    "vos cellules me rendent malade",
    "maux de tête depuis la perfusion de lundi",
    "la piqûre coule et c'est rouge",
    "c'est normal d'avoir de la fièvre après la perfusion ?",
]
YOUNG = [
    "17 here, is that a problem?",
    "i turn 18 next month",
    "I'm 16. thanks",
    "my mom said I could do this",
    "do my parents need to sign",
    "im in 10th grade",
    "faut que je demande à ma mère, j'ai 16\nok",
    "j'ai seulement dix-sept ans",
    "je suis en secondaire 4",
    "j'aurai 18 ans en juin",
    "17 ans et demi",
    "c'est pour ma fille de 14 ans, elle peut participer ?",
]
PEOPLE = [
    "I don't want to talk to a machine",
    "can I do this over the phone",
    "how do I get through to a person",
    "is there a nurse I can call",
    "whats your number",
    "y as-tu une infirmière que je peux appeler",
    "je voudrais qu'on me rappelle",
    "j'aime pas parler à un robot",
    "comment vous contacter",
    "on peut faire ça au téléphone ?",
    "y a pas une vraie personne à qui parler",
]
SIGNS = [
    (text, kind)
    for kind, texts in (
        ("emergency", EMERGENCIES),
        ("crisis", CRISES),
        ("adverse_event", REACTIONS),
        ("minor", YOUNG),
        ("human", PEOPLE),
    )
    for text in texts
]


@pytest.mark.parametrize(("text", "kind"), SIGNS, ids=[text for text, _ in SIGNS])
def test_a_sign_in_ones_own_words_is_answered_whatever_was_asked(text: str, kind: str) -> None:
    assert {reads(asked, text) for asked in SOME} == {Danger(kind=kind)}


HARMLESS = [
    "no chest pain or shortness of breath",
    "my chest doesn't hurt",
    "no trouble breathing",
    "I get short of breath on the stairs",
    "I had a stroke 10 years ago",
    "my father had a heart attack",
    "my fingers turn white and blue",
    "I'm a retired ambulance driver",
    "my disease did not respond to methotrexate",
    "I take all my pills every morning",
    "I cut my finger in the kitchen",
    "I'm not suicidal",
    "tired of taking pills",
    "rituximab infusion gave me a rash",
    "I was 16 when I was diagnosed",
    "diagnosed 16 years ago",
    "my daughter is in high school",
    "just minor scarring",
    "my doctor phoned me about it",
    "I should talk to my doctor first",
    "pas de misère à respirer",
    "ma poitrine me fait pas mal",
    "je manque de souffle à l'effort depuis des années",
    "mon père a fait une crise cardiaque",
    "j'ai mal au cœur le matin à cause des pilules",
    "ces questions vont me tuer lol",
    "je meurs d'envie de participer",
    "je ne veux pas mourir",
    "les injections de méthotrexate me rendaient malade",
    "ça fait 16 ans que je l'ai",
    "une atteinte mineure",
    "j'enseigne au secondaire",
    "si mon docteur me le conseille, oui",
    "je préfère en parler à mon médecin avant",
    "cancer du sein en 2012, guéri",
    "j'en ai jamais eu et plus rien depuis",
]


@pytest.mark.parametrize("text", HARMLESS, ids=HARMLESS)
def test_what_is_denied_long_over_of_every_day_or_somebody_elses_raises_no_alarm(text: str) -> None:
    assert not [asked for asked in SOME if isinstance(reads(asked, text), Danger)]


@pytest.mark.parametrize(
    "text", ["im 16", "j'ai 15 ans", "chui mineur, 16 ans", "17 and a half", "I turn 18 next month"]
)
def test_a_young_age_is_a_sign_at_the_age_question_too_and_after_a_no_the_answer(text: str) -> None:
    assert reads("age", text) == Danger(kind="minor")
    assert not isinstance(reads("age", f"non, {text}"), Danger)


COMMANDS = [
    ("this is confusing", "help"),
    ("what is that", "help"),
    ("can you rephrase", "help"),
    ("i don't get the question", "help"),
    ("j'ai rien compris", "help"),
    ("c'est quoi la moelle osseuse", "help"),
    ("reformulez svp", "help"),
    ("qu'est-ce que vous entendez par là", "help"),
    ("en d'autres mots", "help"),
    ("how come", "why"),
    ("what's the reason for this question", "why"),
    ("what do you need this for", "why"),
    ("pour quoi faire", "why"),
    ("c'est important pourquoi", "why"),
    ("quel est le rapport", "why"),
    ("oops wrong button", "back"),
    ("no, go back", "back"),
    ("non, je veux revenir en arrière", "back"),
    ("misclick", "back"),
    ("that last answer was wrong", "back"),
    ("one step back", "back"),
    ("mon doigt a glissé", "back"),
    ("j'ai mal répondu", "back"),
    ("recule d'une question", "back"),
    ("oups", "back"),
    ("I don't want to do this anymore", "stop"),
    ("end this conversation", "stop"),
    ("too many questions, bye", "stop"),
    ("arrêtons-nous là", "stop"),
    ("fermer la conversation", "stop"),
    ("je me retire", "stop"),
    ("take me to the beginning", "restart"),
    ("do it over", "restart"),
    ("reprenons du début", "restart"),
    ("retour à la première question", "restart"),
    ("wrong language", "change_language"),
    ("no french", "change_language"),
    ("mettez en anglais", "change_language"),
    ("je parle pas anglais", "change_language"),
    ("don't store my data", "delete_my_data"),
    ("remove me from your list", "delete_my_data"),
    ("retirez mes données", "delete_my_data"),
    ("oubliez tout ce que j'ai dit", "delete_my_data"),
]


@pytest.mark.parametrize(("text", "name"), COMMANDS, ids=[text for text, _ in COMMANDS])
def test_a_command_in_ones_own_words_is_understood(text: str, name: str) -> None:
    assert {reads(asked, text) for asked in ("cancer", "hypertension", "diagnosis")} == {Command(name=name)}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("standard_treatment", "I had to stop because of side effects"),
        ("standard_treatment", "oui ça m'aide"),
        ("standard_treatment", "j'ai arrêté ça à cause des nausées"),
        ("standard_treatment", "it was no help"),
        ("transplant", "j'en veux pas"),
        ("transplant", "pas intéressée"),
        ("transplant", "not interested"),
        ("infection", "je préfère ne pas répondre"),
        ("cancer", "c'est pas clair"),
        ("cancer", "hein"),
        ("organ_damage", "whats the parking like at the hospital"),
        ("organ_damage", "non rien"),
        ("cancer", "I go back to see him in may"),
        ("contraception", "is it mandatory?"),
        ("blood_counts", "sais pas"),
        ("bmi.weight", "none of your business"),
        ("infection", "ça vous regarde pas"),
    ],
)
def test_what_is_an_answer_or_a_remark_is_no_command(asked: str, text: str) -> None:
    assert not isinstance(reads(asked, text), Command)
