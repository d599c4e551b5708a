"""What a demonstration starts with, read from `demo.toml`: names, groups, and the texts of each place."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


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
    """One coordinators' group. It has its title in the language of its members; the page speaks its reader's."""

    key: str
    id: int
    title: dict[str, str]
    language: str
    members: list[str]


class Setting(_Frozen):
    """The whole file. `desk` holds SCREENER_DESK__<PLACE>__<KEY> by place and key, `console` words by language."""

    bot: BotSetting
    participant: ParticipantSetting
    groups: list[GroupSetting]
    desk: dict[str, dict[str, str]]
    console: dict[str, dict[str, str]]


@cache
def setting() -> Setting:
    """The setting that comes with the package."""
    return Setting.model_validate(tomllib.loads(files("bot.demo").joinpath("demo.toml").read_text("utf-8")))
