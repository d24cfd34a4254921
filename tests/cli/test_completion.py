# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Completion of command lines in the shells that click knows (docs/install.md)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).with_name("ocrd-rapid")


def asked(line: str, **shell: str) -> str:
    """Return what our command answers a shell; the last word of the line is to be completed."""
    words = line.split(" ")
    environment = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), **shell}
    done = subprocess.run(
        [SCRIPT], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ocrd-rapid re", {"report", "resmgr"}),
        ("ocrd-rapid resmgr list-", {"list-available", "list-installed"}),
        ("ocrd-rapid ocr --no-h", {"--no-hyp"}),
        ("ocrd-rapid ocr --mode re", {"redo"}),
    ],
)
def test_commands_options_and_values_are_completed(line: str, expected: set[str]) -> None:
    answer = asked(line, _OCRD_RAPID_COMPLETE="bash_complete")
    assert {row.partition(",")[2] for row in answer.splitlines()} == expected


def test_zsh_and_fish_show_what_commands_do() -> None:
    zsh = asked("ocrd-rapid rep", _OCRD_RAPID_COMPLETE="zsh_complete").splitlines()
    assert zsh[:2] == ["plain", "report"]
    fish = asked("ocrd-rapid rep", COMP_CWORD="rep", _OCRD_RAPID_COMPLETE="fish_complete")
    assert fish.startswith("plain,report") or fish.splitlines()[:2] == ["plain", "report"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_one(shell: str) -> None:
    script = asked("", _OCRD_RAPID_COMPLETE=f"{shell}_source")
    assert "_OCRD_RAPID_COMPLETE" in script
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=script, text=True, check=False)
        assert checked.returncode == 0
