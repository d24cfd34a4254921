# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid export: the text of pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys import write_page

from ocrd_rapid.errors import UsageError
from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.export.pages import PageSource, names_of_files
from ocrd_rapid.export.plain_text import page_text
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]

SQUARE = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], dtype=np.float32)


def document(*regions: list[str | None] | str, order: str | None = None) -> PageDocument:
    """Return a page of regions, given by the text of their lines or by their own text.

    Args:
        regions: their IDs are r0, r1, …
        order: the numbers of the regions in reading order; ``None`` for none.
    """
    page = PageDocument.for_image("a.png", 10, 10, "me")
    if order is not None:
        page.append_to_reading_order([f"r{n}" for n in order])
    for number, content in enumerate(regions):
        region = page.add_region(f"r{number}", SQUARE)
        if isinstance(content, str):
            region.set_text(content)
            continue
        for index, text in enumerate(content):
            line = region.add_line(f"r{number}_{index}", SQUARE, None)
            if text is not None:
                line.set_text(text)
    return page


def add(directory: Path, page_id: str, page: PageDocument, file_id: str = "") -> None:
    workspace = Workspace.open(directory=directory)
    name = file_id or f"OCR_{page_id}"
    workspace.mets.add_file(write_page(workspace, page, "OCR", name, page_id))
    workspace.save()


# The text of a page


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (document(), ""),
        (document(["a"]), "a\n"),
        (document(["a", "b"]), "a\nb\n"),
        (document(["a", "b"], ["c"]), "a\nb\n\nc\n"),
        (document(["a"], ["b"], order="10"), "b\n\na\n"),
        (document(["a"], ["b"], ["c"], order="20"), "c\n\na\n\nb\n"),
        (document(["a", None, "", "b"]), "a\nb\n"),
        (document(["a"], [None], [""], [" "], ["b"]), "a\n\nb\n"),
        (document("region\ntext"), "region\ntext\n"),
        (document(["Größe ſ 漢"]), "Größe ſ 漢\n"),
    ],
)
def test_the_text_of_a_page_is_that_of_its_regions_in_reading_order(
    page: PageDocument, expected: str
) -> None:
    assert page_text(page_from(page)) == expected


def test_the_text_of_lines_comes_before_that_of_their_region() -> None:
    page = document(["line"])
    page.text_regions()[0].set_text("region")
    assert page_text(page_from(page)) == "line\n"


def test_text_in_words_only_is_exported() -> None:
    page = document([None])
    line = page.text_regions()[0].lines[0]
    for number, text in enumerate(("two", "words")):
        line.add_word(f"w{number}", SQUARE).set_text(text)
    assert page_text(page_from(page)) == "two words\n"


def test_lines_from_bottom_to_top_are_exported_as_they_are_read() -> None:
    page = document(["b", "a"])
    page.text_regions()[0].element.set("textLineOrder", "bottom-to-top")
    assert page_text(page_from(page)) == "a\nb\n"


def test_the_text_of_regions_inside_of_another_is_exported_once() -> None:
    page = document(["a"], "a")
    inner, outer = (region.element for region in page.text_regions())
    outer.insert(1, inner)
    assert page_text(page_from(page)) == "a\n"


# The command


def test_files_are_printed_in_the_order_in_which_they_are_named(call: Call, here: Path) -> None:
    (here / "a.xml").write_bytes(document(["a"]).to_bytes())
    (here / "b.xml").write_bytes(document(["b", "ß"]).to_bytes())
    done = call("ocrd-rapid", "export", "b.xml", "a.xml")
    assert (done.code, done.err, done.out) == (0, "", "b\nß\n\fa\n\f")


