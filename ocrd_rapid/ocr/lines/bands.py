# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The rows of a line's image that its text takes, found by the ink.

Outlines drawn by people and other programs may be twice as high as the text and hold halves of the
lines above and below. The rows with the bodies of the letters have the most ink; from there the
text extends up and down as far as letters of that size can reach, or to a row without ink. A line
that is not quite level is cut into pieces, which are shifted against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage, grey_of

#: Largest numbers of rows and columns of the reduced image: more do not tell more.
_ROWS, _COLUMNS = 160, 1200
#: Largest number of pieces of a line, and their least width as a share of the rows.
_PIECES, _PIECE_WIDTH = 16, 0.25
#: Slopes to try, in rows per column.
_SLOPES = np.linspace(-0.04, 0.04, 33)
#: Largest number of rows over which the ink is averaged.
_SMOOTH = 5
#: A row belongs to the bodies of letters from this share of the ink of the fullest rows, and is
#: paper up to that share.
_BODY, _PAPER = 0.4, 0.03
#: Ink that all rows share, such as ink that shines through, is not text, up to this share.
_FLOOR = 0.15
#: Largest gap over which bodies are joined, as a share of the body; least number of rows of one.
_GAP, _LEAST_ROWS = 0.15, 3
#: Reach of letters beyond their bodies, up and down, in heights of the body.
_UP, _DOWN = 0.85, 0.6
#: Usual deviation of a line from its expected place, as a share of the image's height.
_ASTRAY = 1 / 6
#: An image with a larger share of ink is light on dark, or a picture.
_MOST_INK = 0.5


@dataclass(frozen=True)
class Band:
    """The rows that the text of a line takes.

    Attributes:
        top: its first row in the middle of the width, including ascenders.
        bottom: the end of its last row there, including descenders.
        slope: its fall to the right in rows per column.
        is_cut: whether it extends to the upper or lower edge of the image.
    """

    top: float
    bottom: float
    slope: float
    is_cut: bool

    @property
    def height(self) -> float:
        """The height of the text in rows; more than 0."""
        return self.bottom - self.top


def text_band(image: BgrImage, baseline: float | None = None) -> Band | None:
    """Return the band of a line's text, ``None`` if the ink does not show it.

    Args:
        image: the line, upright and straight, with anything above and below.
        baseline: row of the baseline in the middle of the width; ``None`` if the line is in the
            middle of the image.
    """
    scale = max(1, image.shape[0] // _ROWS)
    ink = _ink(image[::scale, :: max(scale, image.shape[1] // _COLUMNS)])
    if ink is None:
        return None
    step = image.shape[1] / ink.shape[1]
    profile, slope = _levelled(ink, step / scale)
    bodies = _bodies(profile)
    if not bodies:
        return None
    rows = len(profile)
    expected = rows / 2 if baseline is None else baseline / scale

    def weight(body: tuple[int, int]) -> float:
        place = body[1] if baseline is not None else sum(body) / 2
        astray = (place - expected) / (_ASTRAY * rows)
        return float(profile[slice(*body)].sum() * np.exp(-(astray**2) / 2))

    body = max(bodies, key=weight)
    top, bottom = _reach(profile, body)
    is_cut = top == 0 or bottom == rows
    return Band(float(top * scale), float(min(bottom * scale, image.shape[0])), slope, is_cut)


def _ink(image: BgrImage) -> NDArray[np.uint8] | None:
    _, ink = cv2.threshold(
        grey_of(np.ascontiguousarray(image)), 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU
    )
    share = float(ink.mean())
    return np.asarray(ink, dtype=np.uint8) if 0 < share <= _MOST_INK else None


def _levelled(ink: NDArray[np.uint8], column: float) -> tuple[NDArray[np.float64], float]:
    """Return the ink of every row once the line is level, and the slope.

    Args:
        ink: 0 or 1.
        column: width of a column in heights of a row.
    """
    rows, columns = ink.shape
    count = int(np.clip(columns * column / max(8.0, _PIECE_WIDTH * rows), 1, _PIECES))
    edges = np.linspace(0, columns, count + 1).astype(int)
    pieces = np.add.reduceat(ink.astype(np.float64), edges[:-1], axis=1).T / columns
    middles = ((edges[:-1] + edges[1:]) / 2 - columns / 2) * column
    shifts = np.rint(np.outer(_SLOPES, middles)).astype(int)
    places = np.arange(rows)[None, None] + shifts[:, :, None]
    inside = (places >= 0) & (places < rows)
    piece = np.arange(count)[None, :, None]
    profiles = np.where(inside, pieces[piece, places.clip(0, rows - 1)], 0.0).sum(axis=1)
    sharpness = (profiles**2).sum(axis=1) - 1e-9 * np.abs(_SLOPES)
    best = int(sharpness.argmax())
    kernel = min(_SMOOTH, max(1, rows // 24) | 1)
    padded = np.pad(profiles[best], kernel // 2, mode="edge")
    return np.convolve(padded, np.full(kernel, 1 / kernel), "valid"), float(_SLOPES[best])


def _bodies(profile: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the rows (first, end) of bodies of letters; subtract the floor from the profile."""
    fullest = float(np.percentile(profile, 95))
    profile -= min(float(np.percentile(profile, 10)), _FLOOR * fullest)
    inside = profile >= _BODY * float(np.percentile(profile, 95))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for first, end in edges.reshape(-1, 2).tolist():
        if found and first - found[-1][1] <= _GAP * (end - found[-1][0]):
            found[-1] = (found[-1][0], end)
        else:
            found.append((first, end))
    return [body for body in found if body[1] - body[0] >= _LEAST_ROWS]


def _reach(profile: NDArray[np.float64], body: tuple[int, int]) -> tuple[int, int]:
    """Return the rows (first, end) that letters with a body reach."""
    height, paper = body[1] - body[0], _PAPER * float(np.percentile(profile, 95))
    above = profile[max(0, body[0] - round(_UP * height)) : body[0]][::-1] <= paper
    below = profile[body[1] : body[1] + round(_DOWN * height)] <= paper
    up = int(above.argmax()) if above.any() else len(above)
    down = int(below.argmax()) if below.any() else len(below)
    return body[0] - up, body[1] + down
