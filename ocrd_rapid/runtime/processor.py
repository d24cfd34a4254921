"""What a processor is to the runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ..workspace.page import PageDocument

if TYPE_CHECKING:
    from ..workspace.decoding import ImageStore
    from ..workspace.images import PageImage


@dataclass(frozen=True)
class PageTask:
    """One page to be processed.

    Attributes:
        page_id: the physical page.
        document: its PAGE-XML, which the processor changes in place.
        images: the image files of the page, each decoded once.
    """

    page_id: str
    document: PageDocument
    images: ImageStore

    @cached_property
    def image(self) -> PageImage:
        """The image of the page, made when it is first asked for.

        Raises:
            ImageError: it cannot be read, or does not fit the PAGE-XML.
        """
        from ..workspace.images import page_image

        return page_image(self.document, self.images)


class Processor(Protocol):
    """A step of a workflow. Its models are loaded once, when it is made."""

    @property
    def versions(self) -> Mapping[str, str]:
        """What is recorded beside the processor's own version, such as engine and model."""
        ...

    def process(self, task: PageTask) -> None:
        """Process one page by changing ``task.document``; called from several threads.

        Raises:
            OcrdRapidError: the page cannot be processed.
        """
        ...
