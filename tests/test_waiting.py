"""A place that asks nobody new says why, lets those who have begun finish, and tells once when it opens again."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import ChatId, Command
from bot.records import Waiter
from bot.retention import Retention
from bot.settings import Desk
from bot.store import Store
from bot.tables import chats, letters, waiting
from bot.waiting import Waiting
from dialogs.desk import PAUSE_REASONS
from dialogs.engine import Engine
from dialogs.events import (
    ChangedLanguage,
    ChangedPlace,
    Expired,
    Forget,
    ForgetMe,
    Openings,
    Restarted,
    Started,
    Stopped,
    Unwait,
    Wait,
    WentBack,
)
from dialogs.study import Language
from dialogs.symbols import Say
from tests.dialogs_world import LANGUAGES, OPEN, PAUSED, PLAN, STUDY, Person, at_sent, person
from tests.postgres import Person as Participant
from tests.postgres import Postgres, Shell, demo_desks, kept

pytest_plugins = ["tests.postgres"]

NOWHERE = Openings(consents={}, languages=LANGUAGES, paused=PAUSED.paused)


def paused(reason: str = "holiday") -> Person:
    """Somebody where every place is paused for this reason."""
    places = {place.id: reason for place in STUDY.places}
    return Person(engine=Engine(PLAN, Openings(consents=OPEN.consents, languages=LANGUAGES, paused=places)))


# ------------------------------------------------------------------------------------------ in the conversation


@pytest.mark.parametrize("reason", PAUSE_REASONS)
def test_whoever_comes_during_a_pause_reads_why_and_may_ask_to_be_told(reason: str) -> None:
    here = paused(reason).starts()
    assert here.at == "closed"
    assert here.says(f"closed.reason.{reason}")
    assert "tell" in here.buttons
    assert here.taps("tell").effects == [Wait(place="montreal", language="en")]
    assert here.at == "waiting"
    assert here.says("waiting.noted")
    assert here.says("waiting.kept")


def test_where_nobody_is_ever_asked_nobody_is_promised_a_message() -> None:
    here = Person(engine=Engine(PLAN, NOWHERE)).starts()
    assert here.says("closed.text")
    assert "tell" not in here.buttons


def test_whoever_has_agreed_goes_on_to_the_end_and_may_send() -> None:
    here = person().starts().consents().with_engine(PAUSED).reviews().taps("continue", "share", "send")
    assert here.at == "sent"
    assert here.referred.code


def test_whoever_has_not_agreed_yet_comes_to_the_closed_door_whatever_they_do() -> None:
    here = person().starts().taps("yes")
    assert here.at == "consent"
    assert here.with_engine(PAUSED).does(Started()).at == "closed"


def test_whoever_goes_to_a_paused_place_has_not_agreed_there_and_may_come_back() -> None:
    here = person().starts().consents().with_engine(PAUSED).does(ChangedPlace(place="paris"))
    assert here.at == "closed"
    assert here.does(ChangedPlace(place="montreal")).at == "diagnosis"


def test_the_door_opens_for_whoever_stands_before_it_whatever_they_do() -> None:
    for here in (paused().starts(), paused().starts().taps("tell")):
        assert here.with_engine(OPEN).does(WentBack()).at == "age"


@pytest.mark.parametrize(
    "event", [Stopped(), ForgetMe(), Restarted(), ChangedPlace(place="paris"), ChangedPlace(place="elsewhere")], ids=str
)
def test_whoever_goes_elsewhere_is_not_told_any_more(event: Stopped) -> None:
    here = paused().starts().taps("tell").does(event)
    assert {Unwait(), Forget()}.intersection(here.effects)


def test_the_wish_is_taken_back_by_its_button_and_by_nothing_that_looks_for_the_way_back() -> None:
    here = paused().starts().taps("tell")
    assert here.does(WentBack(), ChangedPlace(place="montreal"), Started()).at == "waiting"
    assert Unwait() not in here.effects
    assert here.taps("cancel").at == "closed"
    assert here.effects[-1] == Unwait()


def test_whoever_changes_their_language_is_told_in_it() -> None:
    here = paused().starts().taps("tell").does(ChangedLanguage(language="fr"))
    assert here.effects[-1] == Wait(place="montreal", language="fr")
    assert here.at == "waiting"


def test_whoever_stays_away_is_still_told_and_the_farewell_says_so() -> None:
    here = paused().starts().taps("tell").does(Expired())
    assert here.effects[-1] == Forget(wish=False)
    assert here.says("end.expired.waiting")


def test_after_sending_a_pause_changes_nothing() -> None:
    assert at_sent().with_engine(PAUSED).does(Started()).at == "sent"


# ----------------------------------------------------------------------------------------------- in the database


class Doorkeeper:
    """A place that is paused, people before it, and what is sent to them."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.waiting = Waiting(shell.store, shell.room, shell.renderer, shell.doors, shell.clock)

    async def pauses(self, place: str = "montreal") -> None:
        async with self.shell.store.begin() as transaction:
            await transaction.desk.pause(place, "holiday", 0)
        await self.shell.doors.look()

    async def resumes(self, place: str = "montreal") -> None:
        async with self.shell.store.begin() as transaction:
            await transaction.desk.resume(place)

    async def somebody(self, language: Language = "en", place: str = "montreal") -> Participant:
        """Who asks to be told."""
        found = self.shell.person()
        await found.begins(language, place)
        await found.taps("tell")
        return found

    def told(self) -> dict[int, str]:
        """What is to be sent to whom."""
        vault, found = self.shell.vault, {}
        for row in kept(self.shell.database, letters):
            key = self.shell.person(1).key.__class__(bytes(row["key"]))
            found[int(vault.open_chat(bytes(row["address"]), key))] = vault.open(bytes(row["body"]), b"letter" + key)
        return {chat: body.decode() for chat, body in found.items()}

    def wait(self) -> int:
        return len(kept(self.shell.database, waiting))


