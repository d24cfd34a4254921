# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How well the scripts of columns, words and lines are told, and what probabilities are worth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from script_samples import CLASSES, NO_LETTER, Line

from ocrd_rapid.inference.output_layers import TrainedLayer, apply_layer

Array = NDArray[np.float64]
#: Least probability of a script in a column, when those of a word are multiplied.
LEAST = 0.01
#: Weights of a column that are tried.
_WEIGHTS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0)
_TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0)

Table = Mapping[str, Counter[str]]


def softmax(scores: NDArray[np.floating]) -> Array:
    """Return distributions of scores, over the last axis."""
    chances = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=-1, keepdims=True))


def scores_of(layer: TrainedLayer, line: Line) -> NDArray[np.float32]:
    """Return the scores of the columns of a line, shape (T, classes)."""
    return apply_layer(layer, line.features.astype(np.float32))


def word_scores(chances: Array) -> Array:
    """Return the logarithms of how well every script fits, of all columns together.

    Args:
        chances: distributions of the columns over all classes, shape (T, classes).

    Returns:
        Shape (classes - 1,): without `NO_LETTER`.
    """
    letters = np.maximum(chances[:, 1:].sum(axis=1, keepdims=True), LEAST)
    return np.asarray(np.log(np.maximum(chances[:, 1:] / letters, LEAST)).sum(axis=0))


def words_of(line: Line) -> Iterator[tuple[int, int, int]]:
    """Yield the runs of columns that are of one script for sure: first, behind the last, class."""
    sure = line.sure
    edges = np.flatnonzero(np.diff(sure, prepend=-2, append=-2))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if sure[begin] > 0:
            yield begin, end, int(sure[begin])


def best_temperature(layer: TrainedLayer, lines: Sequence[Line]) -> float:
    """Return the temperature with the least cross-entropy of columns, classes counting the same."""
    scores = np.concatenate([scores_of(layer, line) for line in lines])
    sure = np.concatenate([line.sure for line in lines])
    scores, sure = scores[sure >= 0], sure[sure >= 0]
    weights = 1 / np.bincount(sure, minlength=len(CLASSES)).clip(1)[sure]

    def loss(temperature: float) -> float:
        chances = softmax(scores / temperature)[np.arange(len(sure)), sure]
        return float(-(weights * np.log(chances.clip(1e-12))).sum())

    return min(_TEMPERATURES, key=loss)


def best_weight(layer: TrainedLayer, lines: Sequence[Line]) -> float:
    """Return the weight of a column with the least cross-entropy of words, over scripts.

    All scripts count the same.
    """
    found: list[tuple[Array, int]] = []
    for line in lines:
        chances = softmax(scores_of(layer, line))
        for begin, end, number in words_of(line):
            found.append((word_scores(chances[begin:end]), number - 1))
    counts = Counter(number for _, number in found)

    def loss(weight: float) -> float:
        return -sum(
            np.log(softmax(weight * scores)[number].clip(1e-12)) / counts[number]
            for scores, number in found
        )

    return min(_WEIGHTS, key=loss)


def confusions(layer: TrainedLayer, lines: Sequence[Line], weight: float) -> dict[str, Table]:
    """Return what columns, words and lines of a script are told to be, all scripts as likely.

    Args:
        layer: that tells.
        lines: to judge by.
        weight: of a column.

    Returns:
        For ``columns``, ``words`` and ``lines``, and lines of each kind: the classes that were
        told, counted, by the right ones.
    """
    columns: dict[str, Counter[str]] = defaultdict(Counter)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    whole: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        chances = softmax(scores_of(layer, line))
        sure = line.sure
        for right, told in zip(sure, chances.argmax(axis=1), strict=True):
            if right >= 0:
                columns[CLASSES[right]][CLASSES[told]] += 1
        for begin, end, number in words_of(line):
            words[CLASSES[number]][_told(chances[begin:end], weight)] += 1
        scripts = Counter(sure[sure > 0].tolist())
        right = CLASSES[scripts.most_common(1)[0][0]] if scripts else f"({line.design})"
        whole[right][_told(chances, weight)] += 1
    return {"columns": columns, "words": words, "lines": whole}


def _told(chances: Array, weight: float) -> str:
    """Return the script of columns; `NO_LETTER` if hardly one is of a letter."""
    inked = chances[:, 0] < 0.5
    if inked.sum() < 0.2 * min(len(chances), 10):
        return NO_LETTER
    return CLASSES[1 + int((weight * word_scores(chances[inked])).argmax())]


def right_share(table: Table) -> dict[str, float]:
    """Return the share that is right for every row of a table, in per cent."""
    return {
        row: round(100 * table[row][row] / table[row].total(), 1)
        for row in sorted(table)
        if table[row].total()
    }


def as_rows(table: Table) -> Iterator[str]:
    """Yield a table as text, a row per class: number, share that is right, what others are told."""
    for row, counts in sorted(table.items()):
        wrong = ", ".join(
            f"{told or '–'} {count}" for told, count in counts.most_common(6) if told != row
        )
        share = 100 * counts[row] / counts.total()
        yield f"{row or '–'} | {counts.total()} | {share:.1f} | {wrong}"
