# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-preprocess`` on typeset pages that were spoiled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from typeset_pages import (
    HEIGHT,
    WIDTH,
    blank,
    rotated,
    typeset,
    with_contrast,
    with_grain,
    with_impulses,
    with_shadow,
)

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.errors import ParameterError
from ocrd_rapid.ocr.preprocessing import find_skew, measure_levels, measure_noise
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.processors import create
from ocrd_rapid.processors.preprocess import EXECUTABLE
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import PageImage, alternative_images, page_image
from ocrd_rapid.workspace.segments import NAMESPACE

PAGE = typeset()
STEPS = ["deskew", "denoise", "contrast", "illumination"]


def parameters(**given: Any) -> dict[str, Any]:
    return complete_parameters(given, tool_description(EXECUTABLE), executable=EXECUTABLE)


def task(folder: Path, pixels: BgrImage, body: str = "", attributes: str = "") -> OpenPage:
    """Return a page to be processed, with this inside of its Page element."""
    Image.fromarray(pixels[:, :, ::-1]).save(folder / "page.png", dpi=(300, 300))
    height, width = pixels.shape[:2]
    document = PageDocument.parse(
        f'<PcGts xmlns="{NAMESPACE}"><Page imageFilename="page.png" imageWidth="{width}"'
        f' imageHeight="{height}" {attributes}>{body}</Page></PcGts>'.encode()
    )
    return OpenPage("P_1", document, ImageStore(folder), MetsFile("OUT_1", "OUT", "P_1", "", ""))


def preprocess(page: OpenPage, *steps: str, **given: Any) -> PageImage:
    """Preprocess a page in these steps; return its image as the next processor sees it."""
    if steps:
        given["steps"] = list(steps)
    create(EXECUTABLE, parameters(**given)).process(page)
    return page_image(page.document, page.images)


def features(page: OpenPage) -> list[tuple[str, ...]]:
    return [image.features for image in alternative_images(page.document.page)]


# What is written


def test_a_good_page_stays_as_it_is(tmp_path: Path) -> None:
    page = task(tmp_path, PAGE)
    before = page.document.to_bytes()
    preprocess(page, *STEPS)
    assert page.made == []
    assert page.document.to_bytes() == before


@pytest.mark.parametrize("level", [0, 100, 255])
def test_an_empty_page_stays_as_it_is(tmp_path: Path, level: int) -> None:
    page = task(tmp_path, blank(level=level))
    preprocess(page, *STEPS)
    assert page.made == []
    assert page.document.page.get("orientation") is None


@pytest.mark.parametrize(
    ("step", "spoiled", "feature"),
    [
        ("deskew", rotated(PAGE, 3), "deskewed"),
        ("denoise", with_grain(PAGE, 20), "despeckled"),
        ("denoise", with_impulses(PAGE, 0.05), "despeckled"),
        ("contrast", with_contrast(PAGE, 0.3), "grayscale_normalized"),
        ("illumination", with_shadow(PAGE, 0.4), "grayscale_normalized"),
    ],
    ids=["deskew", "grain", "impulses", "contrast", "illumination"],
)
def test_each_step_has_its_feature_and_leaves_the_rest_alone(
    tmp_path: Path, step: str, spoiled: BgrImage, feature: str
) -> None:
    page = task(tmp_path, spoiled)
    preprocess(page, *(other for other in STEPS if other != step))
    assert feature not in {f for image in features(page) for f in image}
    page = task(tmp_path, spoiled)
    preprocess(page, step)
    assert features(page) == [(feature,)]


def test_the_image_is_listed_with_all_features_and_keeps_its_resolution(tmp_path: Path) -> None:
    page = task(tmp_path, with_contrast(rotated(with_impulses(PAGE, 0.05), -2), 0.3))
    preprocess(page, "denoise", "deskew", "contrast", "illumination", min_impulses=0.001)
    assert features(page) == [("despeckled", "deskewed", "grayscale_normalized")]
    (made,) = page.made
    path = "OUT/OUT_1.IMG-PRE.png"
    assert made.entry == MetsFile("OUT_1.IMG-PRE", "OUT", "P_1", "image/png", path)
    assert alternative_images(page.document.page)[0].filename == path
    (tmp_path / "new.png").write_bytes(made.data)
    with Image.open(tmp_path / "new.png") as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_feature_that_two_steps_have_is_named_once(tmp_path: Path) -> None:
    page = task(tmp_path, with_contrast(with_shadow(PAGE, 0.4), 0.3))
    preprocess(page, "illumination", "contrast", max_unevenness=0.1)
    assert features(page) == [("grayscale_normalized",)]


def test_what_is_mended_is_better(tmp_path: Path) -> None:
    page = task(tmp_path, with_impulses(with_contrast(rotated(PAGE, 4), 0.3), 0.05))
    pixels = preprocess(page, "denoise", "contrast", "deskew").pixels
    assert measure_noise(pixels).impulses < 0.001
    assert measure_levels(pixels).contrast > 240
    assert find_skew(pixels) == pytest.approx(0, abs=0.1)


def test_what_has_been_done_is_not_done_again(tmp_path: Path) -> None:
    page = task(tmp_path, with_contrast(rotated(PAGE, 4), 0.3))
    preprocess(page, *STEPS)
    again = replace(page, made=[])
    orientation = page.document.orientation
    preprocess(again, *STEPS)
    assert again.made == []
    assert again.document.orientation == orientation


def test_the_order_of_the_steps_is_as_given(tmp_path: Path) -> None:
    page = task(tmp_path, with_contrast(rotated(PAGE, 4), 0.3))
    preprocess(page, "contrast", "deskew")
    assert features(page) == [("grayscale_normalized", "deskewed")]


