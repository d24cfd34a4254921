# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""DOCX: a document for word processors, with headings, paragraphs and tables.

Specification: ECMA-376-1, Office Open XML. Elements have their order from its schema.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from ..config.extras import required
from ..ocr.page_model import ReadDocument, ReadPage
from .cell_grid import TextGrid
from .document_dates import document_date
from .escaping import escaped
from .export_options import ExportOptions, Media
from .line_joining import clean
from .text_flow import FlowChoices, FlowText, PageStart, flow

#: Names of styles by kinds of parts; those that are not in the template are made.
_STYLES = {
    "caption": "Caption",
    "footnote": "Footnote Text",
    "furniture": "Page Furniture",
}
_SMALL = ("Footnote Text", "Page Furniture")
#: Size of the letters of these, in points; others have 11.
_SMALL_SIZE = 9

#: What follows a direction, and a border, in the properties of a paragraph.
_AFTER_DIRECTION = (
    "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
    "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment",
    "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr",
    "w:pPrChange",
)  # fmt: skip
_AFTER_BORDER = (
    "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct",
    "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", *_AFTER_DIRECTION,
)  # fmt: skip

#: The attribute of a language by its primary subtag (BCP 47); others are ``w:val``.
_SCRIPTS = dict.fromkeys(("ar", "fa", "he", "syr", "ur", "yi"), "w:bidi") | dict.fromkeys(
    ("ja", "ko", "zh"), "w:eastAsia"
)
#: The language of text that is not to be proofread.
_NO_LANGUAGE = "x-none"

#: The version of Word, and those after it, whose layout a document has by itself.
_WORD_2013 = "15"

#: Parts of the library's template that say nothing about the document.
_SUPERFLUOUS = ("/thumbnail", "/stylesWithEffects")

#: Most characters of a property of a document.
_LONGEST = 255

#: Earliest year of a date in a ZIP archive.
_EARLIEST = 1980

_APPLICATION = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>{}</Application></Properties>"
)


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document as DOCX.

    A page of the document begins a new page; a paragraph that goes on over pages stays whole.

    Raises:
        MissingExtraError: python-docx is not installed.
    """
    book = required("docx", "docx").Document()
    languages = list(document.languages)
    _set_paper(book)
    _set_version(book)
    text = _Text(book)
    choices = FlowChoices.of(options, paragraphs=True, furniture=False)
    for part in flow(_with_languages(pages, languages), choices):
        text.add(part)
    date = document_date(document)
    _set_language(book, next(iter(languages), ""))
    _set_properties(book, document, options.generator, next(iter(languages), ""), date)
    out.write(_packed(book, date))


class _Text:
    """The text of a document in the making.

    Attributes:
        book: the document.
        empty: whether it has no text yet.
        new_page: whether a page begins before what follows.
        notes: whether footnotes came last.
    """

    def __init__(self, book: Any) -> None:
        self.book = book
        self.empty = True
        self.new_page = False
        self.notes = False
        self.styles = {name: _style(book, name) for name in _STYLES.values()}
        for level in (1, 2, 3):
            self.styles[f"Heading {level}"] = book.styles[f"Heading {level}"]
        self.between = book.styles["No Spacing"]

    def add(self, part: FlowText | TextGrid | PageStart) -> None:
        """Add a part of the text."""
        if isinstance(part, PageStart):
            self.new_page = not self.empty
            self.notes = False
        elif isinstance(part, FlowText):
            self._add_text(part)
            self.empty = False
        else:
            self._add_table(part)
            self.empty = False

    def _add_text(self, part: FlowText) -> None:
        name = f"Heading {part.level}" if part.kind == "heading" else _STYLES.get(part.kind, "")
        paragraph = self._paragraph(self.styles.get(name))
        is_note = part.kind == "footnote"
        if is_note and not self.notes:
            _add_rule(paragraph)
        self.notes = is_note
        if part.right_to_left:
            _turn(paragraph)
        _fill(paragraph, part.lines, right_to_left=part.right_to_left)

    def _add_table(self, grid: TextGrid) -> None:
        """Add a table, and an empty line, without which two tables would be one."""
        from docx.enum.table import WD_TABLE_DIRECTION
        from docx.text.paragraph import Paragraph

        if self.new_page:
            self._paragraph(self.between)
        self.notes = False
        style = self.book.styles["Table Grid"]
        table = self.book.add_table(grid.row_count, grid.column_count, style)
        if grid.right_to_left:
            table.table_direction = WD_TABLE_DIRECTION.RTL
        cells = [row.tc_lst for row in table._tbl.tr_lst]
        for cell in grid.cells:
            own = cells[cell.row][cell.column]
            if cell.rows > 1 or cell.columns > 1:
                own.merge(cells[cell.row + cell.rows - 1][cell.column + cell.columns - 1])
            paragraph = Paragraph(own.p_lst[0], table)
            if grid.right_to_left:
                _turn(paragraph)
            _fill(paragraph, (cell.text,), right_to_left=grid.right_to_left)
        self._paragraph(self.between)

    def _paragraph(self, style: Any) -> Any:
        paragraph = self.book.add_paragraph(style=style)
        if self.new_page:
            paragraph.paragraph_format.page_break_before = True
            self.new_page = False
        return paragraph


def _set_paper(book: Any) -> None:
    """Set the size of the paper to A4, with margins of 25 mm."""
    from docx.shared import Mm

    section = book.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(25)


def _with_languages(pages: Iterable[ReadPage], found: list[str]) -> Iterator[ReadPage]:
    """Yield pages, and add the languages of the first page that knows them, if none is known."""
    for page in pages:
        if not found:
            found.extend(page.languages)
        yield page


def _style(book: Any, name: str) -> Any:
    """Return a style of paragraphs, made if the template does not have it."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    if name not in _SMALL:
        return book.styles[name]
    style = book.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = book.styles["Normal"]
    style.font.size = Pt(_SMALL_SIZE)
    return style


