# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid export: other formats than text, and one file of all pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from PIL import Image
from toys import write_page

from ocrd_rapid.export import plain_text, view
from ocrd_rapid.export.export_options import ExportOptions, Media
from ocrd_rapid.export.output_formats import OutputFormat
from ocrd_rapid.ocr.page_model import OutlineEntry, ReadDocument, ReadPage
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]

SQUARE = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], dtype=np.float32)


def add(directory: Path, page_id: str, text: str, image: str = "a.png") -> None:
    """Add a page of one line."""
    page = PageDocument.for_image(image, 10, 10, "me")
    page.add_region("r", SQUARE).add_line("l", SQUARE, None).set_text(text)
    workspace = Workspace.open(directory=directory)
    workspace.mets.add_file(write_page(workspace, page, "OCR", f"OCR_{page_id}", page_id))
    workspace.save()


@pytest.fixture
def two_pages(book: Path) -> Path:
    """Return a workspace of two pages with text."""
    add(book, "P_1", "one")
    add(book, "P_2", "two")
    return book


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[ReadDocument, list[ReadPage], list[Path]]]:
    """Let the writer of pdf be one that only remembers what it gets, and where the images are."""
    calls: list[tuple[ReadDocument, list[ReadPage], list[Path]]] = []

    def write(
        out: BinaryIO,
        document: ReadDocument,
        pages: Iterable[ReadPage],
        options: ExportOptions,
        media: Media,
    ) -> None:
        got = list(pages)
        calls.append((document, got, [media(page).path for page in got]))
        out.write(b"%PDF")

    plain = OutputFormat.writer
    monkeypatch.setattr(
        OutputFormat, "writer", lambda self: write if self.name == "pdf" else plain(self)
    )
    return calls


# One file of all pages


def test_a_file_of_all_pages_is_written_where_the_output_is_named_as_a_file(
    call: Call, two_pages: Path, here: Path
) -> None:
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.txt")
    assert (done.code, done.err, done.out) == (0, "", "")
    assert (here / "book.txt").read_text() == "one\n\ftwo\n"


def test_the_end_of_the_name_is_the_format(
    call: Call, two_pages: Path, here: Path, seen: list[Any]
) -> None:
    Image.new("L", (10, 10)).save(two_pages / "a.png")
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.pdf")
    assert (done.code, done.err) == (0, "")
    assert (here / "book.pdf").read_bytes() == b"%PDF"
    ((document, pages, images),) = seen
    assert (document.name, document.page_count) == (two_pages.name, 2)
    assert [page.number for page in pages] == [1, 2]
    assert images == [two_pages / "a.png"] * 2


def test_pictures_of_a_large_view_are_beside_it(
    call: Call, two_pages: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "LARGEST", 1)
    Image.new("L", (10, 10)).save(two_pages / "a.png")
    arguments = ("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.html")
    done = call(*arguments)
    assert done.code == 0 and "its pictures are in book_files" in done.err
    assert 'src="book_files/0002.jpg"' in (here / "book.html").read_text()
    assert len(list((here / "book_files").iterdir())) == 2
    (here / "book.html").unlink()
    done = call(*arguments)
    assert done.code == 10 and "book_files exists already" in done.err


def test_a_directory_may_have_any_name(call: Call, two_pages: Path, here: Path) -> None:
    assert call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "a.txt/").code == 0
    assert sorted(path.name for path in (here / "a.txt").iterdir()) == ["P_1.txt", "P_2.txt"]


def test_an_existing_file_is_only_replaced_on_request(
    call: Call, two_pages: Path, here: Path
) -> None:
    (here / "book.txt").write_text("mine")
    arguments = ("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.txt")
    done = call(*arguments)
    assert done.code == 10
    assert "book.txt exists already; replace it with --overwrite" in done.err
    assert (here / "book.txt").read_text() == "mine"
    assert call(*arguments, "--overwrite").code == 0
    assert (here / "book.txt").read_text() == "one\n\ftwo\n"


def test_pages_that_cannot_be_read_are_blank_in_the_text(
    call: Call, two_pages: Path, here: Path
) -> None:
    (two_pages / "OCR" / "OCR_P_1.xml").write_text("<PcGts>")
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.txt")
    assert done.code == 8
    assert "1 of 2 pages could not be read: P_1; the others are exported" in done.err
    assert (here / "book.txt").read_text() == "\ftwo\n"


def test_without_any_page_there_is_no_file(
    call: Call, two_pages: Path, here: Path, seen: list[Any]
) -> None:
    for page in (two_pages / "OCR").iterdir():
        page.write_text("<PcGts>")
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.pdf")
    assert done.code == 8
    assert "2 of 2 pages could not be read" in done.err
    assert list(here.iterdir()) == []


