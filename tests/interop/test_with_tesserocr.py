# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Chains with ``ocrd_tesserocr``: its segmentation read by us, our lines read by it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from documents import shell_code

from .conftest import CORE, Core

_FOLDERS = [
    Path(os.environ.get("TESSDATA_PREFIX", "/nonexistent")),
    *Path("/usr/share/tesseract-ocr").glob("*/tessdata"),
    Path("/usr/share/tessdata"),
]
TESSDATA = next((str(f) for f in _FOLDERS if (f / "eng.traineddata").is_file()), "")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.models,
    pytest.mark.skipif(
        not (CORE / "ocrd-tesserocr-segment").exists(),
        reason="ocrd_tesserocr is not in .venv-core: run `make test-interop`",
    ),
    pytest.mark.skipif(
        not TESSDATA,
        reason="Tesseract's eng.traineddata is not here: apt-get install tesseract-ocr",
    ),
]


def run_workflow(core: Core, workspace: Path, *tasks: str) -> str:
    """Run a workflow by our command; return the result, after core has found its text consistent.

    Core does not accept the outlines and comments of ``ocrd_tesserocr``, so the coordinates are
    not checked here: those of our own output are elsewhere.
    """
    command = Path(sys.executable).with_name("ocrd-rapid")
    # Tesseract looks up its models by this variable; ocrd_tesserocr's own is the module's.
    variables = {"TESSDATA_PREFIX": TESSDATA}
    done = core(command, "process", *tasks, cwd=workspace, env=variables)
    assert done.returncode == 0, done.stderr[-2000:]
    (page,) = (workspace / "OCR-D-OCR").glob("*.xml")
    valid = core("ocrd", "validate", "page", "--page-textequiv-consistency", "strict", page,
                 cwd=workspace)  # fmt: skip
    assert valid.returncode == 0, valid.stdout[:2000]
    return page.read_text(encoding="utf-8")


def workflows() -> list[list[str]]:
    """Return the tasks of each workflow with ``ocrd_tesserocr`` in docs/ocr-d.md."""
    found = [code for code in shell_code("docs/ocr-d.md") if "tesserocr-" in code]
    return [re.findall(r'"([^"]+)"', code) for code in found]


WORKFLOWS = workflows()


def test_others_stand_before_ours_and_after() -> None:
    places = {
        [task.startswith("tesserocr-") for task in tasks].index(True) == 0 for tasks in WORKFLOWS
    }
    assert places == {True, False}


@pytest.mark.parametrize("tasks", WORKFLOWS, ids=lambda tasks: tasks[0])
def test_a_documented_workflow_reads_the_page(
    core: Core, workspace: Path, models: Path, tasks: list[str]
) -> None:
    text = run_workflow(core, workspace, *tasks)
    assert "Library Keeps Its Books" in text
    assert ("<pc:Glyph " in text) == any("textequiv_level glyph" in task for task in tasks)
