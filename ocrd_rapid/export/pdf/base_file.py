# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The file that layers are put into: a PDF as it came, one made of images, or several joined.

Images never stay in memory: those of pages go into a PDF on the disk one by one, and qpdf joins
files without reading their streams.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...documents.pdf_contents import unseen_texts
from ...documents.pdf_geometry import displayed_page
from ...documents.pdfium import PdfiumFile
from ...errors import InputError
from ...ocr.page_model import OutlineEntry
from .image_pdf import ImagePdf
from .image_streams import ImageStream
from .invisible_text import has_visible_text
from .navigation import outline_of
from .tags import is_tagged

if TYPE_CHECKING:
    import pikepdf


@dataclass
class _Part:
    """Pages of the base that come from one file.

    Attributes:
        path: the file.
        count: number of its pages.
        images: whether it is made of images.
    """

    path: Path
    count: int = 0
    images: bool = False


#: What qpdf ends a file with.
_END = b"%%EOF\n"

#: The place of a page: the index of its part, and its index there.
PagePlace = tuple[int, int]


class BaseFile:
    """Collects the pages of a document in their order, and joins them."""

    def __init__(self, folder: Path) -> None:
        """Begin a document.

        Args:
            folder: a folder for temporary files.
        """
        self._folder = folder
        self._parts: list[_Part] = []
        self._writers = contextlib.ExitStack()
        self._images: ImagePdf | None = None
        self._shown: ImagePdf | None = None
        self._pdf: tuple[Path, pikepdf.Pdf] | None = None
        self._bookmarks: list[OutlineEntry] = []

    def add_image(self, image: ImageStream | None, size: tuple[float, float]) -> PagePlace:
        """Add a page that an image fills, see `ImagePdf.add`; return its place."""
        if self._images is None:
            path = self._folder / f"images-{len(self._parts)}.pdf"
            self._images = self._writers.enter_context(ImagePdf(path))
            self._parts.append(_Part(path, images=True))
        self._images.add(image, size)
        self._parts[-1].count = self._images.count
        return len(self._parts) - 1, self._images.count - 1

    def add_pdf(self, path: Path, index: int) -> PagePlace:
        """Return the place of a page of a PDF, of which the other pages are added, too.

        Raises:
            InputError: it cannot be read, or has no such page.
        """
        pdf = self.opened(path)
        if not self._parts or self._parts[-1].path != path:
            if any(not part.images for part in self._parts):
                self._bookmarks += [
                    replace(entry, page_number=entry.page_number + self.page_count)
                    for entry in outline_of(pdf)
                ]
            self._parts.append(_Part(path, len(pdf.pages)))
            self._images = None
        if not 0 <= index < self._parts[-1].count:
            raise InputError(f"{path} has {self._parts[-1].count} pages, but no page {index + 1}")
        return len(self._parts) - 1, index

    def add_shown(self, image: ImageStream) -> int:
        """Add an image that is shown in place of a page; return its number among them, from 0."""
        if self._shown is None:
            self._shown = self._writers.enter_context(ImagePdf(self._folder / "shown.pdf"))
        self._shown.add(image, image.displayed_size)
        return self._shown.count - 1

    def opened(self, path: Path) -> pikepdf.Pdf:
        """Return an open PDF, to look at until the next one is.

        Raises:
            InputError: it cannot be read.
        """
        if self._pdf is None or self._pdf[0] != path:
            self._close()
            self._pdf = path, open_pdf(path)
        return self._pdf[1]

    @property
    def made_of_images(self) -> bool:
        """Whether no part is a PDF that came as such."""
        return all(part.images for part in self._parts)

    @property
    def bookmarks(self) -> Sequence[OutlineEntry]:
        """The bookmarks of all PDFs but the first, by the page numbers of the base, from 1."""
        return self._bookmarks

    def is_tagged(self, path: Path) -> bool:
        """Return whether a PDF has tags that are not ours."""
        return is_tagged(self.opened(path))

    def unseen_texts(self, path: Path, index: int) -> tuple[bool, ...]:
        """Return `pdf_contents.unseen_texts` of a page of a PDF that shows text."""
        page = self.opened(path).pages[index]
        if not has_visible_text(page):
            return ()
        file = PdfiumFile(path)
        try:
            return tuple(unseen_texts(file, index, displayed_page(page)))
        finally:
            file.close()

    def finish(self) -> Path:
        """Complete the base, and return its path; the shown images are its last pages."""
        self._close()
        self._writers.close()
        if len(self._parts) == 1 and self._shown is None:
            return self._parts[0].path
        return self._joined()

    def index(self, place: PagePlace) -> int:
        """Return the index of a page in the base."""
        return sum(part.count for part in self._parts[: place[0]]) + place[1]

    @property
    def page_count(self) -> int:
        """Number of pages without the shown images."""
        return sum(part.count for part in self._parts)

    def _joined(self) -> Path:
        from pikepdf import Job

        files = [part.path for part in self._parts]
        files += [self._shown.path] if self._shown is not None else []
        # All that belongs to a document as a whole comes from the first file.
        first = next((part.path for part in self._parts if not part.images), files[0])
        target = self._folder / "joined.pdf"
        ranges = [word for file in files for word in (str(file), "1-z")]
        Job(
            [
                "qpdf", str(first), "--pages", *ranges, "--", "--keep-files-open=n",
                "--stream-data=preserve", "--object-streams=preserve", "--decrypt",
                "--warning-exit-0", "--no-warn", "--deterministic-id", str(target),
            ]
        ).run()  # fmt: skip
        _check_whole(target)
        return target

    def _close(self) -> None:
        if self._pdf is not None:
            self._pdf[1].close()
            self._pdf = None


def _check_whole(path: Path) -> None:
    """Check that a PDF was written to its end: qpdf does not tell if the disk is full.

    Raises:
        OSError: it was not.
    """
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - len(_END), 0))
        if file.read() != _END:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def open_pdf(path: Path) -> pikepdf.Pdf:
    """Open a PDF.

    Raises:
        InputError: it cannot be read.
    """
    import pikepdf

    try:
        return pikepdf.open(path)
    except (OSError, pikepdf.PdfError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
