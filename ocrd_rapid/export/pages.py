# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The pages to export: which, in which order, what they say, and the names of their files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import ImageError, InputError, MetsError, OcrdRapidError, UsageError
from ..files import file_name, read_regular
from ..ocr.page_model import ReadPage
from ..workspace.bounds import keep_on_page
from ..workspace.contents import MetsFile, Structure
from ..workspace.decoding import image_header
from ..workspace.file_locations import image_of_page, is_remote, is_there, local_path
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.page import PageDocument
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace, require_group
from .export_options import CorrectableGroup, PageMedium, PageOrigin
from .page_media import page_image_file
from .page_xml import page_from


@dataclass(frozen=True)
class PageSource:
    """A page to export.

    Attributes:
        name: the name of the page, for messages and for its file.
        file: the path of its PAGE-XML; ``None`` if it is only on the web.
        directory: the workspace, which the name of its image refers to; ``None`` if there is none.
        number: its number in the document, from 1.
        label: the page number printed on it; empty if unknown.
    """

    name: str
    file: Path | None
    directory: Path | None = None
    number: int = 1
    label: str = ""

    def path(self) -> Path:
        """Return the path of the file.

        Raises:
            InputError: the file is only on the web.
        """
        if self.file is None:
            raise InputError(
                f"page {self.name}: its PAGE-XML is only on the web;"
                " fetch it and enter its local path in the METS"
            )
        return self.file

    def read(self) -> ReadPage:
        """Return the page.

        Raises:
            InputError: there is no file, or it is not PAGE-XML.
        """
        path = self.path()
        document = PageDocument.read(path)
        keep_on_page(document)
        page = page_from(document)
        return replace(
            page,
            number=self.number,
            id=page.id or self.name,
            label=self.label,
            dpi=self._resolution(page),
        )

    def image(self, page: ReadPage) -> Path:
        """Return the path of the image of the page.

        Raises:
            InputError: it is missing, or only on the web.
        """
        path = self.path()
        directory = self.directory or path.parent
        beside = None if is_remote(page.image) else image_of_page(page.image, path)
        if beside is not None and not is_there(local_path(directory, page.image)):
            return beside
        return page_image_file(page.image, directory)

    def _resolution(self, page: ReadPage) -> float | None:
        try:
            return image_header(self.image(page)).dpi
        except (ImageError, InputError):
            return None


def correctable_group(group: str, sources: Sequence[PageSource]) -> CorrectableGroup:
    """Return a file group to correct in the view.

    Args:
        group: its name.
        sources: its pages, with the names that the METS gives them.
    """
    of_number = {source.number: source for source in sources}

    def origin(page: ReadPage) -> PageOrigin:
        source = of_number[page.number]
        data = read_regular(source.path())
        regions = PageDocument.parse(data).text_regions()
        count = Counter(line.id for region in regions for line in region.lines)
        once = frozenset(name for name, times in count.items() if times == 1)
        return PageOrigin(source.name, hashlib.sha256(data).hexdigest(), once)

    return CorrectableGroup(group, origin)


def sources_of_files(paths: Sequence[Path]) -> list[PageSource]:
    """Return PAGE-XML files as pages in this order."""
    return [
        PageSource(path.name.removesuffix(".xml").removesuffix(".page"), path, number=number)
        for number, path in enumerate(paths, start=1)
    ]


