"""The English source of every text: the study file and the interface file, by key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from dialogs.study import Study

INTERFACE = Path(__file__).parents[1] / "interface.toml"


def source_texts(study: Study, interface: Path = INTERFACE) -> dict[str, str]:
    """Every text a reader can meet, as key to English. Raises ValueError when two texts share a key."""
    texts = dict(study.texts())
    for key, text in interface_texts(interface):
        if key in texts:
            raise ValueError(f"{interface.name} and the study both define {key}")
        texts[key] = text
    return texts


def interface_texts(interface: Path = INTERFACE) -> Iterator[tuple[str, str]]:
    """The texts of the interface file, as (key, English)."""
    return _flat(tomllib.loads(interface.read_text(encoding="utf-8")))


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
