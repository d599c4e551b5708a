"""Every string a coordinator can receive, over all paths, and every one a participant can receive because of the desk.

One long day at a desk, in which every text of `desk.toml` that something is filled into is said at least once: what
was said is compared with what can be said. Nothing that either side receives names anybody of the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from bot.messages import ChatId, Ordered, Said
from bot.records import Referral
from bot.tables import letters
from dialogs.session import ReferralCode
from tests.desk_day import PERSON_ID, STAFF, STAFF_ID, STATIC, TYPED, Day, can_be_said, found
from tests.desk_world import GROUP, Coordinator
from tests.exported import result
from tests.postgres import Person, kept

pytest_plugins = ["tests.desk_day"]


async def joining(day: Day) -> None:
    await day.orders(day.group, "join", "", "nonsense", await day.world.invited())
    await day.orders(day.lead, "join", await day.world.invited("montreal", "lead"))
    await day.orders(day.lead, "stats")
    for who in (day.group, day.lead):
        await day.orders(who, "open", "")
        await day.orders(who, "mine", "")
        await day.orders(who, "health", "")
        await day.orders(who, "desk", "")
    stranger = Coordinator(day.shell, STAFF, ChatId(STAFF_ID + 9), ChatId(-99))
    await day.presses(stranger, "show", "AAAAAAAAA")


async def cards(day: Day, code: ReferralCode) -> None:
    """A card through every state, with every refusal on the way."""
    group, other = day.group, day.other
    await day.acts(group, "release", code)
    await day.acts(group, "claim", code)
    await day.orders(group, "open")
    await day.acts(other, "claim", code)
    await day.acts(group, "claim", code)
    await day.acts(other, "release", code)
    await day.acts(other, "contact", code, version=1)
    await day.acts(other, "contact", code)
    await day.orders(group, "open")
    await day.orders(group, "mine")
    for verb in ("closing", "card", "closing", "differs"):
        await day.acts(group, verb, code)
    await day.acts(group, "differs", code, "infection")
    await day.acts(group, "undo", code)
    await day.acts(group, "close", code, "declined")
    await day.acts(other, "claim", code)
    day.shell.clock.passes(minutes=2)
    await day.acts(group, "undo", code)
    await day.presses(group, "nonsense")
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    await day.orders(group, "find", "", code, wrong, "ZZZ-ZZZ-ZZZ", f"<b>{'x' * 60}")
    await day.presses(group, "show", code.replace("-", ""))


async def writing(day: Day, person: Person, code: ReferralCode) -> None:
    """Both sides write to each other, in every way there is."""
    group, bare = day.group, code.replace("-", "")
    await day.orders(group, "write", "", code)
    await day.does(person, "offer", "agree")
    await day.orders(group, "write", code, f"{code} {'x' * 501}", f"{code} What is your name?")
    _, discard = group.buttons()
    await day.presses(group, *discard.split("."))
    await day.orders(group, "write", f"{code} Please come at ten")
    send, _ = group.buttons()
    await day.presses(group, *send.split("."))
    await day.presses(group, *send.split("."))
    person.batch = group.batch
    await day.orders(group, "write", code)
    for button in [each for each in group.buttons() if each.startswith("say")]:
        *say, _ = button.split(".")
        async with day.shell.store.begin() as transaction:
            bridge = await transaction.bridges.of(code)
        assert bridge is not None
        await day.presses(group, *say, str(bridge.written))
        person.batch = group.batch
    await day.does(person, "answer")
    await person.does(Said("I can come on Thursday"))
    await day.heard.batch(person.batch)
    for act in ("claim", "contact"):
        await day.acts(group, act, code)
        await day.routines(minutes=2)
    await person.orders("mydata")
    await day.heard.batch(person.batch)
    await day.presses(group, "unbridge", bare)
    await day.presses(group, "unbridge", bare)


async def leading(day: Day) -> None:
    """All a lead can do, and a coordinator cannot."""
    lead, group = day.lead, day.group
    member = Coordinator(day.shell, f"{STAFF} 3", ChatId(STAFF_ID + 2), ChatId(STAFF_ID + 2))
    for command in ("invite", "export", "pause", "resume", "remove"):
        await day.orders(day.other, command)
        await day.orders(lead, command)
        await day.orders(group, command)
    await day.orders(lead, "export", "2026-03-01", "never")
    for role in ("coordinator", "lead"):
        await day.presses(lead, "invite", "montreal", role)
    await day.presses(lead, "export", "csv")
    await day.presses(lead, "pause", "montreal", "holiday")
    await day.orders(lead, "health")
    waits = day.shell.person(PERSON_ID + 7)
    await waits.begins()
    await day.does(waits, "tell")
    await day.orders(lead, "resume")
    await day.orders(member, "join", await day.world.invited())
    await day.orders(lead, "join", await day.world.invited("paris", "lead"))
    await day.orders(lead, "remove")
    await day.orders(lead, "pause")
    await day.presses(lead, "remove", "montreal", day.shell.vault.key(day.other.id).hex())
    await day.orders(lead, "remove")
    await day.orders(member, "leave")
    await day.presses(Coordinator(day.shell, STAFF, day.other.id, GROUP), "show", "AAAAAAAAA")


async def waiting_and_numbers(day: Day) -> None:
    """A place that is full, cards nobody takes, notices nobody gets, a week to sum up."""
    names = [f"montreal.{each}.{name}" for each in ("fr", "en") for name in ("started", "asked.age", "stopped.cancer")]
    names += [f"montreal.fr.{name}" for name in ("decided.bmi", "source.flyer", "source.other", "closed.declined")]
    async with day.shell.store.begin() as transaction:
        for ago in (20, 12):
            when = (day.shell.clock() - timedelta(days=ago)).date()
            more = [*["montreal.fr.hours.3", "montreal.fr.claimed"] * 40, *["paris.fr.started"] * 40]
            await transaction.counts.add([*names * 30, *more], when)
    when, content = day.shell.clock(), result().model_dump_json()
    async with day.shell.store.begin() as transaction:
        many = (f"AAA-AAA-{number:03}" for number in range(21))
        await transaction.referrals.add(
            [Referral(each, "montreal", when.date(), "new", content, int(when.timestamp())) for each in many]
        )
    for _ in range(3):
        await day.routines(hours=2)
    async with day.shell.store.begin() as transaction:
        for letter in kept(day.shell.database, letters):
            await transaction.letters.failed(letter["id"], letter["due"], "unreachable")
    for who in (day.group, day.lead):
        await day.orders(who, "health")
        await day.orders(who, "open")
    await day.orders(day.lead, "stats")
    await day.routines(days=7)


async def test_over_a_whole_day_nobody_is_named_to_the_other_side(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    await joining(day)
    first, code = await day.person(PERSON_ID)
    await cards(day, code)
    second, written = await day.person(PERSON_ID + 1)
    await writing(day, second, written)
    await leading(day)
    third, gone = await day.person(PERSON_ID + 2)
    await day.acts(day.group, "claim", gone)
    await third.does(Ordered("withdraw", gone))
    await day.heard.batch(third.batch)
    await waiting_and_numbers(day)
    await day.exports(monkeypatch)
    await day.orders(day.group, "leave")
    await day.routines(days=181)

    heard, vault = day.heard, day.shell.vault
    fill_in = {key for key, text in can_be_said().items() if re.search(r"\{\w+\}", text)}
    assert {key for key in fill_in - heard.keys if not key.startswith(STATIC)} == set(), "never said on this day"
    people = [first, second, third]
    of_people = [TYPED, *(each.session.nonce for each in people), *ids([PERSON_ID + each for each in range(60)], vault)]
    of_staff = [STAFF, "Ludmila", *ids([STAFF_ID, STAFF_ID + 1, STAFF_ID + 2, int(GROUP)], vault)]
    assert found(of_people, heard.to_desk) == []
    assert found(of_staff, heard.to_people) == []
    assert found([STAFF], heard.to_desk), "coordinators see each other"
    assert found([code], heard.to_desk)
    assert len(heard.to_people) > 100


def ids(chats: Collection[int], vault: Any) -> list[str]:
    """These chats as they could be written."""
    return [text for each in chats for text in (str(each), vault.key(ChatId(each)).hex())]


def test_every_text_of_the_desk_is_known_by_its_key() -> None:
    texts = can_be_said()
    assert {"desk.toast.taken", "desk.export.too_large", "card.bare.withdrawn"} <= texts.keys()
    assert len(texts) > 200