def test_a_page_without_its_image_is_no_page_of_a_pdf(
    call: Call, two_pages: Path, here: Path, seen: list[Any]
) -> None:
    add(two_pages, "P_2", "two", "IMG/b.png")
    Image.new("L", (10, 10)).save(two_pages / "a.png")
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.pdf")
    assert done.code == 8
    assert "skipped page P_2: its image 'IMG/b.png' is not in" in done.err
    ((document, pages, _),) = seen
    assert [page.number for page in pages] == [1]
    assert list(document.failures) == [2]


def test_the_resolution_is_that_of_the_image(call: Call, two_pages: Path, seen: list[Any]) -> None:
    Image.new("L", (10, 10)).save(two_pages / "a.png", dpi=(300, 300))
    call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "book.pdf")
    assert [page.dpi for page in seen[0][1]] == [300, 300]


def test_the_image_is_looked_for_beside_a_single_file(
    call: Call, here: Path, two_pages: Path, seen: list[Any]
) -> None:
    Image.new("L", (10, 10)).save(two_pages / "a.png")
    done = call("ocrd-rapid", "export", two_pages / "OCR" / "OCR_P_1.xml", "-o", "one.pdf")
    assert (done.code, done.err) == (0, "")
    assert seen[0][2] == [two_pages / "a.png"]


def test_labels_numbers_and_contents_are_those_of_the_mets(
    call: Call, two_pages: Path, seen: list[Any]
) -> None:
    Image.new("L", (10, 10)).save(two_pages / "a.png")
    mets = two_pages / "mets.xml"
    text = mets.read_text().replace('ID="P_1"', 'ID="P_1" ORDERLABEL="iv"')
    logical = (
        '<mets:structMap TYPE="LOGICAL"><mets:div ID="L0" TYPE="book" LABEL="A Book">'
        '<mets:div ID="L1" TYPE="title_page"/><mets:div ID="L2" TYPE="chapter" LABEL="Two"/>'
        "</mets:div></mets:structMap>"
    )
    links = "".join(
        f'<mets:smLink xlink:from="{a}" xlink:to="{b}"/>' for a, b in [("L1", "P_1"), ("L2", "P_2")]
    )
    text = text.replace(
        "</mets:mets>", f"{logical}<mets:structLink>{links}</mets:structLink></mets:mets>"
    )
    mets.write_text(text)
    arguments = ("export", "-w", two_pages, "-I", "OCR", "-o", "b.pdf", "--overwrite")
    assert call("ocrd-rapid", *arguments).err == ""
    assert call("ocrd-rapid", *arguments, "-g", "P_2", "--title", "Mine").err == ""
    whole, second = seen
    assert whole[0].title == "A Book"
    assert whole[0].outline == (OutlineEntry("title page", 1), OutlineEntry("Two", 2))
    assert [page.label for page in whole[1]] == ["iv", ""]
    assert second[0].title == "Mine"
    assert second[0].outline == (OutlineEntry("Two", 2),)
    assert [page.number for page in second[1]] == [2]


# A file for each page, and standard output


def test_every_format_is_a_file_for_each_page(call: Call, two_pages: Path, here: Path) -> None:
    arguments = ("-w", two_pages, "-I", "OCR", "-f", "txt,md", "-o", "out")
    assert call("ocrd-rapid", "export", *arguments).err == ""
    assert sorted(path.name for path in (here / "out").iterdir()) == [
        "P_1.md", "P_1.txt", "P_2.md", "P_2.txt",
    ]  # fmt: skip


def test_options_reach_the_writer(call: Call, book: Path) -> None:
    add(book, "P_1", "iſt")
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR", "--spelling", "modern")
    assert (done.err, done.out) == ("", "ist\n\f")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-f", "txt,md"), "only one format can go to standard output, not txt, md; name -o DIR"),
        (("-f", "pdf"), "pdf is not text; name a file with -o FILE.pdf, or -o -"),
        (("-f", "alto"), "alto of several pages needs a file; name it with -o"),
        (("-f", "alto", "-o", "a.xml"), "a file of alto has one page, and there are 2"),
        (("-f", "txt,md", "-o", "a.txt"), "a.txt is one file, for one format"),
        (("-f", "epub"), "there is no format 'epub'; the formats are txt, md"),
    ],
)
def test_outputs_that_cannot_be_are_wrong_usage(
    call: Call, two_pages: Path, here: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert list(here.iterdir()) == []


def test_json_of_a_group_is_one_document(call: Call, two_pages: Path) -> None:
    pytest.importorskip("ocrd_rapid.export.json_pages", reason="json is not written yet")
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-f", "json")
    assert (done.code, done.err) == (0, "")
    assert [page["text"].strip() for page in json.loads(done.out)["pages"]] == ["one", "two"]


def test_the_text_is_what_its_writer_writes(call: Call, two_pages: Path, here: Path) -> None:
    """Not a second way of writing text: only the last form feed is added."""
    call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR", "-o", "a.txt")
    done = call("ocrd-rapid", "export", "-w", two_pages, "-I", "OCR")
    assert done.out == (here / "a.txt").read_text() + plain_text.FORM_FEED
