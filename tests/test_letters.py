"""The outbox: whatever was posted is sent, at least once, and no address has to wait for another."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import structlog

from bot.letters import CHAT, LEASE, WEEK, NotTaken, letter_to_chat, read_letter
from bot.messages import ChatId, MessageId, Moved, TryLater, Undeliverable
from bot.store import Store
from bot.vault import Unsealable, Vault
from tests.office import GROUP, OTHER, PATIENCE, PERSON, SENTINEL, Office, Post, bound, failures, tried

pytest_plugins = ["tests.office"]


# ------------------------------------------------------------------------------------------------- sending


async def test_what_was_posted_is_sent_at_once_and_then_gone(office: Office) -> None:
    await office.posts(office.to(PERSON, "It is open again."), office.through("mailto-1", "Subject\n\nText"))
    await office.eventually(lambda: not office.left())
    assert sorted(office.post.taken, key=str) == [
        (("montreal", "mailto-1"), "Subject\n\nText"),
        (PERSON, "It is open again."),
    ]
    assert office.post.protected == [False]


async def test_what_is_kept_of_a_letter_can_be_read_with_the_secret_only(office: Office) -> None:
    letter = office.to(PERSON, SENTINEL)
    assert read_letter(office.shell.vault, letter) == SENTINEL
    assert SENTINEL.encode() not in letter.body
    with pytest.raises(Unsealable):
        read_letter(Vault(b"another secret, long enough to be one"), letter)


async def test_a_letter_is_not_sent_before_it_is_due(office: Office) -> None:
    later = office.to(PERSON)
    office.shell.clock.passes(seconds=-10)
    await office.posts(later, office.to(OTHER))
    await office.eventually(lambda: office.post.taken)
    assert office.post.taken == [(OTHER, "words")]
    office.passes(seconds=10)
    await office.eventually(lambda: not office.left())


async def test_letters_to_one_address_arrive_in_the_order_in_which_they_were_posted(office: Office) -> None:
    words = [f"number {each}" for each in range(12)]
    await office.posts(*(office.to(PERSON, text) for text in words))
    await office.eventually(lambda: not office.left())
    assert [text for _, text in office.post.taken] == words


async def test_a_group_that_has_another_id_now_is_written_to_there(office: Office) -> None:
    office.post.refusing[GROUP] = Moved(OTHER)
    await office.posts(office.to(GROUP))
    await office.eventually(lambda: not office.left())
    assert office.post.taken == [(OTHER, "words")]


# -------------------------------------------------------------------------------------------- what fails


async def test_a_chat_that_asks_for_time_gets_it(office: Office) -> None:
    office.post.refusing[PERSON] = TryLater(timedelta(minutes=2), "too many requests")
    await office.posts(office.to(PERSON))
    await office.eventually(lambda: failures(office) == ["unreachable"])
    del office.post.refusing[PERSON]
    office.passes(seconds=119)
    await office.posts(office.to(OTHER))
    await office.eventually(lambda: (OTHER, "words") in office.post.taken)
    assert (PERSON, "words") not in office.post.taken
    office.passes(seconds=30)
    await office.eventually(lambda: not office.left())


async def test_a_person_who_takes_nothing_any_more_is_left_alone(office: Office) -> None:
    office.post.refusing[PERSON] = Undeliverable("blocked")
    await office.posts(office.to(PERSON))
    await office.eventually(lambda: not office.left())
    assert office.post.taken == []


async def test_a_chat_of_a_desk_that_takes_nothing_is_tried_until_it_does(office: Office) -> None:
    await bound(office, GROUP)
    office.post.refusing[GROUP] = Undeliverable("not in the group")
    await office.posts(office.to(GROUP))
    for tries in range(1, 6):
        await office.eventually(partial(tried, office, tries))
        office.passes(hours=2)
    del office.post.refusing[GROUP]
    office.passes(hours=2)
    await office.eventually(lambda: not office.left())
    assert office.post.taken == [(GROUP, "words")]


async def test_the_pauses_between_tries_grow_to_an_hour_and_no_further(office: Office) -> None:
    office.post.refusing["montreal", "mailto-1"] = NotTaken("refused")
    await office.posts(office.through("mailto-1"))
    pauses = []
    for tries in range(1, 12):
        await office.eventually(partial(tried, office, tries))
        pauses.append(office.left()[0]["due"] - int(office.shell.clock.at.timestamp()))
        office.passes(seconds=pauses[-1])
    assert pauses[:7] == sorted(pauses[:7])
    assert 30 <= pauses[0] <= 40
    assert all(3600 <= each <= 3600 * 1.2 + 2 for each in pauses[-3:])


async def test_what_could_not_be_sent_for_a_week_is_given_up(office: Office) -> None:
    office.post.refusing["montreal", "mailto-1"] = NotTaken("refused")
    await office.posts(office.through("mailto-1"))
    await office.eventually(lambda: failures(office) == ["refused"])
    office.passes(seconds=WEEK.total_seconds())
    await office.eventually(lambda: not office.left())
    assert office.post.taken == [], "nobody was given it"


async def test_what_fails_is_known_by_its_kind(office: Office) -> None:
    office.post.refusing |= {("montreal", "mailto-1"): NotTaken("malformed"), PERSON: ZeroDivisionError(SENTINEL)}
    key = office.shell.vault.key(OTHER)
    foreign = Vault(b"another secret, long enough to be one")
    unreadable = letter_to_chat(foreign, "paris", key, foreign.seal_chat(OTHER, key), "words", office.shell.clock())
    await office.posts(office.through("mailto-1"), office.to(PERSON), unreadable)
    await office.eventually(lambda: None not in failures(office))
    async with office.store.begin() as transaction:
        assert sorted(await transaction.letters.failing(["montreal"])) == [
            (CHAT, "failed", 1),
            ("mailto-1", "malformed", 1),
        ]
        assert await transaction.letters.failing(["paris"]) == [(CHAT, "unreadable", 1)]


async def test_a_channel_that_hangs_delays_no_other(office: Office) -> None:
    office.post.hanging |= {("montreal", "slack-1"), PERSON}
    await office.posts(*(office.through("slack-1") for _ in range(60)), *(office.to(PERSON) for _ in range(60)))
    await office.eventually(lambda: len(office.post.tried) == 2)
    await office.posts(office.through("mailto-1"), office.through("slack-1", place="paris"), office.to(OTHER))
    await office.eventually(lambda: len(office.post.taken) == 3)
    assert len(office.post.tried) == 5, "one at a time to each address"


async def test_a_channel_that_is_down_is_tried_with_one_letter_and_not_with_all(office: Office) -> None:
    office.post.refusing["montreal", "mailto-1"] = NotTaken("refused")
    await office.posts(*(office.through("mailto-1", f"number {each}") for each in range(20)))
    await office.eventually(lambda: failures(office) == ["refused"] * 20)
    assert len(office.post.tried) == 1
    office.post.refusing.clear()
    office.passes(hours=1)
    await office.eventually(lambda: not office.left())
    assert len(office.post.taken) == 20


async def test_one_letter_that_nobody_takes_holds_up_none_of_the_others(office: Office) -> None:
    async def picky(place: str, channel: str, text: str) -> None:
        if text == "too long":
            raise NotTaken("refused")
        await Post.notify(office.post, place, channel, text)

    await office.closes()
    office.post.notify = picky  # type: ignore[method-assign]
    again = Office(office.shell, office.post, office.store)
    again.opens()
    await again.posts(again.through("mailto-1", "too long"), again.through("mailto-1", "fine"))
    await again.eventually(lambda: failures(again) == ["refused", "refused"])
    again.passes(minutes=1)
    await again.eventually(lambda: len(again.left()) == 1)
    assert again.post.taken == [(("montreal", "mailto-1"), "fine")]
    await again.closes()


async def test_a_letter_about_a_referral_is_not_sent_once_that_is_withdrawn(office: Office) -> None:
    person = office.shell.person()
    await person.previews()
    code = person.session.code
    await person.taps("send")
    office.post.refusing["montreal", "mailto-1"] = NotTaken("refused")
    await office.posts(office.through("mailto-1", code=code), office.through("mailto-1", "another"))
    await office.eventually(lambda: failures(office) == ["refused", "refused"])
    async with office.store.begin() as transaction:
        await transaction.referrals.withdraw([code])
    office.post.refusing.clear()
    office.passes(hours=1)
    await office.eventually(lambda: not office.left())
    assert office.post.taken == [(("montreal", "mailto-1"), "another")]


# ------------------------------------------------------------------------------------- restarts and company


async def test_what_was_not_sent_before_a_restart_is_sent_after_it(office: Office) -> None:
    office.post.refusing["montreal", "mailto-1"] = NotTaken("refused")
    await office.posts(office.through("mailto-1"))
    await office.eventually(lambda: failures(office) == ["refused"])
    await office.closes()
    restarted = Office(office.shell, Post(), Store(office.shell.database))
    restarted.shell.clock.passes(hours=1)
    restarted.opens()
    await restarted.eventually(lambda: not restarted.left())
    assert restarted.post.taken == [(("montreal", "mailto-1"), "words")]
    await restarted.closes()
    await restarted.store.close()


async def test_a_letter_whose_sender_died_is_sent_by_another_once_its_lease_has_run_out(office: Office) -> None:
    office.post.hanging.add(PERSON)
    await office.posts(office.to(PERSON))
    await office.eventually(lambda: office.post.tried)
    await office.closes()
    other = Office(office.shell, Post(), Store(office.shell.database))
    other.opens()
    other.passes(seconds=LEASE.total_seconds() - 1)
    await other.posts(other.to(OTHER))
    await other.eventually(lambda: other.post.taken)
    assert other.post.taken == [(OTHER, "words")]
    other.passes(seconds=1)
    await other.eventually(lambda: not other.left())
    assert other.post.taken == [(OTHER, "words"), (PERSON, "words")]
    await other.closes()
    await other.store.close()


async def test_two_processes_send_each_letter_once(office: Office) -> None:
    other = Office(office.shell, office.post, Store(office.shell.database))
    other.opens()
    await office.posts(*(office.to(ChatId(5_000_000_000 + each), f"number {each}") for each in range(40)))
    other.outbox.wake()
    await office.eventually(lambda: not office.left())
    assert sorted(text for _, text in office.post.taken) == sorted(f"number {each}" for each in range(40))
    await other.closes()
    await other.store.close()


async def test_what_is_under_way_when_stopping_is_finished(office: Office) -> None:
    slowly: Callable[..., Awaitable[MessageId]] = office.post.send

    async def send(*given: Any, **more: Any) -> MessageId:
        await asyncio.sleep(0.2)
        return await slowly(*given, **more)

    office.post.send = send  # type: ignore[method-assign]
    await office.posts(office.to(PERSON))
    await office.eventually(lambda: bool(office.outbox._busy) or office.left() == [])
    await office.outbox.stop(PATIENCE)
    assert office.left() == []


# ------------------------------------------------------------------------------------------------ silence


async def test_no_text_and_no_address_is_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(said))
    try:
        office.post.refusing |= {
            PERSON: TryLater(timedelta(seconds=2), SENTINEL),
            OTHER: ZeroDivisionError(SENTINEL),
            ("montreal", "mailto-1"): NotTaken("refused"),
        }
        await office.posts(
            *(office.to(each, SENTINEL) for each in (PERSON, OTHER)), office.through("mailto-1", SENTINEL)
        )
        await office.eventually(lambda: None not in failures(office))
    finally:
        structlog.reset_defaults()
    lines = said.getvalue() + caplog.text
    assert "a letter waits" in lines
    assert not any(secret in lines for secret in (SENTINEL, str(int(PERSON)), str(int(OTHER))))
