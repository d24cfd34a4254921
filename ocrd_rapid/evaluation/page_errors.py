"""The errors of pages: in the order of the text, and line by line whatever the order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .comparison import Comparison, compare_normalised
from .matching import Matching, Method, match_lines
from .normalisation import Normalisation
from .texts import Line, Page


@dataclass(frozen=True)
class LineResult:
    """A line of the reference and what was found for it.

    Attributes:
        id: of the line of the reference; empty for text that belongs to none.
        reference: the line, normalised.
        text: what was found for it, normalised; empty if nothing.
        comparison: of both.
    """

    id: str
    reference: str
    text: str
    comparison: Comparison


@dataclass(frozen=True)
class PageResult:
    """The errors of a page.

    Attributes:
        page: its ID or name.
        reference_lines: the lines of the reference in its order, normalised.
        text_lines: those of the text in its order, normalised.
        ordered: whole page against whole page, lines joined by spaces: errors of the order count.
        order_free: the sum of ``lines``: errors of the order, and between lines, do not count.
        matching: how lines found each other.
        lines: of the reference, and at last the text that belongs to none, if there is any.
    """

    page: str
    reference_lines: tuple[str, ...]
    text_lines: tuple[str, ...]
    ordered: Comparison
    order_free: Comparison
    matching: Method
    lines: tuple[LineResult, ...]


def evaluate_page(
    name: str, reference: Page, text: Page, normalisation: Normalisation | None = None
) -> PageResult:
    """Compare a page with its reference."""
    rules = normalisation or Normalisation()
    reference, text = _normalised(reference, rules), _normalised(text, rules)
    matching = match_lines(reference, text)
    lines = tuple(_compare_lines(reference, matching))
    reference_lines = tuple(line.text for line in reference.lines)
    text_lines = tuple(line.text for line in text.lines)
    return PageResult(
        page=name,
        reference_lines=reference_lines,
        text_lines=text_lines,
        ordered=compare_normalised(" ".join(reference_lines), " ".join(text_lines)),
        order_free=Comparison.total(line.comparison for line in lines),
        matching=matching.method,
        lines=lines,
    )


def _normalised(page: Page, rules: Normalisation) -> Page:
    """Return a page with its text as it is compared, without lines that have none then."""
    lines = (Line(line.id, rules.apply(line.text), line.outline) for line in page.lines)
    return Page(tuple(line for line in lines if line.text), page.size)


def _compare_lines(reference: Page, matching: Matching) -> Iterator[LineResult]:
    for line, text in zip(reference.lines, matching.found, strict=True):
        yield LineResult(line.id, line.text, text, compare_normalised(line.text, text))
    if matching.rest:
        text = " ".join(matching.rest)
        yield LineResult("", "", text, compare_normalised("", text))
