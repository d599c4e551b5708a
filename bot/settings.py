"""What an operator sets: `SCREENER_*` variables and an optional TOML file. A bad value stops the start, by name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.vault import read_secret
from dialogs.study import Language
from dialogs.symbols import OperatorText

PREFIX = "SCREENER_"
SETTINGS_FILE = "SCREENER_SETTINGS"
S = TypeVar("S", bound="DeskSettings")
TEXTS: tuple[OperatorText, ...] = ("contact", "approval", "privacy")


class BadSettings(Exception):
    """Some settings are missing or wrong. Its text names all of them and says how to get each."""


def _token(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:[\w-]+", token.get_secret_value()):
        raise ValueError("does not look like a token: digits, a colon, letters")
    return token


def _secret(secret: SecretStr) -> SecretStr:
    read_secret(secret.get_secret_value())
    return secret


def _address(url: str) -> str:
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an http or https address")
    return url.rstrip("/")


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


class Desk(BaseModel):
    """The coordinators of one place and what its participants must read; texts by language, "" for any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chat: int | None = None
    cap: Annotated[int, Field(ge=1)] | None = None
    language: Language = "fr"
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

    bot_token: Annotated[SecretStr, AfterValidator(_token)] = Field(
        description="the bot's token: write to @BotFather in Telegram, send /newbot (or /token), copy what it answers"
    )
    secret_key: Annotated[SecretStr, AfterValidator(_secret)] = Field(
        description="the key that seals chats and answers: run `screener key` once, keep it apart from the database"
    )
    api_url: Annotated[str, AfterValidator(_address)] = Field(
        default="https://api.telegram.org",
        description="the Bot API server, without /bot<token>; leave it out for Telegram's own",
    )
    data_dir: Path = Field(default=Path("data"), description="the folder of the database; it is made when missing")
    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = Field(
        default=None,
        description="sqlite:///path or postgresql://user@host/name; left out, an SQLite file in the data folder",
    )
    log: Literal["console", "json"] = Field(default="console", description="how the log is written: console or json")
    sources: tuple[str, ...] = Field(
        default=(), description='sources of links to count by name, as JSON: ["chu-rhumato"]; others count together'
    )
    reminder_hours: Annotated[int, Field(ge=0, le=24 * 20)] = Field(
        default=24, description="hours without a word after which a person is reminded, once; 0 for never"
    )

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
        raise BadSettings(_explained(error)) from None
    except (TOMLDecodeError, UnicodeDecodeError):  # their own words may repeat a secret
        raise BadSettings(f"{SETTINGS_FILE}: {_settings_file()} is not TOML. See https://toml.io") from None
    if unknown := sorted(set(settings.desk) - places):
        raise BadSettings(
            f"{PREFIX}DESK__… names unknown places: {', '.join(unknown)}. Known: {', '.join(sorted(places))}."
        )
    return settings


def _explained(error: ValidationError) -> str:
    lines = ["These settings are missing or wrong. Set them as environment variables, or in screener.toml.", ""]
    for problem in error.errors(include_input=False, include_url=False):
        field, *rest = (str(part) for part in problem["loc"])
        name = PREFIX + "__".join((field, *rest)).upper()
        what = "is missing" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
        hint = Settings.model_fields[field].description if field in Settings.model_fields else None
        lines += [f"  {name}: {what}", *([f"      {hint}"] if hint else [])]
    return "\n".join(lines)
