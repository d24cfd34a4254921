# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Engines are told to send nothing before they are imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

WARNING = "onnxruntime was imported before ocrd_rapid and may report to its makers"


def said(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script with a stand-in for onnxruntime, which tells what it was told."""
    stand_in = (
        "import os, sys, types\n"
        "def import_onnxruntime():\n"
        "    made = sys.modules['onnxruntime'] = types.ModuleType('onnxruntime')\n"
        "    made.disable_telemetry_events = lambda: print('disabled')\n"
        "    print(os.environ.get('ORT_DISABLE_TELEMETRY'))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", stand_in + script],
        env={"PYTHONPATH": ":".join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def test_whoever_imports_us_first_is_heard() -> None:
    script = (
        "import ocrd_rapid; import_onnxruntime()\n"
        "from ocrd_rapid.inference.libraries import import_onnxruntime; import_onnxruntime()"
    )
    done = said(script, ORT_DISABLE_TELEMETRY="0")
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize(("before", "warned"), [("0", True), ("", True), ("1", False)])
def test_an_engine_that_was_there_before_is_warned_of_once(before: str, warned: bool) -> None:
    script = (
        "import_onnxruntime(); import ocrd_rapid\n"
        "from ocrd_rapid.inference.libraries import import_onnxruntime\n"
        "import_onnxruntime(); import_onnxruntime()"
    )
    done = said(script, ORT_DISABLE_TELEMETRY=before)
    assert done.stdout == f"{before}\n" + ("disabled\n" if warned else "")
    assert done.stderr.count(WARNING) == warned


def test_openvino_finds_nothing_to_report_with() -> None:
    done = said(
        "import ocrd_rapid\n"
        "try:\n    import openvino_telemetry\n"
        "except ModuleNotFoundError:\n    print('none')"
    )
    assert done.stdout == "none\n"
