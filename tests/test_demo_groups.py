"""People in a group: what they do there reaches the bot as Telegram would tell it, and nobody sees another's toast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.demo.handles import Group, Member
from bot.demo.people import ImpossibleError
from bot.demo.standin import StandIn
from tests.bare_bot import BareBot

Update = dict[str, Any]


class Bot(BareBot):
    """A bot that posts cards, and reads the updates since it looked last."""

    _offset = 0

    def posts(self, group: Group, *labels: str) -> int:
        rows = [[{"text": label, "callback_data": label.lower()}] for label in labels]
        sent = self.result("sendMessage", chat_id=group.chat_id, text="card", reply_markup={"inline_keyboard": rows})
        return int(sent["message_id"])

    def news(self) -> list[Update]:
        found: list[Update] = self.result("getUpdates", offset=self._offset)
        self._offset = max([self._offset, *(one["update_id"] + 1 for one in found)])
        return found


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def bot(standin: StandIn) -> Iterator[Bot]:
    with httpx.Client(timeout=10) as client:
        yield Bot(standin, client)


@pytest.fixture
def group(standin: StandIn) -> Group:
    return standin.group("montreal")


@pytest.fixture
def first(standin: StandIn) -> Member:
    return standin.member("montreal", "Coordination 1")


@pytest.fixture
def second(standin: StandIn) -> Member:
    return standin.member("montreal", "Coordination 2")


def test_members_of_the_group_are_there_from_the_beginning(bot: Bot, first: Member, second: Member) -> None:
    assert first.person_id != second.person_id
    assert not first.person.is_bot
    assert bot.news() == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/open", True),
        ("/find K7M2-PX41", True),
        ("/write K7M2-PX41 please\ncall @us", True),
        ("/open@care_ssc_demo_bot", True),
        ("/OPEN@Care_SSc_Demo_Bot", True),
        ("/open@another_bot", False),
        ("/open@another_bot now", False),
        ("good morning", False),
        ("see /open", False),
        ("/home/open", False),
        ("/", False),
    ],
)
def test_in_privacy_mode_the_bot_reads_commands_only(bot: Bot, first: Member, text: str, read: bool) -> None:
    first.types(text)
    assert [one["message"]["text"] for one in bot.news()] == [text] * read


def test_in_privacy_mode_the_bot_reads_replies_to_itself(bot: Bot, group: Group, first: Member, second: Member) -> None:
    card = bot.posts(group)
    noted = first.types("noted", reply_to=group.last)
    second.types("thanks", reply_to=noted)
    (only,) = bot.news()
    assert only["message"]["reply_to_message"]["message_id"] == card
    assert only["message"]["from"]["first_name"] == "Coordination 1"


def test_an_administrator_reads_everything(bot: Bot, group: Group, first: Member) -> None:
    group.promotes_bot()
    first.types("good morning")
    status, said = bot.news()
    assert status["my_chat_member"]["new_chat_member"]["status"] == "administrator"
    assert said["message"]["text"] == "good morning"


def test_a_tap_tells_who_and_where_and_only_they_see_the_answer(
    bot: Bot, group: Group, first: Member, second: Member
) -> None:
    card = bot.posts(group, "Claim")
    second.taps("Claim")
    query = bot.news()[0]["callback_query"]
    assert (query["from"]["id"], query["from"]["is_bot"]) == (second.person_id, False)
    assert (query["message"]["chat"]["id"], query["message"]["message_id"]) == (group.chat_id, card)
    assert query["message"]["chat"]["type"] == "group"
    bot.result("answerCallbackQuery", callback_query_id=query["id"], text="It is yours", show_alert=True)
    assert second.sees_toast("yours").alert
    assert first.toasts == []
    first.patience = 0.05
    with pytest.raises(TimeoutError):
        first.sees_toast("yours")


def test_two_tap_at_once_and_each_gets_their_own_answer(bot: Bot, group: Group, first: Member, second: Member) -> None:
    bot.posts(group, "Claim")
    group.all_tap("Claim", first, second)
    mine, late = (one["callback_query"] for one in bot.news())
    bot.result("answerCallbackQuery", callback_query_id=mine["id"], text="It is yours")
    bot.result("answerCallbackQuery", callback_query_id=late["id"], text="Somebody was faster")
    assert [one.text for one in first.toasts] == ["It is yours"]
    assert [one.text for one in second.toasts] == ["Somebody was faster"]


def test_a_member_can_forge_any_data(bot: Bot, group: Group, second: Member) -> None:
    bot.posts(group, "Claim")
    second.forges("close.K7M2-PX41")
    assert bot.news()[0]["callback_query"]["data"] == "close.K7M2-PX41"


def test_a_reply_of_the_bot_hangs_below_what_it_answers(bot: Bot, group: Group, first: Member) -> None:
    asked = first.types("/find K7M2")
    where = {"chat_id": group.chat_id, "text": "found"}
    sent = bot.result("sendMessage", **where, reply_parameters={"message_id": asked.id})
    assert sent["reply_to_message"]["text"] == "/find K7M2"
    assert group.last.reply_to == asked.id
    gone = bot.refusal("sendMessage", **where, reply_parameters={"message_id": 999})
    assert gone == "Bad Request: message to be replied not found"
    kept = {"message_id": 999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in bot.result("sendMessage", **where, reply_parameters=kept)
    assert bot.refusal("sendMessage", **where, message_thread_id=7) == "Bad Request: message thread not found"


def test_the_bot_deletes_its_own_messages_and_nobody_elses(bot: Bot, group: Group, first: Member) -> None:
    asked, card = first.types("/open"), bot.posts(group)
    assert bot.result("deleteMessage", chat_id=group.chat_id, message_id=card) is True
    refused = bot.refusal("deleteMessage", chat_id=group.chat_id, message_id=asked.id)
    assert refused == "Bad Request: message can't be deleted"
    assert group.from_bot == []


def test_who_left_can_do_nothing_there_any_more(bot: Bot, group: Group, second: Member) -> None:
    bot.posts(group, "Claim")
    second.leaves()
    notice = bot.news()[-1]["message"]
    assert notice["left_chat_member"]["id"] == notice["from"]["id"] == second.person_id
    for deed in (lambda: second.types("/open"), lambda: second.taps("Claim"), lambda: second.forges("claim")):
        with pytest.raises(ImpossibleError):
            deed()
    assert bot.news() == []
    member = bot.result("getChatMember", chat_id=group.chat_id, user_id=second.person_id)
    assert member["status"] == "left"


def test_who_was_removed_is_told_apart_and_may_be_taken_back(bot: Bot, group: Group, second: Member) -> None:
    group.removes(second)
    notice = bot.news()[-1]["message"]
    assert notice["left_chat_member"]["id"] == second.person_id
    assert notice["from"]["id"] == group.person_id
    asked = {"chat_id": group.chat_id, "user_id": second.person_id}
    assert bot.result("getChatMember", **asked)["status"] == "kicked"
    second.returns()
    assert bot.news()[-1]["message"]["new_chat_members"][0]["id"] == second.person_id
    assert bot.result("getChatMember", **asked)["status"] == "member"
    second.types("/open")
    assert bot.news()[-1]["message"]["text"] == "/open"


def test_a_stranger_to_the_group_cannot_tap_its_messages(bot: Bot, standin: StandIn, group: Group) -> None:
    card = bot.posts(group, "Claim")
    stranger = standin.participant()
    stranger.starts()
    url = f"{standin.url}/demo/chats/{group.chat_id}/tap"
    forged = httpx.post(url, json={"person": stranger.person_id, "message": card, "data": "claim"})
    assert forged.status_code == 409
    assert [key for one in bot.news() for key in one if key == "callback_query"] == []


def test_the_same_person_sits_in_groups_and_in_private(bot: Bot, standin: StandIn, first: Member) -> None:
    also = standin.member("paris", first)
    assert also.person_id == first.person_id
    assert bot.news()[-1]["message"]["new_chat_members"][0]["id"] == first.person_id
    phone = first.private()
    assert phone.chat_id == first.person_id
    refused = bot.refusal("sendMessage", chat_id=phone.chat_id, text="a")
    assert refused == "Forbidden: bot can't initiate conversation with a user"
    phone.starts("join-123")
    start = bot.news()[-1]["message"]
    assert (start["text"], start["from"]["id"]) == ("/start join-123", first.person_id)
    bot.result("sendMessage", chat_id=phone.chat_id, text="welcome")
    assert first.private().sees("welcome").chat == phone.chat_id


def test_everybody_moves_with_a_group_that_becomes_a_supergroup(bot: Bot, group: Group, second: Member) -> None:
    old = group.chat_id
    group.becomes_supergroup(-1009000000003)
    assert (second.chat_id, group.chat_id) == (-1009000000003, -1009000000003)
    here, there = (one["message"] for one in bot.news())
    assert (here["chat"]["id"], here["migrate_to_chat_id"]) == (old, -1009000000003)
    assert (there["chat"]["id"], there["migrate_from_chat_id"]) == (-1009000000003, old)
    bot.posts(group, "Claim")
    second.taps("Claim")
    assert bot.news()[-1]["callback_query"]["message"]["chat"]["type"] == "supergroup"


def test_a_bot_that_is_brought_back_is_told_twice(bot: Bot, group: Group) -> None:
    group.kicks_bot()
    group.types("/open")
    group.invites_bot()
    kicked, back, notice = bot.news()
    assert kicked["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert back["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert notice["message"]["new_chat_members"][0]["username"] == "care_ssc_demo_bot"


def test_each_member_sees_the_narrowest_menu(bot: Bot, group: Group, first: Member, second: Member) -> None:
    def menu(name: str, **scope: object) -> None:
        given = [{"command": name, "description": name}]
        bot.result("setMyCommands", commands=given, **({"scope": scope} if scope else {}))

    menu("start")
    menu("help", type="all_private_chats")
    assert first.commands == second.commands == [("start", "start")]
    menu("open", type="all_group_chats")
    menu("invite", type="all_chat_administrators")
    assert (first.commands, second.commands) == ([("invite", "invite")], [("open", "open")])
    menu("find", type="chat", chat_id=group.chat_id)
    assert first.commands == second.commands == [("find", "find")]
    menu("pause", type="chat_administrators", chat_id=group.chat_id)
    assert (first.commands, second.commands) == ([("pause", "pause")], [("find", "find")])
    menu("mine", type="chat_member", chat_id=group.chat_id, user_id=second.person_id)
    assert second.commands == [("mine", "mine")]
    assert group.private().commands == [("help", "help")]


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ({"type": "everybody"}, "can't parse BotCommandScope: Unsupported type specified"),
        ({"type": "chat"}, "chat not found"),
        ({"type": "chat", "chat_id": 12}, "chat not found"),
        ({"type": "chat_member", "user_id": 0}, "can't parse BotCommandScope: Invalid user_id specified"),
        ({"type": "chat_member", "user_id": 12}, "user not found"),
    ],
)
def test_a_scope_telegram_would_refuse_is_refused(bot: Bot, group: Group, scope: dict[str, object], said: str) -> None:
    where = {"chat_id": group.chat_id} if scope["type"] == "chat_member" else {}
    menu = [{"command": "open", "description": "open"}]
    assert bot.refusal("setMyCommands", commands=menu, scope={**scope, **where}) == f"Bad Request: {said}"


def test_scopes_of_members_do_not_exist_in_private(bot: Bot, standin: StandIn) -> None:
    phone = standin.participant()
    phone.starts()
    for kind in ("chat_administrators", "chat_member"):
        scope = {"type": kind, "chat_id": phone.chat_id, "user_id": phone.person_id}
        said = bot.refusal("setMyCommands", commands=[], scope=scope)
        assert said == "Bad Request: can't use specified scope in private chats"
