"""The methods about the bot itself and the chats it is in: commands, descriptions, webhook, membership."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.demo import shapes
from bot.demo.chats import Telegram, in_language
from bot.demo.params import Params
from bot.demo.wire import Json, JsonObject, bad, units

COMMAND = re.compile(r"[a-z0-9_]{1,32}\Z")
LANGUAGE = re.compile(r"(?:[a-z]{2})?\Z")
MAX_COMMANDS = 100
SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
SCOPES_OF_A_CHAT = ("chat", "chat_administrators", "chat_member")


def get_me(telegram: Telegram, _params: Params) -> Json:
    """getMe"""
    return shapes.me(telegram.bot)


def set_my_commands(telegram: Telegram, params: Params) -> Json:
    """setMyCommands"""
    given = params.json("commands", "can't parse commands JSON object") or []
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise bad("can't parse commands: expected an Array of BotCommand")
    commands = [_command(one) for one in given]
    if len(commands) > MAX_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    key = _command_list(telegram, params)
    if commands:
        telegram.profile.commands[key] = commands
    else:
        telegram.profile.commands.pop(key, None)
    return _changed(telegram)


def get_my_commands(telegram: Telegram, params: Params) -> Json:
    """getMyCommands"""
    commands = telegram.profile.commands.get(_command_list(telegram, params), [])
    return [{"command": name, "description": description} for name, description in commands]


def delete_my_commands(telegram: Telegram, params: Params) -> Json:
    """deleteMyCommands"""
    telegram.profile.commands.pop(_command_list(telegram, params), None)
    return _changed(telegram)


def set_my_description(telegram: Telegram, params: Params) -> Json:
    """setMyDescription"""
    _describe(telegram.profile.descriptions, params, "description", 512)
    return _changed(telegram)


def get_my_description(telegram: Telegram, params: Params) -> Json:
    """getMyDescription"""
    return {"description": in_language(telegram.profile.descriptions, _language(params))}


def set_my_short_description(telegram: Telegram, params: Params) -> Json:
    """setMyShortDescription"""
    _describe(telegram.profile.short_descriptions, params, "short_description", 120)
    return _changed(telegram)


def get_my_short_description(telegram: Telegram, params: Params) -> Json:
    """getMyShortDescription"""
    return {"short_description": in_language(telegram.profile.short_descriptions, _language(params))}


def set_webhook(telegram: Telegram, params: Params) -> Json:
    """setWebhook: kept and shown, nothing is ever sent to it"""
    url = params.text("url")
    if not url:
        return delete_webhook(telegram, params)
    if not url.startswith("https://"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", params.text("secret_token")):
        raise bad("secret token contains unallowed characters")
    if params.flag("drop_pending_updates"):
        telegram.queue.drop()
    telegram.profile.webhook = {"url": url, "max_connections": params.integer("max_connections", 40)}
    return True


def delete_webhook(telegram: Telegram, params: Params) -> Json:
    """deleteWebhook"""
    if params.flag("drop_pending_updates"):
        telegram.queue.drop()
    telegram.profile.webhook = {}
    return True


def get_webhook_info(telegram: Telegram, _params: Params) -> Json:
    """getWebhookInfo"""
    waiting = len(telegram.queue.waiting)
    return {
        "url": "",
        "has_custom_certificate": False,
        **telegram.profile.webhook,
        "pending_update_count": waiting,
    }


def get_chat(telegram: Telegram, params: Params) -> Json:
    """getChat"""
    return shapes.full_chat(telegram.reach(_chat_id(params)))


def get_chat_member(telegram: Telegram, params: Params) -> Json:
    """getChatMember"""
    chat = telegram.reach(_chat_id(params))
    number = params.integer("user_id")
    if number == telegram.bot.id:
        return shapes.member(telegram.bot, chat.bot)
    person = telegram.people.get(number)
    if person is None:
        raise bad("user not found")
    return shapes.member(person, chat.statuses.get(number, "left"))


def leave_chat(telegram: Telegram, params: Params) -> Json:
    """leaveChat"""
    chat = telegram.reach(_chat_id(params))
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    chat.bot = "left"
    telegram.touch(chat)
    return True


def _changed(telegram: Telegram) -> bool:
    # Every phone shows the menu of commands and the description, so every chat looks different now.
    for chat in telegram.chats.values():
        telegram.touch(chat)
    return True


def _chat_id(params: Params) -> int:
    if not params.text("chat_id"):
        raise bad("chat_id is empty")
    return params.integer("chat_id")


def _language(params: Params) -> str:
    language = params.text("language_code")
    if not LANGUAGE.match(language):
        raise bad("invalid language code specified")
    return language


def _command_list(telegram: Telegram, params: Params) -> tuple[str, str]:
    scope = params.json("scope", "can't parse BotCommandScope JSON object")
    if scope is None:
        return "default", _language(params)
    kind = scope.get("type") if isinstance(scope, dict) else None
    if not isinstance(scope, dict) or not isinstance(kind, str):
        raise bad("can't parse BotCommandScope: expected an Object")
    if kind in SCOPES:
        return kind, _language(params)
    if kind not in SCOPES_OF_A_CHAT:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    try:
        chat = telegram.reach(int(str(scope.get("chat_id"))))
    except ValueError as error:
        raise bad("chat not found") from error
    if kind != "chat" and chat.kind == "private":
        raise bad("can't use specified scope in private chats")
    whose = f":{_user_of(telegram, scope)}" if kind == "chat_member" else ""
    return f"{kind}:{chat.id}{whose}", _language(params)


def _user_of(telegram: Telegram, scope: JsonObject) -> int:
    number = scope.get("user_id")
    if not isinstance(number, int) or number <= 0:
        raise bad("can't parse BotCommandScope: Invalid user_id specified")
    if number not in telegram.people:
        raise bad("user not found")
    return number


def _command(given: Json) -> tuple[str, str]:
    name = given.get("command") if isinstance(given, dict) else None
    description = given.get("description") if isinstance(given, dict) else None
    if not isinstance(name, str) or not isinstance(description, str):
        raise bad("can't parse BotCommand: expected an Object")
    name, description = name.strip().removeprefix("/"), description.strip()
    if not name:
        raise bad("command must be non-empty")
    if len(name) > 32:
        raise bad("command length must not exceed 32")
    if not COMMAND.match(name):
        raise bad("BOT_COMMAND_INVALID")
    if not description:
        raise bad("command description must be non-empty")
    if units(description) > 256:
        raise bad("command description length must not exceed 256")
    return name, description


def _describe(texts: dict[str, str], params: Params, name: str, limit: int) -> None:
    text, language = params.text(name).strip(), _language(params)
    if units(text) > limit:
        raise bad("DESCRIPTION_TOO_LONG" if name == "description" else "ABOUT_TOO_LONG")
    if text:
        texts[language] = text
    else:
        texts.pop(language, None)


METHODS: dict[str, Callable[[Telegram, Params], Json]] = {
    "getme": get_me,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setmydescription": set_my_description,
    "getmydescription": get_my_description,
    "setmyshortdescription": set_my_short_description,
    "getmyshortdescription": get_my_short_description,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "leavechat": leave_chat,
}
