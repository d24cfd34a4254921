# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""SIGTERM and Ctrl-C: a whole command ends at once and in good order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from lxml import etree
from small_networks import write_endless
from toys import ALL, Toy, agents, book, output_pages, pages, run, saved, with_groups

from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.runtime.parallel import still_working
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace import mets_lock
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.workspace import Workspace

SCRIPT = Path(__file__).with_name("command_with_toy.py")
SUPPORT = Path(__file__).parent.parent / "support"


def begin(
    workspace: Workspace, *options: str, stuck_on: str = "", workers: int = 2
) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(SUPPORT), os.environ.get("PYTHONPATH", "")])
    environ = {"TOY_STUCK_ON": stuck_on, "OCRD_MAX_PARALLEL_PAGES": str(workers)}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), "-w", str(workspace.directory), "-I", "IMG", "-O", "OUT",
         *options],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path, **environ},
    )  # fmt: skip


def wait_for(path: Path) -> None:
    end = time.monotonic() + 600
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.01)


def complaint(stderr: str) -> str:
    (line,) = [line for line in stderr.splitlines() if "error:" in line]
    return line


ENDS = [
    (signal.SIGTERM, 143, "terminated"),
    (signal.SIGHUP, 143, "terminated"),
    (signal.SIGINT, 130, "interrupted"),
]
KEPT = "; finished pages are kept; the same command with --resume processes the rest"


@pytest.mark.parametrize(("number", "code", "word"), ENDS)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_in_the_middle_of_a_page_ends_the_run_and_keeps_what_is_done(
    tmp_path: Path, number: signal.Signals, code: int, word: str, workers: int
) -> None:
    made = book(tmp_path / "book", 12)
    process = begin(made, stuck_on="P_9", workers=workers)
    wait_for(made.directory / "OUT" / "OUT_8.xml")
    time.sleep(0.2)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=600)  # the page takes an hour
    assert process.returncode == code, stderr
    assert complaint(stderr) == f"ocrd-rapid-detect: error: {word}{KEPT}"
    assert "Traceback" not in stderr
    assert output_pages(made) == pages(*range(1, 9))
    assert len(agents(made)) == 1
    rest = begin(made, "--resume", workers=workers)
    _, stderr = rest.communicate(timeout=600)
    assert rest.returncode == 0, stderr
    assert "4 pages done, 8 already finished, 0 failed" in stderr
    assert output_pages(made) == pages(*range(1, 13))
    assert len(agents(made)) == 1


@pytest.mark.parametrize(("number", "code", "word"), ENDS)
def test_a_signal_at_any_time_keeps_what_is_done(
    tmp_path: Path, number: signal.Signals, code: int, word: str
) -> None:
    made = book(tmp_path / "book", 250)
    process = begin(made, workers=2)
    there = 0
    while there < 60:
        wait_for(made.directory / "OUT" / f"OUT_{there + 5}.xml")
        process.send_signal(number)
        _, stderr = process.communicate(timeout=600)
        assert process.returncode == code, stderr
        on_disk = {path.stem for path in (made.directory / "OUT").glob("*.xml")}
        listed = {file.id for file in saved(made).mets.files("OUT")}
        # A signal may come between a file and its entry; the next run adopts that file.
        assert listed <= on_disk
        assert len(on_disk - listed) <= 1
        assert len(agents(made)) == 1
        there = len(on_disk)
        process = begin(made, "--resume", workers=2)
    _, stderr = process.communicate(timeout=600)
    assert process.returncode == 0, stderr
    assert output_pages(made) == pages(*range(1, 251))
    assert [path.name for path in made.directory.rglob("*tmp")] == []


def test_work_that_is_to_outlive_its_terminal_goes_on_after_sighup(tmp_path: Path) -> None:
    made = book(tmp_path / "book", 60)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does for its command
    try:
        process = begin(made)
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_for(made.directory / "OUT" / "OUT_5.xml")
    process.send_signal(signal.SIGHUP)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert output_pages(made) == pages(*range(1, 61))


def test_a_late_page_does_not_keep_the_program_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = book(tmp_path / "book", 12)
    monkeypatch.setenv("OCRD_PROCESSING_PAGE_TIMEOUT", "1")
    monkeypatch.setenv("OCRD_MAX_MISSING_OUTPUTS", "-1")
    process = begin(made, stuck_on="P_3")
    _, stderr = process.communicate(timeout=600)
    assert process.returncode == 0, stderr
    # On a slow machine other pages may be late, too.
    said = re.search(r"(\d+) pages done, 0 already finished, (\d+) failed", stderr)
    assert said is not None, stderr
    assert int(said[1]) + int(said[2]) == 12
    assert len(output_pages(made)) == int(said[1]) <= 11
    assert "P_3" not in output_pages(made)


