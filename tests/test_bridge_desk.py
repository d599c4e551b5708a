"""A desk and a person who write to each other, on a real database: what is kept, sealed, told and erased."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from sqlalchemy import RowMapping

from bot.bridges import Bridges
from bot.messages import ChatKey, Command, Ordered, Said
from bot.outgoing import Batch
from bot.records import Referral
from bot.retention import Retention
from bot.tables import audit, bridges, chats, letters, metadata
from dialogs.referral import REASONS
from dialogs.session import ReferralCode
from dialogs.writing import LONGEST
from tests.desk_world import Coordinator, DeskWorld
from tests.postgres import CATALOGS, Person, Shell, kept

pytest_plugins = ["tests.postgres"]

# Said by one side; whoever is on the other side must never see it.
COORDINATOR, PARTICIPANT = "Ludmila Sentinelle-Quux", 5_777_444_111


@dataclass
class Bridge:
    """A desk, and somebody who has sent a result to it."""

    desk: DeskWorld
    person: Person
    code: ReferralCode
    coordinator: Coordinator
    shown: Batch = field(default_factory=Batch)

    @property
    def shell(self) -> Shell:
        return self.desk.shell

    async def agrees(self) -> Bridge:
        await self.person.taps("offer", "agree")
        return self

    async def time_passes(self, **much: float) -> Batch:
        """And what is to be shown after the next sweep."""
        self.shell.clock.passes(**much)
        self.shown = Batch()
        await Bridges(self.shell.store, self.shell.service, self._shows, self.shell.clock).sweep()
        return self._seen()

    async def retention(self) -> Batch:
        self.shown = Batch()
        await Retention(self.shell.store, self.shell.service, self._shows, self.shell.clock).sweep()
        return self._seen()

    def hears(self) -> None:
        """The person sees what the desk's last act led to."""
        self.shown = self.coordinator.batch
        self._seen()

    def link(self) -> RowMapping | None:
        return next(iter(kept(self.shell.database, bridges)), None)

    async def referral(self) -> Referral:
        return await self.coordinator.shell_referral(self.code)

    async def card(self) -> str:
        return self.shell.views.card(await self.referral(), {}).text

    def letters(self) -> dict[int, str]:
        """What is to be sent, by chat."""
        vault, found = self.shell.vault, {}
        for row in kept(self.shell.database, letters):
            key = ChatKey(bytes(row["key"]))
            found[int(vault.open_chat(bytes(row["address"]), key))] = vault.open(bytes(row["body"]), b"letter" + key)
        return {chat: body.decode() for chat, body in found.items()}

    def screen(self) -> str:
        return self.shell.views.screen(self.person.session).text

    def _shows(self, batch: Batch) -> None:
        self.shown = self.shown.join(batch)

    def _seen(self) -> Batch:
        if any(each.key == self.person.key for each in self.shown.showings):
            self.person.batch = self.shown
        return self.shown


@pytest.fixture
async def bridge(shell: Shell) -> Bridge:
    """A person whose result was just sent, and a coordinator with a name nobody else has."""
    desk = DeskWorld(shell)
    [coordinator] = await desk.desk(COORDINATOR)
    someone = shell.person(PARTICIPANT)
    await someone.previews()
    code = someone.session.code
    await someone.taps("send")
    return Bridge(desk, someone, code, coordinator)


async def test_no_link_exists_after_sending_without_a_yes_of_its_own(bridge: Bridge) -> None:
    await bridge.person.taps("offer")
    assert bridge.link() is None
    await bridge.person.taps("decline", "done")
    assert bridge.link() is None
    assert await bridge.coordinator.orders("write", bridge.code) == ["desk.write.none"]
    assert (await bridge.referral()).bridged is False


