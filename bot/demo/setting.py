"""What a demonstration starts with, read from `demo.toml`: names, groups, and the texts of each place."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BotSetting(_Frozen):
    """Who the bot is."""

    name: str
    username: str


class ParticipantSetting(_Frozen):
    """How invented participants are called; `{number}` counts them."""

    name: str


class GroupSetting(_Frozen):
    """One coordinators' group."""

    key: str
    id: int
    title: str
    language: str
    members: list[str]


class Setting(_Frozen):
    """The whole file."""

    bot: BotSetting
    participant: ParticipantSetting
    groups: list[GroupSetting]
    settings: dict[str, dict[str, str]] = Field(default_factory=dict)
    console: dict[str, str] = Field(default_factory=dict)


@cache
def setting() -> Setting:
    """The setting that comes with the package."""
    return Setting.model_validate(tomllib.loads(files("bot.demo").joinpath("demo.toml").read_text("utf-8")))
