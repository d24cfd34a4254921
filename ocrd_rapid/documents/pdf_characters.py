# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The characters of a PDF page as pdfium gives them: text, place, size, and whether they are seen.

pdfium puts out spaces and line breaks of its own, words divided at the end of a line with a mark
in place of the hyphen, and ligatures as their letters.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from .pdf_fonts import plain_name
from .pdfium import PdfiumPage, address_of, api

#: What pdfium puts in place of a hyphen at the end of a line, and Unicode's soft hyphen, which a
#: PDF shows as a hyphen wherever it occurs.
_HYPHENS = {0x02, 0xFFFE, 0xAD}

_HIGH, _LOW, _AFTER_LOW = 0xD800, 0xDC00, 0xE000

#: In text whose map has the two bytes of each character in the wrong order, the second is mostly 0.
_SWAPPED = 0xFF

_NAME_LENGTH = 256


@dataclass(frozen=True)
class PdfCharacter:
    """A character on a page; lengths in points of user space.

    Attributes:
        text: the character, U+FFFD if it has no meaning; a space between words and lines.
        box: left, bottom, right, top of its outline; without height for glyphs without outline.
        origin: the place on its baseline where it begins.
        along: the vector of an em in the direction of writing.
        up: the vector of an em from the baseline to the top of the letters.
        visible: whether it is seen.
        meaningful: whether the PDF says which character it is.
    """

    text: str
    box: tuple[float, float, float, float] = (0, 0, 0, 0)
    origin: tuple[float, float] = (0, 0)
    along: tuple[float, float] = (0, 0)
    up: tuple[float, float] = (0, 0)
    visible: bool = True
    meaningful: bool = True

    @property
    def is_space(self) -> bool:
        """Whether it only separates words."""
        return self.text == " "


def characters(
    page: PdfiumPage, unmapped_fonts: Collection[str] = (), hidden: Collection[int] = ()
) -> Iterator[PdfCharacter]:
    """Yield the characters of an open page in pdfium's order.

    Args:
        page: the page; it must stay open.
        unmapped_fonts: see `pdf_fonts.unmapped_fonts`.
        hidden: addresses of text objects that are not seen although they are painted, see
            `PageObject.address`.
    """
    pdfium = api()
    text = pdfium.FPDFText_LoadPage(page.handle)
    if not text:
        return
    with contextlib.closing(_Reader(text, unmapped_fonts, hidden)) as reader:
        high = 0
        for i in range(pdfium.FPDFText_CountChars(text)):
            code = pdfium.FPDFText_GetUnicode(text, i)
            if _HIGH <= code < _LOW:
                high = code
                continue
            if high and _LOW <= code < _AFTER_LOW:
                code = 0x10000 + ((high - _HIGH) << 10) + code - _LOW
            high = 0
            yield reader.character(i, code)


class _Reader:
    """Reads the properties of the characters of a page."""

    def __init__(self, text: Any, unmapped_fonts: Collection[str], hidden: Collection[int]) -> None:
        self._text = text
        self._unmapped_fonts = unmapped_fonts
        self._hidden = hidden
        #: Of each text object: whether it is visible, and whether its font has no map.
        self._known: dict[int, tuple[bool, bool]] = {}
        self._numbers = [ctypes.c_double() for _ in range(6)]
        self._matrix = api().FS_MATRIX()

    def close(self) -> None:
        api().FPDFText_ClosePage(self._text)

    def character(self, index: int, code: int) -> PdfCharacter:
        pdfium = api()
        item = pdfium.FPDFText_GetTextObject(self._text, index)
        hyphen = code in _HYPHENS or pdfium.FPDFText_IsHyphen(self._text, index) == 1
        char = "-" if hyphen else _char(code)
        if not item or char.isspace():
            return PdfCharacter(" ")
        visible, unmapped = self._of(item)
        # A letter of a byte, with the two bytes of its character in the wrong order.
        swapped = _SWAPPED < code <= 0xFFFF and not code & _SWAPPED
        wrong = pdfium.FPDFText_HasUnicodeMapError(self._text, index) == 1
        meaningful = not (unmapped or wrong or swapped or unicodedata.category(char) in _NOT_TEXT)
        left, right, bottom, top, x, y = self._numbers
        pdfium.FPDFText_GetCharBox(self._text, index, left, right, bottom, top)
        pdfium.FPDFText_GetCharOrigin(self._text, index, x, y)
        pdfium.FPDFText_GetMatrix(self._text, index, self._matrix)
        size = pdfium.FPDFText_GetFontSize(self._text, index)
        matrix = self._matrix
        return PdfCharacter(
            char if unicodedata.category(char) not in _NOT_TEXT else "\ufffd",
            (left.value, bottom.value, right.value, top.value),
            (x.value, y.value),
            *_em(matrix.a, matrix.b, matrix.c, matrix.d, size, top.value - bottom.value),
            visible,
            meaningful,
        )

    def _of(self, item: Any) -> tuple[bool, bool]:
        address = address_of(item)
        if address not in self._known:
            pdfium = api()
            mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
            seen = mode != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE and address not in self._hidden
            self._known[address] = (
                seen,
                bool(self._unmapped_fonts and _font_name(item) in self._unmapped_fonts),
            )
        return self._known[address]


#: Unicode's categories of code points that are no characters: control, surrogate, private, unused.
_NOT_TEXT = {"Cc", "Cs", "Co", "Cn"}


def _char(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 else "\ufffd"


def _font_name(item: Any) -> str:
    pdfium = api()
    buffer = ctypes.create_string_buffer(_NAME_LENGTH)
    pdfium.FPDFFont_GetBaseFontName(pdfium.FPDFTextObj_GetFont(item), buffer, _NAME_LENGTH)
    return plain_name(buffer.value.decode("utf-8", "replace"))


def _em(
    a: float, b: float, c: float, d: float, size: float, height: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the vectors of an em along and up; of a font without size, by the height of a box."""
    along, up = (a * size, b * size), (c * size, d * size)
    if math.hypot(*along) > 0 and math.hypot(*up) > 0:
        return along, up
    em = max(height, 1.0)
    return (em, 0.0), (0.0, em)
