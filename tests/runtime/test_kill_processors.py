# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""All processors and whole workflows, killed at any moment and resumed.

In the end every file and the METS are those of an undisturbed run, byte for byte, but for the
times at which pages were made. ``OCRD_RAPID_TEST_KILLS`` gives each case more kills.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from children import start
from fake_mets_server import FakeMetsServer, serving
from painted_pages import letter_page, turned
from toys import result

from ocrd_rapid.runtime.run_records import PATH
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

SCRIPT = Path(__file__).with_name("processors_in_child.py")
SEED = 20261
KILLS = int(os.environ.get("OCRD_RAPID_TEST_KILLS", "5"))

GROUPS = {
    "ocrd-rapid-preprocess": ("IMG", "PRE"),
    "ocrd-rapid-detect": ("PRE", "SEG"),
    "ocrd-rapid-classify": ("SEG", "ORI"),
    "ocrd-rapid-recognize": ("ORI", "OCR"),
    "ocrd-rapid-export": ("OCR", "FULL"),
}
#: What a processor needs besides its groups.
PARAMETERS = {"ocrd-rapid-export": '{"formats": ["txt", "json"]}'}
#: One file of all pages, at the end of the workflow.
WORK = """ocrd-rapid-export -I OCR -O DOWN -p '{"formats": ["txt"], "per_work": true}'"""


def task(name: str) -> str:
    given, made = GROUPS[name]
    more = f" -p '{PARAMETERS[name]}'" if name in PARAMETERS else ""
    return f"{name} -I {given} -O {made}{more}"


TASKS = [*map(task, GROUPS), WORK]
WORKFLOW = ("ocrd-rapid", "process", *TASKS)


def command(name: str) -> tuple[str, ...]:
    """Return the command line of a processor, or of the workflow of all."""
    return tuple(shlex.split(task(name))) if name in GROUPS else WORKFLOW


CASES = [*GROUPS, "process"]


class Runner:
    """A process that runs commands in children of its own."""

    def __init__(self) -> None:
        self._process = start(SCRIPT)

    def __call__(
        self, directory: Path, line: tuple[str, ...], *options: str, workers: int = 1,
        die_at: int = 0, signals: tuple[tuple[float, int], ...] = (),
    ) -> int:  # fmt: skip
        """Run a command in a workspace; return its exit code, or minus what killed it."""
        words = [line[0], *line[1:2], "-w", str(directory), *options, *line[2:]]
        if line[0] != "ocrd-rapid":
            words = [*line, "-w", str(directory), *options]
        job = {"command": words, "workers": workers, "die_at": die_at, "signals": signals}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.close()


def make_book(directory: Path, count: int) -> Workspace:
    """Return a workspace of small pages: pale ones, which get a derived image, and turned ones."""
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    for number in range(1, count + 1):
        page = letter_page()
        if number % 3:
            page = (page * 0.3 + 100).astype(np.uint8)
        if number % 2:
            page = turned(page, 180)
        cv2.imwrite(str(directory / "IMG" / f"{number}.png"), page)
        workspace.mets.add_file(
            MetsFile(f"IMG_{number}", "IMG", f"P_{number}", "image/png", f"IMG/{number}.png")
        )
    workspace.save()
    return workspace


def prepared(directory: Path, case: str, count: int, runner: Runner) -> Path:
    """Return a book in which everything that comes before a step is done."""
    made = make_book(directory, count)
    for name in GROUPS:
        if name == case or case == "process":
            break
        assert runner(made.directory, command(name)) == 0
    return made.directory


def copied(directory: Path, name: str) -> Path:
    target = directory.with_name(name)
    shutil.copytree(directory, target)
    return target


def outcome(directory: Path) -> dict[str, bytes]:
    return result(Workspace.open(directory=directory))


def no_leftovers(directory: Path) -> bool:
    return not [path for path in directory.rglob(".*") if path.name not in (".mets.xml.lock", PATH)]


