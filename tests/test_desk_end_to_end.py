"""A referral's whole life over HTTP: the real program, a strict Telegram, people and coordinators."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.demo.chats import Message
from bot.tables import metadata
from dialogs.cards import bare_card
from dialogs.desk import FORMATS, Format, Role
from dialogs.session import ReferralCode
from dialogs.symbols import Say
from tests.asking import FILES
from tests.coordinator import Coordinator, all_press
from tests.person import RENDERER, eventually
from tests.world import World

SENTINEL = "Zyxwvut Qwertz"
STAFF = "Vwxqj Plortz"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("desk"), SCREENER_SENDS_PER_SECOND="0") as running:
        yield running


def sent(world: World, name: str | None = None) -> ReferralCode:
    """The code of a result that somebody sends now."""
    person = world.person(name=name)
    person.reviews().comes_to_result()
    return person.sends()


def lead(world: World, name: str = "Coordination 1", place: str = "montreal", role: Role = "lead") -> Coordinator:
    """A coordinator of Montréal in their private chat, which the operator has let join as this role."""
    command = [sys.executable, "-m", "bot", "desk", "invite", "--place", place]
    command += ["--role", role] if role == "lead" else []
    invited = subprocess.run(
        command, env=world.environment, cwd=world.directory, capture_output=True, check=True, text=True
    )
    phone = world.standin.member(place, name).private()
    if not phone.messages:
        phone.starts()
        phone.sees(lambda one: bool(one.buttons))
    phone.types(invited.stdout.strip())
    found = Coordinator(phone, place)
    found.sees("desk.join.done", place=Say(f"place.{place}.name"), role=Say(f"desk.role.{role}"))
    return found


def stands(one: Coordinator, code: ReferralCode) -> list[Message]:
    """The messages in which this referral's card stands."""
    return [each for each in one.seat.from_bot if code in each.text]


def test_a_referral_is_taken_contacted_and_closed_in_one_message(world: World) -> None:
    code = sent(world)
    one, two = world.coordinator("Coordination 1"), world.coordinator("Coordination 2")
    card = one.card(code, "new")
    one.claims(code).card(code, "claimed", who=one.name)
    one.contacts(code).card(code, "contacted", who=one.name)
    reason = Say("desk.reason.screen_failure")
    two.closes(code, "screen_failure", "infection").card(code, "closed", who=two.name, reason=reason)
    assert [each.id for each in stands(one, code)] == [card.id]
    two.undoes(code).card(code, "contacted", who=one.name)


def test_of_two_who_tap_at_once_one_has_it_and_the_other_reads_who(world: World) -> None:
    code = sent(world)
    pair = [world.coordinator("Coordination 1"), world.coordinator("Coordination 2")]
    pair[0].card(code, "new")
    all_press(world.group(), code, "desk.button.claim", *pair)
    text = pair[0].seat.sees(lambda one: code in one.text and any(each.name in one.text for each in pair)).text
    [first] = [each for each in pair if each.name in text.splitlines()[0]]
    [other] = [each for each in pair if each is not first]
    other.is_told("taken", who=first.name)


def test_the_desk_finds_and_lists_while_the_person_is_on_the_phone(world: World) -> None:
    code = sent(world)
    one = world.coordinator()
    above = one.card(code, "new")
    one.orders("open")
    assert code in one.sees("desk.open.title").text
    one.orders("find", code.lower().replace("-", " "))
    eventually(lambda: [each.id for each in stands(one, code) if each.id > above.id and each.buttons], "it comes below")
    eventually(lambda: above.id not in [each.id for each in stands(one, code)], "the one further up to be cleared")
    one.orders("find", code[:-1] + ("2" if code[-1] != "2" else "3"))
    one.sees("desk.find.nearest", code=code[:-1] + ("2" if code[-1] != "2" else "3"), nearest=code)


def test_a_killed_desk_loses_no_change_and_shows_it_when_it_lives_again(world: World) -> None:
    code = sent(world)
    one = world.coordinator()
    one.card(code, "new")
    one.claims(code)
    world.handled_all()
    world.restart()
    one.card(code, "claimed", who=one.name)
    assert len(stands(one, code)) == 1


