"""What an operator sets: `SCREENER_*` variables and an optional TOML file. A bad value stops the start, by name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.values import (
    Address,
    Channels,
    DatabaseAddress,
    Header,
    HostAndPort,
    HttpsAddress,
    KeyFile,
    QuietHours,
    Secret,
    Secrets,
    Token,
    listed_secrets,
    secrets_in,
)
from bot.vault import Vault, new_secret, read_secret
from dialogs.chasing import Quiet
from dialogs.study import Language
from dialogs.symbols import OperatorText

PREFIX = "SCREENER_"
TELEGRAM = "https://api.telegram.org"
SETTINGS_FILE = "SCREENER_SETTINGS"
S = TypeVar("S", bound="DeskSettings")
TEXTS: tuple[OperatorText, ...] = ("contact", "approval", "privacy")


class BadSettings(Exception):
    """Some settings are missing or wrong. Its text names all of them and says how to get each.

    `problems` are the names of the variables, each with what is wrong with it.
    """

    def __init__(self, text: str, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


class Desk(BaseModel):
    """The coordinators of one place and what its participants must read; texts by language, "" for any.

    `notify` are addresses told beside its chats. A referral nobody has taken comes back each `claim_hours` of the
    desk's working time: outside the `quiet` hours of each day, and at `weekends` only if it works then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    chat: int | None = None
    cap: Annotated[int, Field(ge=1)] | None = None
    language: Language = "fr"
    notify: Channels = ()
    quiet: QuietHours = Quiet(time(20), time(8))
    weekends: bool = False
    claim_hours: Annotated[int, Field(ge=1, le=24 * 14)] = 4
    texts: Mapping[OperatorText, Mapping[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_texts(cls, given: object) -> object:
        """`privacy`, `privacy__fr` and `privacy = {fr = "..."}` all name texts."""
        if not isinstance(given, Mapping):
            return given
        rest: dict[str, object] = {"texts": {}}
        texts: dict[str, dict[str, str]] = {}
        for name, value in given.items():
            what, _, language = name.lower().partition("__")
            if what not in TEXTS:
                rest[name.lower()] = value
            elif isinstance(value, Mapping):
                texts.setdefault(what, {}).update({str(key): str(text) for key, text in value.items()})
            else:
                texts.setdefault(what, {})[language] = str(value)
        return {**rest, "texts": texts}

    def text(self, what: OperatorText, language: Language) -> str | None:
        """This text in this language, or the one given for any language; None where there is neither."""
        by_language = self.texts.get(what, {})
        return (by_language.get(language) or by_language.get("") or "").strip() or None


class DeskSettings(BaseSettings):
    """The desks of all places: what a poster needs, and a part of all settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_nested_max_split=2, extra="ignore", frozen=True
    )

    # NoDecode: a SCREENER_DESK that is not JSON is then named like any other mistake.
    desk: Annotated[Mapping[str, Desk], NoDecode] = Field(
        default={},
        description="the desks: SCREENER_DESK__<PLACE>__CHAT, __CONTACT, __APPROVAL, __PRIVACY, __LANGUAGE, __CAP, "
        "__NOTIFY, __QUIET, __WEEKENDS, __CLAIM_HOURS, "
        "each text also per language (__PRIVACY__FR); <PLACE> is MONTREAL, PARIS or ELSEWHERE",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file named by SCREENER_SETTINGS or ./screener.toml."""
        file = TomlConfigSettingsSource(settings_cls, _settings_file())
        return init_settings, env_settings, file


class Settings(DeskSettings):
    """All settings. Secrets do not show when printed."""

    bot_token: Token = Field(
        description="the bot's token: write to @BotFather in Telegram, send /newbot (or /token), copy what it answers"
    )
    secret_key: Secret = Field(
        description="the key that seals chats and answers: run `screener key` once, keep it apart from the database; "
        "or SCREENER_SECRET_KEY_FILE, the path of a file that only this user may read, with old keys on further lines"
    )
    secret_key_file: KeyFile = Field(
        default=None, description="a file with the key and, on further lines, old ones; only this user may read it"
    )
    old_keys: Secrets = Field(
        default=(), description="earlier keys that may still open, as JSON: see `screener keys rotate`"
    )
    api_url: Address = Field(
        default=TELEGRAM,
        description="the Bot API server, without /bot<token>; leave it out for Telegram's own",
    )
    data_dir: Path = Field(default=Path("data"), description="the folder of the database; it is made when missing")
    database_url: DatabaseAddress | None = Field(
        default=None,
        description="sqlite:///path or postgresql://user@host/name; left out, an SQLite file in the data folder",
    )
    webhook_url: HttpsAddress | None = Field(
        default=None, description="the https address Telegram brings updates to; left out, they are polled"
    )
    webhook_secret: Header | None = Field(
        default=None,
        description="what Telegram shows with each update: letters, digits, - and _; left out, it is made of the key",
    )
    listen: HostAndPort = Field(
        default="127.0.0.1:8443", description="host:port at which updates are taken, behind a proxy that ends TLS"
    )
    status_listen: HostAndPort | None = Field(
        default=None, description="host:port of /healthz, /readyz and /metrics; each further worker takes the next port"
    )
    sends_per_second: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=30, description="messages a second to all chats, divided by the workers; 0 for no limit of any kind"
    )
    lease_seconds: Annotated[int, Field(ge=1, le=600)] = Field(
        default=30, description="seconds a process may stand still before others take over; PostgreSQL only"
    )
    log: Literal["console", "json"] = Field(default="console", description="how the log is written: console or json")
    sources: tuple[str, ...] = Field(
        default=(), description='sources of links to count by name, as JSON: ["chu-rhumato"]; others count together'
    )
    reminder_hours: Annotated[int, Field(ge=0, le=24 * 20)] = Field(
        default=24, description="hours without a word after which a person is reminded, once; 0 for never"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_key(cls, given: object) -> object:
        """The key and old ones from their file, if one is named. What is wrong with it is said of the file itself."""
        if not isinstance(given, Mapping) or not given.get("secret_key_file"):
            return given
        try:
            if given.get("secret_key"):
                raise ValueError("is set, and SCREENER_SECRET_KEY too: give one of them")
            key, *old = secrets_in(Path(str(given["secret_key_file"])))
        except ValueError as error:
            return {**given, "secret_key": new_secret(), "secret_key_file": error}
        try:
            old_keys: object = [*old, *listed_secrets(given.get("old_keys", ()))]
        except ValueError:
            old_keys = given["old_keys"]  # read as it is, and refused by its own name
        return {**given, "secret_key": key, "old_keys": old_keys}

    @property
    def vault(self) -> Vault:
        """What seals with the key, and opens with old ones too."""
        secrets = (read_secret(each.get_secret_value()) for each in (self.secret_key, *self.old_keys))
        return Vault(next(secrets), list(secrets))

    @property
    def brought_with(self) -> str:
        """What Telegram shows with each update it brings."""
        given = self.webhook_secret.get_secret_value() if self.webhook_secret else None
        return given or self.vault.fingerprint(self.webhook_url or "", b"webhook").hex()

    @property
    def database(self) -> str:
        """The address of the database, with the driver this program uses."""
        given = self.database_url.get_secret_value() if self.database_url else None
        url = given or f"sqlite:///{self.data_dir / 'screener.db'}"
        return re.sub(r"^(sqlite|postgres(?:ql)?)(\+\w+)?:", _with_driver, url)


def _settings_file() -> Path:
    return Path(os.environ.get(SETTINGS_FILE, "screener.toml"))


def _with_driver(scheme: re.Match[str]) -> str:
    return "sqlite+aiosqlite:" if scheme[1] == "sqlite" else "postgresql+psycopg:"


def read_settings(places: frozenset[str]) -> Settings:
    """The settings of this process. Raises BadSettings naming every missing or wrong one."""
    return _read(Settings, places)


def read_desks(places: frozenset[str]) -> Mapping[str, Desk]:
    """The desks alone, for what needs no secret. Raises BadSettings."""
    return _read(DeskSettings, places).desk


def _read(kind: type[S], places: frozenset[str]) -> S:
    try:
        settings = kind()
    except ValidationError as error:
        raise BadSettings(_explained(error), [(name, what) for name, what, _ in _problems(error)]) from None
    except (TOMLDecodeError, UnicodeDecodeError):  # their own words may repeat a secret
        raise BadSettings(f"{SETTINGS_FILE}: {_settings_file()} is not TOML. See https://toml.io") from None
    if unknown := sorted(set(settings.desk) - places):
        raise BadSettings(
            f"{PREFIX}DESK__… names unknown places: {', '.join(unknown)}. Known: {', '.join(sorted(places))}."
        )
    return settings


def _explained(error: ValidationError) -> str:
    lines = ["These settings are missing or wrong. Set them as environment variables, or in screener.toml.", ""]
    for name, what, hint in _problems(error):
        lines += [f"  {name}: {what}", *([f"      {hint}"] if hint else [])]
    return "\n".join(lines)


def _problems(error: ValidationError) -> Iterator[tuple[str, str, str | None]]:
    """The variables that are missing or wrong, each with what is wrong and how to get it."""
    for problem in error.errors(include_input=False, include_url=False):
        field, *rest = (str(part) for part in problem["loc"])
        name = PREFIX + "__".join((field, *rest)).upper()
        what = "is missing" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
        yield name, what, Settings.model_fields[field].description if field in Settings.model_fields else None
