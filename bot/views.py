"""The words for whatever is to be shown: a session's screen, a referral's card, a line said once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.desk.room import life_of
from bot.desks import Desks
from bot.doors import Doors
from bot.messages import Message
from bot.outgoing import Notice, Reply, Showing, Toast
from bot.records import Referral
from bot.texts import Renderer
from dialogs.cards import AtDesk, bare_card, desk_card
from dialogs.events import Openings
from dialogs.machine import Plan
from dialogs.referral import named
from dialogs.screens import screen
from dialogs.session import ReferralCode, Result, Session
from dialogs.symbols import Say


@dataclass(frozen=True)
class Views:
    """Renders for a reader in their locale."""

    plan: Plan
    doors: Doors
    desks: Desks
    renderer: Renderer

    @property
    def openings(self) -> Openings:
        """Which places take people now."""
        return self.doors.openings

    def screen(self, session: Session) -> Message:
        """What the person should see now, with buttons that are this screen's own."""
        shown = screen(self.plan, self.openings, session)
        locale = self.desks.locale(session.language, session.place)
        return self.renderer.message(shown, locale, f"{session.mark}.{session.turn}")

    def card(self, referral: Referral, names: Mapping[str, str]) -> Message:
        """The coordinators' card, in the language of their desk; `names` are those of the desk's members."""
        locale = self.desks.locale(self.desks.of(referral.place).language, referral.place)
        code = ReferralCode(referral.code)
        if referral.result is None:
            return self.renderer.message(bare_card(code, referral.state), locale)
        result, life = Result.model_validate_json(referral.result), life_of(referral)
        who = names.get(named(life) or "")
        at = AtDesk(life, who, referral.waited, referral.bridged, referral.wanted)
        return self.renderer.message(desk_card(self.plan.study, result, code, at), locale)

    def reply(self, reply: Reply) -> Message:
        """An answer to somebody of a desk."""
        return self.renderer.message(reply.screen, reply.locale)

    def desk_toast(self, toast: Toast) -> str | None:
        """The short line after a press of a desk's button, if there is one to say."""
        if toast.said is None:
            return None
        return self.renderer.say(toast.said, toast.locale) if toast.locale else "\n".join(self._everywhere(toast.said))

    def file(self, session: Session) -> tuple[str, bytes, str]:
        """Everything held about a person as a file: its name, its content and what is said under it."""
        locale = self.desks.locale(session.language, session.place)
        content = session.model_dump_json(indent=2).encode("utf-8")
        said = (self.renderer.say(Say(f"mydata.{key}"), locale) for key in ("file_name", "file_caption"))
        name, caption = said
        return f"{name}.json", content, caption

    def toast(self, showing: Showing) -> str | None:
        """The short line after a tap, if there is one to say."""
        if showing.toast is None:
            return None
        locale = self.desks.locale(showing.session.language, showing.session.place)
        return self.renderer.say(Say(showing.toast), locale)

    def notice(self, notice: Notice) -> Message:
        """A line said once, in every open language: nothing is known about who reads it."""
        return Message("\n\n".join(self._everywhere(Say(notice.key, notice.params))))

    def left_behind(self) -> Message:
        """What stands in place of an old screen that cannot be deleted any more."""
        return Message("\n\n".join(self._everywhere(Say("old.screen"))))

    def _everywhere(self, said: Say) -> list[str]:
        return [self.renderer.say(said, self.desks.locale(each, None)) for each in self.openings.languages]
