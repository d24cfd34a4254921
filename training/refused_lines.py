# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines from which the head of a script learns what it does not read.

A head that has seen nothing but its script takes anything for it: on an old newspaper, print that
shines through for the letters of a script that piles signs up. So it learns that what has no text
is nothing, and that letters of old Latin print are letters of another script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from augment import Gray, degrade
from no_script import draw_empty
from printed_lines import Print, draw_prints

SEED = 1
#: Lines of what is no text, and of print in another script; of the former so many shine through.
NOTHING, OTHERS = 700, 500
_THROUGH = 0.5


def draw_nothing(folder: Path, prints: Sequence[Print]) -> Iterator[Gray]:
    """Yield images of lines without text.

    Args:
        folder: with fonts of signs, see `no_script.draw_empty`.
        prints: lines that shine through; without any, none does.
    """
    through = round(NOTHING * _THROUGH) if prints else 0
    for sample in draw_empty(folder, NOTHING - through, learn=True):
        yield sample.image
    rng = np.random.default_rng(SEED)
    for _ in range(through):
        front, back = (prints[int(rng.integers(len(prints)))][0] for _ in range(2))
        yield degrade(_shining_through(front, rng), back, rng)


def draw_others(prints: Sequence[Print]) -> Iterator[Print]:
    """Yield some of printed lines, two of three as a worse scan shows them."""
    count = OTHERS if prints else 0
    yield from draw_prints(prints, count, np.random.default_rng(SEED + 1), 1, 3)


def _shining_through(image: Gray, rng: np.random.Generator) -> Gray:
    """Return the back of a leaf on which a line is printed, at any height, blurred and pale."""
    height = image.shape[0]
    back = np.roll(cv2.flip(image, 1), int(rng.integers(height)), axis=0)
    back = cv2.GaussianBlur(back, (0, 0), rng.uniform(0.6, 2.5)).astype(np.float32)
    paper = np.percentile(back, 85)
    pale = paper - np.clip(paper - back, 0, None) * rng.uniform(0.15, 0.8)
    return np.asarray(np.clip(pale, 0, 255), np.uint8)
