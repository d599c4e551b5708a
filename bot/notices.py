"""Notices where coordinators already work: e-mail, Teams, Slack, whatever Apprise speaks. Its only user.

Apprise is heavy, so it is loaded when the first notice is sent, in a thread of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from pydantic import SecretStr

from bot.desks import Desks
from bot.letters import CHANNELS, LONGEST, Failure, NotTaken, letter_to_channel
from bot.records import Letter, Referral
from bot.texts import Renderer
from bot.vault import Vault, all_hashes
from dialogs.cards import AtDesk, bare_card, desk_card
from dialogs.referral import Life
from dialogs.session import ReferralCode, Result
from dialogs.symbols import Param, Say

Kind = Literal["new", "waiting", "withdrawn", "expired"]

PATIENCE = 60.0  # seconds until an attempt counts as failed
LONGEST_SCHEME = 12  # so that the name of a channel fits into its column
DIGITS = 6
# Libraries that write where they connect to, and with which key, into the log.
TALKATIVE = ("apprise", "charset_normalizer", "markdown", "MARKDOWN", "oauthlib", "requests", "urllib3")
SILENT = logging.CRITICAL + 1


@dataclass(frozen=True)
class Notices:
    """Writes the notices to each desk's channels, and sends them."""

    vault: Vault
    desks: Desks
    renderer: Renderer

    def channels(self, place: str) -> Mapping[str, SecretStr]:
        """The operator's addresses of a place, each under a name that says of which kind it is, and no more."""
        return {self._names(each)[0]: each for each in self.desks.of(place).notify}

    def of(self, referral: Referral, kind: Kind, now: datetime, hours: int = 0) -> list[Letter]:
        """What the channels of its place are told about a referral: that it is new, waits for so long, or is gone.

        A notice cannot be edited like a card: when a referral is gone, a second one says to use the first no more.
        """
        channels = self.channels(referral.place)
        if not channels:
            return []
        text = self._text(referral, kind, hours)
        code = None if kind in {"withdrawn", "expired"} else referral.code
        return [letter_to_channel(self.vault, referral.place, each, text, now, code=code) for each in channels]

    def of_all(self, referrals: Iterable[Referral], kind: Kind, now: datetime) -> list[Letter]:
        """What their channels are told about these referrals."""
        return [letter for referral in referrals for letter in self.of(referral, kind, now)]

    async def notify(self, place: str, channel: str, text: str) -> None:
        """Send this to one channel; the first line is the subject. Raises NotTaken."""
        url = next((each for each in self.desks.of(place).notify if channel in self._names(each)), None)
        if url is None:
            raise NotTaken("unknown", LONGEST)
        subject, _, body = text.partition("\n")
        loop = asyncio.get_running_loop()
        failure = await loop.run_in_executor(self._threads, _sent, url, subject, body.strip())
        if failure:
            raise NotTaken(failure, *([LONGEST] if failure == "malformed" else []))

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(CHANNELS, "notices")

    def _names(self, url: SecretStr) -> list[str]:
        """The name of an address, and those it had under older keys of the vault."""
        scheme = url.get_secret_value().partition(":")[0].lower()[:LONGEST_SCHEME]
        hashes = all_hashes([self.vault.fingerprint(url.get_secret_value(), b"channel")])
        return [f"{scheme}-{each.hex()[:DIGITS]}" for each in hashes]

    def _text(self, referral: Referral, kind: Kind, hours: int) -> str:
        code, where = ReferralCode(referral.code), Say(f"place.{referral.place}.name")
        about: dict[str, Param] = {"code": code, "place": where}
        if kind == "waiting":
            about["hours"] = hours
            lines = [self._say(Say(f"desk.notice.waiting.{part}", about), referral) for part in ("subject", "body")]
            return "\n\n".join(lines)
        subject = self._say(Say(f"desk.notice.{kind}.subject", about), referral)
        if kind == "new" and referral.result is not None:
            result = Result.model_validate_json(referral.result)
            shown = desk_card(self.desks.plan.study, result, code, AtDesk(Life(), bridged=referral.bridged))
            return f"{subject}\n\n{self.renderer.message(shown, self._locale(referral)).text}"
        bare = self.renderer.message(bare_card(code, kind), self._locale(referral)).text
        erase = self._say(Say("desk.notice.erase"), referral)
        return f"{subject}\n\n{bare}\n{erase}"

    def _say(self, said: Say, referral: Referral) -> str:
        return self.renderer.say(said, self._locale(referral))

    def _locale(self, referral: Referral) -> str:
        return self.desks.locale(self.desks.of(referral.place).language, referral.place)


def _sent(url: SecretStr, subject: str, body: str) -> Failure | None:
    """Send one notice, slowly. Why it was not taken, if it was not."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(SILENT)
    from apprise import Apprise, AppriseAsset, NotifyFormat  # heavy, and not needed before the first notice

    asset = AppriseAsset(app_id="screener", app_desc="screener", app_url="", image_url_mask=None, storage_mode="memory")
    service = Apprise.instantiate(url.get_secret_value(), asset=asset)
    if service is None:
        return "malformed"
    service.notify_format = NotifyFormat.TEXT
    post = Apprise(asset=asset)
    post.add(service)
    taken = post.notify(body=body, title=subject, body_format=NotifyFormat.TEXT, timeout=PATIENCE)
    return None if taken else "refused"
