# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Bookmarks and page labels of a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ...ocr.page_model import OutlineEntry

if TYPE_CHECKING:
    import pikepdf

#: Mean number of headings on a page, among those that have some, from which the bookmarks are
#: those of a newspaper: one for each page, with its headings below.
_NEWSPAPER = 3.0

#: Number of characters that a bookmark has at most.
_LONGEST = 120

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_ROMAN_NUMBER = re.compile(r"[ivxlcdm]+|[IVXLCDM]+")
_LARGEST_ROMAN = 1000


def outline_of_headings(
    pages: Sequence[tuple[int, str, Sequence[tuple[int, str]]]],
) -> list[OutlineEntry]:
    """Return a table of contents made of the headings of pages.

    It is empty if no page has more than one heading, and every page has one: these are running
    heads, or titles of single pages.

    Args:
        pages: of each page its number, its label, and its headings: their levels and texts.
    """
    headed = [page for page in pages if page[2]]
    found = sum(len(headings) for _, _, headings in headed)
    if not headed or (len(headed) == len(pages) and found == len(pages)):
        return []
    if len(pages) > 1 and found >= _NEWSPAPER * len(headed):
        return list(_by_page(headed))
    entries: list[OutlineEntry] = []
    for page_number, _, headings in headed:
        for level, text in headings:
            deepest = entries[-1].level + 1 if entries else 1
            entries.append(OutlineEntry(_short(text), page_number, min(level, deepest)))
    return entries


def _by_page(
    pages: Sequence[tuple[int, str, Sequence[tuple[int, str]]]],
) -> Iterator[OutlineEntry]:
    for page_number, label, headings in pages:
        yield OutlineEntry(label or str(page_number), page_number)
        for _, text in headings:
            yield OutlineEntry(_short(text), page_number, 2)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def add_outline(pdf: pikepdf.Pdf, entries: Sequence[OutlineEntry], indices: dict[int, int]) -> None:
    """Add bookmarks to a document.

    Args:
        pdf: the document.
        entries: the table of contents; entries for pages that are not there are left out.
        indices: the indices of the pages in the document, by their numbers.
    """
    from pikepdf import OutlineItem

    with pdf.open_outline() as outline:
        path: list[Any] = []
        for entry in entries:
            if entry.page_number not in indices:
                continue
            item = OutlineItem(entry.title, indices[entry.page_number])
            del path[entry.level - 1 :]
            (path[-1].children if path else outline.root).append(item)
            path.append(item)


def outline_of(pdf: pikepdf.Pdf) -> list[OutlineEntry]:
    """Return the bookmarks of a document that lead to one of its pages by its number."""
    pages = {page.obj.objgen: i for i, page in enumerate(pdf.pages)}
    entries: list[OutlineEntry] = []

    def collect(items: Sequence[Any], level: int) -> None:
        for item in items:
            target = _target(item)
            index = None if target is None else pages.get(target)
            if index is not None:
                deepest = entries[-1].level + 1 if entries else 1
                entries.append(OutlineEntry(item.title, index + 1, min(level, deepest)))
            collect(item.children, level + 1)

    with pdf.open_outline() as outline:
        collect(outline.root, 1)
    return entries


def _target(item: Any) -> tuple[int, int] | None:
    """Return the object number of the page that a bookmark leads to, if it says so itself."""
    from pikepdf import Array, Dictionary

    goal = item.destination
    if goal is None and item.action is not None:
        goal = item.action.get("/D")
    if isinstance(goal, Array) and len(goal) and isinstance(goal[0], Dictionary):
        number: tuple[int, int] = goal[0].objgen
        return number
    return None


def add_labels(pdf: pikepdf.Pdf, labels: Sequence[str]) -> None:
    """Add page labels to a document; pages without one get their number in the document.

    Args:
        pdf: the document.
        labels: a label for each page, such as ``IV`` or ``12r``; empty if a page has none.
    """
    from pikepdf import Array, Dictionary, Name, String

    def key(numbered: tuple[int, str]) -> object:
        """Labels of a range count up together."""
        index, label = numbered
        style, value = label_value(label or str(index + 1))
        return (style, value - index) if value is not None else label

    numbers: list[Any] = []
    for _, group in groupby(enumerate(labels), key):
        index, label = next(group)
        style, value = label_value(label or str(index + 1))
        if value is None:
            numbers += [index, Dictionary(P=String(label))]
        else:
            numbers += [index, Dictionary(S=Name(f"/{style}"), St=value)]
    pdf.Root.PageLabels = pdf.make_indirect(Dictionary(Nums=Array(numbers)))


def label_value(label: str) -> tuple[str, int | None]:
    """Return the numbering style of a label, and its value.

    Returns:
        ``D``, ``r`` or ``R``, and the number; an empty style and ``None`` for other labels.
    """
    if label.isascii() and label.isdecimal() and label[0] != "0":
        return "D", int(label)
    if _ROMAN_NUMBER.fullmatch(label):
        for value in range(1, _LARGEST_ROMAN):
            if _roman(value) == label.lower():
                return ("r" if label.islower() else "R"), value
    return "", None


def _roman(value: int) -> str:
    text = ""
    for size, digits in _ROMAN:
        text += digits * (value // size)
        value %= size
    return text
