"""An installation for the doctor to look at, and the mistakes an operator can make in it.

(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.demo.run import environment
from bot.demo.standin import StandIn
from bot.doctor import Finding, examine
from bot.messages import ChatId
from bot.records import Binding
from bot.store import Store
from bot.texts import Catalogs
from bot.texts.catalogs import Problem
from bot.vault import Vault, read_secret
from tests.dialogs_world import PLAN
from tests.postgres import CATALOGS

ROOT = Path(__file__).parents[1]
OTHER_KEY = "aSecretKeyThatIsLongEnoughToSealWhatPeopleSay"


@dataclass
class Installation:
    """A screener that is set up and has run, and a Telegram it can ask."""

    standin: StandIn
    folder: Path
    given: dict[str, str]
    catalogs: Catalogs = CATALOGS
    ahead: timedelta = timedelta()
    found: list[Finding] = field(default_factory=list)

    async def codes(self) -> set[str]:
        """What the doctor finds."""
        here = {key: value for key, value in os.environ.items() if not key.startswith("SCREENER_")}
        with pytest.MonkeyPatch.context() as patch:
            for key in os.environ.keys() - here.keys():
                patch.delenv(key)
            for key, value in self.given.items():
                patch.setenv(key, value)
            patch.chdir(self.folder)
            now = datetime.now(UTC) + self.ahead
            self.found = await examine({**here, **self.given}, PLAN, self.catalogs, now)
        return {each.code for each in self.found}

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def vault(self) -> Vault:
        """The vault of the settings."""
        return Vault(read_secret(self.given["SCREENER_SECRET_KEY"]))

    def store(self) -> Store:
        """Its database."""
        return Store(f"sqlite+aiosqlite:///{self.data / 'screener.db'}", self.vault)

    def sql(self, statement: str) -> None:
        """Do something to its database behind its back."""
        connection = sqlite3.connect(self.data / "screener.db")
        connection.execute(statement)
        connection.commit()
        connection.close()

    async def binds(self, place: str, chat: int, vault: Vault | None = None) -> None:
        """A chat joins a desk by a code."""
        vault, store = vault or self.vault, self.store()
        key = vault.key(ChatId(chat))
        async with store.begin() as transaction:
            binding = Binding(key, place, vault.seal_chat(ChatId(chat), key), "coordinator", False, 1)
            await transaction.desk.bind(binding)
        await store.close()


@pytest.fixture(scope="module")
def telegram() -> Iterator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture
async def installation(telegram: StandIn, tmp_path: Path) -> Installation:
    """Healthy."""
    telegram.heals()
    telegram.telegram.profile.webhook = {}
    before = os.umask(0o077)
    given = {k: v for k, v in environment(telegram, tmp_path / "data").items() if k.startswith("SCREENER_")}
    made = Installation(telegram, tmp_path, given)
    (tmp_path / "data").mkdir(mode=0o700)
    store = made.store()
    await store.prepare()
    await store.close()
    for place in ("montreal", "paris", "elsewhere"):
        await made.binds(place, telegram.group(place).chat_id)
    os.umask(before)
    return made


Spoil = Callable[[Installation], None]


def _set(**values: str) -> Spoil:
    return lambda one: one.given.update({f"SCREENER_{name}": value for name, value in values.items()})


def _without(*names: str) -> Spoil:
    """Take away all variables that begin so."""

    def spoil(one: Installation) -> None:
        gone = [given for given in one.given if given.upper().startswith(tuple(f"SCREENER_{name}" for name in names))]
        assert gone
        for name in gone:
            one.given.pop(name)

    return spoil


def _mode(name: str, mode: int) -> Spoil:
    return lambda one: (one.folder / name).chmod(mode)


def _webhook(one: Installation) -> None:
    one.standin.telegram.profile.webhook = {"url": "https://example.org/hook"}


def _webhook_of_another(one: Installation) -> None:
    _webhook(one)
    one.given["SCREENER_WEBHOOK_URL"] = "https://ours.example.org/hook"


def _long(one: Installation) -> None:
    _without("DESK__PARIS__PRIVACY")(one)
    one.given["SCREENER_DESK__PARIS__PRIVACY"] = "long " * 1000


def _file(one: Installation) -> None:
    path = one.folder / "screener.toml"
    path.write_text(f'secret_key = "{OTHER_KEY}"\nremindr_hours = 3\n', "utf-8")
    path.chmod(0o644)
    one.given["SCREENER_SETTINGS"] = str(path)


def _key_file(one: Installation) -> None:
    path = one.folder / "key"
    path.write_text(one.given.pop("SCREENER_SECRET_KEY"), "utf-8")
    path.chmod(0o640)
    one.given["SCREENER_SECRET_KEY_FILE"] = str(path)


def _no_database(one: Installation) -> None:
    for path in one.data.glob("screener.db*"):
        path.unlink()


def _broken(one: Installation) -> None:
    one.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = one.data / "screener.db"
    whole = bytearray(path.read_bytes())
    whole[4096 : 3 * 4096] = os.urandom(2 * 4096)
    path.write_bytes(whole)


def _ahead(one: Installation) -> None:
    one.ahead = timedelta(minutes=5)


def _locale(one: Installation) -> None:
    texts = {name: each for name, each in CATALOGS.texts.items() if name != "fr_CA"}
    one.catalogs = Catalogs(texts, (Problem("fr_CA", "age.ask", "is not translated"),))


def _letter(due: int, tries: int) -> Spoil:
    return lambda one: one.sql(
        "INSERT INTO letters (channel, place, body, due, expires, tries, failure) "
        f"VALUES ('mailtos-1', 'paris', x'00', {due}, 4000000000, {tries}, 'refused')"
    )


MISTAKES: dict[str, tuple[Spoil, set[str]]] = {
    "a token that is none": (_set(BOT_TOKEN="nonsense"), {"setting_wrong"}),
    "no token": (_without("BOT_TOKEN"), {"setting_wrong"}),
    "the token of no bot": (_set(BOT_TOKEN="999:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), {"token_refused"}),
    "a key too short": (_set(SECRET_KEY="secret"), {"key_weak"}),
    "an old key too short": (_set(OLD_KEYS='["secret"]'), {"key_weak"}),
    "a key file that others may read": (_key_file, {"key_file"}),
    "another key": (_set(SECRET_KEY=OTHER_KEY), {"key_wrong"}),
    "an old key nothing needs": (_set(OLD_KEYS=f'["{OTHER_KEY}"]'), {"keys_unneeded"}),
    "a name mistyped": (_set(REMINDR_HOURS="5"), {"variable_unknown"}),
    "one underscore too few": (_set(DESK_PARIS__CHAT="-5"), {"variable_unknown"}),
    "a settings file with a key that others may read": (_file, {"settings_open", "variable_unknown"}),
    "a data folder that others may enter": (_mode("data", 0o755), {"data_open"}),
    "a database that others may read": (_mode("data/screener.db", 0o644), {"data_open"}),
    "no database yet": (_no_database, {"database_new"}),
    "a database server that is not there": (
        _set(DATABASE_URL="postgresql://nobody@/none?host=/nowhere"),
        {"database_unreachable"},
    ),
    "a damaged database": (_broken, {"database_damaged"}),
    "the tables of a later release": (
        lambda one: one.sql("UPDATE alembic_version SET version_num = '9999'"),
        {"schema_new"},
    ),
    "the tables of an earlier release": (
        lambda one: one.sql("UPDATE alembic_version SET version_num = '0001'"),
        {"schema_old"},
    ),
    "quiet hours nobody can read": (_set(DESK__PARIS__QUIET="at night"), {"setting_wrong"}),
    "an address of no kind": (_set(DESK__PARIS__NOTIFY='["pigeon://loft"]'), {"notify_unreadable"}),
    "a place without its approval": (_without("DESK__PARIS__APPROVAL"), {"place_texts"}),
    "a place without a privacy text": (_without("DESK__PARIS__PRIVACY"), {"place_texts"}),
    "a text longer than a message": (_long, {"place_long"}),
    "a closed locale": (_locale, {"locale_closed"}),
    "letters nobody sends": (_letter(due=1000, tries=0), {"letters_waiting"}),
    "letters nobody takes": (_letter(due=4_000_000_000, tries=9), {"letters_waiting"}),
    "a webhook while polling": (_webhook, {"webhook_set"}),
    "a webhook of somebody else": (
        _webhook_of_another,
        {"webhook_other"},
    ),
    "a clock that is off": (_ahead, {"clock_off"}),
    "an address of no server": (_set(API_URL="http://127.0.0.1:9"), {"api_unreachable"}),
    "an address that others can listen in on": (
        _set(API_URL="http://0.0.0.0:9"),
        {"api_unreachable", "api_in_the_clear"},
    ),
}
