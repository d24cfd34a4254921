"""The image of a page: which file, and the way between its pixels and PAGE coordinates.

PAGE coordinates always refer to the original image. A page may have a border, an
``@orientation`` and derived images; what a processor sees is the image with these applied.
The rules are those of OCR-D core 3.13.3 (``image_from_page``).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import ImageError
from ..ocr.images import BgrImage, to_bgr
from .page import AlternativeImage, PageDocument
from .values import Polygon

if TYPE_CHECKING:
    from PIL import Image

Transform = NDArray[np.float64]

#: Larger images are refused: decoding them would need several GB.
MAX_PIXELS = 500_000_000

#: Pillow's limit is a global variable of it.
_PILLOW = threading.Lock()

_GEOMETRIC = ("cropped", "deskewed", "rotated-90", "rotated-180", "rotated-270")


@dataclass(frozen=True)
class PageImage:
    """The image of a page as a processor should see it.

    Attributes:
        pixels: BGR, shape (height, width, 3).
        transform: 3 x 3 matrix from PAGE coordinates to pixels of this image.
        angle: clockwise rotation in degrees that was applied to the original image.
    """

    pixels: BgrImage
    transform: Transform
    angle: float

    def to_pixels(self, points: Polygon) -> Polygon:
        """Return PAGE coordinates, shape (N, 2), as pixels of this image."""
        return apply(self.transform, points)

    def to_page(self, points: Polygon) -> Polygon:
        """Return pixels of this image, shape (N, 2), as PAGE coordinates."""
        return apply(np.linalg.inv(self.transform).astype(np.float64), points)


def apply(transform: Transform, points: Polygon) -> Polygon:
    """Apply an affine transform to points of shape (N, 2)."""
    homogeneous = np.column_stack([np.asarray(points, dtype=np.float64), np.ones(len(points))])
    return np.asarray((homogeneous @ transform.T)[:, :2], dtype=np.float32)


def open_image(path: Path) -> Image.Image:
    """Open and decode an image file.

    Raises:
        ImageError: it is missing, unreadable, too large, or holds several images.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with _without_pillows_limit():
            image = Image.open(path)
        if image.width * image.height > MAX_PIXELS:
            raise ImageError(
                f"image {path} has {image.width} x {image.height} pixels,"
                f" more than the {MAX_PIXELS} allowed"
            )
        if getattr(image, "n_frames", 1) > 1 and image.format == "TIFF":
            raise ImageError(
                f"image {path} holds {getattr(image, 'n_frames', 0)} images;"
                " OCR-D wants one file per page"
            )
        image.load()
    except FileNotFoundError as error:
        raise ImageError(f"image {path} does not exist") from error
    except IsADirectoryError as error:
        raise ImageError(f"image {path} is a directory") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{path} is not an image of a known format") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise ImageError(f"image {path} is damaged or cannot be read: {error}") from error
    return image