class SourcePages:
    """Pages that are read one after the other; those that cannot be read are left out.

    Attributes:
        failures: the messages of errors, by the numbers of the pages; more while they are read.
        first_error: the first of these errors.
        has_text: whether a page had text.
    """

    def __init__(
        self,
        sources: Sequence[PageSource],
        *,
        shown: bool = False,
        blanks: bool = False,
        report: Callable[[PageSource, OcrdRapidError], None] = lambda source, error: None,
    ) -> None:
        """Prepare to read sources.

        Args:
            sources: the pages.
            shown: whether their images are needed.
            blanks: whether an empty page stands for one that cannot be read.
            report: called with each page that cannot be read.
        """
        self._sources = sources
        self._shown = shown
        self._blanks = blanks
        self._report = report
        self._images: dict[int, Path] = {}
        self.failures: dict[int, str] = {}
        self.first_error: OcrdRapidError | None = None
        self.has_text = False

    def __iter__(self) -> Iterator[ReadPage]:
        """Yield the pages.

        Raises:
            OcrdRapidError: the only one cannot be read.
        """
        for source in self._sources:
            try:
                page = source.read()
                if self._shown:
                    self._images[page.number] = source.image(page)
            except OcrdRapidError as error:
                if len(self._sources) == 1:
                    raise
                self._report(source, error)
                self.failures[source.number] = str(error)
                self.first_error = self.first_error or error
                if self._blanks:
                    yield ReadPage(1, 1, number=source.number, id=source.name)
                continue
            self.has_text = self.has_text or bool(page.text.strip())
            yield page

    def media(self, page: ReadPage) -> PageMedium:
        """Return the image of a page that was read."""
        return PageMedium(self._images[page.number])


def sources_of_group(
    workspace: Workspace, group: str, expression: str | None
) -> tuple[list[PageSource], list[str]]:
    """Return the pages of a file group in the order of the book, and those that it lacks.

    Args:
        workspace: the workspace with the group.
        group: the file group.
        expression: the value of ``--page-id``; ``None`` or empty for all files, even those without
            a page.

    Returns:
        The pages with PAGE-XML in the group, and the IDs of the selected pages without.

    Raises:
        MetsError: the group does not exist, or has no PAGE-XML of the pages.
        UsageError: the expression selects no page.
    """
    require_group(workspace.mets, group)
    structure = workspace.mets.structure()
    selected = set(select_pages(expression, structure))
    pages = [page for page in structure.reading_order if page in selected]
    files = [file for file in workspace.files(group) if file.mimetype == MIMETYPE_PAGE]
    by_page: dict[str, list[MetsFile]] = {page: [] for page in pages}
    loose = []
    for file in files:
        if file.page_id in by_page:
            by_page[file.page_id].append(file)
        elif not expression:
            loose.append(file)
    chosen = [file for page in pages for file in by_page[page]] + loose
    if not chosen:
        what = f"of the pages {expression} " if files else ""
        raise MetsError(
            f"file group '{group}' has no PAGE-XML {what}to export;"
            f" give the output of ocrd-rapid-recognize (file groups:"
            f" {', '.join(workspace.mets.groups)})"
        )
    lacking = [page for page in pages if not by_page[page]] if expression else []
    return _numbered(workspace, structure, chosen), lacking


def _numbered(
    workspace: Workspace, structure: Structure, files: Sequence[MetsFile]
) -> list[PageSource]:
    """Return the pages of files, numbered as in the work if each has a page of its own."""
    places = {page: number for number, page in enumerate(structure.reading_order, start=1)}
    labels = {page.id: page.orderlabel for page in structure.pages}
    numbers = [places.get(file.page_id, 0) for file in files]
    if not all(numbers) or len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(files) + 1))
    return [
        PageSource(
            file.page_id or file.id,
            _local(workspace, file),
            workspace.directory,
            number,
            labels.get(file.page_id, ""),
        )
        for number, file in zip(numbers, files, strict=True)
    ]


def names_of_files(sources: Sequence[PageSource], suffix: str) -> list[str]:
    """Return the names of the files to write pages to, one for each page.

    Raises:
        UsageError: two pages would have the same name.
    """
    names: dict[str, PageSource] = {}
    for source in sources:
        name = file_name(source.name) + suffix
        other = names.setdefault(name.casefold(), source)
        if other is not source:
            raise UsageError(
                f"'{other.name}' and '{source.name}' ({other.file}, {source.file}) would both be"
                f" written to {name}; export them separately, to different directories"
            )
    return [file_name(source.name) + suffix for source in sources]


def _local(workspace: Workspace, file: MetsFile) -> Path | None:
    return workspace.local_path(file.path) if file.path else None
