"""The image of a page: decoding it, and the way between its pixels and PAGE coordinates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from ocrd_rapid.errors import ImageError
from ocrd_rapid.workspace import images, xml
from ocrd_rapid.workspace.images import PageImage, image_size, open_image, page_image, split_angle
from ocrd_rapid.workspace.page import NAMESPACE, PageDocument

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "reference" / "golden"

WIDTH, HEIGHT = 200, 300
BORDER = [(20, 30), (180, 30), (180, 270), (20, 270)]
#: The same extent, but with corners cut off.
POLYGON = [(20, 60), (60, 30), (180, 30), (180, 240), (140, 270), (20, 270)]


def document(
    *,
    orientation: float | None = None,
    border: list[tuple[int, int]] | None = None,
    alternatives: list[tuple[str, str]] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    filename: str = "page.png",
) -> PageDocument:
    """Return a page with derived images, given as pairs of file name and features."""
    body = "".join(
        f'<AlternativeImage filename="{name}" comments="{features}"/>'
        for name, features in alternatives or []
    )
    if border:
        points = " ".join(f"{x},{y}" for x, y in border)
        body += f'<Border><Coords points="{points}"/></Border>'
    turn = "" if orientation is None else f'orientation="{orientation}"'
    return PageDocument(
        xml.parse(
            f'<PcGts xmlns="{NAMESPACE}"><Page imageFilename="{filename}" imageWidth="{size[0]}"'
            f' imageHeight="{size[1]}" {turn}>{body}</Page></PcGts>'.encode()
        )
    )


def colour_map() -> NDArray[np.uint8]:
    """Return an RGB image whose colour says where a pixel is: red is x, green y / 2."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x, y // 2, np.full_like(x, 100)], axis=-1).astype(np.uint8)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a workspace directory with the image page.png."""
    Image.fromarray(colour_map()).save(tmp_path / "page.png")
    return tmp_path


