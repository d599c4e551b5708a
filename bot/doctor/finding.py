"""One thing that was found: a code that never changes, and words about it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("findings.toml")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """All that can be found, by code: its level, what it is, how to mend it."""
    return tomllib.loads(WORDS.read_text("utf-8"))


@dataclass(frozen=True)
class Finding:
    """Something an operator should know."""

    code: str
    about: Mapping[str, object] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """Whether it must be mended; otherwise it is only worth knowing."""
        return words()[self.code]["level"] == "wrong"

    def __str__(self) -> str:
        said = words()[self.code]
        about = {**self.about, **{key.upper(): str(value).upper() for key, value in self.about.items()}}
        return f"{self.code}: {said['what'].format(**about)}\n    {said['mend'].format(**about)}"
