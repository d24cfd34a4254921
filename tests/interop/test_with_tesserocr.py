# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Chains with ``ocrd_tesserocr``: its segmentation read by us, our lines read by it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

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


def test_its_segmentation_is_read_by_us_down_to_glyphs(
    core: Core, workspace: Path, models: Path
) -> None:
    text = run_workflow(
        core, workspace,
        "tesserocr-segment -I OCR-D-IMG -O OCR-D-SEG -P shrink_polygons true",
        "rapid-recognize -I OCR-D-SEG -O OCR-D-OCR -P textequiv_level glyph",
    )  # fmt: skip
    assert "How a Library Keeps Its Books" in text
    assert "<pc:Glyph " in text


def test_our_lines_are_read_by_it(core: Core, workspace: Path, models: Path) -> None:
    text = run_workflow(
        core, workspace,
        "rapid-detect -I OCR-D-IMG -O OCR-D-SEG",
        "rapid-classify -I OCR-D-SEG -O OCR-D-ORI",
        "tesserocr-recognize -I OCR-D-ORI -O OCR-D-OCR -P model eng -P textequiv_level word",
    )  # fmt: skip
    assert "Library Keeps Its Books" in text


def test_it_prepares_and_we_detect_and_read(core: Core, workspace: Path, models: Path) -> None:
    text = run_workflow(
        core, workspace,
        "tesserocr-crop -I OCR-D-IMG -O OCR-D-CROP",
        "tesserocr-binarize -I OCR-D-CROP -O OCR-D-BIN -P operation_level page",
        "tesserocr-deskew -I OCR-D-BIN -O OCR-D-DESKEW -P operation_level page",
        "rapid-detect -I OCR-D-DESKEW -O OCR-D-SEG",
        "rapid-recognize -I OCR-D-SEG -O OCR-D-OCR",
    )  # fmt: skip
    assert "How a Library Keeps Its Books" in text
