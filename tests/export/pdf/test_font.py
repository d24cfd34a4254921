# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The font of boxes."""

from __future__ import annotations

import io
import re

import pytest

from ocrd_rapid.export.pdf.font import BoxFont, box_program, character_width


def test_the_program_is_a_font_of_boxes() -> None:
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(box_program()), checkChecksums=2)
    widths = [font["hmtx"][name][0] for name in font.getGlyphOrder()]
    assert widths[1:] == list(range(100, 1301, 50))
    for name, width in zip(font.getGlyphOrder(), widths, strict=True):
        glyph = font["glyf"][name]
        assert (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) == (0, -200, width, 800)
        corners = {(0, -200), (0, 800), (width, 800), (width, -200)}
        assert set(glyph.getCoordinates(font["glyf"])[0]) == corners


def test_the_program_is_small_and_always_the_same() -> None:
    assert len(box_program()) < 2500
    assert box_program() == box_program()


def test_codes_tell_their_characters() -> None:
    font = BoxFont()
    text = "aſ𐌰\u0364漢"
    codes = re.findall("....", font.encode(text))
    pairs = dict(re.findall(r"^<(....)> <([0-9A-F]+)>$", font.to_unicode(), re.MULTILINE))
    assert "".join(bytes.fromhex(pairs[code]).decode("utf-16-be") for code in codes) == text


def test_sections_of_the_map_have_at_most_a_hundred_entries() -> None:
    font = BoxFont()
    font.encode("".join(map(chr, range(0x4E00, 0x4E00 + 250))))
    counts = [int(n) for n in re.findall(r"(\d+) beginbfchar", font.to_unicode())]
    assert counts == [100, 100, 50]


@pytest.mark.parametrize("character", ["i", "m", "a", "A", "漢", "\u0364", "—", " ", "𝔉"])
def test_every_character_has_a_width_that_a_box_has(character: str) -> None:
    assert character_width(character) in range(100, 1301, 50)


def test_widths_differ_as_letters_do() -> None:
    narrow, normal, capital, wide, full = map(character_width, "iaAm漢")
    assert narrow < normal < capital < wide < full == 1000
    assert character_width("\u0364") == 100
