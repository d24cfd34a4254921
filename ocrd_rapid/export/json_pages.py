# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""JSON: all that is known about a document, one object on one line.

Pages are written as they come; what failed is known at the end.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any, BinaryIO

from ..config.packaged import packaged_json
from ..ocr.geometry import Points
from ..ocr.page_model import ReadDocument, ReadGraphic, ReadLine, ReadPage, ReadRegion
from .certainty import certainty, certainty_of_page
from .export_options import ExportOptions, Media
from .line_axes import baseline_of
from .positions import box_on, points_on

#: The version of the format; a change that breaks readers raises it.
VERSION = 1


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document; see `ocrd_rapid.export.output_formats.Writer`."""
    source = {
        "name": document.source or document.name,
        "sha256": document.sha256 or None,
        "pages": document.page_count,
    }
    head = {"version": VERSION, "generator": options.generator, "source": source}
    out.write(_text(head)[:-1] + b',"pages":[')
    for number, page in enumerate(pages):
        out.write((b"," if number else b"") + _text(page_object(page)))
    failures = [
        {"page": number, "message": message}
        for number, message in sorted(document.failures.items())
    ]
    out.write(b'],"failures":' + _text(failures) + b"}\n")


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the format; it must not be changed."""
    return packaged_json("export/document.schema.json")


def _text(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def page_object(page: ReadPage) -> dict[str, Any]:
    """Return a page as an object of JSON.

    Args:
        page: the page, complete in the sense of `ocrd_rapid.export.line_words.completed`.
    """
    confidence = certainty_of_page(page)
    duration = sum(page.seconds)
    return {
        "number": page.number,
        "label": page.label or None,
        "image": page.image or None,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "orientation": page.orientation or 0,
        "skew": round(page.skew, 3),
        "source": page.source,
        "seconds": round(duration, 3) if duration else None,
        "languages": list(page.languages),
        "text": page.text,
        "confidence": _rounded(confidence),
        "order_confidence": _rounded(page.order_confidence),
        "regions": [
            _region(page, region, order) for order, region in enumerate(page.regions, start=1)
        ],
        "tables": [
            {"id": table.id, **_place(page, table.outline)}
            for table in page.tables
            if len(table.outline)
        ],
        "graphics": [
            {"id": graphic.id, "type": graphic.kind, **_place(page, graphic.outline)}
            for graphic in page.graphics
        ],
        "barcodes": [
            found for graphic in page.graphics if (found := _barcode(page, graphic)) is not None
        ],
    }


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 4)


def _region(page: ReadPage, region: ReadRegion, order: int) -> dict[str, Any]:
    found = {
        "id": region.id,
        "type": region.kind,
        "order": order,
        "order_confidence": _rounded(region.order_confidence),
        **_place(page, region.outline),
        "text": region.text,
        "lines": [_line(page, region, line) for line in region.lines],
    }
    place = region.place
    if place is not None:
        found["cell"] = {
            "table": place.table,
            "row": place.row,
            "column": place.column,
            "rows": place.rows,
            "columns": place.columns,
        }
    return found


def _line(page: ReadPage, region: ReadRegion, line: ReadLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "text": line.text,
        "confidence": round(certainty(line, region), 4),
        **_place(page, line.outline),
        "baseline": points_on(page, baseline_of(line, region.orientation)),
        "words": [
            {
                "text": word.text,
                "confidence": round(certainty(word, line, region), 4),
                **_place(page, word.outline),
            }
            for word in line.words
        ],
    }


def _barcode(page: ReadPage, graphic: ReadGraphic) -> dict[str, Any] | None:
    """Return the content of a barcode; ``None`` if the graphic is none."""
    barcode = graphic.barcode
    if barcode is None:
        return None
    return {
        "format": barcode.format,
        "content": barcode.text,
        "bytes": base64.b64encode(barcode.data).decode("ascii"),
        **_place(page, graphic.outline),
    }


def _place(page: ReadPage, outline: Points) -> dict[str, Any]:
    return {"box": box_on(page, outline), "polygon": points_on(page, outline)}