# Models that never end

ENGINES = ["onnxruntime", "openvino"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("number", "code", "word"), ENDS)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_while_a_model_computes_for_ever_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, number: signal.Signals,
    code: int, word: str, workers: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("TOY_MODEL", str(write_endless(tmp_path / "endless.onnx")))
    monkeypatch.setenv("TOY_ENGINE", engine)
    made = book(tmp_path / "book", 5)
    process = begin(made, stuck_on="P_4", workers=workers)
    wait_for(made.directory / "OUT" / "OUT_3.xml")
    time.sleep(0.3)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert complaint(stderr) == f"ocrd-rapid-detect: error: {word}{KEPT}"
    assert output_pages(made) == pages(1, 2, 3)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_whose_model_computes_for_ever_takes_too_long_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, workers: int
) -> None:
    monkeypatch.setenv("TOY_MODEL", str(write_endless(tmp_path / "endless.onnx")))
    monkeypatch.setenv("TOY_ENGINE", engine)
    monkeypatch.setenv("OCRD_PROCESSING_PAGE_TIMEOUT", "5")
    made = book(tmp_path / "book", 12)
    process = begin(made, stuck_on="P_3", workers=workers)
    _, stderr = process.communicate(timeout=120)
    assert "page P_3 failed: not finished after 5 s" in stderr
    assert process.returncode == 0, stderr
    assert output_pages(made) == pages(1, 2, *range(4, 13))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_thread_whose_page_took_too_long_is_free_again(
    tmp_path: Path, workspace: Workspace, workers: int
) -> None:
    model = load_model(write_endless(tmp_path / "endless.onnx"), EngineConfig("onnxruntime"))

    def compute(page: OpenPage) -> None:
        model.run(np.full((1, 3, 8, 8), 0 if page.page_id == "P_2" else 2e6, np.float32))

    policy = Policy(tolerated=0.25, page_timeout=1, parallel_pages=workers)
    assert list(run(workspace, Toy(compute), policy=policy).failed) == pages(2)
    end = time.monotonic() + 60
    while still_working():
        assert time.monotonic() < end, "the model computes on"
        time.sleep(0.01)


@pytest.mark.parametrize("name", ["_group", "_page", "_discard"])
def test_an_interrupt_while_a_page_is_entered_does_not_leave_half_an_entry(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plain = getattr(Mets, name)

    def interrupted(mets: Mets, value: str) -> object:
        found = plain(mets, value)
        if len(list((workspace.directory / "OUT").glob("*.xml"))) == 3:
            monkeypatch.setattr(Mets, name, plain)
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(Mets, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(workspace, Toy(), policy=ALL)
    # Until the change is noted, the page is not entered at all.
    listed = pages(1, 2) if name == "_discard" else pages(1, 2, 3)
    assert output_pages(workspace) == listed
    files = etree.fromstring(workspace.mets_path.read_bytes()).iterfind(".//{*}file")
    assert all(len(file) == 1 for file in files)
    run(saved(workspace), Toy(), with_groups(resume=True))
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert len(agents(workspace)) == 1


def test_an_interrupt_while_the_lock_is_acquired_releases_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = FileLock.acquire

    def acquire(lock: FileLock, **options: Any) -> None:
        plain(lock, **options)
        monkeypatch.setattr(FileLock, "acquire", plain)
        raise KeyboardInterrupt

    monkeypatch.setattr(mets_lock, "LOCK_SECONDS", 2)
    monkeypatch.setattr(FileLock, "acquire", acquire)
    with pytest.raises(KeyboardInterrupt):
        run(workspace, Toy(), policy=ALL)
    assert output_pages(workspace) == pages(1)


def test_a_file_system_without_locks_is_no_obstacle(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def acquire(lock: FileLock, **options: Any) -> None:
        raise NotImplementedError

    monkeypatch.setattr(FileLock, "acquire", acquire)
    run(workspace, Toy())
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert "only one process may write" in caplog.text


def test_an_interrupt_while_the_mets_is_put_in_its_place_does_not_double_the_step(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Path.replace
    interrupted: list[str] = []

    def replace(path: Path, target: Path) -> Path:
        done = plain(path, target)
        if Path(target).name == "mets.xml" and not interrupted:
            interrupted.append(path.name)
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        run(workspace, Toy())
    assert len(interrupted) == 1
    assert output_pages(workspace) == pages(1)
    assert len(agents(workspace)) == 1
    run(saved(workspace), Toy(), with_groups(resume=True))
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert len(agents(workspace)) == 1
