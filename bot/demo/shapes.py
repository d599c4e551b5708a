"""People, chats and messages as the Bot API shows them in JSON."""

from __future__ import annotations

from bot.demo.chats import Chat, Message, Person, Status, Telegram
from bot.demo.keyboards import rows_json
from bot.demo.wire import Json, JsonObject

RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


def user(person: Person) -> JsonObject:
    """A `User`."""
    shape: dict[str, Json] = {"id": person.id, "is_bot": person.is_bot, "first_name": person.name}
    if person.username:
        shape["username"] = person.username
    if person.language and not person.is_bot:
        shape["language_code"] = person.language
    return shape


def me(person: Person) -> JsonObject:
    """The `User` that getMe returns."""
    abilities: dict[str, Json] = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return {**user(person), **abilities}


def chat(one: Chat) -> JsonObject:
    """A `Chat`."""
    if one.kind == "private":
        return {"id": one.id, "type": "private", "first_name": one.title}
    shape: dict[str, Json] = {"id": one.id, "type": one.kind, "title": one.title}
    if one.kind == "group":
        shape["all_members_are_administrators"] = True
        shape["accepted_gift_types"] = _gifts()
    return shape


def full_chat(one: Chat) -> JsonObject:
    """A `ChatFullInfo`."""
    shape: dict[str, Json] = {"accent_color_id": 0, "max_reaction_count": 11}
    if one.kind != "private":
        shape["permissions"] = {"can_send_messages": True}
    return {**chat(one), **shape, "accepted_gift_types": _gifts()}


def member(person: Person, status: Status) -> JsonObject:
    """A `ChatMember`."""
    shape: dict[str, Json] = {"user": user(person), "status": status}
    if status == "creator":
        shape["is_anonymous"] = False
    elif status == "administrator":
        shape.update({right: right in ("can_manage_chat", "can_delete_messages") for right in RIGHTS})
    elif status == "kicked":
        shape["until_date"] = 0
    return shape


def message(telegram: Telegram, one: Message, *, nested: bool = False) -> JsonObject:
    """A `Message`; a nested one (the message replied to) does not show its own reply."""
    where = telegram.chats[one.chat]
    shape: dict[str, Json] = {
        "message_id": one.id,
        "from": user(one.sender),
        "chat": chat(where),
        "date": int(one.at),
        **one.media,
    }
    if one.kind == "text":
        shape["text"] = one.text
    elif one.text:
        shape["caption"] = one.text
    if one.body.entities:
        name = "entities" if one.kind == "text" else "caption_entities"
        shape[name] = [entity.json() for entity in one.body.entities]
    if one.edited_at is not None:
        shape["edit_date"] = int(one.edited_at)
    if one.protected:
        shape["has_protected_content"] = True
    if one.rows:
        shape["reply_markup"] = rows_json(one.rows)
    if not one.preview:
        shape["link_preview_options"] = {"is_disabled": True}
    replied = where.messages.get(one.reply_to or 0)
    if replied is not None and not nested:
        shape["reply_to_message"] = message(telegram, replied, nested=True)
    return shape


def _gifts() -> JsonObject:
    names = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return dict.fromkeys(names, False)
