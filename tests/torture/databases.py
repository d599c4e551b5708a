"""The two kinds of database a campaign serves from, and what can be done to them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.cluster import Postgres, binaries
from tests.torture.plan import TroubleKind

SIZE = 48 << 20
# Other than in the other tests, what is committed must survive the death of the server.
DURABLE = "-c fsync=off -c full_page_writes=off -c listen_addresses= -c max_connections=60"


class Database(Protocol):
    """Something that keeps, can be made to fail, and can be read past the program."""

    settings: dict[str, str]

    def begins(self, trouble: TroubleKind) -> None:
        """Let this happen to it."""

    def ends(self, trouble: TroubleKind) -> None:
        """It is over."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def on_disk(self) -> bytes | None:
        """Every byte it keeps, where that can be read."""


class Disk:
    """An SQLite file on a disk of its own where we may make one; elsewhere a file that may not grow."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "disk"
        self.directory.mkdir(mode=0o700)
        self._flag = directory / "full"
        self.settings = {"SCREENER_DATA_DIR": str(self.directory), "TORTURE_FULL": str(self._flag)}

    @cached_property
    def own(self) -> bool:
        """Whether it is a disk of its own."""
        mount = shutil.which("mount")
        if mount is None or os.geteuid() != 0:
            return False
        command = [mount, "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(self.directory)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def begins(self, trouble: TroubleKind) -> None:
        """Fill it to the last byte."""
        if not self.own:
            self._flag.touch()
            return
        with suppress(OSError), (self.directory / "ballast").open("ab", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))

    def ends(self, trouble: TroubleKind) -> None:
        """Free it."""
        (self.directory / "ballast").unlink(missing_ok=True)
        self._flag.unlink(missing_ok=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.directory / 'screener.db'}?mode=ro", uri=True)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def on_disk(self) -> bytes | None:
        return b"".join(path.read_bytes() for path in sorted(self.directory.iterdir()) if path.is_file())

    def close(self) -> None:
        """Let go of it."""
        if self.own and (umount := shutil.which("umount")):
            subprocess.run([umount, str(self.directory)], check=True)


class Cluster(Postgres):
    """A PostgreSQL server that can be cut off."""

    def __init__(self, binaries: Path, directory: Path) -> None:
        super().__init__(binaries, directory)
        self.settings: dict[str, str] = {}
        self._url = ""

    def start(self) -> None:
        """Make a cluster with one database, and serve it."""
        self._run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
        self._serve()
        self._url = self.fresh()
        self.settings = {"SCREENER_DATABASE_URL": self._url}

    def begins(self, trouble: TroubleKind) -> None:
        """Stop it at once, or end all connections."""
        if trouble == "server stopped":
            self._run("pg_ctl", "-m", "immediate", "stop")
            return
        with psycopg.connect(self._address, autocommit=True) as connection:
            others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
            connection.execute(f"{others} and backend_type = 'client backend'".encode())

    def ends(self, trouble: TroubleKind) -> None:
        """Serve again."""
        if trouble == "server stopped":
            self._serve()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._address) as connection:
            return connection.execute(statement.encode()).fetchall()

    def on_disk(self) -> bytes | None:
        return None

    @property
    def _address(self) -> str:
        return self._url.replace("+psycopg", "")

    def _serve(self) -> None:
        options = f"{DURABLE} -k {self._directory}"
        self._run("pg_ctl", "-w", "-l", f"{self._directory}/log", "-o", options, "start")


class NoPostgresError(Exception):
    """There are no programs of PostgreSQL on this computer."""


@contextmanager
def database(directory: Path, postgres: bool) -> Iterator[Database]:
    """A database in this directory, gone when the block ends. Raises NoPostgresError."""
    if not postgres:
        disk = Disk(directory)
        try:
            assert disk.own in {True, False}
            yield disk
        finally:
            disk.close()
        return
    programs = binaries()
    if programs is None:
        raise NoPostgresError
    (directory / "pg").mkdir()
    directory.chmod(0o755)
    cluster = Cluster(programs, directory / "pg")
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
