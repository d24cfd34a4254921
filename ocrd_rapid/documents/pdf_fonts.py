# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fonts of a PDF page whose codes have no known meaning.

Their text looks right and copies as nonsense: a subset of a font numbers its glyphs anew, and only
a map or an encoding says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

#: Levels of form XObjects that are looked into.
_DEEPEST = 8

#: Flag of a font with signs of its own in place of the letters of Latin script.
_SYMBOLIC = 4

_SUBSET = re.compile(r"^[A-Z]{6}\+")


def unmapped_fonts(page: Any) -> set[str]:
    """Return the names of the fonts of a page that no map, encoding or collection explains.

    Of subsets of one font, all must be so.

    Args:
        page: the page, of pikepdf.

    Returns:
        See `plain_name`.
    """
    mapped: set[str] = set()
    unmapped: set[str] = set()
    for font in _fonts(page.get("/Resources"), 0):
        name = plain_name(str(font.get("/BaseFont", "")).removeprefix("/"))
        (unmapped if _is_unmapped(font) else mapped).add(name)
    return unmapped - mapped


def plain_name(name: str) -> str:
    """Return the name of a font without the mark of a subset: pdfium leaves it out at times."""
    return _SUBSET.sub("", name)


def _fonts(resources: Any, depth: int) -> Iterator[Any]:
    yield from _entries(resources, "/Font")
    if depth < _DEEPEST:
        for item in _entries(resources, "/XObject"):
            if item.get("/Subtype") == "/Form":
                yield from _fonts(item.get("/Resources"), depth + 1)


def _entries(resources: Any, key: str) -> list[Any]:
    """Return the values of a dictionary in resources that are dictionaries; damage is none."""
    try:
        return [value for value in resources.get(key, {}).values() if hasattr(value, "get")]
    except (AttributeError, TypeError, ValueError):
        return []


def _is_unmapped(font: Any) -> bool:
    if font.get("/ToUnicode") is not None:
        return False
    if font.get("/Subtype") == "/TrueType":
        return font.get("/Encoding") is None and _is_symbolic(font.get("/FontDescriptor"))
    if font.get("/Subtype") == "/Type0":
        identity = str(font.get("/Encoding")) in ("/Identity-H", "/Identity-V")
        return identity and _collection(font) == "Identity"
    return False


def _is_symbolic(descriptor: Any) -> bool:
    try:
        return bool(int(descriptor.get("/Flags", 0)) & _SYMBOLIC)
    except (AttributeError, TypeError, ValueError):
        return False


def _collection(font: Any) -> str:
    """Return the collection of characters that a composite font numbers."""
    try:
        return str(font["/DescendantFonts"][0]["/CIDSystemInfo"]["/Ordering"])
    except (KeyError, IndexError, TypeError, ValueError):
        return "Identity"
