# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Searchable PDFs made of images."""

from __future__ import annotations

import io
import logging
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from searchable_pages import (
    DPI,
    HEIGHT,
    WIDTH,
    line_at,
    misplaced,
    moved,
    opened,
    page_of,
    region_of,
    text_of,
    words_in,
    written,
)

from ocrd_rapid.errors import ImageError, NotArchivableError
from ocrd_rapid.export.export_options import ExportOptions, PageMedium
from ocrd_rapid.export.pdf.assemble import write
from ocrd_rapid.ocr.page_model import (
    OutlineEntry,
    ReadDocument,
    ReadPage,
    ReadRegion,
    TablePlace,
)
from ocrd_rapid.transforms import rotation, shift

OPTIONS = ExportOptions(generator="test 1")

needs_pdfa = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="PDF/A is checked from Python 3.11 on"
)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.jpg"
    Image.new("L", (WIDTH, HEIGHT), 255).save(path, dpi=(DPI, DPI))
    return path


def made(
    scan: Path, *pages: ReadPage, options: ExportOptions = OPTIONS, **document: object
) -> bytes:
    record = replace(ReadDocument("name", len(pages)), **document)
    return written(pages, {p.number: PageMedium(scan) for p in pages}, options, record)


def turned(page: ReadPage, degrees: float) -> ReadPage:
    """Return a page whose text is turned clockwise about the center of the page."""
    turn, (width, height) = rotation(degrees, WIDTH, HEIGHT)
    return moved(page, shift((WIDTH - width) / 2, (HEIGHT - height) / 2) @ turn)


BODY = region_of(300, "The quick brown fox", "jumps over it")


def test_words_are_found_where_they_are(scan: Path) -> None:
    page = page_of(BODY)
    data = made(scan, page)
    assert misplaced(page, data) == []
    assert text_of(data).split() == ["The", "quick", "brown", "fox", "jumps", "over", "it"]


@pytest.mark.parametrize("degrees", [90, 180, 270, 2.5, -4, 20])
def test_words_of_turned_lines_are_found(scan: Path, degrees: float) -> None:
    page = turned(page_of(replace(BODY, orientation=-degrees)), degrees)
    assert misplaced(page, made(scan, page), least=0.8) == []


@pytest.mark.parametrize("orientation", [90, 180, 270])
def test_pages_are_turned_upright(scan: Path, orientation: int) -> None:
    page = turned(page_of(replace(BODY, orientation=orientation)), -orientation)
    page = replace(page, orientation=orientation)
    data = made(scan, page, options=replace(OPTIONS, rotate_pages=True))
    with opened(data) as pdf:
        assert pdf.pages[0].obj.Rotate == orientation
    assert text_of(data).split("\n")[0].strip() == "The quick brown fox"


def test_pages_are_straightened_with_their_text(scan: Path) -> None:
    straight = page_of(BODY)
    page = replace(turned(page_of(BODY), 3), skew=-3.0)
    data = made(scan, page, options=replace(OPTIONS, deskew_pages=True))
    assert misplaced(straight, data) == []
    with opened(data) as pdf:
        matrix = re.search(rb"([-\d.]+ ){6}cm", pdf.pages[0].Contents[4].read_bytes())
        assert matrix and float(matrix[0].split()[1]) == pytest.approx(
            np.sin(np.radians(3)), abs=1e-4
        )
    assert len(made(scan, page)) < len(data)


def test_an_upside_down_image_is_placed_as_exif_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    Image.new("L", (HEIGHT, WIDTH), 255).save(path, exif=exif)
    page = page_of(BODY)
    assert misplaced(page, made(path, page)) == []


@pytest.mark.parametrize(
    "text",
    ["שלום עולם", "السلام عليكم", "漢字 文本", "𝔉𝔯𝔞𝔨 𐌰𐌱", "aͤ oͤ m̃ q̃", "iſt ꝛc Æ", "ﬁ"],
)
def test_letters_of_all_kinds_are_copied(scan: Path, text: str) -> None:
    found = text_of(made(scan, page_of(region_of(100, text)))).strip()
    # pdfium resolves ligatures.
    assert found == text.replace("ﬁ", "fi")


def test_modern_spelling_can_be_searched(scan: Path) -> None:
    data = made(
        scan, page_of(region_of(100, "iſt")), options=replace(OPTIONS, modern_spelling=True)
    )
    assert text_of(data).strip() == "ist"


