# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How wide characters usually are, for text of which only the whole extent is known."""

from __future__ import annotations

import unicodedata

#: Widths in thousandths of the size of the type.
NARROW, NORMAL, CAPITAL, WIDE, FULL = 280, 520, 660, 840, 1000

_NARROW = frozenset("iıjlftrI1ſ.,:;!|'’‘‚·`´()[]/\\-¬⸗íìîïĺļł יוןזן")
_WIDE = frozenset("mwMWÆŒæœ—…%@&ꝏ")


def width_of(character: str) -> int:
    """Return the usual width of a character in thousandths of the size; 0 if it is combining."""
    if character in _NARROW:
        return NARROW
    if character in _WIDE:
        return WIDE
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return FULL
    return CAPITAL if kind in ("Lu", "Lt") else NORMAL


def width_of_text(text: str) -> int:
    """Return the usual width of a text in thousandths of the size."""
    return sum(map(width_of, text))
