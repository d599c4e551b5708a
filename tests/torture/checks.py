"""What must be right when everything has settled, whatever happened before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.chats import Message
from bot.messages import ChatId
from bot.vault import Vault, read_secret
from dialogs.session import FORGOTTEN
from tests.torture.coordinators import Work, is_letter
from tests.torture.oracle import CODE
from tests.torture.participant import Participant
from tests.torture.weather import Sent

if TYPE_CHECKING:
    from tests.torture.campaign import Campaign

AGES = (0.5, 1, 2, 5, 15, 60)  # seconds
UNDER_WAY = 0.5  # seconds a call may be under way when its process is gone; the next one needs longer to begin
NEAR = 20.0  # seconds: what is told of a message that stands there twice
AFTERMATH = 3.0  # seconds after a trouble in which a start may still fail of it
# What is not one of our own lines, and may be there: a library was given garbage, or a start found no database and left
# what it had opened.
EXPECTED = ("ERROR telegram.request.BaseRequest JSONDecodeError", "The database does not answer", "WARNING psycopg")
LEFT_OPEN = "ERROR asyncio"  # of an exception, its name would follow


@dataclass
class Findings:
    """What was wrong, each in words; and what was counted: windows that were hit, words left, lines of the log."""

    wrong: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)


def check(campaign: Campaign) -> Findings:
    """Look at every phone, every desk, the database and the logs."""
    found = Findings()
    found.wrong += campaign.crowd.findings()
    found.wrong += _stuck(campaign)
    if campaign.settled_after is None:
        found.wrong.append("something had not settled when the calm was over")
    if campaign.order.complete and campaign.missed:
        found.wrong.append(f"nothing has died at: {', '.join(campaign.missed)}")
    _screens(campaign, found)
    _desks(campaign, found)
    _kept(campaign, found)
    _processes(campaign, found)
    return found


# ------------------------------------------------------------------------------------------ what people see


def _screens(campaign: Campaign, found: Findings) -> None:
    """One screen for each person, but where the one window was hit."""
    for person in campaign.crowd.people:
        shown = [one for one in person.chat.visible if one.from_bot and one.id not in person.farewells]
        live = next((one for one in reversed(shown) if one.kind == "text" and person.belief.learning(one)), None)
        _doubles(
            campaign, found, live, [one for one in shown if one is not live], f"{person.name} sees besides", person
        )
        typed = [one for one in person.chat.visible if not one.from_bot and not one.text.startswith("/start")]
        found.counted["typed messages left in a chat"] += len(typed)


def _stuck(campaign: Campaign) -> Iterator[str]:
    """For whoever could not go on: what is kept of them, and the last calls to their chat."""
    vault = _vault(campaign)
    kept = campaign.database.rows("select key, wanted, shown, message, litter, holder from chats")
    rows = {bytes(row[0]): row[1:] for row in kept}
    for person in campaign.crowd.people:
        if not person.done:
            calls = campaign.standin.calls(chat=person.chat.id)[-6:]
            told = [f"{call.method} {call.status} {call.params.get('message_id', '')}" for call in calls]
            shown = [one.id for one in person.chat.visible if one.from_bot]
            row = rows.get(bytes(vault.key(ChatId(person.chat.id))))
            yield f"{person.name}: kept (wanted, shown, message, litter, holder) {row}, messages {shown}, calls {told}"


def _vault(campaign: Campaign) -> Vault:
    return Vault(read_secret(campaign.hosts[0].environment["SCREENER_SECRET_KEY"]))


def _doubles(
    campaign: Campaign,
    found: Findings,
    live: Message | None,
    extra: Iterable[Message],
    what: str,
    person: Participant | None = None,
) -> None:
    """Of two that say the same either may be the one that was not written down."""
    for one in extra:
        same = live is not None and live.text == one.text
        why = _excuse(campaign, one) or (_excuse(campaign, live) if live is not None and same else "")
        if why:
            found.counted[f"doubled: {why}"] += 1
        else:
            trail = f"\n    trail: {' · '.join(person.trail)}{_came_and_went(campaign, person)}" if person else ""
            found.wrong.append(f"{what} message {one.id}{_when(campaign, one)}: {one.text[:80]!r}{trail}")


def _came_and_went(campaign: Campaign, person: Participant) -> str:
    """Which messages were sent to a person, and which of them deleted again."""
    calls = [
        one for one in campaign.standin.calls(chat=person.chat.id) if one.method in {"sendMessage", "deleteMessage"}
    ]
    told = [f"{one.method} {one.status} {one.params.get('message_id', '')}".strip() for one in calls]
    return f"\n    messages {sorted(person.chat.messages)}, calls {told}"


def _excuse(campaign: Campaign, message: Message) -> str:
    """Why this message may stand there twice; nothing, if it may not."""
    sent = _sent(campaign, message)
    if sent is not None and not sent.heard:
        return "the answer to a first send was lost"
    if sent is not None and any(0 <= sent.at - loss <= UNDER_WAY for loss in campaign.windows.losses):
        return "it was under way when a process was killed"
    age = campaign.windows.hit.get(message.id)
    if sent is None or age is None or not campaign.windows.narrow(sent.at, age):
        return ""
    return f"killed before a first send was written down, within {next(each for each in AGES if age <= each)} s"


def _when(campaign: Campaign, message: Message) -> str:
    """When it was sent, beside what happened to the database then."""
    sent = _sent(campaign, message)
    at = sent.at if sent else campaign.began
    troubled = [each for each in campaign.troubled if abs(each[0] - at) < NEAR]
    troubles = [f"{kind} {began - at:+.1f} to {end - at:+.1f}" for began, end, kind in troubled]
    losses = [f"{each - at:+.1f}" for each in campaign.windows.losses if abs(each - at) < NEAR]
    age = campaign.windows.hit.get(message.id)
    late = "" if age is None else f"not written down after {age:.1f} s, which nothing had held up; "
    return f" ({late}sent after {at - campaign.began:.1f} s; losses {losses}; {'; '.join(troubles)})"


def _sent(campaign: Campaign, message: Message) -> Sent | None:
    key = (message.chat, message.id)
    return next((each for each in campaign.weather.sent if (each.chat, each.message) == key), None)


# ---------------------------------------------------------------------------------------------- the desks


def _desks(campaign: Campaign, found: Findings) -> None:
    """One referral for each consent, one card for each referral, and each says what its person said."""
    coordinators = campaign.crowd.coordinators
    for person in campaign.crowd.people:
        coordinators.learns(person.belief)
    works = coordinators.works
    kept = {row[0] for row in campaign.database.rows("select code from referrals")}
    wanted = {code for code, work in works.items() if not work.withdrawn}
    found.wrong += (f"the referral {code} is lost" for code in sorted(wanted - kept))
    found.wrong += (f"nobody agreed to the referral {code}" for code in sorted(kept - wanted))
    shown = {code for chat in coordinators.groups.values() for one in chat.visible for code in _codes(one)}
    found.wrong += (f"nobody sent the card {code}" for code in sorted(shown - works.keys()))
    for work in works.values():
        _card(campaign, found, work)
    _letters(campaign, found)


def _codes(message: Message) -> list[str]:
    return CODE.findall(message.text) if message.from_bot else []


def _card(campaign: Campaign, found: Findings, work: Work) -> None:
    coordinators = campaign.crowd.coordinators
    cards = coordinators.cards(work)
    fitting = [one for one in cards if coordinators.fits(work, one.text)]
    if not fitting and not (work.withdrawn and not cards):
        says = [one.text[:150] for one in cards]
        found.wrong.append(f"the card {work.code} ({[each.state for each in work.lives]}) says {says}")
    if fitting:
        extra = [one for one in cards if one is not fitting[-1]]
        _doubles(campaign, found, fitting[-1], extra, f"card {work.code}:")


def _letters(campaign: Campaign, found: Findings) -> None:
    """What people wrote to the team has arrived."""
    for person in campaign.crowd.people:
        session = person.belief.session
        if session is None or session.state == FORGOTTEN:  # they never came to write anything, or took it all back
            continue
        for code, number in Counter(person.belief.passed_on).items():
            if code in person.belief.withdrawn:
                continue
            chat = campaign.crowd.coordinators.groups[person.belief.sent[code].place]
            there = [one for one in chat.visible if one.from_bot and code in one.text and is_letter(one)]
            if len(there) < number:
                found.wrong.append(f"{person.name} wrote {number} times by {code}, {len(there)} arrived")
            found.counted["letters doubled"] += max(0, len(there) - number)


# ---------------------------------------------------------------------------------------------- what is kept


def _kept(campaign: Campaign, found: Findings) -> None:
    """Nothing of whoever is done, and nothing that is still to be sent."""
    vault = _vault(campaign)
    keys = {bytes(vault.key(ChatId(each.chat.id))): each for each in campaign.crowd.people}
    rows = {bytes(row[0]) for row in campaign.database.rows("select key from chats")}
    disk = campaign.database.on_disk()
    for key, person in keys.items():
        if person.done and key in rows:
            sees = [one.text[:60] for one in person.chat.visible if one.from_bot]
            found.wrong.append(
                f"{person.name} is done, and still kept; sees {sees}\n    trail: {' · '.join(person.trail)}"
            )
        elif person.done and disk is not None and key in disk:
            found.wrong.append(f"{person.name} is done, and their key is still on the disk")
    if rows - keys.keys():
        found.wrong.append(f"{len(rows - keys.keys())} conversations are of nobody")
    for table, condition in (
        *(("chats", "shown < wanted"), ("referrals", "shown < wanted"), ("letters", "1 = 1")),
        *(("bridges", "1 = 1"), ("waiting", "1 = 1")),
    ):
        if left := campaign.database.rows(f"select count(*) from {table} where {condition}")[0][0]:
            found.wrong.append(f"{left} rows are left in {table} where {condition}")


def _processes(campaign: Campaign, found: Findings) -> None:
    """No process ended by itself while it had a database, and no line tells of what must not happen."""
    for host in campaign.hosts:
        for at, code in host.alone:
            troubled = [
                (began, end) for began, end, _ in campaign.troubled
            ]  # one that stood still finds it has been given up
            if not any(began <= at <= end + AFTERMATH for began, end in (*troubled, *campaign.windows.stills)):
                found.wrong.append(f"process {host.number} ended by itself with {code}")
            found.counted["processes that ended by themselves"] += 1
        for said in _errors(host.log.read_text("utf-8", "replace").splitlines()):
            found.counted[f"log: {said}"] += 1
            if said.startswith("crash"):
                found.wrong.append(f"process {host.number}: {said}")


def _errors(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("{"):
            yield line if line.startswith(EXPECTED) or line == LEFT_OPEN else f"crash: {line}"
            continue
        said = json.loads(line)
        if said.get("level") == "error":
            yield f"{said['event']} ({said.get('reason', '')})"
