# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pictures of pages and lines as JPEG files, kept in memory within a bound.

The image of a page is decoded once, and all its lines are cut out then: what is kept is small, and
one decoded page at a time is in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import ImageError
from ..export.scan_images import jpeg_of, reduced
from ..pixels import BgrImage
from ..workspace.decoding import ImageStore
from .page_view import LineView, PageView, margin_of

#: Size in bytes of all pictures that are kept.
_MOST = 96 << 20

#: Longest side of the picture of a page, and largest height of that of a line, in pixels.
_PAGE_SIDE = 2000
_LINE_HEIGHT = 128
_LINE_WIDTH = 3000

_PAGE_QUALITY, _LINE_QUALITY = 80, 85


@dataclass(frozen=True)
class PagePictures:
    """The pictures of a page.

    Attributes:
        page: the whole page.
        lines: its lines, by their IDs.
    """

    page: bytes
    lines: Mapping[str, bytes]

    @property
    def size(self) -> int:
        """The size of all in bytes."""
        return len(self.page) + sum(map(len, self.lines.values()))


class PictureCache:
    """The pictures of the pages that were looked at last; threads may share it."""

    def __init__(self, most: int = _MOST) -> None:
        """Make an empty cache for a number of bytes; the last page is kept in any case."""
        self._most = most
        self._kept: OrderedDict[str, PagePictures] = OrderedDict()
        self._lock = threading.Lock()
        self._decoding = threading.Lock()

    def get(self, page: str, make: Callable[[], PagePictures]) -> PagePictures:
        """Return the pictures of a page, made now unless they are kept.

        Raises:
            ImageError: the image of the page cannot be read.
        """
        found = self._known(page)
        if found is not None:
            return found
        with self._decoding:  # one page at a time is in memory
            found = self._known(page)
            if found is None:
                found = make()
                self._keep(page, found)
            return found

    def drop(self, page: str) -> None:
        """Forget the pictures of a page whose lines have changed."""
        with self._lock:
            self._kept.pop(page, None)

    def _known(self, page: str) -> PagePictures | None:
        with self._lock:
            if page in self._kept:
                self._kept.move_to_end(page)
            return self._kept.get(page)

    def _keep(self, page: str, pictures: PagePictures) -> None:
        with self._lock:
            self._kept[page] = pictures
            size = sum(kept.size for kept in self._kept.values())
            while size > self._most and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                size -= dropped.size

    @property
    def size(self) -> int:
        """The size of all pictures in bytes."""
        with self._lock:
            return sum(kept.size for kept in self._kept.values())


def pictures_of(view: PageView, image: str, store: ImageStore) -> PagePictures:
    """Return the pictures of a page and its lines.

    Args:
        view: the page.
        image: the name of its image file.
        store: decodes it.

    Raises:
        ImageError: the image cannot be read, or has another size than the page.
    """
    pixels = store.pixels(image)
    height, width = pixels.shape[:2]
    if (width, height) != (view["width"], view["height"]):
        raise ImageError(
            f"image {image} has {width} x {height} pixels, its page"
            f" {view['width']} x {view['height']}"
        )
    lines = {line["id"]: jpeg_of(line_image(pixels, line), _LINE_QUALITY) for line in view["lines"]}
    return PagePictures(jpeg_of(reduced(pixels, _PAGE_SIDE), _PAGE_QUALITY), lines)


def line_image(pixels: BgrImage, line: LineView) -> BgrImage:
    """Return the part of a page with a line, upright, white where it is beyond the page.

    Args:
        pixels: the page, shape (height, width, 3).
        line: the line.
    """
    cut = _cut(pixels, line["box"], margin_of(line["box"]))
    turned = np.ascontiguousarray(np.rot90(cut, -(line["turn"] // 90)))
    height, width = turned.shape[:2]
    factor = min(1.0, _LINE_HEIGHT / height, _LINE_WIDTH / width)
    return reduced(turned, max(1, round(max(height, width) * factor)))


def _cut(pixels: BgrImage, box: Sequence[int], margin: int) -> BgrImage:
    left, top, right, bottom = box
    left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
    height, width = pixels.shape[:2]
    around = np.full((max(1, bottom - top), max(1, right - left), 3), 255, dtype=np.uint8)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(right, width), min(bottom, height)
    if x0 < x1 and y0 < y1:
        around[y0 - top : y1 - top, x0 - left : x1 - left] = pixels[y0:y1, x0:x1]
    return around
