# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Images of regions, lines and words, cut out of their parents or derived."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from page_with_images import (
    BLUE,
    GREEN,
    HEIGHT,
    RED,
    WIDTH,
    Points,
    colours,
    document,
    plain,
    segment,
    size_of,
)
from PIL import Image

from ocrd_rapid.errors import ImageError, PageXmlError
from ocrd_rapid.workspace import xml
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page_images import PageImage, page_image, segment_image
from ocrd_rapid.workspace.segments import NAMESPACE, TextRegion

BORDER = [(10, 15), (190, 20), (185, 280), (15, 285)]
REGION = [(40, 60), (160, 50), (165, 200), (45, 210)]
LINE = [(60, 80), (140, 75), (142, 120), (62, 125)]
WORD = [(80, 85), (120, 85), (120, 115), (80, 115)]


def element(text: str) -> etree._Element:
    return xml.parse(f'<x xmlns="{NAMESPACE}">{text}</x>'.encode())[0]


def nested(
    directory: Path,
    page_angle: float | None,
    region_angle: float | None,
    border: Points | None = None,
) -> list[PageImage]:
    """Return the images of a page, a region, a line in it, and a word in that."""
    store = ImageStore(directory)
    images = [page_image(document(orientation=page_angle, border=border), store)]
    for kind, points, angle in (
        ("TextRegion", REGION, region_angle), ("TextLine", LINE, None), ("Word", WORD, None),
    ):  # fmt: skip
        part = element(segment(kind, points, orientation=angle))
        images.append(segment_image(images[-1], part, store))
    return images


ANGLES = [
    (page_angle, region_angle)
    for page_angle in (None, 0, 90, 180, -90, 4, -95, 45)
    for region_angle in (None, 0, 90, 180, -90, -7.5, 100, 45)
]


# Geometry


