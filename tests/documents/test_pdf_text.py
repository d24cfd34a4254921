# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text that a PDF has: what is done with its pages, and the words with their places."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_pdfs
import numpy as np
import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from made_pdfs import LINES, add_page, made, scan, scan_page, text_page, words
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from ocrd_rapid.documents.document import Document, DocumentOptions, DocumentSource, Treatment
from ocrd_rapid.documents.open_document import open_document
from ocrd_rapid.ocr.page_model import ReadPage

KEEP, MERGE, RECOGNIZE = Treatment.KEEP, Treatment.MERGE, Treatment.RECOGNIZE

Fill = Callable[[Pdf], Any]


def opened(path: Path, **options: Any) -> Document:
    return open_document(DocumentSource("a", (path,)), DocumentOptions(**options))


def text_of(path: Path, **options: Any) -> ReadPage:
    document = opened(path, **options)
    page = document.pages[0].text()
    document.close()
    return page


def meanings(pdf: Pdf, characters: str, first: int = 1, digits: int = 4) -> Any:
    """Return the map from the codes of a font, from the first on, to characters."""
    lines = [
        f"<{i:0{digits}x}> <{character.encode('utf-16-be').hex()}>"
        for i, character in enumerate(characters, first)
    ]
    whole = f"<{'0' * digits}> <{'f' * digits}>"
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        f"1 begincodespacerange {whole} endcodespacerange\n"
        f"{len(lines)} beginbfchar\n" + "\n".join(lines) + "\nendbfchar\nendcmap end end"
    )
    return pdf.make_stream(cmap.encode())


def outline_font(characters: str, *, mapped: bool = True) -> Callable[[Pdf], Any]:
    """Return what makes a font of boxes whose glyphs 1, 2, … are characters, mapped or not."""
    names = [".notdef", *(f"g{i}" for i in range(len(characters)))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({})
    pen = TTGlyphPen(None)
    for i, corner in enumerate([(50, 0), (50, 700), (450, 700), (450, 0)]):
        (pen.lineTo if i else pen.moveTo)(corner)
    pen.closePath()
    glyph = pen.glyph()
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Boxes"})
    builder.setupOS2()
    builder.setupPost()
    stream = io.BytesIO()
    builder.save(stream)

    def make(pdf: Pdf) -> Any:
        program = pdf.make_stream(stream.getvalue(), Length1=len(stream.getvalue()))
        descriptor = Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/ABCDEF+Boxes"), Flags=4, ItalicAngle=0,
            FontBBox=Array([0, -200, 1000, 800]), Ascent=800, Descent=-200, CapHeight=700,
            StemV=80, FontFile2=program,
        )  # fmt: skip
        descendant = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/ABCDEF+Boxes"), DW=500,
            CIDSystemInfo=Dictionary(
                Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
            ),
            FontDescriptor=descriptor, CIDToGIDMap=Name.Identity,
        )  # fmt: skip
        font = Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/ABCDEF+Boxes"),
            Encoding=Name("/Identity-H"), DescendantFonts=Array([descendant]),
        )  # fmt: skip
        if mapped:
            font.ToUnicode = meanings(pdf, characters)
        return font

    return make


def boxes_page(characters: str, *, mapped: bool = True, separators: str = "") -> Fill:
    """Return what adds a page that shows characters in a font of boxes.

    Args:
        characters: its text.
        mapped: whether the PDF says what the glyphs mean.
        separators: operators after each character.
    """
    font = outline_font(characters, mapped=mapped)

    def fill(pdf: Pdf) -> None:
        codes = separators.join(f"<{i + 1:04x}> Tj " for i in range(len(characters)))
        page = add_page(pdf, f"BT /B 20 Tf 72 700 Td {codes} ET")
        page.Resources.Font.B = font(pdf)

    return fill


def in_form(content: str) -> Fill:
    """Return what adds a scan below a form XObject with text."""

    def fill(pdf: Pdf) -> None:
        page = scan_page(pdf, over="q 1 0 0 1 10 20 cm /X Do Q")
        page.Resources.XObject.X = pdf.make_stream(
            content.encode("cp1252"),
            Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 600, 900]),
            Resources=Dictionary(Font=page.Resources.Font),
        )  # fmt: skip

    return fill


