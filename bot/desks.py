"""Which places are open, to whom, and the operator's own words for each: what the settings mean for people."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from bot.messages import ChatId
from bot.settings import TEXTS, Desk
from bot.texts import Catalogs, Renderer
from dialogs.events import Openings
from dialogs.machine import Plan
from dialogs.screens import screen
from dialogs.session import CONSENT, Note, ReferralCode, Session
from dialogs.study import Language, Place
from dialogs.symbols import Told

LONGEST_MESSAGE = 4096  # UTF-16 units, Telegram's limit
LONGEST_CONTACT = 1000  # the result and its reasons stand in the same message


@dataclass(frozen=True)
class Desks:
    """The coordinators' desks by place."""

    plan: Plan
    catalogs: Catalogs
    desks: Mapping[str, Desk]

    def of(self, place: str) -> Desk:
        """The desk of a place; an empty one where none is set."""
        return self.desks.get(place) or Desk()

    def told(self, told: Told, language: Language) -> str | None:
        """The operator's words, in this language."""
        return self.of(told.place).text(told.what, language)

    def chat(self, place: str) -> ChatId | None:
        """The coordinators' group of a place, as it was set."""
        chat = self.of(place).chat
        return None if chat is None else ChatId(chat)

    def locale(self, language: Language | None, place: str | None) -> str:
        """The locale a person reads: of their place where it is open, else of their language, else English."""
        territory = self.plan.study.place(place).territory if place else None
        regional = self.catalogs.locale(language, territory)
        return regional or self.catalogs.locale(language, None) or "en"

    def openings(self, bound: Collection[str], paused: Mapping[str, str]) -> Openings:
        """Which places take people now, in which languages, the digest of what is agreed to there, and why not.

        `bound` are the places whose desk has a chat.
        """
        consents = {
            place.id: {
                language: digest
                for language in self.catalogs.languages
                if place.id in bound and (digest := self._consents[place.id, language])
            }
            for place in self.plan.study.places
        }
        return Openings(
            consents=consents, languages=self.catalogs.languages, bound=frozenset(bound), paused=dict(paused)
        )

    def warnings(self, bound: Collection[str]) -> Iterator[str]:
        """Why places are closed, one line each, for the operator."""
        for place in self.plan.study.places:
            if place.id not in bound:
                remedy = f"run: screener desk invite --place {place.id}"
                yield f"{place.id} is closed: no chat belongs to its desk ({remedy})"
            for language in self.catalogs.languages:
                if missing := list(self._missing(place, language)):
                    yield f"{place.id} is closed in {language}: {', '.join(missing)}"
                elif self._consents[place.id, language] is None:
                    yield f"{place.id} is closed in {language}: its consent or contact is longer than Telegram allows"

    @cached_property
    def _consents(self) -> Mapping[tuple[str, Language], str | None]:
        """The digest of the text agreed to, by place and language; None where something is missing for it."""
        return {
            (place.id, language): None if any(self._missing(place, language)) else self._consent_digest(place, language)
            for place in self.plan.study.places
            for language in self.catalogs.languages
        }

    def _missing(self, place: Place, language: Language) -> Iterator[str]:
        name = f"SCREENER_DESK__{place.id.upper()}"
        for what in TEXTS:
            if not self.of(place.id).text(what, language):
                yield f"{name}__{what.upper()} is not set for it"
        if self.catalogs.locale(language, place.territory) is None:
            yield f"its locale {language}_{place.territory} is closed"

    def _consent_digest(self, place: Place, language: Language) -> str | None:
        """A digest of the very text a person agrees to; None when it is too long to be shown."""
        session = Session(
            study=self.plan.study.id,
            nonce="",
            code=ReferralCode(""),
            touched=datetime.fromtimestamp(0, UTC),
            state=CONSENT,
            language=language,
            place=place.id,
        )
        # At its longest: with a remark above it and its answers listed below; and to be read again, with the rights.
        longest = session.changed(listing=True, note=Note(key="did_you_mean", about=("agree", "agree_helping")))
        texts = [self._text(each, language) for each in (longest, longest.changed(aside="privacy"))]
        contact = self.of(place.id).text("contact", language) or ""
        if any(_units(text) > LONGEST_MESSAGE for text in texts) or _units(contact) > LONGEST_CONTACT:
            return None
        return hashlib.sha256(self._text(session, language).encode("utf-8")).hexdigest()[:16]

    def _text(self, session: Session, language: Language) -> str:
        shown = screen(self.plan, Openings(), session)
        return Renderer(self.catalogs, self.told).message(shown, self.locale(language, session.place)).text


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
