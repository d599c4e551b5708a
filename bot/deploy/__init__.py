"""Files that put the screener to work on a server, with the paths and addresses of this one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

FILES = files("bot.deploy") / "files"


def systemd(program: Path, data: Path, environment: Path, user: str, workers: int) -> str:
    """A unit that keeps `program` serving as `user`, with its settings in `environment` and its data in `data`."""
    known = {
        "program": _written(program),
        "data": _written(data),
        "environment": _written(environment),
        "user": user,
        "workers": f" --workers {workers}" if workers > 1 else "",
    }
    return _filled("screener.service", known)


def nginx(webhook: str, listen: str, certificates: Path) -> str:
    """A server that takes `webhook` over TLS and passes it on to `listen`; certificate and key lie in `certificates`.

    Raises ValueError for an address that nginx cannot be told.
    """
    parts = urlsplit(webhook)
    path = parts.path or "/"
    if not parts.hostname or not re.fullmatch(r"[\w./~-]+", path):
        raise ValueError(f"{webhook} is not an address such as https://screener.example.org/updates")
    known = {
        "host": parts.hostname,
        "port": str(parts.port or 443),
        "path": path,
        "listen": listen,
        "certificate": str(certificates / "fullchain.pem"),
        "key": str(certificates / "privkey.pem"),
    }
    return _filled("nginx.conf", known)


def _filled(name: str, known: Mapping[str, str]) -> str:
    """The file with everything between two @ in its place. Whatever is not known, such as @system-service, stays."""
    text = (FILES / name).read_text("utf-8")
    return re.sub(r"@(\w+)@", lambda found: known[found[1]], text)


def _written(path: Path) -> str:
    """A path as systemd reads it, to whom % and a backslash say something."""
    return str(path).replace("\\", "\\\\").replace("%", "%%")
