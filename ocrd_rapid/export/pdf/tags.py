# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tags: the structure of a document, for those who listen to it, and its headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ...ocr.page_model import ReadPage, ReadRegion
from ..letter_sizes import body_height, heading_level

if TYPE_CHECKING:
    import pikepdf

#: Standard structure types for the types of regions; headings have a level, and all others are
#: paragraphs.
_KINDS = {
    "caption": "Caption",
    "footnote": "Note",
    "footnote-continued": "Note",
    "endnote": "Note",
}

#: An entry of the map of roles, by which a structure of ours is known; PDF/A allows no other mark.
_OURS = "/OcrdRapid"


@dataclass(frozen=True)
class Element:
    """A part of a page, as an element of the structure of a document.

    Attributes:
        kind: its standard structure type, such as ``P`` or ``Table``.
        mark: the number (MCID) of its marked content on the page; ``None`` if it has parts.
        parts: the elements that it is made of.
    """

    kind: str
    mark: int | None = None
    parts: tuple[Element, ...] = ()


def kinds_of(page: ReadPage) -> list[str]:
    """Return the structure types of the regions of a page, one for each."""
    headed = any(region.kind == "heading" for region in page.regions)
    body = body_height(page) if headed else None
    return [_kind(region, body) for region in page.regions]


def _kind(region: ReadRegion, body: float | None) -> str:
    if region.place is not None:
        return "TD"
    if region.kind == "heading":
        return f"H{heading_level(region, body)}"
    return _KINDS.get(region.kind or "", "P")


def structure(
    page: ReadPage, kinds: Sequence[str], marks: Mapping[int, int]
) -> tuple[Element, ...]:
    """Return the elements of a page in reading order; cells are within rows and tables.

    Args:
        page: the page.
        kinds: the structure types of its regions.
        marks: the numbers of the marked contents of its regions, by their indices.
    """

    def table(i: int) -> object:
        place = page.regions[i].place
        return i if place is None else place.table

    found = []
    for _, group in groupby(marks, table):
        indices = list(group)
        elements = [Element(kinds[i], marks[i]) for i in indices]
        if page.regions[indices[0]].place is None:
            found += elements
        else:
            found.append(Element("Table", parts=tuple(_rows(page, indices, elements))))
    return tuple(found)


def _rows(page: ReadPage, indices: Sequence[int], cells: Sequence[Element]) -> Iterator[Element]:
    """Yield the rows of a table; cells whose row is unknown are rows of their own."""

    def row(numbered: tuple[int, Element]) -> object:
        place = page.regions[numbered[0]].place
        return numbered[0] + 0.5 if place is None or place.row is None else place.row

    for _, group in groupby(zip(indices, cells, strict=True), row):
        yield Element("TR", parts=tuple(cell for _, cell in group))


def is_tagged(pdf: pikepdf.Pdf) -> bool:
    """Return whether a document has tags that are not ours."""
    root = pdf.Root.get("/StructTreeRoot")
    return root is not None and _OURS not in root.get("/RoleMap", {})


def pages_of_ours(pdf: pikepdf.Pdf) -> set[int]:
    """Return the indices of the pages that have tags of ours."""
    known = _earlier(pdf)
    return {i for i, page in enumerate(pdf.pages) if page.obj.objgen in known}


def add_structure(
    pdf: pikepdf.Pdf, pages: Sequence[tuple[pikepdf.Page, Sequence[Element]]]
) -> None:
    """Tag a document without tags, or with tags of ours.

    Args:
        pdf: the document.
        pages: the pages that have got text, in their order, with their elements. Of other pages,
            the tags of ours stay.
    """
    from pikepdf import Array, Dictionary, Name

    earlier = _earlier(pdf)
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    whole = pdf.make_indirect(Dictionary(S=Name.Document, P=root))
    new = {page.obj.objgen: elements for page, elements in pages}
    children: list[Any] = []
    numbers: list[Any] = []
    for page in pdf.pages:
        place = page.obj.objgen
        if place in new:
            marked: dict[int, Any] = {}
            children += [_made(pdf, e, whole, page.obj, marked) for e in new[place]]
            page.obj.StructParents = len(numbers) // 2
            parents = Array([marked[mark] for mark in sorted(marked)])
        elif place in earlier:
            elements, parents = earlier[place]
            for element in elements:
                element.P = whole
            children += elements
            page.obj.StructParents = len(numbers) // 2
        else:
            continue
        numbers += [len(numbers) // 2, pdf.make_indirect(parents)]
    whole.K = Array(children)
    root.K = whole
    root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(numbers)))
    root.ParentTreeNextKey = len(numbers) // 2
    root.RoleMap = Dictionary({_OURS: Name.Document})
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _made(
    pdf: pikepdf.Pdf,
    element: Element,
    parent: pikepdf.Object,
    page: pikepdf.Object,
    marked: dict[int, Any],
) -> pikepdf.Object:
    """Return an element as an object of a document, and enter its marks with their elements."""
    from pikepdf import Array, Dictionary, Name

    made = pdf.make_indirect(Dictionary(S=Name(f"/{element.kind}"), P=parent, Pg=page))
    if element.mark is None:
        made.K = Array([_made(pdf, part, made, page, marked) for part in element.parts])
    else:
        made.K = element.mark
        marked[element.mark] = made
    return made


def _earlier(pdf: pikepdf.Pdf) -> dict[tuple[int, int], tuple[list[Any], Any]]:
    """Return the elements, and the elements of the marks, of pages that have tags of ours."""
    root = pdf.Root.get("/StructTreeRoot")
    if root is None or _OURS not in root.get("/RoleMap", {}):
        return {}
    numbers = list(root.ParentTree.Nums)
    marks = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
    found: dict[tuple[int, int], tuple[list[Any], Any]] = {}
    by_page: dict[tuple[int, int], list[Any]] = {}
    for element in root.K.K:
        by_page.setdefault(element.Pg.objgen, []).append(element)
    for page in pdf.pages:
        key = page.obj.get("/StructParents")
        if key is not None and int(key) in marks:
            place = page.obj.objgen
            found[place] = by_page.get(place, []), marks[int(key)]
    return found