def _fill(paragraph: Any, lines: Iterable[str], *, right_to_left: bool) -> None:
    """Give a paragraph its text, with breaks between lines."""
    run = paragraph.add_run()
    for number, line in enumerate(lines):
        if number:
            run.add_break()
        run.add_text(line)
    if right_to_left:
        run.font.rtl = True


def _turn(paragraph: Any) -> None:
    """Make a paragraph run from right to left, and begin at the right margin."""
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(_element("w:bidi"), *_AFTER_DIRECTION)


def _add_rule(paragraph: Any) -> None:
    """Give a paragraph a rule above it."""
    border = _element("w:pBdr")
    border.append(_element("w:top", val="single", sz="4", space="6", color="808080"))
    paragraph._p.get_or_add_pPr().insert_element_before(border, *_AFTER_BORDER)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _set_language(book: Any, language: str) -> None:
    """Set the language of the whole text; if it is unknown, it is not proofread."""
    from docx.oxml.ns import qn

    tag = language or _NO_LANGUAGE
    script = _SCRIPTS.get(language.partition("-")[0].lower(), "w:val")
    for root in (book.styles.element, book.settings.element):
        for name in ("w:lang", "w:themeFontLang"):
            for element in root.iter(qn(name)):
                element.set(qn(script), tag)
                if script != "w:val":
                    element.set(qn("w:val"), _NO_LANGUAGE)


def _set_version(book: Any) -> None:
    """Say that the document needs no layout of older versions of Word."""
    from docx.oxml.ns import qn

    for setting in book.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), _WORD_2013)


def _set_properties(
    book: Any, document: ReadDocument, generator: str, language: str, date: datetime | None
) -> None:
    """Set title, author and the like, in place of those of the template."""
    package = book.part.package
    for relations in (package.rels, book.part.rels):
        for name in [n for n, r in relations.items() if r.reltype.endswith(_SUPERFLUOUS)]:
            del relations[name]
    for part in package.iter_parts():
        if part.partname == "/docProps/app.xml":
            part._blob = _APPLICATION.format(escaped(generator)).encode("utf-8")
    properties = book.core_properties
    properties.title = clean(document.title or document.name)[:_LONGEST]
    properties.author = clean(document.author)[:_LONGEST]
    properties.subject = clean(document.subject)[:_LONGEST]
    properties.keywords = clean(document.keywords)[:_LONGEST]
    properties.comments = ""
    properties.language = language
    if date is not None:
        properties.created = properties.modified = date
    else:
        element = properties._element
        element.remove(element.created)
        element.remove(element.modified)


def _packed(book: Any, date: datetime | None) -> bytes:
    """Return the file, in whose archive all parts have the date of the document."""
    saved, packed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    stamp = (
        (*date.timetuple()[:6],) if date and date.year >= _EARLIEST else (_EARLIEST, 1, 1, 0, 0, 0)
    )
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(packed, "w") as archive:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            archive.writestr(info, parts.read(name))
    return packed.getvalue()