def test_what_a_person_takes_back_is_bare_at_the_desk_whatever_became_of_it(world: World) -> None:
    person = world.person()
    person.reviews().comes_to_result()
    code = person.sends()
    one = world.coordinator()
    one.card(code, "new")
    one.claims(code).card(code, "claimed", who=one.name)
    person.phone.types(f"/withdraw {code}")
    bare = RENDERER.message(bare_card(code, "withdrawn"), one.locale).text
    one.seat.sees(lambda each: each.text == bare)
    assert [each.text for each in stands(one, code)] == [bare]


def test_nothing_coordinators_see_names_the_person_and_nothing_people_see_names_them(world: World) -> None:
    person = world.person(name=SENTINEL)
    person.reviews().comes_to_result()
    code = person.sends()
    staff = world.coordinator(STAFF)
    staff.card(code, "new")
    staff.claims(code).contacts(code)
    staff.orders("open")
    staff.orders("find", code)
    staff.orders("mine")
    staff.sees("desk.mine.title")
    person.phone.types("/mydata")
    eventually(lambda: code in person.everything, "all that is kept")
    assert STAFF in staff.everything, "coordinators see each other"
    for theirs in (SENTINEL, str(person.phone.chat_id)):
        assert theirs not in staff.everything
        assert theirs not in world.log
    for ours in (STAFF, str(staff.seat.person.id)):
        assert ours not in person.everything
        assert ours not in world.log
        assert ours.encode() not in world.on_disk


# ------------------------------------------------------------------------------------------- results as files


@pytest.mark.parametrize("kind", FORMATS)
def test_a_lead_gets_results_as_files_in_private_and_the_menu_names_the_command(world: World, kind: Format) -> None:
    sent(world)
    one = lead(world)
    before = len(world.standin.calls("sendDocument", one.seat.chat_id))
    one.orders("export")
    asked = one.sees("desk.export.ask")
    assert one.words("desk.export.kept") in asked.text
    one.seat.taps(one.words(f"desk.export.format.{kind}"), on=asked)
    one.is_told("making")
    names = FILES[kind]
    given = world.standin.waits_for_calls("sendDocument", one.seat.chat_id, before + len(names))[before:]
    assert [name for each in given for name in names if f"'{name}'" in str(each.response)] == names
    one.sees("desk.export.erase")
    assert not any(each.params.get("protect_content") for each in given), "it must be possible to save it"
    assert "export" in [name for name, _ in world.coordinator().seat.commands]


def test_in_the_group_nobody_gets_a_file(world: World) -> None:
    sent(world)
    one = world.coordinator("Coordination 2")
    one.orders("export")
    one.sees("desk.toast.lead_only")
    one.seat.forges("d.export.csv")
    one.is_told("lead_only")
    assert world.standin.calls("sendDocument", world.group().chat_id) == []


# ------------------------------------------------------------------------------- strangers, and who was removed


def kept(world: World, code: ReferralCode) -> dict[str, list[dict[str, object]]]:
    """What the desk keeps, and of this referral whatever no routine changes by itself."""
    tables = {table.name for table in metadata.sorted_tables}
    tables -= {"chats", "seen", "cards", "counts", "letters", "referrals"}
    found = {name: world.rows(f"select * from {name}") for name in sorted(tables)}
    referral = "select code, state, result, claimer, closed, bridged from referrals where code = ?"
    return {**found, "referrals": world.rows(referral, code)}


def every_button(code: ReferralCode) -> list[str]:
    """The data of every button of the desk, as somebody would forge it who has read the program."""
    bare = code.replace("-", "")
    on_cards = [f"{verb}.{bare}.1" for verb in ("claim", "contact", "release", "closing", "card", "undo", "differs")]
    closing = [f"close.{bare}.1.enrolled", f"differs.{bare}.1.infection", f"show.{bare}"]
    writing = [f"write.{bare}", f"say.{bare}.call.0", f"send.{bare}.00000000", f"discard.{bare}.0", f"unbridge.{bare}"]
    leading = ["pause.montreal.full", "invite.montreal.lead", f"remove.montreal.{'00' * 16}", "export.csv"]
    return [f"d.{each}" for each in (*on_cards, *closing, *writing, *leading)]


# Nobody knows which language a stranger reads.
STRANGER = "\n".join(RENDERER.say(Say("desk.toast.stranger"), each) for each in ("fr", "en"))
ORDERS = ("open", "mine", "find", "write", "stats", "health", "desk", "pause", "resume", "invite", "remove", "export")


