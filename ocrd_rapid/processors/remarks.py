"""What processors have to say about pages on which they could not do their work."""

from __future__ import annotations

from ..runtime.processor import OpenPage, Remark

_DETECT = "ocrd-rapid-detect"


def remark_missing_lines(page: OpenPage, effect: str) -> None:
    """Say that a page has no text lines, unless detection has looked and found none.

    Args:
        page: the page.
        effect: what was not done therefore.
    """
    if all(step.executable != _DETECT for step in page.document.processing_steps()):
        remedy = f"unless they are blank, find their lines first with {_DETECT}"
        page.remarks.append(Remark("have no text lines", f"{effect}; {remedy}"))


def remark_covered_text(page: OpenPage) -> None:
    """Say that a page on which text was found has no lines: regions of other kinds cover it."""
    if not any(region.lines for region in page.document.text_regions()):
        page.remarks.append(
            Remark(
                "have text only where there are tables, graphics or other regions without text",
                "it got no lines; -P operation_level table finds those of tables,"
                " -P overwrite_segments true begins anew",
            )
        )
