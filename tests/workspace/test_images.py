# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The image of a page: which file, and the way between its pixels and PAGE coordinates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_with_images import (
    BLUE,
    GREEN,
    HEIGHT,
    RED,
    WIDTH,
    Points,
    colour_map,
    colours,
    document,
    plain,
    size_of,
)
from PIL import Image

from ocrd_rapid.errors import ImageError
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page_images import PageImage, page_image

BORDER = [(20, 30), (180, 30), (180, 270), (20, 270)]
#: The same extent, but with corners cut off.
POLYGON = [(20, 60), (60, 30), (180, 30), (180, 240), (140, 270), (20, 270)]


# Transforms


def test_a_page_without_border_and_orientation_is_the_image_itself(page: Path) -> None:
    image = page_image(document(), page)
    assert (image.pixels == colour_map()[:, :, ::-1]).all()
    assert (image.transform == np.eye(3)).all()
    assert image.angle == 0
    assert image.features == ()


CASES = [
    (orientation, border)
    for orientation in (0, 90, 180, -90, 270, 5, -7.5, 30, 45, -45, 95, -133, 179)
    for border in (None, BORDER, POLYGON)
]


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_pixels_show_the_colour_of_the_point_they_stand_for(
    page: Path, orientation: float, border: Points | None
) -> None:
    image = page_image(document(orientation=orientation, border=border), page)
    points = np.array([(x, y) for x in range(65, 138, 6) for y in range(65, 235, 10)])
    # The middle of a pixel is half a pixel from its corner, which has the coordinates.
    columns, rows = np.floor(image.to_pixels(points + np.float32(0.5))).astype(int).T
    shown = image.pixels[rows, columns, ::-1].astype(int)
    wanted = np.column_stack([points[:, 0], points[:, 1] // 2, np.full(len(points), 100)])
    assert np.abs(shown - wanted).max() <= (0 if orientation % 90 == 0 else 2)


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_a_mark_is_found_where_the_transform_says(
    tmp_path: Path, orientation: float, border: Points | None
) -> None:
    values = np.full((HEIGHT, WIDTH), 255, np.uint8)
    values[100:110, 60:72] = 0
    Image.fromarray(values).save(tmp_path / "page.png")
    image = page_image(document(orientation=orientation, border=border), tmp_path)
    darkness = 255.0 - image.pixels[:, :, 0]
    y, x = np.mgrid[: darkness.shape[0], : darkness.shape[1]] + 0.5
    found = np.array([(x * darkness).sum(), (y * darkness).sum()]) / darkness.sum()
    expected = image.to_pixels(np.array([(66, 105)], np.float32))[0]
    assert found == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_there_and_back_again_is_the_same_point(
    page: Path, orientation: float, border: Points | None
) -> None:
    image = page_image(document(orientation=orientation, border=border), page)
    points = np.array([(0, 0), (199, 0), (100, 150), (3.25, 299), (-10, 400)], dtype=np.float32)
    assert image.to_page(image.to_pixels(points)) == pytest.approx(points, abs=1e-3)
    assert image.to_pixels(image.to_page(points)) == pytest.approx(points, abs=1e-3)
    assert -180 < image.angle <= 180
    assert (image.angle - orientation) % 360 == 0


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_the_whole_border_is_on_the_image(
    page: Path, orientation: float, border: Points | None
) -> None:
    image = page_image(document(orientation=orientation, border=border), page)
    whole = border or [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    corners = image.to_pixels(np.array(whole, dtype=np.float32))
    # As tight as whole pixels allow.
    assert corners.min(axis=0) == pytest.approx([0, 0], abs=0.51)
    assert corners.max(axis=0) == pytest.approx(size_of(image), abs=1)


def test_outside_of_a_border_that_is_no_rectangle_is_the_median_inside(page: Path) -> None:
    values = np.full((HEIGHT, WIDTH, 3), (10, 20, 30), np.uint8)
    values[60:240, 60:140] = (200, 190, 180)
    Image.fromarray(values).save(page / "page.png")
    image = page_image(document(border=[(100, 50), (150, 150), (100, 250), (50, 150)]), page)
    assert image.pixels[0, 0, ::-1].tolist() == [200, 190, 180]
    assert image.pixels[100, 3, ::-1].tolist() == [10, 20, 30]
    assert image.pixels[100, 50, ::-1].tolist() == [200, 190, 180]


def test_a_rectangle_loses_no_pixel_on_its_edges(page: Path) -> None:
    image = page_image(document(border=BORDER), page)
    assert (image.pixels == colour_map()[30:270, 20:180, ::-1]).all()


def test_what_turning_adds_is_background(page: Path) -> None:
    plain(page / "page.png", (230, 220, 200), (WIDTH, HEIGHT))
    image = page_image(document(orientation=30), page)
    assert colours(image) == {(230, 220, 200)}


def test_a_border_beyond_the_image_is_filled_with_the_median_as_in_core(page: Path) -> None:
    plain(page / "page.png", (230, 220, 200), (WIDTH, HEIGHT))
    beyond = [(-10, -20), (210, -20), (210, 330), (-10, 330)]
    image = page_image(document(border=beyond), page)
    assert size_of(image) == (220, 350)
    assert colours(image) == {(230, 220, 200)}
    assert image.to_page(np.zeros((1, 2), np.float32)).tolist() == [[-10, -20]]


@pytest.mark.parametrize(
    "border", [[(5, 5)], [(5, 5), (5, 5)], [(5, 9), (80, 9)], [(500, 500), (600, 600)]]
)
def test_a_border_without_area_leaves_at_least_a_pixel(page: Path, border: Points) -> None:
    image = page_image(document(border=border), page)
    assert min(size_of(image)) >= 1
    assert image.pixels.shape[2] == 3


@pytest.mark.parametrize(
    "border",
    [
        [(0, 0), (40_000, 0), (40_000, 40_000)],
        [(0, 0), (1e9, 1), (0, 1)],
        [(-1e30, 0), (1e30, 1), (0, 1)],
    ],
)
def test_a_border_of_absurd_size_is_an_error(page: Path, border: Points) -> None:
    with pytest.raises(ImageError, match=r"outline from .* to .* does not belong to any image"):
        page_image(document(border=border), page)


@given(
    orientation=st.floats(-360, 360),
    left=st.integers(-20, 150),
    top=st.integers(-20, 250),
    width=st.integers(1, 120),
    height=st.integers(1, 120),
)
def test_any_border_and_orientation_lead_there_and_back(
    tmp_path_factory: pytest.TempPathFactory,
    orientation: float, left: int, top: int, width: int, height: int,
) -> None:  # fmt: skip
    directory = tmp_path_factory.getbasetemp()
    plain(directory / "page.png", RED, (WIDTH, HEIGHT))
    border = [(left, top), (left + width, top), (left + width, top + height)]
    image = page_image(document(orientation=orientation, border=border), directory)
    points = np.array([*border, (0, 0), (WIDTH, HEIGHT)], dtype=np.float32)
    assert image.to_page(image.to_pixels(points)) == pytest.approx(points, abs=2e-3)
    assert abs(np.linalg.det(image.transform) - 1) < 1e-9


# Sharing


def test_images_are_read_only(page: Path) -> None:
    for border in (None, BORDER, POLYGON):
        image = page_image(document(border=border, orientation=90 if border else None), page)
        with pytest.raises(ValueError, match="read-only"):
            image.pixels[0, 0] = 0
        assert image.pixels.flags.c_contiguous


def test_a_store_decodes_once_for_all_images(page: Path) -> None:
    store = ImageStore(page)
    first = page_image(document(), store)
    (page / "page.png").unlink()
    assert page_image(document(), store).pixels is first.pixels
    assert size_of(page_image(document(border=BORDER), store)) == (160, 240)


# Derived images


@pytest.fixture
def derived(tmp_path: Path) -> Path:
    """Return a directory with a red page.png and derived images in other colours."""
    plain(tmp_path / "page.png", RED)
    plain(tmp_path / "green.png", GREEN)
    plain(tmp_path / "blue.png", BLUE)
    plain(tmp_path / "small.png", GREEN, (30, 20))
    plain(tmp_path / "turned.png", GREEN, (40, 60))
    return tmp_path


SMALL_BORDER = [(10, 5), (40, 5), (40, 25), (10, 25)]


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([], RED),
        ([("green.png", "grayscale_normalized")], GREEN),
        ([("green.png", "despeckled"), ("blue.png", "despeckled")], BLUE),
        ([("green.png", "despeckled,dewarped"), ("blue.png", "despeckled")], GREEN),
        ([("green.png", "despeckled, dewarped"), ("blue.png", "despeckled")], GREEN),
        ([("green.png", "binarized")], RED),
        ([("green.png", "despeckled, binarized")], RED),
        ([("green.png", "despeckled"), ("blue.png", "despeckled,binarized")], GREEN),
        ([("green.png", "despeckled"), ("blue.png", "deskewed")], GREEN),
        ([("green.png", "despeckled"), ("blue.png", "")], GREEN),
        ([("green.png", "")], RED),
        ([("green.png", None)], RED),
        ([("green.png", ",")], RED),
    ],
)
def test_the_image_most_was_done_to_is_taken_but_no_binarized_one(
    derived: Path, images: list[tuple[str, str | None]], expected: tuple[int, ...]
) -> None:
    image = page_image(document(images=images, size=(60, 40)), derived)
    assert colours(image) == {expected}


@pytest.mark.parametrize(
    ("selector", "filter_", "expected", "features"),
    [
        (["binarized"], [], BLUE, ("binarized",)),
        ([], [], BLUE, ("binarized",)),
        ([], ["binarized"], GREEN, ("despeckled",)),
        (["despeckled"], ["binarized"], GREEN, ("despeckled",)),
        ([], ["binarized", "despeckled"], RED, ()),
    ],
)
def test_what_must_and_must_not_be_done_can_be_chosen(
    derived: Path, selector: list[str], filter_: list[str], expected: tuple[int, ...],
    features: tuple[str, ...],
) -> None:  # fmt: skip
    page = document(images=[("green.png", "despeckled"), ("blue.png", "binarized")], size=(60, 40))
    image = page_image(page, derived, selector=selector, filter_=filter_)
    assert colours(image) == {expected}
    assert image.features == features


def test_what_we_do_ourselves_satisfies_the_selector(derived: Path) -> None:
    page = document(border=SMALL_BORDER, orientation=93, size=(60, 40))
    image = page_image(page, derived, selector=("cropped", "rotated-270", "deskewed"))
    assert image.features == ("cropped", "rotated-270", "deskewed")
    assert image.angle == 93


@pytest.mark.parametrize(
    ("filter_", "features", "angle", "size"),
    [
        (["cropped"], ("rotated-270", "deskewed"), 93, None),
        (["rotated-270"], ("cropped", "deskewed"), 3, None),
        (["deskewed"], ("cropped", "rotated-270"), 90, (20, 30)),
        (["cropped", "rotated-270", "deskewed"], (), 0, (60, 40)),
    ],
)
def test_what_is_filtered_is_not_done(
    derived: Path, filter_: list[str], features: tuple[str, ...], angle: float,
    size: tuple[int, int] | None,
) -> None:  # fmt: skip
    page = document(border=SMALL_BORDER, orientation=93, size=(60, 40))
    image = page_image(page, derived, filter_=filter_)
    assert image.features == features
    assert image.angle == angle
    assert size is None or size_of(image) == size


@pytest.mark.parametrize(
    ("selector", "filter_"),
    [(["binarized"], []), (["despeckled", "dewarped"], ["binarized"]), (["cropped"], [])],
)
def test_features_that_no_image_has_are_an_error_in_the_words_of_core(
    derived: Path, selector: list[str], filter_: list[str]
) -> None:
    page = document(images=[("green.png", "despeckled")], size=(60, 40))
    with pytest.raises(ImageError) as caught:
        page_image(page, derived, selector=selector, filter_=filter_)
    assert str(caught.value) == (
        "found no AlternativeImage that satisfies all requirements"
        f' selector="{",".join(selector)}" filter="{",".join(filter_)}" in page "page.png"'
    )


def test_a_derived_image_that_is_not_there_is_an_error_that_names_it(derived: Path) -> None:
    page = document(images=[("gone.png", "despeckled")], size=(60, 40))
    with pytest.raises(ImageError, match=r"gone\.png does not exist"):
        page_image(page, derived)


def test_a_cropped_image_stands_where_the_border_is(derived: Path) -> None:
    page = document(images=[("small.png", "cropped")], border=SMALL_BORDER, size=(60, 40))
    image = page_image(page, derived)
    assert colours(image) == {GREEN}
    assert size_of(image) == (30, 20)
    assert image.to_page(np.zeros((1, 2), np.float32)).tolist() == [[10, 5]]


def test_a_turned_image_is_not_turned_again(derived: Path) -> None:
    page = document(images=[("turned.png", "rotated-270")], orientation=90, size=(60, 40))
    image = page_image(page, derived)
    assert colours(image) == {GREEN}
    assert size_of(image) == (40, 60)
    assert image.to_pixels(np.zeros((1, 2), np.float32)).tolist() == [[40, 0]]
    assert image.angle == 90


@pytest.mark.parametrize("orientation", [None, 0, 180, -90, 3])
@pytest.mark.parametrize("size", [(60, 40), (40, 40)])
def test_an_image_that_was_turned_otherwise_is_an_error(
    derived: Path, orientation: float | None, size: tuple[int, int]
) -> None:
    plain(derived / "turned.png", GREEN, size[::-1])
    page = document(images=[("turned.png", "rotated-270")], orientation=orientation, size=size)
    with pytest.raises(
        ImageError, match=r"turned\.png is marked as rotated-270, but @orientation requires"
    ):
        page_image(page, derived)


def test_an_image_that_is_only_cropped_is_turned(derived: Path) -> None:
    page = document(
        images=[("small.png", "cropped")], border=SMALL_BORDER, orientation=90, size=(60, 40)
    )
    image = page_image(page, derived)
    assert size_of(image) == (20, 30)
    assert image.features == ("cropped", "rotated-270")


def saved(image: PageImage, path: Path) -> None:
    Image.fromarray(image.pixels[:, :, ::-1]).save(path)


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_what_we_derived_is_taken_as_it_is(
    page: Path, orientation: float, border: Points | None
) -> None:
    image = page_image(document(orientation=orientation, border=border), page)
    saved(image, page / "derived.png")
    comments = ",".join((*image.features, "despeckled"))
    images = [("derived.png", comments)]
    again = page_image(document(orientation=orientation, border=border, images=images), page)
    assert (again.pixels == image.pixels).all()
    assert (again.transform == image.transform).all()
    assert again.angle == image.angle
    assert again.features == (*image.features, "despeckled")


def test_the_order_in_which_things_were_done_counts(page: Path) -> None:
    """Deskewed on the whole canvas first, cropped then: core keeps to the order of @comments."""
    uncropped = page_image(document(orientation=5), page)
    saved(uncropped, page / "deskewed.png")
    both = document(orientation=5, border=BORDER, images=[("deskewed.png", "deskewed")])
    image = page_image(both, page)
    assert image.features == ("deskewed", "cropped")
    expected = page_image(document(orientation=5, border=BORDER), page)
    assert image.transform[:, 2] == pytest.approx(expected.transform[:, 2], abs=1)
    corner = expected.to_page(np.array([(80, 120)], np.float32))
    assert image.to_pixels(corner)[0] == pytest.approx([80, 120], abs=1)


def test_features_are_listed_once_and_never_empty(page: Path) -> None:
    saved(page_image(document(border=BORDER), page), page / "cropped.png")
    images = [("cropped.png", ",cropped,,cropped, despeckled")]
    image = page_image(document(border=BORDER, images=images), page)
    assert image.features == ("cropped", "despeckled")
    assert image.to_page(np.zeros((1, 2), np.float32)).tolist() == [[20, 30]]


@pytest.mark.parametrize(
    ("size", "images", "border"),
    [
        ((62, 80), [], None),
        ((58, 40), [], None),
        ((60, 42), [], None),
        ((60, 40), [("green.png", "cropped")], SMALL_BORDER),
        ((60, 40), [("small.png", "cropped")], None),
        ((60, 40), [("small.png", "despeckled")], None),
        ((60, 40), [("turned.png", "despeckled")], None),
    ],
)
def test_an_image_of_another_size_is_an_error_that_names_both(
    derived: Path, size: tuple[int, int], images: list[tuple[str, str]], border: Points | None
) -> None:
    page = document(images=images, border=border, size=size)
    with pytest.raises(ImageError, match=r"does not fit.* \d+ x \d+ pixels, expected \d+ x \d+"):
        page_image(page, derived)


def test_one_pixel_more_or_less_is_no_error(derived: Path) -> None:
    assert size_of(page_image(document(size=(61, 39)), derived)) == (60, 40)


def test_an_image_one_pixel_off_is_turned_about_its_own_corner(derived: Path) -> None:
    image = page_image(document(size=(61, 39), orientation=90), derived)
    assert size_of(image) == (40, 60)
    assert image.to_pixels(np.zeros((1, 2), np.float32)).tolist() == [[40, 0]]


def test_a_file_url_names_the_image(derived: Path) -> None:
    page = document(filename=(derived / "page.png").as_uri(), size=(60, 40))
    assert colours(page_image(page, Path("/nowhere"))) == {RED}
