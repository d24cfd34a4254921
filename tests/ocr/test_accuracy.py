# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What real scans are read as: the recorded figures may only get better.

Measured in-process with the default models and onnxruntime on a few small pages; the character
errors are those of ../shared/tools/score_pages.py: order-free ("line") and in reading order
("page").
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from ocrd_rapid.ocr.detection.detector import Detector
from ocrd_rapid.ocr.geometry import Points, cut_box, order_corners
from ocrd_rapid.ocr.layout.segmentation import lay_out_by_direction, segment
from ocrd_rapid.ocr.orientation import OrientationClassifier, widest_first
from ocrd_rapid.ocr.recognition.recognizer import Recognizer
from ocrd_rapid.pixels import BgrImage, to_bgr

pytestmark = [pytest.mark.models, pytest.mark.scans]

#: Character errors in percent, order-free and in reading order, as recorded. Lower them when they
#: get better.
RECORDED = {
    "fr-la-antiqua-books/1dkv_1863_1.jpg": (0.25, 0.31),
    "en-modern-print/Turn_Screw_page_85.png": (0.61, 0.60),
    "es-antiqua-19c/Buenos_Aires_en_el_ano_2080_page_24.png": (2.36, 2.42),
    "fr-typewriter/FRAN_0150_0002_L-medium.jpg": (3.12, 3.14),
    "de-fraktur-book/clauren_mimil_1815_0041.jpg": (6.35, 6.22),
    "de-fraktur-newspaper/nzz_17880528.tif": (9.01, 9.99),
    "de-fraktur-newspaper/nzz_18620630.tif": (6.72, 7.11),
}

#: In percentage points: versions of the engines and of OpenCV differ a little.
TOLERANCE = 0.3

#: The probability above which ocrd-rapid-classify takes text to be upside down.
UPSIDE_DOWN = 0.6


def opened(path: Path) -> BgrImage:
    with Image.open(path) as image:
        return to_bgr(image)


@pytest.fixture
def character_errors(
    scans: Path, scoring: ModuleType, detector: Detector, recognizer: Recognizer
) -> Callable[[str], tuple[float, float]]:
    """Return a function that gives the character errors of a page in percent."""

    def measure(page: str) -> tuple[float, float]:
        image = opened(scans / page)
        segmentation = segment(image, detector.detect(image))
        found = [line.box for line in segmentation.lines]
        regions = lay_out_by_direction(found, segmentation.rules)
        boxes = [found[i] for region in regions for i in region.lines]
        texts = recognizer.recognize([cut_box(image, box) for box in boxes])
        result = [
            scoring.Line(scoring.box_of(box), line.text)
            for box, line in zip(boxes, texts, strict=True)
        ]
        truth = (scans / page).with_suffix(".page.xml")
        if truth.is_file():
            reference = scoring.read_page(truth, sort_regions=True)
        else:
            reference = scoring.read_alto(truth.with_name(truth.name.replace(".page.", ".alto.")))
        rates = scoring.rates(scoring.score(reference, result))
        return 100 * float(rates["line"]), 100 * float(rates["page"])

    return measure


@pytest.mark.parametrize("page", RECORDED)
def test_the_character_errors_have_not_risen(
    character_errors: Callable[[str], tuple[float, float]], page: str
) -> None:
    line, whole = character_errors(page)
    recorded_line, recorded_whole = RECORDED[page]
    assert line <= recorded_line + TOLERANCE
    assert whole <= recorded_whole + TOLERANCE


def turned(box: Points, image: BgrImage) -> Points:
    """Return a box as it lies when its image is turned by 180 degrees."""
    height, width = image.shape[:2]
    return order_corners(np.array([width, height], dtype=np.float32) - box)


@pytest.mark.parametrize("page", RECORDED)
def test_a_page_is_upside_down_only_when_it_is(
    scans: Path, detector: Detector, classifier: OrientationClassifier, page: str
) -> None:
    image = opened(scans / page)
    boxes = widest_first([found.box for found in detector.detect(image)])
    upright = classifier.upside_down([cut_box(image, box) for box in boxes])
    head_down = np.ascontiguousarray(image[::-1, ::-1])
    flipped = classifier.upside_down([cut_box(head_down, turned(box, image)) for box in boxes])
    assert upright < UPSIDE_DOWN < flipped
