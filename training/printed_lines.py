# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Folders of printed lines: ``lines.tsv``, a row a line, and the images that it names."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from augment import Gray, degrade

from ocrd_rapid.pixels import grey_of, to_bgr
from ocrd_rapid.workspace.decoding import open_image

#: A line by the columns of the table: file, work, text.
Row = Mapping[str, str]
#: A printed line: image, text, and the work that it is from.
Print = tuple[Gray, str, str]


def read_rows(folder: Path) -> list[Row]:
    """Return the lines of a folder, in their order."""
    with (folder / "lines.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_image(folder: Path, row: Row) -> Gray:
    """Return the image of a line, grey, shape (H, W)."""
    return np.array(grey_of(to_bgr(open_image(folder / row["file"]))))


def draw_prints(
    prints: Sequence[Print], count: int, rng: np.random.Generator, clean: int, every: int
) -> Iterator[Print]:
    """Yield some of printed lines, drawn by lot; of every few, some as they are.

    Args:
        prints: the lines.
        count: how many to yield.
        rng: all randomness.
        clean: so many of ``every`` lines are as they are, the others as a worse scan shows them.
        every: see ``clean``.
    """
    for number in range(count):
        image, text, work = prints[int(rng.integers(len(prints)))]
        if number % every >= clean:
            image = degrade(image, prints[int(rng.integers(len(prints)))][0], rng)
        yield image, text, work
