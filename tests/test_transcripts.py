"""Golden transcripts: whole conversations as a person and a coordinator read them, to be reviewed like code.

Each is made by the engine, the screens and the renderer, with a fixed clock, nonce and code, and compared with its
file under `tests/transcripts`. `python -m tests.test_transcripts --write` writes the files anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.demo.setting import setting
from bot.desks import Desks
from bot.messages import Message
from bot.settings import Desk
from bot.texts import Renderer
from dialogs.cards import card
from dialogs.conversation import heard
from dialogs.engine import Engine
from dialogs.events import Event, Fresh, Progressed, Refer, Started, TeamWrote, Unbridged
from dialogs.screens import screen
from dialogs.session import ReferralCode, Session, TeamMessage
from dialogs.study import Language
from dialogs.symbols import Screen
from tests.person import CATALOGS, PLAN, STUDY

FOLDER = Path(__file__).parent / "transcripts"
NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
FRESH = Fresh(nonce="nonce", code=ReferralCode("K7M-4P2-XW9"))
DESKS = Desks(
    PLAN, CATALOGS, {place: Desk.model_validate({"chat": -1, **texts}) for place, texts in setting().desk.items()}
)
RENDERER = Renderer(CATALOGS, DESKS.told)
PLACES = [place.id for place in PLAN.study.places]
ENGINE = Engine(PLAN, DESKS.openings(PLACES, {}))
CLOSED = Engine(PLAN, DESKS.openings(PLACES, dict.fromkeys(PLACES, "full")))

READERS: dict[str, tuple[Language, str, str]] = {
    "en": ("en", "montreal", "English, in Montréal"),
    "fr_CA": ("fr", "montreal", "French, in Montréal"),
    "fr_FR": ("fr", "paris", "French, in Paris"),
}
HEIGHTS = {"ft_in": ("5", "63"), "cm": ("160", "163")}
REST = "no no no no no no no yes continue share send done"
ALL_MET = "yes agree yes declined not_enough {height} above no no no no no no no yes continue share send "
# What is tapped after the place; `+` stands before what is typed, `@` before what the study team does.
STORIES: dict[str, tuple[str, str]] = {
    "likely_eligible": (
        "Everything is met, and the result is sent.",
        "yes agree yes declined not_enough {height} above " + REST,
    ),
    "needs_review": (
        "A helper answers. Some points are not known, one answer is changed in the review, and the result is sent.",
        "yes agree_helping help why back yes had never {height} unsure yes medicine no some controlled past no"
        " not_applicable not_applicable infection no continue share send done",
    ),
    "likely_ineligible": (
        "Blood pressure is too high: the safety card comes first, then a confirmation. The person asks anyway.",
        "yes agree yes +? cannot side_effects {height} above no yes understood confirmed share send done",
    ),
    "written_to": (
        "Everything is met. The person agrees that the team writes here; they write to each other, and it is closed.",
        ALL_MET + "offer agree @seen @visit answer +OK @words @contacted call back close back @closed",
    ),
    "place_is_full": ("The place has as many people as it wants. The person asks to be told.", "tell"),
}
OUTCOMES = {"written_to": "likely_eligible", "place_is_full": None}
TEAM: dict[str, Event] = {
    "seen": Progressed(to="seen"),
    "contacted": Progressed(to="contacted"),
    "visit": TeamWrote(message=TeamMessage(approved="visit")),
    "words": TeamWrote(message=TeamMessage(words="10 h 30 — 514 555-0199")),
    "closed": Unbridged(why="by_team"),
}


@dataclass
class Conversation:
    """One conversation, written down as it happens."""

    language: Language
    place: str
    lines: list[str] = field(default_factory=list)
    engine: Engine = ENGINE
    session: Session | None = None
    sent: Refer | None = None

    @property
    def locale(self) -> str:
        return "en" if self.session is None else DESKS.locale(self.session.language, self.session.place)

    @property
    def shown(self) -> Screen:
        assert self.session is not None
        return screen(PLAN, self.engine.openings, self.session)

    def does(self, what: str, event: Event, who: str = "Person") -> None:
        """The person does this, and the bot shows what follows."""
        self.lines += [f"**{who}** {what}", ""]
        step = self.engine.advance(self.session, event, NOW, FRESH)
        self.session = step.session
        self.sent = next((effect for effect in step.effects if isinstance(effect, Refer)), self.sent)
        self.lines += ["**Bot**", "", *quoted(RENDERER.message(self.shown, self.locale)), ""]

    def taps(self, option: str) -> None:
        """Taps the button of this option."""
        [found] = [each for each in self.shown.options if each.id == option]
        assert found.event is not None
        self.does(f"taps **{RENDERER.say(found.label, self.locale)}**", found.event)

    def types(self, text: str) -> None:
        """Types this."""
        assert self.session is not None
        labels = RENDERER.labels(self.shown, self.locale)
        self.does(f"types “{text}”", heard(STUDY, self.shown, self.session, self.locale, text, labels))


def quoted(message: Message) -> Iterator[str]:
    """A message as a quotation, its buttons row by row."""
    for line in message.text.split("\n"):
        yield f"> {line}  " if line else ">"
    if message.rows:
        yield ">"
    for row in message.rows:
        yield "> " + " ".join(f"`[{button.label}]`" for button in row) + "  "


def transcript(reader: str, outcome: str) -> str:
    """The whole conversation, and the card the coordinators get."""
    language, place, name = READERS[reader]
    about, choices = STORIES[outcome]
    talk = Conversation(language, place, engine=CLOSED if outcome == "place_is_full" else ENGINE)
    talk.lines += [f"# {name}: {outcome}", "", about, ""]
    talk.does("taps **START**", Started())
    height = " ".join(HEIGHTS[STUDY.place(place).lengths[0]])
    for choice in f"{language} {place} {choices}".format(height=height).split():
        match choice[0]:
            case "+":
                talk.types(choice[1:])
            case "@":
                talk.does(choice[1:], TEAM[choice[1:]], who="Study team")
            case _:
                talk.taps(choice)
    assert (talk.sent and talk.sent.result.outcome) == OUTCOMES.get(outcome, outcome)
    if talk.sent is None:
        return "\n".join(talk.lines)
    desk = DESKS.locale(DESKS.of(place).language, place)
    shown = RENDERER.message(card(STUDY, talk.sent.result, talk.sent.code), desk)
    talk.lines += ["## What the coordinators get", "", *quoted(shown), ""]
    return "\n".join(talk.lines)


@pytest.mark.parametrize("reader", list(READERS))
@pytest.mark.parametrize("outcome", list(STORIES))
def test_the_conversation_reads_as_it_was_reviewed(reader: str, outcome: str) -> None:
    if reader != "en":
        assert reader in CATALOGS.texts, [str(problem) for problem in CATALOGS.problems]
    reviewed = FOLDER / f"{reader}_{outcome}.md"
    assert transcript(reader, outcome) == reviewed.read_text("utf-8"), (
        "the words or the course have changed: read the difference after python -m tests.test_transcripts --write"
    )


def test_every_transcript_belongs_to_a_story() -> None:
    wanted = {f"{reader}_{outcome}.md" for reader in READERS for outcome in STORIES}
    assert {path.name for path in FOLDER.iterdir()} == wanted


def main() -> None:
    """Write all transcripts anew."""
    FOLDER.mkdir(exist_ok=True)
    for reader in READERS:
        for outcome in STORIES:
            (FOLDER / f"{reader}_{outcome}.md").write_text(transcript(reader, outcome), "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("python -m tests.test_transcripts --write")
    main()
