# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The table of contents of a work, from the logical structure of its METS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..ocr.page_model import OutlineEntry
from ..workspace.contents import LogicalDivision, Structure


def title_of(structure: Structure) -> str:
    """Return the title of a work, by its description or its top logical division; may be empty."""
    labels = (division.label for division in structure.divisions[:1])
    return " ".join((structure.title or next(labels, "")).split())


def outline_of(structure: Structure, numbers: Mapping[str, int]) -> tuple[OutlineEntry, ...]:
    """Return the table of contents of the pages of a work.

    A division leads to the first of its pages and of those of the divisions inside it. The top
    division is the work itself, and left out. A division without a label goes by its type.

    Args:
        structure: the structure of the work.
        numbers: the numbers of the pages in the document, by ID. Divisions without any of these
            pages are left out.
    """
    divisions = structure.divisions
    tops = sum(division.level == 1 for division in divisions)
    entries: list[OutlineEntry] = []
    above: list[int] = []  # the levels of the divisions around the next one
    for index, division in enumerate(divisions):
        if division.level == 1 and tops == 1:
            continue
        found = [
            numbers[page]
            for part in _with_parts(divisions, index)
            for page in part.pages
            if page in numbers
        ]
        title = " ".join((division.label or division.type.replace("_", " ")).split())
        if not found or not title:
            continue
        while above and above[-1] >= division.level:
            above.pop()
        above.append(division.level)
        entries.append(OutlineEntry(title, min(found), len(above)))
    return tuple(entries)


def _with_parts(divisions: Sequence[LogicalDivision], index: int) -> list[LogicalDivision]:
    """Return a division and those inside it."""
    own = divisions[index]
    parts = [own]
    for division in divisions[index + 1 :]:
        if division.level <= own.level:
            break
        parts.append(division)
    return parts
