"""`make fuzz`: coverage-guided runs of the reader and of Telegram's door; each line of what was found can be replayed.

In an environment of its own (.fuzz-venv), made once, which sees this one's libraries too. Ends with 1 where a
promise was broken. What it tried is kept in artifacts/fuzz/ and is where the next run begins.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import structlog

from dialogs.reading import lexicon
from tests.fuzz import door, reader

ROOT = Path(__file__).parents[2]
OUT = ROOT / "artifacts" / "fuzz"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SOME = 3  # each third line of the evaluation sets is enough to begin with
LONGEST = {"reader": 3000, "callback": 4096}  # bytes of one input


def main() -> int:
    """Runs what was asked for. Returns 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=["reader", "callback"], help="reader, callback, or both")
    parser.add_argument("--minutes", type=float, default=10, help="for each of them")
    parser.add_argument("--out", type=Path, default=OUT, help="where inputs and findings are kept")
    parser.add_argument("--venv", type=Path, default=ROOT / ".fuzz-venv", help="the environment with the fuzzer")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    python = _environment(given.venv)
    return max([_run(name, python, given.out, given.minutes) for name in given.targets])


def _environment(folder: Path) -> Path:
    """The interpreter of an environment that has the fuzzer, made once and again when what it needs has changed."""
    python, stamp = folder / "bin" / "python", folder / ".installed"
    if not stamp.exists() or stamp.read_text() != REQUIREMENTS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([*install, str(REQUIREMENTS)], check=True)
        [libraries] = folder.glob("lib/python*/site-packages")
        (libraries / "screener.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
        stamp.write_text(REQUIREMENTS.read_text())
    return python


def _run(name: str, python: Path, out: Path, minutes: float) -> int:
    """Fuzz one target, and look at what was found without instruments. Returns 1 where a promise was broken."""
    corpus = out / name
    corpus.mkdir(parents=True, exist_ok=True)
    _sow(corpus, (each.packed for each in list(reader.seeds())[::SOME]) if name == "reader" else door.seeds())
    with tempfile.TemporaryDirectory(prefix="screener-fuzz-") as folder:
        found, words = Path(folder, "found"), Path(folder, "words")
        found.touch()
        known = sorted(lexicon.vocabulary()) if name == "reader" else door.words()
        words.write_text("".join(f'"{_quoted(each)}"\n' for each in known))
        limits = [
            f"-max_total_time={minutes * 60:.0f}",
            f"-max_len={LONGEST[name]}",
            "-rss_limit_mb=2048",
            "-timeout=120",
        ]
        say = [f"-artifact_prefix={folder}/", "-print_final_stats=1", "-verbosity=1", f"-dict={words}"]
        command = [str(python), "-m", "tests.fuzz.coverage_guided", name, *limits, *say, str(corpus)]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "SCREENER_FUZZ_FOUND": str(found)}, check=False)
        kept = [path.read_bytes() for path in sorted(Path(folder).glob("*-*"))]  # what ended or held up the run
        broke = _judged(name, found, kept)
    for promise, data in broke.items():
        print(f"{name}: {promise}: {_shown(name, data)}")
    early = f", and the run ended early ({done.returncode})" if done.returncode else ""
    print(f"{name}: {len(broke)} broken promises, {len(list(corpus.iterdir()))} inputs kept{early}", flush=True)
    return int(bool(broke) or done.returncode != 0)


def _sow(corpus: Path, seeds: Iterable[bytes]) -> None:
    for number, seed in enumerate(seeds):
        (corpus / f"seed{number:05}").write_bytes(seed)


def _quoted(word: str) -> str:
    return "".join(f"\\x{each:02x}" for each in word.encode("utf-8"))


def _judged(name: str, found: Path, kept: list[bytes]) -> Mapping[str, bytes]:
    """An input for each promise that is broken without instruments too; time is measured only here."""
    lines = [json.loads(line) for line in found.read_text("utf-8").splitlines()]
    inputs = [(line["broke"], bytes.fromhex(line["input"])) for line in lines]
    broke = {promise: data for promise, data in inputs if promise != reader.SLOW}
    for data in [*(data for promise, data in inputs if promise == reader.SLOW), *kept]:
        again = reader.broken(reader.case(data)) if name == "reader" else door.broken(door.update(data))
        broke |= dict.fromkeys(again, data)
    return broke


def _shown(name: str, data: bytes) -> str:
    return repr(reader.case(data) if name == "reader" else door.update(data))


if __name__ == "__main__":
    sys.exit(main())
