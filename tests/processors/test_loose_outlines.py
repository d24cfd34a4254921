# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines and baselines of other programs, read with the default models on the sample page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import TextLine

pytestmark = pytest.mark.models

ASSETS = Path(__file__).resolve().parent.parent / "assets" / "sample"
#: Share of the characters that may be read in another way.
LIKE = 0.01


def grow(line: TextLine, share: float) -> None:
    """Make an outline higher by a share of its height, or lower."""
    outline = line.polygon
    middle = (outline[:, 1].max() + outline[:, 1].min()) / 2
    outline[:, 1] = middle + (1 + share) * (outline[:, 1] - middle)
    line.set_polygon(np.maximum(np.rint(outline), 0).astype(np.float32))


@pytest.fixture
def error_rate(
    run: Callable[..., Any], workspace: Path, models: Path
) -> Callable[[Callable[[TextLine], None]], float]:
    """Return a function that changes the lines of the ground truth, and reads them then."""

    def measure(change: Callable[[TextLine], None]) -> float:
        page = PageDocument.read(ASSETS / "sample.gt.page.xml")
        (image,) = (workspace / "OCR-D-IMG").iterdir()
        page.page.set("imageFilename", f"OCR-D-IMG/{image.name}")
        truth = [line.text or "" for region in page.text_regions() for line in region.lines]
        for region in page.text_regions():
            for line in region.lines:
                change(line)
        source = workspace / "page.xml"
        source.write_bytes(page.to_bytes())
        options = ("-G", "SEG", "-i", "SEG_0001", "-g", "P_0001")
        assert run("ocrd-rapid", "workspace", "-d", workspace, "add", *options, source).code == 0
        done = run("ocrd-rapid-recognize", "-w", workspace, "-I", "SEG", "-O", "OCR")
        assert done.code == 0, done.err
        (path,) = (workspace / "OCR").glob("*.xml")
        regions = PageDocument.read(path).text_regions()
        read = [line.text or "" for region in regions for line in region.lines]
        pairs = zip(read, truth, strict=True)
        return sum(Levenshtein.distance(*pair) for pair in pairs) / sum(map(len, truth))

    return measure


@pytest.mark.parametrize("share", [-0.2, 0.5, 1.0, 2.0])
def test_outlines_of_any_height_read_the_same(
    error_rate: Callable[[Callable[[TextLine], None]], float], share: float
) -> None:
    assert error_rate(lambda line: grow(line, share)) < LIKE
