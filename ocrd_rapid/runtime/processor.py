# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The interface between processors and the runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

from ..workspace.contents import MetsFile
from ..workspace.page import PageDocument

if TYPE_CHECKING:
    from ..pixels import BgrImage
    from ..workspace.decoding import ImageStore
    from ..workspace.page_images import PageImage


@dataclass(frozen=True)
class NewImage:
    """An image that a processor made: its entry for the METS, and the content of its file."""

    entry: MetsFile
    data: bytes


@dataclass(frozen=True)
class Remark:
    """A remark that may apply to several pages of a run, and is reported once for all of them.

    Attributes:
        what: a statement about the pages, such as ``have no text lines``.
        then: the consequence, and the remedy.
    """

    what: str
    then: str


def image_entry(output: MetsFile, path: str) -> MetsFile:
    """Return the METS entry of an image that was made with a PAGE document.

    Args:
        output: the entry of the PAGE document.
        path: the path of the image in the PAGE document; the name of the file is its ID.
    """
    name = PurePosixPath(path).stem
    return MetsFile(name, output.group, output.page_id, "image/png", path)


@dataclass(frozen=True)
class OpenPage:
    """A page as passed to a processor, open for changes.

    Attributes:
        page_id: the physical page.
        document: the PAGE-XML of the page, which the processor changes in place.
        images: the image files of the page, each decoded once.
        output: the METS entry of the result.
        made: the images that the processor made, see `add_image`.
        remarks: the remarks of the processor, warnings at the end of the run.
    """

    page_id: str
    document: PageDocument
    images: ImageStore
    output: MetsFile = field(default_factory=partial(MetsFile, "", "", "", "", ""))
    made: list[NewImage] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

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
        self.made.append(NewImage(image_entry(self.output, path), data))
        self.images.add(path, pixels)
        self.document.add_alternative_image(path, features)


class Processor(Protocol):
    """Does the work of a step, page by page. Its models are loaded once, on creation."""

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions to record besides the processor's own, such as engine and model."""
        ...

    def process(self, page: OpenPage) -> None:
        """Process one page by changing ``page.document``; called from several threads.

        Raises:
            OcrdRapidError: the page cannot be processed.
        """
        ...
