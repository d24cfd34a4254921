# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The Makefile: nothing is left in the user's home, and what is missing is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# With -n, make still runs the lines that call make: the environment must be there.
ROOT = Path(__file__).resolve().parent.parent

if shutil.which("make") is None:
    pytest.skip("make is not installed", allow_module_level=True)


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the environment of the tests, without the variables of a make around them."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    environ.pop("MFLAGS", None)
    return subprocess.run(
        ["make", "--no-print-directory", f"VENV={sys.prefix}", *arguments],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("target", ["demo", "models"])
def test_models_and_what_is_made_of_them_stay_in_the_project(target: str) -> None:
    shown = make("-n", target).stdout
    named = ("ocrd-rapid process", "ocrd-rapid ocr", "ocrd-rapid resmgr")
    commands = [line for line in shown.splitlines() if any(name in line for name in named)]
    assert len(commands) == (2 if target == "demo" else 1)
    for name in ("DATA", "CONFIG", "CACHE"):
        assert [line for line in commands if f'XDG_{name}_HOME="{ROOT}/.models' not in line] == []


@pytest.mark.parametrize(
    ("target", "variable"),
    [
        ("quality", "PAGES"),
        ("quality", "SCORE_PAGES"),
        ("layouts", "SCORE_PAGES"),
        ("script-quality", "PACKAGES"),
        ("latin", "LINES"),
        ("latin", "PACKAGES"),
        ("blackletter", "FONTS"),
        ("earlyprint", "LINES"),
    ],
)
def test_what_a_target_needs_is_named_before_anything_is_done(
    target: str, variable: str, tmp_path: Path
) -> None:
    names = ("PAGES", "SCORE_PAGES", "DATA", "FONTS", "LINES", "PACKAGES")
    given = dict.fromkeys(names, tmp_path) | {variable: tmp_path / "none"}
    done = make(target, *(f"{name}={path}" for name, path in given.items()))
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"Give its path: make {target} {variable}=PATH, with " in done.stderr
