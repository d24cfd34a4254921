# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Standard streams that are closed, broken or full: the work is done all the same."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toys import book, output_pages, pages

from ocrd_rapid.workspace.workspace import Workspace

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "runtime" / "command_with_toy.py"

needs_dev_full = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="no /dev/full here to play a full disk"
)

STREAMS = [
    "2>&-", "1>&-", "0<&-", "0<&- 1>&- 2>&-", "2>&1 | true", "2> >(exec 0<&-; sleep 1)",
    pytest.param("2>/dev/full", marks=needs_dev_full),
    pytest.param("1>/dev/full 2>/dev/full", marks=needs_dev_full),
]  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "support"), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "TOY_STUCK_ON": "", **more}


def shell(workspace: Workspace, streams: str, *options: str) -> int:
    """Run detect with a toy, its streams redirected; return its exit code."""
    words = [sys.executable, str(SCRIPT), "-w", str(workspace.directory), "-I", "IMG", "-O", "OUT",
             *options]  # fmt: skip
    line = f"set -o pipefail; {shlex.join(words)} {streams}"
    done = subprocess.run(
        ["bash", "-c", line], env=environment(TOY_TALKS="1"), check=False, timeout=120,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode


@pytest.mark.parametrize("streams", STREAMS)
@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_the_work_is_done(tmp_path: Path, streams: str, level: str) -> None:
    made = book(tmp_path / "book", 5)
    assert shell(made, streams, "-l", level) == 0
    assert output_pages(made) == pages(1, 2, 3, 4, 5)
    for path in made.directory.rglob("*"):
        assert not path.is_file() or b"has its say" not in path.read_bytes(), path


@pytest.mark.parametrize("streams", STREAMS)
def test_an_error_keeps_its_exit_code(tmp_path: Path, streams: str) -> None:
    made = book(tmp_path / "book", 2)
    assert shell(made, streams, "-P", "nonsense", "1") == 3
    assert not (made.directory / "OUT").exists()


@needs_dev_full
def test_a_log_file_on_a_full_disk_costs_the_log_only(tmp_path: Path) -> None:
    made = book(tmp_path / "book", 5)
    done = subprocess.run(
        [sys.executable, SCRIPT, "-w", made.directory, "-I", "IMG", "-O", "OUT",
         "--log-filename", "/dev/full"],
        env=environment(), check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == (
        "the log file /dev/full is incomplete: [Errno 28] No space left on device\n"
    )
    assert output_pages(made) == pages(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_an_interrupt_after_the_reader_has_gone_keeps_its_code_and_what_is_done(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    made = book(tmp_path / "book", 6)
    process = subprocess.Popen(
        [sys.executable, SCRIPT, "-w", made.directory, "-I", "IMG", "-O", "OUT"],
        env=environment(TOY_STUCK_ON="P_4", TOY_TALKS=""), stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    process.stderr.close()
    end = time.monotonic() + 60
    while not (made.directory / "OUT" / "OUT_3.xml").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(number)
    assert process.wait(60) == code
    assert output_pages(made) == pages(1, 2, 3)
