"""The English source of every text: the study file, what participants read, what coordinators read; by key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from dialogs.study import Study

INTERFACE = Path(__file__).parents[1] / "interface.toml"
DESK = Path(__file__).parents[1] / "desk.toml"


def source_texts(study: Study, files: tuple[Path, ...] = (INTERFACE, DESK)) -> dict[str, str]:
    """Every text a reader can meet, as key to English. Raises ValueError when two texts share a key."""
    texts = dict(study.texts())
    for path in files:
        for key, text in texts_of(path):
            if key in texts:
                raise ValueError(f"{path.name} defines {key}, which is defined already")
            texts[key] = text
    return texts


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of one file, as (key, English)."""
    return _flat(tomllib.loads(path.read_text(encoding="utf-8")))


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
