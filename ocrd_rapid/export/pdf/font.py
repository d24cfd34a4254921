# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The font of text layers: every character is a box, as high as a line and as wide as is usual.

A Type 0 font for the whole document: characters are numbered as they come, ``ToUnicode`` tells
what each is, and the embedded TrueType font has one box for each of 25 widths. With glyphs that
are empty, pdfium marks nothing where text is selected, and finds none on turned pages.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from ..character_widths import width_of

if TYPE_CHECKING:
    import pikepdf

#: The top and the bottom of a line, in thousandths of the size of the type.
ASCENT, DESCENT = 800, -200

#: The widths that boxes have, in thousandths of the size.
_STEP = 50
_WIDTHS = range(100, 1301, _STEP)

#: The width of a space. Viewers stretch it over the gap between words.
_SPACE = 250

#: The name of the font, by which layers of ours are known.
NAME = "OcrdRapidBoxes"

#: A date for the font program, in seconds since 1904: the first day of 2010.
_DATE = 3345148800

#: Number of entries that a section of a CMap may have.
_SECTION = 100

_CMAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /{name} def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
{sections}
endcmap CMapName currentdict /CMap defineresource pop end end"""


class BoxFont:
    """The characters that the text layers of a document use so far, each with a number."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """Return the hexadecimal digits of a text, as for the operator ``Tj``."""
        codes = self._codes
        return "".join(f"{codes.setdefault(c, len(codes) + 1):04X}" for c in text)

    def add_to(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """Return the font as an object of a document; it has the characters encoded so far."""
        from pikepdf import Array, Dictionary, Name, String

        widths = [character_width(character) for character in self._codes]
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name(f"/{NAME}"),
            Flags=4,
            FontBBox=Array([0, DESCENT, _WIDTHS[-1], ASCENT]),
            ItalicAngle=0,
            Ascent=ASCENT,
            Descent=DESCENT,
            CapHeight=ASCENT,
            StemV=80,
            FontFile2=_compressed(pdf, program := box_program(), Length1=len(program)),
        )
        glyphs = [0, *((width - _WIDTHS[0]) // _STEP + 1 for width in widths)]
        descendant = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name(f"/{NAME}"),
            CIDSystemInfo=Dictionary(
                Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
            ),
            FontDescriptor=pdf.make_indirect(descriptor),
            DW=500,
            W=Array([1, Array(widths)]),
            CIDToGIDMap=_compressed(pdf, struct.pack(f">{len(glyphs)}H", *glyphs)),
        )
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=Name(f"/{NAME}"),
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([pdf.make_indirect(descendant)]),
                ToUnicode=_compressed(pdf, self.to_unicode().encode("ascii")),
            )
        )

    def to_unicode(self) -> str:
        """Return the CMap that tells the characters of the codes, in UTF-16."""
        entries = [
            f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>"
            for character, code in self._codes.items()
        ]
        sections = [
            "\n".join([f"{len(part)} beginbfchar", *part, "endbfchar"])
            for part in (entries[i : i + _SECTION] for i in range(0, len(entries), _SECTION))
        ]
        return _CMAP.format(name=NAME, sections="\n".join(sections))


@lru_cache(maxsize=4096)
def character_width(character: str) -> int:
    """Return the width of the box of a character, in thousandths of the size of the type."""
    if character == " ":
        return _SPACE
    return min(max(round(width_of(character) / _STEP) * _STEP, _WIDTHS[0]), _WIDTHS[-1])


def natural_width(text: str) -> int:
    """Return the sum of the widths of the boxes of a text, in thousandths of the size."""
    return sum(map(character_width, text))


def box_program() -> bytes:
    """Return a TrueType font of boxes, with the tables that fonts within PDFs need.

    Glyph 0 is that of missing characters; those after it have the widths from 100 to 1300.
    """
    widths = [500, *_WIDTHS]
    outlines = [_box(width) for width in widths]
    offsets = [sum(map(len, outlines[:i])) // 2 for i in range(len(outlines) + 1)]
    count = len(widths)
    tables = {
        b"glyf": b"".join(outlines),
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0x000B, 1000, _DATE, _DATE,
            0, DESCENT, max(widths), ASCENT, 0, 8, 2, 0, 0,
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x00010000, ASCENT, DESCENT, 0, max(widths), 0, 0,
            max(widths), 1, 0, 0, 0, 0, 0, 0, 0, count,
        ),
        b"hmtx": b"".join(struct.pack(">Hh", width, 0) for width in widths),
        b"loca": struct.pack(f">{count + 1}H", *offsets),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x00010000, count, 4, 1, *[0] * 2, 1, *[0] * 8),
    }  # fmt: skip
    return _joined(tables)


def _box(width: int) -> bytes:
    """Return the outline of a glyph: a box from descent to ascent; its length is even."""
    header = struct.pack(">hhhhhHH", 1, 0, DESCENT, width, ASCENT, 3, 0)
    height = ASCENT - DESCENT
    xs = struct.pack(">hhhh", 0, 0, width, 0)
    ys = struct.pack(">hhhh", DESCENT, height, 0, -height)
    return header + bytes([1, 1, 1, 1]) + xs + ys


def _joined(tables: dict[bytes, bytes]) -> bytes:
    """Return a TrueType file of tables, which are in the order of their names."""
    power = len(tables).bit_length() - 1
    search = 16 << power
    head = struct.pack(">IHHHH", 0x00010000, len(tables), search, power, 16 * len(tables) - search)
    place = len(head) + 16 * len(tables)
    directory, bodies = b"", b""
    for name, body in tables.items():
        padded = body + bytes(-len(body) % 4)
        directory += struct.pack(">4sIII", name, _checksum(padded), place, len(body))
        place += len(padded)
        bodies += padded
    whole = head + directory + bodies
    adjustment = (0xB1B0AFBA - _checksum(whole)) & 0xFFFFFFFF
    at = whole.index(tables[b"head"]) + 8
    return whole[:at] + struct.pack(">I", adjustment) + whole[at + 4 :]


def _checksum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(data) // 4}I", data)
    return sum(words) & 0xFFFFFFFF


def _compressed(pdf: pikepdf.Pdf, data: bytes, **entries: object) -> pikepdf.Stream:
    from pikepdf import Name

    return pdf.make_stream(zlib.compress(data, 9), Filter=Name.FlateDecode, **entries)