async def test_with_the_yes_the_link_is_sealed_and_the_card_says_so(bridge: Bridge) -> None:
    before = (await bridge.referral()).wanted
    await bridge.agrees()
    row = bridge.link()
    assert row is not None
    chat = int(bridge.person.chat)
    assert bytes(bridge.person.key) not in bytes(row["link"])
    assert chat.to_bytes(8, "big") not in bytes(row["link"])
    assert (await bridge.referral()).wanted == before + 1
    assert [each.code for each in bridge.person.batch.referrals] == [bridge.code]
    texts = bridge.shell.desks.catalogs.texts["fr_CA"]
    assert texts["card.said.bridged"] in await bridge.card()


async def test_a_message_that_is_ready_reaches_the_person_in_their_language_at_the_bottom(bridge: Bridge) -> None:
    await bridge.agrees()
    assert await bridge.coordinator.orders("write", bridge.code) == ["desk.write.ask"]
    say = next(each for each in bridge.coordinator.buttons() if ".call." in each)
    assert await bridge.coordinator.presses(*say.split(".")) is None
    bridge.hears()
    assert bridge.person.showing.anew
    assert CATALOGS.texts["en"]["bridge.approved.call"] in bridge.screen()


async def test_a_second_press_sends_nothing_twice(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.coordinator.orders("write", bridge.code)
    say = next(each for each in bridge.coordinator.buttons() if ".visit." in each).split(".")
    assert await bridge.coordinator.presses(*say) is None
    assert await bridge.coordinator.presses(*say) == "desk.toast.sent_already"
    assert bridge.coordinator.batch.showings == []


async def test_own_words_wait_sealed_for_a_confirmation_and_reach_the_person_as_they_are(bridge: Bridge) -> None:
    await bridge.agrees()
    words = "Venez à 10 h, porte {2} & <b>nord</b>"
    said = await bridge.coordinator.orders("write", f"{bridge.code} {words}")
    assert said == ["desk.write.check", "desk.write.text", "desk.write.language.careful"]
    assert words in "".join(bridge.coordinator.said())
    row = bridge.link()
    assert row is not None
    assert words.encode() not in bytes(row["draft"])
    assert words not in bridge.screen()
    send, _ = bridge.coordinator.buttons()
    assert await bridge.coordinator.presses(*send.split(".")) is None
    bridge.hears()
    assert words in bridge.screen()
    after = bridge.link()
    assert after is not None
    assert after["draft"] is None
    assert await bridge.coordinator.presses(*send.split(".")) == "desk.toast.sent_already"


async def test_words_that_ask_too_much_are_shown_back_with_a_warning(bridge: Bridge) -> None:
    await bridge.agrees()
    said = await bridge.coordinator.orders("write", f"{bridge.code} What is your date of birth?")
    assert "desk.write.careful" in said
    assert "date of birth" in bridge.coordinator.said()[0].split("?", 1)[1]


async def test_words_that_are_not_confirmed_are_not_sent_and_do_not_stay(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.coordinator.orders("write", f"{bridge.code} one")
    first, discard = bridge.coordinator.buttons()
    await bridge.coordinator.orders("write", f"{bridge.code} two")
    second, _ = bridge.coordinator.buttons()
    assert await bridge.coordinator.presses(*first.split(".")) == "desk.toast.sent_already", "two took its place"
    assert await bridge.coordinator.presses(*discard.split(".")) == "desk.toast.gone"
    await bridge.time_passes(hours=1, seconds=1)
    assert await bridge.coordinator.presses(*second.split(".")) == "desk.toast.sent_already", "too late"
    row = bridge.link()
    assert row is not None
    assert (row["draft"], row["drafted"], row["written"]) == (None, None, 0)


async def test_words_can_be_taken_back(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.coordinator.orders("write", f"{bridge.code} one")
    send, discard = bridge.coordinator.buttons()
    assert await bridge.coordinator.presses(*discard.split(".")) is None
    assert await bridge.coordinator.presses(*send.split(".")) == "desk.toast.sent_already"


async def test_words_longer_than_allowed_are_refused(bridge: Bridge) -> None:
    await bridge.agrees()
    assert await bridge.coordinator.orders("write", f"{bridge.code} {'x' * (LONGEST + 1)}") == ["desk.write.long"]
    assert (await bridge.coordinator.orders("write", f"{bridge.code} {'x' * LONGEST}"))[0] == "desk.write.check"


@pytest.mark.parametrize("typed", ["", "hello", "K7M-4P2-XW9", "'; drop table bridges"])
async def test_a_code_that_leads_to_nobody_is_answered_the_same_whoever_it_was(bridge: Bridge, typed: str) -> None:
    await bridge.agrees()
    assert (await bridge.coordinator.orders("write", typed))[0] in {"desk.write.how", "desk.write.none"}


async def test_the_code_may_be_written_in_any_way(bridge: Bridge) -> None:
    await bridge.agrees()
    for code in (bridge.code.lower(), bridge.code.replace("-", ""), bridge.code.replace("-", " ")):
        assert await bridge.coordinator.orders("write", code) == ["desk.write.ask"]
        assert (await bridge.coordinator.orders("write", f"{code} Hello"))[0] == "desk.write.check"


async def test_somebody_elses_desk_and_strangers_cannot_write(bridge: Bridge) -> None:
    await bridge.agrees()
    bare = bridge.code.replace("-", "")
    paris = bridge.desk.somebody("Paris", 70).in_private()
    await paris.orders("join", await bridge.desk.invited("paris"))
    stranger = bridge.desk.somebody("Stranger", 71).in_private()
    assert await paris.orders("write", bridge.code) == ["desk.write.none"]
    assert await stranger.orders("write", bridge.code) == []
    for data in (("write", bare), ("say", bare, "call", "0"), ("send", bare, "0" * 8), ("unbridge", bare)):
        assert await paris.presses(*data) == "desk.toast.unbridged"
        assert await stranger.presses(*data) == "desk.toast.stranger"
    row = bridge.link()
    assert row is not None
    assert row["written"] == 0


async def test_the_answer_reaches_every_chat_of_the_desk_with_the_code_and_is_not_kept(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.person.taps("answer")
    words = "Thursday is fine {for} me"
    await bridge.person.does(Said(f"  {words} "))
    assert bridge.person.at == "bridge"
    chats_of_desk = {int(bridge.coordinator.chat), int(bridge.shell.desks.chat("montreal") or 0)}
    assert set(bridge.letters()) == chats_of_desk
    assert all(f"{bridge.code}, la personne écrit" in body and words in body for body in bridge.letters().values())
    assert words not in bridge.person.session.model_dump_json()
    assert words.encode() not in everything_kept(bridge.shell.database)


async def test_outside_answer_nothing_typed_is_passed_on(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.person.does(Said("Thursday is fine for me"))
    assert bridge.letters() == {}


# ----------------------------------------------------------------------------------------------- where it is


async def test_the_person_learns_where_their_result_is_once_nobody_can_undo_it(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.coordinator.acts("claim", bridge.code)
    assert (await bridge.time_passes(seconds=30)).showings == []
    told = await bridge.time_passes(seconds=31)
    assert [(each.chat, each.anew) for each in told.showings] == [(bridge.person.chat, False)], "nothing rings"
    told_first = bridge.person.session.progress
    await bridge.coordinator.acts("contact", bridge.code)
    await bridge.time_passes(minutes=2)
    assert (told_first, bridge.person.session.progress) == ("seen", "contacted")
    assert (await bridge.time_passes(minutes=2)).showings == [], "each is told once"


async def test_what_was_undone_in_time_is_never_told(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.coordinator.acts("claim", bridge.code)
    bridge.shell.clock.passes(seconds=10)
    await bridge.coordinator.acts("undo", bridge.code)
    assert (await bridge.time_passes(minutes=5)).showings == []
    assert bridge.person.session.progress == "received"


async def test_being_told_is_no_sign_of_life(bridge: Bridge) -> None:
    await bridge.agrees()
    before = bridge.person.session.touched
    await bridge.coordinator.acts("claim", bridge.code)
    await bridge.time_passes(days=2)
    assert bridge.person.session.touched == before


@pytest.mark.parametrize("reason", [each for each in REASONS if each != "screen_failure"])
async def test_when_the_team_closes_it_the_person_reads_the_same_whatever_the_reason(
    bridge: Bridge, reason: str
) -> None:
    await bridge.agrees()
    await bridge.coordinator.acts("closing", bridge.code)
    await bridge.coordinator.acts("close", bridge.code, reason)
    told = await bridge.time_passes(minutes=2)
    assert [each.anew for each in told.showings] == [True]
    farewell = CATALOGS.texts["en"]["end.finished.by_team"].format(code=bridge.code)
    assert farewell in bridge.screen()
    assert bridge.link() is None
    assert (await bridge.referral()).bridged is False


# ------------------------------------------------------------------------------------------------- the ends


async def test_the_desk_closes_the_link_by_a_button(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.coordinator.presses("unbridge", bridge.code.replace("-", ""))
    bridge.hears()
    assert bridge.person.session.farewell == "by_team"
    assert bridge.link() is None
    assert (await bridge.referral()).bridged is False
    assert await bridge.coordinator.orders("write", bridge.code) == ["desk.write.none"]


async def test_the_person_closes_the_link_and_the_card_says_so(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.person.taps("close", "now")
    assert bridge.person.session.farewell == "unbridged"
    assert bridge.link() is None
    texts = bridge.shell.desks.catalogs.texts["fr_CA"]
    assert texts["card.said"] in await bridge.card()


@pytest.mark.parametrize("withdraw", ["forget_chat", "forget_all"])
async def test_delete_erases_the_link_the_session_and_what_is_not_sent_yet(bridge: Bridge, withdraw: str) -> None:
    await bridge.agrees()
    await bridge.person.taps("answer")
    await bridge.person.does(Said("Please call me"))
    assert bridge.letters() != {}
    await bridge.person.orders("delete")
    await bridge.person.taps(withdraw)
    assert (bridge.link(), bridge.letters()) == (None, {})
    assert bridge.person.at == "forgotten"
    assert (await bridge.referral()).bridged is False
    row = bridge.person.row()
    assert row is not None
    assert row["over"]


async def test_taking_the_result_back_from_another_chat_ends_it_for_whoever_sent_it(bridge: Bridge) -> None:
    await bridge.agrees()
    other = bridge.shell.person()
    batch = await other.does(Ordered("withdraw", bridge.code))
    [told] = [each for each in batch.showings if each.key == bridge.person.key]
    assert (told.session.state, told.session.farewell, told.anew) == ("forgotten", "withdrawn", True)
    assert bridge.link() is None


@pytest.mark.parametrize("command", ["delete", "stop"])
async def test_whoever_lost_their_conversation_is_not_bridged_any_more_after_30_days(
    bridge: Bridge, command: Command
) -> None:
    await bridge.agrees()
    async with bridge.shell.store.begin() as transaction:
        await transaction._connection.execute(chats.delete())
    await bridge.person.orders(command)
    await bridge.time_passes(days=30)
    assert bridge.link() is None


async def test_the_link_expires_after_30_days_with_a_farewell_however_busy_it_was(bridge: Bridge) -> None:
    await bridge.agrees()
    bridge.shell.clock.passes(days=29)
    await bridge.person.does(Said("hello"))
    assert (await bridge.time_passes(hours=23)).showings == []
    told = await bridge.time_passes(hours=2)
    assert [each.session.farewell for each in told.showings] == ["bridged"]
    assert bridge.link() is None
    assert (await bridge.referral()).bridged is False


async def test_a_conversation_nobody_touched_for_30_days_ends_with_its_link(bridge: Bridge) -> None:
    await bridge.agrees()
    bridge.shell.clock.passes(days=30, seconds=1)
    told = await bridge.retention()
    assert [each.session.farewell for each in told.showings] == ["bridged"]
    assert bridge.link() is None


async def test_a_result_that_expires_ends_the_link(bridge: Bridge) -> None:
    bridge.shell.clock.passes(days=20)
    await bridge.person.orders("start")
    for _ in range(6):
        bridge.shell.clock.passes(days=26)
        await bridge.person.orders("start")
    await bridge.agrees()
    bridge.shell.clock.passes(days=5)
    told = await bridge.retention()
    assert [each.session.farewell for each in told.showings] == ["bridged"]
    assert bridge.link() is None


async def test_whoever_agrees_after_the_result_was_taken_back_elsewhere_is_told_so(bridge: Bridge) -> None:
    await bridge.person.taps("offer")
    await bridge.shell.person().does(Ordered("withdraw", bridge.code))
    await bridge.person.taps("agree")
    assert bridge.person.session.farewell == "withdrawn"
    assert bridge.link() is None


async def test_a_link_that_cannot_be_read_stops_no_other(bridge: Bridge) -> None:
    await bridge.agrees()
    async with bridge.shell.store.begin() as transaction:
        await transaction._connection.execute(bridges.insert(), spoilt(bridge))
    await bridge.coordinator.acts("claim", bridge.code)
    await bridge.time_passes(days=31)
    assert bridge.link() is None
    assert bridge.person.session.farewell == "bridged"


def spoilt(bridge: Bridge) -> dict[str, object]:
    row = dict(bridge.link() or {})
    return {**row, "code": "AAA-AAA-AAA"}


# ------------------------------------------------------------------------------------ nobody learns who


def everything_kept(database: str) -> bytes:
    """All bytes of all tables, one after the other."""
    values = (value for table in metadata.sorted_tables for row in kept(database, table) for value in row.values())
    return b"\n".join(bytes(each) if isinstance(each, bytes | memoryview) else str(each).encode() for each in values)


async def test_nothing_of_who_either_of_them_is_reaches_the_other(bridge: Bridge) -> None:
    """Every string each can receive, over a whole correspondence."""
    of_coordinator = (COORDINATOR, "Ludmila", str(int(bridge.coordinator.id)), str(int(bridge.coordinator.chat)))
    of_person = (str(PARTICIPANT), PARTICIPANT.to_bytes(8, "big").hex(), bytes(bridge.person.key).hex())
    await bridge.agrees()
    to_person, to_desk = [bridge.screen()], [await bridge.card()]
    await bridge.coordinator.acts("claim", bridge.code)
    await bridge.time_passes(minutes=2)
    to_person.append(bridge.screen())
    for argument in (bridge.code, f"{bridge.code} Please come"):
        await bridge.coordinator.orders("write", argument)
        to_desk += [*bridge.coordinator.said(), *bridge.coordinator.buttons()]
        press = next(each for each in bridge.coordinator.buttons() if each.split(".")[0] in {"say", "send"})
        await bridge.coordinator.presses(*press.split("."))
        to_desk += bridge.coordinator.said()
        bridge.hears()
        to_person.append(bridge.screen())
        to_person.append(bridge.person.session.model_dump_json())
    await bridge.person.taps("answer")
    await bridge.person.does(Said("I can come"))
    to_desk += bridge.letters().values()
    await bridge.coordinator.presses("unbridge", bridge.code.replace("-", ""))
    to_desk += [*bridge.coordinator.said(), await bridge.card()]
    bridge.hears()
    to_person.append(bridge.screen())
    assert [each for each in of_coordinator if each in "\n".join(to_person)] == []
    assert [each for each in of_person if each in "\n".join(to_desk)] == []


async def test_the_audit_knows_who_wrote_to_whom_by_code_and_not_what(bridge: Bridge) -> None:
    await bridge.agrees()
    await bridge.coordinator.orders("write", f"{bridge.code} Please come")
    await bridge.coordinator.presses(*bridge.coordinator.buttons()[0].split("."))
    deeds = [row for row in kept(bridge.shell.database, audit) if row["what"].startswith("write.")]
    assert [(row["what"], row["code"]) for row in deeds] == [("write.words", bridge.code)]
    assert b"Please come" not in everything_kept(bridge.shell.database)
