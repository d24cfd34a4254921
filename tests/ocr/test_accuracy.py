"""What real scans are read as: the recorded figures may only get better.

Measured in-process with the default models and onnxruntime on a few small pages; the character
error is the order-free one of ../shared/tools/score_pages.py ("line").
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from ocrd_rapid.ocr.detection import Detector
from ocrd_rapid.ocr.geometry import Points, cut_box, order_corners
from ocrd_rapid.ocr.images import BgrImage, to_bgr
from ocrd_rapid.ocr.orientation import OrientationClassifier
from ocrd_rapid.ocr.recognition import Recognizer

pytestmark = [pytest.mark.models, pytest.mark.scans]

#: Order-free character error in percent, as recorded. Lower them when they get better.
RECORDED = {
    "fr-la-antiqua-books/1dkv_1863_1.jpg": 0.25,
    "en-modern-print/Turn_Screw_page_85.png": 0.61,
    "es-antiqua-19c/Buenos_Aires_en_el_ano_2080_page_24.png": 2.03,
    "fr-typewriter/FRAN_0150_0002_L-medium.jpg": 3.12,
    "de-fraktur-book/clauren_mimil_1815_0041.jpg": 5.68,
    "de-fraktur-newspaper/nzz_17880528.tif": 9.73,
}

#: In percentage points: versions of the engines and of OpenCV differ a little.
TOLERANCE = 0.3

#: The probability above which ocrd-rapid-classify takes text to be upside down.
UPSIDE_DOWN = 0.6


@pytest.fixture
def scoring(scans: Path) -> ModuleType:
    """Return ../shared/tools/score_pages.py."""
    path = scans.parent.parent / "tools" / "score_pages.py"
    if not path.is_file():
        pytest.skip("../shared/tools/score_pages.py is not here")
    pytest.importorskip("rapidfuzz")
    spec = importlib.util.spec_from_file_location("score_pages", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look themselves up.
    sys.modules["score_pages"] = module
    spec.loader.exec_module(module)
    return module


def opened(path: Path) -> BgrImage:
    with Image.open(path) as image:
        return to_bgr(image)


@pytest.fixture
def character_error(
    scans: Path, scoring: ModuleType, detector: Detector, recognizer: Recognizer
) -> Callable[[str], float]:
    """Return a function that gives the character error of a page in percent."""

    def measure(page: str) -> float:
        image = opened(scans / page)
        boxes = [found.box for found in detector.detect(image)]
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
        return 100 * float(scoring.rates(scoring.score(reference, result))["line"])

    return measure


@pytest.mark.parametrize("page", RECORDED)
def test_the_character_error_has_not_risen(
    character_error: Callable[[str], float], page: str
) -> None:
    found = character_error(page)
    assert found <= RECORDED[page] + TOLERANCE


def turned(box: Points, image: BgrImage) -> Points:
    """Return a box as it lies when its image is turned by 180 degrees."""
    height, width = image.shape[:2]
    return order_corners(np.array([width, height], dtype=np.float32) - box)


@pytest.mark.parametrize("page", RECORDED)
def test_a_page_is_upside_down_only_when_it_is(
    scans: Path, detector: Detector, classifier: OrientationClassifier, page: str
) -> None:
    image = opened(scans / page)
    boxes = [found.box for found in detector.detect(image)]
    upright = classifier.upside_down([cut_box(image, box) for box in boxes])
    head_down = np.ascontiguousarray(image[::-1, ::-1])
    flipped = classifier.upside_down([cut_box(head_down, turned(box, image)) for box in boxes])
    assert upright < UPSIDE_DOWN < flipped
