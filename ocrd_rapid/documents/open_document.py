# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Open a document: its files by their content, its pages by their numbers."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import ImageError, InputError
from ..files import valid_text
from ..ocr.page_model import ReadDocument
from ..rasters import formats, opening
from ..resmgr.integrity import sha256_of
from .document import Document, DocumentOptions, DocumentPage, DocumentSource
from .image_pages import ImagePage, UnreadablePage, image_pages
from .input_files import STANDARD_INPUT
from .page_ranges import PageRanges
from .pdf_files import HEAD, PdfFacts, PdfFile, is_pdf
from .pdf_pages import PdfPage
from .temporary import TemporaryFolder

#: Bytes of a file that is no PDF which its message quotes.
_QUOTED = 30


def open_document(source: DocumentSource, options: DocumentOptions) -> Document:
    """Open a document.

    Where it has several files, one that cannot be read is a page that cannot be read.

    Args:
        source: where it comes from.
        options: how it is opened.

    Raises:
        InputError: it is missing, no image or PDF, damaged, encrypted, or not to be changed; of
            several files, no one can be read.
        UsageError: ``options.pages`` names pages that it does not have.
        MissingExtraError: it is a PDF, and a library for PDFs is not installed.
        OSError: the copy of standard input cannot be written.
    """
    if source.problem:
        raise InputError(source.problem)
    ranges = PageRanges.parsed(options.pages)
    opened = OpenDocument(source, options)
    try:
        opened.open(ranges)
    except BaseException:
        opened.close()
        raise
    return opened


class OpenDocument:
    """An open document, see `Document`."""

    def __init__(self, source: DocumentSource, options: DocumentOptions) -> None:
        """Take a document; nothing is opened yet."""
        self._source = source
        self._options = options
        self._folder = TemporaryFolder()
        self._pdfs: list[PdfFile] = []
        self._pages: list[DocumentPage] = []
        self._notes: list[str] = []
        self._record = ReadDocument(source.name)

    @property
    def record(self) -> ReadDocument:
        """See `Document.record`."""
        return self._record

    @property
    def pages(self) -> Sequence[DocumentPage]:
        """See `Document.pages`."""
        return self._pages

    @property
    def notes(self) -> Sequence[str]:
        """See `Document.notes`."""
        return self._notes

    def close(self) -> None:
        """See `Document.close`."""
        for pdf in self._pdfs:
            pdf.close()
        self._pdfs.clear()
        self._folder.remove()

    def open(self, ranges: PageRanges) -> None:
        """Open the files, and select pages.

        Raises:
            InputError, UsageError, MissingExtraError, OSError: see `open_document`.
        """
        files = [self._file(path) for path in self._source.files]
        pages: list[DocumentPage] = []
        for path in files:
            try:
                pages += self._opened(path, len(pages) + 1)
            except InputError as error:
                known = self._as_user_knows(error, path)
                if len(files) == 1:
                    raise known from error
                pages.append(UnreadablePage(path, len(pages) + 1, known))
        unreadable = [page for page in pages if isinstance(page, UnreadablePage)]
        if len(unreadable) == len(pages):
            raise unreadable[0].error
        chosen = ranges.of(len(pages), self._source.name if len(files) > 1 else files[0].name)
        self._pages = [pages[number - 1] for number in chosen]
        self._take_notes()
        self._record = self._described(files, len(pages))

    def _file(self, path: Path) -> Path:
        """Return a file, of standard input a copy."""
        if not self._source.standard_input or path != STANDARD_INPUT:
            return path
        return self._folder.once("stdin", STANDARD_INPUT, _copy_standard_input)

    def _as_user_knows(self, error: InputError, path: Path) -> InputError:
        """Return an error without the name of a copy of standard input."""
        if path in self._source.files:
            return error
        known = type(error)(str(error).replace(str(path), "standard input"))
        known.exit_code = error.exit_code
        return known

    def _opened(self, path: Path, first: int) -> list[DocumentPage]:
        """Return the pages of a file.

        Args:
            path: the file.
            first: number of its first page.
        """
        with opening.content_of(path, str(path)) as file:
            head = file.read(HEAD)
        if formats.format_of(head[: formats.HEAD]) is not None:
            return list(image_pages(path, first, self._options))
        if not is_pdf(head):
            raise ImageError(_no_document(path, head))
        pdf = PdfFile(path, self._options, self._folder)
        self._pdfs.append(pdf)
        return [PdfPage(pdf, i, first + i, self._options) for i in range(pdf.page_count)]

    def _take_notes(self) -> None:
        if any(pdf.is_damaged for pdf in self._pdfs):
            self._notes.append("It is damaged, and was repaired as far as possible.")
        if self._options.layered and any(pdf.is_encrypted for pdf in self._pdfs):
            self._notes.append("It is encrypted; the new PDF is not.")
        sizeless = [page for page in self._pages if isinstance(page, ImagePage) and not page.dpi()]
        if self._options.layered and sizeless:
            some = "1 page" if len(sizeless) == 1 else f"{len(sizeless)} pages"
            of = "" if len(sizeless) == len(self._pages) else f" of {some}"
            self._notes.append(
                f"The resolution{of} is not known; the long side is taken as 297 mm"
                " (--image-dpi sets it)."
            )

    def _described(self, files: Sequence[Path], count: int) -> ReadDocument:
        facts = self._pdfs[0].facts if len(files) == 1 and self._pdfs else PdfFacts()
        standard = self._source.standard_input
        name = valid_text(self._source.name)
        return ReadDocument(
            name=name,
            page_count=count,
            source=valid_text(files[0].name) if len(files) == 1 and not standard else name,
            sha256=sha256_of(files[0]) if len(files) == 1 else "",
            title=facts.title,
            author=facts.author,
            subject=facts.subject,
            keywords=facts.keywords,
            languages=(facts.language,) if facts.language else (),
            created=facts.created,
        )


def _copy_standard_input(path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)


def _no_document(path: Path, head: bytes) -> str:
    """Return the message about a file that is neither an image nor a PDF."""
    if not head:
        return f"{path} is empty"
    kind = formats.other_kind(head[: formats.HEAD])
    if path.suffix.lower() != ".pdf":
        return f"{path} is not an image or PDF: {kind}"
    beginning = head[:_QUOTED].decode("ascii", "replace").splitlines()[0].strip()
    shown = "".join(char if char.isprintable() else "\ufffd" for char in beginning)
    return f"{path} is not a PDF (it begins with `{shown}`): {kind}"