@contextlib.contextmanager
def _without_pillows_limit() -> Iterator[None]:
    """Switch off Pillow's limit on pixels, which large newspapers exceed; ours is checked."""
    from PIL import Image

    with _PILLOW:
        limit = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height of an image file, decoding it to see that it is whole.

    Raises:
        ImageError: see `open_image`.
    """
    return open_image(path).size


def page_image(document: PageDocument, directory: Path) -> PageImage:
    """Return the image of a page with border and orientation applied.

    Among the derived images the one that has most been done to is taken, but binarized ones
    are not: the networks were trained on colour and grey.

    Args:
        document: the page.
        directory: the workspace, to which file names are relative.

    Raises:
        ImageError: the image cannot be read, or its size is not the one in the PAGE-XML.
    """
    chosen = _choose(document.alternative_images)
    filename = chosen.filename if chosen else document.image_filename
    features = chosen.features if chosen else ()
    path = directory / filename.removeprefix("file://")
    pixels = to_bgr(open_image(path))
    view = _View(pixels, np.eye(3), (document.width, document.height))
    if "cropped" in features or document.border is not None:
        view = view.cropped(document.border, done="cropped" in features)
    quarter, skew = split_angle(document.orientation)
    done_quarter = any(feature.startswith("rotated-") for feature in features)
    if quarter:
        view = view.turned(quarter, done=done_quarter)
    if skew:
        view = view.deskewed(skew, done="deskewed" in features)
    _check_size(view, path)
    return PageImage(view.pixels, view.transform, document.orientation)


def _choose(images: list[AlternativeImage]) -> AlternativeImage | None:
    usable = [image for image in images if image.features and "binarized" not in image.features]
    if not usable:
        return None

    def worth(image: AlternativeImage) -> int:
        return sum(feature not in _GEOMETRIC for feature in image.features)

    best = max(map(worth, usable))
    return [image for image in usable if worth(image) == best][-1]


def split_angle(orientation: float) -> tuple[int, float]:
    """Split a clockwise angle into quarter turns (0, 90, 180, 270) and a rest within 45."""
    angle = orientation % 360
    quarter = int((angle + 45) % 360 // 90) * 90
    skew = (angle - quarter + 180) % 360 - 180
    return quarter, skew


@dataclass(frozen=True)
class _View:
    """An image on its way from the original: pixels, transform, and the size they should have."""

    pixels: BgrImage
    transform: Transform
    size: tuple[int, int]

    def cropped(self, border: Polygon | None, *, done: bool) -> _View:
        if border is None:
            return self
        points = apply(self.transform, border)
        width, height = self.size
        low = np.clip(np.rint(points.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
        high = np.clip(np.rint(points.max(axis=0)), low + 1, (width, height)).astype(int)
        pixels = self.pixels
        if not done:
            pixels = _mask_outside(pixels, points)[low[1] : high[1], low[0] : high[0]]
        shift = np.eye(3)
        shift[:2, 2] = -low
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        return _View(np.ascontiguousarray(pixels), shift @ self.transform, size)

    def turned(self, quarter: int, *, done: bool) -> _View:
        width, height = self.size
        matrix = {
            90: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]]),
            180: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]]),
            270: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
        }[quarter]
        size = (width, height) if quarter == 180 else (height, width)
        pixels = self.pixels if done else np.rot90(self.pixels, -quarter // 90)
        return _View(np.ascontiguousarray(pixels), matrix @ self.transform, size)

    def deskewed(self, degrees: float, *, done: bool) -> _View:
        """Rotate clockwise about the centre, on a canvas that holds the whole image."""
        width, height = self.size
        radians = np.radians(degrees)
        cos, sin = np.cos(radians), np.sin(radians)
        # The canvas as Pillow's rotate(expand=True) makes it.
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) - (
            width / 2,
            height / 2,
        )
        turned = corners @ np.array([[cos, sin], [-sin, cos]])
        low, high = turned.min(axis=0), turned.max(axis=0)
        new_width = int(np.ceil(high[0] + width / 2) - np.floor(low[0] + width / 2))
        new_height = int(np.ceil(high[1] + height / 2) - np.floor(low[1] + height / 2))
        matrix = (
            _shift(new_width / 2, new_height / 2)
            @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
            @ _shift(-width / 2, -height / 2)
        )
        pixels = self.pixels
        if not done:
            pixels = np.asarray(
                cv2.warpAffine(
                    pixels,
                    matrix[:2],
                    (new_width, new_height),
                    flags=cv2.INTER_CUBIC,
                    borderMode=cv2.BORDER_CONSTANT,
                    borderValue=_background(pixels),
                ),
                dtype=np.uint8,
            )
        return _View(pixels, matrix @ self.transform, (new_width, new_height))


def _shift(x: float, y: float) -> Transform:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def _background(pixels: BgrImage) -> tuple[float, ...]:
    """Return the median of each channel, estimated on a thinned-out image."""
    step = max(1, max(pixels.shape[:2]) // 512)
    return tuple(float(v) for v in np.median(pixels[::step, ::step], axis=(0, 1)))


def _mask_outside(pixels: BgrImage, polygon: Polygon) -> BgrImage:
    """Return the image with all that is outside of a polygon painted in the background."""
    mask = np.zeros(pixels.shape[:2], dtype=np.uint8)
    cv2.fillPoly(mask, [np.rint(polygon).astype(np.int32)], 255)
    if mask.all():
        return pixels
    result = pixels.copy()
    result[mask == 0] = np.rint(_background(pixels)).astype(np.uint8)
    return result


def _check_size(view: _View, path: Path) -> None:
    height, width = view.pixels.shape[:2]
    if max(abs(width - view.size[0]), abs(height - view.size[1])) > 1:
        raise ImageError(
            f"image {path} does not fit the PAGE-XML: it leads to {width} x {height} pixels,"
            f" expected {view.size[0]} x {view.size[1]}"
        )
