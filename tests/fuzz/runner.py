# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Runs targets on mutated inputs, and says what broke.

    python tests/fuzz/runner.py --seconds 3600
    python tests/fuzz/runner.py --replay page .fuzz/page-0123456789ab

An input is known by seed, target and number, however long the run and whatever came before.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import logging
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".fuzz"
if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests" / "support")]

import click  # noqa: E402
from targets import TARGETS, Target  # noqa: E402

from ocrd_rapid.errors import OcrdRapidError  # noqa: E402

#: Bounds of one input: seconds, and bytes above what the process has.
SECONDS, MEMORY = 30, 4 << 30


class TooSlow(BaseException):
    """An input took too long."""


@dataclass(frozen=True)
class Fault:
    """An input that broke a target, and how."""

    target: str
    data: bytes
    trace: str

    @property
    def kind(self) -> str:
        """What is alike for faults of one cause: where it came from, and the exception."""
        lines = [line.strip() for line in self.trace.strip().splitlines()]
        places = [line for line in lines if line.startswith("File ") and "ocrd_rapid" in line]
        return f"{self.target}: {lines[-1].split(':')[0]} at {places[-1] if places else '?'}"

    def save(self, folder: Path = FOLDER) -> Path:
        """Write the input where it can be replayed from."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.target}-{hashlib.sha256(self.data).hexdigest()[:12]}"
        path.write_bytes(self.data)
        return path


def made(name: str, target: Target, seed: int, number: int) -> bytes:
    """Return an input; the first ones are the sound ones."""
    seeds = target.seeds()
    if number < len(seeds):
        return seeds[number]
    random = Random(f"{seed} {name} {number}")
    return target.mutate(random, random.choice(seeds))


def attempt(name: str, target: Target, data: bytes, folder: Path) -> Fault | None:
    """Run a target on an input; return what is wrong, if anything is."""
    try:
        with _alarm():
            target.run(data, folder)
    except (OcrdRapidError, click.ClickException):
        return None  # an error that names what is wrong
    except (Exception, TooSlow):
        return Fault(name, data, traceback.format_exc())
    return None


def faults(
    name: str, seed: int, numbers: Iterator[int] | range, seconds: float = float("inf")
) -> Iterator[Fault]:
    """Run a target on inputs of these numbers; yield what is wrong."""
    target, began = TARGETS[name], time.monotonic()
    with tempfile.TemporaryDirectory() as folder, bounded(), quiet():
        for number in numbers:
            if time.monotonic() - began > seconds:
                return
            fault = attempt(name, target, made(name, target, seed, number), Path(folder))
            if fault is not None:
                yield fault


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    def stop(signum: int, frame: object) -> None:
        raise TooSlow(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Let what asks for absurd amounts of memory fail."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:  # not Linux
        yield
        return
    limit = pages * resource.getpagesize() + MEMORY
    if before[0] != resource.RLIM_INFINITY:
        limit = min(limit, before[0])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings and logs of broken inputs to ourselves."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def main() -> int:
    """Run the targets in turn for a time, or one on a saved input."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60, help="how long, all targets together")
    parser.add_argument("--seed", type=int, help="the time of day, if it is not given")
    parser.add_argument("--target", choices=TARGETS, action="append", help="only this one")
    parser.add_argument("--replay", nargs=2, metavar=("TARGET", "FILE"), help="a saved input")
    options = parser.parse_args()
    if options.replay:
        name, file = options.replay
        with tempfile.TemporaryDirectory() as folder, bounded(), quiet():
            fault = attempt(name, TARGETS[name], Path(file).read_bytes(), Path(folder))
        print(fault.trace if fault else "no fault")
        return int(fault is not None)
    seed = int(time.time()) if options.seed is None else options.seed
    names = options.target or list(TARGETS)
    seen: dict[str, int] = {}
    for name in names:
        print(f"{name} (seed {seed})", flush=True)
        for fault in faults(name, seed, count(), options.seconds / len(names)):
            seen[fault.kind] = seen.get(fault.kind, 0) + 1
            if seen[fault.kind] == 1:
                print(
                    f"{fault.trace}\n  python tests/fuzz/runner.py --replay {name} {fault.save()}"
                )
                sys.stdout.flush()
    for kind, times in seen.items():
        print(f"{times:6} x {kind}")
    print(f"{len(seen)} kinds of faults")
    return int(bool(seen))


if __name__ == "__main__":
    sys.exit(main())