def test_divided_words_are_found_as_wholes(scan: Path) -> None:
    page = page_of(region_of(100, "die Gärt-", "ner sind"))
    joined = made(scan, page, options=replace(OPTIONS, pdf_join_hyphens=True))
    assert "Gärtner" in text_of(joined)
    with opened(joined) as pdf:
        content = b"\n".join(stream.read_bytes() for stream in pdf.pages[0].Contents)
    replaced = re.findall(rb"/ActualText<FEFF([0-9A-F]*)>", content)
    assert [bytes.fromhex(r.decode()).decode("utf-16-be") for r in replaced] == ["Gärtner", ""]
    assert b"ActualText" not in made(scan, page)


def test_outlines_are_drawn(scan: Path) -> None:
    data = made(scan, page_of(BODY), options=replace(OPTIONS, pdf_outlines=("region", "word")))
    with opened(data) as pdf:
        drawn = pdf.pages[0].Contents[-2].read_bytes()
    assert drawn.count(b" m ") == 1 + 7
    import pypdfium2

    picture = np.asarray(pypdfium2.PdfDocument(data)[0].render().to_pil().convert("RGB"))
    assert (picture.max(axis=2) - picture.min(axis=2)).max() > 100


def structure_of(data: bytes) -> list[object]:
    """Return the structure as nested lists: kind and marks or parts."""

    def told(element: object) -> list[object]:
        content = element.get("/K")  # type: ignore[attr-defined]
        parts = [int(content)] if isinstance(content, int) else [told(part) for part in content]
        return [str(element.S), *parts]  # type: ignore[attr-defined]

    with opened(data) as pdf:
        root = pdf.Root.StructTreeRoot
        parents = list(root.ParentTree.Nums)
        for page in pdf.pages:
            marks = parents[2 * int(page.obj.StructParents) + 1]
            assert all(mark.Pg.objgen == page.obj.objgen for mark in marks)
        return told(root.K)


def test_the_structure_is_told_in_reading_order(scan: Path) -> None:
    def cell(top: float, text: str, row: int, column: int) -> ReadRegion:
        return region_of(top, text, place=TablePlace("t", row, column))

    page = page_of(
        region_of(20, "12", kind="page-number"),
        ReadRegion((line_at(60, 60, "Heading"),), "heading"),
        BODY,
        cell(420, "a", 0, 0),
        cell(460, "b", 0, 1),
        cell(500, "c", 1, 0),
        region_of(540, "Figure", kind="caption"),
        region_of(580, "* note", kind="footnote"),
    )
    data = made(scan, page)
    kinds = structure_of(data)
    assert kinds == [
        "/Document",
        [kinds[1][0], 0],  # type: ignore[index]
        ["/P", 1],
        ["/Table", ["/TR", ["/TD", 2], ["/TD", 3]], ["/TR", ["/TD", 4]]],
        ["/Caption", 5],
        ["/Note", 6],
    ]
    assert re.fullmatch("/H[123]", kinds[1][0])  # type: ignore[index]
    with opened(data) as pdf:
        content = b"\n".join(stream.read_bytes() for stream in pdf.pages[0].Contents)
    assert (
        content.count(b"/Artifact BMC") == 2 and content.count(b"EMC") == content.count(b"BDC") + 2
    )


@needs_pdfa
def test_it_is_pdf_a(scan: Path) -> None:
    from pikepdf import pdfa

    data = made(scan, page_of(BODY), title="Titel", author="A. Bebel", languages=("de",))
    report = pdfa.validate_written(io.BytesIO(data), "2b")
    assert report.passed, report.findings[:3]
    with opened(data) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "2" and metadata["dc:title"] == "Titel"


@needs_pdfa
def test_what_cannot_be_pdf_a_is_a_plain_pdf_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "cmyk.jpg"
    Image.new("CMYK", (WIDTH, HEIGHT)).save(path)
    with caplog.at_level(logging.WARNING):
        data = made(path, page_of(BODY), source="cmyk.jpg")
    assert "cmyk.jpg is a plain PDF, not PDF/A: " in caplog.text
    with opened(data) as pdf, pdf.open_metadata() as metadata:
        assert "pdfaid:part" not in metadata and "/OutputIntents" not in pdf.Root
    with pytest.raises(NotArchivableError, match=r"cmyk\.jpg cannot be PDF/A: "):
        made(path, page_of(BODY), options=replace(OPTIONS, pdf_type="pdfa"), source="cmyk.jpg")


