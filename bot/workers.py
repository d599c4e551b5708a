"""Several processes behind one address: started together, started again when one dies, stopped together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import structlog

LOOKS_EVERY = 0.2
STEADY = 10.0  # seconds after which a worker counts as well started
LONGEST_PAUSE = 30.0
STOPS_WITHIN = 20.0

log = structlog.get_logger("workers")


@dataclass
class _Worker:
    command: list[str]
    shared: tuple[int, ...]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        # Its standard input ends when this process does, however that comes: then it stops too.
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, pass_fds=self.shared)  # noqa: S603
        self.started = time.monotonic()

    def look(self) -> None:
        """Start it again if it has ended: at once the first time, ever later when that does not last."""
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self.started
        if lived < self.pause:
            return
        log.error("a worker ended and is started again", code=self.process.returncode)
        self.pause = 0.0 if lived > STEADY else min(max(1.0, self.pause * 2), LONGEST_PAUSE)
        self.start()


@dataclass
class Workers:
    """`number` processes that serve together; `listener` is the socket they share, if they listen at all."""

    number: int
    listener: socket.socket | None
    _workers: list[_Worker] = field(default_factory=list)

    def run(self) -> None:
        """Keep all of them running until this process is told to stop."""
        stopping = threading.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: stopping.set())
        shared = (self.listener.fileno(),) if self.listener else ()
        for number in range(self.number):
            command = [sys.executable, "-m", "bot", "run", "--workers", str(self.number), "--worker", str(number)]
            command += [argument for fd in shared for argument in ("--socket", str(fd))]
            self._workers.append(_Worker(command, shared))
        for worker in self._workers:
            worker.start()
        while not stopping.wait(LOOKS_EVERY):
            for worker in self._workers:
                worker.look()
        self._stop()

    def _stop(self) -> None:
        processes = [worker.process for worker in self._workers if worker.process]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOPS_WITHIN
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
