"""The processes of the benchmark: each on its own core, all stopped at the end, whatever happens."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.screener import ROOT

CORES = sorted(os.sched_getaffinity(0))
BOT_CORE, OTHER_CORE = CORES[0], CORES[-1]
DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")  # even when this process is killed without a word
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def running(
    command: Sequence[str], cores: Sequence[int], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """This command on these cores, killed when the block ends. What it says goes to `log`."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            [*DIES_WITH_US, "taskset", "-c", ",".join(map(str, cores)), *command],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if "tests.bench.server" in command else said,
            stderr=said,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


class Api:
    """A running stand-in for the Bot API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def reset(self) -> None:
        """Count anew."""
        self._asked("reset")

    def report(self) -> dict[str, Any]:
        """What was seen since."""
        return self._asked("report")

    def polled(self, seconds: float) -> float:
        """When the bot first asked for updates, as time of day. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if at := self.report()["polled"]:
                return float(at)
            time.sleep(0.05)
        raise TimeoutError("the bot does not ask for updates")

    def _asked(self, order: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/control/{order}", timeout=20) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found


@contextmanager
def api(log: Path, **options: object) -> Iterator[Api]:
    """The Bot API with its crowd; `options` are those of `tests.bench.server`."""
    given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    with running([sys.executable, "-m", "tests.bench.server", *given], [OTHER_CORE], log) as process:
        assert process.stdout is not None, "it was not asked for"
        port = process.stdout.readline()
        if not port.strip():
            raise RuntimeError(f"the stand-in did not start, see {log}")
        yield Api(int(port))


def used(pid: int) -> float:
    """Seconds of processor time this process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> int:
    """Bytes of memory this process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A port of loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis(log: Path) -> Iterator[str | None]:
    """The address of a Redis of our own that writes nothing to disk; None where there is none here."""
    if not (program := shutil.which("redis-server")):
        yield None
        return
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running(command, [OTHER_CORE], log):
        yield f"redis://127.0.0.1:{port}/0"


class Postgres:
    """A PostgreSQL of our own, as durable as it comes, on a socket; root runs it as nobody."""

    def __init__(self, binaries: Path, directory: Path) -> None:
        self._binaries, self._directory = binaries, directory
        self._made = 0

    def fresh(self) -> str:
        """The address of a new database without any table."""
        self._made += 1
        self._run("psql", "-qU", "postgres", "-h", str(self._directory), "-c", f"create database bench{self._made}")
        return f"postgresql://postgres@/bench{self._made}?host={self._directory}"

    def start(self) -> None:
        """Make a cluster and serve it."""
        data = f"{self._directory}/data"
        settings = f"-c listen_addresses= -c max_connections=60 -k {self._directory}"
        self._run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8")
        self._run("pg_ctl", "-D", data, "-w", "-l", f"{self._directory}/log", "-o", settings, "start")

    def stop(self) -> None:
        """Stop at once: nothing of it is kept."""
        self._run("pg_ctl", "-D", f"{self._directory}/data", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        with (self._directory / "said").open("ab") as said:
            subprocess.run(
                ["taskset", "-c", str(OTHER_CORE), str(self._binaries / program), *arguments],
                stdout=said,
                stderr=said,
                cwd=self._directory,
                check=True,
                timeout=60,
                user=nobody and nobody.pw_uid,
                group=nobody and nobody.pw_gid,
                extra_groups=[] if nobody else None,
            )


@contextmanager
def postgres(directory: Path) -> Iterator[Postgres | None]:
    """A PostgreSQL of our own in this folder; None where there is none here."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
    if found := shutil.which("initdb"):
        binaries = Path(found).resolve().parent
    if binaries is None:
        yield None
        return
    directory.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(directory, pwd.getpwnam("nobody").pw_uid, -1)
    server = Postgres(binaries, directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()
