# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Our command under the name of core's, as in images without core."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ocrd_rapid.cli.main import separated


@pytest.fixture
def ocrd(tmp_path: Path) -> Path:
    """Return our command as ``ocrd``."""
    link = tmp_path / "ocrd"
    link.symlink_to(Path(sys.executable).with_name("ocrd-rapid"))
    return link


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, arguments)), cwd=cwd, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("resmgr list-installed", ["resmgr list-installed"]),
        ("", [""]),
        ("resmgr info a; ocrd resmgr info b;", ["resmgr info a", "resmgr info b"]),
        ("resmgr info a ; ocrd resmgr info b ;", ["resmgr info a", "resmgr info b"]),
        # Only what another command follows is an end.
        ("resmgr info a; b", ["resmgr info a; b"]),
        ("workspace add ocrd a", ["workspace add ocrd a"]),
    ],
)
def test_commands_are_separated_as_on_ocr_d_s_page(line: str, commands: list[str]) -> None:
    assert [" ".join(words) for words in separated(line.split())] == commands


def test_each_command_runs_and_the_first_failure_counts(ocrd: Path, tmp_path: Path) -> None:
    name = "PP-OCRv6_rec_small.onnx"
    done = run(
        ocrd, "resmgr", "info", "nothing-of-this-name;",
        "ocrd", "resmgr", "info", f"{name};",
        "ocrd", "resmgr", "nonsense",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 4
    assert name in done.stdout
    assert "ocrd: error: " in done.stderr and "see 'ocrd resmgr --help'" in done.stderr


def test_a_command_of_core_s_is_said_to_be_missing(ocrd: Path, tmp_path: Path) -> None:
    done = run(ocrd, "network", "processing-worker", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean workspace?; OCR-D core, which has more commands, is not" in done.stderr
