"""The values an operator may give, each a type that refuses what cannot be right and never repeats it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from bot.vault import read_secret
from dialogs.chasing import Quiet, read_quiet


def _token(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:[\w-]+", token.get_secret_value()):
        raise ValueError("does not look like a token: digits, a colon, letters")
    return token


def _secret(secret: SecretStr) -> SecretStr:
    read_secret(secret.get_secret_value())
    return secret


def listed_secrets(given: object) -> Sequence[object]:
    """The secrets of a JSON list, or of a list of TOML. Their own errors repeat what was given."""
    if isinstance(given, str):
        try:
            given = json.loads(given or "[]")
        except ValueError:
            given = None
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise ValueError('is not a list of secrets, such as ["…", "…"]')
    return given


def secrets_in(path: Path) -> list[str]:
    """The secrets in a file, one a line. Raises ValueError when others may read it, or there are none."""
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise ValueError(f"{path} may be read or changed by other users: chmod 600 {path}")
        lines = path.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}") from None
    if not lines:
        raise ValueError(f"{path} is empty")
    return lines


def _key_file(given: object) -> object:
    if isinstance(given, ValueError):
        raise given
    return given or None


def _address(url: str) -> str:
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an http or https address")
    return url.rstrip("/")


def _https(url: str) -> str:
    if urlsplit(_address(url)).scheme != "https":
        raise ValueError("is not an https address: Telegram brings updates to no other")
    return url


def _header(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()):
        raise ValueError("is not made of 16 to 256 letters, digits, - and _")
    return secret


def _bind(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 2**16:
        raise ValueError("is not a host and a port such as 127.0.0.1:8443")
    return address


def _database(url: SecretStr) -> SecretStr:
    parts = _parts(url.get_secret_value())
    kind = parts.scheme.partition("+")[0] if parts else ""
    if parts is None or kind not in {"sqlite", "postgres", "postgresql"} or not parts.path.strip("/"):
        raise ValueError("is not an address such as sqlite:///path or postgresql://user@host/name")
    return url


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; None where it is none. Their own errors repeat what was given."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def _channels(given: object) -> object:
    """The addresses of a JSON list, or of a list of TOML. Their own errors repeat what was given."""
    if isinstance(given, str):
        try:
            given = json.loads(given or "[]")
        except ValueError:
            given = None
    if not isinstance(given, list | tuple):
        raise ValueError('is not a list of addresses in JSON, such as ["mailtos://user:password@example.org"]')
    return given


def _channel(url: SecretStr) -> SecretStr:
    # Which kinds there are only the library knows that speaks them: it is too heavy to be asked at each start.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", url.get_secret_value()):
        raise ValueError("is not an address such as mailtos://user:password@example.org")
    return url


def _quiet(given: object) -> object:
    return read_quiet(given) if isinstance(given, str) else given


Token = Annotated[SecretStr, AfterValidator(_token)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Secrets = Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(listed_secrets)]
KeyFile = Annotated[Path | None, BeforeValidator(_key_file)]
Header = Annotated[SecretStr, AfterValidator(_header)]
Address = Annotated[str, AfterValidator(_address)]
HttpsAddress = Annotated[str, AfterValidator(_https)]
HostAndPort = Annotated[str, AfterValidator(_bind)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(_database)]
Channels = Annotated[tuple[Annotated[SecretStr, AfterValidator(_channel)], ...], BeforeValidator(_channels)]
QuietHours = Annotated[Quiet | None, BeforeValidator(_quiet)]
