# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What only informs starts fast: it loads no engine and nothing else that is heavy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocrd_rapid.config.tools import executables

HEAVY = [
    "PIL", "cv2", "jsonschema", "lxml", "numpy", "onnxruntime", "openvino", "pyclipper", "requests",
]  # fmt: skip

#: Calls a command as its entry point does, and writes what it loaded to a file.
SCRIPT = """
import json, sys
report, name, *arguments = sys.argv[1:]
sys.argv = [name, *arguments]
from ocrd_rapid.cli import main, processor
functions = {"ocrd-rapid": main.main, "ocrd-rapid-preprocess": processor.preprocess,
             "ocrd-rapid-detect": processor.detect,
             "ocrd-rapid-classify": processor.classify,
             "ocrd-rapid-recognize": processor.recognize,
             "ocrd-rapid-export": processor.export}
try:
    functions[name]()
except SystemExit as exit_:
    code = exit_.code
with open(report, "w") as stream:
    json.dump({"code": code, "modules": sorted(sys.modules)}, stream)
"""

INFORMATION = [(name, option) for name in executables() for option in ("-h", "-J", "-L", "-V")]
COMMANDS: list[tuple[str, ...]] = [
    *INFORMATION,
    ("ocrd-rapid", "-h"),
    ("ocrd-rapid", "-V"),
    ("ocrd-rapid", "ocr", "--help"),
    ("ocrd-rapid", "resmgr", "--help"),
    ("ocrd-rapid", "resmgr", "list-available"),
    ("ocrd-rapid", "resmgr", "list-installed"),
]


def loaded(report: Path, *command: str) -> set[str]:
    """Run a command that must succeed; return the modules it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(report), *command],
        env={**os.environ, "PATH": str(report.parent)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert found["code"] == 0, done.stderr
    return set(found["modules"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_heavy_is_loaded(tmp_path: Path, command: tuple[str, ...]) -> None:
    modules = loaded(tmp_path / "report.json", *command)
    assert "ocrd_rapid.cli.processor" in modules
    assert sorted(modules & set(HEAVY)) == []


def test_what_is_heavy_is_seen_when_it_is_loaded(tmp_path: Path) -> None:
    book = tmp_path / "book"
    report = tmp_path / "report.json"
    modules = loaded(report, "ocrd-rapid", "workspace", "-d", str(book), "init")
    assert "lxml" in modules
    assert not modules & {"onnxruntime", "openvino"}
