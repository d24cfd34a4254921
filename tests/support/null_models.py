# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Null models on the disk (see ``ocrd_rapid/inference/null.py``), and pages they can read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

CHARACTERS = "abcdefghij"

#: What the model files of the processors hold.
CONTENT = {
    "ocrd-rapid-detect": {"null_model": "dark areas"},
    "ocrd-rapid-classify": {"null_model": "upright"},
    "ocrd-rapid-recognize": {"null_model": "ink", "characters": CHARACTERS},
}
#: Their names, as a parameter ``model`` has them.
NAMES = {
    "ocrd-rapid-detect": "dark.null.onnx",
    "ocrd-rapid-classify": "upright.null.onnx",
    "ocrd-rapid-recognize": "ink.null.onnx",
}
_SECTIONS = {
    "ocrd-rapid-detect": "Det", "ocrd-rapid-classify": "Cls", "ocrd-rapid-recognize": "Rec",
}  # fmt: skip


def install(resources: Path) -> dict[str, Path]:
    """Write all null models below a directory of resources; return them by their processor."""
    paths = {executable: resources / executable / name for executable, name in NAMES.items()}
    for executable, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(CONTENT[executable]))
    return paths


def configuration(engine: str = "onnxruntime") -> dict[str, dict[str, str]]:
    """Return a configuration in HKMC's form for the null models, once they are installed."""
    return {
        section: {"model_path": NAMES[executable], "engine_type": engine}
        for executable, section in _SECTIONS.items()
    }


def model_option(executable: str) -> tuple[str, ...]:
    """Return the option that names the null model of a processor; nothing if it needs none."""
    return ("-P", "model", NAMES[executable]) if executable in NAMES else ()


def write_page(path: Path, lines: Sequence[Sequence[int]]) -> None:
    """Write the image of a page with lines that consist of words, which are bars of these widths.

    Args:
        path: of the image.
        lines: the widths of the words of every line, in pixels.
    """
    page = np.full((120 + 90 * len(lines), 900), 255, dtype=np.uint8)
    for number, words in enumerate(lines):
        x, y = 60, 60 + 90 * number
        for width in words:
            page[y : y + 30, x : x + width] = 0
            x += width + 26
    cv2.imwrite(str(path), page)