def test_somebody_outside_reads_and_changes_nothing_by_commands_or_forged_buttons(world: World) -> None:
    code = sent(world)
    world.coordinator().card(code, "new")
    world.handled_all()
    outsider = world.person("fr", "paris").starts()
    before = kept(world, code)
    for order in ORDERS:
        outsider.phone.types(f"/{order} {code}")
    for data in every_button(code):
        outsider.phone.forges(data)
    outsider.phone.settles()
    assert kept(world, code) == before
    toasts = {one.text for one in outsider.phone.toasts}
    assert toasts == {STRANGER}
    assert code not in outsider.everything.replace("-", "")
    own = outsider.phone.chat_id
    assert not [each for each in world.standin.calls("sendDocument") if each.chat == own]


def test_whoever_is_removed_can_do_nothing_from_that_moment_on(world: World) -> None:
    code = sent(world)
    boss, gone = lead(world), lead(world, "Coordination 2", role="coordinator")
    in_group = world.coordinator("Coordination 2")
    in_group.claims(code).card(code, "claimed", who=in_group.name)
    boss.orders("remove")
    listed = boss.sees("desk.remove.title", place=Say("place.montreal.name"))
    boss.seat.taps(boss.words("desk.remove.button", who=gone.name), on=listed)
    boss.sees("desk.remove.done", who=gone.name)
    before, texts = kept(world, code), gone.everything
    for order in ORDERS:
        in_group.seat.types(f"/{order} {code}")
    for data in every_button(code):
        in_group.seat.forges(data)
        gone.seat.forges(data)
    eventually(lambda: len(gone.seat.toasts) >= len(every_button(code)), "every press to be answered")
    world.handled_all()
    assert kept(world, code) == before
    assert {one.text for one in gone.seat.toasts[-len(every_button(code)) :]} == {STRANGER}
    assert code not in gone.everything.removeprefix(texts)
    world.coordinator("Coordination 1").contacts(code).card(code, "contacted", who=in_group.name)
    lead(world, "Coordination 2", role="coordinator").orders("open")


def test_a_group_that_becomes_a_supergroup_keeps_its_binding(tmp_path_factory: pytest.TempPathFactory) -> None:
    with World(tmp_path_factory.mktemp("moved"), SCREENER_SENDS_PER_SECOND="0") as world:
        code = sent(world)
        one = world.coordinator()
        one.card(code, "new")
        world.group().becomes_supergroup(-1_009_000_000_042)
        one.claims(code).card(code, "claimed", who=one.name)
        world.restart()
        later = sent(world)
        one.claims(later).card(later, "claimed", who=one.name)


def test_no_call_to_either_side_carries_anything_of_the_other(world: World) -> None:
    person = world.person(name=SENTINEL)
    person.reviews().comes_to_result()
    code = person.sends()
    staff = world.coordinator(STAFF)
    boss = lead(world, STAFF)
    staff.card(code, "new")
    person.chooses("sent", "offer").chooses("offer", "agree").at("bridge")
    staff.button(code, staff.words("desk.button.write"))
    staff.claims(code).card(code, "claimed", who=STAFF)
    staff.contacts(code).card(code, "contacted", who=STAFF)
    for order in (*ORDERS, f"find {code}", f"write {code}", f"write {code} Please come at ten"):
        staff.orders(*order.split(" ", 1))
        boss.orders(*order.split(" ", 1))
    boss.seat.taps(boss.words("desk.export.format.csv"), on=boss.sees("desk.export.ask"))
    boss.sees("desk.export.erase")
    draft = boss.sees("desk.write.check", code=code)
    boss.seat.taps(boss.words("desk.write.button.send"), on=draft)
    person.sees("bridge.from_team")
    person.phone.types("/mydata")
    person.phone.settles()
    world.handled_all()
    own, desk = person.phone.chat_id, {world.group().chat_id, boss.seat.chat_id}
    to_person = [str(call.params) for call in world.standin.calls() if call.chat == own]
    to_desk = [str(call.params) for call in world.standin.calls() if call.chat in desk]
    assert code in "".join(to_desk)
    assert "Please come at ten" in "".join(to_person)
    for theirs in (SENTINEL, str(own)):
        assert not [each for each in to_desk if theirs in each]
    for ours in (STAFF, str(staff.seat.person.id), str(world.group().chat_id)):
        assert not [each for each in to_person if ours in each]
