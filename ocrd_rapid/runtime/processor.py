"""What a processor is to the runtime."""

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
    """An image that a processor made: how the METS will list it, and the content of the file."""

    entry: MetsFile
    data: bytes


@dataclass(frozen=True)
class Remark:
    """What holds for a page and for others of the run, and is told once for all of them.

    Attributes:
        what: said of the pages, such as ``have no text lines``.
        then: what follows from it, and what can be done.
    """

    what: str
    then: str


def image_entry(output: MetsFile, path: str) -> MetsFile:
    """Return how the METS lists an image that was made beside a PAGE document.

    Args:
        output: the entry of the PAGE document.
        path: of the image, as the PAGE document names it; the name of the file is its ID.
    """
    name = PurePosixPath(path).stem
    return MetsFile(name, output.group, output.page_id, "image/png", path)


@dataclass(frozen=True)
class OpenPage:
    """A page as a processor gets it, open for changes.

    Attributes:
        page_id: the physical page.
        document: its PAGE-XML, which the processor changes in place.
        images: the image files of the page, each decoded once.
        output: how the METS will list the result.
        made: the images that the processor made, see `add_image`.
        remarks: what the processor has to say, as a warning at the end of the run.
    """

    page_id: str
    document: PageDocument
    images: ImageStore
    output: MetsFile = field(default_factory=partial(MetsFile, "", "", "", "", ""))
    made: list[NewImage] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @cached_property
    def image(self) -> PageImage:
        """The image of the page, made when it is first asked for.

        Raises:
            ImageError: it cannot be read, or does not fit the PAGE-XML.
        """
        from ..workspace.page_images import page_image

        return page_image(self.document, self.images)

    def add_image(self, pixels: BgrImage, suffix: str, features: Sequence[str]) -> None:
        """Add a derived image of the whole page; it is written before the PAGE-XML is.

        Args:
            pixels: shape (height, width, 3), BGR.
            suffix: what its ID has behind that of the PAGE-XML, such as ``.IMG-DEN``.
            features: all that was done to the original image, in OCR-D's vocabulary.
        """
        from ..workspace.decoding import encode_png, image_header

        path = f"{self.output.group}/{self.output.id}{suffix}.png"
        original = self.images.path(self.document.image_filename)
        data = encode_png(pixels, image_header(original).dpi)
        self.made.append(NewImage(image_entry(self.output, path), data))
        self.images.add(path, pixels)
        self.document.add_alternative_image(path, features)


class Processor(Protocol):
    """Does the work of a step, page by page. Its models are loaded once, when it is made."""

    @property
    def versions(self) -> Mapping[str, str]:
        """What is recorded beside the processor's own version, such as engine and model."""
        ...

    def process(self, page: OpenPage) -> None:
        """Process one page by changing ``page.document``; called from several threads.

        Raises:
            OcrdRapidError: the page cannot be processed.
        """
        ...
