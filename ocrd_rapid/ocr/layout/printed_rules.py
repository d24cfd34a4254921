# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Printed rules of a page: the lines between columns, below headings, above footnotes.

Algorithm: a black top-hat (closing minus image, Serra 1982) across the direction of a rule keeps
dark pixels that are thin in that direction, however uneven the light; an opening along it by more
than the height or width of letters keeps those that are also long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage, grey_of
from ..geometry import Points, box_size, median_angle, rotate_points
from . import measures


@dataclass(frozen=True)
class PrintedRule:
    """A straight printed rule.

    Attributes:
        start: its left or upper end, (x, y) in pixels of the image.
        end: its right or lower end.
    """

    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def points(self) -> Points:
        """The two ends, shape (2, 2)."""
        return np.array([self.start, self.end], dtype=np.float32)

    @classmethod
    def between(cls, ends: Points) -> PrintedRule:
        """Return the rule between two points, shape (2, 2), in any order."""
        (x0, y0), (x1, y1) = sorted(((float(x), float(y)) for x, y in ends), key=sum)
        return cls((x0, y0), (x1, y1))

    def moved(self, by: Points) -> PrintedRule:
        """Return the rule moved by a vector, shape (2,)."""
        return self.between(self.points + by)

    def turned(self, degrees: float) -> PrintedRule:
        """Return the rule turned about the origin; positive angles are clockwise as seen."""
        return self.between(rotate_points(self.points, degrees))


def find_rules(image: BgrImage, boxes: Sequence[Points]) -> list[PrintedRule]:
    """Find the horizontal and vertical rules of a page.

    Args:
        image: the page.
        boxes: its text lines, shape (4, 2) each. They give the scale and the skew of the search;
            no horizontal rule is found across their letters.

    Returns:
        The horizontal rules from top to bottom, then the vertical rules from left to right, with
        long dashes and underlines. Empty without text lines.
    """
    if not boxes or min(image.shape[:2]) < 2:
        return []
    line_height = max(1.0, float(np.median([min(box_size(box)) for box in boxes])))
    angle = median_angle(boxes)
    scale = min(1.0, measures.REDUCED_LINE_HEIGHT / line_height)
    unit = line_height * scale
    grey, upright_to_image = _upright(grey_of(image), scale, angle)
    sideways = np.ascontiguousarray(grey.T)
    dark = _thin(sideways, unit)
    upright = _rules_along(dark, unit, measures.RULE_RUN)[:, :, ::-1]
    letters = _letters(boxes, grey.shape, upright_to_image)
    dark = _thin(grey, unit) & ~letters
    horizontal = _rules_along(dark, unit, measures.SHORTEST_HORIZONTAL_RULE)
    long = np.diff(upright[..., 1], axis=1)[:, 0] >= measures.SHORTEST_VERTICAL_RULE * unit
    vertical = upright[long | _between(upright, horizontal, unit)]
    found = []
    for start, end in [*horizontal, *vertical]:
        ends = np.array([start, end]) @ upright_to_image[:, :2].T + upright_to_image[:, 2]
        found.append(
            PrintedRule(
                (float(ends[0, 0]), float(ends[0, 1])), (float(ends[1, 0]), float(ends[1, 1]))
            )
        )
    return found


