# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Match the lines of a text with those of the reference, in any order.

If both have outlines on the same image, a line belongs to the line of the reference that covers
most of it. Otherwise lines are matched by their text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..ocr.text_direction import is_right_to_left
from ..workspace.values import Polygon
from .text_matching import match_texts
from .texts import Line, Page

#: How lines were matched.
Method = Literal["outlines", "text"]

#: A line remains unmatched if no line of the reference covers more than this share of its area.
_LEAST_COVER = 0.1

#: Maximum difference, in pixels, of image sizes that count as the same.
_ROUNDING = 1.0

#: Factor for coordinates: Clipper computes in integers.
_SCALE = 16


@dataclass(frozen=True)
class Matching:
    """The text matched with each line of a reference.

    Attributes:
        method: how the lines were matched.
        found: for each line of the reference, the matching text, or an empty string.
        rest: the texts that match no line of the reference.
    """

    method: Method
    found: tuple[str, ...]
    rest: tuple[str, ...]


def match_lines(reference: Page, page: Page) -> Matching:
    """Return the text that matches each line of a reference."""
    lines = [line.outline for line in page.lines]
    expected = [line.outline for line in reference.lines]
    outlines = [o for o in lines if o is not None]
    references = [o for o in expected if o is not None]
    complete = len(outlines) == len(lines) and len(references) == len(expected)
    if complete and lines and expected and _same_size(reference, page):
        return _by_outlines(reference.lines, page.lines, references, outlines)
    texts = [line.text for line in page.lines]
    found, rest = match_texts([line.text for line in reference.lines], texts)
    return Matching("text", tuple(found), tuple(rest))


def _same_size(reference: Page, page: Page) -> bool:
    """Return whether both pages have the same size, so that their coordinates agree."""
    if reference.size is None or page.size is None:
        return False
    pairs = zip(reference.size, page.size, strict=True)
    return all(abs(one - other) <= _ROUNDING for one, other in pairs)


def _by_outlines(
    reference: Sequence[Line],
    lines: Sequence[Line],
    references: Sequence[Polygon],
    outlines: Sequence[Polygon],
) -> Matching:
    given: list[list[int]] = [[] for _ in reference]
    rest = []
    boxes = np.array([_box(outline) for outline in references])
    for number, outline in enumerate(outlines):
        best = _best_cover(outline, references, boxes)
        if best is None:
            rest.append(lines[number].text)
        else:
            given[best].append(number)
    found = []
    for index, numbers in enumerate(given):
        ordered = _in_order(numbers, outlines, boxes[index], reference[index].text)
        found.append(" ".join(lines[number].text for number in ordered))
    return Matching("outlines", tuple(found), tuple(rest))


def _best_cover(
    outline: Polygon, references: Sequence[Polygon], boxes: NDArray[np.float64]
) -> int | None:
    """Return the index of the reference that covers most of an outline, if any does."""
    left, top, right, bottom = _box(outline)
    meets = (boxes[:, 0] < right) & (boxes[:, 2] > left)
    meets &= (boxes[:, 1] < bottom) & (boxes[:, 3] > top)
    best: int | None = None
    most = (round(_LEAST_COVER * _area(outline)), 0.0)
    for index in np.flatnonzero(meets).tolist():
        common = _common_area(outline, references[index])
        # The smaller of two that cover equally much of it: lines may lie within each other.
        cover = (round(common), -_area(references[index]))
        if common > 0 and cover > most:
            best, most = index, cover
    return best


def _in_order(
    numbers: Sequence[int], outlines: Sequence[Polygon], box: NDArray[np.float64], text: str
) -> list[int]:
    """Return the pieces of one line in reading order.

    This is from left to right, or from right to left in such a script; the pieces of a line that
    stands on its side keep their order.
    """
    if box[3] - box[1] > box[2] - box[0]:
        return list(numbers)
    if is_right_to_left(text):
        return sorted(numbers, key=lambda number: -float(outlines[number][:, 0].max()))
    return sorted(numbers, key=lambda number: float(outlines[number][:, 0].min()))


def _box(outline: Polygon) -> NDArray[np.float64]:
    low, high = outline.min(axis=0), outline.max(axis=0)
    return np.array([*low, *high], dtype=np.float64)


def _area(outline: Polygon) -> float:
    """Return the area of an outline in square pixels; 1 if it is flat."""
    own = _common_area(outline, outline)
    return own if own > 0 else 1.0


def _common_area(one: Polygon, other: Polygon) -> float:
    """Return the area that two outlines share, in square pixels."""
    import pyclipper

    clipper = pyclipper.Pyclipper()
    fill = pyclipper.PFT_NONZERO
    try:
        clipper.AddPath(_scaled(one), pyclipper.PT_SUBJECT, True)
        clipper.AddPath(_scaled(other), pyclipper.PT_CLIP, True)
        pieces = clipper.Execute(pyclipper.CT_INTERSECTION, fill, fill)
    except pyclipper.ClipperException:  # one of them is flat
        return 0.0
    # Holes have a negative area.
    return abs(float(sum(pyclipper.Area(piece) for piece in pieces))) / _SCALE**2


def _scaled(outline: Polygon) -> list[list[int]]:
    path: list[list[int]] = np.rint(outline.astype(np.float64) * _SCALE).astype(int).tolist()
    return path
