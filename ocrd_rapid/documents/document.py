# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a document and its pages are, whatever they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..ocr.page_model import ReadDocument, ReadPage

#: Values of ``--mode``: what to do with the text that a PDF has already.
MODES = ("auto", "skip", "redo", "force")

#: Resolutions below, in pixels per inch, are not credible.
LEAST_DPI = 50.0


@dataclass(frozen=True)
class DocumentOptions:
    """How documents are opened.

    Attributes:
        pages: the pages to read, such as ``3-7,12,20-end``; empty for all.
        mode: one of `MODES`.
        dpi: resolution at which pages of a PDF are rendered; ``None`` for that of the image that
            covers them, else 300.
        image_dpi: resolution of images, whatever they say; ``None`` to believe them.
        password: that of encrypted PDFs; ``None`` if none is known.
        recursive: whether folders are searched for folders, each a document of its own.
        one: name of the one document that all inputs make; ``None``: every input is one.
        break_signature: whether PDFs with a digital signature get a text layer.
        layered: whether a PDF will be written.
        max_pixels: number of pixels above which an image is rejected.
    """

    pages: str = ""
    mode: str = "auto"
    dpi: float | None = None
    image_dpi: float | None = None
    password: str | None = None
    recursive: bool = False
    one: str | None = None
    break_signature: bool = False
    layered: bool = False
    max_pixels: int = 300_000_000


@dataclass(frozen=True)
class DocumentSource:
    """An input that becomes a document; nothing of it has been opened.

    Attributes:
        name: the name of the document: that of the file without suffix, or of the folder.
        files: its files in natural order.
        standard_input: whether its content comes from standard input.
        problem: why it cannot be opened, such as that it does not exist; empty if nothing is
            known against it. Opening it raises that as an error.
    """

    name: str
    files: tuple[Path, ...]
    standard_input: bool = False
    problem: str = ""


class Treatment(Enum):
    """What is done with a page."""

    RECOGNIZE = "recognize"
    """Its image is read."""
    KEEP = "keep"
    """It has text, which is taken as it is: `DocumentPage.text`."""
    MERGE = "merge"
    """Its image, without the text that it has, is read, and both are merged."""


class DocumentPage(Protocol):
    """A page of a document.

    All methods may be called from several threads, and keep nothing in memory.
    """

    @property
    def number(self) -> int:
        """Its number in the document, from 1, counting the pages that are not selected."""

    @property
    def label(self) -> str:
        """The page number given by the document; empty if there is none."""

    @property
    def file(self) -> Path:
        """The image file or PDF that it is in."""

    @property
    def pdf_page(self) -> int | None:
        """Its index in the PDF, from 0; ``None`` for an image."""

    @property
    def name(self) -> str:
        """The name for messages: that of the file, and the page if it has several."""

    @property
    def plain_file(self) -> Path:
        """The file, in a form that can be opened without a password and without repairs.

        It is `file`, or a copy that is removed when the document is closed.

        Raises:
            OSError: the copy cannot be written.
        """

    def treatment(self) -> Treatment:
        """Decide what is done with the page.

        Raises:
            InputError: it is broken.
        """

    def layer(self) -> str:
        """Return what is done with the page in a PDF.

        Returns:
            ``add``: text is added. ``replace``: its invisible text is replaced. ``keep``: it
            stays as it was. ``image``: its image takes the place of its content.

        Raises:
            InputError: it is broken.
        """

    def notes(self) -> Sequence[str]:
        """Return what the user should know about the page, alike for pages that are alike.

        Each is a clause after a number of pages, such as ``had an OCR layer, which was kept``.

        Raises:
            InputError: it is broken.
        """

    def dpi(self) -> float | None:
        """Return the resolution of its image; ``None`` if it is below `LEAST_DPI` or unknown."""

    def image(self, folder: Path, stem: str) -> Path:
        """Return a file with its image as displayed, upright by EXIF and ``/Rotate``.

        It is the file of the document itself if that has one page in a form that processors read
        alike (no EXIF turn, no transparency); else it is written to ``folder`` with the name
        ``stem`` and a suffix. For `Treatment.MERGE` the text that the page has is painted over.

        Raises:
            ImageError: it is broken, or has too many pixels.
            OSError: it cannot be written.
        """

    def text(self) -> ReadPage:
        """Return the text that the page has, in the pixels of its image.

        Raises:
            InputError: it cannot be read.
        """


class Document(Protocol):
    """An open document."""

    @property
    def record(self) -> ReadDocument:
        """Its name, origin and metadata."""

    @property
    def pages(self) -> Sequence[DocumentPage]:
        """The selected pages in their order."""

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know about it, each a sentence without the name of the file."""

    def close(self) -> None:
        """Close its files; for standard input, remove the copy."""