@pytest.mark.parametrize(("page_angle", "region_angle"), ANGLES)
@pytest.mark.parametrize("border", [None, BORDER])
def test_pixels_show_the_colour_of_the_point_they_stand_for(
    page: Path, page_angle: float | None, region_angle: float | None, border: Points | None
) -> None:
    points = np.array([(x, y) for x in range(84, 118, 3) for y in range(89, 113, 3)])
    wanted = np.column_stack([points[:, 0], points[:, 1] // 2, np.full(len(points), 100)])
    for image in nested(page, page_angle, region_angle, border):
        columns, rows = np.floor(image.to_pixels(points + np.float32(0.5))).astype(int).T
        shown = image.pixels[rows, columns, ::-1].astype(int)
        assert np.abs(shown - wanted).max() <= 2


@pytest.mark.parametrize(("page_angle", "region_angle"), ANGLES)
def test_a_mark_is_found_where_the_transform_says(
    tmp_path: Path, page_angle: float | None, region_angle: float | None
) -> None:
    values = np.full((HEIGHT, WIDTH), 255, np.uint8)
    values[96:104, 92:106] = 0
    Image.fromarray(values).save(tmp_path / "page.png")
    for image in nested(tmp_path, page_angle, region_angle):
        darkness = 255.0 - image.pixels[:, :, 0]
        y, x = np.mgrid[: darkness.shape[0], : darkness.shape[1]] + 0.5
        found = np.array([(x * darkness).sum(), (y * darkness).sum()]) / darkness.sum()
        expected = image.to_pixels(np.array([(99, 100)], np.float32))[0]
        assert found == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("page_angle", "region_angle"), ANGLES)
def test_orientation_is_absolute_and_inherited(
    page: Path, page_angle: float | None, region_angle: float | None
) -> None:
    whole, region, line, word = nested(page, page_angle, region_angle)
    assert whole.angle == (page_angle or 0)
    expected = whole.angle if region_angle is None else region_angle
    assert region.angle == line.angle == word.angle == pytest.approx(expected)
    along = region.to_pixels(np.array([(0, 0), (100, 0)], np.float32))
    direction = np.degrees(np.arctan2(*(along[1] - along[0])[::-1]))
    assert abs((direction - expected + 180) % 360 - 180) < 1e-3


@pytest.mark.parametrize(("page_angle", "region_angle"), ANGLES)
def test_an_outline_just_fits_on_its_image(
    page: Path, page_angle: float | None, region_angle: float | None
) -> None:
    for image, points in zip(
        nested(page, page_angle, region_angle)[1:], (REGION, LINE, WORD), strict=True
    ):
        corners = image.to_pixels(np.array(points, np.float32))
        assert corners.min(axis=0) == pytest.approx([0, 0], abs=0.51)
        assert corners.max(axis=0) == pytest.approx(size_of(image), abs=1)


@settings(max_examples=60)
@given(
    page_angle=st.none() | st.floats(-180, 180),
    region_angle=st.none() | st.floats(-180, 180),
    points=st.lists(
        st.tuples(st.integers(-10, WIDTH + 10), st.integers(-10, HEIGHT + 10)),
        min_size=1, max_size=8,
    ),
)  # fmt: skip
def test_any_outline_leads_there_and_back(
    tmp_path_factory: pytest.TempPathFactory,
    page_angle: float | None, region_angle: float | None, points: list[tuple[int, int]],
) -> None:  # fmt: skip
    directory = tmp_path_factory.getbasetemp()
    plain(directory / "page.png", RED, (WIDTH, HEIGHT))
    store = ImageStore(directory)
    region = element(segment("TextRegion", points, orientation=region_angle))
    whole = page_image(document(orientation=page_angle), store)
    part = segment_image(whole, region, store)
    line = segment_image(part, element(segment("TextLine", points)), store)
    outline = np.array(points, np.float32)
    for image in (part, line):
        assert image.to_page(image.to_pixels(outline)) == pytest.approx(outline, abs=2e-3)
        assert abs(np.linalg.det(image.transform) - 1) < 1e-9
        assert colours(image) == {RED}
        assert -180 < image.angle <= 180
    # What is cut out twice stays the same.
    assert size_of(line) == size_of(part)
    assert line.transform == pytest.approx(part.transform)


def test_the_same_angle_as_the_parent_is_not_rotated_by_a_rounding_error(page: Path) -> None:
    for angle in (0.1, 3.3, -92.7, 179.9):
        whole, region, *_ = nested(page, angle, angle)
        assert "deskewed" not in region.features
        assert region.angle == whole.angle


# Painting


def test_outside_of_the_outline_is_the_median_inside(tmp_path: Path) -> None:
    values = np.full((HEIGHT, WIDTH, 3), 0, np.uint8)
    values[50:150, 50:150] = (200, 190, 180)
    Image.fromarray(values).save(tmp_path / "page.png")
    whole = page_image(document(), tmp_path)
    part = element(segment("TextLine", [(40, 90), (100, 60), (160, 90), (100, 120)]))
    image = segment_image(whole, part, tmp_path)
    assert size_of(image) == (120, 60)
    assert image.pixels[0, 0, ::-1].tolist() == [200, 190, 180]
    # Inside of the outline the black beside the paper stays.
    assert image.pixels[30, 4].tolist() == [0, 0, 0]
    assert image.pixels[30, 60, ::-1].tolist() == [200, 190, 180]


@pytest.mark.parametrize("angle", [None, 90, 7])
def test_neighbours_are_painted_over_also_when_turned(tmp_path: Path, angle: float | None) -> None:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    polygon = [(60, 60), (140, 60), (140, 160), (100, 160), (100, 100), (60, 100)]
    values[50:110, 50:150] = values[50:170, 92:150] = 255
    Image.fromarray(values).save(tmp_path / "page.png")
    part = element(segment("TextRegion", polygon, orientation=angle))
    image = segment_image(page_image(document(), tmp_path), part, tmp_path)
    assert (image.pixels == 255).all()


def test_a_segment_outside_of_the_page_is_background(tmp_path: Path) -> None:
    plain(tmp_path / "page.png", (230, 220, 200), (WIDTH, HEIGHT))
    part = element(segment("TextLine", [(500, 500), (560, 500), (560, 520), (500, 520)]))
    image = segment_image(page_image(document(), tmp_path), part, tmp_path)
    assert size_of(image) == (60, 20)
    assert colours(image) == {(230, 220, 200)}


def test_the_median_is_a_colour_of_the_page(tmp_path: Path) -> None:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[:, ::2] = 201
    Image.fromarray(values).save(tmp_path / "page.png")
    part = element(segment("TextLine", [(10, 10), (30, 10), (20, 40)]))
    image = segment_image(page_image(document(), tmp_path), part, tmp_path)
    assert {value for value, *_ in colours(image)} == {0, 201}


@pytest.mark.parametrize("angle", [None, 90, 5])
def test_images_are_read_only(page: Path, angle: float | None) -> None:
    for image in nested(page, None, angle):
        with pytest.raises(ValueError, match="read-only"):
            image.pixels[0, 0] = 0
        assert image.pixels.flags.c_contiguous


# Derived images


@pytest.fixture
def derived(tmp_path: Path) -> Path:
    plain(tmp_path / "page.png", RED, (WIDTH, HEIGHT))
    plain(tmp_path / "green.png", GREEN, (40, 30))
    plain(tmp_path / "blue.png", BLUE, (40, 30))
    plain(tmp_path / "tall.png", GREEN, (40, 48))
    plain(tmp_path / "turned.png", GREEN, (30, 40))
    return tmp_path


BOX = [(60, 80), (100, 80), (100, 110), (60, 110)]


@pytest.mark.parametrize("kind", ["TextRegion", "TableRegion", "TextLine", "Word", "Glyph"])
@pytest.mark.parametrize(
    ("images", "expected", "features"),
    [
        ([], RED, ()),
        ([("green.png", "despeckled")], GREEN, ("despeckled",)),
        ([("green.png", "despeckled"), ("blue.png", "dewarped")], BLUE, ("dewarped",)),
        ([("green.png", "despeckled"), ("blue.png", None)], GREEN, ("despeckled",)),
        ([("green.png", "despeckled"), ("blue.png", "binarized")], GREEN, ("despeckled",)),
        ([("green.png", "cropped")], GREEN, ("cropped",)),
        ([("blue.png", None)], RED, ()),
        ([("blue.png", "binarized")], RED, ()),
    ],
)
def test_a_derived_image_of_the_segment_is_taken(
    derived: Path, kind: str, images: list[tuple[str, str | None]],
    expected: tuple[int, ...], features: tuple[str, ...],
) -> None:  # fmt: skip
    part = element(segment(kind, BOX, images=images))
    image = segment_image(page_image(document(), derived), part, derived)
    assert colours(image) == {expected}
    assert image.features == features
    assert size_of(image) == (40, 30)
    assert image.to_page(np.zeros((1, 2), np.float32)).tolist() == [[60, 80]]


def test_the_image_chosen_is_the_one_that_is_read(derived: Path) -> None:
    """Core reads the last one."""
    images = [("green.png", "binarized"), ("blue.png", None)]
    part = element(segment("TextRegion", BOX, images=images))
    whole = page_image(document(), derived)
    image = segment_image(whole, part, derived, selector=["binarized"], filter_=())
    assert colours(image) == {GREEN}
    assert image.features == ("binarized",)


def test_a_derived_image_lies_where_the_turned_parent_has_the_segment(derived: Path) -> None:
    part = element(segment("TextRegion", BOX, images=[("turned.png", "despeckled")]))
    whole = page_image(document(orientation=90), derived)
    image = segment_image(whole, part, derived)
    assert size_of(image) == (30, 40)
    assert image.angle == 90
    assert image.to_pixels(np.array([(60, 80)], np.float32)).tolist() == [[30, 0]]


@pytest.mark.parametrize("page_angle", [None, 90, 4])
def test_an_image_that_was_turned_is_not_turned_again(
    derived: Path, page_angle: float | None
) -> None:
    whole = page_image(document(orientation=page_angle), derived)
    made = segment_image(whole, element(segment("TextRegion", BOX, orientation=90)), derived)
    Image.fromarray(made.pixels[:, :, ::-1]).save(derived / "made.png")
    comments = ",".join((*made.features, "despeckled"))
    part = segment("TextRegion", BOX, orientation=90, images=[("made.png", comments)])
    image = segment_image(whole, element(part), derived)
    assert (image.pixels == made.pixels).all()
    assert (image.transform == made.transform).all()
    assert image.angle == made.angle == pytest.approx(90)
    assert image.features == (*made.features, "despeckled")


def test_what_was_not_done_to_a_derived_image_is_done(derived: Path) -> None:
    images = [("green.png", "despeckled")]
    part = element(segment("TextRegion", BOX, orientation=95, images=images))
    image = segment_image(page_image(document(), derived), part, derived)
    assert image.features == ("despeckled", "rotated-270", "deskewed")
    assert colours(image) == {GREEN}
    corners = image.to_pixels(np.array(BOX, np.float32))
    assert corners.min(axis=0) == pytest.approx([0, 0], abs=0.51)
    assert corners.max(axis=0) == pytest.approx(size_of(image), abs=1)


@pytest.mark.parametrize(
    ("features", "inherited"),
    [
        ("despeckled", ("despeckled",)),
        ("cropped,grayscale_normalized,deskewed,dewarped", ("grayscale_normalized", "dewarped")),
        ("cropped", ()),
    ],
)
def test_features_of_the_parent_are_inherited_unless_geometric(
    page: Path, features: str, inherited: tuple[str, ...]
) -> None:
    border = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    whole = page_image(document(border=border, images=[("page.png", features)]), page)
    image = segment_image(whole, element(segment("TextRegion", BOX)), page)
    assert image.features == inherited
    line = segment_image(image, element(segment("TextLine", BOX)), page)
    assert line.features == inherited


def test_a_part_of_a_binarized_page_is_binarized(derived: Path) -> None:
    binarized = document(images=[("page.png", "binarized")])
    whole = page_image(binarized, derived, filter_=())
    part = element(segment("TextLine", BOX))
    with pytest.raises(ImageError, match=r'selector="" filter="binarized" in TextLine "x"$'):
        segment_image(whole, part, derived)
    assert segment_image(whole, part, derived, filter_=()).features == ("binarized",)


def test_features_that_no_image_has_are_an_error(derived: Path) -> None:
    part = element(segment("TextRegion", BOX, images=[("green.png", "despeckled")]))
    whole = page_image(document(), derived)
    with pytest.raises(ImageError, match=r'selector="dewarped" .* in TextRegion "x"$'):
        segment_image(whole, part, derived, selector=["dewarped"])


@pytest.mark.parametrize("name", ["tall.png", "turned.png", "page.png"])
def test_a_derived_image_of_another_size_is_an_error(derived: Path, name: str) -> None:
    part = element(segment("TextLine", BOX, images=[(name, "despeckled")]))
    with pytest.raises(ImageError, match=rf"{name} does not fit .*, expected 40 x 30"):
        segment_image(page_image(document(), derived), part, derived)


def test_dewarping_may_change_the_size(derived: Path) -> None:
    part = element(segment("TextLine", BOX, images=[("tall.png", "dewarped")]))
    image = segment_image(page_image(document(), derived), part, derived)
    assert size_of(image) == (40, 48)
    assert image.to_pixels(np.array(BOX, np.float32)) == pytest.approx(
        np.array([(0, 0), (40, 0), (40, 48), (0, 48)])
    )


def test_an_image_that_was_turned_otherwise_is_an_error(derived: Path) -> None:
    images = [("green.png", "rotated-180")]
    part = element(segment("TextRegion", BOX, orientation=0, images=images))
    with pytest.raises(ImageError, match=r"green\.png is marked as rotated-180, but @orient"):
        segment_image(page_image(document(), derived), part, derived)


def test_a_derived_image_that_is_not_there_is_an_error_that_names_it(derived: Path) -> None:
    part = element(segment("TextRegion", BOX, images=[("gone.png", "despeckled")]))
    with pytest.raises(ImageError, match=r"gone\.png does not exist"):
        segment_image(page_image(document(), derived), part, derived)


# Segments


def test_a_segment_or_its_element_will_do(page: Path) -> None:
    whole = page_image(document(), page)
    part = element(segment("TextRegion", REGION, orientation=5))
    by_element = segment_image(whole, part, page)
    by_segment = segment_image(whole, TextRegion(part), ImageStore(page))
    assert (by_element.pixels == by_segment.pixels).all()
    assert (by_element.transform == by_segment.transform).all()


@pytest.mark.parametrize("points", [None, []])
def test_a_segment_without_outline_is_an_error(page: Path, points: Points | None) -> None:
    part = element(segment("Word", points))
    with pytest.raises(PageXmlError, match='Word "x" has no outline'):
        segment_image(page_image(document(), page), part, page)


def test_an_outline_of_absurd_size_is_an_error(page: Path) -> None:
    part = element(segment("Word", [(0, 0), (1e7, 0), (0, 1e7)]))
    with pytest.raises(ImageError, match=r"outline from 0,0 to 1e\+07,1e\+07 does not belong"):
        segment_image(page_image(document(), page), part, page)
