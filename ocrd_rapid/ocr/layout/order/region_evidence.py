# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What regions show about their order: where they stand, how they begin, and how they end.

A page is seen upright, without its skew, and as if its text ran from left to right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geometry import Points
from ...text_direction import is_right_to_left
from ..arrangement import level_sheet
from ..printed_rules import PrintedRule

#: (left, top, right, bottom) of each of N parts of a page, shape (N, 4).
Extents = NDArray[np.float64]

#: Values of a property, as indices of its names.
Codes = NDArray[np.intp]

#: How a text ends, and how one begins. The first means that nothing is known.
ENDS = ("no text", "hyphen", "open", "closed", "heading")
BEGINNINGS = ("no text", "lower case", "upper case", "other", "heading")

#: Kinds of regions with regard to their order.
KINDS = ("body", "heading", "note", "furniture")

_KIND_OF = dict.fromkeys(("heading", "header-in-text"), 1)
_KIND_OF |= dict.fromkeys(("marginalia", "footnote", "footnote-continued", "endnote"), 2)
_KIND_OF |= dict.fromkeys(("header", "footer", "page-number", "signature-mark", "catch-word"), 3)

#: Characters that divide words at the end of a line, and those that end a sentence or a part of
#: it; what may stand after them, or before the first letter.
_HYPHENS = "-¬⸗\u00ad"
_STOPS = ".!?:;…。！？；：؟۔"
_QUOTES = "\"'”“’‘»«›‹„‚)]}*([{ "


class OrderedPart(NamedTuple):
    """A region, or another part of a page that is read at once.

    Attributes:
        boxes: those of its lines, in reading order, shape (4, 2) each, at least one.
        texts: the text of each line; empty where it was not read.
        kind: type of the region in PAGE-XML, if known.
    """

    boxes: Sequence[Points]
    texts: Sequence[str] = ()
    kind: str | None = None


@dataclass(frozen=True)
class RegionEvidence:
    """The N regions of a page, as plain numbers.

    Attributes:
        unit: the usual height of a line, in pixels.
        extents: where the regions are.
        first: where their first lines are.
        last: where their last lines are.
        rows: number of their lines, shape (N,).
        ends: how they end, see `ENDS`.
        beginnings: how they begin, see `BEGINNINGS`.
        kinds: see `KINDS`.
        horizontal: printed rules, (left, right, y), shape (M, 3).
    """

    unit: float
    extents: Extents
    first: Extents
    last: Extents
    rows: Codes
    ends: Codes
    beginnings: Codes
    kinds: Codes
    horizontal: NDArray[np.float64]

    @classmethod
    def of(
        cls, regions: Sequence[OrderedPart], rules: Sequence[PrintedRule] = ()
    ) -> RegionEvidence:
        """Return what regions show.

        Args:
            regions: at least one, of upright text.
            rules: printed rules, in the same coordinates.
        """
        boxes = [box for region in regions for box in region.boxes]
        sheet = level_sheet(boxes, rules)
        extents, horizontal = sheet.extents.astype(np.float64), sheet.horizontal.astype(np.float64)
        if is_right_to_left(" ".join(text for region in regions for text in region.texts)):
            extents[:, [0, 2]] = -extents[:, [2, 0]]
            horizontal[:, :2] = -horizontal[:, 1::-1]
        starts = np.cumsum([0, *(len(region.boxes) for region in regions)])
        parts = [slice(one, two) for one, two in pairwise(starts)]
        texts = [[text for text in region.texts if text] for region in regions]
        kinds = np.array([_KIND_OF.get(region.kind or "", 0) for region in regions], np.intp)
        return cls(
            sheet.line_height,
            np.array([_around(extents[part]) for part in parts]),
            extents[starts[:-1]],
            extents[starts[1:] - 1],
            np.diff(starts),
            np.where(kinds == 1, 4, [_end(lines[-1]) if lines else 0 for lines in texts]),
            np.where(kinds == 1, 4, [_beginning(lines[0]) if lines else 0 for lines in texts]),
            kinds,
            horizontal,
        )


def _around(extents: Extents) -> Extents:
    return np.concatenate([extents[:, :2].min(axis=0), extents[:, 2:].max(axis=0)])


def _end(text: str) -> int:
    """Return the index in `ENDS` of the end of a text."""
    bare = text.rstrip(_QUOTES) or text
    if text[-1] in _HYPHENS and text[-2:-1].isalpha():
        return 1
    return 3 if bare[-1] in _STOPS else 2


def _beginning(text: str) -> int:
    """Return the index in `BEGINNINGS` of the beginning of a text."""
    first = (text.lstrip(_QUOTES + "-—–") or text)[0]
    if first.islower():
        return 1
    return 2 if first.isalpha() else 3
