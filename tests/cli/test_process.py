# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid process``: what is refused, before the first page of the first task."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import ocrd_rapid.processors
from ocrd_rapid.errors import ResourceNotFoundError
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]

DETECT = "rapid-detect -I OCR-D-IMG -O SEG"

FOREIGN = """#!{python}
import json, sys
from pathlib import Path
if "--dump-json" in sys.argv:
    print(json.dumps({description}))
    raise SystemExit
Path({trace!r}).touch()
raise SystemExit({code})
"""


class Nothing:
    """A processor that does nothing, and remembers its pages."""

    versions: dict[str, str]

    def __init__(self, seen: list[str]) -> None:
        self.versions = {}
        self.seen = seen

    def process(self, page: OpenPage) -> None:
        self.seen.append(page.page_id)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put a processor that does nothing in the place of ours; return the pages it sees."""
    pages: list[str] = []
    monkeypatch.setattr(ocrd_rapid.processors, "create", lambda name, values: Nothing(pages))
    return pages


@pytest.fixture
def book(tmp_path: Path) -> Path:
    workspace = Workspace.create(directory=tmp_path / "book")
    for number in (1, 2):
        path = workspace.path_to_write(f"OCR-D-IMG/{number}.png")
        Image.new("L", (30, 20), 255).save(path)
        workspace.mets.add_file(
            MetsFile(f"IMG_{number}", "OCR-D-IMG", f"P_{number}", "image/png",
                     f"OCR-D-IMG/{number}.png")
        )  # fmt: skip
    workspace.mets.add_file(MetsFile("GT_2", "GT", "P_2", "image/png", "OCR-D-IMG/2.png"))
    workspace.save()
    return workspace.directory


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Install a processor of others; return the file that it makes when it runs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def install(inputs: Any = 1, outputs: Any = 1, code: int = 3) -> Path:
        description = {
            "executable": "ocrd-other", "steps": ["x"], "parameters": {},
            "input_file_grp_cardinality": inputs, "output_file_grp_cardinality": outputs,
        }  # fmt: skip
        trace = tmp_path / "it-ran"
        script = folder / "ocrd-other"
        script.write_text(
            FOREIGN.format(python=sys.executable, description=description, trace=str(trace),
                           code=code)
        )  # fmt: skip
        script.chmod(0o755)
        return trace

    return install


def refused(call: Call, book: Path, *tasks: str, options: tuple[str, ...] = ()) -> str:
    """Return the complaint about a workflow, the same with and without ``--dry-run``."""
    before = (book / "mets.xml").read_bytes()
    said = []
    for dry in ((), ("--dry-run",)):
        done = call("ocrd-rapid", "process", "-w", book, *options, *dry, *tasks)
        assert done.code == 2, done.err
        said.append(done.complaints[-1].removeprefix("ocrd-rapid: error: "))
        assert done.out == ""
    assert said[0] == said[1]
    assert (book / "mets.xml").read_bytes() == before
    return said[0]


NO_NAME = (
    "is not allowed: it must begin with a letter or '_' and go on with letters, digits, '_', '.'"
    " or '-'"
)


@pytest.mark.parametrize("group", ["X 1", "../X1", "Ä", "1X", "X/Y"])
@pytest.mark.parametrize("second", ["rapid-detect", "other"])
def test_an_output_group_that_is_none(
    call: Call, book: Path, seen: list[str], foreign: Callable[..., Path], group: str, second: str
) -> None:
    ran = foreign()
    complaint = refused(call, book, "other -I OCR-D-IMG -O BIN", f"{second} -I BIN -O '{group}'")
    assert complaint.startswith(f"task 2 (ocrd-{second}): output file group '{group}' is not")
    assert not ran.exists()


def test_several_groups_where_one_is_read(
    call: Call, book: Path, seen: list[str], foreign: Callable[..., Path]
) -> None:
    ran = foreign()
    complaint = refused(
        call, book, "other -I OCR-D-IMG -O BIN", "rapid-detect -I OCR-D-IMG,BIN -O A,B"
    )
    assert complaint == (
        "task 2 (ocrd-rapid-detect) reads 1 file group, not 'OCR-D-IMG,BIN';"
        " task 2 (ocrd-rapid-detect) writes 1 file group, not 'A,B'"
    )
    assert not ran.exists()


@pytest.mark.parametrize(
    ("inputs", "outputs", "task", "complaint"),
    [
        (1, 1, "-I OCR-D-IMG,GT -O A", "reads 1 file group, not 'OCR-D-IMG,GT'"),
        (1, 1, "-I OCR-D-IMG -O A,B", "writes 1 file group, not 'A,B'"),
        (2, 1, "-I OCR-D-IMG -O A", "reads 2 file groups, not 'OCR-D-IMG'"),
        ([2, -1], 1, "-I OCR-D-IMG -O A", "reads at least 2 file groups, not 'OCR-D-IMG'"),
        (1, [1, 2], "-I OCR-D-IMG -O A,B,C", "writes at most 2 file groups, not 'A,B,C'"),
        (1, [2, 2], "-I OCR-D-IMG -O A", "writes 2 file groups, not 'A'"),
        ([1, 2], 1, "-I OCR-D-IMG,GT -O A", ""),
        (-1, -1, "-I OCR-D-IMG,GT -O A,B", ""),
        (1, 1, "-I OCR-D-IMG", ""),  # as core has it
        (1, 0, "-I OCR-D-IMG -O A", ""),
        (None, None, "-I OCR-D-IMG,GT -O A,B", ""),
    ],
)
def test_as_many_groups_as_a_processor_of_others_takes(
    call: Call, book: Path, foreign: Callable[..., Path], inputs: Any, outputs: Any, task: str,
    complaint: str,
) -> None:  # fmt: skip
    foreign(inputs, outputs)
    if complaint:
        assert refused(call, book, f"other {task}") == f"task 1 (ocrd-other) {complaint}"
    else:
        assert call("ocrd-rapid", "process", "-w", book, "--dry-run", f"other {task}").code == 0


def test_an_input_group_that_is_not_there_and_the_one_that_was_meant(
    call: Call, book: Path
) -> None:
    complaint = refused(call, book, "rapid-detect -I OCR-D-IGM -O SEG", "rapid-classify -I X -O Y")
    assert complaint == (
        "task 1 (ocrd-rapid-detect) reads 'OCR-D-IGM', which is not in the METS and no earlier"
        " task writes it; did you mean 'OCR-D-IMG'?; task 2 (ocrd-rapid-classify) reads 'X', which"
        " is not in the METS and no earlier task writes it (the METS has: OCR-D-IMG, GT)"
    )
    assert refused(call, book, DETECT, "rapid-classify -I SGE -O Y").startswith(
        "task 2 (ocrd-rapid-classify) reads 'SGE', which is not in the METS and no earlier task"
        " writes it; did you mean 'SEG'? (the METS has: OCR-D-IMG, GT)"
    )
    done = call("ocrd-rapid-detect", "-w", book, "-I", "OCR-D-IGM", "-O", "SEG")
    assert (done.code, done.complaints) == (
        8, ["ocrd-rapid-detect: error: input file group 'OCR-D-IGM' is not in the METS (it has:"
            " OCR-D-IMG, GT); did you mean 'OCR-D-IMG'?"],
    )  # fmt: skip


def test_output_that_is_there(call: Call, book: Path, seen: list[str]) -> None:
    complaint = refused(call, book, "rapid-detect -I OCR-D-IMG -O GT")
    assert complaint == (
        "task 1 (ocrd-rapid-detect) writes 'GT', which already exists"
        " (--resume continues it, --overwrite replaces it)"
    )
    assert "already exists" in refused(
        call, book, "rapid-detect -I OCR-D-IMG -O GT", options=("-g", "P_2")
    )
    other = call(
        "ocrd-rapid", "process", "-w", book, "-g", "P_1", "rapid-detect -I OCR-D-IMG -O GT"
    )
    assert other.code == 0, other.err
    assert seen == ["P_1"]


@pytest.mark.parametrize("option", [(), ("--overwrite",), ("--resume",)])
def test_two_tasks_that_write_one_group(call: Call, book: Path, option: tuple[str, ...]) -> None:
    twice = "rapid-detect -I OCR-D-IMG -O A", "rapid-detect -I GT -O A"
    assert refused(call, book, *twice, options=option) == (
        "task 2 (ocrd-rapid-detect) writes 'A', which task 1 also writes"
    )


def test_one_group_to_read_and_to_write(call: Call, book: Path) -> None:
    assert refused(call, book, "rapid-detect -I OCR-D-IMG -O OCR-D-IMG") == (
        "task 1 (ocrd-rapid-detect) reads and writes 'OCR-D-IMG' (name another output group, or"
        " change PAGE-XML in place with --overwrite)"
    )


def test_in_place_is_no_mistake(call: Call, book: Path, seen: list[str]) -> None:
    twice = "rapid-detect -I OCR-D-IMG -O A", "rapid-classify -I A -O A"
    done = call("ocrd-rapid", "process", "-w", book, "--overwrite", *twice)
    assert done.code == 0, done.err


def test_pages_that_are_not_there(
    call: Call, book: Path, seen: list[str], foreign: Callable[..., Path]
) -> None:
    ran = foreign()
    tasks = "other -I OCR-D-IMG -O BIN", DETECT
    assert "P_9" in refused(call, book, *tasks, options=("-g", "P_9"))
    assert refused(call, book, "other -I OCR-D-IMG -O B", "rapid-detect -I GT -O S",
                   options=("-g", "P_1")) == (
        "task 2 (ocrd-rapid-detect) reads 'GT', which has none of the requested pages"
    )  # fmt: skip
    assert not ran.exists()


def test_a_model_that_is_missing_is_told_before_another_processor_runs(
    call: Call, book: Path, foreign: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = foreign()

    def create(executable: str, parameters: dict[str, Any]) -> None:
        raise ResourceNotFoundError(f"{executable} has no model")

    monkeypatch.setattr(ocrd_rapid.processors, "create", create)
    tasks = "other -I OCR-D-IMG -O BIN", "rapid-detect -I BIN -O SEG"
    done = call("ocrd-rapid", "process", "-w", book, *tasks)
    assert (done.code, done.complaints[-1]) == (
        4, "ocrd-rapid: error: ocrd-rapid-detect has no model",
    )  # fmt: skip
    assert not ran.exists()


def test_output_of_another_step_is_told_before_another_processor_runs(
    call: Call, book: Path, seen: list[str], foreign: Callable[..., Path]
) -> None:
    assert call("ocrd-rapid", "process", "-w", book, DETECT).code == 0
    ran = foreign()
    tasks = "other -I OCR-D-IMG -O BIN", "rapid-detect -I BIN -O SEG"
    done = call("ocrd-rapid", "process", "-w", book, "--resume", *tasks)
    assert done.code == 10
    assert "'SEG' was made by ocrd-rapid-detect from 'OCR-D-IMG'" in done.complaints[-1]
    assert not ran.exists()


def test_an_interrupt_says_that_the_work_is_kept(
    call: Call, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Nothing):
        def process(self, page: OpenPage) -> None:
            if page.page_id == "P_2":
                raise KeyboardInterrupt

    monkeypatch.setattr(ocrd_rapid.processors, "create", lambda name, values: Interrupted([]))
    done = call("ocrd-rapid", "process", "-w", book, DETECT)
    assert done.code == 130
    assert done.complaints[-1] == (
        "ocrd-rapid: error: interrupted; finished pages are kept;"
        " the same command with --resume processes the rest"
    )
    assert [f.page_id for f in Workspace.open(directory=book).mets.files("SEG")] == ["P_1"]


SLOW = """#!/bin/bash
case "$*" in *dump-json*) echo '{"executable": "ocrd-other", "parameters": {}}'; exit;; esac
trap 'sleep 0.5; touch "$TRACE/in-good-order"; exit 1' TERM
touch "$TRACE/running"
while true; do sleep 0.1; done
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 143), (signal.SIGINT, 130)]
)
def test_a_processor_of_others_is_asked_to_end_before_we_do(
    book: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    script = tmp_path / "bin" / "ocrd-other"
    script.parent.mkdir()
    script.write_text(SLOW)
    script.chmod(0o755)
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    main = "from ocrd_rapid.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", main, "process", "-w", book, "other -I OCR-D-IMG -O BIN"],
        env={**os.environ, "PATH": path, "TRACE": str(tmp_path)}, stderr=subprocess.PIPE,
    )  # fmt: skip
    end = time.monotonic() + 600
    while not (tmp_path / "running").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=600)
    assert process.returncode == code, said
    assert (tmp_path / "in-good-order").exists()


def test_an_interrupt_while_another_processor_starts_leaves_no_process(
    call: Call, book: Path, foreign: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign()
    started: list[subprocess.Popen[bytes]] = []

    class Interrupting(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, args: Any, **kwargs: Any) -> None:
            works = "--working-dir" in args
            super().__init__(["sleep", "600"] if works else args, **kwargs)
            if works:
                started.append(self)
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Interrupting)
    done = call("ocrd-rapid", "process", "-w", book, "other -I OCR-D-IMG -O BIN")
    assert done.code == 130
    assert [process.returncode for process in started] == [-signal.SIGTERM]