def picture_page(share: float, lines: int) -> Fill:
    """Return what adds a page of visible text with a picture on a share of it."""

    def fill(pdf: Pdf) -> None:
        height = share * made_pdfs.A4[1]
        shown = f"q 595.2 0 0 {height} 0 0 cm /I Do Q "
        many = [f"Zeile {i} mit einigen Wörtern" for i in range(lines)]
        image = made_pdfs.jpeg_object(pdf, scan())
        add_page(pdf, shown + words(many, at=(40, 830), size=6), image=image)

    return fill


def white(pdf: Pdf) -> None:
    scan_page(pdf, over=f"1 1 1 rg {words(at=(60, 60))}")


def paths_page(pdf: Pdf) -> None:
    add_page(pdf, words() + " 10 10 m 90 90 l S")


SCAN: Fill = scan_page
LAYER: Fill = lambda pdf: scan_page(pdf, over=words(mode=3))  # noqa: E731
BELOW: Fill = lambda pdf: scan_page(pdf, under=words())  # noqa: E731
STAMP: Fill = lambda pdf: scan_page(pdf, over=words(["Eingang 3. Mai"]))  # noqa: E731
BOTH: Fill = lambda pdf: scan_page(pdf, over=words(mode=3) + words(["Stempel"]))  # noqa: E731

