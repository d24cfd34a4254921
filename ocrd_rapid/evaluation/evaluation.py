"""All pages of two sources together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .comparison import Comparison
from .normalisation import Normalisation
from .page_errors import PageResult, evaluate_page
from .pairs import Pair, Pairing
from .texts import read_page

#: What is aligned for confusions and for what is shown: whole pages, or lines.
Level = Literal["page", "line"]
LEVELS: tuple[Level, ...] = ("page", "line")


@dataclass(frozen=True)
class Evaluation:
    """The errors of all pages.

    Attributes:
        reference: name of the ground truth: a file group, or a path.
        text: name of what is judged.
        level: what is aligned for confusions, for what is shown, and for the limit.
        normalisation: what counts as the same.
        files: the files of the pages.
        pages: in the same order.
        without_text: pages with a reference only; they are not counted.
        without_reference: pages with text only; they are not counted.
    """

    reference: str
    text: str
    level: Level
    normalisation: Normalisation
    files: Sequence[Pair]
    pages: Sequence[PageResult]
    without_text: Sequence[str]
    without_reference: Sequence[str]

    @cached_property
    def ordered(self) -> Comparison:
        """All pages together, in the order of the text."""
        return Comparison.total(page.ordered for page in self.pages)

    @cached_property
    def order_free(self) -> Comparison:
        """All pages together, line by line."""
        return Comparison.total(page.order_free for page in self.pages)

    @property
    def chosen(self) -> Comparison:
        """The one of both that the level says."""
        return self.ordered if self.level == "page" else self.order_free

    @property
    def empty_references(self) -> list[str]:
        """Pages whose reference has no text: their error rate is undefined."""
        return [page.page for page in self.pages if not page.ordered.length]


def evaluate(
    pairing: Pairing,
    names: tuple[str, str],
    normalisation: Normalisation | None = None,
    level: Level = "page",
) -> Evaluation:
    """Read and compare all pairs.

    Args:
        pairing: what is compared.
        names: of the ground truth and of what is judged.
        normalisation: what counts as the same; the default is NFC.
        level: see `Evaluation`.

    Raises:
        InputError: a file cannot be read.
    """
    rules = normalisation or Normalisation()
    pages = [
        evaluate_page(pair.page, read_page(pair.reference), read_page(pair.text), rules)
        for pair in pairing.pairs
    ]
    return Evaluation(
        *names, level, rules, pairing.pairs, pages, pairing.without_text, pairing.without_reference
    )
