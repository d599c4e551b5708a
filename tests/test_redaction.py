"""No line of the log holds a person, their words, or a secret: read in the program, looked for in what it writes."""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.logs import SAYS, only_what_it_says, set_up
from bot.settings import Settings
from tests.person import MET
from tests.world import World

ROOT = Path(__file__).parents[1]
METHODS = {"debug", "info", "warning", "error", "critical", "exception", "msg", "log"}
# What the value of a keyword may not be made of, wherever it comes from.
TELLING = {
    "text", "words", "answer", "answers", "chat", "chat_id", "token", "secret", "person", "name", "names", "address",
    "sender", "first_name", "username", "argument", "phone", "vault", "url", "password", "life", "result", "caption",
}  # fmt: skip
TOKEN, CHAT, WORDS, KEY = "123456:SentinelTokenThatNobodyMaySee00000", 5_987_654_321, "sentinelwords", "sentinelkey" * 4
SENTINELS = (TOKEN, TOKEN.partition(":")[2], str(CHAT), WORDS, KEY)
LIBRARIES = (
    "telegram", "telegram.ext", "telegram.Bot", "telegram.request", "aiohttp.access", "aiohttp.client",
    "aiohttp.server", "sqlalchemy.engine.Engine", "sqlalchemy.pool", "aiosqlite", "apprise", "asyncio", "uvicorn",
    "uvicorn.access", "uvicorn.error", "alembic.runtime.migration", "psycopg", "urllib3", "requests", "py.warnings",
    "transitions.core", "concurrent.futures", "anything.else",
)  # fmt: skip


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger in the program, with where it is."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        loggers = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and "get_logger(" in ast.unparse(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                logs = ast.unparse(node.func.value).split(".")[0].split("(")[0] in loggers
                yield from [(f"{path.relative_to(ROOT)}:{node.lineno}", node)] if logs else []


CALLS = dict(calls())


def test_the_calls_are_found() -> None:
    assert len(CALLS) > 30
    assert {where.partition(":")[0] for where in CALLS} >= {"bot/service.py", "bot/cards.py", "bot/delivery.py"}


@pytest.mark.parametrize("where", CALLS)
def test_a_line_says_one_fixed_thing_and_only_what_is_known_to_be_harmless(where: str) -> None:
    call = CALLS[where]
    assert [type(each) for each in call.args] == [ast.Constant], "the event is a text that never changes"
    assert {keyword.arg for keyword in call.keywords} <= SAYS
    used = {
        part
        for keyword in call.keywords
        for node in ast.walk(keyword.value)
        for part in (
            [node.id] if isinstance(node, ast.Name) else [node.attr] if isinstance(node, ast.Attribute) else []
        )
    }
    assert not used & TELLING


def test_nobody_logs_but_through_structlog_and_nobody_prints() -> None:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if "demo" in path.parts or path.name == "logs.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                logs = name.startswith("logging.") and name.rpartition(".")[2] in METHODS
                assert name != "print", f"{path}:{node.lineno}"
                assert not logs, f"{path}:{node.lineno}"


# ----------------------------------------------------------------------------------------- what is written


@pytest.fixture
def restored() -> Iterator[None]:
    """The test run's own logging, afterwards."""
    root, hooks = logging.getLogger(), (sys.excepthook, sys.unraisablehook)
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    sys.excepthook, sys.unraisablehook = hooks
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_no_library_says_anything_at_any_level(
    library: str, form: Any, restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(form)
    logger = logging.getLogger(library)
    before, logger.propagate = logger.level, True  # a stand-in that ran before in this process has silenced its own
    logger.setLevel(logging.DEBUG)
    try:
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
            logger.log(level, "POST https://api/bot%s/sendMessage chat_id=%d %s", TOKEN, CHAT, WORDS)
        try:
            raise ValueError(f"{TOKEN} {CHAT} {WORDS}") from OSError(KEY)
        except ValueError:
            logger.exception("in %s", WORDS, extra={"chat": CHAT})
    finally:
        logger.setLevel(before)
    written = "".join(capsys.readouterr())
    assert f"ERROR {library} ValueError" in written
    assert not [each for each in SENTINELS if each in written]


@pytest.mark.parametrize("form", ["console", "json"])
def test_our_own_lines_lose_what_they_may_not_say(
    form: Any, restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(form)
    log = structlog.get_logger("a test")
    log.warning(f"to {CHAT}", text=WORDS, chat=CHAT, reason=f"/bot{TOKEN}/send to -100{CHAT} {TOKEN}", number=CHAT)
    log.warning("a card waits", code="K7M-4P2-XW9", seconds=2.5, place="paris", number=120, kinds=["message"])
    written = "".join(capsys.readouterr())
    assert not [each for each in SENTINELS if each in written]
    assert all(each in written for each in ("K7M-4P2-XW9", "2.5", "paris", "120", "message"))


def test_what_is_hidden_leaves_the_rest_as_it_was() -> None:
    said = only_what_it_says(None, "", {"event": "e", "at": "127.0.0.1:8443", "timestamp": "2026-01-01T00:00:00Z"})
    assert said == {"event": "e", "at": "127.0.0.1:8443", "timestamp": "2026-01-01T00:00:00Z"}


CRASH = f"""
import asyncio, sys, threading, warnings
from bot.logs import set_up
set_up(sys.argv[1])
class Odd:
    def __del__(self): raise ValueError({WORDS!r})
async def forgotten(): raise ValueError({TOKEN!r})
async def main():
    task = asyncio.ensure_future(forgotten())
    await asyncio.sleep(0.01)
    del task
    asyncio.get_running_loop().call_exception_handler({{"message": {WORDS!r}, "exception": OSError({KEY!r})}})
Odd()
warnings.warn({WORDS!r})
thread = threading.Thread(target=lambda: int({WORDS!r})); thread.start(); thread.join()
asyncio.run(main())
def crash(token):
    try:
        int({WORDS!r})
    except ValueError as error:
        raise KeyError(token, {CHAT}) from error
crash({TOKEN!r})
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_crash_says_where_it_was_and_not_with_what(form: str, tmp_path: Path) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASH, "utf-8")
    done = subprocess.run([sys.executable, str(script), form], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    written = done.stdout + done.stderr
    assert "crash.py:" in written
    assert written.rstrip().endswith("KeyError")
    assert "ERROR asyncio ValueError" in written
    assert not [each for each in SENTINELS if each in written]


LOUDEST = """
import logging
def loud(self, level):
    self.level = logging.DEBUG
logging.Logger.setLevel = loud
logging.Logger.isEnabledFor = lambda self, level: True
logging.Logger.getEffectiveLevel = lambda self: logging.DEBUG
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["console", "json"])
def test_the_whole_program_at_its_loudest_names_nobody(form: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(LOUDEST, "utf-8")
    folder = tmp_path / "world"
    folder.mkdir()
    settings = {"SCREENER_LOG": form, "PYTHONPATH": str(tmp_path), "PYTHONASYNCIODEBUG": "1"}
    with World(folder, **settings) as world:
        person = world.person("fr", name="Sentinelle").starts().walks_to("diagnosis")
        person.types(WORDS)
        world.standin.refuses(429, "editMessageText")
        person.chooses("diagnosis", "yes")
        world.standin.heals()
        person.at("transplant")
        world.standin.drops("editMessageText", times=1)
        person.chooses("transplant", MET["transplant"])
        world.standin.heals()
        world.handled_all()
        secret = {
            WORDS, "Sentinelle", str(person.phone.chat_id), str(world.group().chat_id), world.standin.token,
            world.standin.token.partition(":")[2], world.environment["SCREENER_SECRET_KEY"],
        }  # fmt: skip
        world.stop()
        written = world.log
        world.start()
    assert "DEBUG" in written, "it was as loud as it can be"
    assert any(f"{name}" in written for name in ("DEBUG telegram", "DEBUG asyncio", "DEBUG aiosqlite"))
    assert not [each for each in secret if each in written]


def test_settings_show_no_secret_however_they_are_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "SCREENER_BOT_TOKEN": TOKEN,
        "SCREENER_SECRET_KEY": KEY,
        "SCREENER_OLD_KEYS": json.dumps([KEY + "!"]),
        "SCREENER_DATABASE_URL": f"postgresql://screener:{WORDS}@db/screener",
        "SCREENER_DESK__PARIS__NOTIFY": json.dumps([f"mailtos://user:{WORDS}@example.org"]),
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.vault), f"{settings.desk}"):
        assert not [each for each in SENTINELS if each in shown]
