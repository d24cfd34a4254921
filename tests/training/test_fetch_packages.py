# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fonts for the web, which come in parts, as fonts that lines are drawn with."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from training_modules import imported

pytest.importorskip("fontTools")
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont


@pytest.fixture(scope="module")
def fetch() -> Iterator[Any]:
    """Import the module, which stands outside the package."""
    with imported(fetch="fetch_packages") as modules:
        yield modules["fetch"]


def font_of(signs: str) -> bytes:
    """Return a font for the web with a square for each of the signs."""
    names = {ord(sign): f"uni{ord(sign):04X}" for sign in signs}
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 500), (500, 500), (500, 0)):
        pen.lineTo(point)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    builder.setupGlyf(dict.fromkeys([".notdef", *names.values()], square))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.font.flavor = "woff"
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()


def unpacked(fetch: Any, folder: Path, name: str, parts: dict[str, str]) -> dict[str, set[str]]:
    """Return the fonts that are taken out of an archive, each with its signs.

    Args:
        name: of the archive.
        parts: signs by name of a file.
    """
    archive = folder / name
    with tarfile.open(archive, "w:gz") as content:
        for file, signs in parts.items():
            data = font_of(signs)
            member = tarfile.TarInfo(f"package/files/{file}")
            member.size = len(data)
            content.addfile(member, io.BytesIO(data))
    fetch._unpack_fonts(archive, folder / "fonts")
    found = {}
    for path in (folder / "fonts").iterdir():
        with TTFont(path) as font:
            found[path.name] = {chr(code) for code in font.getBestCmap()}
    return found


def test_a_script_keeps_its_letters_and_gets_the_digits(fetch: Any, tmp_path: Path) -> None:
    parts = {
        "noto-serif-gurmukhi-gurmukhi-400-normal.woff": "ਕਖ",
        "noto-serif-gurmukhi-latin-400-normal.woff": "ABC123",
        "noto-serif-gurmukhi-latin-ext-400-normal.woff": "āčĐęłşž",
        "noto-serif-gurmukhi-gurmukhi-700-normal.woff": "ਕਖਗ",
        "noto-serif-gurmukhi-latin-400-italic.woff": "ABC",
    }
    found = unpacked(fetch, tmp_path, "fontsource-noto-serif-gurmukhi-5.0.8.tgz", parts)
    assert found == {
        "noto-serif-gurmukhi-400-normal.ttf": set("ਕਖABC123"),
        "noto-serif-gurmukhi-700-normal.ttf": set("ਕਖਗ"),
    }


def test_of_a_latin_font_the_part_with_most_signs_stays(fetch: Any, tmp_path: Path) -> None:
    parts = {
        "bitter-cyrillic-400-normal.woff": "абв",
        "bitter-latin-400-normal.woff": "ABC123",
    }
    found = unpacked(fetch, tmp_path, "fontsource-bitter-5.1.tgz", parts)
    assert found == {"bitter-400-normal.ttf": set("ABC123")}
