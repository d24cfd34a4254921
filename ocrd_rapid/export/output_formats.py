# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The formats that pages are exported to: one table for all commands and processors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO

from ..config.extras import required
from ..errors import UsageError
from .export_options import ExportOptions, Media

if TYPE_CHECKING:
    from ..ocr.page_model import ReadDocument, ReadPage

#: The library of each extra.
_LIBRARIES = {"pdf": "pikepdf", "docx": "docx"}

#: Writes a document: to a binary file, from the document, its pages in their order (read one
#: after the other, none of them kept), the choices of the user, and the files of the pages.
Writer = Callable[[BinaryIO, "ReadDocument", Iterable["ReadPage"], ExportOptions, Media], None]


@dataclass(frozen=True)
class Series:
    """How several documents follow each other in one stream.

    Attributes:
        between: what stands between two documents.
        titled: whether the first line of a document is a row of names, which only the first has.
    """

    between: bytes = b""
    titled: bool = False


@dataclass(frozen=True)
class OutputFormat:
    """A format.

    Attributes:
        name: the name on the command line.
        suffix: of its files.
        media_type: as in METS.
        module: the module of `ocrd_rapid.export` with its function ``write``, a `Writer`.
        by_page: whether a file has one page; a document of several is a folder of files.
        text: whether it can be printed on a terminal.
        extra: the extra of the package that it needs; empty if none.
        series: how several documents follow each other; ``None`` if they cannot.
        shows_pages: whether it needs the files of the pages.
        keeps_pages: whether pages of a PDF stay what they are in it, and get a layer of text.
        divisible: whether a document too large for one file gets a folder beside it, see
            `ExportOptions.side_folder`.
    """

    name: str
    suffix: str
    media_type: str
    module: str
    by_page: bool = False
    text: bool = True
    extra: str = ""
    series: Series | None = None
    shows_pages: bool = False
    keeps_pages: bool = False
    divisible: bool = False

    def require(self) -> None:
        """Check that the library of the format is installed.

        Raises:
            MissingExtraError: it is not.
        """
        if self.extra:
            required(_LIBRARIES[self.extra], self.extra)

    def writer(self) -> Writer:
        """Return the function that writes the format."""
        writer: Writer = import_module(f"{__package__}.{self.module}").write
        return writer


FORMATS = {
    known.name: known
    for known in (
        OutputFormat("txt", ".txt", "text/plain", "plain_text", series=Series(b"\f")),
        OutputFormat("md", ".md", "text/markdown", "markdown", series=Series(b"\n")),
        OutputFormat("json", ".json", "application/json", "json_pages", series=Series()),
        OutputFormat("csv", ".csv", "text/csv", "word_table", series=Series(titled=True)),
        OutputFormat(
            "page", ".page.xml", "application/vnd.prima.page+xml", "page_xml", by_page=True
        ),
        OutputFormat("alto", ".alto.xml", "application/alto+xml", "alto_file", by_page=True),
        OutputFormat("hocr", ".hocr", "text/vnd.hocr+html", "hocr"),
        OutputFormat(
            "pdf", ".pdf", "application/pdf", "pdf.assemble", text=False, extra="pdf",
            shows_pages=True, keeps_pages=True,
        ),
        OutputFormat(
            "docx", ".docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "word_document", text=False, extra="docx",
        ),
        OutputFormat("html", ".html", "text/html", "view", shows_pages=True, divisible=True),
    )
}  # fmt: skip


def format_named(name: str) -> OutputFormat:
    """Return a format by its name.

    Raises:
        UsageError: there is no such format.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format '{name}'; the formats are {', '.join(FORMATS)}")
    return FORMATS[name]
