# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PDFs as pdfium sees them: pages, the objects on them, their rendering.

pdfium may be called by one thread at a time; all calls in the program are made under `LOCK`.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..config.extras import required
from ..errors import ImageError, InputError
from ..pixels import BgrImage
from ..transforms import Transform

#: Held by whoever calls pdfium.
LOCK = threading.RLock()

#: Levels of form XObjects, which may contain each other, that are looked into.
_DEEPEST = 8

_NO_TRANSFORM = np.eye(3)

#: Pages after which a file is opened anew: pdfium keeps the content of all that it has shown.
_PAGES_KEPT = 16

#: Pixels by which a page is drawn smaller than its bitmap, on each side. pdfium rounds the places
#: of images outwards: a scan that fills the page would get another row, and be interpolated.
_INSET = 0.02


def api() -> Any:
    """Return the functions of pdfium.

    Raises:
        MissingExtraError: pypdfium2 is not installed.
    """
    return required("pypdfium2.raw", "pdf")


@dataclass(frozen=True)
class PageObject:
    """An object on a page.

    Attributes:
        handle: pdfium's handle, valid while the page is open.
        kind: one of pdfium's constants such as ``FPDF_PAGEOBJ_TEXT``; never that of a form.
        transform: from the space of the object to user space.
    """

    handle: Any
    kind: int
    transform: Transform

    @property
    def address(self) -> int:
        """A number that is the same for handles of the same object."""
        return address_of(self.handle)


def address_of(handle: Any) -> int:
    """Return the address of what a handle points to; 0 for none."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


class PdfiumFile:
    """A PDF that pdfium has opened."""

    def __init__(self, path: Path, password: str | None = None) -> None:
        """Open a file.

        Raises:
            InputError: pdfium cannot read it.
            MissingExtraError: pypdfium2 is not installed.
        """
        self._path = path
        self._password = password
        self._shown = 0
        with LOCK:
            self._document = self._loaded()

    def _loaded(self) -> Any:
        pypdfium2 = required("pypdfium2", "pdf")
        try:
            document = pypdfium2.PdfDocument(self._path, password=self._password)
        except pypdfium2.PdfiumError as error:
            raise InputError(f"{self._path} cannot be read: {error}") from error
        document.init_forms()
        if document.formenv is not None:
            # The colour that marks fields to fill in is no part of the page.
            api().FPDF_SetFormFieldHighlightAlpha(document.formenv.raw, 0)
        return document

    def __len__(self) -> int:
        with LOCK:
            return len(self._document)

    def close(self) -> None:
        """Close the file."""
        with LOCK:
            self._document.close()

    def label(self, index: int) -> str:
        """Return the label of a page; empty if it has none."""
        with LOCK:
            return str(self._document.get_page_label(index))

    @contextlib.contextmanager
    def page(self, index: int) -> Iterator[PdfiumPage]:
        """Open a page; other threads wait until it is closed.

        Raises:
            InputError: it cannot be read.
        """
        with LOCK:
            if self._shown == _PAGES_KEPT:
                self._document.close()
                self._document = self._loaded()
                self._shown = 0
            self._shown += 1
            try:
                page = self._opened(index)
            except Exception as error:
                raise InputError(f"page {index + 1} of {self._path} cannot be read") from error
            try:
                yield PdfiumPage(page, self._document.formenv)
            finally:
                page.close()

    def _opened(self, index: int) -> Any:
        page = self._document[index]
        if page.get_width() > 0 and page.get_height() > 0:
            return page
        # Its crop box lies outside of its media box: then viewers show all of it.
        page.set_cropbox(*page.get_mediabox())
        page.close()
        return self._document[index]


class PdfiumPage:
    """An open page."""

    def __init__(self, page: Any, forms: Any) -> None:
        """Take a page of pypdfium2, and the environment of the forms of the document."""
        self._page = page
        self._forms = forms

    @property
    def handle(self) -> Any:
        """Pdfium's handle of the page."""
        return self._page.raw

    def objects(self) -> Iterator[PageObject]:
        """Yield the objects of the page in the order in which they are painted.

        Those inside of form XObjects are among them, and the forms themselves are not.
        """
        pdfium = api()
        for i in range(pdfium.FPDFPage_CountObjects(self.handle)):
            yield from _within(pdfium.FPDFPage_GetObject(self.handle, i), _NO_TRANSFORM, 0)

    def hide_text(self) -> None:
        """Make all text invisible as long as the page is open."""
        pdfium = api()
        for item in self.objects():
            if item.kind == pdfium.FPDF_PAGEOBJ_TEXT:
                mode = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
                pdfium.FPDFTextObj_SetTextRenderMode(item.handle, mode)

    def render(self, width: int, height: int, *, annotations: bool = True) -> BgrImage:
        """Return the page as displayed.

        Args:
            width: columns of the image.
            height: its rows; the page is stretched to both.
            annotations: whether annotations and form fields are drawn.

        Returns:
            Array of shape (height, width, 3), BGR.

        Raises:
            ImageError: there is not enough memory.
        """
        pdfium = api()
        stride = (3 * width + 3) // 4 * 4
        try:
            rows = np.full((height, stride), 255, np.uint8)
        except MemoryError as error:
            raise ImageError(f"no memory for {width} x {height} pixels") from error
        bitmap = pdfium.FPDFBitmap_CreateEx(
            width, height, pdfium.FPDFBitmap_BGR, rows.ctypes.data_as(ctypes.c_void_p), stride
        )
        try:
            flags = pdfium.FPDF_ANNOT if annotations else 0
            across = (width - 2 * _INSET) / pdfium.FPDF_GetPageWidthF(self.handle)
            down = (height - 2 * _INSET) / pdfium.FPDF_GetPageHeightF(self.handle)
            matrix = pdfium.FS_MATRIX(across, 0, 0, down, _INSET, _INSET)
            whole = pdfium.FS_RECTF(0, 0, width, height)
            pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, self.handle, matrix, whole, flags)
            if annotations and self._forms is not None:
                place = (0, 0, width, height, 0, flags)
                pdfium.FPDF_FFLDraw(self._forms.raw, bitmap, self.handle, *place)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
        return rows[:, : 3 * width].reshape(height, width, 3)


def _within(handle: Any, outer: Transform, depth: int) -> Iterator[PageObject]:
    """Yield an object or, if it is a form, those in it."""
    pdfium = api()
    kind = pdfium.FPDFPageObj_GetType(handle)
    if kind != pdfium.FPDF_PAGEOBJ_FORM:
        yield PageObject(handle, kind, outer)
        return
    if depth == _DEEPEST:
        return
    inner = outer @ matrix_of(handle)
    for i in range(pdfium.FPDFFormObj_CountObjects(handle)):
        yield from _within(pdfium.FPDFFormObj_GetObject(handle, i), inner, depth + 1)


def matrix_of(handle: Any) -> Transform:
    """Return the matrix of an object: for a form or image, from its own space to that around it."""
    matrix = api().FS_MATRIX()
    api().FPDFPageObj_GetMatrix(handle, matrix)
    columns = (matrix.a, matrix.b, 0), (matrix.c, matrix.d, 0), (matrix.e, matrix.f, 1)
    return np.array(columns, dtype=np.float64).T
