# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The errors of pages: in the order of the text, and line by line in any order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .comparison import Comparison, compare_normalized
from .matching import Matching, Method, match_lines
from .normalization import Normalization
from .texts import Line, Page


@dataclass(frozen=True)
class LineResult:
    """A line of the reference and the text that matches it.

    Attributes:
        id: the ID of the line of the reference; empty for text that matches no line.
        reference: the line, normalized.
        text: the matching text, normalized; may be empty.
        comparison: the errors of the text.
    """

    id: str
    reference: str
    text: str
    comparison: Comparison


@dataclass(frozen=True)
class PageResult:
    """The errors of a page.

    Attributes:
        page: the ID or name of the page.
        reference_lines: the lines of the reference in their order, normalized.
        text_lines: the lines of the text in their order, normalized.
        ordered: errors of the whole page, lines joined by spaces: errors in the order count.
        order_free: the sum of ``lines``: errors in the order, and between lines, do not count.
        matching: how lines were matched.
        lines: the lines of the reference, followed by the unmatched text, if any.
    """

    page: str
    reference_lines: tuple[str, ...]
    text_lines: tuple[str, ...]
    ordered: Comparison
    order_free: Comparison
    matching: Method
    lines: tuple[LineResult, ...]


def evaluate_page(
    name: str, reference: Page, text: Page, normalization: Normalization | None = None
) -> PageResult:
    """Return the errors of a page, compared with its reference."""
    rules = normalization or Normalization()
    reference, text = _normalized(reference, rules), _normalized(text, rules)
    matching = match_lines(reference, text)
    lines = tuple(_compare_lines(reference, matching))
    reference_lines = tuple(line.text for line in reference.lines)
    text_lines = tuple(line.text for line in text.lines)
    return PageResult(
        page=name,
        reference_lines=reference_lines,
        text_lines=text_lines,
        ordered=compare_normalized(" ".join(reference_lines), " ".join(text_lines)),
        order_free=Comparison.total(line.comparison for line in lines),
        matching=matching.method,
        lines=lines,
    )


def _normalized(page: Page, rules: Normalization) -> Page:
    """Return a page with normalized text, without the lines that this leaves empty."""
    lines = (Line(line.id, rules.apply(line.text), line.outline) for line in page.lines)
    return Page(tuple(line for line in lines if line.text), page.size)


def _compare_lines(reference: Page, matching: Matching) -> Iterator[LineResult]:
    for line, text in zip(reference.lines, matching.found, strict=True):
        yield LineResult(line.id, line.text, text, compare_normalized(line.text, text))
    if matching.rest:
        text = " ".join(matching.rest)
        yield LineResult("", "", text, compare_normalized("", text))
