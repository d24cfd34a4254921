# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Messages about pages that a processor could not work on."""

from __future__ import annotations

from collections.abc import Sequence

from ..ocr.recognition.unread_scripts import unread_remedy, unread_text
from ..runtime.processor import OpenPage, Remark

_DETECT = "ocrd-rapid-detect"


def remark_missing_lines(page: OpenPage, effect: str) -> None:
    """Report that a page has no text lines, unless detection has already run on it.

    Args:
        page: the page.
        effect: the consequence.
    """
    if all(step.executable != _DETECT for step in page.document.processing_steps()):
        remedy = f"unless they are empty, detect their lines first with {_DETECT}"
        page.remarks.append(Remark("have no text lines", f"{effect}; {remedy}"))


def remark_covered_text(page: OpenPage) -> None:
    """Report that a page with detected text got no lines: regions of other kinds cover it."""
    if not any(region.lines for region in page.document.text_regions()):
        page.remarks.append(
            Remark(
                "have text only inside tables, graphics or other regions without text",
                "it got no lines; -P operation_level table detects those of tables,"
                " -P overwrite_segments true starts over",
            )
        )


def remark_kept_lines(page: OpenPage) -> None:
    """Report that lines of a page were not read, because a person did."""
    page.remarks.append(
        Remark(
            "have lines that a person corrected or confirmed",
            "these stay as they are; -P overwrite_corrected true reads them, too",
        )
    )


def remark_kept_segments(page: OpenPage) -> None:
    """Report that segments of a page were not removed, because a person corrected lines there."""
    remark = Remark(
        "have lines that a person corrected or confirmed",
        "the segments around them were not removed; -P overwrite_corrected true removes them, too",
    )
    if remark not in page.remarks:
        page.remarks.append(remark)


def remark_unread_scripts(page: OpenPage, scripts: Sequence[str]) -> None:
    """Report scripts of a page, by their codes, that nothing reads."""
    for script in scripts:
        what = f"have {unread_text(script)}"
        page.remarks.append(Remark(what, unread_remedy(script), of_text=True))
