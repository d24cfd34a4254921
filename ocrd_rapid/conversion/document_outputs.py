# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Writing the outputs of a document, once all of its pages have been read."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from ..export.export_options import ExportOptions, PageMedium
from ..export.view_files import pictures_of, writing_view
from ..files import valid_text, writing_atomically
from ..ocr.page_model import ReadDocument, ReadPage
from ..rasters.opening import inspected
from .output_names import Target
from .page_supply import PageInRun
from .reading_run import ReadingRun, empty_page

#: As many pages are kept for the next format; those of longer documents are read again.
_KEPT_PAGES = 24


@dataclass
class WholeDocument:
    """A document whose pages have been read.

    Attributes:
        record: the document.
        pages: its pages, in their order.
        run: the run that read them.
        failures: the errors of pages, by their numbers.
        options: the choices of the writers.
        files: the files of the document, as the user has them; pages of others come from standard
            input. ``None`` if nothing does.
    """

    record: ReadDocument
    pages: Sequence[PageInRun]
    run: ReadingRun
    failures: Mapping[int, str]
    options: ExportOptions
    files: Collection[Path] | None = None
    _read: dict[int, ReadPage] = field(default_factory=dict)

    def read_page(self, page: PageInRun) -> ReadPage:
        """Return what was read on a page; a page that failed is empty."""
        number = page.page.number
        known = self._read.get(number)
        if known is None:
            failed = number in self.failures
            known = empty_page(page.page) if failed else self.run.read_page(page)
            if len(self.pages) <= _KEPT_PAGES:
                self._read[number] = known
        return known

    def write(self, stream: BinaryIO, target: Target, folder: Path) -> None:
        """Write an output to a stream.

        Args:
            stream: the stream.
            target: its format and page.
            folder: the folder that it will be in, for the names of images.

        Raises:
            OcrdRapidError: it cannot be written in this format.
            OSError: there is no room for it.
        """
        pages = [p for p in self.pages if target.page in (None, p.page.number)]
        record = replace(self.record, failures=dict(self.failures))
        with contextlib.ExitStack() as open_files:
            media = _Media(self, {page.page.number: page for page in pages}, open_files)
            write = target.format.writer()
            write(stream, record, self.named_pages(pages, folder), self.options, media)

    def named_pages(self, pages: Iterable[PageInRun], folder: Path) -> Iterator[ReadPage]:
        """Yield pages with names of their images as seen from a folder."""
        for page in pages:
            yield replace(self.read_page(page), image=self._image_name(page, folder))

    def _image_name(self, page: PageInRun, folder: Path) -> str:
        """Return the path of the image file of a page, or a name for that of a PDF."""
        copied = self.files is not None and page.page.file not in self.files
        if page.page.pdf_page is not None or copied:
            return f"{self.record.name}_{page.page.number:04d}.png"
        path = page.page.file.absolute()
        try:
            name = os.path.relpath(path, folder.absolute())
        except ValueError:  # on another drive
            name = str(path)
        return valid_text(name.replace(os.sep, "/"))


@dataclass
class _Media:
    """Finds the files of pages for a writer; at most one image is made and kept for it."""

    document: WholeDocument
    pages: Mapping[int, PageInRun]
    open_files: contextlib.ExitStack

    def __call__(self, read: ReadPage) -> PageMedium:
        page = self.pages.get(read.number)
        if page is None:
            raise InputError(f"{self.document.record.name}: there is no page {read.number}")
        run, failed = self.document.run, read.number in self.document.failures
        if page.page.pdf_page is None:
            return PageMedium(page.page.file if failed else self._image(page))
        return PageMedium(
            page.page.plain_file,
            page.page.pdf_page,
            image=None if failed else run.picture(page),
            layer="keep" if failed else page.page.layer(),
        )

    def _image(self, page: PageInRun) -> Path:
        """Return the image of a page in a file of its own."""
        self.open_files.close()  # the writer has done with the page before
        own = page.page.file
        if len(inspected(own)[1]) < 2:
            return own
        return self.open_files.enter_context(self.document.run.image_file(page))


def write_file(document: WholeDocument, target: Target, path: Path) -> list[Path]:
    """Write an output to a file, which appears whole or not at all; see `WholeDocument.write`.

    Returns:
        The file, and the folder beside it if the document was too large for one file.
    """
    if not target.format.divisible:
        with writing_atomically(path) as stream:
            document.write(stream, target, path.parent)
        return [path]
    with writing_view(path, document.options) as (stream, options):
        replace(document, options=options).write(stream, target, path.parent)
    return [path, *pictures_of(path)]


class StandardOutput:
    """Standard output, which takes the documents of a run one after the other."""

    def __init__(self) -> None:
        self._first = True

    def write(self, document: WholeDocument, target: Target) -> None:
        """Write an output; see `WholeDocument.write`.

        It follows those before as `OutputFormat.series` says.
        """
        # A writer may want to go back in what it writes, which a pipe does not allow.
        buffer = io.BytesIO()
        document.write(buffer, target, Path())
        data, series = buffer.getvalue(), target.format.series
        stream = sys.stdout.buffer
        if series is not None and not self._first:
            stream.write(series.between)
            data = data.partition(b"\n")[2] if series.titled else data
        stream.write(data)
        stream.flush()
        self._first = False
