# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages of PDFs: rendered, and read where they have text."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from ..errors import InputError, OcrdRapidError
from ..files import replace_quickly
from ..ocr.page_model import ReadPage
from ..rasters.encoding import encode_png
from .document import LEAST_DPI, DocumentOptions, Treatment
from .pdf_characters import characters
from .pdf_contents import PageContents, contents_of, hidden_text, treatment_of
from .pdf_files import PdfFile
from .pdf_fonts import unmapped_fonts
from .pdf_geometry import displayed_page
from .pdf_images import check_whole
from .pdf_lines import read_page
from .pdfium import LOCK


class PdfPage:
    """A page of a PDF, see `DocumentPage`."""

    def __init__(self, file: PdfFile, index: int, number: int, options: DocumentOptions) -> None:
        """Take a page.

        Args:
            file: the open PDF.
            index: index of the page in it, from 0.
            number: number of the page in the document, from 1.
            options: how the document is opened.
        """
        self._file = file
        self._index = index
        self._number = number
        self._options = options

    @property
    def number(self) -> int:
        """See `DocumentPage.number`."""
        return self._number

    @property
    def label(self) -> str:
        """See `DocumentPage.label`."""
        return self._file.pdfium.label(self._index)

    @property
    def file(self) -> Path:
        """See `DocumentPage.file`."""
        return self._file.path

    @property
    def pdf_page(self) -> int | None:
        """See `DocumentPage.pdf_page`."""
        return self._index

    @property
    def name(self) -> str:
        """See `DocumentPage.name`."""
        one = self._file.page_count == 1
        return self.file.name if one else f"page {self._index + 1} of {self.file.name}"

    @property
    def plain_file(self) -> Path:
        """See `DocumentPage.plain_file`."""
        return self._file.plain

    def treatment(self) -> Treatment:
        """See `DocumentPage.treatment`."""
        return treatment_of(self._contents, self._options.mode)[0]

    def layer(self) -> str:
        """See `DocumentPage.layer`."""
        return treatment_of(self._contents, self._options.mode)[1]

    def notes(self) -> Sequence[str]:
        """See `DocumentPage.notes`."""
        contents, mode = self._contents, self._options.mode
        notes = []
        if mode == "auto" and contents.invisible:
            notes.append("had an OCR layer, which was kept; --mode redo reads the scan anew")
        if contents.meaningless and mode != "force":
            notes.append("had text without usable Unicode, which counts as no text")
        if self.treatment() != Treatment.KEEP and contents.is_reduced(self._options.dpi):
            notes.append("was read at a reduced size, 60 megapixels")
        return notes

    def dpi(self) -> float | None:
        """See `DocumentPage.dpi`."""
        size = self._contents.pixel_size(self._options.dpi)
        dpi = 72 * max(size) / max(self._contents.shown.size)
        return round(dpi, 2) if dpi >= LEAST_DPI else None

    def image(self, folder: Path, stem: str) -> Path:
        """See `DocumentPage.image`."""
        contents, treatment = self._contents, self.treatment()
        width, height = contents.pixel_size(self._options.dpi)
        # In a PDF, annotations and form fields stay above the image that replaces the page.
        annotations = not (self._options.layered and self.layer() == "image")
        with self._file.pdfium.page(self._index) as page:
            if treatment is Treatment.MERGE:
                page.hide_text()
            pixels = page.render(width, height, annotations=annotations)
        path = folder / f"{stem}.png"
        replace_quickly(path, encode_png(pixels, self.dpi()))
        return path

    def text(self) -> ReadPage:
        """See `DocumentPage.text`."""
        contents = self._contents
        width, height = contents.pixel_size(self._options.dpi)
        with self._file.pdfium.page(self._index) as page:
            hidden = hidden_text(page, contents.shown) if contents.hidden else set()
            found = [
                character
                for character in characters(page, hidden=hidden)
                if character.is_space
                or (contents.visible if character.visible else self._takes_invisible(contents))
            ]
        said = read_page(found, contents.shown.to_pixels(width, height), width, height)
        return dataclasses.replace(said, number=self.number, label=self.label, dpi=self.dpi())

    def _takes_invisible(self, contents: PageContents) -> bool:
        return bool(contents.invisible) and self.treatment() is Treatment.KEEP

    @cached_property
    def _contents(self) -> PageContents:
        """What the page consists of: a few numbers, found when they are first asked for."""
        what = f"page {self._index + 1} of {self.file}"
        try:
            with LOCK, self._file.page(self._index) as structure:
                shown = displayed_page(structure)
                fonts = unmapped_fonts(structure.obj)
                with self._file.pdfium.page(self._index) as page:
                    contents, images = contents_of(page, shown, fonts)
                    treatment, _ = treatment_of(contents, self._options.mode)
                    if treatment is not Treatment.KEEP:
                        check_whole(images, what)
                    return contents
        except OcrdRapidError:
            raise
        except Exception as error:  # pikepdf lets anything out for a page that is no page
            raise InputError(f"{what} is damaged: {error}") from error
