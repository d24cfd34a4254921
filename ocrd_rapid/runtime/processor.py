"""What a processor is to the runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from ..workspace.images import PageImage, page_image
from ..workspace.page import PageDocument


@dataclass(frozen=True)
class PageTask:
    """One page to be processed.

    Attributes:
        page_id: the physical page.
        document: its PAGE-XML, which the processor changes in place.
        directory: the workspace.
    """

    page_id: str
    document: PageDocument
    directory: Path

    @cached_property
    def image(self) -> PageImage:
        """The image of the page, decoded when it is first asked for.

        Raises:
            ImageError: it cannot be read, or does not fit the PAGE-XML.
        """
        return page_image(self.document, self.directory)


class Processor(Protocol):
    """A step of a workflow. Its models are loaded once, when it is made."""

    @property
    def versions(self) -> Mapping[str, str]:
        """What is recorded beside the processor's own version, such as engine and model."""
        ...

    def process(self, task: PageTask) -> None:
        """Process one page by changing ``task.document``.

        Raises:
            OcrdRapidError: the page cannot be processed.
        """
        ...
