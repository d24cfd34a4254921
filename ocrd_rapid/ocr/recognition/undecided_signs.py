# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Signs that look like others, so that only their neighbours tell what they are.

Single guillemets have the shape of the signs for less and greater, and nearly that of brackets. As
quotation marks, they touch a word on one side.

Letters of some scripts have the shape of Latin ones, and the head of such a script takes them for
signs that are not its own (`head_files.OTHER`): a Greek "ς" may be an "s". In a word of letters
that are surely its own, they are its own, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from ...inference.model import FloatArray
from .head_files import OTHER

GUILLEMETS = frozenset("‹›")

#: Greek and Cyrillic letters, without marks, that Latin ones look like, upright or in italics.
_LIKE_LATIN = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχωАВЕЅІЈКМНОРСТУХѴԚԜабвгезіијкмнопрстухѕѵԛԝ")


def undecided_signs(characters: Sequence[str]) -> frozenset[str]:
    """Return the signs of a head that its columns alone do not decide.

    Args:
        characters: the character of every class.
    """
    if OTHER in characters and "A" not in characters and any(c.isupper() for c in characters):
        return GUILLEMETS | {OTHER}
    return GUILLEMETS


def wrong_signs(texts: Sequence[str], undecided: Sequence[int]) -> Iterator[int]:
    """Yield the undecided signs of a line that are something else, by their neighbours.

    Args:
        texts: all characters of the line, in order.
        undecided: the indices of the undecided signs.
    """
    for index in undecided:
        if texts[index] == OTHER:
            if _is_in_own_word(texts, index):
                yield index
            continue
        around = [
            texts[place] if 0 <= place < len(texts) else " " for place in (index - 1, index + 1)
        ]
        alone = not any(text.strip() for text in around)
        if alone or all(text.isalnum() for text in around):
            yield index


def _is_in_own_word(texts: Sequence[str], index: int) -> bool:
    """Return whether at least half of the signs of a word that tell scripts are the head's own."""
    begin, end = index, index + 1
    while begin > 0 and _belongs_to_word(texts[begin - 1]):
        begin -= 1
    while end < len(texts) and _belongs_to_word(texts[end]):
        end += 1
    others = texts[begin:end].count(OTHER)
    own = [t for t in texts[begin:end] if t != OTHER and normalize("NFD", t)[0] not in _LIKE_LATIN]
    return len(own) >= others


def _belongs_to_word(text: str) -> bool:
    return text == OTHER or text.isalpha()


def read_without(
    rows: FloatArray, characters: Sequence[str], sign: str
) -> list[tuple[int, str, float]]:
    """Return what the columns of an undecided sign are if it is not that sign.

    Args:
        rows: its columns, shape (T, classes), T >= 1.
        characters: the character of every class; class 0 is the blank.
        sign: the sign.

    Returns:
        The column, the character and its probability among all that is left, for every character;
        a guillemet is one. Empty if nothing else is possible.
    """
    left_out = GUILLEMETS if sign in GUILLEMETS else {sign}
    rest = (rows[:1] if sign in GUILLEMETS else rows).copy()
    rest[:, [index for index, text in enumerate(characters) if text in left_out]] = 0
    whole = rest.sum(axis=1)
    spaces = [index for index, text in enumerate(characters) if index and not text.strip()]
    rest[:, spaces] = 0
    best: NDArray[np.intp] = rest.argmax(axis=1)
    previous = np.concatenate(([0], best[:-1]))
    columns = np.flatnonzero((best != 0) & (best != previous))
    if not len(columns):
        rest[:, 0] = 0
        columns = np.array([rest.max(axis=1).argmax()])
        best = rest.argmax(axis=1)
    found = [(int(c), int(best[c]), float(rest[c, best[c]])) for c in columns]
    return [(c, characters[i], value / float(whole[c])) for c, i, value in found if value > 0]
