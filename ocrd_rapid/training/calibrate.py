# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fit the calibration of a head to lines with known text.

Every character that is read is right or wrong in the alignment with the true text (minimum edit
distance), and before every character something is missing or not. Two logistic regressions
explain that by the probabilities of the network. Weights are drawn to those of a start, so that few
lines change little (maximum a posteriori with a normal prior; Newton's method).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..evaluation.normalization import Normalization
from ..inference.model import FloatArray
from ..inference.output_layers import apply_layer
from ..ocr.recognition.calibration import (
    Calibration,
    Shares,
    expit,
    log_odds,
    surprise_of_others,
)
from ..ocr.recognition.ctc_decoding import RecognizedLine, decode
from ..ocr.recognition.head_files import Head
from .samples import TrainingLine

#: Transcriptions differ in what folding equates; a convention is no error.
_RULES = Normalization(fold=True)

#: Standard deviation of the weights around those of the start.
_SPREAD = 1.0

_LETTERS_OF_HANGUL, _SYLLABLE = re.compile("[\u1100-\u11ff]"), re.compile("[\uac00-\ud7a3]")

#: A smaller change of the weights is none.
_NOTHING = 1e-6

#: Fewer wrong characters than this say nothing of the weights.
LEAST_ERRORS = 20


@dataclass(frozen=True)
class Judged:
    """A line that was read, and what of it is right.

    Attributes:
        line: what was read; its confidences are the probabilities of the network.
        right: whether each character is right, shape (N,); NaN for one that counts for nothing.
        missing: number of characters that are missing before each, shape (N,).
        length: number of characters of the true text.
        edits: the edit distance from it.
    """

    line: RecognizedLine
    right: Shares
    missing: NDArray[np.int64]
    length: int
    edits: int


def judge(line: RecognizedLine, truth: str) -> Judged:
    """Compare a line with its true text; what follows its last character is not counted."""
    from rapidfuzz.distance import Levenshtein

    signs, owners = _folded([character.text for character in line.characters])
    expected = _RULES.apply(truth)
    # A head that reads Hangul by its letters is right or wrong in each of them.
    if _LETTERS_OF_HANGUL.search("".join(signs)):
        expected = _SYLLABLE.sub(lambda found: unicodedata.normalize("NFD", found[0]), expected)
    right = np.full(len(line.characters), np.nan)
    right[owners] = 1.0
    missing = np.zeros(len(line.characters), dtype=np.int64)
    codes = Levenshtein.opcodes(expected, signs)
    for code in codes:
        if code.tag in ("replace", "insert"):
            right[owners[code.dest_start : code.dest_end]] = 0.0
        elif code.tag == "delete" and code.dest_start < len(owners):
            missing[owners[code.dest_start]] += code.src_end - code.src_start
    edits = Levenshtein.distance(expected, signs)
    return Judged(line, right, missing, len(expected), int(edits))


def _folded(texts: Sequence[str]) -> tuple[str, list[int]]:
    """Return the text for comparison, and for each of its code points the character it is of."""
    signs: list[str] = []
    owners: list[int] = []
    for number, text in enumerate(texts):
        folded = _RULES.apply(text)
        if text.isspace() and signs and signs[-1] != " ":
            folded = " "
        signs += folded
        owners += [number] * len(folded)
    while signs and signs[-1] == " ":
        signs.pop()
        owners.pop()
    return "".join(signs), owners


def judge_lines(lines: Iterable[TrainingLine], head: Head) -> list[Judged]:
    """Return lines as a head reads them, compared with their texts."""
    return [judge(decode(probabilities(line, head), head.characters), line.text) for line in lines]


def probabilities(line: TrainingLine, head: Head) -> FloatArray:
    """Return the distributions over the characters of a head along a line, (T, classes)."""
    scores = apply_layer(head.layer, line.features.astype(np.float32))
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def fit_calibration(lines: Sequence[Judged], start: Calibration) -> Calibration:
    """Return the calibration that explains best which characters are right.

    Args:
        lines: lines as the head reads them.
        start: what the weights are drawn to; returned if fewer than `LEAST_ERRORS` are wrong.
    """
    read = [line for line in lines if line.line.characters]
    right = np.concatenate([line.right for line in read]) if read else np.zeros(0)
    known = ~np.isnan(right)
    if np.sum(right[known] == 0) < LEAST_ERRORS:
        return start
    best = [np.array([c.confidence for c in line.line.characters]) for line in read]
    own = np.concatenate([log_odds(values) for values in best])
    rest = np.concatenate([surprise_of_others(values) for values in best])
    skipped = np.concatenate(
        [log_odds(np.array([c.missing for c in line.line.characters])) for line in read]
    )
    missing = np.concatenate([line.missing for line in read]) > 0
    ones = np.ones(len(right))
    character = _regression(
        np.stack([own, rest, ones], axis=1)[known],
        right[known],
        np.array([start.own, start.line, start.constant]),
    )
    gap = _regression(
        np.stack([skipped, ones], axis=1),
        missing.astype(np.float64),
        np.array([start.skipped, start.skipped_constant]),
    )
    weights = [round(float(weight), 4) for weight in (*character, *gap)]
    return Calibration(*weights)


def _regression(values: Shares, truth: Shares, start: Shares) -> Shares:
    """Return the weights of a logistic regression.

    Args:
        values: shape (N, weights).
        truth: shape (N,), 0 or 1.
        start: shape (weights,), the mean of the prior.
    """
    pull = np.eye(len(start)) / _SPREAD**2

    def loss(weights: Shares) -> float:
        margins = np.where(truth > 0, 1, -1) * (values @ weights)
        away = weights - start
        return float(np.logaddexp(0, -margins).sum() + away @ pull @ away / 2)

    weights = start.copy()
    for _ in range(50):
        expected = expit(values @ weights)
        slope = values.T @ (truth - expected) - pull @ (weights - start)
        curvature = (values * (expected * (1 - expected))[:, None]).T @ values + pull
        step = np.linalg.solve(curvature, slope)
        # Far from the end, a whole step may lead away from it.
        while np.abs(step).max() > _NOTHING and loss(weights + step) > loss(weights):
            step /= 2
        weights = weights + step
        if np.abs(step).max() <= _NOTHING:
            break
    return weights