@pytest.fixture
def door(shell: Shell) -> Doorkeeper:
    return Doorkeeper(shell)


async def test_who_waits_is_told_once_in_their_language_when_it_opens_and_forgotten(door: Doorkeeper) -> None:
    await door.pauses()
    french, english = await door.somebody("fr"), await door.somebody("en")
    await door.waiting.sweep()
    assert (door.told(), door.wait()) == ({}, 2)
    await door.resumes()
    await door.waiting.sweep()
    texts = door.shell.desks.catalogs.texts
    assert door.told() == {
        int(french.chat): texts["fr_CA"]["waiting.open"],
        int(english.chat): texts["en"]["waiting.open"],
    }
    assert door.wait() == 0
    await door.waiting.sweep()
    assert len(door.told()) == 2


async def test_only_those_of_the_place_that_opened_are_told(door: Doorkeeper) -> None:
    await door.pauses("montreal")
    await door.pauses("paris")
    await door.somebody(place="montreal")
    parisian = await door.somebody(place="paris")
    await door.resumes("paris")
    await door.waiting.sweep()
    assert set(door.told()) == {int(parisian.chat)}


async def test_nobody_is_told_at_night(door: Doorkeeper) -> None:
    await door.pauses()
    await door.somebody()
    await door.resumes()
    door.shell.clock.passes(hours=12)
    await door.waiting.sweep()
    assert door.told() == {}
    door.shell.clock.passes(hours=12)
    await door.waiting.sweep()
    assert len(door.told()) == 1


async def test_no_more_are_told_than_there_is_room_for_and_the_first_come_first(store: Store, database: str) -> None:
    desks = demo_desks()
    desks["montreal"] = desks["montreal"].model_copy(update={"cap": 2})
    door = Doorkeeper(await Shell(store, database, desks).opened())
    sender = door.shell.person()
    await sender.previews()
    await sender.taps("send")
    await door.pauses()
    people = []
    for _ in range(3):
        people.append(await door.somebody())
        door.shell.clock.passes(seconds=1)
    await door.resumes()
    await door.waiting.sweep()
    assert set(door.told()) == {int(people[0].chat)}
    assert door.wait() == 2


async def several(door: Doorkeeper, number: int) -> None:
    """So many people who wait, past the conversation in which they asked to be told."""
    vault = door.shell.vault
    async with door.shell.store.begin() as transaction:
        for at in range(number):
            chat = ChatId(6_000_000_000 + at)
            key = vault.key(chat)
            await transaction.desk.wait(Waiter(key, "montreal", "en", vault.seal_chat(chat, key), at))


def with_room_for(number: int) -> dict[str, Desk]:
    """The desks, Montréal with room for so many."""
    desks = demo_desks()
    return {**desks, "montreal": desks["montreal"].model_copy(update={"cap": number})}


async def test_those_who_were_told_have_an_hour_to_come_before_more_are_told(store: Store, database: str) -> None:
    door = Doorkeeper(await Shell(store, database, with_room_for(2)).opened())
    await several(door, 5)
    again = Waiting(store, door.shell.room, door.shell.renderer, door.shell.doors, door.shell.clock)
    for sweep in (door.waiting.sweep, door.waiting.sweep, again.sweep):
        await sweep()
        assert len(door.told()) == 2
    door.shell.clock.passes(minutes=30)
    await again.sweep()
    assert len(door.told()) == 2
    door.shell.clock.passes(minutes=30)
    await again.sweep()
    assert (len(door.told()), door.wait()) == (4, 1)


