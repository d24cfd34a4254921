# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What real scans are read as with the default heads: the recorded figures may only get better."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from ocrd_rapid.rapidocr.interface import RapidOCR
from ocrd_rapid.resmgr import locations

pytestmark = [pytest.mark.models, pytest.mark.scans]

SHIPPED = locations.module_root()

#: Character errors in percent, order-free, as recorded: with the model's own head, and with all
#: that is in the package. Lower them when they get better.
RECORDED = {
    "de-fraktur-book/clauren_mimil_1815_0041.jpg": (6.3, 2.4),
    "de-fraktur-newspaper/nzz_17880528.tif": (8.8, 3.9),
    "es-antiqua-19c/Buenos_Aires_en_el_ano_2080_page_24.png": (
        2.0,
        2.1,
    ),  # 2.20 with weights of 32 bits
}

#: In percentage points: versions of the engines and of OpenCV differ a little.
TOLERANCE = 0.3


def error(scan: Path, scoring: ModuleType, heads: str) -> float:
    result = RapidOCR(params={"Rec.heads": heads})(scan)[0]
    lines = [scoring.Line(scoring.box_of(line[0]), line[1]) for line in result]
    truth = scan.with_suffix(".page.xml")
    if truth.is_file():
        reference = scoring.read_page(truth, sort_regions=True)
    else:
        reference = scoring.read_alto(truth.with_name(truth.name.replace(".page.", ".alto.")))
    return 100 * float(scoring.rates(scoring.score(reference, lines))["line"])


@pytest.mark.parametrize("page", RECORDED)
def test_heads_read_what_the_model_alone_does_not(
    page: str, models: Path, scans: Path, scoring: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "module_dir", lambda executable: SHIPPED / executable)
    alone, together = RECORDED[page]
    assert error(scans / page, scoring, "base") == pytest.approx(alone, abs=2 * TOLERANCE)
    assert error(scans / page, scoring, "auto") <= together + TOLERANCE
