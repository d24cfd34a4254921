# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The reading order and what it says about itself, read and written again by OCR-D core."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.export.page_xml import fill, page_from
from ocrd_rapid.ocr.page_model import ReadLine, ReadPage, ReadRegion
from ocrd_rapid.processors.reading_order import improve_order
from ocrd_rapid.workspace.order_marks import is_marked, mark_order
from ocrd_rapid.workspace.page import PageDocument

from .conftest import CORE, Core

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").is_file(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

#: Reads a page into core's classes and writes it again.
COPY = """
import sys
from ocrd_models.ocrd_page import parse, to_xml
open(sys.argv[2], "w").write(to_xml(parse(sys.argv[1])))
"""


def test_order_and_marks_survive_core(core: Core, tmp_path: Path) -> None:
    texts = ("Der Rat trat zusammen und", "beriet über den Bau.", "Danach schloß er.")
    box = np.array([(10, 10), (310, 10), (310, 30), (10, 30)], np.float32)
    regions = tuple(
        ReadRegion((ReadLine(box + np.float32([0, 60 * i]), text),), id=f"r{i}")
        for i, text in enumerate(texts)
    )
    document = PageDocument.for_image("page.png", 400, 300, "test")
    fill(document, ReadPage(400, 300, regions))
    mark_order(document.page)
    assert improve_order(document, "auto") is not None
    ours, copy = tmp_path / "ours.xml", tmp_path / "copy.xml"
    ours.write_bytes(document.to_bytes())
    done = core("ocrd", "validate", "page", "--check-coords", ours)
    assert done.returncode == 0, done.stdout
    done = core("python", "-c", COPY, ours, copy)
    assert done.returncode == 0, done.stderr
    again = PageDocument.read(copy)
    assert is_marked(again.page)
    assert again.reading_order() == ["r0", "r1", "r2"]
    sure = [region.order_confidence for region in page_from(again).regions]
    assert sure == [region.order_confidence for region in page_from(document).regions]
    assert None not in sure[1:]
