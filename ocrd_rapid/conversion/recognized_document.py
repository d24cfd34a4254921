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
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypedDict

from ..documents import open_document as opening
from ..documents.document import MODES, Document, DocumentOptions
from ..documents.input_files import find_documents
from ..errors import InputError, OcrdRapidError, UsageError
from ..export.export_options import ExportOptions, WriterChoices
from ..export.output_formats import format_named
from ..ocr.page_model import ReadPage
from ..temporary_folders import temporary_folder
from ..version import __version__
from ..workspace.workspace import Workspace
from .document_outputs import WholeDocument, write_file
from .output_names import Target
from .page_chain import ReadingOptions, chain_of
from .page_supply import PageInRun
from .reading_run import ReadingRun, empty_page

if TYPE_CHECKING:
    from typing_extensions import Unpack

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 0.2


class ReadingChoices(TypedDict, total=False):
    """How a document is read, see `open_document`."""

    languages: str | Sequence[str]
    pages: str
    mode: str
    dpi: float | None
    image_dpi: float | None
    password: str | None
    preprocess: str
    config: str | os.PathLike[str]
    quality: str
    layout_model: str | os.PathLike[str]
    barcodes: bool
    deskew: bool
    jobs: int


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
        self._error: OcrdRapidError | None = None
        self._lock = threading.RLock()
        self._reading: Generator[PageInRun, None, None] | None = None
        self._readers = 0
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
            UsageError: the document is closed.
        """
        with self._lock:
            self._readers += 1
        try:
            for index in range(len(self._pages)):
                yield self._page(self._taken(index))
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    self._stop()

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

    def _taken(self, index: int) -> PageInRun:
        """Return a page once it is read, whoever asked for it first."""
        with self._lock:
            self._check_open()
            while len(self._read) <= index:
                self._reading = self._reading or self._pages_in_turn(len(self._read))
                page = next(self._reading)
                self._read.append(page)
                if len(self._read) == len(self._pages):
                    next(self._reading, None)  # what ends the run may fail, too
            if self._error is not None and len(self.failures) == len(self._pages):
                raise self._error
            return self._read[index]

    def _stop(self) -> None:
        if self._reading is not None:
            self._reading.close()

    def _check_open(self) -> None:
        if not self._close.alive:
            raise UsageError(f"{self._record.name} is closed; open it again")

    def _pages_in_turn(self, skip: int) -> Generator[PageInRun, None, None]:
        """Read the pages in another thread, and yield all but the first of them."""
        results: queue.Queue[PageInRun | BaseException | None] = queue.Queue(maxsize=1)
        stopped = threading.Event()

        def give(result: PageInRun | BaseException | None) -> None:
            while not stopped.is_set():
                with contextlib.suppress(queue.Full):
                    results.put(result, timeout=_POLL_SECONDS)
                    return
            raise _StoppedError

        def entered(page: PageInRun, error: OcrdRapidError | None) -> None:
            if error is not None:
                self._error = self._error or error
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
                number = result.page.number
                if number in self.failures and len(self._pages) > 1:
                    LOG.warning("%s", self.failures[number])
                yield result
        finally:
            self._reading = None
            stopped.set()
            worker.join()

    def _finished(self) -> None:
        for _ in self:
            pass

    def to_text(self, **options: Unpack[WriterChoices]) -> str:
        """Return plain text, with form feeds between pages."""
        return self._text("txt", options)

    def to_markdown(self, **options: Unpack[WriterChoices]) -> str:
        """Return Markdown."""
        return self._text("md", options)

    def to_json(self, **options: Unpack[WriterChoices]) -> str:
        """Return JSON, see ``ocrd-rapid ocr --json-schema``."""
        return self._text("json", options)

    def to_csv(self, **options: Unpack[WriterChoices]) -> str:
        """Return a table of the words as CSV."""
        return self._text("csv", options)

    def to_hocr(self, **options: Unpack[WriterChoices]) -> str:
        """Return hOCR."""
        return self._text("hocr", options)

    def to_page(self, **options: Unpack[WriterChoices]) -> list[str]:
        """Return PAGE-XML, one document a page."""
        return self._texts("page", options)

    def to_alto(self, **options: Unpack[WriterChoices]) -> list[str]:
        """Return ALTO, one document a page."""
        return self._texts("alto", options)

    def to_pdf(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """Write a searchable PDF; an existing file is replaced."""
        self._file("pdf", path, options)

    def to_docx(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """Write a DOCX document; an existing file is replaced."""
        self._file("docx", path, options)

    def to_html(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """Write the view for the browser; an existing file is replaced."""
        self._run.show_pages()
        self._file("html", path, options)

    def _whole(self, options: WriterChoices) -> WholeDocument:
        self._finished()
        export = ExportOptions(generator=f"ocrd-rapid {__version__}", **options)
        return WholeDocument(self._record, self._pages, self._run, self.failures, export)

    def _text(self, name: str, options: WriterChoices, page: int | None = None) -> str:
        buffer = io.BytesIO()
        self._whole(options).write(buffer, Target(format_named(name), None, page), Path())
        return buffer.getvalue().decode("utf-8")

    def _texts(self, name: str, options: WriterChoices) -> list[str]:
        return [self._text(name, options, page.page.number) for page in self._pages]

    def _file(self, name: str, path: str | os.PathLike[str], options: WriterChoices) -> None:
        target = Path(path)
        write_file(self._whole(options), Target(format_named(name), target), target)

    def close(self) -> None:
        """Remove the temporary files, and close the document."""
        with self._lock:
            self._stop()
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
    quality: str = "",
    layout_model: str | os.PathLike[str] = "",
    barcodes: bool = False,
    deskew: bool = False,
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
        quality: ``fast``, ``balanced`` or ``best``; empty for what ``config`` says, else
            ``balanced``.
        layout_model: name or file of a layout model that finds the regions; empty for none.
        barcodes: whether barcodes are read, too.
        deskew: whether the skew of pages is measured, for ``to_pdf(deskew_pages=True)``.
        jobs: number of pages at a time; 0 lets the program choose.

    Raises:
        InputError: it does not exist, or cannot be read.
        UsageError: an argument makes no sense.
        MissingExtraError: an optional library is missing.
    """
    resolutions = (("dpi", dpi, 10, 4800), ("image_dpi", image_dpi, 1, 100_000))
    for argument, value, least, most in resolutions:
        if value is not None and not least <= value <= most:
            raise UsageError(f"{argument} {value:g}: give a number from {least} to {most}")
    if mode not in MODES:
        raise UsageError(f"mode '{mode}': give one of {', '.join(MODES)}")
    if jobs < 0:
        raise UsageError(f"jobs {jobs}: give a number from 0")
    listed = languages if isinstance(languages, str) else ",".join(languages)
    reading = ReadingOptions(
        languages=listed,
        config=os.fspath(config),
        quality=quality,
        preprocess=preprocess,
        layout_model=os.fspath(layout_model),
        deskew=deskew,
        barcodes=barcodes,
        jobs=jobs,
    )
    choices = DocumentOptions(
        pages=pages, mode=mode, dpi=dpi, image_dpi=image_dpi, password=password
    )
    name = os.fspath(source)
    if not os.path.lexists(name):
        raise InputError(f"{name} does not exist")
    # Nothing in a name that a program gives is a pattern, nor does a dash mean standard input.
    found = find_documents([glob.escape(name) if name != "-" else "./-"], choices)
    if len(found) != 1:
        raise UsageError(f"{name} is {len(found)} documents; open them one by one")
    with contextlib.ExitStack() as stack:
        chain_of(reading)
        document = opening.open_document(found[0], choices)
        stack.callback(document.close)
        return RecognizedDocument(document, reading, stack.pop_all())


def recognize(
    source: str | os.PathLike[str], **options: Unpack[ReadingChoices]
) -> Iterator[ReadPage]:
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
