# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""One run of the processors over all pages of several documents, in a workspace of its own."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..documents.document import Document, DocumentPage, Treatment
from ..errors import InputError, OcrdRapidError
from ..export.page_xml import page_from
from ..files import replacing_quickly
from ..ocr.page_model import ReadPage
from ..processors import create
from ..runtime.page_hooks import PageHooks
from ..runtime.policy import MissingInput, MissingOutput, Policy
from ..runtime.processor import OpenPage, Processor
from ..runtime.run import run_steps
from ..runtime.step import Existing
from ..workspace.contents import MetsFile
from ..workspace.decoding import image_header
from ..workspace.page import PageDocument
from ..workspace.workspace import Workspace
from .merged_text import with_shown
from .page_chain import BETWEEN, IMAGES, RESULT, ReadingOptions, chain_of, sparing
from .page_supply import PageInRun, PageSupply

#: Makes a processor from the name of its executable and its parameters.
Create = Callable[[str, Mapping[str, Any]], Processor]

#: Told a page, and the error if it failed, once it has gone through all steps.
Entered = Callable[[PageInRun, OcrdRapidError | None], None]


class ReadingRun:
    """The pages of documents in a workspace, which are read by one run of the processors.

    Attributes:
        workspace: the workspace.
        pages: the pages of all documents in their order, by their IDs.
    """

    def __init__(
        self,
        workspace: Workspace,
        documents: Sequence[Document],
        options: ReadingOptions,
        scratch: Path,
        *,
        kept: bool = False,
        shown: bool = False,
        layered: bool = False,
    ) -> None:
        """Enter the pages of documents in a workspace; see `PageSupply` for the choices.

        Raises:
            OSError: the METS cannot be written.
        """
        self.workspace = workspace
        self._options = options
        self._kept = kept
        self._scratch = scratch
        self.pages = {page.page_id: page for page in _pages_of(documents)}
        self._supply = PageSupply(
            workspace, self.pages, scratch,
            kept=kept, shown=shown, layered=layered, needed=options.barcodes,
        )  # fmt: skip
        for page in self.pages.values():
            known = workspace.mets.file(page.image.id, IMAGES)
            if known is None:
                workspace.mets.add_file(page.image)
            elif kept:
                self._supply.entries[page.page_id] = known
        workspace.save()

    def run(
        self,
        entered: Entered,
        *,
        resume: bool = False,
        progress: Callable[[int, int], None] = lambda done, total: None,
        processors: Create = create,
    ) -> None:
        """Read all pages.

        Args:
            entered: told about every page, in their order.
            resume: keep what an earlier run has finished.
            progress: see `run_steps`.
            processors: makes the processors.

        Raises:
            OcrdRapidError: a model is missing or of no use; see `run_steps`, `chain_of`.
            OSError: a file cannot be written.
        """
        steps = chain_of(self._options, Existing.SKIP if resume else Existing.ABORT)
        policy = replace(
            Policy.from_environment(),
            missing_input=MissingInput.SKIP,
            missing_output=MissingOutput.SKIP,
            tolerated=-1,
            existing=None,
        )
        if self._options.jobs:
            policy = replace(policy, parallel_pages=self._options.jobs)

        def finished(page_id: str, error: OcrdRapidError | None) -> None:
            self._tidy(page_id)
            page = self.pages[page_id]
            entered(page, None if error is None else self._as_user_knows(error, page))

        make = sparing(processors, self._supply, self._supply.take_seconds, self._last_steps())
        hooks = PageHooks(self._supply.around, finished)
        run_steps(self.workspace, steps, make, policy=policy, progress=progress, hooks=hooks)
        if self._kept:
            self._leave_out_missing_images()
        self.workspace.save()

    def _last_steps(self) -> list[Callable[[OpenPage], None]]:
        if not self._options.barcodes:
            return []
        from ..processors.barcodes import add_barcodes

        return [add_barcodes]

    def _as_user_knows(self, error: OcrdRapidError, page: PageInRun) -> OcrdRapidError:
        """Return the error of a page with the name that the user knows its image by."""
        entry = self._supply.entries.get(page.page_id)
        message, name = str(error), page.page.name
        if entry is not None:
            message = message.replace(str(self.workspace.directory / entry.path), name)
        if name not in message and page.page.file.name not in message:
            message = f"{name}: {message}"
        known = type(error)(message)
        known.exit_code = error.exit_code
        return known

    def _leave_out_missing_images(self) -> None:
        """Remove the entries of images that could not be made, of pages that failed."""
        for page in self.pages.values():
            entry = self.workspace.mets.file(page.image.id, IMAGES)
            if entry is not None and not self.workspace.local_path(entry.path).exists():
                self.workspace.mets.remove_file(entry.id, IMAGES)

    def _tidy(self, page_id: str) -> None:
        """Enter what became of the image of a page; remove what was between image and result."""
        if self._kept:
            entry = self._supply.entries.get(page_id)
            if entry is not None and self.workspace.mets.file(entry.id, IMAGES) != entry:
                self.workspace.mets.add_file(entry)
            return
        key = _key(page_id)
        for group in BETWEEN:
            for path in (self.workspace.directory / group).glob(f"{group}_{key}.*"):
                path.unlink(missing_ok=True)

    def read_page(self, page: PageInRun) -> ReadPage:
        """Return what was read on a page.

        Raises:
            InputError: there is nothing, as the page failed.
        """
        identifier = f"{RESULT}_{_key(page.page_id)}"
        file = self.workspace.mets.file(identifier, RESULT)
        if file is None:
            raise InputError(f"{page.page.name} was not read")
        read = self._content(self.workspace.local_path(file.path))
        treatment = self._supply.treatment(page.page_id)
        own = treatment is Treatment.KEEP
        if treatment is Treatment.MERGE:
            read = with_shown(read)
        seconds = self._supply.seconds.get(page.page_id, (0.0, 0.0, 0.0))
        return replace(
            read,
            number=page.page.number,
            label=page.page.label,
            id=f"page_{page.page.number:04d}",
            dpi=page.page.dpi(),
            source="pdf" if own else "ocr",
            steps=() if own else read.steps,
            seconds=(seconds[0], seconds[1], seconds[2]),
            languages=tuple(filter(None, self._options.languages.split(","))),
        )

    def _content(self, path: Path) -> ReadPage:
        """Return what PAGE-XML says.

        It is parsed once for all formats, and kept among our own temporary files in a form that
        takes a twentieth of the time.
        """
        known = self._parsed(path)
        if known.exists():
            read: ReadPage = pickle.loads(known.read_bytes())
            return read
        read = page_from(PageDocument.read(path))
        with contextlib.suppress(OSError), replacing_quickly(known) as stream:
            pickle.dump(read, stream)  # where it fails, the page is parsed again
        return read

    def _parsed(self, path: Path) -> Path:
        return self._scratch / f"{path.stem}.parsed"

    def forget(self, page: PageInRun) -> None:
        """Remove what was read on a page."""
        file = self.workspace.mets.file(f"{RESULT}_{_key(page.page_id)}", RESULT)
        if file is not None:
            self.workspace.delete_file(file.path)
            self._parsed(self.workspace.local_path(file.path)).unlink(missing_ok=True)

    def show_pages(self) -> None:
        """Let pages of PDFs have pictures from now on."""
        self._supply.show()

    def picture(self, page: PageInRun) -> Path | None:
        """Return a picture of a page of a PDF, see `PageSupply.picture`."""
        return self._supply.picture(page.page_id)

    def image_file(self, page: PageInRun) -> contextlib.AbstractContextManager[Path]:
        """Return a context with a file with the image of a page, see `PageSupply.image_file`."""
        return self._supply.image_file(page.page_id)


def _pages_of(documents: Sequence[Document]) -> Iterator[PageInRun]:
    for index, document in enumerate(documents):
        for page in document.pages:
            key = f"{page.number:04d}"
            if len(documents) > 1:
                key = f"{index + 1:04d}_{key}"
            page_id = f"PHYS_{key}"
            image_id = f"{IMAGES}_{key}"
            entry = MetsFile(image_id, IMAGES, page_id, "image/png", f"{IMAGES}/{image_id}")
            yield PageInRun(index, page, page_id, entry)


def _key(page_id: str) -> str:
    return page_id.removeprefix("PHYS_")


def empty_page(page: DocumentPage) -> ReadPage:
    """Return a page that could not be read: without text, of the size that it has if known."""
    size = (1, 1)
    with contextlib.suppress(OcrdRapidError, OSError):
        if page.pdf_page is not None:
            own = page.text()
            size = (own.width, own.height)
        else:
            header = image_header(page.file)
            size = (header.width, header.height)
    return ReadPage(*size, number=page.number, label=page.label, id=f"page_{page.number:04d}")