def test_a_file_group_is_printed(call: Call, book: Path) -> None:
    add(book, "P_1", document(["one"]))
    add(book, "P_2", document(["two"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.err, done.out) == (0, "", "one\n\ftwo\n\f")


def test_a_page_without_text_is_a_page(call: Call, book: Path) -> None:
    add(book, "P_1", document())
    add(book, "P_2", document(["two"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.err, done.out) == (0, "", "\ftwo\n\f")


def test_where_no_page_has_text_it_is_said_what_writes_it(call: Call, book: Path) -> None:
    add(book, "P_1", document())
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.out) == (0, "\f")
    assert "no page has text; ocrd-rapid-recognize adds it" in done.err


def test_a_file_group_is_printed_in_the_order_of_the_pages(call: Call, book: Path) -> None:
    add(book, "P_2", document(["two"]))
    add(book, "P_1", document(["one"]))
    assert call("ocrd-rapid", "export", "-w", book, "-I", "OCR").out == "one\n\ftwo\n\f"


def test_the_order_that_the_mets_gives_its_pages_counts(call: Call, book: Path) -> None:
    for page in ("P_1", "P_2"):
        add(book, page, document([page]))
    text = (book / "mets.xml").read_text()
    ordered = text.replace('ID="P_1"', 'ID="P_1" ORDER="10"').replace('"P_2"', '"P_2" ORDER="9"')
    (book / "mets.xml").write_text(ordered)
    assert call("ocrd-rapid", "export", "-w", book, "-I", "OCR").out.split() == ["P_2", "P_1"]


def test_images_of_the_group_are_passed_over(call: Call, book: Path) -> None:
    workspace = Workspace.open(directory=book)
    workspace.mets.add_file(MetsFile("OCR_1.IMG", "OCR", "P_1", "image/png", "IMG/1.png"))
    workspace.save()
    add(book, "P_1", document(["one"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.err, done.out) == (0, "", "one\n\f")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.xml",), "PAGE-XML file nothing.xml does not exist"),
        (("broken.xml",), "broken.xml: not well-formed XML"),
        (("alto.xml",), "not a PAGE-XML document"),
        (("-w", "{book}", "-I", "OCR"), "'OCR' is not in the METS (it has: IMG)"),
        (("-I", "OCR"), "mets.xml does not exist"),
        (("-w", "{book}", "-I", "IMG"), "'IMG' has no PAGE-XML to export"),
        (("{book}/IMG",), "IMG is a directory; give the files in it: "),
    ],
)
def test_what_cannot_be_exported_exits_with_8_in_one_line(
    call: Call, book: Path, here: Path, arguments: tuple[str, ...], message: str
) -> None:
    (here / "broken.xml").write_text("<PcGts>")
    (here / "alto.xml").write_text("<alto/>")
    done = call("ocrd-rapid", "export", *(a.format(book=book) for a in arguments))
    assert (done.code, done.out) == (8, "")
    (complaint,) = done.complaints
    assert complaint.startswith("ocrd-rapid: error: ")
    assert message in complaint


def test_with_nothing_to_export_the_command_says_what_to_name(call: Call) -> None:
    done = call("ocrd-rapid", "export")
    assert (done.code, done.out) == (2, "")
    assert "give PAGE-XML FILES, or a file group with -I" in done.err


# Pages


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("P_2", "two\n\f"),
        ("P_1..P_2", "one\n\ftwo\n\f"),
        ("~P_1", "two\n\f"),
        ("//P_[1]", "one\n\f"),
    ],
)
def test_pages_are_selected_as_for_processors(
    call: Call, book: Path, expression: str, expected: str
) -> None:
    add(book, "P_1", document(["one"]))
    add(book, "P_2", document(["two"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR", "-g", expression)
    assert (done.code, done.err, done.out) == (0, "", expected)


def test_a_page_that_does_not_exist_is_named(call: Call, book: Path) -> None:
    add(book, "P_1", document(["one"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR", "-g", "P_9")
    assert (done.code, done.out) == (2, "")
    assert "P_9" in done.err


def test_selected_pages_that_the_group_lacks_are_named(call: Call, book: Path) -> None:
    add(book, "P_1", document(["one"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR", "-g", "P_1..P_2")
    assert (done.code, done.out) == (0, "one\n\f")
    assert "no PAGE-XML in file group OCR: P_2" in done.err
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR", "-g", "P_2")
    assert (done.code, done.out) == (8, "")
    assert "file group 'OCR' has no PAGE-XML of the pages P_2" in done.err


def test_pages_are_for_workspaces_only(call: Call) -> None:
    done = call("ocrd-rapid", "export", "-g", "P_1", "a.xml")
    assert (done.code, done.out) == (2, "")


# Pages that cannot be read


@pytest.fixture
def with_bad_page(book: Path) -> Path:
    """Return the workspace with a first page that is no XML."""
    add(book, "P_1", document(["one"]))
    add(book, "P_2", document(["two"]))
    (book / "OCR" / "OCR_P_1.xml").write_text("<PcGts>")
    return book


def test_all_other_pages_are_exported(call: Call, with_bad_page: Path) -> None:
    done = call("ocrd-rapid", "export", "-w", with_bad_page, "-I", "OCR")
    assert (done.code, done.out) == (8, "\ftwo\n\f")
    assert "skipped page P_1: " in done.err and "OCR_P_1.xml" in done.err
    assert done.err.splitlines()[-1] == (
        "ocrd-rapid: error: 1 of 2 pages could not be read: P_1; the others are exported"
    )


def test_a_file_that_is_only_on_the_web_is_a_bad_page(call: Call, book: Path) -> None:
    add(book, "P_1", document(["one"]))
    workspace = Workspace.open(directory=book)
    kind = "application/vnd.prima.page+xml"
    workspace.mets.add_file(MetsFile("W", "OCR", "P_2", kind, "", "http://example.org/2.xml"))
    workspace.save()
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.out) == (8, "one\n\f\f")
    assert "page P_2: its PAGE-XML is only on the web" in done.err


# A file for each page


def test_each_page_becomes_a_file(call: Call, book: Path, here: Path) -> None:
    add(book, "P_1", document(["one", "ß"]))
    add(book, "P_2", document())
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR", "-o", "text/plain")
    assert (done.code, done.err, done.out) == (0, "", "")
    found = {path.name: path.read_text() for path in (here / "text" / "plain").iterdir()}
    assert found == {"P_1.txt": "one\nß\n", "P_2.txt": ""}


def test_files_keep_their_names(call: Call, here: Path) -> None:
    (here / "a.xml").write_bytes(document(["a"]).to_bytes())
    assert call("ocrd-rapid", "export", "a.xml", "-o", "text").code == 0
    assert (here / "text" / "a.txt").read_text() == "a\n"


def test_nothing_is_replaced_without_being_asked(call: Call, book: Path, here: Path) -> None:
    add(book, "P_1", document(["one"]))
    add(book, "P_2", document(["two"]))
    (here / "text").mkdir()
    (here / "text" / "P_2.txt").write_text("mine")
    arguments = ("ocrd-rapid", "export", "-w", book, "-I", "OCR", "-o", "text")
    done = call(*arguments)
    assert done.code == 10
    assert "text already contains P_2.txt; replace with --overwrite" in done.err
    assert {p.name: p.read_text() for p in (here / "text").iterdir()} == {"P_2.txt": "mine"}
    assert call(*arguments, "--overwrite").code == 0
    assert (here / "text" / "P_2.txt").read_text() == "two\n"


def test_a_bad_page_leaves_no_file(call: Call, with_bad_page: Path, here: Path) -> None:
    done = call("ocrd-rapid", "export", "-w", with_bad_page, "-I", "OCR", "-o", "text")
    assert (done.code, done.out) == (8, "")
    assert [path.name for path in (here / "text").iterdir()] == ["P_2.txt"]


def test_two_pages_never_get_one_file(call: Call, book: Path, here: Path) -> None:
    for name in ("one", "two"):
        (here / name).mkdir()
        (here / name / "a.xml").write_bytes(document([name]).to_bytes())
    done = call("ocrd-rapid", "export", "one/a.xml", "two/a.xml", "-o", "text")
    assert (done.code, done.out) == (2, "")
    assert "(one/a.xml, two/a.xml) would both be written to a.txt" in done.err
    assert not (here / "text").exists()


def test_names_of_pages_stay_in_the_directory() -> None:
    sources = [PageSource("../p/1", None), PageSource("Blatt_ä", None), PageSource("p:2", None)]
    assert names_of_files(sources, ".txt") == [".._p_1.txt", "Blatt_ä.txt", "p_2.txt"]
    with pytest.raises(UsageError):
        names_of_files([PageSource("p/1", None), PageSource("p:1", None)], ".txt")


def test_overwrite_is_for_files(call: Call) -> None:
    assert call("ocrd-rapid", "export", "--overwrite", "a.xml").code == 2
