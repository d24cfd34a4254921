# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Choices of the writers, and the files that a page was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ..errors import UsageError

if TYPE_CHECKING:
    from ..ocr.page_model import ReadPage

#: Values of ``--alto-version``.
ALTO_VERSIONS = ("4.4", "4.2", "3.1", "2.1")

#: Values of ``--pdf-type``.
PDF_TYPES = ("auto", "pdf", "pdfa")


@dataclass(frozen=True)
class Stretch:
    """A stretch of the text of a page, beside its reference; equal or as different as possible.

    Attributes:
        reference: what is right; empty for what is superfluous in the text.
        text: what the page has; empty for what is missing.
    """

    reference: str
    text: str


@dataclass(frozen=True)
class Differences:
    """The text of a page beside its reference.

    Attributes:
        stretches: the whole text, lines joined by spaces, in its order.
        note: how well they agree, a sentence for readers.
    """

    stretches: tuple[Stretch, ...]
    note: str = ""


@dataclass(frozen=True)
class PageOrigin:
    """Where a page to correct was read, for those who apply the corrections.

    Attributes:
        page_id: the page in the METS.
        sha256: the hash of its PAGE-XML.
        lines: the IDs of its lines that occur once.
    """

    page_id: str
    sha256: str
    lines: frozenset[str]


@dataclass(frozen=True)
class CorrectableGroup:
    """The file group that is corrected in the view.

    Attributes:
        name: its name.
        origin: returns where a page was read.
    """

    name: str
    origin: Callable[[ReadPage], PageOrigin]


@dataclass(frozen=True)
class ExportOptions:
    """Choices of the writers; each looks at those that concern its format.

    Attributes:
        paragraphs: whether lines are joined to paragraphs; ``None`` for the default of the format
            (txt: no; md, docx: yes).
        join_hyphens: whether words divided at the end of a line are joined; ``None`` for the
            default of the format (with paragraphs: yes).
        modern_spelling: whether ſ becomes s, ⸗ a hyphen, and so on, in the formats for readers.
        furniture: whether running heads and page numbers are kept (md, docx).
        alto_version: one of `ALTO_VERSIONS`.
        alto_hyphens: whether ALTO has an element HYP for the hyphen at the end of a line.
        pdf_type: one of `PDF_TYPES`.
        pdf_join_hyphens: whether divided words can be found as a whole in the PDF.
        pdf_outlines: levels whose outlines are drawn into the PDF: ``region``, ``line``, ``word``.
        rotate_pages: whether pages of a PDF are turned upright by ``/Rotate``.
        deskew_pages: whether pages of a PDF that are images are straightened.
        generator: name and version of the program, for metadata.
        side_folder: where the files go that a document is divided into when it is too large for
            one (html); it does not exist, and the writer creates it only if it is needed. ``None``
            if everything has to be in one file.
        side_name: how the document refers to that folder: its final name beside the document.
        differences: returns the differences of a page from its reference, which html marks, in the
            spelling of the page; ``None`` for a page without one.
        correct: what is corrected in the view, which then has fields for it (html); ``None`` for a
            view that only shows.
    """

    paragraphs: bool | None = None
    join_hyphens: bool | None = None
    modern_spelling: bool = False
    furniture: bool = False
    alto_version: str = "4.4"
    alto_hyphens: bool = True
    pdf_type: str = "auto"
    pdf_join_hyphens: bool = False
    pdf_outlines: tuple[str, ...] = ()
    rotate_pages: bool = False
    deskew_pages: bool = False
    generator: str = ""
    side_folder: Path | None = None
    side_name: str = ""
    differences: Callable[[ReadPage], Differences | None] | None = None
    correct: CorrectableGroup | None = None

    def __post_init__(self) -> None:
        """Check what is one of a few.

        Raises:
            UsageError: it is none of them.
        """
        for name, value, allowed in (
            ("alto_version", self.alto_version, ALTO_VERSIONS),
            ("pdf_type", self.pdf_type, PDF_TYPES),
        ):
            if value not in allowed:
                raise UsageError(f"{name} '{value}': give one of {', '.join(allowed)}")


class WriterChoices(TypedDict, total=False):
    """The choices that programs make, see `ExportOptions`."""

    paragraphs: bool | None
    join_hyphens: bool | None
    modern_spelling: bool
    furniture: bool
    alto_version: str
    alto_hyphens: bool
    pdf_type: str
    pdf_join_hyphens: bool
    pdf_outlines: tuple[str, ...]
    rotate_pages: bool
    deskew_pages: bool


@dataclass(frozen=True)
class PageMedium:
    """The file that a page was made from, for formats that show it.

    Attributes:
        path: an image file of one page, upright or with an EXIF turn, or a PDF that can be opened
            without a password.
        pdf_page: index of the page in the PDF, from 0; ``None`` for an image.
        image: a raster image of the page as displayed, of any size; ``None`` if ``path`` is one.
        layer: what to do in a PDF page: ``add`` the text; ``replace`` the invisible text; ``keep``
            the page as it was; ``image``: show ``image`` in place of it, with the text.
    """

    path: Path
    pdf_page: int | None = None
    image: Path | None = None
    layer: str = "add"


#: Returns the file of a page; `InputError` if there is none.
Media = Callable[["ReadPage"], PageMedium]