def _upright(
    grey: NDArray[np.uint8], scale: float, angle: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Reduce and deskew an image; return it and the affine map (2, 3) back."""
    height, width = grey.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    back = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), -angle, 1.0)
    if angle:
        small = cv2.warpAffine(
            small, back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
    # Pixel centres are at whole numbers here, and at halves in `Points`.
    back[:, 2] += back[:, :2] @ (0.5, 0.5)
    return np.asarray(small, dtype=np.uint8), np.diag([width / size[0], height / size[1]]) @ back


def _thin(grey: NDArray[np.uint8], unit: float) -> NDArray[np.bool_]:
    """Return which pixels are dark between paper above and below."""
    hat = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, _vertical(measures.RULE_THICKNESS * unit))
    return np.asarray(hat > measures.RULE_CONTRAST)


def _letters(
    boxes: Sequence[Points], size: tuple[int, int], upright_to_image: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which pixels of the reduced upright image are inside text lines."""
    back = cv2.invertAffineTransform(upright_to_image)
    mask = np.zeros(size, dtype=np.uint8)
    for box in boxes:
        corners = np.asarray(box, dtype=np.float64) @ back[:, :2].T + back[:, 2]
        edge = measures.LETTERS_EDGE * (corners[[3, 2, 1, 0]] - corners)
        cv2.fillConvexPoly(mask, np.rint(corners + edge).astype(np.int32), 1)
    return mask > 0


def _rules_along(dark: NDArray[np.bool_], unit: float, shortest: float) -> NDArray[np.float64]:
    """Return the ends of horizontal rules, shape (N, 2, 2), in pixels of the reduced image."""
    along = _vertical(measures.RULE_RUN * unit).T
    runs = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, along)
    count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    pieces = []
    for left, top, width, height, area in stats[1:count]:
        thickness = area / width
        if thickness <= measures.RULE_THICKNESS * unit and height <= max(3.0, 0.1 * width):
            middle = top + (height - 1) / 2
            pieces.append((float(left), middle, float(left + width - 1), middle))
    joined_pieces = _join(sorted(pieces), unit)
    ends = [
        [(left, one), (right, other)]
        for left, one, right, other in joined_pieces
        if right - left >= shortest * unit
    ]
    ends.sort(key=lambda pair: pair[0][1] + pair[1][1])
    return np.array(ends, dtype=np.float64).reshape(-1, 2, 2)


def _between(
    vertical: NDArray[np.float64], horizontal: NDArray[np.float64], unit: float
) -> NDArray[np.bool_]:
    """Return which vertical rules end at horizontal ones on both sides: the sides of a box.

    Strokes of letters do not, however large.

    Args:
        vertical: the ends of vertical rules, the upper first, shape (N, 2, 2).
        horizontal: the ends of horizontal rules, the left first, shape (M, 2, 2).
        unit: height of a line.
    """
    far = measures.RULE_PIECES_ASIDE * unit
    left, right, y = horizontal[:, 0, 0], horizontal[:, 1, 0], horizontal[:, 0, 1]
    ends = vertical[:, :, None, :]
    meets = (left - far <= ends[..., 0]) & (ends[..., 0] <= right + far)
    meets &= np.abs(ends[..., 1] - y) <= far
    return np.asarray(np.any(meets, axis=2).all(axis=1), dtype=np.bool_)


_Piece = tuple[float, float, float, float]


def _join(pieces: list[_Piece], unit: float) -> list[_Piece]:
    """Join pieces, sorted from left to right, that continue each other."""
    far, off = measures.RULE_PIECES_APART * unit, measures.RULE_PIECES_ASIDE * unit
    joined: list[_Piece] = []
    for piece in pieces:
        for i, rule in enumerate(joined):
            apart, aside = piece[0] - rule[2], abs(piece[1] - rule[3])
            if -unit <= apart <= far and aside <= off:
                end = piece if piece[2] > rule[2] else (0.0, 0.0, rule[2], rule[3])
                joined[i] = (rule[0], rule[1], end[2], end[3])
                break
        else:
            joined.append(piece)
    return joined


def _vertical(length: float) -> NDArray[np.uint8]:
    """Return a structuring element of odd length: even lengths shift the edges of pictures."""
    return np.ones((2 * round(length / 2) + 1, 1), dtype=np.uint8)


def level_rules(ends: Sequence[Points]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Separate the horizontal from the vertical rules of a flat page.

    Args:
        ends: the ends of each rule, shape (2, 2).

    Returns:
        Horizontal rules, shape (N, 4): left, right, y of the middle, slope; vertical ones, shape
        (M, 3): x, top, bottom.
    """
    horizontal, vertical = [], []
    for (x0, y0), (x1, y1) in ends:
        if abs(x1 - x0) >= abs(y1 - y0):
            slope = (y1 - y0) / (x1 - x0) if x1 != x0 else 0.0
            horizontal.append((min(x0, x1), max(x0, x1), (y0 + y1) / 2, slope))
        else:
            vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    return (
        np.array(horizontal, dtype=np.float32).reshape(-1, 4),
        np.array(vertical, dtype=np.float32).reshape(-1, 3),
    )
