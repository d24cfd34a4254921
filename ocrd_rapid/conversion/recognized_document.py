# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents in Python: read page after page, and written in all formats."""

from __future__ import annotations

import contextlib
import glob
import io
import logging
import os
import queue
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ..documents import open_document as opening
from ..documents.document import Document, DocumentOptions
from ..documents.input_files import find_documents
from ..errors import OcrdRapidError, UsageError
from ..export.export_options import ExportOptions
from ..export.output_formats import format_named
from ..ocr.page_model import ReadPage
from ..temporary_folders import temporary_folder
from ..version import __version__
from ..workspace.workspace import Workspace
from .document_outputs import WholeDocument, write_file
from .output_names import Target
from .page_chain import ReadingOptions
from .page_supply import PageInRun
from .reading_run import ReadingRun, empty_page

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 0.2


class _StoppedError(Exception):
    """Nobody wants more pages."""


class RecognizedDocument:
    """A document that is read when its pages or its text are asked for, each page once.

    Iterating over it yields its pages in their order, each as soon as it is read. Pages are kept
    in temporary files, not in memory, until `close`; the end of a ``with`` block calls it.

    Attributes:
        failures: the errors of pages that could not be read, by their numbers; such a page is
            yielded without text, and the error is logged as a warning.
    """

    def __init__(
        self, document: Document, options: ReadingOptions, stack: contextlib.ExitStack
    ) -> None:
        """Use `open_document`.

        Args:
            document: the document.
            options: how its pages are recognized.
            stack: closes the document.
        """
        self.failures: dict[int, str] = {}
        self._document = document
        self._record = document.record
        scratch = stack.enter_context(temporary_folder())
        workspace = Workspace.create(directory=scratch / "workspace")
        self._run = ReadingRun(workspace, [document], options, scratch, layered=True)
        self._pages = list(self._run.pages.values())
        self._read: list[PageInRun] = []
        self._close = weakref.finalize(self, stack.close)

    @property
    def page_count(self) -> int:
        """The number of the pages that are read."""
        return len(self._pages)

    def __iter__(self) -> Iterator[ReadPage]:
        """Yield the pages.

        Raises:
            OcrdRapidError: a model is missing; or no page could be read, and this is why.
            OSError: a temporary file cannot be written.
        """
        yield from map(self._page, self._read)
        if len(self._read) < len(self._pages):
            yield from self._reading(len(self._read))

    def pages(self, *, keep: bool = True) -> Iterator[ReadPage]:
        """Yield the pages as iterating does.

        Args:
            keep: whether they are kept, for the formats; else a page can be had only once.
        """
        for number, page in enumerate(self):
            if not keep:
                self._run.forget(self._pages[number])
            yield page

    def _page(self, page: PageInRun) -> ReadPage:
        failed = page.page.number in self.failures
        return empty_page(page.page) if failed else self._run.read_page(page)

    def _reading(self, skip: int) -> Iterator[ReadPage]:
        """Read the pages in another thread, and yield all but the first of them."""
        results: queue.Queue[PageInRun | BaseException | None] = queue.Queue(maxsize=1)
        stopped = threading.Event()
        errors: list[OcrdRapidError] = []

        def give(result: PageInRun | BaseException | None) -> None:
            while not stopped.is_set():
                with contextlib.suppress(queue.Full):
                    results.put(result, timeout=_POLL_SECONDS)
                    return
            raise _StoppedError

        def entered(page: PageInRun, error: OcrdRapidError | None) -> None:
            if error is not None:
                errors.append(error)
                self.failures[page.page.number] = str(error)
            give(page)

        def work() -> None:
            with contextlib.suppress(_StoppedError):
                try:
                    self._run.run(entered, resume=True)
                except _StoppedError:
                    raise
                except BaseException as error:
                    give(error)
                else:
                    give(None)

        worker = threading.Thread(target=work, name="ocrd-rapid-document", daemon=True)
        worker.start()
        count = 0
        try:
            while (result := results.get()) is not None:
                if isinstance(result, BaseException):
                    raise result
                count += 1
                if count <= skip:
                    continue
                self._read.append(result)
                number = result.page.number
                if number in self.failures and len(self._pages) > 1:
                    LOG.warning("%s", self.failures[number])
                if len(self.failures) < len(self._pages):
                    yield self._page(result)
        finally:
            stopped.set()
            worker.join()
        if len(self.failures) == len(self._pages) and errors:
            raise errors[0]

    def _finished(self) -> None:
        for _ in self:
            pass

    def to_text(self, **options: Any) -> str:
        """Return plain text, with form feeds between pages."""
        return self._text("txt", options)

    def to_markdown(self, **options: Any) -> str:
        """Return Markdown."""
        return self._text("md", options)

    def to_json(self, **options: Any) -> str:
        """Return JSON, see ``ocrd-rapid ocr --json-schema``."""
        return self._text("json", options)

    def to_csv(self, **options: Any) -> str:
        """Return a table of the words as CSV."""
        return self._text("csv", options)

    def to_hocr(self, **options: Any) -> str:
        """Return hOCR."""
        return self._text("hocr", options)

    def to_page(self, **options: Any) -> list[str]:
        """Return PAGE-XML, one document a page."""
        return self._texts("page", options)

    def to_alto(self, **options: Any) -> list[str]:
        """Return ALTO, one document a page."""
        return self._texts("alto", options)

    def to_pdf(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Write a searchable PDF; an existing file is replaced."""
        self._file("pdf", path, options)

    def to_docx(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Write a DOCX document; an existing file is replaced."""
        self._file("docx", path, options)

    def to_html(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Write the view for the browser; an existing file is replaced."""
        self._run.show_pages()
        self._file("html", path, options)

    def _whole(self, options: dict[str, Any]) -> WholeDocument:
        self._finished()
        export = ExportOptions(**{"generator": f"ocrd-rapid {__version__}", **options})
        return WholeDocument(self._record, self._pages, self._run, self.failures, export)

    def _text(self, name: str, options: dict[str, Any], page: int | None = None) -> str:
        buffer = io.BytesIO()
        self._whole(options).write(buffer, Target(format_named(name), None, page), Path())
        return buffer.getvalue().decode("utf-8")

    def _texts(self, name: str, options: dict[str, Any]) -> list[str]:
        return [self._text(name, options, page.page.number) for page in self._pages]

    def _file(self, name: str, path: str | os.PathLike[str], options: dict[str, Any]) -> None:
        target = Path(path)
        write_file(self._whole(options), Target(format_named(name), target), target)

    def close(self) -> None:
        """Remove the temporary files, and close the document."""
        self._close()

    def __enter__(self) -> RecognizedDocument:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def open_document(
    source: str | os.PathLike[str],
    *,
    languages: str | Sequence[str] = "",
    pages: str = "",
    mode: str = "auto",
    dpi: float | None = None,
    image_dpi: float | None = None,
    password: str | None = None,
    preprocess: str = "auto",
    config: str | os.PathLike[str] = "",
    barcodes: bool = False,
    jobs: int = 0,
) -> RecognizedDocument:
    """Open an image, a PDF, or a folder of these, to be recognized.

    Args:
        source: the file or folder.
        languages: codes of the languages of the text, such as ``de`` or ``["de", "fr"]``.
        pages: the pages to read, such as ``3-7,12,20-end``; empty for all.
        mode: what to do with text that pages of a PDF have: ``auto``, ``skip``, ``redo``,
            ``force``; see ``ocrd-rapid ocr --help``.
        dpi: resolution to render pages of PDFs at; ``None`` for that of their scans, else 300.
        image_dpi: resolution of images, whatever they say.
        password: that of an encrypted PDF.
        preprocess: ``auto``, ``none``, or steps of ``ocrd-rapid-preprocess`` with commas between.
        config: a configuration file of RapidOCR HKMC.
        barcodes: whether barcodes are read, too.
        jobs: number of pages at a time; 0 lets the program choose.

    Raises:
        InputError: it does not exist, or cannot be read.
        UsageError: an argument makes no sense.
        MissingExtraError: an optional library is missing.
    """
    listed = languages if isinstance(languages, str) else ",".join(languages)
    reading = ReadingOptions(listed, os.fspath(config), preprocess, barcodes=barcodes, jobs=jobs)
    choices = DocumentOptions(
        pages=pages, mode=mode, dpi=dpi, image_dpi=image_dpi, password=password
    )
    name = os.fspath(source)
    # Nothing in a name that a program gives is a pattern, nor does a dash mean standard input.
    found = find_documents([glob.escape(name) if name != "-" else "./-"], choices)
    if len(found) != 1:
        raise UsageError(f"{name} is {len(found)} documents; open them one by one")
    with contextlib.ExitStack() as stack:
        document = opening.open_document(found[0], choices)
        stack.callback(document.close)
        return RecognizedDocument(document, reading, stack.pop_all())


def recognize(source: str | os.PathLike[str], **options: Any) -> Iterator[ReadPage]:
    """Yield the pages of an image, a PDF, or a folder of these, each as soon as it is read.

    Nothing is kept of a page once the next one is asked for. A page that cannot be read has no
    text, and the error is logged as a warning; if no page can be read, the error is raised.

    Args:
        source: the file or folder.
        **options: see `open_document`.

    Raises:
        OcrdRapidError: see `open_document` and `RecognizedDocument`.
    """
    with open_document(source, **options) as document:
        yield from document.pages(keep=False)
