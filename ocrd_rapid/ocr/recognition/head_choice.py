# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Choose the head that reads a line best, by the evidence of the line and its neighbours.

The lines of a page, in reading order, are a hidden Markov chain: the state is the head that fits
the typeface of a line, a line is probably printed in the typeface of the line before, and the
readings of all heads are the evidence. Forward-backward algorithm: Rabiner, "A Tutorial on Hidden
Markov Models and Selected Applications in Speech Recognition", Proceedings of the IEEE 77 (1989).

A head that was not made for a typeface reads it with less confidence. A single line may mislead: a
head of 500 characters is more confident than one of 18 000, and a short line tells little.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: Probability that a line is in another typeface than the line before: within a region, and at the
#: beginning of a region (as with headings, notes and quotations).
SWITCH_IN_REGION = 0.2
SWITCH_BETWEEN_REGIONS = 0.3

#: Weight of one character's probability: characters are not independent of each other, and networks
#: are overconfident. The error is the same from 0.2 to 1 (docs/quality.md).
CHARACTER_WEIGHT = 0.5

#: Least advantage of a head over the first one, in log-probability per character: a head made for a
#: certain typeface, with few characters, is overconfident.
HANDICAP = 0.01

#: What a typical letter of a typeface costs a head that reads another one in its place, in
#: log-probability. The head for early prints reads a long s 15 times as often in early prints as in
#: roman type without any, which is log(15); but on the features of the smaller network it reads an
#: f of typescript as one more often, and from 1 to that, early prints are found as well.
TYPICAL_LETTER = 1.0

#: What a column with ink costs that is left unread, in log-probability. A letter is two or three
#: columns wide, so to leave it out costs as much as to read it with a probability of one half: less
#: than to guess it, and enough against heads that never saw such letters.
UNREAD_COLUMN = 0.3


@dataclass(frozen=True)
class Evidence:
    """The reading of a line by a head, in figures.

    Attributes:
        characters: number of characters in the reading.
        log_probability: mean of the natural logarithms of their probabilities; 0 without
            characters.
        unread: number of columns of the line with ink that the reading leaves unread, see
            `unread_ink`.
        lacking: number of typical letters of a typeface that another head reads in the line, and
            this one does not, see `lacking_letters`.
    """

    characters: int
    log_probability: float
    unread: float = 0.0
    lacking: int = 0


@dataclass(frozen=True)
class Choice:
    """The head that reads a line.

    Attributes:
        head: index of the head.
        probability: probability that it is the one that fits the line, 0 to 1.
    """

    head: int
    probability: float


def choose_heads(
    evidence: Sequence[Sequence[Evidence]],
    regions: Sequence[int] | None = None,
    frequencies: Sequence[float] = (),
) -> list[Choice]:
    """Choose a head for every line.

    Args:
        evidence: the evidence of every head for every line in reading order; the first head is the
            model's own, which is preferred in doubt.
        regions: the index of the region of every line; ``None`` if unknown.
        frequencies: how frequent the typefaces of the heads are, in proportion to each other; all
            are alike if none are given.

    Returns:
        The most probable head of every line, the first among equals.
    """
    if not evidence:
        return []
    scores = np.array([_scores(line) for line in evidence])
    known = regions if regions is not None else [0] * len(evidence)
    switches = [
        SWITCH_IN_REGION if one == next_one else SWITCH_BETWEEN_REGIONS
        for one, next_one in pairwise(known)
    ]
    frequent = np.array(frequencies or [1.0] * scores.shape[1])
    posterior = _posterior(scores, switches, frequent)
    best = posterior.argmax(axis=1)
    return [Choice(int(head), float(posterior[line, head])) for line, head in enumerate(best)]


def lacking_letters(texts: Sequence[str], typical: Sequence[str]) -> list[int]:
    """Return how many typical letters of typefaces each reading of a line lacks.

    The long s looks so much like an f that a head for roman type is as sure of "fa" as the head for
    early prints is of "ſa". But the latter reads no long s on a modern page. A head that writes s
    for the long one, as its transcripts do, has read the letter.

    Args:
        texts: the readings of all heads.
        typical: the typical letters of their typefaces, see `LineHead`; empty for none.
    """
    lacking = [0] * len(texts)
    for letters, witness in zip(typical, texts, strict=True):
        if letters:
            every = letters + unicodedata.normalize("NFKC", letters)
            printed, present = _count(witness, letters), _count(witness, every)
            lacking = [
                max(most, min(printed, present - _count(text, every)))
                for most, text in zip(lacking, texts, strict=True)
            ]
    return lacking


def _count(text: str, letters: str) -> int:
    return sum(sign in letters for sign in text)


def _scores(line: Sequence[Evidence]) -> list[float]:
    """Return a log-likelihood for every head.

    All are for the same number of characters, so that no head gains by leaving some out.
    """
    count = max(evidence.characters for evidence in line)
    return [
        CHARACTER_WEIGHT
        * (
            count * (evidence.log_probability - (HANDICAP if index else 0))
            - UNREAD_COLUMN * evidence.unread
            - TYPICAL_LETTER * evidence.lacking
        )
        for index, evidence in enumerate(line)
    ]


def _posterior(
    scores: NDArray[np.float64], switches: Sequence[float], frequencies: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the probability of every state of a hidden Markov chain.

    Args:
        scores: shape (lines, heads), log-likelihoods.
        switches: probability that the state changes before every line but the first.
        frequencies: shape (heads,), of the states.
    """
    lines = len(scores)
    likelihoods = np.exp(scores - scores.max(axis=1, keepdims=True))
    # From each state (row) to another one: to frequent ones more often.
    others = np.where(np.eye(len(frequencies), dtype=bool), 0.0, frequencies)
    others /= np.maximum(others.sum(axis=1, keepdims=True), 1e-9)
    steps = [(1 - s) * np.eye(len(frequencies)) + s * others for s in switches]
    forward, backward = np.empty_like(likelihoods), np.ones_like(likelihoods)
    forward[0] = likelihoods[0] * frequencies
    forward[0] /= forward[0].sum()
    for line in range(1, lines):
        forward[line] = likelihoods[line] * (forward[line - 1] @ steps[line - 1])
        forward[line] /= forward[line].sum()
    for line in range(lines - 2, -1, -1):
        backward[line] = steps[line] @ (likelihoods[line + 1] * backward[line + 1])
        backward[line] /= backward[line].sum()
    posterior = forward * backward
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))