#: What is done with kinds of pages: in the modes auto, skip, redo and force.
CASES: dict[str, tuple[Fill, list[tuple[Treatment, str]]]] = {
    "nothing": (
        lambda pdf: pdf.add_blank_page(),
        [(RECOGNIZE, "add"), (RECOGNIZE, "add"), (RECOGNIZE, "add"), (RECOGNIZE, "image")],
    ),
    "a scan": (
        SCAN, [(RECOGNIZE, "add"), (RECOGNIZE, "add"), (RECOGNIZE, "add"), (RECOGNIZE, "image")]
    ),
    "text": (text_page, [(KEEP, "keep"), (KEEP, "keep"), (KEEP, "keep"), (RECOGNIZE, "image")]),
    "text and lines": (
        paths_page, [(KEEP, "keep"), (KEEP, "keep"), (MERGE, "add"), (RECOGNIZE, "image")]
    ),
    "an OCR layer": (
        LAYER, [(KEEP, "keep"), (KEEP, "keep"), (RECOGNIZE, "replace"), (RECOGNIZE, "image")]
    ),
    "an OCR layer in a form": (
        in_form(words(mode=3)),
        [(KEEP, "keep"), (KEEP, "keep"), (RECOGNIZE, "replace"), (RECOGNIZE, "image")],
    ),
    "text below the scan": (
        BELOW, [(KEEP, "keep"), (KEEP, "keep"), (RECOGNIZE, "replace"), (RECOGNIZE, "image")]
    ),
    "white text on the scan": (
        white, [(KEEP, "keep"), (KEEP, "keep"), (RECOGNIZE, "replace"), (RECOGNIZE, "image")]
    ),
    "a scan with a stamp": (
        STAMP, [(MERGE, "add"), (KEEP, "keep"), (MERGE, "add"), (RECOGNIZE, "image")]
    ),
    "a scan with a stamp in a form": (
        in_form(words(["Stempel"])),
        [(MERGE, "add"), (KEEP, "keep"), (MERGE, "add"), (RECOGNIZE, "image")],
    ),
    "an OCR layer and a stamp": (
        BOTH, [(KEEP, "keep"), (KEEP, "keep"), (MERGE, "replace"), (RECOGNIZE, "image")]
    ),
    "much text with a picture": (
        picture_page(0.45, 30),
        [(KEEP, "keep"), (KEEP, "keep"), (MERGE, "add"), (RECOGNIZE, "image")],
    ),
    "little text with a picture": (
        picture_page(0.45, 2),
        [(MERGE, "add"), (KEEP, "keep"), (MERGE, "add"), (RECOGNIZE, "image")],
    ),
    "text without a map": (
        boxes_page("Schrift", mapped=False),
        [(RECOGNIZE, "replace"), (RECOGNIZE, "replace"), (RECOGNIZE, "replace"),
         (RECOGNIZE, "image")],
    ),
    "text for private use": (
        boxes_page("\ue000\ue001\ue002abc"),
        [(RECOGNIZE, "replace"), (RECOGNIZE, "replace"), (RECOGNIZE, "replace"),
         (RECOGNIZE, "image")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_the_mode_decides_what_is_done_with_a_page(tmp_path: Path, kind: str) -> None:
    fill, expected = CASES[kind]
    path = made(tmp_path / "a.pdf", fill)
    found = []
    for mode in ("auto", "skip", "redo", "force"):
        document = opened(path, mode=mode)
        (page,) = document.pages
        found.append((page.treatment(), page.layer()))
        document.close()
    assert found == expected


def test_a_kept_layer_and_lost_text_are_said(tmp_path: Path) -> None:
    document = opened(made(tmp_path / "a.pdf", LAYER, SCAN, boxes_page("Schrift", mapped=False)))
    notes = [page.notes() for page in document.pages]
    document.close()
    assert "--mode redo" in notes[0][0]
    assert not notes[1]
    assert "without usable Unicode" in notes[2][0]


@pytest.mark.parametrize("fill", [STAMP, in_form(words(["Stempel"]))])
def test_visible_text_is_masked_where_the_scan_is_read(tmp_path: Path, fill: Fill) -> None:
    document = opened(made(tmp_path / "a.pdf", fill))
    image = Image.open(document.pages[0].image(tmp_path, "x"))
    document.close()
    assert np.abs(np.asarray(image.convert("L")).astype(int) - np.asarray(scan())).mean() < 1


def test_only_the_visible_text_is_merged(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", BOTH)
    assert text_of(path, mode="redo").text == "Stempel"
    assert sorted(text_of(path).text.split()) == sorted([*" ".join(LINES).split(), "Stempel"])


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_are_where_they_are_seen(tmp_path: Path, rotate: int) -> None:
    """Each word is the only ink in its outline, on a page of any rotation."""

    def fill(pdf: Pdf) -> None:
        add_page(
            pdf, words(), MediaBox=Array([-50, 100, 550, 900]), CropBox=Array([0, 600, 500, 800]),
            Rotate=rotate,
        )  # fmt: skip

    document = opened(made(tmp_path / "a.pdf", fill), mode="redo")
    page = document.pages[0].text()
    document.close()
    document = opened(tmp_path / "a.pdf", mode="force")
    ink = np.asarray(Image.open(document.pages[0].image(tmp_path, "x")).convert("L")) < 128
    document.close()
    assert ink.shape == (page.height, page.width)
    assert [line.text for line in page.lines] == list(LINES)
    inside = np.zeros_like(ink)
    for line in page.lines:
        for word in line.words:
            (left, top), (right, bottom) = word.outline.min(axis=0), word.outline.max(axis=0)
            part = np.s_[round(top) - 1 : round(bottom) + 2, round(left) - 1 : round(right) + 2]
            assert ink[part].mean() > 0.1
            inside[part] = True
    assert not (ink & ~inside).any()
    assert page.orientation == {0: 0, 90: -90, 180: 180, 270: 90}[rotate]
    assert page.source == "pdf" and page.dpi == pytest.approx(300, abs=0.1)
    start, end = next(page.lines).baseline
    forward = end - start
    assert {0: forward[0], 90: forward[1], 180: -forward[0], 270: -forward[1]}[rotate] > 500


def test_slanted_lines_have_slanted_outlines(tmp_path: Path) -> None:
    slant = "BT /F 20 Tf 0.9962 0.0872 -0.0872 0.9962 72 500 Tm (Ein schräger Satz) Tj ET"
    page = text_of(made(tmp_path / "a.pdf", lambda pdf: add_page(pdf, slant)))
    (line,) = page.lines
    assert line.text == "Ein schräger Satz"
    across = line.outline[1] - line.outline[0]
    assert np.degrees(np.arctan2(-across[1], across[0])) == pytest.approx(5, abs=0.2)
    height = np.linalg.norm(line.outline[3] - line.outline[0])
    assert height == pytest.approx(20 * 0.95 * 300 / 72, rel=0.15)


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [f"links {i} steht" for i in range(6)]
    right = [f"rechts {i} folgt" for i in range(6)]

    def fill(pdf: Pdf) -> None:
        rows = zip(left, right, strict=True)
        add_page(pdf, "".join(
            words([a], at=(72, 700 - 20 * i), size=12) + words([b], at=(320, 700 - 20 * i), size=12)
            for i, (a, b) in enumerate(rows)
        ))  # fmt: skip

    page = text_of(made(tmp_path / "a.pdf", fill))
    assert [line.text for line in page.lines] == left + right


def test_words_that_are_painted_last_are_in_their_line(tmp_path: Path) -> None:
    def fill(pdf: Pdf) -> None:
        add_page(pdf, words(["vor"], at=(72, 700)) + words(["nach"], at=(140, 700))
                 + words(["und"], at=(104, 700)))  # fmt: skip

    (line,) = text_of(made(tmp_path / "a.pdf", fill)).lines
    assert line.text == "vor und nach"


def test_a_word_divided_at_the_end_of_a_line_keeps_its_hyphen(tmp_path: Path) -> None:
    lines = ("Die Gärtner-", "arbeit war getan")
    page = text_of(made(tmp_path / "a.pdf", lambda pdf: add_page(pdf, words(lines))))
    assert page.text == "\n".join(lines)


@pytest.mark.parametrize(
    "text", ["ſtand", "𝔄𝔟𝔠", "😀", "ﬁx", "a\u0308x", "a\u00adb", "שלום", "漢字"]
)
def test_characters_of_all_kinds_come_out_as_they_are(tmp_path: Path, text: str) -> None:
    import unicodedata

    found = text_of(made(tmp_path / "a.pdf", boxes_page(text))).text
    expected = unicodedata.normalize("NFC", text).replace("ﬁ", "fi").replace("\u00ad", "-")
    backwards = text == "שלום"  # shown from the left, read from the right
    assert found == (expected[::-1] if backwards else expected)


def test_text_off_the_page_is_left_out(tmp_path: Path) -> None:
    content = words(["sichtbar"]) + words(["daneben"], at=(700, 700))
    assert text_of(made(tmp_path / "a.pdf", lambda pdf: add_page(pdf, content))).text == "sichtbar"


def test_a_page_without_text_is_empty(tmp_path: Path) -> None:
    page = text_of(made(tmp_path / "a.pdf", lambda pdf: pdf.add_blank_page()))
    assert (page.text, page.regions, page.orientation) == ("", (), 0)


def test_glyphs_without_outline_have_the_height_of_letters(tmp_path: Path) -> None:
    def fill(pdf: Pdf) -> None:
        page = scan_page(pdf, over="BT 3 Tr /E 20 Tf 72 700 Td (ab) Tj ET")
        nothing = pdf.make_stream(b"500 0 d0")
        page.Resources.Font.E = Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 0, 0]),
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), FirstChar=97, LastChar=98,
            Widths=Array([500, 500]), CharProcs=Dictionary(a=nothing, b=nothing),
            Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a, Name.b])),
            ToUnicode=meanings(pdf, "ab", 97, 2),
        )  # fmt: skip

    (line,) = text_of(made(tmp_path / "a.pdf", fill)).lines
    width, height = np.ptp(line.words[0].outline, axis=0)
    scale = 620 / made_pdfs.A4[0]
    assert line.text == "ab"
    assert height == pytest.approx(20 * scale, rel=0.1)
    assert width == pytest.approx(20 * scale, rel=0.3)


def test_every_page_of_a_long_document_is_read(tmp_path: Path) -> None:
    """pdfium is opened anew in between."""
    pages = [lambda pdf, i=i: add_page(pdf, words([f"Seite {i}"])) for i in range(40)]
    document = opened(made(tmp_path / "a.pdf", *pages))
    assert [page.text().text for page in document.pages] == [f"Seite {i}" for i in range(40)]
    document.close()


def test_nothing_of_a_page_is_done_before_it_is_asked_for(tmp_path: Path) -> None:
    """A PDF of thousands of pages opens at once."""

    def fill(pdf: Pdf) -> None:
        page = add_page(pdf, "")
        page.Contents = Stream(pdf, b"no operators at all (" * 9)
        for _ in range(1999):
            pdf.pages.append(pdf.pages[0])

    document = opened(made(tmp_path / "a.pdf", fill), pages="1-3,2000")
    assert [page.number for page in document.pages] == [1, 2, 3, 2000]
    document.close()
