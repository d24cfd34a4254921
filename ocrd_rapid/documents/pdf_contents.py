# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a PDF page consists of; from that, what is done with it and at what resolution."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..transforms import Transform, transform_points
from .document import LEAST_DPI, Treatment
from .pdf_characters import PdfCharacter, characters
from .pdf_geometry import DisplayedPage
from .pdf_images import WHOLE_PAGE, PlacedImage, images_on, scans
from .pdfium import PageObject, PdfiumFile, PdfiumPage, api

#: Resolution of pages that no image covers.
USUAL_DPI = 300.0

#: [pixels] A page is never rendered larger.
MAX_RENDERED = 60_000_000

#: [share of the page] A larger image is a scan, and visible text on it a stamp or header. On a page
#: with fewer characters, a smaller image is one, too.
_SCAN = 0.5
_SMALL_SCAN, _FEW_CHARACTERS = 0.25, 200

#: [share of the characters] Text with more of them without meaning counts as no text.
_MEANINGLESS = 0.2

#: [pixels] Longer side of an image below `LEAST_DPI` that is a page nevertheless, not a backdrop.
_LEAST_SIDE = 1000

#: Paths on a page from which it is a drawing, and needs `USUAL_DPI` whatever lies below.
_DRAWING = 200

#: [pixels] Longer side of the images that show whether text is seen.
_LOOK = 1400


@dataclass(frozen=True)
class PageContents:
    """What a page consists of.

    Attributes:
        shown: what is displayed of it.
        scan: the part of it that its largest image covers, 0 to 1.
        native_dpi: resolution of the image that covers it; ``None`` if none does.
        native_size: width and height of that image as displayed, if it is the whole page.
        visible: number of visible characters; 0 if they have no meaning.
        invisible: number of invisible characters; 0 if they have no meaning.
        meaningless: number of characters in text that has no meaning.
        hidden: whether some of the invisible characters are painted, though not seen.
        images: number of images.
        paths: number of lines and areas.
    """

    shown: DisplayedPage
    scan: float = 0.0
    native_dpi: float | None = None
    native_size: tuple[int, int] | None = None
    visible: int = 0
    invisible: int = 0
    meaningless: int = 0
    hidden: bool = False
    images: int = 0
    paths: int = 0

    @property
    def has_scan(self) -> bool:
        """Whether it is a scan, perhaps with some text on it, rather than text with a picture."""
        few = self.visible < _FEW_CHARACTERS
        return self.scan > (_SMALL_SCAN if few else _SCAN)

    def pixel_size(self, dpi: float | None) -> tuple[int, int]:
        """Return width and height of its image.

        Args:
            dpi: the resolution; ``None`` for that of the image that covers it, else `USUAL_DPI`.
        """
        if self.native_size and dpi is None and math.prod(self.native_size) <= MAX_RENDERED:
            return self.native_size
        scale = (dpi or self.native_dpi or USUAL_DPI) / 72
        width, height = self.shown.size
        scale *= min(1.0, math.sqrt(MAX_RENDERED / max(width * height * scale * scale, 1e-9)))
        return max(round(width * scale), 1), max(round(height * scale), 1)

    def is_reduced(self, dpi: float | None) -> bool:
        """Return whether `pixel_size` is less than the resolution asks for."""
        width, height = self.shown.size
        scale = (dpi or self.native_dpi or USUAL_DPI) / 72
        return width * height * scale * scale > MAX_RENDERED


def contents_of(
    page: PdfiumPage, shown: DisplayedPage, unmapped_fonts: Collection[str]
) -> tuple[PageContents, list[PlacedImage]]:
    """Return what an open page consists of, and its images, which are valid while it is open.

    Args:
        page: the page.
        shown: what is displayed of it.
        unmapped_fonts: see `pdf_fonts.unmapped_fonts`.
    """
    pdfium = api()
    images = list(images_on(page, shown))
    paths = sum(
        item.kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING)
        for item in page.objects()
    )
    found = scans(images)
    scan = max((share for share, _, _ in found), default=0.0)
    hidden = hidden_text(page, shown) if scan > _SCAN else set()
    read = [c for c in characters(page, unmapped_fonts, hidden) if not c.is_space]
    visible = [c for c in read if c.visible]
    invisible = [c for c in read if not c.visible]
    visible_count, invisible_count = _meaningful(visible), _meaningful(invisible)
    native = max(
        (dpi for share, dpi, side in found if share > WHOLE_PAGE and _is_page(dpi, side)),
        default=None,
    )
    # Text that has to be recognized as it is painted, and drawings, are sharp at any resolution.
    if native and (paths > _DRAWING or (visible and not visible_count)):
        native = max(native, USUAL_DPI)
    size = next((i.shown_size for i in images if i.shown_size and i.dpi == native), None)
    contents = PageContents(
        shown,
        scan=scan,
        native_dpi=native,
        native_size=size,
        visible=visible_count,
        invisible=invisible_count,
        meaningless=len(read) - visible_count - invisible_count,
        hidden=bool(hidden),
        images=len(images),
        paths=paths,
    )
    return contents, images


