# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Plain text in reading order."""

from __future__ import annotations

from ..workspace.page import PageDocument
from ..workspace.transcripts import Passage, passages


def page_text(document: PageDocument) -> str:
    """Return the text of a page: regions in reading order, a blank line between them.

    The text of a region is that of its lines if they have any, else its own (see `passages`). It
    ends with a line break unless it is empty.
    """
    blocks = [_block(passage) for passage in passages(document)]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _block(passage: Passage) -> str:
    if not passage.lines:
        return passage.text
    return "\n".join(filter(None, (line.transcript for line in passage.lines)))
