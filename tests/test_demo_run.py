"""The whole demonstration as a person starts it, with a scripted bot in the place of the real one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bot.demo.run import environment
from bot.demo.standin import StandIn

ROOT = Path(__file__).parents[1]
POLLING = """
    import os, signal, sys, urllib.request
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        url = f"{os.environ['SCREENER_API_URL']}/bot{os.environ['SCREENER_BOT_TOKEN']}/getUpdates?timeout=5"
        urllib.request.urlopen(url).read()
"""
DYING = """
    print("first line")
    raise SystemExit("there is no secret key")
"""


def demo(script: str, port: int | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(script)]
    code = f"from bot.demo.run import demo; raise SystemExit(demo({port!r}, True, {command!r}))"
    clean = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env={**clean, "LC_ALL": "C"}, stdout=subprocess.PIPE, text=True
    )


def test_it_says_where_it_is_and_stops_when_asked() -> None:
    with demo(POLLING) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("Starting")
        assert "http://127.0.0.1:" in running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0


def test_it_says_why_the_bot_died() -> None:
    with demo(DYING) as running:
        output, _ = running.communicate(timeout=20)
    assert running.returncode == 1
    assert "The bot stopped by itself (exit code 1). Its last lines:" in output
    assert "    there is no secret key" in output


def test_a_taken_port_is_said_and_nothing_is_started() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(POLLING, port) as running:
            output, _ = running.communicate(timeout=20)
    assert running.returncode == 2
    assert f"Port {port} is taken" in output


def test_no_setting_of_this_computer_reaches_the_bot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCREENER_DATABASE_URL", "a real database")
    with StandIn() as standin:
        given = environment(standin, tmp_path)
    named = {key for key in given if key.startswith("SCREENER_")}
    assert "SCREENER_DATABASE_URL" not in named
    assert given["SCREENER_SETTINGS"] == str(tmp_path / "screener.toml")
    assert given["SCREENER_API_URL"].startswith("http://127.0.0.1:")
    for place in ("MONTREAL", "PARIS", "ELSEWHERE"):
        for key in ("CHAT", "LANGUAGE", "CONTACT", "APPROVAL", "PRIVACY", "PRIVACY__FR", "PRIVACY__EN"):
            assert f"SCREENER_DESK__{place}__{key}" in named
