# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ALTO, as Kitodo, the DFG-Viewer and plugins of Solr read it.

Versions differ in what they can say; what a version lacks is left out. Specification: the schemas
of the Library of Congress, versions 2.1, 3.1, 4.2 and 4.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, BinaryIO

from lxml import etree

from ..ocr.geometry import Points
from ..ocr.page_model import (
    NO_POINTS,
    ReadDocument,
    ReadGraphic,
    ReadPage,
    ReadRegion,
    ReadTable,
)
from .alto_description import add_description, add_styles, language_codes
from .alto_elements import Version, place, points_text, put, share
from .alto_lines import LineWriter
from .certainty import certainty_of_page
from .export_options import ExportOptions, Media
from .positions import box_on, points_on
from .segment_ids import Ids, ids_of, ncname

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_STANDARDS = "http://www.loc.gov/standards/alto"

#: Kinds of regions without text that only part or soil a page.
_PARTING = ("separator", "noise")


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a page; see `ocrd_rapid.export.output_formats.Writer`."""
    for page in pages:
        root = alto_of(page, document, options)
        etree.indent(root, space="  ")
        out.write(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
        out.write(b"\n")


def alto_of(page: ReadPage, document: ReadDocument, options: ExportOptions) -> etree._Element:
    """Return the root element of the ALTO of a page.

    Args:
        page: the page, complete in the sense of `ocrd_rapid.export.line_words.completed`.
        document: the document that it is from.
        options: version, hyphens and generator count.
    """
    version = tuple(int(part) for part in options.alto_version.split("."))
    return _PageWriter(page, document, options, version, Ids(set(ids_of(page)))).root()


@dataclass
class _PageWriter:
    """Writes a page.

    Attributes:
        page: the page.
        document: the document that it is from.
        options: the choices of the user.
        version: the version of ALTO.
        ids: the IDs given so far, those of the segments among them.
        tags: the IDs of tags by kind of region.
    """

    page: ReadPage
    document: ReadDocument
    options: ExportOptions
    version: Version
    ids: Ids
    tags: dict[str, str] = field(default_factory=dict)

    def root(self) -> etree._Element:
        """Return the root element; its elements are in the order of the schema."""
        major, minor = self.version
        namespace = f"{_STANDARDS}/ns-v{major}#"
        # No prefix: some programs look for elements by their plain names.
        spaces: Any = {None: namespace, "xsi": _XSI}
        root = etree.Element(f"{{{namespace}}}alto", nsmap=spaces)
        schema = f"{_STANDARDS}/v{major}/alto-{major}-{minor}.xsd"
        root.set(f"{{{_XSI}}}schemaLocation", f"{namespace} {schema}")
        if self.version >= (3, 0):
            root.set("SCHEMAVERSION", self.options.alto_version)
        generator = self.options.generator
        add_description(root, self.page, self.document, generator, self.version, self.ids)
        styles = add_styles(root, self.page, self.version, self.ids)
        self._add_tags(root)
        if self.version >= (4, 3) and self.page.regions:
            group = put(put(root, "ReadingOrder"), "OrderedGroup", ID=self.ids.new("order"))
            for region in self.page.regions:
                put(group, "ElementRef", ID=self.ids.new(f"order_{region.id}"), REF=region.id)
        self._add_page(put(root, "Layout"), styles)
        return root

    def _add_tags(self, root: etree._Element) -> None:
        """Add a tag for every kind of region."""
        kinds = [region.kind for region in self.page.regions if region.kind]
        kinds += ["table" for _ in self.page.tables]
        kinds += [graphic.kind for graphic in self.page.graphics]
        self.tags = {kind: self.ids.new(f"type_{ncname(kind)}") for kind in dict.fromkeys(kinds)}
        if self.tags:
            parent = put(root, "Tags")
            for kind, tag in self.tags.items():
                put(parent, "LayoutTag", ID=tag, TYPE="region", LABEL=kind)

    def _add_page(self, layout: etree._Element, styles: Mapping[str, str]) -> None:
        page = self.page
        # It has to differ in the whole work: IDs of files do, and numbers of pages.
        name = ncname(page.id) if page.id else f"page_{page.number:04d}"
        element = put(
            layout,
            "Page",
            ID=self.ids.new(name),
            PHYSICAL_IMG_NR=str(page.number),
            PRINTED_IMG_NR=page.label or None,
            HEIGHT=str(page.height),
            WIDTH=str(page.width),
        )
        confidence = certainty_of_page(page)
        if confidence is not None:
            element.set("PC", share(confidence))
        languages = language_codes(page.languages or self.document.languages)
        if self.version >= (4, 4):
            if page.orientation:
                element.set("ROTATION", str(page.orientation % 360))
            if languages:
                element.set("LANG", languages[0])
            if languages[1:]:
                element.set("OTHERLANGS", " ".join(languages[1:]))
        space = put(element, "PrintSpace", ID=self.ids.new("print_space"))
        place(space, (0, 0, page.width, page.height))
        self._add_regions(space, styles, "" if self.version >= (4, 4) else "".join(languages[:1]))
        for table in self._tables_without_cells():
            self._add_table(space, table.id, table.outline)
        for graphic in page.graphics:
            self._add_graphic(space, graphic)

    def _add_regions(self, space: etree._Element, styles: Mapping[str, str], language: str) -> None:
        """Add the regions with text in reading order, the cells of a table within its block."""
        page = self.page
        lines = LineWriter(page, styles, self.version, self.options.alto_hyphens, self.ids)
        outlines = {table.id: table.outline for table in page.tables}
        used: set[str] = set()
        numbers = range(len(page.regions))
        for name, members in groupby(numbers, key=lambda i: _table_of(page.regions[i])):
            cells = list(members)
            parent = space
            if name:
                outline = outlines.get(name, NO_POINTS)
                outline = outline if len(outline) else page.regions[cells[0]].outline
                # A table that is not read at one go is several blocks.
                identifier = self.ids.new(name) if name in used or name not in outlines else name
                used.add(name)
                parent = self._add_table(space, identifier, outline)
            for i in cells:
                self._add_region(parent, i, lines, language)

    def _tables_without_cells(self) -> list[ReadTable]:
        with_cells = {_table_of(region) for region in self.page.regions}
        tables = [table for table in self.page.tables if len(table.outline)]
        return [table for table in tables if table.id not in with_cells]

    def _add_table(self, parent: etree._Element, name: str, outline: Points) -> etree._Element:
        tag = self.tags.get("table")
        block = put(parent, "ComposedBlock", ID=name, TAGREFS=tag, TYPE="table")
        place(block, box_on(self.page, outline))
        self._add_shape(block, outline)
        return block

    def _add_region(
        self, parent: etree._Element, number: int, lines: LineWriter, language: str
    ) -> None:
        region = self.page.regions[number]
        following = self.page.regions[number + 1 : number + 2]
        block = put(
            parent,
            "TextBlock",
            ID=region.id,
            TAGREFS=self.tags.get(region.kind or ""),
            IDNEXT=following[0].id if following and self.version < (4, 3) else None,
            ROTATION=f"{region.orientation % 360:g}" if region.orientation else None,
            LANG=language or None,
        )
        place(block, box_on(self.page, region.outline))
        self._add_shape(block, region.outline)
        with_text = [(i, line) for i, line in enumerate(region.lines) if line.words]
        styles = {lines.styles.get(line.typeface, "") for _, line in with_text}
        if len(styles) == 1 and (style := styles.pop()):
            block.set("STYLEREFS", style)
        if self.version >= (4, 3) and with_text and all(x.right_to_left for _, x in with_text):
            block.set("BASEDIRECTION", "rtl")
        for i, line in with_text:
            lines.add(block, (number, i), line, region)

    def _add_graphic(self, parent: etree._Element, graphic: ReadGraphic) -> None:
        parting = graphic.kind in _PARTING
        block = put(
            parent,
            "GraphicalElement" if parting else "Illustration",
            ID=graphic.id,
            TAGREFS=self.tags.get(graphic.kind),
            TYPE=None if parting else graphic.kind,
        )
        place(block, box_on(self.page, graphic.outline))
        self._add_shape(block, graphic.outline)

    def _add_shape(self, block: etree._Element, outline: Points) -> None:
        points = points_text(points_on(self.page, outline))
        put(put(block, "Shape"), "Polygon", POINTS=points)


def _table_of(region: ReadRegion) -> str:
    """Return the ID of the table that a region is a cell of; empty if it is none."""
    return region.place.table if region.place else ""
