# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Division of the lines into those for training and those for validation."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from .samples import TrainingLine

#: Fewest lines for validation: fewer say nothing about a head.
_FEWEST = 4


@dataclass(frozen=True)
class Division:
    """Lines divided into two parts.

    Attributes:
        training: the lines that are learnt.
        validation: the lines that are only read, to judge the head.
        by_document: whether no document has lines in both; otherwise lines were chosen one by
            one, as there is only one document.
    """

    training: tuple[TrainingLine, ...]
    validation: tuple[TrainingLine, ...]
    by_document: bool


def divide(lines: Sequence[TrainingLine], share: float, seed: int = 1) -> Division:
    """Divide lines so that about a share of them is for validation.

    Documents stay whole if there are at least two. Those for validation are drawn at random, but
    without documents of more lines than the training could spare (half of all). If only such are
    drawn, or there is only one document, lines are drawn one by one.

    Args:
        lines: all lines.
        share: of the lines, 0 to 0.5; 0 leaves no line for validation.
        seed: random seed.

    Raises:
        UsageError: the share is not between 0 and 0.5.
    """
    if not 0 <= share <= 0.5:
        raise UsageError(f"the validation share must be between 0 and 0.5, not {share:g}")
    if share == 0:
        return Division(tuple(lines), (), True)
    wanted = min(len(lines) // 2, max(_FEWEST, round(share * len(lines))))
    chance = random.Random(f"division {seed}")
    sizes: dict[str, int] = {}
    for line in lines:
        sizes[line.document] = sizes.get(line.document, 0) + 1
    chosen: set[str] = set()
    count = 0
    for document in chance.sample(sorted(sizes), len(sizes)):
        if count < wanted and count + sizes[document] <= len(lines) // 2:
            chosen.add(document)
            count += sizes[document]
    if chosen:
        return choose(lines, sorted(chosen))
    drawn = set(chance.sample(range(len(lines)), wanted))
    return Division(
        tuple(line for i, line in enumerate(lines) if i not in drawn),
        tuple(lines[i] for i in sorted(drawn)),
        False,
    )


def choose(lines: Sequence[TrainingLine], documents: Sequence[str]) -> Division:
    """Divide lines so that those of the documents named are for validation.

    Raises:
        UsageError: one of the documents does not exist, or no other one is left.
    """
    known = {line.document for line in lines}
    unknown = [document for document in documents if document not in known]
    if unknown:
        raise UsageError(
            f"unknown validation document '{unknown[0]}'; the sources have:"
            f" {', '.join(sorted(known)[:10])}"
        )
    if not known - set(documents):
        raise UsageError("no document is left to train on; name fewer documents for validation")
    named = set(documents)
    return Division(
        tuple(line for line in lines if line.document not in named),
        tuple(line for line in lines if line.document in named),
        True,
    )
