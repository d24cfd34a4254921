# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines that end where they were meant to: verse, addresses, signatures."""

from __future__ import annotations

from itertools import pairwise

from ..ocr.geometry import rotate_points
from ..ocr.lines.baselines import usable
from ..ocr.page_model import ReadRegion
from ..ocr.text_direction import is_right_to_left

#: Fewest lines that show it.
_FEWEST_LINES = 3

#: Least part of them, but for the last, that ends early: of any lines, and of lines of which each
#: begins with a capital.
_ENDING_EARLY, _CAPITALS_ENDING_EARLY = 0.6, 0.2


def keeps_lines(region: ReadRegion) -> bool:
    """Return whether the lines of a region end early, so that joining them would lose something.

    A line ends early if the first word of the next one had room behind it: running text is never
    broken there, justified or not. Of verse, most lines may be equally long; they all begin with
    capitals.
    """
    lines = [line for line in region.lines if line.text.strip()]
    if len(lines) < _FEWEST_LINES or not all(usable(line.outline) for line in lines):
        return False
    side = -1 if is_right_to_left(region.text) else 1
    places = [rotate_points(line.outline, region.orientation) for line in lines]
    if any(two[:, 1].mean() < one[:, 1].max() for one, two in pairwise(places)):
        return False  # pieces of a row, one beside the other
    ends = [float((side * place[:, 0]).max()) for place in places]
    starts = [float((side * place[:, 0]).min()) for place in places]
    early = 0
    for i, line in enumerate(lines[1:], start=1):
        text = line.text.strip()
        letter = (ends[i] - starts[i]) / len(text)
        early += max(ends) - ends[i - 1] > (len(text.split()[0]) + 1) * letter
    capitals = all(line.text.strip()[0].isupper() for line in lines)
    least = _CAPITALS_ENDING_EARLY if capitals else _ENDING_EARLY
    return early >= least * (len(lines) - 1)
