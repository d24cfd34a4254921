# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pictures of pages for the view: JPEG files of moderate size, and thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import ImageError
from ..files import read_regular
from ..pixels import BgrImage, by_plane, plane_of, to_bgr
from ..rasters import opening

#: Longest side of a picture and of a thumbnail in pixels.
PICTURE_SIDE = 1600
THUMBNAIL_SIDE = 168

#: The same of a picture out of which lines are cut, to be read one by one.
DETAILED_SIDE = 2400

#: Quality of JPEG, 0 to 100.
_PICTURE_QUALITY = 80
_THUMBNAIL_QUALITY = 72


@dataclass(frozen=True)
class Picture:
    """A picture of a page.

    Attributes:
        jpeg: the content of its file.
        width: in pixels.
        height: in pixels.
        thumbnail: the content of the file of a small one.
    """

    jpeg: bytes
    width: int
    height: int
    thumbnail: bytes


def picture_of(path: Path, side: int = PICTURE_SIDE) -> Picture:
    """Return a picture of an image file, upright as its EXIF data say.

    A JPEG that is small enough stays as it is.

    Args:
        path: the image file.
        side: the longest side of the picture in pixels.

    Raises:
        ImageError: it cannot be read.
    """
    from PIL import ImageOps

    what = f"image {path}"
    with opening.opened_file(path, what) as image:
        fits = (
            image.format == "JPEG"
            and image.mode in ("L", "RGB")
            and max(image.size) <= side
            and "exif" not in image.info
        )
        # A large JPEG is decoded at a fraction of its size, which takes less time.
        image.draft(None, (side, side))
        image.load()
        upright = ImageOps.exif_transpose(image) or image
    picture = reduced(to_bgr(upright, light_on_dark=True, what=what), side)
    height, width = picture.shape[:2]
    jpeg = read_regular(path) if fits else jpeg_of(picture, _PICTURE_QUALITY)
    thumbnail = jpeg_of(reduced(picture, THUMBNAIL_SIDE), _THUMBNAIL_QUALITY)
    return Picture(jpeg, width, height, thumbnail)


def reduced(image: BgrImage, side: int) -> BgrImage:
    """Return an image whose longer side has at most a number of pixels."""
    import cv2

    height, width = image.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return image
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return by_plane(lambda plane: cv2.resize(plane, size, interpolation=cv2.INTER_AREA), image)


def jpeg_of(image: BgrImage, quality: int) -> bytes:
    """Return the content of a JPEG file, of one channel if there is no colour."""
    import cv2

    plane = plane_of(image)
    done, data = cv2.imencode(
        ".jpg", image if plane is None else plane, [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise ImageError("the picture of a page cannot be encoded as JPEG")
    return data.tobytes()
