# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The errors to be expected of a text, from the confidences of its lines, without ground truth.

The confidence of a line is the expected share of right characters, so the rest of its characters
are expected errors. Lines that were never found, and the order of the text, have no confidence:
their errors are not in the estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import read_regular
from ..plain_data import parse_json
from ..workspace.workspace import Workspace
from .normalization import characters
from .pairs import files_by_page, files_of_group
from .texts import JSON, Line, Page, read_page

#: Lines of lower confidence are those to look at.
UNSURE = 0.9


@dataclass(frozen=True)
class EstimatedLine:
    """A line and the errors to be expected of it.

    Attributes:
        page: the page that it is on.
        id: its ID in the file.
        text: its text.
        confidence: expected share of right characters, 0 to 1; ``None`` if the file has none.
    """

    page: str
    id: str
    text: str
    confidence: float | None

    @property
    def length(self) -> int:
        """The number of its characters."""
        return len(characters(self.text))

    @property
    def errors(self) -> float:
        """The expected number of wrong, missing and superfluous characters; 0 if unknown."""
        return 0.0 if self.confidence is None else (1 - self.confidence) * self.length


@dataclass(frozen=True)
class Estimate:
    """The errors to be expected of some lines.

    Attributes:
        lines: the lines, in the order of the text.
    """

    lines: tuple[EstimatedLine, ...]

    @cached_property
    def known(self) -> tuple[EstimatedLine, ...]:
        """The lines with a confidence, which the estimate is made of."""
        return tuple(line for line in self.lines if line.confidence is not None)

    @cached_property
    def length(self) -> int:
        """The number of characters of the lines with a confidence."""
        return sum(line.length for line in self.known)

    @cached_property
    def errors(self) -> float:
        """The expected number of errors."""
        return sum(line.errors for line in self.known)

    @property
    def error_rate(self) -> float | None:
        """The expected character error rate; ``None`` without any character."""
        return self.errors / self.length if self.length else None

    @cached_property
    def unsure(self) -> tuple[EstimatedLine, ...]:
        """The lines with less confidence than `UNSURE`, the least sure first."""
        found = [(line.confidence, line) for line in self.known if line.confidence is not None]
        low = [(value, line) for value, line in found if value < UNSURE]
        return tuple(line for _, line in sorted(low, key=lambda pair: pair[0]))


@dataclass(frozen=True)
class EstimatedPage:
    """A page of the text.

    Attributes:
        name: its ID or name.
        file: the file with its text.
        estimate: the errors to be expected of its lines.
    """

    name: str
    file: Path
    estimate: Estimate


@dataclass(frozen=True)
class EstimatedText:
    """The errors to be expected of all pages.

    Attributes:
        text: name of the text: a file group, or a path.
        pages: the pages in their order.
    """

    text: str
    pages: Sequence[EstimatedPage]

    @cached_property
    def total(self) -> Estimate:
        """The errors to be expected of all pages together."""
        return Estimate(tuple(line for page in self.pages for line in page.estimate.lines))


def estimate_group(workspace: Workspace, group: str, pages: str | None = None) -> EstimatedText:
    """Return the errors to be expected of the text of a file group.

    Args:
        workspace: the workspace with the group.
        group: the file group.
        pages: value of ``--page-id``; ``None`` for all.

    Raises:
        MetsError: the group does not exist.
        UsageError: the expression selects no page.
        InputError: a file cannot be read or is only at a URL, or no line has a confidence.
    """
    return _estimated(f"file group {group}", files_of_group(workspace, group, pages))


def estimate_files(path: Path) -> EstimatedText:
    """Return the errors to be expected of the text of a file, or of all files of a folder.

    Raises:
        InputError: the path does not exist, a file cannot be read, two files of a folder belong
            to the same page, or no line has a confidence.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist")
    return _estimated(str(path), files_by_page(path, (".xml", JSON)))


def _estimated(name: str, files: Mapping[str, Path]) -> EstimatedText:
    pages = [
        EstimatedPage(page, file, Estimate(tuple(_lines(page, content))))
        for name_of_file, file in files.items()
        for page, content in _pages(name_of_file, file)
    ]
    text = EstimatedText(name, pages)
    if not text.total.known:
        raise InputError(
            f"{name}: no line has a confidence to estimate errors from; PAGE-XML and JSON of"
            " ocrd-rapid have them"
        )
    return text


def _lines(page: str, content: Page) -> Iterator[EstimatedLine]:
    for line in content.lines:
        value = line.confidence
        known = None if value is None else min(max(value, 0.0), 1.0)
        yield EstimatedLine(page, line.id, " ".join(line.text.split()), known)


def _pages(name: str, file: Path) -> Iterable[tuple[str, Page]]:
    """Return the pages of a file with their names; only JSON may have several."""
    if file.suffix.lower() != JSON:
        return [(name, read_page(file))]
    try:
        return list(_pages_of_document(name, parse_json(read_regular(file).decode("utf-8-sig"))))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file}: not the JSON of a document, as ocrd-rapid writes it ({error})"
        ) from error


def _pages_of_document(name: str, content: Any) -> Iterator[tuple[str, Page]]:
    """Yield the pages of JSON as in docs/formats.md."""
    pages = content["pages"]
    for page in pages:
        lines = [
            Line(str(line["id"]), str(line["text"]), None, float(line["confidence"]))
            for region in page["regions"]
            for line in region["lines"]
        ]
        title = name if len(pages) == 1 else f"{name}, page {int(page['number'])}"
        yield title, Page(tuple(line for line in lines if line.text.strip()))
