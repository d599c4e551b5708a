"""The whole demonstration: the stand-in, the page, and the real bot as a process of its own."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.demo.invitations import inviter
from bot.demo.setting import setting
from bot.demo.standin import StandIn

BOT = (sys.executable, "-m", "bot", "run")
INVITE = (sys.executable, "-m", "bot", "desk", "invite")
REHEARSE = (sys.executable, "-m", "bot", "rehearse")
PHONES = ("fr", "en")
STARTS_WITHIN = 60.0
STOPS_WITHIN = 10.0
LOOKS_EVERY = 0.05
LAST_LINES = 25


def demo(port: int | None, open_browser: bool, command: Sequence[str] = BOT) -> int:
    """Runs the demonstration until Ctrl-C or SIGTERM, and returns the exit code.

    0 after a stop on request, 1 where the bot died or never asked for updates, 2 where the port is taken. All
    data lives in a temporary directory and is gone afterwards. `command` starts the bot.
    """
    standin = StandIn(token=f"1000001:{secrets.token_urlsafe(24)}", port=port or 0)
    try:
        standin.server.start()
    except OSError:
        _say("taken", port=port)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="screener-demo-") as directory, _stop_signals() as stopped:
            return _run(standin, Path(directory), stopped, open_browser, command)
    finally:
        standin.server.stop()


def environment(standin: StandIn, directory: Path) -> dict[str, str]:
    """The environment of the bot: the demonstration's settings, and none of this computer's own SCREENER_*."""
    # A real token in the operator's shell must never reach a demonstration.
    own = {key: value for key, value in os.environ.items() if not key.startswith("SCREENER_")}
    root = str(Path(__file__).parents[2])
    own["PYTHONPATH"] = os.pathsep.join(filter(None, (root, own.get("PYTHONPATH"))))
    own["SCREENER_BOT_TOKEN"] = standin.token
    own["SCREENER_API_URL"] = standin.url
    own["SCREENER_DATA_DIR"] = str(directory)
    # There is no such file; without this, a screener.toml of a real deployment would be read.
    own["SCREENER_SETTINGS"] = str(directory / "screener.toml")
    own["SCREENER_SECRET_KEY"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    own["SCREENER_SENDS_PER_SECOND"] = "0"  # the stand-in needs no sparing
    for place, values in setting().desk.items():
        own[f"SCREENER_DESK__{place.upper()}__CHAT"] = str(standin.group(place).chat_id)
        own.update({f"SCREENER_DESK__{place.upper()}__{key}": value for key, value in values.items()})
    return own


def _run(
    standin: StandIn, directory: Path, stopped: threading.Event, open_browser: bool, command: Sequence[str]
) -> int:
    _say("starting")
    for language in PHONES:
        standin.participant(language=language)
    given, log = environment(standin, directory), directory / "bot.log"
    standin.telegram.inviter = inviter(INVITE, given, directory)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # the command is this package's own
            list(command),
            env=given,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches a whole group of processes; the bot is to be stopped once, and after us.
            start_new_session=True,
        )
    threading.Thread(target=_tell_end, args=(process, stopped), daemon=True).start()
    rehearsal = threading.Thread(target=_rehearse, args=(standin, stopped, given, directory), daemon=True)
    rehearsal.start()
    try:
        return _serve(standin, process, stopped, open_browser, log)
    finally:
        rehearsal.join(STARTS_WITHIN)
        _end(process)


def _rehearse(standin: StandIn, stopped: threading.Event, given: dict[str, str], directory: Path) -> None:
    """Give the desks invented numbers of some weeks, once the bot is there; without them `/stats` says why."""
    if _polls(standin, stopped):
        with (directory / "rehearsal.log").open("wb") as output:
            subprocess.run(  # noqa: S603  # the command is this package's own
                REHEARSE, env=given, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
            )


def _serve(
    standin: StandIn, process: subprocess.Popen[bytes], stopped: threading.Event, open_browser: bool, log: Path
) -> int:
    if _polls(standin, stopped):
        _say("ready", url=standin.url)
        if open_browser and _display_is_plausible():
            _open(standin.url)
        stopped.wait()
    elif not stopped.is_set():
        _say("late", seconds=int(STARTS_WITHIN))
        _tell_last_lines(log)
        return 1
    code = process.poll()
    if code is None:
        _say("stopping")
        return 0
    _say("died", code=code)
    _tell_last_lines(log)
    return 1


def _polls(standin: StandIn, stopped: threading.Event) -> bool:
    """Whether the bot has asked for updates; gives up when it stops, or after a while."""
    deadline = time.monotonic() + STARTS_WITHIN
    while not standin.telegram.queue.polls:
        if stopped.wait(LOOKS_EVERY) or time.monotonic() > deadline:
            return False
    return True


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    stopped = threading.Event()
    wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in wanted}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_end(process: subprocess.Popen[bytes], stopped: threading.Event) -> None:
    process.wait()
    stopped.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _open(url: str) -> None:
    try:
        webbrowser.open(url)
    except webbrowser.Error:
        return  # the address was printed; a missing browser is no failure


def _display_is_plausible() -> bool:
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or bool(named)


def _tell_last_lines(log: Path) -> None:
    lines = log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
    for line in lines:
        print(f"    {line}", flush=True)
    if not lines:
        _say("silent")


def _say(key: str, **values: object) -> None:
    language = next(filter(None, (os.environ.get(one) for one in ("LC_ALL", "LC_MESSAGES", "LANG"))), "en")
    words = setting().console["fr" if language.startswith("fr") else "en"]
    print(words[key].format(**values), flush=True)
