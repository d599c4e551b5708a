"""A desk and a person who write to each other, on a real database: what is kept, sealed, told and erased."""

from __future__ import annotations

import pytest

from bot.messages import Said
from bot.tables import metadata
from dialogs.referral import REASONS
from dialogs.writing import LONGEST
from tests.bridged import COORDINATOR, PARTICIPANT, Bridge
from tests.postgres import CATALOGS, kept
from tests.unsealed import kept_deeds

pytest_plugins = ["tests.bridged"]


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
    deeds = [row for row in kept_deeds(bridge.shell.database) if row["what"].startswith("write.")]
    assert [(row["what"], row["code"]) for row in deeds] == [("write.words", bridge.code)]
    assert b"Please come" not in everything_kept(bridge.shell.database)
