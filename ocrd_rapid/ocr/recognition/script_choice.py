# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tell the scripts of the words of lines, by what a classifier says of every column.

The pieces of a line (words, or parts of words that look like one script each) are a hidden Markov
chain: the state is the script, which changes seldom between words and hardly ever within one. How
frequent a script is comes from the page and from the region, whose words are counted as the chain
judges them, again and again (expectation maximization: Dempster, Laird and Rubin, 1977). So a word
that may be of two scripts, as many words of a few letters may, is of the one around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...inference.model import FloatArray
from ...languages.scripts import LATIN

Array = NDArray[np.float64]

#: Probability, before anything is seen, that a word is of Latin script; other scripts share the
#: rest.
LATIN_SHARE = 0.9
#: Probability that a piece is drawn anew from the scripts of its region, and need not be of the
#: script before it: at a gap, and within a word.
NEW_WORD = 0.3
NEW_PART = 0.01
#: Weight of one column: neighbouring columns see the same letter.
COLUMN_WEIGHT = 0.4
#: Least probability of a script in a column: a letter or two prove little.
_LEAST = 0.01
#: Number of columns of text that weigh as much as what is known without them: about a page, and
#: about a region.
_PAGE_MEMORY, _REGION_MEMORY = 20.0, 20.0
_ROUNDS = 3


@dataclass(frozen=True)
class PieceScores:
    """The pieces of a line, from left to right, and how well every script fits them.

    Attributes:
        begins: shape (N,), the first column of every piece.
        ends: shape (N,), the column behind its last one.
        scores: shape (N, scripts), logarithms of likelihoods, up to a constant per piece.
    """

    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    scores: Array


def score_pieces(classes: FloatArray) -> PieceScores:
    """Cut a line into pieces where its letters end, or where they look like another script.

    Args:
        classes: distributions over no letter, and then over the scripts, shape (T, 1 + scripts).
    """
    scripts = classes[:, 1:]
    best = np.where(classes[:, 0] < 0.5, scripts.argmax(axis=1), -1)
    edges = np.flatnonzero(np.diff(best, prepend=-1, append=-1))
    if not len(edges):
        nothing = np.zeros(0, dtype=np.int64)
        return PieceScores(nothing, nothing, np.zeros((0, scripts.shape[1])))
    # Between two edges is a piece, or a gap.
    inked = best[edges[:-1]] >= 0
    begins, ends = edges[:-1][inked], edges[1:][inked]
    letters = np.maximum(scripts.sum(axis=1, keepdims=True), _LEAST)
    logs = np.log(np.maximum(scripts / letters, _LEAST)).astype(np.float64)
    sums = np.add.reduceat(logs, edges[:-1], axis=0)[inked]
    return PieceScores(begins, ends, COLUMN_WEIGHT * sums)


def choose_scripts(
    lines: Sequence[PieceScores],
    scripts: Sequence[str],
    regions: Sequence[int] | None = None,
    allowed: frozenset[str] = frozenset(),
) -> list[Array]:
    """Return the probabilities of the scripts of all pieces of all lines of a page.

    Args:
        lines: the lines in reading order.
        scripts: the codes of the scripts, in the order of the scores.
        regions: the index of the region of every line; ``None`` if unknown.
        allowed: scripts that the page may have; empty for all.

    Returns:
        For every line an array of shape (pieces, scripts).
    """
    count = max((len(line.begins) for line in lines), default=0)
    if not count:
        return [line.scores for line in lines]
    likely, weights = np.ones((len(lines), count, len(scripts))), np.zeros((len(lines), count))
    fresh = np.full((len(lines), count), NEW_WORD)
    for index, line in enumerate(lines):
        own = slice(0, len(line.begins))
        if len(line.begins):
            best = line.scores.max(axis=1, keepdims=True)
            likely[index, own] = np.exp(np.maximum(line.scores - best, -600))
            weights[index, own] = line.ends - line.begins
            fresh[index, 1 : len(line.begins)][line.begins[1:] == line.ends[:-1]] = NEW_PART
    owners = np.unique(regions, return_inverse=True)[1] if regions else np.zeros(len(lines), int)
    first = _first_shares(scripts, allowed)
    shares = np.tile(first, (len(lines), 1))
    for _ in range(_ROUNDS):
        found = _posterior(likely, fresh, shares)
        counted = np.einsum("lps,lp->ls", found, weights)
        page = _PAGE_MEMORY * first + counted.sum(axis=0)
        regional = np.zeros((int(owners.max()) + 1, len(scripts)))
        np.add.at(regional, owners, counted)
        regional += _REGION_MEMORY * page / page.sum()
        shares = (regional / regional.sum(axis=1, keepdims=True))[owners]
    found = _posterior(likely, fresh, shares)
    return [found[index, : len(line.begins)] for index, line in enumerate(lines)]


def _first_shares(scripts: Sequence[str], allowed: frozenset[str]) -> Array:
    """Return how frequent scripts are before anything is seen."""
    wanted = [not allowed or script in allowed for script in scripts]
    others = sum(wanted) - (LATIN in scripts and wanted[list(scripts).index(LATIN)])
    shares = [
        0.0 if not use else LATIN_SHARE if script == LATIN else (1 - LATIN_SHARE) / others
        for script, use in zip(scripts, wanted, strict=True)
    ]
    return np.array(shares) / sum(shares) if any(shares) else np.ones(len(scripts)) / len(scripts)


def _posterior(likely: Array, fresh: Array, shares: Array) -> Array:
    """Return the probabilities of the states of the chains of all lines.

    Args:
        likely: likelihoods, shape (lines, pieces, scripts).
        fresh: probability that a piece does not take over the state before, (lines, pieces).
        shares: frequencies of the states, shape (lines, scripts).
    """
    forward, backward = np.empty_like(likely), np.ones_like(likely)
    before = shares
    for place in range(likely.shape[1]):
        new = fresh[:, place, None]
        forward[:, place] = _normal(likely[:, place] * ((1 - new) * before + new * shares))
        before = forward[:, place]
    for place in range(likely.shape[1] - 2, -1, -1):
        new = fresh[:, place + 1, None]
        after = likely[:, place + 1] * backward[:, place + 1]
        mean = (after * shares).sum(axis=1, keepdims=True)
        backward[:, place] = _normal((1 - new) * after + new * mean)
    return _normal(forward * backward)


def _normal(values: Array) -> Array:
    # A page that may have no script that fits a piece: all are equally bad.
    values = values + 1e-300
    return np.asarray(values / values.sum(axis=-1, keepdims=True))
