# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whether text runs from right to left, by the direction of its letters in Unicode (UAX 9)."""

from __future__ import annotations

import re
import unicodedata

_RIGHT_TO_LEFT = ("R", "AL")
_STRONG = ("L", *_RIGHT_TO_LEFT)
#: Invisible characters that direct others: marks, embeddings, overrides, isolates.
_DIRECTING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def begins_right(text: str) -> bool:
    """Return whether a text runs from right to left: by its first letter with a direction."""
    kinds = map(unicodedata.bidirectional, text)
    return next((kind in _RIGHT_TO_LEFT for kind in kinds if kind in _STRONG), False)


def is_right_to_left(text: str, before: bool = False) -> bool:
    """Return whether most letters of a text are of scripts that run from right to left.

    Args:
        text: any text.
        before: whether the text before it does so, for texts without letters.
    """
    kinds = [unicodedata.bidirectional(character) for character in text]
    left, right = kinds.count("L"), sum(map(kinds.count, _RIGHT_TO_LEFT))
    return right > left if left or right else before


def has_right_to_left(text: str) -> bool:
    """Return whether a text has letters of a script that runs from right to left."""
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text
    )


def without_directions(text: str) -> str:
    """Return a text without the invisible characters that direct others."""
    return _DIRECTING.sub("", text)