def test_the_pages_make_what_is_to_be_tested(tmp_path: Path, runner: Runner) -> None:
    book = prepared(tmp_path / "book", "process", 3, runner)
    assert runner(book, WORKFLOW) == 0
    mets = Workspace.open(directory=book).mets
    assert [f.id for f in mets.files("PRE")] == [
        "PRE_1.IMG-PRE", "PRE_1", "PRE_2.IMG-PRE", "PRE_2", "PRE_3",
    ]  # fmt: skip
    first, second, third = (b"".join((book / "OCR" / f"OCR_{n}.xml").read_bytes().split(b"\n"))
                            for n in (1, 2, 3))  # fmt: skip
    assert b'orientation="180.0"' in first
    assert b'orientation="180.0"' in third
    assert b'orientation="180.0"' not in second
    for page in (first, second, third):
        assert b"<pc:Unicode>a</pc:Unicode>" in page.replace(b" ", b"")


# At every step of writing


@pytest.mark.parametrize("deleted", [False, True], ids=["kept", "output-deleted"])
@pytest.mark.parametrize("case", ["ocrd-rapid-preprocess", "process"])
def test_a_kill_at_every_step_of_writing_changes_nothing_in_the_end(
    tmp_path: Path, runner: Runner, case: str, deleted: bool
) -> None:
    blank = prepared(tmp_path / "blank", case, 2, runner)
    undisturbed = copied(blank, "undisturbed")
    assert runner(undisturbed, command(case)) == 0
    expected = outcome(undisturbed)
    for step in range(1, 1000, 2 if case == "process" else 1):
        book = copied(blank, f"at-{step}")
        code = runner(book, command(case), die_at=step)
        if deleted:
            for group in ("PRE", "SEG"):
                shutil.rmtree(book / group, ignore_errors=True)
        assert runner(book, command(case), "--resume") == 0, step
        assert outcome(book) == expected, step
        assert no_leftovers(book), step
        shutil.rmtree(book)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step > 20


@pytest.mark.parametrize("case", ["ocrd-rapid-preprocess", "ocrd-rapid-recognize"])
def test_a_kill_in_place_changes_nothing_in_the_end(
    tmp_path: Path, runner: Runner, case: str
) -> None:
    blank = prepared(tmp_path / "blank", "process", 2, runner)
    if case == "ocrd-rapid-recognize":
        assert runner(blank, command("process")) == 0
    group = GROUPS[case][0]
    line = (case, "-I", group, "-O", group)
    undisturbed = copied(blank, "undisturbed")
    assert runner(undisturbed, line, "--overwrite") == 0
    expected = outcome(undisturbed)
    for step in range(1, 1000):
        book = copied(blank, f"at-{step}")
        code = runner(book, line, "--overwrite", die_at=step)
        assert runner(book, line, "--resume") == 0, step
        assert outcome(book) == expected, step
        assert no_leftovers(book), step
        shutil.rmtree(book)
        if code == 0:
            break
    assert step > 10


def test_a_kill_while_output_is_replaced_leaves_nothing_of_the_old(
    tmp_path: Path, runner: Runner
) -> None:
    """The old output has an image for pages that have none now; the new run is resumed."""
    case = "ocrd-rapid-preprocess"
    blank = prepared(tmp_path / "blank", case, 3, runner)
    assert runner(blank, command(case)) == 0
    line = (*command(case), "-P", "steps", "[]")
    undisturbed = copied(blank, "undisturbed")
    assert runner(undisturbed, line, "--overwrite") == 0
    expected = outcome(undisturbed)
    refused = 0
    for step in range(1, 1000):
        book = copied(blank, f"at-{step}")
        code = runner(book, line, "--overwrite", die_at=step)
        again = runner(book, line, "--resume")
        if again == 10:  # nothing says yet that the output is being replaced
            refused += 1
            again = runner(book, line, "--overwrite")
        assert again == 0, step
        assert outcome(book) == expected, step
        shutil.rmtree(book)
        if code == 0:
            break
    assert 0 < refused < step