# Orientation and coordinates


@pytest.mark.parametrize("degrees", [-8.0, -1.5, 2.5, 12.0])
def test_the_orientation_is_what_sets_the_page_upright(tmp_path: Path, degrees: float) -> None:
    page = task(tmp_path, rotated(PAGE, degrees))
    preprocess(page, "deskew")
    assert page.document.orientation == pytest.approx(-degrees, abs=0.1)


@pytest.mark.parametrize("quarter", [90, 180, -90])
def test_the_skew_is_added_to_the_quarter_turns_that_are_known(
    tmp_path: Path, quarter: int
) -> None:
    lying = np.ascontiguousarray(np.rot90(rotated(PAGE, 3), quarter // 90))
    page = task(tmp_path, lying, attributes=f'orientation="{quarter}"')
    image = preprocess(page, "deskew")
    expected = quarter - 3 if quarter > -90 else -93
    assert page.document.orientation == pytest.approx(expected, abs=0.1)
    assert features(page) == [(f"rotated-{-quarter % 360}", "deskewed")]
    assert find_skew(image.pixels) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("steps", [("deskew",), ("contrast", "deskew"), ("deskew", "contrast")])
@pytest.mark.parametrize("border", ["", "300,250 900,250 900,1100 300,1100"])
def test_what_is_found_on_the_image_lies_where_it_is_on_the_original(
    tmp_path: Path, steps: tuple[str, ...], border: str
) -> None:
    original = with_contrast(rotated(PAGE, 5), 0.3)
    # A mark of its own colour, at a place that is known.
    at = np.array([[620.0, 580.0]], dtype=np.float32)
    cv2.circle(original, (620, 580), 9, (200, 60, 60), -1)
    body = f'<Border><Coords points="{border}"/></Border>' if border else ""
    page = task(tmp_path, original, body)
    image = preprocess(page, *steps)
    assert ("cropped" in image.features) is bool(border)
    blue = image.pixels[:, :, 0].astype(int) - image.pixels[:, :, 2]
    rows, columns = np.nonzero(blue > 0.6 * blue.max())
    found = np.array([[columns.mean() + 0.5, rows.mean() + 0.5]], dtype=np.float32)
    assert image.to_page(found) == pytest.approx(at + 0.5, abs=0.5)
    assert image.to_pixels(at + 0.5) == pytest.approx(found, abs=0.5)


def test_straight_regions_are_turned_with_the_page_and_others_keep_their_angle(
    tmp_path: Path,
) -> None:
    body = "".join(
        f'<TextRegion id="{name}" {attributes}><Coords points="100,100 300,100 300,300"/>'
        "</TextRegion>"
        for name, attributes in [
            ("follows", ""), ("straight", 'orientation="0.0"'), ("head", 'orientation="180.0"'),
            ("own", 'orientation="-2.5"'),
        ]
    )  # fmt: skip
    page = task(tmp_path, rotated(PAGE, 3), body)
    preprocess(page, "deskew")
    skew = page.document.orientation
    assert skew == pytest.approx(-3, abs=0.1)
    found = [region.orientation for region in page.document.text_regions()]
    assert found == [None, pytest.approx(skew), pytest.approx(180 + skew), -2.5]


def test_a_page_that_is_deskewed_is_not_deskewed_again(tmp_path: Path) -> None:
    page = task(tmp_path, rotated(PAGE, 3), attributes='orientation="1.0"')
    preprocess(page, "deskew")
    assert page.made == []
    assert page.document.orientation == 1.0


def test_images_of_regions_keep_a_page_from_being_turned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    image = '<AlternativeImage filename="r.png" comments="despeckled"/>'
    region = f'<TextRegion id="r">{image}<Coords points="1,1 90,1 90,90"/></TextRegion>'
    page = task(tmp_path, rotated(PAGE, 3), region)
    preprocess(page, "deskew")
    assert page.made == []
    assert page.document.page.get("orientation") is None
    assert "not deskewed by -3.0" in caplog.text


def test_a_derived_image_of_the_page_is_the_one_that_is_worked_on(tmp_path: Path) -> None:
    faint = with_contrast(PAGE, 0.3)
    cv2.imwrite(str(tmp_path / "clean.png"), faint)
    given = '<AlternativeImage filename="clean.png" comments="despeckled"/>'
    page = task(tmp_path, blank(WIDTH, HEIGHT), given)
    image = preprocess(page, "contrast")
    assert features(page) == [("despeckled",), ("despeckled", "grayscale_normalized")]
    assert measure_levels(image.pixels).contrast > 240


# Parameters


def test_the_default_steps_are_each_named_once() -> None:
    steps = parameters()["steps"]
    assert set(steps) <= set(STEPS)
    assert len(set(steps)) == len(steps)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"steps": ["dewarp"]}, 'parameter steps.0 is "dewarp", but must be one of deskew, '),
        ({"steps": "deskew"}, 'parameter steps is "deskew", but must be a list'),
        ({"operation_level": "region"}, "parameter operation_level is"),
        ({"min_skew": -1}, "parameter min_skew is -1, but must be at least 0"),
    ],
)
def test_wrong_parameters_are_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ParameterError, match=complaint):
        parameters(**given)


def test_no_steps_change_nothing(tmp_path: Path) -> None:
    page = task(tmp_path, rotated(PAGE, 3))
    preprocess(page, steps=[])
    assert page.made == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 7), (300, 3)])
def test_tiny_pages_go_through(tmp_path: Path, step: str, width: int, height: int) -> None:
    speckled = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image = preprocess(task(tmp_path, speckled), step)
    assert image.pixels.shape == (height, width, 3)
