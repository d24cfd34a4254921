# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The interface between processors and the runtime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

from ..workspace.contents import MetsFile, PhysicalPage, Structure
from ..workspace.page import PageDocument

if TYPE_CHECKING:
    from ..pixels import BgrImage
    from ..workspace.decoding import ImageStore
    from ..workspace.page_images import PageImage


@dataclass(frozen=True)
class NewFile:
    """A file that a processor made: its entry for the METS, and its content."""

    entry: MetsFile
    data: bytes


@dataclass(frozen=True)
class Remark:
    """A remark that may apply to several pages of a run, and is reported once for all of them.

    Attributes:
        what: a statement about the pages, such as ``have no text lines``.
        then: the consequence, and the remedy.
        of_text: whether it is of interest to whoever reads the text, and not only to whoever runs
            the processors.
    """

    what: str
    then: str
    of_text: bool = False


def image_entry(output: MetsFile, path: str) -> MetsFile:
    """Return the METS entry of an image that was made with a PAGE document.

    Args:
        output: the entry of the PAGE document.
        path: the path of the image in the PAGE document; the name of the file is its ID.
    """
    name = PurePosixPath(path).stem
    return MetsFile(name, output.group, output.page_id, "image/png", path)


@dataclass(frozen=True)
class PagePlace:
    """The place of a page in its work.

    Attributes:
        number: its number, from 1, in the order of reading.
        attributes: what the METS says about it.
        file: the file in the input group.
    """

    number: int
    attributes: PhysicalPage
    file: MetsFile


@dataclass(frozen=True)
class OpenPage:
    """A page as passed to a processor, open for changes.

    Attributes:
        page_id: the physical page.
        document: the PAGE-XML of the page, which the processor changes in place.
        images: the image files of the page, each decoded once.
        output: the METS entry of the result.
        made: the files that the processor made: images beside the PAGE-XML, see `add_image`, or
            those of ``outputs``.
        remarks: the remarks of the processor, warnings at the end of the run.
        outputs: the METS entries of the files to make, for steps that give no PAGE-XML.
        place: its place in the work, for such steps.
        versions: versions that the processor records for this page, in place of its own of the same
            names, see `Processor.versions`.
    """

    page_id: str
    document: PageDocument
    images: ImageStore
    output: MetsFile = field(default_factory=partial(MetsFile, "", "", "", "", ""))
    made: list[NewFile] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    outputs: tuple[MetsFile, ...] = ()
    place: PagePlace | None = None
    versions: dict[str, str] = field(default_factory=dict)

    @cached_property
    def image(self) -> PageImage:
        """The image of the page, created on first access.

        Raises:
            ImageError: the image cannot be read, or does not fit the PAGE-XML.
        """
        from ..workspace.page_images import page_image

        return page_image(self.document, self.images)

    def add_image(self, pixels: BgrImage, suffix: str, features: Sequence[str]) -> None:
        """Add a derived image of the whole page, which is written before the PAGE-XML.

        Args:
            pixels: shape (height, width, 3), BGR.
            suffix: the end of its ID, after that of the PAGE-XML, such as ``.IMG-DEN``.
            features: all changes to the original image, in OCR-D's vocabulary.
        """
        from ..rasters.encoding import encode_png
        from ..workspace.decoding import image_header

        path = f"{self.output.group}/{self.output.id}{suffix}.png"
        original = self.images.path(self.document.image_filename)
        data = encode_png(pixels, image_header(original).dpi)
        self.made.append(NewFile(image_entry(self.output, path), data))
        self.images.add(path, pixels)
        self.document.add_alternative_image(path, features)


def places_in_work(structure: Structure) -> dict[str, tuple[int, PhysicalPage]]:
    """Return the number, from 1 in the order of reading, and the attributes of each page."""
    attributes = {page.id: page for page in structure.pages}
    return {
        page: (number, attributes[page])
        for number, page in enumerate(structure.reading_order, start=1)
    }


class Processor(Protocol):
    """Does the work of a step, page by page. Its models are loaded once, on creation."""

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions to record besides the processor's own, such as engine and model."""
        ...

    def process(self, page: OpenPage) -> None:
        """Process one page by changing ``page.document``; called from several threads.

        In a step that gives no PAGE-XML, the processor makes the files of ``page.outputs``.

        Raises:
            OcrdRapidError: the page cannot be processed.
        """
        ...


@dataclass(frozen=True)
class OpenWork:
    """A work as passed to a processor that gives one file for all pages.

    Attributes:
        name: that of the directory of the workspace.
        structure: its pages and logical divisions.
        pages: IDs of the pages that are wanted, in the order of reading.
    """

    name: str
    structure: Structure
    pages: tuple[str, ...]


@runtime_checkable
class WorkProcessor(Protocol):
    """A processor that also gives files of all pages of a work."""

    def part(self, page: OpenPage) -> object:
        """Return what a page contributes to the files of the work.

        Raises:
            OcrdRapidError: the page cannot be processed.
        """
        ...

    def write_work(
        self, work: OpenWork, parts: Iterable[Any], output: MetsFile, stream: BinaryIO
    ) -> None:
        """Write a file of the work.

        Args:
            work: the work.
            parts: what `part` returned for each page, in the order of reading; those of pages that
                failed are missing. They are made while they are read, and read once.
            output: the METS entry of the file.
            stream: the file.

        Raises:
            OcrdRapidError: the file cannot be made.
        """
        ...