# With a METS server


@contextlib.contextmanager
def served(directory: Path) -> Iterator[FakeMetsServer]:
    """Run a METS server that lists the images of a book."""
    with serving(directory) as server:
        server.groups, server.pages = ["IMG"], ["P_1", "P_2"]
        server.files = [
            {"file_grp": f.group, "file_id": f.id, "page_id": f.page_id, "mimetype": f.mimetype,
             "url": None, "local_filename": f.path}
            for f in Workspace.open(directory=directory).mets.files("IMG")
        ]  # fmt: skip
        yield server


def listing(server: FakeMetsServer) -> tuple[object, ...]:
    return server.files, server.groups, server.agents


@pytest.mark.parametrize("case", ["ocrd-rapid-preprocess", "process"])
def test_a_kill_at_every_step_with_a_mets_server(tmp_path: Path, runner: Runner, case: str) -> None:
    blank = prepared(tmp_path / "blank", case, 2, runner)

    undisturbed = copied(blank, "undisturbed")
    with served(undisturbed) as server:
        assert runner(undisturbed, command(case), "-U", server.url) == 0
        expected = listing(server)
    files = outcome(undisturbed)
    for step in range(1, 1000, 5 if case == "process" else 2):
        book = copied(blank, f"at-{step}")
        with served(book) as server:
            code = runner(book, command(case), "-U", server.url, die_at=step)
            assert runner(book, command(case), "-U", server.url, "--resume") == 0, step
            assert listing(server) == expected, step
        assert outcome(book) == files, step
        shutil.rmtree(book)
        if code == 0:
            break
    assert step > 40


# At random moments

SIGNALS = {
    "kill": (signal.SIGKILL,),
    "hangup": (signal.SIGHUP,),
    "term": (signal.SIGTERM,),
    "two interrupts": (signal.SIGINT, signal.SIGINT),
}
CODES = {"kill": -signal.SIGKILL, "hangup": 143, "term": 143, "two interrupts": 130}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", SIGNALS)
def test_kills_at_random_moments_change_nothing_in_the_end(
    tmp_path: Path, runner: Runner, case: str, kind: str
) -> None:
    chance = random.Random(f"{SEED} {case} {kind}")
    blank = prepared(tmp_path / "blank", case, 12, runner)
    undisturbed = copied(blank, "undisturbed")
    began = time.perf_counter()
    assert runner(undisturbed, command(case), workers=2) == 0
    usual = time.perf_counter() - began
    expected = outcome(undisturbed)
    killed = tried = 0
    while killed < KILLS and tried < 20 * KILLS:
        book = copied(blank, "book")
        while killed < KILLS and tried < 20 * KILLS:
            tried += 1
            pauses = [chance.uniform(0, usual), chance.uniform(0, 0.02)]
            signals = tuple(zip(pauses, map(int, SIGNALS[kind]), strict=False))
            code = runner(book, command(case), "--resume", workers=2, signals=signals)
            if code == 0:
                break
            # Whoever is interrupted before the command is under way has its own way to end.
            assert code in (CODES[kind], -SIGNALS[kind][0], 1), code
            killed += 1
            if chance.random() < 0.2:
                shutil.rmtree(book / chance.choice(["PRE", "SEG", "ORI", "OCR", "FULL", "DOWN"]
                                                   if case == "process" else [GROUPS[case][1]]),
                              ignore_errors=True)  # fmt: skip
        assert runner(book, command(case), "--resume", workers=2) == 0
        assert outcome(book) == expected
        assert no_leftovers(book)
        shutil.rmtree(book)
    sys.stdout.write(f"{case}, {kind}: {killed} killed of {tried} runs\n")
    assert killed
