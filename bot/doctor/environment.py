"""What can be wrong with the settings, and with who may read what lies on this computer."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bot.doctor.finding import Finding
from bot.settings import PREFIX, SETTINGS_FILE, TEXTS, BadSettings, Desk, Settings

LOW = 500  # megabytes
SECRET_SETTINGS = {"bot_token", "secret_key", "old_keys", "database_url", "webhook_secret", "desk"}


def unknown_names(environment: Mapping[str, str], places: Collection[str]) -> Iterator[Finding]:
    """Variables that look like ours and are not: a name mistyped changes nothing, and nobody says so."""
    fields = {PREFIX + name.upper() for name in Settings.model_fields}
    of_desks = {*(Desk.model_fields.keys() - {"texts"}), *TEXTS}
    known = fields | {f"{PREFIX}DESK__{place}__{name}".upper() for place in places for name in of_desks}
    given = [name.upper() for name in environment if name.upper().startswith(PREFIX)]
    given += [PREFIX + name.upper() for name in _file(environment)]
    for name in sorted(set(given) - fields - {SETTINGS_FILE}):
        if not name.startswith(f"{PREFIX}DESK__"):  # what comes after is read strictly
            near = get_close_matches(name, sorted(known | {SETTINGS_FILE}), 1)
            yield Finding("variable_unknown", {"name": name, "near": f": perhaps {near[0]}" if near else ""})


def wrong_settings(error: BadSettings) -> Iterator[Finding]:
    """What stops the bot from starting."""
    for name, what in error.problems:
        code = "setting_wrong"
        if name == f"{PREFIX}SECRET_KEY_FILE":
            code = "key_file"
        elif "too short" in what:
            code = "key_weak"
        yield Finding(code, {"name": name, "what": what})
    if not error.problems:
        name, _, what = str(error).partition(" ")
        yield Finding("setting_wrong", {"name": name.strip(":"), "what": what.rstrip(".")})


def overheard(settings: Settings) -> Iterator[Finding]:
    """Whether the token, which is a part of every address we call, crosses a network that others can listen in on."""
    parts = urlsplit(settings.api_url)
    if parts.scheme == "http" and not _this_computer(parts.hostname or ""):
        yield Finding("api_in_the_clear", {"host": parts.hostname})


def _this_computer(host: str) -> bool:
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    with suppress(ValueError):  # a name, not an address
        return ip_address(host).is_loopback
    return False


def files(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Who may read the settings and the data, and whether there is room for more."""
    path = _path(environment)
    if SECRET_SETTINGS & _file(environment).keys() and _open(path):
        yield Finding("settings_open", {"path": path})
    data = settings.data_dir
    if not data.is_dir():
        return
    if _open(data):
        yield Finding("data_open", {"path": data, "mode": "700"})
    for file in sorted(data.glob("screener.db*")):
        if _open(file):
            yield Finding("data_open", {"path": file, "mode": "600"})
    free = shutil.disk_usage(data).free // 1_000_000
    if free < LOW:
        yield Finding("disk_low", {"path": data, "free": free})


def _open(path: Path) -> bool:
    """Whether others than its owner may do anything with it."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


def _path(environment: Mapping[str, str]) -> Path:
    return Path(environment.get(SETTINGS_FILE, "screener.toml"))


def _file(environment: Mapping[str, str]) -> Mapping[str, object]:
    """What the settings file holds; nothing where there is none, or it is not TOML: that is found elsewhere."""
    with suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return tomllib.loads(_path(environment).read_text("utf-8"))
    return {}
