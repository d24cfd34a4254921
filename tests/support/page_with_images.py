# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PAGE documents and images for the tests of derived images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrd_rapid.workspace import xml
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import PageImage
from ocrd_rapid.workspace.segments import NAMESPACE

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 200, 300
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def coords(points: Points) -> str:
    return f'<Coords points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def alternatives(images: Sequence[tuple[str, str | None]]) -> str:
    """Return derived images, given as pairs of file name and features."""
    return "".join(
        f'<AlternativeImage filename="{name}"/>'
        if features is None
        else f'<AlternativeImage filename="{name}" comments="{features}"/>'
        for name, features in images
    )


def segment(
    kind: str,
    points: Points | None,
    *,
    orientation: float | None = None,
    images: Sequence[tuple[str, str | None]] = (),
    content: str = "",
) -> str:
    """Return a segment with the ID ``x``."""
    turn = "" if orientation is None else f'orientation="{orientation}"'
    outline = "" if points is None else coords(points)
    return f'<{kind} id="x" {turn}>{alternatives(images)}{outline}{content}</{kind}>'


def document(
    *,
    orientation: float | None = None,
    border: Points | None = None,
    images: Sequence[tuple[str, str | None]] = (),
    size: tuple[int, int] = (WIDTH, HEIGHT),
    filename: str = "page.png",
    content: str = "",
) -> PageDocument:
    body = alternatives(images)
    if border:
        body += f"<Border>{coords(border)}</Border>"
    turn = "" if orientation is None else f'orientation="{orientation}"'
    return PageDocument(
        xml.parse(
            f'<PcGts xmlns="{NAMESPACE}"><Page imageFilename="{filename}" imageWidth="{size[0]}"'
            f' imageHeight="{size[1]}" {turn}>{body}{content}</Page></PcGts>'.encode()
        )
    )


def colour_map() -> NDArray[np.uint8]:
    """Return an RGB image whose colour says where a pixel is: red is x, green y / 2."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x, y // 2, np.full_like(x, 100)], axis=-1).astype(np.uint8)


def plain(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> None:
    Image.new("RGB", size, colour).save(path)


def colours(image: PageImage) -> set[tuple[int, ...]]:
    """Return the colours of an image, RGB."""
    return set(map(tuple, image.pixels.reshape(-1, 3)[:, ::-1].tolist()))


def size_of(image: PageImage) -> tuple[int, int]:
    height, width = image.pixels.shape[:2]
    return width, height
