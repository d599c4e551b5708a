"""A PostgreSQL server of a test run's own, started from the binaries of this computer, with no port."""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import psycopg

from bot.store import Store
from bot.tables import metadata

# fsync guards against the death of the computer, which no test here plays.
SERVER = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses= -c max_connections=40"


class Postgres:
    """A PostgreSQL server of this test run's own. It refuses to run as root, so root runs it as nobody."""

    def __init__(self, binaries: Path, directory: Path) -> None:
        self._binaries, self._directory = binaries, directory
        self._numbers = itertools.count(1)
        self._nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self._nobody:
            os.chown(directory, self._nobody.pw_uid, self._nobody.pw_gid)

    def start(self) -> None:
        """Make a cluster and serve it on a socket in its directory."""
        self._run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
        self._run("pg_ctl", "-w", "-l", f"{self._directory}/log", "-o", f"{SERVER} -k {self._directory}", "start")

    def stop(self) -> None:
        """Stop at once: nothing of it is kept."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    @cached_property
    def _prepared(self) -> str:
        url = self.fresh()
        with ThreadPoolExecutor(1) as elsewhere:  # a loop may be running in this thread
            elsewhere.submit(asyncio.run, prepare(Store(url))).result()
        return url

    def emptied(self) -> str:
        """The address of the one database with all tables, and nothing in them."""
        url = self._prepared
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(";".join(f"DELETE FROM {table.name}" for table in metadata.sorted_tables).encode())
        return url

    def fresh(self) -> str:
        """The address of a new database without any table."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(host=f"{self._directory}", user="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self._directory}"

    def _run(self, program: str, *arguments: str) -> None:
        # A pipe would be held open by the server, so what is said goes to a file.
        with tempfile.TemporaryFile() as said:
            command = [str(self._binaries / program), "-D", f"{self._directory}/data", *arguments]
            done = subprocess.run(
                command,
                stdout=said,
                stderr=said,
                cwd=self._directory,
                check=False,
                user=self._nobody and self._nobody.pw_uid,
                group=self._nobody and self._nobody.pw_gid,
                extra_groups=[] if self._nobody else None,
            )
            said.seek(0)
            assert done.returncode == 0, f"{program} failed:\n{said.read().decode()}"


async def prepare(store: Store) -> None:
    await store.prepare()
    await store.close()


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs: on the PATH, or where Debian puts the newest."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
