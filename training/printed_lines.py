# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Folders of printed lines: ``lines.tsv``, a row a line, and the images that it names."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from augment import Gray

from ocrd_rapid.pixels import grey_of, to_bgr
from ocrd_rapid.workspace.decoding import open_image

#: A line by the columns of the table: file, work, text.
Row = Mapping[str, str]


def read_rows(folder: Path) -> list[Row]:
    """Return the lines of a folder, in their order."""
    with (folder / "lines.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_image(folder: Path, row: Row) -> Gray:
    """Return the image of a line, grey, shape (H, W)."""
    return np.array(grey_of(to_bgr(open_image(folder / row["file"]))))
