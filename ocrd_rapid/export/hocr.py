# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""hOCR (version 1.2) as XHTML.

Classes and properties: https://kba.github.io/hocr-spec/1.2/.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

import numpy as np

from ..ocr.geometry import Points, rotate_points
from ..ocr.page_model import ReadDocument, ReadLine, ReadPage, ReadRegion, ReadTable
from ..workspace.xml import clean_text
from .certainty import certainty
from .escaping import escaped
from .export_options import ExportOptions, Media
from .line_axes import axes_of, baseline_of
from .positions import box_on

#: Classes of lines by the type of their region.
_LINES = {
    "heading": "ocr_header",
    "header": "ocr_header",
    "footer": "ocr_footer",
    "caption": "ocr_caption",
    "floating": "ocr_textfloat",
}

#: Classes of parts without text by their kind; those of other kinds are images.
_FLOATS = {
    "separator": "ocr_separator",
    "linedrawing": "ocr_linedrawing",
    "chart": "ocr_linedrawing",
    "maths": "ocr_math",
    "chem": "ocr_chem",
}

#: Size in bytes up to which pages are kept in memory.
_IN_MEMORY = 4 << 20


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document; see `ocrd_rapid.export.output_formats.Writer`.

    Its head, which names the classes that occur, is known only after the last page.
    """
    with SpooledTemporaryFile(_IN_MEMORY) as body:
        writer = _PageWriter(document)
        for page in pages:
            for text in writer.page(page):
                body.write(text.encode("utf-8"))
        out.write("".join(_head(document, options, writer)).encode("utf-8"))
        body.seek(0)
        shutil.copyfileobj(body, out)
        out.write(b" </body>\n</html>\n")


def _head(document: ReadDocument, options: ExportOptions, writer: _PageWriter) -> Iterator[str]:
    languages = document.languages or tuple(writer.languages)
    name = escaped(languages[0]) if languages else ""
    language = f' xml:lang="{name}" lang="{name}"' if name else ""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"'
        ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml"{language}>\n'
        f" <head>\n  <title>{escaped(document.title or document.name)}</title>\n"
        '  <meta http-equiv="Content-Type" content="text/html; charset=utf-8" />\n'
    )
    meta = {
        "ocr-system": options.generator,
        "ocr-capabilities": " ".join(writer.used),
        "ocr-number-of-pages": str(writer.count),
        "ocr-langs": " ".join(languages),
    }
    for key, value in meta.items():
        if value:
            yield f'  <meta name="{key}" content="{escaped(value)}" />\n'
    yield " </head>\n <body>\n"


@dataclass
class _PageWriter:
    """Writes pages, and keeps what the head has to tell about them.

    Attributes:
        document: the document.
        used: the capabilities that the pages have shown, in the order of their appearance.
        languages: the languages of the pages.
        count: the number of pages.
    """

    document: ReadDocument
    used: dict[str, None] = field(default_factory=dict)
    languages: dict[str, None] = field(default_factory=dict)
    count: int = 0

    def page(self, page: ReadPage) -> Iterator[str]:
        """Yield the text of a page."""
        self.count += 1
        self.languages.update(dict.fromkeys(page.languages))
        # IDs are unique on their page only.
        prefix = "" if self.document.page_count == 1 else f"p{page.number}_"
        properties = [
            f'image "{_quoted(page.image or self.document.source)}"',
            f"bbox 0 0 {page.width} {page.height}",
            f"ppageno {page.number - 1}",
        ]
        if page.label:
            properties.append(f'lpageno "{_quoted(page.label)}"')
        if page.dpi:
            properties.append(f"scan_res {round(page.dpi)} {round(page.dpi)}")
        name = f"page_{page.number}"
        yield f"  <div {self._attributes('ocr_page', name, properties)}>\n"
        tables = {table.id: table for table in page.tables}
        for table, regions in groupby(page.regions, key=lambda r: r.place and r.place.table):
            found = tables.get(table or "")
            if found is not None and len(found.outline):
                yield self._open_table(page, found)
            for region in regions:
                yield from self._region(page, region, prefix)
            if found is not None and len(found.outline):
                yield "   </div>\n"
        for graphic in page.graphics:
            kind = _FLOATS.get(graphic.kind, "ocr_image")
            box = [_bbox(page, graphic.outline)]
            yield f"   <div {self._attributes(kind, prefix + graphic.id, box)}></div>\n"
        yield "  </div>\n"

    def _open_table(self, page: ReadPage, table: ReadTable) -> str:
        # A table that is not read at one go is opened again, so it has no ID.
        return f"   <div {self._attributes('ocr_table', '', [_bbox(page, table.outline)])}>\n"

    def _region(self, page: ReadPage, region: ReadRegion, prefix: str) -> Iterator[str]:
        """Yield a region: an area with one paragraph."""
        box = [_bbox(page, region.outline)]
        yield f"   <div {self._attributes('ocr_carea', prefix + region.id, box)}>\n"
        lines = [line for line in region.lines if line.words]
        if lines:
            direction = "rtl" if region.right_to_left else "ltr"
            language = escaped(page.languages[0]) if page.languages else ""
            self._use("ocrp_dir", *(["ocrp_lang"] if language else []))
            attributes = self._attributes("ocr_par", f"{prefix}{region.id}_par", box)
            if language:
                attributes += f' xml:lang="{language}" lang="{language}"'
            yield f'    <p {attributes} dir="{direction}">\n'
            for line in lines:
                yield from self._line(page, region, line, prefix)
            yield "    </p>\n"
        yield "   </div>\n"

    def _line(
        self, page: ReadPage, region: ReadRegion, line: ReadLine, prefix: str
    ) -> Iterator[str]:
        kind = _LINES.get(region.kind or "", "ocr_line")
        properties = [_bbox(page, line.outline), *line_properties(line, region.orientation)]
        yield f"     <span {self._attributes(kind, prefix + line.id, properties)}>\n"
        self._use("ocrp_wconf")
        for word in line.words:
            sure = round(100 * certainty(word, line, region))
            about = [_bbox(page, word.outline), f"x_wconf {sure}"]
            attributes = self._attributes("ocrx_word", prefix + word.id, about)
            yield f"      <span {attributes}>{escaped(word.text, quotes=False)}</span>\n"
        yield "     </span>\n"

    def _attributes(self, kind: str, name: str, properties: Iterable[str]) -> str:
        """Return class, ID and title of an element."""
        self._use(kind)
        identifier = f' id="{name}"' if name else ""
        return f'class="{kind}"{identifier} title="{escaped("; ".join(properties))}"'

    def _use(self, *capabilities: str) -> None:
        self.used.update(dict.fromkeys(capabilities))


def line_properties(line: ReadLine, orientation: float) -> list[str]:
    """Return baseline, height and direction of a line as properties of hOCR.

    The baseline is that of the line as a reader sees it: slope and offset at the lower left corner
    of its box, once it is turned by ``textangle``.

    Args:
        line: the line.
        orientation: see `ReadRegion.orientation`.
    """
    right, down = axes_of(line, orientation)
    quarter = round(math.degrees(math.atan2(float(right[1]), float(right[0]))) / 90) * 90
    outline = rotate_points(line.outline, -quarter)
    points = rotate_points(baseline_of(line, orientation), -quarter)
    run, rise = (float(value) for value in points[-1] - points[0])
    slope = rise / run if run > 0 else 0.0
    left, bottom = float(outline[:, 0].min()), float(outline[:, 1].max())
    middle = points.mean(axis=0)
    offset = float(middle[1]) + slope * (left - float(middle[0])) - bottom
    found = [
        f"baseline {slope:.4f} {round(offset)}".replace("-0.0000", "0.0000"),
        f"x_size {round(float(np.ptp(line.outline @ down)))}",
    ]
    if quarter % 360:
        found.append(f"textangle {-quarter % 360}")
    return found


def _bbox(page: ReadPage, outline: Points) -> str:
    return "bbox " + " ".join(map(str, box_on(page, outline)))


def _quoted(text: str) -> str:
    """Return a text for quotation marks; programs split properties at semicolons even there."""
    return clean_text(text).replace('"', "%22").replace(";", "%3B")
