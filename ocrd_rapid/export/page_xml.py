# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PAGE-XML: from a document to the model of a page, and back.

Regions come in reading order, those without text among them. Text of any level is taken, each
part once: see `ocrd_rapid.workspace.transcripts`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import BinaryIO

from ..ocr.page_model import ReadDocument, ReadPage
from ..workspace.order_marks import order_confidence
from ..workspace.page import PageDocument
from ..workspace.transcripts import passages
from .document_dates import document_date
from .export_options import ExportOptions, Media
from .line_words import completed
from .page_elements import angles, graphics_of, languages_of, region_of, tables_of
from .page_filling import PageFiller
from .segment_ids import ncname

#: The date of files without any: the schema demands one.
_NO_DATE = datetime.fromtimestamp(0, timezone.utc)


def page_from(document: PageDocument) -> ReadPage:
    """Return the page of a PAGE-XML document; its number, label and resolution are not in it.

    It is complete in the sense of `completed`.
    """
    said = {passage.region.id: passage for passage in passages(document)}
    orientation, skew = angles(document.orientation)
    regions = document.text_regions()
    before = ("", *(region.id for region in regions))
    page = ReadPage(
        document.width,
        document.height,
        tuple(
            region_of(region, said, document.orientation, last)
            for region, last in zip(regions, before, strict=False)
        ),
        orientation=orientation,
        skew=skew,
        id=document.pcgts_id,
        image=document.image_filename,
        languages=languages_of(document.page),
        tables=tuple(tables_of(document.page)),
        graphics=tuple(graphics_of(document.page)),
        steps=tuple(document.processing_steps()),
        order_confidence=order_confidence(document.page),
    )
    return completed(page)


def fill(document: PageDocument, page: ReadPage) -> None:
    """Add all that is on a page to its document, after what the document has.

    Text agrees on all levels, and outlines lie within each other, as core's validator demands:
    words joined by spaces are the line, lines joined by line breaks the region. IDs are kept
    unless the document has them already.

    Args:
        document: the document.
        page: the page, in pixels of the image of the document.
    """
    PageFiller(document, page).fill()


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a page; see `ocrd_rapid.export.output_formats.Writer`.

    The name of the image is that of the page, whose file the caller knows.
    """
    date = (document_date(document) or _NO_DATE).strftime("%Y-%m-%dT%H:%M:%SZ")
    for page in pages:
        name = page.image or document.source
        size = (page.width, page.height)
        created = PageDocument.for_image(name, *size, options.generator, created=date)
        if page.id:
            created.pcgts_id = ncname(page.id)
        for step in page.steps:
            created.add_processing_step(step)
        fill(created, page)
        out.write(created.to_bytes())