def plain(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> None:
    Image.new("RGB", size, colour).save(path)


def colours(image: PageImage) -> set[tuple[int, ...]]:
    """Return the colours of an image, RGB."""
    return set(map(tuple, image.pixels.reshape(-1, 3)[:, ::-1].tolist()))


def size_of(image: PageImage) -> tuple[int, int]:
    height, width = image.pixels.shape[:2]
    return width, height


# Angles


@pytest.mark.parametrize(
    ("orientation", "quarter", "skew"),
    [
        (0, 0, 0), (5, 0, 5), (-5, 0, -5), (44, 0, 44), (46, 90, -44), (90, 90, 0), (95, 90, 5),
        (180, 180, 0), (-180, 180, 0), (-90, 270, 0), (270, 270, 0), (-95, 270, -5),
        (360, 0, 0), (359.5, 0, -0.5),
    ],
)  # fmt: skip
def test_angles_are_split_into_quarter_turns_and_skew(
    orientation: float, quarter: int, skew: float
) -> None:
    assert split_angle(orientation) == (quarter, skew)


@given(st.floats(-720, 720))
def test_quarter_turn_and_skew_make_up_the_angle(orientation: float) -> None:
    quarter, skew = split_angle(orientation)
    assert quarter in (0, 90, 180, 270)
    assert -45 <= skew <= 45
    off = (quarter + skew - orientation) % 360
    assert min(off, 360 - off) < 1e-9


# Transforms


def test_a_page_without_border_and_orientation_is_the_image_itself(page: Path) -> None:
    image = page_image(document(), page)
    assert (image.pixels == colour_map()[:, :, ::-1]).all()
    assert (image.transform == np.eye(3)).all()
    assert image.angle == 0


CASES = [
    (orientation, border)
    for orientation in (0, 90, 180, -90, 270, 5, -7.5, 30, 95, -133, 179)
    for border in (None, BORDER, POLYGON)
]


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_pixels_show_the_colour_of_the_point_they_stand_for(
    page: Path, orientation: float, border: list[tuple[int, int]] | None
) -> None:
    image = page_image(document(orientation=orientation, border=border), page)
    points = np.array([(x, y) for x in range(65, 138, 6) for y in range(65, 235, 10)])
    # The middle of a pixel is half a pixel from its corner, which has the coordinates.
    columns, rows = np.floor(image.to_pixels(points + np.float32(0.5))).astype(int).T
    shown = image.pixels[rows, columns, ::-1].astype(int)
    wanted = np.column_stack([points[:, 0], points[:, 1] // 2, np.full(len(points), 100)])
    assert np.abs(shown - wanted).max() <= (0 if orientation % 90 == 0 else 3)


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_there_and_back_again_is_the_same_point(
    page: Path, orientation: float, border: list[tuple[int, int]] | None
) -> None:
    image = page_image(document(orientation=orientation, border=border), page)
    points = np.array([(0, 0), (199, 0), (100, 150), (3.25, 299), (-10, 400)], dtype=np.float32)
    assert image.to_page(image.to_pixels(points)) == pytest.approx(points, abs=1e-3)
    assert image.to_pixels(image.to_page(points)) == pytest.approx(points, abs=1e-3)
    assert image.angle == orientation


@pytest.mark.parametrize(("orientation", "border"), CASES)
def test_the_whole_border_is_on_the_image(
    page: Path, orientation: float, border: list[tuple[int, int]] | None
) -> None:
    image = page_image(document(orientation=orientation, border=border), page)
    whole = border or [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    corners = image.to_pixels(np.array(whole, dtype=np.float32))
    assert corners.min() >= -1
    assert (corners.max(axis=0) <= np.array(size_of(image)) + 1).all()


def test_outside_of_a_border_that_is_no_rectangle_is_background(page: Path) -> None:
    image = page_image(document(border=POLYGON), page)
    median = np.median(colour_map(), axis=(0, 1))
    corner, inside = image.pixels[0, 0, ::-1], image.pixels[120, 80, ::-1]
    assert np.abs(corner - median).max() <= 2
    assert inside.tolist() == colour_map()[150, 100].tolist()


def test_what_turning_adds_is_background(page: Path) -> None:
    plain(page / "page.png", (230, 220, 200), (WIDTH, HEIGHT))
    image = page_image(document(orientation=30), page)
    assert colours(image) == {(230, 220, 200)}


def test_a_border_beyond_the_image_is_cut_to_it(page: Path) -> None:
    beyond = [(-10, -10), (500, -10), (500, 500), (-10, 500)]
    assert size_of(page_image(document(border=beyond), page)) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("border", [[(5, 5)], [(5, 5), (5, 5)], [(500, 500), (600, 600)]])
def test_a_border_without_area_leaves_at_least_a_pixel(
    page: Path, border: list[tuple[int, int]]
) -> None:
    assert min(size_of(page_image(document(border=border), page))) >= 1


def golden_cases() -> dict[str, dict[str, Any]]:
    path = GOLDEN / "golden_image_extraction.txt"
    if not path.is_file():
        return {}
    lines = re.findall(r"^(\S.*?) (\{.*\})$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: json.loads(values) for name, values in lines}


@pytest.mark.parametrize(
    ("name", "orientation", "border"),
    [
        ("plain", None, None),
        ("border", None, BORDER),
        ("border-poly", None, POLYGON),
        ("orient 5", 5, None),
        ("orient 90", 90, None),
        ("orient -90", -90, None),
        ("orient 180", 180, None),
        ("orient 95", 95, None),
        ("border+orient 3", 3, BORDER),
    ],
)
def test_size_and_transform_are_those_of_core(
    page: Path, name: str, orientation: float | None, border: list[tuple[int, int]] | None
) -> None:
    golden = golden_cases().get(name)
    if golden is None:
        pytest.skip(f"{GOLDEN} is not here: nothing of core's to compare with")
    image = page_image(document(orientation=orientation, border=border), page)
    assert np.abs(np.array(size_of(image)) - golden["size"]).max() <= 2
    expected = np.array(golden["transform"])
    assert np.abs(image.transform[:, :2] - expected[:, :2]).max() <= 0.001
    assert np.abs(image.transform[:, 2] - expected[:, 2]).max() <= 1.5


# Derived images


@pytest.fixture
def derived(tmp_path: Path) -> Path:
    """Return a directory with a red page.png and derived images in other colours."""
    plain(tmp_path / "page.png", (255, 0, 0))
    plain(tmp_path / "green.png", (0, 255, 0))
    plain(tmp_path / "blue.png", (0, 0, 255))
    plain(tmp_path / "small.png", (0, 255, 0), (30, 20))
    plain(tmp_path / "turned.png", (0, 255, 0), (40, 60))
    return tmp_path


SMALL_BORDER = [(10, 5), (40, 5), (40, 25), (10, 25)]
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.mark.parametrize(
    ("alternatives", "expected"),
    [
        ([], RED),
        ([("green.png", "grayscale_normalized")], GREEN),
        ([("green.png", "despeckled"), ("blue.png", "despeckled")], BLUE),
        ([("green.png", "despeckled,dewarped"), ("blue.png", "despeckled")], GREEN),
        ([("green.png", "binarized")], RED),
        ([("green.png", "despeckled"), ("blue.png", "despeckled,binarized")], GREEN),
        ([("green.png", "")], RED),
    ],
)
def test_the_image_most_was_done_to_is_taken_but_no_binarized_one(
    derived: Path, alternatives: list[tuple[str, str]], expected: tuple[int, ...]
) -> None:
    image = page_image(document(alternatives=alternatives, size=(60, 40)), derived)
    assert colours(image) == {expected}


def test_a_cropped_image_stands_where_the_border_is(derived: Path) -> None:
    page = document(alternatives=[("small.png", "cropped")], border=SMALL_BORDER, size=(60, 40))
    image = page_image(page, derived)
    assert colours(image) == {GREEN}
    assert size_of(image) == (30, 20)
    assert image.to_page(np.zeros((1, 2), np.float32)).tolist() == [[10, 5]]


def test_a_turned_image_is_not_turned_again(derived: Path) -> None:
    page = document(alternatives=[("turned.png", "rotated-270")], orientation=90, size=(60, 40))
    image = page_image(page, derived)
    assert colours(image) == {GREEN}
    assert size_of(image) == (40, 60)
    assert image.to_pixels(np.zeros((1, 2), np.float32)).tolist() == [[40, 0]]


def test_an_image_that_is_only_cropped_is_turned(derived: Path) -> None:
    page = document(
        alternatives=[("small.png", "cropped")], border=SMALL_BORDER, orientation=90, size=(60, 40)
    )
    assert size_of(page_image(page, derived)) == (20, 30)


@pytest.mark.parametrize(
    ("size", "alternatives", "border"),
    [
        ((61, 80), [], None),
        ((58, 40), [], None),
        ((60, 40), [("green.png", "cropped")], SMALL_BORDER),
        ((60, 40), [("small.png", "cropped")], None),
        ((60, 40), [("small.png", "despeckled")], None),
        ((60, 40), [("turned.png", "despeckled")], None),
    ],
)
def test_an_image_of_another_size_is_an_error_that_names_both(
    derived: Path,
    size: tuple[int, int],
    alternatives: list[tuple[str, str]],
    border: list[tuple[int, int]] | None,
) -> None:
    page = document(alternatives=alternatives, border=border, size=size)
    with pytest.raises(ImageError, match=r"does not fit.* \d+ x \d+ pixels, expected \d+ x \d+"):
        page_image(page, derived)


def test_one_pixel_more_or_less_is_no_error(derived: Path) -> None:
    assert size_of(page_image(document(size=(61, 39)), derived)) == (60, 40)


def test_a_file_url_names_the_image(derived: Path) -> None:
    page = document(filename=(derived / "page.png").as_uri(), size=(60, 40))
    assert colours(page_image(page, Path("/nowhere"))) == {RED}


# Kinds of images


def grey16(value: int) -> Image.Image:
    return Image.fromarray(np.full((4, 6), value, dtype=np.uint16))


@pytest.mark.parametrize(
    ("image", "suffix", "expected"),
    [
        (Image.new("1", (6, 4), 0), ".png", (0, 0, 0)),
        (Image.new("1", (6, 4), 1), ".tif", (255, 255, 255)),
        (Image.new("L", (6, 4), 77), ".png", (77, 77, 77)),
        (Image.new("P", (6, 4), 1), ".png", (10, 20, 30)),
        (Image.new("RGB", (6, 4), (10, 20, 30)), ".tif", (10, 20, 30)),
        (Image.new("RGBA", (6, 4), (10, 20, 30, 255)), ".png", (10, 20, 30)),
        (Image.new("RGBA", (6, 4), (10, 20, 30, 0)), ".png", (255, 255, 255)),
        (Image.new("LA", (6, 4), (77, 255)), ".png", (77, 77, 77)),
        (Image.new("LA", (6, 4), (77, 0)), ".png", (255, 255, 255)),
        (Image.new("CMYK", (6, 4), (0, 255, 255, 0)), ".tif", (255, 0, 0)),
        (Image.new("CMYK", (6, 4), (0, 0, 0, 255)), ".tif", (0, 0, 0)),
        (grey16(0), ".png", (0, 0, 0)),
        (grey16(32896), ".png", (128, 128, 128)),
        (grey16(65535), ".tif", (255, 255, 255)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else str(value),
)
def test_images_of_all_modes_are_read_as_colour(
    tmp_path: Path, image: Image.Image, suffix: str, expected: tuple[int, ...]
) -> None:
    if image.mode == "P":
        image.putpalette([0, 0, 0, 10, 20, 30])
    path = tmp_path / f"page{suffix}"
    image.save(path)
    assert open_image(path).mode in (image.mode, "I", "I;16")
    found = page_image(document(filename=path.name, size=(6, 4)), tmp_path)
    assert colours(found) == {expected}
    assert found.pixels.dtype == np.uint8
    assert found.pixels.shape == (4, 6, 3)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_rotation_is_ignored_as_page_coordinates_ignore_it(
    tmp_path: Path, orientation: int
) -> None:
    path = tmp_path / "page.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (60, 40), "white").save(path, exif=exif)
    assert Image.open(path).getexif()[0x0112] == orientation
    assert image_size(path) == (60, 40)
    assert size_of(page_image(document(filename="page.jpg", size=(60, 40)), tmp_path)) == (60, 40)


# What is no image of a page


def test_a_tiff_of_several_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.tif"
    frames = [Image.new("L", (60, 40), grey) for grey in (0, 100, 200)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match="holds 3 images; OCR-D wants one file per page"):
        open_image(path)


def noise(path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    Image.fromarray(values).save(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp"])
@pytest.mark.parametrize("share", [0.9, 0.5, 0.1])
def test_a_truncated_image_is_an_error(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"page{suffix}"
    noise(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ImageError) as caught:
        image_size(path)
    assert str(path) in str(caught.value)


def test_a_png_with_broken_content_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    noise(path)
    broken = bytearray(path.read_bytes())
    broken[200:400] = bytes(200)
    path.write_bytes(broken)
    with pytest.raises(ImageError, match=r"page\.png is damaged or cannot be read"):
        image_size(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4"])
def test_what_is_no_image_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"is not an image of a known format|is damaged"):
        open_image(path)


def test_a_missing_image_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"page\.png does not exist"):
        open_image(tmp_path / "page.png")
    with pytest.raises(ImageError, match="is a directory"):
        open_image(tmp_path)


def test_an_image_with_too_many_pixels_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain(tmp_path / "page.png", RED, (11, 10))
    monkeypatch.setattr(images, "MAX_PIXELS", 110)
    assert image_size(tmp_path / "page.png") == (11, 10)
    monkeypatch.setattr(images, "MAX_PIXELS", 109)
    with pytest.raises(ImageError, match="has 11 x 10 pixels, more than the 109 allowed"):
        open_image(tmp_path / "page.png")


def test_only_our_own_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(tmp_path / "page.png", RED, (50, 50))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert image_size(tmp_path / "page.png") == (50, 50)
