# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the probabilities of a network to confidences: expected shares of what is right.

A network is too sure of its classes, and a probability says nothing of characters that it skipped.
Both are mended by logistic models of a few weights for each head, fitted to lines with known text
(Platt, "Probabilistic Outputs for Support Vector Machines", 1999; temperature scaling, Guo et al.,
ICML 2017, is the case of the first weight alone). They look at the character, at the rest of its
line, and at the blanks before it.

Only what is reported is calibrated. What is decided inside (the choice of heads, doubtful lines)
goes by the probabilities of the network, as do the scores of `ocrd_rapid.rapidocr`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float64]

#: Probabilities nearer to 0 or 1 are rounding errors of 32 bits.
_LEAST = 1e-6

#: Errors in a word come together: its characters are right together more often than if each of them
#: were right independently, as if it had only this share of them. ``training/calibration.py`` finds
#: 0.76 for roman type and typescript, 0.90 for black letter.
BOND = 0.8


@dataclass(frozen=True)
class Calibration:
    """The weights of the two logistic models of a head; by default they change nothing.

    Attributes:
        own: weight of the log-odds of a character's own probability.
        line: weight of the logarithm of the mean surprise (negative logarithm of the probability)
            of the other characters of the line.
        constant: added to both.
        skipped: weight of the log-odds that the columns before a character hold another one.
        skipped_constant: added to that.
    """

    own: float = 1.0
    line: float = 0.0
    constant: float = 0.0
    skipped: float = 1.0
    skipped_constant: float = 0.0

    def right(self, probabilities: Shares) -> Shares:
        """Return the probabilities that the characters of a line are right.

        Args:
            probabilities: what the network says, shape (N,), 0 to 1.
        """
        if self == Calibration():
            return probabilities
        own = log_odds(probabilities)
        rest = surprise_of_others(probabilities)
        return expit(self.own * own + self.line * rest + self.constant)

    def missing(self, probabilities: Shares) -> Shares:
        """Return the probabilities that a character is missing before those of a line.

        Args:
            probabilities: what the network says, shape (N,), 0 to 1.
        """
        if self == Calibration():
            return probabilities
        return expit(self.skipped * log_odds(probabilities) + self.skipped_constant)

    def as_dict(self) -> dict[str, float]:
        """Return the weights as plain values, as the header of a head has them."""
        return asdict(self)


def parse_calibration(value: Any) -> Calibration:
    """Return the calibration of a header; weights that it lacks are those of the default.

    Raises:
        ValueError: it is not a mapping of known names to finite numbers.
    """
    if not isinstance(value, Mapping) or not set(value) <= set(Calibration().as_dict()):
        raise ValueError(f"not the weights of a calibration: {value!r}")
    numbers = {str(name): _number(weight) for name, weight in value.items()}
    return Calibration(**numbers)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"not a finite number: {value!r}")
    return float(value)


def log_odds(probabilities: Shares) -> Shares:
    """Return the logarithms of the odds of probabilities, which are cut to what 32 bits tell."""
    cut = np.clip(probabilities, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(cut / (1 - cut)))


def surprise_of_others(probabilities: Shares) -> Shares:
    """Return for every character the logarithm of the mean surprise of the others of its line.

    Args:
        probabilities: shape (N,), 0 to 1.
    """
    surprise = -np.log(np.clip(probabilities, _LEAST, 1))
    mean = (surprise.sum() - surprise) / max(1, len(surprise) - 1)
    return np.asarray(np.log(np.maximum(mean, 0) + 1e-4))


def expit(values: Shares) -> Shares:
    """Return the logistic function of values."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def share_right(confidences: Sequence[float], missing: Sequence[float]) -> float:
    """Return the confidence of a line: the expected share of its characters that are right.

    Args:
        confidences: those of its characters.
        missing: for each, the probability that one is missing before it.

    Returns:
        0 to 1: one less the expected number of wrong and missing characters, divided by the number
        of characters with those missing; 0 without characters.
    """
    if not confidences:
        return 0.0
    lost = sum(missing)
    return max(0.0, sum(confidences) / (len(confidences) + lost))


def word_right(confidences: Sequence[float], missing: Sequence[float]) -> float:
    """Return the confidence of a word: the probability that all of it is right.

    Args:
        confidences: those of its characters, and of the spaces beside it.
        missing: for each of its characters, the probability that one is missing before it.
    """
    kept = math.prod(confidences) * math.prod(1 - value for value in missing)
    return float(kept**BOND)
