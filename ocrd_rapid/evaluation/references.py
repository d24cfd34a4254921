# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents as they are read, against references: their error rates, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..export.export_options import Differences, Stretch
from ..ocr.page_model import ReadDocument, ReadPage
from .comparison import Comparison, align, compare_normalized
from .normalization import Normalization
from .page_errors import evaluate_page
from .pairs import files_by_page
from .report import figures, percent
from .texts import Page, page_of, read_page, read_pages

#: As `ocrd-rapid evaluate` compares by default.
_RULES = Normalization()


class References:
    """The ground truth of documents: PAGE-XML, ALTO or plain text.

    A file has the text of a document: of one page, or plain text with form feeds between its pages.
    In a folder, a page has the file with the name of its image; a page of a PDF or of a file of
    several images has ``NAME_0012``, ``0012`` or ``12``, with the name of the document. Endings
    are left out, see `ocrd_rapid.evaluation.pairs.page_name`. A folder with the name of the
    document inside the folder comes first.
    """

    def __init__(self, path: Path) -> None:
        """Look at a file or folder.

        Raises:
            InputError: it does not exist, or two files of the folder belong to the same page.
        """
        if not path.exists():
            raise InputError(f"{path} does not exist; --compare takes a file or folder")
        self.path = path
        self._folders: dict[Path, dict[str, Path]] = {}
        if path.is_dir():
            self._files(path)

    def of_page(self, document: ReadDocument, page: ReadPage) -> Page | None:
        """Return the reference of a page; ``None`` if there is none.

        Raises:
            InputError: it cannot be read, or is one page for a document of several.
        """
        if not self.path.is_dir():
            return self._in_file(document, page)
        own = self.path / document.name
        files = self._files(own if document.name and own.is_dir() else self.path)
        names = [Path(page.image).stem] if page.image else []
        if document.page_count == 1:
            names.append(document.name)
        number = f"{page.number:04}"
        names += [f"{document.name}_{number}", number, str(page.number)]
        found = next((files[name] for name in names if name in files), None)
        return None if found is None else read_page(found)

    def _in_file(self, document: ReadDocument, page: ReadPage) -> Page | None:
        if document.page_count == 1:
            return read_page(self.path)
        pages = read_pages(self.path)
        if len(pages) == 1:
            raise InputError(
                f"{self.path} has the text of one page, and {document.source or document.name} has"
                f" {document.page_count}; give a folder, or a text with a form feed after each page"
            )
        return pages[page.number - 1] if page.number <= len(pages) else None

    def _files(self, folder: Path) -> dict[str, Path]:
        if folder not in self._folders:
            self._folders[folder] = files_by_page(folder)
        return self._folders[folder]


@dataclass(frozen=True)
class ComparedPage:
    """The errors of a page.

    Attributes:
        number: its number in the document.
        ordered: see `ocrd_rapid.evaluation.page_errors.PageResult`.
        order_free: see there.
    """

    number: int
    ordered: Comparison
    order_free: Comparison


@dataclass(frozen=True)
class ComparedDocument:
    """The errors of a document.

    Attributes:
        name: its name.
        pages: its pages with a reference.
        without_reference: the numbers of the others, which are not counted.
    """

    name: str
    pages: Sequence[ComparedPage]
    without_reference: Sequence[int]

    @cached_property
    def ordered(self) -> Comparison:
        """The errors of all pages together, in the order of the text."""
        return Comparison.total(page.ordered for page in self.pages)

    @cached_property
    def order_free(self) -> Comparison:
        """The errors of all pages together, line by line."""
        return Comparison.total(page.order_free for page in self.pages)


def compare_pages(
    document: ReadDocument, pages: Iterable[ReadPage], references: References
) -> ComparedDocument:
    """Return the errors of a document, as ``ocrd-rapid evaluate`` counts them by default.

    Args:
        document: the document.
        pages: its pages, read one after the other; of a page that failed, one without text.
        references: the ground truth.

    Raises:
        InputError: a reference cannot be read.
    """
    found, without = [], []
    for page in pages:
        reference = references.of_page(document, page)
        if reference is None:
            without.append(page.number)
        else:
            result = evaluate_page(str(page.number), reference, page_of(page), _RULES)
            found.append(ComparedPage(page.number, result.ordered, result.order_free))
    return ComparedDocument(document.name, found, without)


def page_differences(
    document: ReadDocument, references: References, page: ReadPage
) -> Differences | None:
    """Return the differences of a page from its reference, for `ExportOptions.differences`.

    Raises:
        InputError: the reference cannot be read.
    """
    reference = references.of_page(document, page)
    if reference is None:
        return None
    expected, text = (_joined(side) for side in (reference, page_of(page)))
    result = compare_normalized(expected, text)
    stretches = (
        Stretch("".join(piece.reference), "".join(piece.text)) for piece in align(expected, text)
    )
    return Differences(tuple(stretches), f"Against the reference: {_rates(result)}")


def _joined(page: Page) -> str:
    """Return the text of a page as `compare_pages` compares it in order."""
    lines = (_RULES.apply(line.text) for line in page.lines)
    return " ".join(line for line in lines if line)


def _rates(result: Comparison) -> str:
    return f"CER {percent(result.character_error_rate)}, WER {percent(result.word_error_rate)}"


def summary(documents: Sequence[ComparedDocument], references: References) -> str:
    """Return the errors of all documents in one line."""
    pages = sum(len(document.pages) for document in documents)
    without = sum(len(document.without_reference) for document in documents)
    result = Comparison.total(document.ordered for document in documents)
    counted = f"{pages} page{'' if pages == 1 else 's'}"
    missing = f", {without} without reference not counted" if without else ""
    return f"{_rates(result)} against {references.path} ({counted}{missing})"


def as_data(documents: Sequence[ComparedDocument], references: References) -> dict[str, Any]:
    """Return the errors of documents as plain data for JSON, with the names of ``evaluate``."""
    return {
        "reference": str(references.path),
        "ordered": figures(Comparison.total(document.ordered for document in documents)),
        "order_free": figures(Comparison.total(document.order_free for document in documents)),
        "documents": [
            {
                "document": document.name,
                "ordered": figures(document.ordered),
                "order_free": figures(document.order_free),
                "pages": [
                    {
                        "page": page.number,
                        "ordered": figures(page.ordered),
                        "order_free": figures(page.order_free),
                    }
                    for page in document.pages
                ],
                "without_reference": list(document.without_reference),
            }
            for document in documents
        ],
    }
