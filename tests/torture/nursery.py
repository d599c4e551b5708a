"""Where the processes of a campaign come from: one program, read once, that bears them and says how they ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


class Nursery:
    """Bears processes of the trapped program."""

    def __init__(self, directory: Path) -> None:
        self._log = (directory / "nursery.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.victim"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        assert self._process.stdout, "it says how they ended"
        assert self._process.stdin, "it hears whom to bear"
        self._says, self._hears = self._process.stdout.fileno(), self._process.stdin.fileno()
        os.set_blocking(self._says, False)
        self._half = b""
        self._born: list[int] = []
        self._ended: dict[int, int] = {}

    def bears(self, environment: Mapping[str, str], directory: Path, log: Path) -> Child:
        """A new process, with this environment and nothing else of ours."""
        order = {"environment": dict(environment), "directory": str(directory), "log": str(log)}
        os.write(self._hears, f"{json.dumps(order)}\n".encode())
        deadline = time.monotonic() + PATIENCE
        while not self._born:
            assert time.monotonic() < deadline, "the nursery bears nobody"
            self._listen()
            time.sleep(0.002)
        return Child(self, self._born.pop(0))

    def ended(self, pid: int) -> int | None:
        """The exit code of a process that has ended; None while it lives."""
        self._listen()
        return self._ended.get(pid)

    def close(self) -> None:
        """End it, and with it whatever it bore."""
        self._process.kill()
        self._process.wait()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        try:
            said = os.read(self._says, 65536)
        except BlockingIOError:
            return
        *whole, self._half = (self._half + said).split(b"\n")
        for line in map(json.loads, whole):
            if "born" in line:
                self._born.append(line["born"])
            else:
                self._ended[line["ended"]] = line["code"]


class Child:
    """One process of the program."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery, self.pid = nursery, pid

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        return self._nursery.ended(self.pid)

    def send(self, sign: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while self.poll() is None:
            assert time.monotonic() < deadline, "it does not die"
            time.sleep(0.002)
