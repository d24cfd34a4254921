# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The images of pages: in the workspace while a page is worked on, and small ones for the view."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..documents.document import DocumentPage, Treatment
from ..errors import ImageError
from ..export.scan_images import picture_of
from ..ocr.page_model import ReadPage
from ..rasters import formats
from ..rasters.opening import kind_of
from ..version import __version__
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.page import PageDocument
from ..workspace.workspace import Workspace
from .page_pictures import write_page_picture

_CREATOR = f"ocrd-rapid {__version__}"


@dataclass(frozen=True)
class PageInRun:
    """A page of a run.

    Attributes:
        document: the index of its document.
        page: the page.
        page_id: its ID in the METS.
        image: the entry of its image; the path lacks a suffix, as the kind is not known yet.
    """

    document: int
    page: DocumentPage
    page_id: str
    image: MetsFile


class PageSupply:
    """Puts the image of a page into the workspace before its first step.

    It is removed after the last one, unless the workspace is kept: so at most as many images are
    there as pages are worked on. Threads may share it.

    Attributes:
        seconds: the durations of detection, orientation and recognition, by page.
        entries: the entries of the images that were put into the workspace, by page.
    """

    def __init__(
        self,
        workspace: Workspace,
        pages: Mapping[str, PageInRun],
        scratch: Path,
        *,
        kept: bool,
        shown: bool = False,
        layered: bool = False,
        needed: bool = False,
    ) -> None:
        """Take the pages of a run.

        Args:
            workspace: the workspace of the run.
            pages: the pages, by their IDs.
            scratch: a folder for what lasts as long as the run.
            kept: whether the workspace stays.
            shown: whether a format shows pages as images.
            layered: whether a PDF is written.
            needed: whether the steps need images even of pages whose text is kept.
        """
        self._workspace = workspace
        self._pages = pages
        self._scratch = scratch
        self._kept = kept
        self._shown = shown
        self._layered = layered
        self._needed = needed or kept or shown
        self._treatments: dict[str, Treatment] = {}
        self._texts: dict[str, ReadPage] = {}
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = {}
        self.entries: dict[str, MetsFile] = {}

    def treatment(self, page_id: str) -> Treatment:
        """Return what is done with a page.

        Raises:
            InputError: it is broken.
        """
        if page_id not in self._treatments:
            self._treatments[page_id] = self._pages[page_id].page.treatment()
        return self._treatments[page_id]

    def own_text(self, page_id: str) -> ReadPage:
        """Return the text that a page had.

        Raises:
            InputError: it cannot be read.
        """
        with self._lock:
            known = self._texts.pop(page_id, None)
        return self._pages[page_id].page.text() if known is None else known

    def show(self) -> None:
        """Let formats show pages as images from now on."""
        self._shown = True

    def take_seconds(self, page_id: str, part: int, seconds: float) -> None:
        """Add the duration of a part of the work, see `ReadPage.seconds`."""
        self.seconds.setdefault(page_id, [0.0, 0.0, 0.0])[part] += seconds

    @contextlib.contextmanager
    def image_file(self, page_id: str) -> Iterator[Path]:
        """Yield a file with the image of a page, after its last step.

        Raises:
            ImageError: it is broken.
            OSError: it cannot be written.
        """
        page = self._pages[page_id]
        entry = self.entries.get(page_id)
        known = None if entry is None else self._workspace.local_path(entry.path)
        if known is not None and known.exists() and self._kept:
            yield known
            return
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            yield page.page.image(Path(folder), page.image.id)

    def picture(self, page_id: str) -> Path | None:
        """Return a picture of a page of a PDF for formats that show it; ``None`` if none does.

        Raises:
            InputError, OSError: see `image_file`.
        """
        page = self._pages[page_id]
        whole = self._layered and page.page.layer() == "image"
        if page.page.pdf_page is None or not (whole or self._shown):
            return None
        picture = self._picture(page)
        if not picture.exists():  # the page was finished by an earlier run
            with self.image_file(page_id) as image:
                self._keep_picture(page, image)
        return picture

    def _picture(self, page: PageInRun) -> Path:
        return self._scratch / f"{page.page_id}.jpg"

    @contextlib.contextmanager
    def around(self, page_id: str) -> Iterator[Sequence[MetsFile]]:
        """See `PageHooks.around`.

        Raises:
            InputError: the page is broken.
            OSError: its image cannot be written.
        """
        page = self._pages[page_id]
        if self.treatment(page_id) is Treatment.KEEP and not self._needed:
            path = self._blank(page)
            entry = replace(page.image, path=self._name(path), mimetype=MIMETYPE_PAGE)
        else:
            path = self._image(page)
            entry = replace(page.image, path=self._name(path), mimetype=_media_type(path))
        try:
            self.entries[page_id] = entry
            self._keep_picture(page, path)
            yield (entry,)
        finally:
            if not self._kept:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _blank(self, page: PageInRun) -> Path:
        """Write PAGE-XML in place of the image, for a page of which only the text counts."""
        text = page.page.text()
        with self._lock:
            self._texts[page.page_id] = text
        name = f"{page.image.path}.xml"
        # The name is never looked up: nothing asks for the image of such a page.
        document = PageDocument.for_image(
            f"{page.image.path}.png", text.width, text.height, _CREATOR
        )
        self._workspace.write_file(name, document.to_bytes())
        return self._workspace.directory / name

    def _image(self, page: PageInRun) -> Path:
        """Put the image of a page into the workspace: as a link, or else as a file of its own."""
        place = self._workspace.path_to_write(page.image.path)
        for older in place.parent.glob(f"{place.name}.*"):  # of a run that was interrupted
            older.unlink()
        path = page.page.image(place.parent, place.name)
        if path.parent == place.parent:
            return path
        copy = place.with_name(f"{place.name}{_suffix(path)}")
        if not self._kept:
            with contextlib.suppress(OSError):
                copy.symlink_to(path.absolute())
                return copy
        shutil.copyfile(path, copy)
        return copy

    def _keep_picture(self, page: PageInRun, image: Path) -> None:
        """Keep a picture of a page of a PDF, if a format will need it."""
        if page.page.pdf_page is None:
            return
        if self._layered and page.page.layer() == "image":
            write_page_picture(image, self._picture(page), page.page.dpi())
        elif self._shown:
            self._picture(page).write_bytes(picture_of(image).jpeg)

    def _name(self, path: Path) -> str:
        return path.relative_to(self._workspace.directory).as_posix()


def _media_type(path: Path) -> str:
    kind = kind_of(path)
    if isinstance(kind, formats.Other):
        raise ImageError(f"image {path}: {kind}")
    return kind.media_type


def _suffix(path: Path) -> str:
    known = formats.format_of_name(path.name)
    return path.suffix.lower() if known is not None else ".img"
