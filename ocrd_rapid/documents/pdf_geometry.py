# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The displayed part of a PDF page, and the way between its pixels and user space.

User space is that of the page's content: points, y up, of any origin, before ``/Rotate``.
Displayed pixels count from the top left of what a viewer shows, y down. ``/UserUnit`` makes the
paper larger, and changes neither.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..transforms import Transform, quarter_turn

if TYPE_CHECKING:
    import pikepdf

#: A rectangle in user space: left, bottom, right, top.
UserBox = tuple[float, float, float, float]

#: What viewers take for the box of a page that has none, in points: the paper called Letter.
_LETTER: UserBox = (0.0, 0.0, 612.0, 792.0)

#: Levels of a page tree that are searched; a damaged one may run in a circle.
_DEEPEST = 100


@dataclass(frozen=True)
class DisplayedPage:
    """What a viewer shows of a page.

    Attributes:
        box: the shown rectangle of user space, before ``/Rotate``; not empty.
        rotate: clockwise rotation for display, in degrees: 0, 90, 180 or 270.
    """

    box: UserBox
    rotate: int = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        return (height, width) if self.rotate % 180 else (width, height)

    def to_pixels(self, width: float, height: float) -> Transform:
        """Return the transform from user space to the pixels of the displayed page.

        Args:
            width: width of its image in pixels.
            height: height of its image in pixels.

        Returns:
            A 3 x 3 matrix for column vectors, as in `transforms`.
        """
        left, bottom, right, top = self.box
        upright = np.array([[1, 0, -left], [0, -1, top], [0, 0, 1]], dtype=np.float64)
        if self.rotate:
            upright = quarter_turn(self.rotate, right - left, top - bottom) @ upright
        scale = np.diag([width / self.size[0], height / self.size[1], 1.0])
        return np.asarray(scale @ upright, dtype=np.float64)

    def to_user(self, width: float, height: float) -> Transform:
        """Return the transform from the pixels of the displayed page to user space.

        Args and result: see `to_pixels`, whose inverse it is.
        """
        return np.asarray(np.linalg.inv(self.to_pixels(width, height)), dtype=np.float64)


def pdf_matrix(transform: Transform) -> tuple[float, float, float, float, float, float]:
    """Return a transform as the six numbers of the operators ``cm`` and ``Tm``."""
    (a, c, e), (b, d, f) = transform[:2].tolist()
    return a, b, c, d, e, f


def displayed_page(page: pikepdf.Page) -> DisplayedPage:
    """Return what viewers show of a page; its boxes and rotation may be inherited."""
    return displayed(
        _inherited(page.obj, "/MediaBox"),
        _inherited(page.obj, "/CropBox"),
        _inherited(page.obj, "/Rotate"),
    )


def displayed(media: Any = None, crop: Any = None, rotate: Any = None) -> DisplayedPage:
    """Return what viewers show of a page with these entries, whatever they are.

    Boxes may have their corners in any order. The crop box counts as far as it is inside of the
    media box; a box that is missing, empty, or no rectangle does not count.

    Args:
        media: value of ``/MediaBox``.
        crop: value of ``/CropBox``.
        rotate: value of ``/Rotate``: other numbers than multiples of 90 are rounded towards 0.
    """
    whole = _rectangle(media) or _LETTER
    part = _rectangle(crop)
    shown = _common(whole, part) if part else None
    try:
        quarters = int(float(rotate or 0) / 90) % 4
    except (TypeError, ValueError, OverflowError):
        quarters = 0
    return DisplayedPage(shown or whole, 90 * quarters)


def _inherited(node: Any, key: str) -> Any:
    """Return an entry of a page, or of the nearest node above it in the tree that has it."""
    for _ in range(_DEEPEST):
        if node is None or key in node:
            break
        node = node.get("/Parent")
    return None if node is None else node.get(key)


def _rectangle(value: Any) -> UserBox | None:
    if value is None or isinstance(value, (str, bytes)):
        return None
    try:
        numbers: Sequence[float] = [float(number) for number in value]
    except (TypeError, ValueError):
        return None
    if len(numbers) < 4 or not all(map(math.isfinite, numbers[:4])):
        return None
    (left, right), (bottom, top) = sorted(numbers[0:4:2]), sorted(numbers[1:4:2])
    return (left, bottom, right, top) if right > left and top > bottom else None


def _common(one: UserBox, two: UserBox) -> UserBox | None:
    left, bottom = max(one[0], two[0]), max(one[1], two[1])
    right, top = min(one[2], two[2]), min(one[3], two[3])
    return (left, bottom, right, top) if right > left and top > bottom else None