def _meaningful(found: list[PdfCharacter]) -> int:
    """Return the number of characters, 0 if too many of them have no meaning."""
    without = sum(not character.meaningful for character in found)
    return len(found) if without <= _MEANINGLESS * len(found) else 0


def _is_page(dpi: float, side: int) -> bool:
    return dpi >= LEAST_DPI or side >= _LEAST_SIDE


def hidden_text(page: PdfiumPage, shown: DisplayedPage) -> set[int]:
    """Return the addresses of text objects that are painted, but not seen.

    Some programs put a scan above the text that they recognized, others paint it white or clip it
    away. What is seen changes the picture of the page when it is made invisible.
    """
    pdfium = api()
    painted = [
        item
        for item in page.objects()
        if item.kind == pdfium.FPDF_PAGEOBJ_TEXT
        and pdfium.FPDFTextObj_GetTextRenderMode(item.handle)
        != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
    ]
    if not painted:
        return set()
    scale = _LOOK / max(shown.size)
    width, height = (max(round(side * scale), 1) for side in shown.size)
    modes = [pdfium.FPDFTextObj_GetTextRenderMode(item.handle) for item in painted]
    before = page.render(width, height, annotations=False)
    page.hide_text()
    changed = (before != page.render(width, height, annotations=False)).any(axis=2)
    for item, mode in zip(painted, modes, strict=True):
        pdfium.FPDFTextObj_SetTextRenderMode(item.handle, mode)
    to_pixels = shown.to_pixels(width, height)
    return {item.address for item in painted if not _is_within(changed, _extent(item, to_pixels))}


def unseen_texts(file: PdfiumFile, index: int, shown: DisplayedPage) -> list[bool]:
    """Return of each text object of a page whether it is painted over a scan, but not seen.

    Args:
        file: the open PDF.
        index: index of the page, from 0.
        shown: what is displayed of it.

    Returns:
        A value for each text object, also inside of forms, in the order of painting.
    """
    kind = api().FPDF_PAGEOBJ_TEXT
    with file.page(index) as page:
        share = max((share for share, _, _ in scans(images_on(page, shown))), default=0.0)
        hidden = hidden_text(page, shown) if share > _SCAN else set()
        return [item.address in hidden for item in page.objects() if item.kind == kind]


def _extent(item: PageObject, to_pixels: Transform) -> tuple[int, int, int, int]:
    """Return the extent of an object in whole pixels: left, top, right, bottom."""
    numbers = [ctypes.c_float() for _ in range(4)]
    api().FPDFPageObj_GetBounds(item.handle, *numbers)
    left, bottom, right, top = (number.value for number in numbers)
    corners = np.array([(left, bottom), (right, bottom), (right, top), (left, top)])
    points = transform_points(to_pixels @ item.transform, corners)
    low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    left, top, right, bottom = np.clip([*low, *high], 0, _LOOK).astype(int).tolist()
    return left, top, right, bottom


def _is_within(changed: NDArray[np.bool_], extent: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = extent
    return bool(changed[top : bottom + 1, left : right + 1].any())


def treatment_of(contents: PageContents, mode: str) -> tuple[Treatment, str]:
    """Return what is done with a page, and what with its layer in a PDF.

    Args:
        contents: what the page consists of.
        mode: one of `MODES`.

    Returns:
        The treatment, and a value of `DocumentPage.layer`.
    """
    if mode == "force":
        return Treatment.RECOGNIZE, "image"
    some = contents.visible or contents.invisible
    # Text without meaning that is not seen would be found beside the new text.
    layer = "replace" if contents.invisible or contents.meaningless else "add"
    if mode == "redo":
        only_text = not (contents.images or contents.paths or contents.invisible)
        if contents.visible and only_text:
            return Treatment.KEEP, "keep"
        return (Treatment.MERGE if contents.visible else Treatment.RECOGNIZE), layer
    if contents.invisible or (some and (mode == "skip" or not contents.has_scan)):
        return Treatment.KEEP, "keep"
    return (Treatment.MERGE if contents.visible else Treatment.RECOGNIZE), layer
