# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""An evaluation as a table for the terminal, and as plain data for JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .comparison import Comparison
from .evaluation import Evaluation
from .page_errors import LineResult, PageResult

#: Maximum number of confusions in a table.
SHOWN_CONFUSIONS = 20

#: Maximum number of pages named in a note.
_NAMED = 10

_HEADER = ("page", "chars", "CER", "WER", "lines CER", "lines WER")
_PAGE_COLUMN = 40


def percent(rate: float | None) -> str:
    """Return a rate as a percentage, or a dash if it is undefined."""
    return "–" if rate is None else f"{rate:.2%}"


def describe(character: str) -> str:
    """Return an unambiguous description of a character.

    Letters, digits and printable ASCII characters stand for themselves; others are given with
    their code points and names.
    """
    if not character:
        return "nothing"
    if len(character) == 1 and (character.isalnum() or "!" <= character <= "~"):
        return character
    points = " + ".join(_point(sign) for sign in character)
    visible = unicodedata.category(character[0])[0] not in "ZCM"
    return f"{character} ({points})" if visible else points


def _point(sign: str) -> str:
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip()


# The table


def table(evaluation: Evaluation) -> str:
    """Return a table of the rates of each page and of all, with notes and frequent confusions."""
    lines = [*aligned([_HEADER, *_rows(evaluation)]), *notes(evaluation)]
    confusions = evaluation.chosen.most_confused(SHOWN_CONFUSIONS)
    if confusions:
        lines += ["", "count  reference → text"]
        lines += [f"{n:5}  {describe(a)} → {describe(b)}" for (a, b), n in confusions]
    return "\n".join(lines)


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] | None = None) -> list[str]:
    """Return rows of equally many cells as lines with aligned columns.

    Args:
        rows: the rows.
        right: the columns that are flush right; ``None`` for all but the first.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    flush = range(1, len(widths)) if right is None else right
    return [
        "  ".join(
            cell.rjust(width) if i in flush else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _rows(evaluation: Evaluation) -> Iterator[Sequence[str]]:
    for page in evaluation.pages:
        yield _row(page.page, page.ordered, page.order_free)
        if evaluation.level == "line":
            yield from map(_line_row, page.lines)
    name = f"all ({len(evaluation.pages)})"
    yield _row(name, evaluation.ordered, evaluation.order_free)


def _row(name: str, ordered: Comparison, order_free: Comparison) -> Sequence[str]:
    rates = (
        ordered.character_error_rate,
        ordered.word_error_rate,
        order_free.character_error_rate,
        order_free.word_error_rate,
    )
    return (shortened(name), str(ordered.length), *map(percent, rates))


def _line_row(line: LineResult) -> Sequence[str]:
    result = line.comparison
    rates = (result.character_error_rate, result.word_error_rate)
    return (f"  {shortened(line_name(line))}", str(result.length), "", "", *map(percent, rates))


def line_name(line: LineResult) -> str:
    """Return the ID of a line, or a description of unmatched text."""
    return line.id or f"(no line: {line.comparison.edits} too many)"


def shortened(name: str) -> str:
    """Return the end of a name, as much as a table has room for."""
    return name if len(name) <= _PAGE_COLUMN else f"…{name[1 - _PAGE_COLUMN :]}"


def notes(evaluation: Evaluation) -> list[str]:
    """Return notes on the pages that are not counted, or have no rate."""
    kinds = (
        ("not counted, without text to compare", evaluation.without_text),
        ("not counted, without reference", evaluation.without_reference),
        ("empty reference, rate undefined", evaluation.empty_references),
    )
    return [f"{what}: {_named(pages)}" for what, pages in kinds if pages]


def _named(pages: Sequence[str]) -> str:
    more = len(pages) - _NAMED
    return ", ".join(pages[:_NAMED]) + (f" and {more} more" if more > 0 else "")


# Plain data


def as_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain data for JSON, as described in docs/evaluation.md."""
    pairs = zip(evaluation.files, evaluation.pages, strict=True)
    return {
        "reference": evaluation.reference,
        "text": evaluation.text,
        "level": evaluation.level,
        "normalise": evaluation.normalization.form,
        "fold": evaluation.normalization.fold,
        "pages": [
            {
                "page": page.page,
                "reference_file": str(pair.reference),
                "text_file": str(pair.text),
                **_page_figures(page, with_lines=evaluation.level == "line"),
            }
            for pair, page in pairs
        ],
        "total": {
            "pages": len(evaluation.pages),
            "ordered": figures(evaluation.ordered),
            "order_free": figures(evaluation.order_free),
        },
        "confusions": [
            {"reference": reference, "text": text, "count": count}
            for (reference, text), count in evaluation.chosen.most_confused()
        ],
        "without_text": list(evaluation.without_text),
        "without_reference": list(evaluation.without_reference),
    }


def _page_figures(page: PageResult, *, with_lines: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ordered": figures(page.ordered),
        "order_free": figures(page.order_free),
        "matching": page.matching,
    }
    if with_lines:
        found["lines"] = [
            {
                "id": line.id or None,
                "reference": line.reference,
                "text": line.text,
                **figures(line.comparison),
            }
            for line in page.lines
        ]
    return found


def figures(result: Comparison) -> dict[str, Any]:
    """Return counts and rates as plain data for JSON."""
    return {
        "characters": result.length,
        "edits": result.edits,
        "cer": result.character_error_rate,
        "words": result.words,
        "word_edits": result.word_edits,
        "wer": result.word_error_rate,
        "bag_edits": result.bag_edits,
        "bag_wer": result.bag_error_rate,
    }
