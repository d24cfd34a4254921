# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The image of a page: where it is, and positions in an image that was cropped or turned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import InputError
from ocrd_rapid.export.page_media import as_shown, page_image_file
from ocrd_rapid.ocr.page_model import (
    ReadGraphic,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadTable,
    ReadWord,
)
from ocrd_rapid.transforms import normalized_angle
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import page_image

INK = np.array([(40, 30), (80, 30), (80, 50), (40, 50)], dtype=np.float32)


def shown_page(folder: Path, document: PageDocument, page: ReadPage) -> tuple[ReadPage, np.ndarray]:
    """Return a page as an image shows it, and that image."""
    from PIL import Image, ImageDraw

    scan = Image.new("RGB", (page.width, page.height), "white")
    ImageDraw.Draw(scan).rectangle([40, 30, 79, 49], fill="black")
    scan.save(folder / "a.png")
    image = page_image(document, folder)
    return as_shown(page, image), image.pixels


def page_of_ink(width: int = 200, height: int = 120) -> ReadPage:
    word = ReadWord("ink", 1.0, INK)
    line = ReadLine(INK, "ink", 1.0, (word,), baseline=INK[[3, 2]])
    return ReadPage(
        width,
        height,
        (ReadRegion((line,), own_outline=INK),),
        tables=(ReadTable(INK, "t"),),
        graphics=(ReadGraphic("image", INK),),
    )


@given(
    orientation=st.sampled_from([0.0, 90.0, 180.0, -90.0, 3.0, -7.0, 93.0]),
    border=st.booleans(),
)
def test_positions_are_those_of_the_ink_in_the_image(
    tmp_path_factory: pytest.TempPathFactory, orientation: float, border: bool
) -> None:
    document = PageDocument.for_image("a.png", 200, 120, "me")
    document.set_orientation(orientation)
    if border:
        from lxml import etree

        from ocrd_rapid.workspace.segments import tag

        element = etree.SubElement(document.page, tag("Border"))
        etree.SubElement(element, tag("Coords"), points="20,10 180,10 180,110 20,110")
    shown, pixels = shown_page(tmp_path_factory.mktemp("page"), document, page_of_ink())
    assert (shown.height, shown.width) == pixels.shape[:2]
    rows, columns = np.nonzero(pixels[:, :, 0] < 128)
    ink = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
    (region,) = shown.regions
    (line,) = region.lines
    for outline in (
        region.own_outline,
        line.outline,
        line.words[0].outline,
        shown.tables[0].outline,
        shown.graphics[0].outline,
    ):
        assert outline.mean(axis=0) == pytest.approx(ink, abs=1.5)
    assert region.orientation == pytest.approx(normalized_angle(-orientation))


def test_what_is_cut_off_lies_on_the_edge(tmp_path: Path) -> None:
    from lxml import etree

    from ocrd_rapid.workspace.segments import tag

    document = PageDocument.for_image("a.png", 200, 120, "me")
    border = etree.SubElement(document.page, tag("Border"))
    etree.SubElement(border, tag("Coords"), points="60,0 200,0 200,120 60,120")
    shown, _ = shown_page(tmp_path, document, page_of_ink())
    outline = shown.regions[0].lines[0].outline
    assert outline[:, 0].tolist() == [0, 20, 20, 0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("b.png", "its image 'b.png' is not in"),
        ("", "its image '' is not in"),
        ("folder", "its image 'folder' is not in"),
        ("https://user:secret@x.org/a.png", r"only at https://x.org/a.png; fetch it"),
    ],
)
def test_an_image_that_is_not_there_is_named(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=message):
        page_image_file(name, tmp_path)
