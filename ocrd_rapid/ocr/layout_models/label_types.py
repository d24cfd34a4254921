# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the labels of layout models to regions of PAGE-XML."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache

LOG = logging.getLogger(__name__)

TEXT, TABLE = "TextRegion", "TableRegion"


@dataclass(frozen=True)
class RegionType:
    """The region of PAGE-XML for a label.

    Attributes:
        element: the name of the element, such as ``TextRegion``.
        type: its ``@type``; ``None`` for none.
    """

    element: str
    type: str | None = None

    @property
    def owns_lines(self) -> bool:
        """Whether lines belong to it: those in pictures, charts and formulas are laid out by us."""
        return self.element in (TEXT, TABLE)


_PARAGRAPH = RegionType(TEXT, "paragraph")
_HEADING = RegionType(TEXT, "heading")
_CAPTION = RegionType(TEXT, "caption")
_HEADER, _FOOTER = RegionType(TEXT, "header"), RegionType(TEXT, "footer")
_FOOTNOTE = RegionType(TEXT, "footnote")
_OTHER = RegionType(TEXT, "other")
_IMAGE, _GRAPHIC = RegionType("ImageRegion"), RegionType("GraphicRegion")
_MATHS = RegionType("MathsRegion")

#: Region types by label, in lower case with underscores; ``None`` for what is a part of a line.
#: The labels are those of CDLA and PubLayNet, PP-DocLayout (S to V3), and DocLayNet.
_TYPES: dict[str, RegionType | None] = {
    # text
    **dict.fromkeys(
        ("text", "plain_text", "abstract", "reference", "reference_content", "list", "list_item",
         "algorithm", "code", "vertical_text", "paragraph"),
        _PARAGRAPH,
    ),
    **dict.fromkeys(
        ("title", "doc_title", "paragraph_title", "section_header", "heading"), _HEADING
    ),
    **dict.fromkeys(
        ("caption", "figure_caption", "figure_title", "table_caption", "table_title",
         "chart_title", "figure_table_chart_title"),
        _CAPTION,
    ),
    **dict.fromkeys(("header", "page_header"), _HEADER),
    **dict.fromkeys(("footer", "page_footer"), _FOOTER),
    **dict.fromkeys(("footnote", "vision_footnote"), _FOOTNOTE),
    "number": RegionType(TEXT, "page-number"),
    "content": RegionType(TEXT, "TOC-entry"),
    "document_index": RegionType(TEXT, "TOC-entry"),
    "aside_text": RegionType(TEXT, "marginalia"),
    "formula_number": _OTHER,
    # tables
    "table": RegionType(TABLE),
    # without text
    **dict.fromkeys(("figure", "image", "picture"), _IMAGE),
    **dict.fromkeys(("header_image", "footer_image"), _GRAPHIC),
    "seal": RegionType("GraphicRegion", "stamp"),
    "chart": RegionType("ChartRegion"),
    **dict.fromkeys(("equation", "formula", "display_formula"), _MATHS),
    "separator": RegionType("SeparatorRegion"),
    "inline_formula": None,
}  # fmt: skip


@cache
def region_type(label: str) -> RegionType | None:
    """Return the region of PAGE-XML for a label; ``None`` for what is a part of a line.

    A label that is in no list is text of the type ``other``, so that no lines get lost.
    """
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    if name not in _TYPES:
        LOG.warning("unknown label of a layout model: '%s'; its regions are text regions", label)
        return _OTHER
    return _TYPES[name]
