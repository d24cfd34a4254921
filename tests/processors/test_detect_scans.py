# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Regions of a foreign segmentation: lines found inside of them are read as well as the page's.

Ground truth with its lines removed; measured with the default models and onnxruntime. The
character error is the order-free one of ../shared/tools/score_pages.py ("line").
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.processors import create
from ocrd_rapid.runtime.processor import OpenPage, Processor
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument

pytestmark = [pytest.mark.models, pytest.mark.scans]

#: Order-free character error in percent on level page (without the given regions) and region.
RECORDED = {
    "de-fraktur-book/laube_europa0202_1837_0105.jpg": (1.93, 1.48),
    "de-fraktur-book/clauren_mimil_1815_0041.jpg": (5.12, 5.23),
    "de-fraktur-newspaper/nzz_18320516.tif": (10.61, 10.30),
}

#: In percentage points: versions of the engines and of OpenCV differ a little.
TOLERANCE = 0.4


def make(name: str, **given: object) -> Processor:
    executable = f"ocrd-rapid-{name}"
    tool = tool_description(executable)
    return create(executable, complete_parameters(given, tool, executable=executable))


@pytest.mark.parametrize("page", RECORDED)
@pytest.mark.parametrize("level", ["page", "region"])
def test_the_character_error_has_not_risen(
    scans: Path, scoring: ModuleType, models: Path, page: str, level: str
) -> None:
    truth = (scans / page).with_suffix(".page.xml")
    document = PageDocument.read(truth)
    document.page.set("imageFilename", str(scans / page))
    document = PageDocument(document.root)
    for region in document.text_regions():
        region.remove_text()
        for line in region.lines:
            region.element.remove(line.element)
    if level == "page":
        document.remove_regions()
    task = OpenPage("P_1", document, ImageStore(scans))
    make("detect", operation_level=level).process(task)
    make("recognize").process(task)
    result = [
        scoring.Line(scoring.box_of(line.polygon), line.text or "")
        for region in document.text_regions()
        for line in region.lines
    ]
    reference = scoring.read_page(truth, sort_regions=True)
    found = 100 * float(scoring.rates(scoring.score(reference, result))["line"])
    assert found <= RECORDED[page][level == "region"] + TOLERANCE
