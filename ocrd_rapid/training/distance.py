"""How many characters of a text are wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def edit_distance(read: Sequence[str], truth: Sequence[str]) -> int:
    """Return how many insertions, deletions and substitutions turn one text into the other.

    Algorithm: Wagner and Fischer, "The String-to-String Correction Problem", JACM 1974, a row at
    a time: what comes from the left is a running minimum once the slope is taken away.
    """
    if not len(read) or not len(truth):
        return max(len(read), len(truth))
    slope = np.arange(len(truth) + 1)
    letters = {letter: i for i, letter in enumerate(dict.fromkeys(truth))}
    wanted = np.array([letters[letter] for letter in truth])
    row = slope.copy()
    for number, letter in enumerate(read, start=1):
        changed = row[:-1] + (wanted != letters.get(letter, -1))
        row[1:] = np.minimum(changed, row[1:] + 1)
        row[0] = number
        row = np.minimum.accumulate(row - slope) + slope
    return int(row[-1])