async def test_where_nobody_waited_the_next_who_does_is_told_at_once(door: Doorkeeper) -> None:
    await door.waiting.sweep()
    await several(door, 1)
    await door.waiting.sweep()
    assert len(door.told()) == 1


@pytest.mark.slow
async def test_several_processes_together_tell_no_more_than_there_is_room_for(postgres: Postgres) -> None:
    url = await asyncio.to_thread(postgres.emptied)
    shells = [await Shell(Store(url), url, with_room_for(3)).opened() for _ in range(4)]
    doors = [Doorkeeper(shell) for shell in shells]
    await several(doors[0], 20)
    for hour in (1, 2):
        await asyncio.gather(*(door.waiting.sweep() for door in doors))
        assert (len(doors[0].told()), doors[0].wait()) == (3 * hour, 20 - 3 * hour)
        for shell in shells:
            shell.clock.passes(hours=1)
    for shell in shells:
        await shell.store.close()


async def test_a_full_place_says_so_and_tells_when_there_is_room(store: Store, database: str) -> None:
    desks = demo_desks()
    desks["montreal"] = desks["montreal"].model_copy(update={"cap": 1})
    door = Doorkeeper(await Shell(store, database, desks).opened())
    first, second = door.shell.person(), door.shell.person()
    for each in (first, second):
        await each.previews()
    await first.taps("send")
    assert door.shell.openings.paused == {"montreal": "full"}
    await second.taps("send")
    assert second.at == "sent", "whoever has agreed may send although it is full"
    third = await door.somebody()
    await door.waiting.sweep()
    assert door.told() == {}
    for each in (first, second):
        await each.orders("delete")
        await each.taps("forget_all")
    await door.waiting.sweep()
    assert set(door.told()) == {int(third.chat)}


async def test_whoever_comes_back_reads_that_they_wait_and_is_not_told_once_they_have_begun(door: Doorkeeper) -> None:
    await door.pauses()
    here = await door.somebody()
    async with door.shell.store.begin() as transaction:
        await transaction._connection.execute(chats.delete())
    await here.begins()
    await here.orders("mydata")
    assert here.session.waits
    assert door.shell.views.renderer.say(Say("mydata.waiting"), "en") in door.shell.views.screen(here.session).text
    await door.resumes()
    await door.shell.doors.look()
    await here.orders("start")
    assert (here.at, here.session.waits, door.wait()) == ("age", False, 0)


@pytest.mark.parametrize("command", ["delete", "stop"])
async def test_delete_and_stop_erase_the_wish_even_after_the_chat_was_forgotten(
    door: Doorkeeper, command: Command
) -> None:
    await door.pauses()
    here, gone = await door.somebody(), await door.somebody()
    door.shell.clock.passes(days=31)
    retention = Retention(door.shell.store, door.shell.service, lambda batch: None, door.shell.clock)
    await retention.sweep()
    async with door.shell.store.begin() as transaction:
        await transaction.chats.forget_farewells(int(door.shell.clock().timestamp()) + 1)
    assert (len(kept(door.shell.database, chats)), door.wait()) == (0, 2), "staying away does not take the wish back"
    await gone.orders(command)
    assert [bytes(row["key"]) for row in kept(door.shell.database, waiting)] == [here.key]


async def test_what_is_not_sent_yet_is_not_sent_after_delete(door: Doorkeeper) -> None:
    await door.pauses()
    here = await door.somebody()
    await door.resumes()
    await door.waiting.sweep()
    await here.orders("delete")
    assert kept(door.shell.database, letters) == []


async def test_a_wish_is_kept_180_days(door: Doorkeeper) -> None:
    await door.pauses()
    await door.somebody()
    retention = Retention(door.shell.store, door.shell.service, lambda batch: None, door.shell.clock)
    door.shell.clock.passes(days=180)
    await retention.sweep()
    assert door.wait() == 1
    door.shell.clock.passes(seconds=1)
    await retention.sweep()
    assert door.wait() == 0


async def test_what_is_kept_of_the_wish_names_nobody(door: Doorkeeper) -> None:
    await door.pauses()
    here = await door.somebody()
    [row] = kept(door.shell.database, waiting)
    assert set(row) == {"key", "place", "language", "address", "at"}
    assert str(int(here.chat)).encode() not in bytes(row["address"])
    assert here.session.answers == {}
