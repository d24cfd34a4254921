# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents of a run of many: each is open only while its pages are worked on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..documents.document import Document, DocumentPage, Treatment
from ..ocr.page_model import ReadDocument, ReadPage


class DocumentOnDemand:
    """A document that is closed, and opened again when a page of it is worked on.

    A process may have only so many open files, and a run any number of documents.
    """

    def __init__(self, reopen: Callable[[], Document]) -> None:
        """Open a document, look at it, and close it.

        Args:
            reopen: opens it, any number of times.

        Raises:
            InputError, UsageError, MissingExtraError, OSError: see `open_document`.
        """
        self._reopen = reopen
        self._lock = threading.Lock()
        self._document: Document | None = None
        document = reopen()
        try:
            self._record = document.record
            self._notes = tuple(document.notes)
            self._pages = [
                _PageOnDemand(self, i, page.number, page.label, page.file, page.pdf_page, page.name)
                for i, page in enumerate(document.pages)
            ]
        finally:
            document.close()

    @property
    def record(self) -> ReadDocument:
        """See `Document.record`."""
        return self._record

    @property
    def notes(self) -> Sequence[str]:
        """See `Document.notes`."""
        return self._notes

    @property
    def pages(self) -> Sequence[DocumentPage]:
        """See `Document.pages`."""
        return self._pages

    def page(self, index: int) -> DocumentPage:
        """Return a page of the open document."""
        with self._lock:
            if self._document is None:
                self._document = self._reopen()
            return self._document.pages[index]

    def close(self) -> None:
        """Close the document until it is needed again."""
        with self._lock:
            if self._document is not None:
                self._document.close()
                self._document = None


@dataclass(frozen=True)
class _PageOnDemand:
    """A page of a document that may be closed, see `DocumentPage`."""

    document: DocumentOnDemand
    index: int
    number: int
    label: str
    file: Path
    pdf_page: int | None
    name: str

    @property
    def plain_file(self) -> Path:
        return self._page.plain_file

    def treatment(self) -> Treatment:
        return self._page.treatment()

    def layer(self) -> str:
        return self._page.layer()

    def notes(self) -> Sequence[str]:
        return self._page.notes()

    def dpi(self) -> float | None:
        return self._page.dpi()

    def image(self, folder: Path, stem: str) -> Path:
        return self._page.image(folder, stem)

    def text(self) -> ReadPage:
        return self._page.text()

    @property
    def _page(self) -> DocumentPage:
        return self.document.page(self.index)