def test_a_plain_pdf_claims_nothing(scan: Path) -> None:
    data = made(scan, page_of(BODY), options=replace(OPTIONS, pdf_type="pdf"))
    with opened(data) as pdf, pdf.open_metadata() as metadata:
        assert "pdfaid:part" not in metadata and "/OutputIntents" not in pdf.Root


def test_the_metadata_are_those_of_the_document(scan: Path) -> None:
    data = made(
        scan, page_of(BODY), title="Die Frau", author="A. Bebel", subject="Buch", keywords="a, b",
        languages=("de", "la"), created="1879-05-01",
    )  # fmt: skip
    with opened(data) as pdf, pdf.open_metadata() as metadata:
        info = {key: str(value) for key, value in pdf.docinfo.items()}
        assert metadata["dc:language"] == {"de", "la"}
        assert pdf.Root.Lang == "de" and pdf.Root.ViewerPreferences.DisplayDocTitle
    assert info["/Title"] == "Die Frau" and info["/Author"] == "A. Bebel"
    assert info["/Subject"] == "Buch" and info["/Keywords"] == "a, b"
    assert info["/Producer"] == "test 1" and info["/CreationDate"].startswith("D:18790501")


def test_the_name_serves_as_title_and_pages_tell_the_language(scan: Path) -> None:
    pages = [page_of(BODY, number=i + 1, languages=(k,)) for i, k in enumerate(["fr", "de", "de"])]
    with opened(made(scan, *pages)) as pdf:
        assert pdf.docinfo["/Title"] == "name" and pdf.Root.Lang == "de"


def test_the_same_pages_give_the_same_bytes(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = made(scan, page_of(BODY))
    assert made(scan, page_of(BODY)) == first
    assert b"CreationDate" not in first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    with opened(made(scan, page_of(BODY))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:1970")


def test_pages_have_their_labels(scan: Path) -> None:
    labels = ["", "i", "ii", "1", "2", "2a", "3"]
    pages = [page_of(BODY, number=i + 1, label=label) for i, label in enumerate(labels)]
    with opened(made(scan, *pages)) as pdf:
        assert [page.label for page in pdf.pages] == ["1", *labels[1:]]


def bookmarks(data: bytes) -> list[tuple[int, str]]:
    def told(items: object, level: int) -> list[tuple[int, str]]:
        return [
            entry
            for item in items  # type: ignore[attr-defined]
            for entry in [(level, item.title), *told(item.children, level + 1)]
        ]

    with opened(data) as pdf, pdf.open_outline() as outline:
        return told(outline.root, 1)


def test_headings_become_bookmarks(scan: Path) -> None:
    pages = [page_of(region_of(40, f"Chapter {i}", kind="heading"), BODY, number=i) for i in (1, 2)]
    pages.append(page_of(BODY, number=3))
    assert bookmarks(made(scan, *pages)) == [(1, "Chapter 1"), (1, "Chapter 2")]
    known = (OutlineEntry("Part", 1), OutlineEntry("Section", 3, 2))
    assert bookmarks(made(scan, *pages, outline=known)) == [(1, "Part"), (2, "Section")]


def test_a_failed_page_whose_image_is_broken_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    failed = page_of()
    with opened(made(path, failed, failures={1: "broken"})) as pdf:
        assert len(pdf.pages) == 1
    with pytest.raises(ImageError):
        made(path, failed)


def test_pages_are_read_one_by_one(scan: Path) -> None:
    """Never more than one page is asked for, and its file only while it is at hand."""
    asked: list[int] = []

    def pages() -> object:
        for number in (1, 2, 3):
            assert len(asked) == number - 1
            yield page_of(BODY, number=number)

    def media(page: ReadPage) -> PageMedium:
        asked.append(page.number)
        return PageMedium(scan)

    stream = io.BytesIO()
    write(stream, ReadDocument("name", 3), pages(), OPTIONS, media)  # type: ignore[arg-type]
    assert len(words_in(stream.getvalue(), 2)) == 7


def test_a_file_that_cannot_go_back_is_written(scan: Path, tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(data)  # type: ignore[arg-type]

    pipe = Pipe()
    write(pipe, ReadDocument("name"), [page_of(BODY)], OPTIONS, lambda _: PageMedium(scan))  # type: ignore[arg-type]
    assert pipe.data == made(scan, page_of(BODY))


def test_little_is_added_to_an_image(scan: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)).save(large, quality=90)
    lines = ["The quick brown fox jumps over the lazy dog"] * 15
    added = len(made(large, page_of(region_of(100, *lines)))) - large.stat().st_size
    assert added < 12000
