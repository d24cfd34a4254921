# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Squares of pages, as a detector sees them: of typeset pages, and of pages composed of lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from composed_pages import composed_page
from line_shards import KeptLine
from torch import Tensor

from ocrd_rapid.errors import InputError
from ocrd_rapid.ocr.detection.detector import input_size, normalize
from ocrd_rapid.ocr.detection.strips import STRIDE
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rasters.load_image import load_image

#: Pages that are composed; lines that each is composed of, at most and, where a work or a design of
#: type has fewer, at least.
COMPOSED, LINES_OF_A_PAGE, FEWEST = 150, 40, 12
#: Squares of a page; the longest side of one, in pixels of the network's input.
SQUARES, SIDE = 3, 640
#: Factors of the usual size of the input, from and to.
SCALES = (0.75, 1.1)


def squares_of(
    typeset: Path, lines: Sequence[KeptLine], rng: np.random.Generator
) -> list[BgrImage]:
    """Return squares of all pages, in random order.

    Args:
        typeset: a folder of folders of typeset pages.
        lines: of which others are composed.
        rng: all randomness.

    Raises:
        InputError: there are no typeset pages.
        ImageError: one cannot be read.
    """
    pages = (*typeset_pages(typeset), *composed_pages(lines, COMPOSED, rng))
    found = [_square_of(page, rng) for page in pages for _ in range(SQUARES)]
    return [found[place] for place in rng.permutation(len(found))]


def as_input(square: BgrImage) -> Tensor:
    """Return a square as the network takes it, shape (1, 3, height, width)."""
    return torch.from_numpy(normalize(np.ascontiguousarray(square)))


def typeset_pages(folder: Path) -> Iterator[BgrImage]:
    """Yield the pages of a folder of folders.

    Raises:
        InputError: it has none.
        ImageError: one cannot be read.
    """
    paths = sorted(folder.glob("*/*.png"))
    if not paths:
        raise InputError(
            f"{folder} has no typeset pages; make them with: python tests/bench/synthetic.py"
            f" {folder} --kinds all --count 3 --seed 500 --spread 1.25"
        )
    for path in paths:
        yield load_image(path)


def composed_pages(
    lines: Sequence[KeptLine], count: int, rng: np.random.Generator
) -> Iterator[BgrImage]:
    """Yield pages of lines of all kinds in turn, each of one work or of few designs of type."""
    by_kind: dict[str, dict[str, list[KeptLine]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        by_kind[line.kind][line.source].append(line)
    kinds = [list(by_kind[kind].values()) for kind in sorted(by_kind)]
    for number in range(count):
        drawn = _drawn(kinds[number % len(kinds)], rng)
        yield composed_page([line.image for line in drawn], rng)


def _drawn(sources: Sequence[Sequence[KeptLine]], rng: np.random.Generator) -> list[KeptLine]:
    """Return lines of as few sources as have enough of them."""
    found: list[KeptLine] = []
    for place in rng.permutation(len(sources)):
        found += sources[place]
        if len(found) >= FEWEST:
            break
    return [found[place] for place in rng.permutation(len(found))[:LINES_OF_A_PAGE]]


def _square_of(page: BgrImage, rng: np.random.Generator) -> BgrImage:
    """Return a square of a page in the size in which the network gets it, drawn by lot."""
    height, width = page.shape[:2]
    size = input_size(height, width, 0, float(rng.uniform(*SCALES)))
    method = cv2.INTER_AREA if size[0] < height else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(page, size[::-1], interpolation=method), dtype=np.uint8)
    sides = [min(SIDE, side // STRIDE * STRIDE) for side in size]
    top, left = (int(rng.integers(all_ - side + 1)) for all_, side in zip(size, sides, strict=True))
    return scaled[top : top + sides[0], left : left + sides[1]].copy()
