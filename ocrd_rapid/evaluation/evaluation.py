# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The evaluation of all pages of two sources together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .comparison import Comparison
from .normalization import Normalization
from .page_errors import PageResult, evaluate_page
from .pairs import Pair, Pairing
from .texts import read_page

#: The unit of alignment for confusions and display: whole pages, or lines.
Level = Literal["page", "line"]
LEVELS: tuple[Level, ...] = ("page", "line")


@dataclass(frozen=True)
class Evaluation:
    """The errors of all pages.

    Attributes:
        reference: name of the ground truth: a file group, or a path.
        text: name of the text: a file group, or a path.
        level: the unit of alignment for confusions, display and the limit.
        normalization: the rules for what counts as the same.
        files: the files of the pages.
        pages: the results of the pages, in the same order.
        without_text: pages with a reference only, which are not counted.
        without_reference: pages with text only, which are not counted.
    """

    reference: str
    text: str
    level: Level
    normalization: Normalization
    files: Sequence[Pair]
    pages: Sequence[PageResult]
    without_text: Sequence[str]
    without_reference: Sequence[str]

    @cached_property
    def ordered(self) -> Comparison:
        """The errors of all pages together, in the order of the text."""
        return Comparison.total(page.ordered for page in self.pages)

    @cached_property
    def order_free(self) -> Comparison:
        """The errors of all pages together, line by line."""
        return Comparison.total(page.order_free for page in self.pages)

    @property
    def chosen(self) -> Comparison:
        """The errors at the chosen level."""
        return self.ordered if self.level == "page" else self.order_free

    @property
    def empty_references(self) -> list[str]:
        """Names of the pages without text in the reference: their error rate is undefined."""
        return [page.page for page in self.pages if not page.ordered.length]


def evaluate(
    pairing: Pairing,
    names: tuple[str, str],
    normalization: Normalization | None = None,
    level: Level = "page",
) -> Evaluation:
    """Return the errors of all pairs of files.

    Args:
        pairing: the pairs to compare.
        names: the names of the ground truth and of the text.
        normalization: the rules for what counts as the same; the default is NFC.
        level: see `Evaluation`.

    Raises:
        InputError: a file cannot be read.
    """
    rules = normalization or Normalization()
    pages = [
        evaluate_page(pair.page, read_page(pair.reference), read_page(pair.text), rules)
        for pair in pairing.pairs
    ]
    return Evaluation(
        *names, level, rules, pairing.pairs, pages, pairing.without_text, pairing.without_reference
    )
