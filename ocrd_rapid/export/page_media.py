# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The image of a page of a PAGE-XML document, for formats that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..addresses import redact
from ..errors import InputError
from ..ocr.geometry import Points
from ..ocr.page_model import ReadLine, ReadPage, ReadRegion, ReadWord
from ..transforms import normalized_angle
from ..workspace.file_locations import is_remote, is_there, local_path
from ..workspace.page_images import PageImage

#: From points of a page to others; any shape (N, 2).
_Move = Callable[[Points], Points]


def page_image_file(name: str, directory: Path) -> Path:
    """Return the path of the original image of a page.

    Args:
        name: what the page says.
        directory: the base of relative names: the workspace.

    Raises:
        InputError: it is missing, or only on the web.
    """
    if is_remote(name):
        raise InputError(f"its image is only at {redact(name)}; fetch it, and name the local file")
    path = local_path(directory, name)
    if not name or not is_there(path) or not path.is_file():
        raise InputError(f"its image '{name}' is not in {directory}")
    return path


def as_shown(page: ReadPage, image: PageImage) -> ReadPage:
    """Return a page with all positions in pixels of an image that was made from its own.

    What the image does not show lies on its edge.

    Args:
        page: the page, in pixels of its original image.
        image: the image, cropped or turned.
    """
    height, width = image.pixels.shape[:2]
    limit = np.array([width, height], dtype=np.float32)

    def move(points: Points) -> Points:
        moved = image.to_pixels(points) if len(points) else points
        return np.asarray(np.clip(moved, 0, limit), dtype=np.float32)

    whole = normalized_angle((page.orientation or 0) + page.skew - image.angle)
    quarter = round(whole / 90) * 90
    return replace(
        page,
        width=width,
        height=height,
        regions=tuple(_region(region, move, image.angle) for region in page.regions),
        tables=tuple(replace(table, outline=move(table.outline)) for table in page.tables),
        graphics=tuple(replace(part, outline=move(part.outline)) for part in page.graphics),
        rules=(),
        orientation=None if page.orientation is None else quarter,
        skew=whole - quarter,
    )


def _region(region: ReadRegion, move: _Move, angle: float) -> ReadRegion:
    return replace(
        region,
        lines=tuple(_line(line, move) for line in region.lines),
        own_outline=move(region.own_outline),
        orientation=normalized_angle(region.orientation - angle),
    )


def _line(line: ReadLine, move: _Move) -> ReadLine:
    return replace(
        line,
        outline=move(line.outline),
        baseline=move(line.baseline),
        box=move(line.box),
        corners=move(line.corners),
        words=tuple(_word(word, move) for word in line.words),
    )


def _word(word: ReadWord, move: _Move) -> ReadWord:
    glyphs = tuple(replace(glyph, outline=move(glyph.outline)) for glyph in word.glyphs)
    return replace(word, outline=move(word.outline), glyphs=glyphs)
