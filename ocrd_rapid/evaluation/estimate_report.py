# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""An estimate of errors as a table for the terminal, and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .estimate import UNSURE, Estimate, EstimatedLine, EstimatedText
from .evaluation import Level
from .report import aligned, percent, shortened

#: Maximum number of unsure lines in a table of pages.
SHOWN_LINES = 20

_HEADER = ("page", "lines", "chars", "expected CER", f"below {UNSURE:g}")

#: What no confidence tells; printed below the table.
NOT_ESTIMATED = "not in the estimate: lines that were not found, and the order of the text"


def estimate_table(text: EstimatedText, level: Level) -> str:
    """Return a table of the errors to be expected of each page, and of the least sure lines.

    Args:
        text: the estimate.
        level: ``line`` for all lines below `UNSURE`, ``page`` for the first `SHOWN_LINES`.
    """
    total = text.total
    rows = [_HEADER, *(_row(page.name, page.estimate) for page in text.pages)]
    rows.append(_row(f"all ({len(text.pages)})", total))
    lines = [*aligned(rows), f"lines below {UNSURE:g}: {len(total.unsure)} of {len(total.known)}"]
    unknown = len(total.lines) - len(total.known)
    if unknown:
        lines.append(f"not counted, without confidence: {unknown} of {len(total.lines)} lines")
    lines.append(NOT_ESTIMATED)
    shown = total.unsure if level == "line" else total.unsure[:SHOWN_LINES]
    if shown:
        cells = [("confidence", "page", "line", "text"), *map(_line_row, shown)]
        lines += ["", *aligned(cells, right=(0,))]
    if len(shown) < len(total.unsure):
        lines.append(f"… and {len(total.unsure) - len(shown)} more; all with --level line")
    return "\n".join(lines)


def _row(name: str, estimate: Estimate) -> Sequence[str]:
    return (
        shortened(name),
        str(len(estimate.known)),
        str(estimate.length),
        percent(estimate.error_rate),
        str(len(estimate.unsure)),
    )


def _line_row(line: EstimatedLine) -> Sequence[str]:
    return (f"{line.confidence:.2f}", shortened(line.page), shortened(line.id), line.text)


def estimate_as_dict(text: EstimatedText, level: Level) -> dict[str, Any]:
    """Return an estimate as plain data for JSON, as described in docs/evaluation.md."""
    return {
        "text": text.text,
        "level": level,
        "below": UNSURE,
        "pages": [
            {
                "page": page.name,
                "text_file": str(page.file),
                **_figures(page.estimate),
                **({"lines": _lines(page.estimate.lines)} if level == "line" else {}),
            }
            for page in text.pages
        ],
        "total": {"pages": len(text.pages), **_figures(text.total)},
        "unsure": [{"page": line.page, **_line(line)} for line in text.total.unsure],
    }


def _figures(estimate: Estimate) -> dict[str, Any]:
    return {
        "line_count": len(estimate.known),
        "characters": estimate.length,
        "expected_edits": round(estimate.errors, 2),
        "expected_cer": estimate.error_rate,
        "unsure_lines": len(estimate.unsure),
        "lines_without_confidence": len(estimate.lines) - len(estimate.known),
    }


def _lines(lines: Sequence[EstimatedLine]) -> list[dict[str, Any]]:
    return [_line(line) for line in lines]


def _line(line: EstimatedLine) -> dict[str, Any]:
    return {"id": line.id, "text": line.text, "confidence": line.confidence}
