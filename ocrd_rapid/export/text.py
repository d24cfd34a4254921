"""Plain text in reading order."""

from __future__ import annotations

from ..workspace.page import PageDocument


def page_text(document: PageDocument) -> str:
    """Return the text of a page: regions in reading order, a blank line between them.

    A region gives the text of its lines where they have any, else its own. It ends with a line
    break unless it is empty.
    """
    blocks = []
    for region in document.text_regions():
        lines = [line.text for line in region.lines if line.text]
        block = "\n".join(lines) if lines else (region.text or "")
        if block.strip():
            blocks.append(block)
    return "\n\n".join(blocks) + "\n" if blocks else ""
