# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages composed of scanned lines, with paper, borders, stains and light as scans have them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from augment import Gray
from numpy.typing import NDArray

from ocrd_rapid.pixels import BgrImage

#: Sides of a page in pixels, from and to.
_WIDTH, _HEIGHT = (900, 1900), (1200, 2400)
#: Heights of lines in pixels, from and to; distances between lines, as shares of them.
_LINE, _DISTANCE = (26, 60), (-0.05, 0.5)
#: What a page of every so many has: a dark border, a grey picture, the other side showing through.
_BORDER, _PICTURE, _SHOWING = 2, 4, 4


def composed_page(lines: Sequence[Gray], rng: np.random.Generator) -> BgrImage:
    """Return a page of one to three columns of lines.

    Args:
        lines: images of lines to draw from, dark on light; best those of one work.
        rng: all randomness.
    """
    width, height = int(rng.integers(*_WIDTH)), int(rng.integers(*_HEIGHT))
    page = _filled(lines, width, height, rng)
    if rng.integers(_SHOWING) == 0:
        other = cv2.GaussianBlur(_filled(lines, width, height, rng)[:, ::-1], (0, 0), 1.5)
        page *= 1 - rng.uniform(0.05, 0.25) * (1 - other)
    page = _lit(page, rng)
    ink, paper = rng.uniform(0, 70, 3), rng.uniform(150, 255, 3)
    if rng.integers(2) == 0:  # grey
        ink[:], paper[:] = ink[0], paper[0]
    colours = ink + page[:, :, None] * (paper - ink)
    if rng.integers(_PICTURE) == 0:
        _put_picture(colours, rng)
    if rng.integers(_BORDER) == 0:
        colours = _bordered(colours, rng)
    colours = cv2.GaussianBlur(_turned(colours, rng), (0, 0), rng.uniform(0.3, 1.2))
    colours += rng.normal(0, rng.uniform(0.5, 10), (*colours.shape[:2], 1))
    pixels = colours.clip(0, 255).astype(np.uint8)
    if rng.integers(6) == 0:  # bitonal
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        _, grey = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        pixels = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    return np.asarray(pixels, dtype=np.uint8)


def _filled(
    lines: Sequence[Gray], width: int, height: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return a page of columns of lines, from 0 (ink) to 1 (paper)."""
    page = np.ones((height, width), np.float32)
    columns = int(rng.integers(1, 4))
    margin = rng.uniform(0.02, 0.12) * width
    gutter = rng.uniform(0.01, 0.05) * width
    room = (width - 2 * margin - (columns - 1) * gutter) / columns
    line_height = int(rng.integers(*_LINE))
    pitch = line_height * (1 + rng.uniform(*_DISTANCE))
    for column in range(columns):
        left = round(margin + column * (room + gutter))
        top, end = margin * rng.uniform(0.3, 2), height - margin * rng.uniform(0.3, 2)
        while top + line_height < end:
            if rng.integers(12):
                _put_line(page, lines[int(rng.integers(len(lines)))], line_height,
                          (left, round(top)), round(room))  # fmt: skip
            top += pitch
    return page


def _put_line(
    page: NDArray[np.float32],
    line: Gray,
    height: int,
    place: tuple[int, int],
    room: int,
) -> None:
    """Put a line on a page at its left upper corner, as much of it as there is room for."""
    low, high = np.percentile(line, [2, 70])
    width = max(1, round(line.shape[1] * height / line.shape[0]))
    method = cv2.INTER_AREA if height < line.shape[0] else cv2.INTER_LINEAR
    scaled = cv2.resize(line.astype(np.float32), (width, height), interpolation=method)
    ink = ((scaled - low) / max(1.0, float(high - low))).clip(0, 1)[:, :room]
    left, top = place
    part = page[top : top + height, left : left + ink.shape[1]]
    np.minimum(part, ink[: part.shape[0], : part.shape[1]], out=part)


def _lit(page: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a page under uneven light, with stains."""
    spots = 1 - rng.uniform(0, 0.4) * rng.random((5, 4)).astype(np.float32)
    light = cv2.resize(spots.astype(np.float32), page.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(page * light, np.float32)


def _put_picture(page: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Put a picture of grey clouds on a page."""
    height, width = (int(side * rng.uniform(0.1, 0.5)) for side in page.shape[:2])
    top = int(rng.integers(page.shape[0] - height))
    left = int(rng.integers(page.shape[1] - width))
    clouds = cv2.resize(
        rng.uniform(0, 255, (12, 12)), (width, height), interpolation=cv2.INTER_CUBIC
    )
    page[top : top + height, left : left + width] = clouds[:, :, None]


def _bordered(page: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a page on a dark ground."""
    longest = max(page.shape[:2]) * 0.08
    sides = [int(rng.uniform(0, longest)) for _ in range(4)]
    colour = [float(value) for value in rng.uniform(0, 60, 3)]
    return np.asarray(cv2.copyMakeBorder(page, *sides, cv2.BORDER_CONSTANT, value=colour))


def _turned(page: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a page that lies a little askew."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.normal(0, 0.8), 1)
    return np.asarray(cv2.warpAffine(page, turn, (width, height), borderMode=cv2.BORDER_REPLICATE))
