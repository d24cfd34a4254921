# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Between the pixels of a displayed page and user space, against what pdfium shows."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from ocrd_rapid.documents.pdf_geometry import (
    DisplayedPage,
    displayed,
    displayed_page,
    pdf_matrix,
)
from ocrd_rapid.transforms import transform_points

#: Entries of pages, and where on each a square of 20 points is drawn (its lower left corner).
PAGES: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "plain": ({"MediaBox": [0, 0, 300, 400]}, (50, 300)),
    "rotate90": ({"MediaBox": [0, 0, 300, 400], "Rotate": 90}, (50, 300)),
    "rotate180": ({"MediaBox": [0, 0, 300, 400], "Rotate": 180}, (50, 300)),
    "rotate270": ({"MediaBox": [0, 0, 300, 400], "Rotate": 270}, (50, 300)),
    "rotate-90": ({"MediaBox": [0, 0, 300, 400], "Rotate": -90}, (50, 300)),
    "rotate450": ({"MediaBox": [0, 0, 300, 400], "Rotate": 450}, (50, 300)),
    "origin": ({"MediaBox": [100, -200, 400, 200]}, (150, -100)),
    "cropped": ({"MediaBox": [0, 0, 300, 400], "CropBox": [40, 100, 260, 380]}, (50, 300)),
    "cropped and turned": (
        {"MediaBox": [-50, 20, 300, 400], "CropBox": [-40, 100, 260, 380], "Rotate": 270},
        (50, 300),
    ),
    "crop box larger": ({"MediaBox": [0, 0, 300, 400], "CropBox": [-9, 50, 999, 999]}, (50, 300)),
    "corners in another order": ({"MediaBox": [300, 0, 0, 400], "Rotate": 90}, (50, 300)),
    "user unit": ({"MediaBox": [0, 0, 300, 400], "UserUnit": 2}, (50, 300)),
    "no box": ({}, (50, 300)),
    "fractions": ({"MediaBox": [0.4, 0.7, 300.9, 400.2], "Rotate": 90}, (50, 300)),
}


def pdf_with(entries: dict[str, Any], square: tuple[float, float]) -> bytes:
    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page()
    page = pdf.pages[0].obj
    del page["/MediaBox"]
    for key, value in entries.items():
        page[f"/{key}"] = Array(value) if isinstance(value, list) else value
    page.Contents = pikepdf.Stream(pdf, f"{square[0]} {square[1]} 20 20 re f".encode())
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("kind", PAGES)
def test_a_square_is_where_pdfium_shows_it(kind: str) -> None:
    entries, (x, y) = PAGES[kind]
    content = pdf_with(entries, (x, y))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = displayed_page(pdf.pages[0])
    shown = pypdfium2.PdfDocument(content)
    picture = shown[0].render(scale=2).to_numpy()[:, :, 0]
    shown.close()
    height, width = picture.shape
    assert (width, height) == pytest.approx([2 * side for side in page.size], abs=1)
    rows, columns = np.nonzero(picture < 128)
    corners = transform_points(page.to_pixels(width, height), np.array([(x, y), (x + 20, y + 20)]))
    assert corners.min(axis=0) == pytest.approx([columns.min(), rows.min()], abs=1)
    assert corners.max(axis=0) == pytest.approx([columns.max() + 1, rows.max() + 1], abs=1)


def test_entries_are_inherited() -> None:
    pdf = pikepdf.Pdf.open(io.BytesIO(pdf_with({"MediaBox": [0, 0, 10, 20]}, (1, 1))))
    del pdf.pages[0].obj["/MediaBox"]
    pdf.Root.Pages.MediaBox = Array([0, 0, 30, 50])
    pdf.Root.Pages.Rotate = 90
    assert displayed_page(pdf.pages[0]) == DisplayedPage((0, 0, 30, 50), 90)


def test_a_page_tree_in_a_circle_ends() -> None:
    pdf = pikepdf.Pdf.new()
    node = pdf.make_indirect(Dictionary(Type=Name.Page))
    node.Parent = node
    assert displayed_page(pikepdf.Page(node)) == DisplayedPage((0, 0, 612, 792))


@pytest.mark.parametrize("crop", [[5, 5, 5, 90], [400, 400, 500, 500], "x", [1, 2], None, 7])
@pytest.mark.parametrize("rotate", [None, "x", float("nan"), 45, 0])
def test_entries_that_make_no_sense_do_not_count(crop: Any, rotate: Any) -> None:
    assert displayed([0, 0, 300, 400], crop, rotate) == DisplayedPage((0, 0, 300, 400))


@given(
    left=st.floats(-1e4, 1e4),
    bottom=st.floats(-1e4, 1e4),
    width=st.floats(1, 14400),
    height=st.floats(1, 14400),
    rotate=st.sampled_from([0, 90, 180, 270]),
    columns=st.integers(1, 20000),
    rows=st.integers(1, 20000),
)
def test_there_and_back_again(
    left: float, bottom: float, width: float, height: float, rotate: int, columns: int, rows: int
) -> None:
    page = DisplayedPage((left, bottom, left + width, bottom + height), rotate)
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], dtype=float)
    user = transform_points(page.to_user(columns, rows), corners)
    assert user.min(axis=0) == pytest.approx(page.box[:2], abs=1e-6)
    assert user.max(axis=0) == pytest.approx(page.box[2:], abs=1e-6)
    back = transform_points(page.to_pixels(columns, rows), user)
    assert back == pytest.approx(corners, abs=1e-4)


def test_the_matrix_of_an_operator_has_its_numbers_by_column() -> None:
    matrix = DisplayedPage((0, 0, 300, 400)).to_user(600, 800)
    assert pdf_matrix(matrix) == pytest.approx((0.5, 0, 0, -0.5, 0, 400))
