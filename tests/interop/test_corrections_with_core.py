# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR-D core finds corrected pages valid, and keeps their marks through a processor of its own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ocrd_rapid.cli.correct import command
from ocrd_rapid.workspace.ground_truth import LineState, state_of
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.values import Polygon

from .conftest import CORE, Core

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

STATES = {
    "l1": ("ein Haus <&>", LineState.CORRECTED),
    "l2": ("dasHaus", LineState.CONFIRMED),
    "l3": ("", LineState.ILLEGIBLE),
    "l4": ("", LineState.NOT_TEXT),
}


def corners(x: int, y: int, width: int, height: int) -> Polygon:
    points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return np.array(points, dtype=np.float32)


@pytest.fixture
def read(core: Core, book: Path) -> Path:
    """Return the book with PAGE-XML of three pages of four lines each."""
    done = core("ocrd", "process", "dummy -I OCR-D-IMG -O OCR-D-OCR", cwd=book)
    assert done.returncode == 0, done.stderr
    for path in sorted((book / "OCR-D-OCR").glob("*.xml")):
        document = PageDocument.read(path)
        region = document.add_region("r", corners(0, 0, 600, 400))
        for number, name in enumerate(STATES):
            line = region.add_line(name, corners(10, 10 + 50 * number, 500, 40), 0.9)
            line.add_word(f"{name}w", corners(12, 12 + 50 * number, 300, 30)).set_text(
                "dasHaus", 0.5
            )
            line.set_text("dasHaus", 0.5)
        region.set_text("\n".join(["dasHaus"] * len(STATES)), 0.5)
        path.write_bytes(document.to_bytes())
    return book


def states(directory: Path, group: str) -> list[dict[str, tuple[str | None, LineState | None]]]:
    pages = [PageDocument.read(path) for path in sorted((directory / group).glob("*.xml"))]
    return [
        {line.id: (line.text, state_of(line)) for line in page.text_regions()[0].lines}
        for page in pages
    ]


def test_core_validates_corrected_pages_and_keeps_the_marks(core: Core, read: Path) -> None:
    lines = [
        {"id": name, "old": "dasHaus", "new": text, "state": state.value}
        for name, (text, state) in STATES.items()
    ]
    pages = [
        {"id": f"P_{n:04}", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "lines": lines}
        for n, path in enumerate(sorted((read / "OCR-D-OCR").glob("*.xml")), start=1)
    ]
    value = {
        "format": "ocrd-rapid corrections", "version": 1, "group": "OCR-D-OCR", "pages": pages,
    }  # fmt: skip
    path = read.parent / "corrections.json"
    path.write_text(json.dumps(value))
    arguments = ["apply", "-w", str(read), str(path)]
    assert CliRunner().invoke(command, arguments, standalone_mode=False).exception is None
    assert states(read, "OCR-D-GT") == [STATES] * 3
    done = core("ocrd", "workspace", "validate", "--skip", "url", cwd=read)
    assert done.returncode == 0, done.stdout
    done = core("ocrd", "process", "dummy -I OCR-D-GT -O OCR-D-GT-DUMMY", cwd=read)
    assert done.returncode == 0, done.stderr
    assert states(read, "OCR-D-GT-DUMMY") == [STATES] * 3
    [one, *_] = sorted((read / "OCR-D-GT-DUMMY").glob("*.xml"))
    line = PageDocument.read(one).text_regions()[0].lines[0]
    assert line.readings == [("ein Haus <&>", 1.0), ("dasHaus", 0.5)]
    assert line.equivs()[0].get("dataTypeDetails") == "ground-truth corrected"
