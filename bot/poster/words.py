"""What a poster and a card say, in the words of one place, and where their QR code leads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.texts import Renderer
from dialogs.links import Link, read_link, write_link
from dialogs.study import Language, Place, Study
from dialogs.symbols import Param, Say

STEPS = ("scan", "answer", "choose", "call")
# Telegram: 5 to 32 letters, digits and _, the first a letter, and a bot's name ends in bot.
BOT = re.compile(r"(?=.{5,32}$)[a-z]\w*bot", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class PosterWords:
    """Everything that is read on a poster or a card; `approval` and `contact` are None where nobody gave them."""

    language: Language
    territory: str | None
    link: str
    kind: str
    ask: str
    also: str
    study: str
    placebo: str
    steps: tuple[str, ...]
    link_label: str
    readable_link: str
    code_alt: str
    free: str
    not_watched: str
    contact_label: str
    contact: str | None
    approval_label: str
    approval: str | None
    registry: str
    draft: str
    draft_notice: str

    @property
    def whole(self) -> bool:
        """Whether it may hang: somebody approved it, and it says whom to call."""
        return self.approval is not None and self.contact is not None


def poster_words(
    renderer: Renderer,
    study: Study,
    *,
    place: str,
    locale: str,
    source: str,
    bot: str,
    approval: str | None,
    contact: str | None,
) -> PosterWords:
    """The words for a place in one of its locales. Raises ValueError when one of the names cannot be right."""
    found = _place(study, place)
    language = _language(renderer, found, locale)
    link = _link(study, Link(place, language, source), bot)

    def say(key: str, **params: Param) -> str:
        return renderer.say(Say(key, params), locale)

    return PosterWords(
        language=language,
        territory=locale.partition("_")[2] or None,
        link=link,
        kind=say("poster.kind"),
        ask=say("poster.ask"),
        also=say("poster.also"),
        study=say("poster.study", study=study.title),
        placebo=say("poster.placebo"),
        steps=tuple(say(f"poster.step.{step}") for step in STEPS),
        link_label=say("poster.link", bot=f"@{_bare(bot)}"),
        readable_link=link.removeprefix("https://"),
        code_alt=say("poster.code", link=link),
        free=say("poster.free"),
        not_watched=say("privacy.not_watched", emergency=Say(f"place.{place}.emergency")),
        contact_label=say("poster.contact"),
        contact=_given(contact),
        approval_label=say("poster.approval"),
        approval=_given(approval),
        registry=say("poster.registry", study=study.title, registry=study.registry),
        draft=say("poster.draft"),
        draft_notice=say("poster.draft.notice"),
    )


def _place(study: Study, place: str) -> Place:
    places = {each.id: each for each in study.places}
    if place not in places:
        raise ValueError(f"{place!r} is not a place of this study. Its places: {', '.join(places)}.")
    return places[place]


def _language(renderer: Renderer, place: Place, locale: str) -> Language:
    catalogs = renderer.catalogs
    spoken = {catalogs.locale(language, place.territory): language for language in catalogs.languages}
    language = spoken.get(locale)
    if language is None:
        raise ValueError(f"{locale!r} is not read in {place.id}. Its locales: {', '.join(filter(None, spoken))}.")
    return language


def _link(study: Study, link: Link, bot: str) -> str:
    if not BOT.fullmatch(_bare(bot)):
        raise ValueError(f"{bot!r} is not the name of a bot: such as care_ssc_bot, which @BotFather shows.")
    payload = write_link(link)
    if not link.source or read_link(payload, study) != link:
        raise ValueError(f"{link.source!r} is not a source: 1 to 32 letters, digits, _ and -, such as chu-rhumato.")
    return f"https://t.me/{_bare(bot)}?start={payload}"


def _bare(bot: str) -> str:
    return bot.removeprefix("@")


def _given(text: str | None) -> str | None:
    return (text or "").strip() or None
