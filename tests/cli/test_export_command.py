"""ocrd-rapid export: the text of pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys import write_page

from ocrd_rapid.export.text import page_text
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
    assert page_text(page) == expected


def test_the_text_of_lines_comes_before_that_of_their_region() -> None:
    page = document(["line"])
    page.text_regions()[0].set_text("region")
    assert page_text(page) == "line\n"


# The command


def test_files_are_printed_in_the_order_in_which_they_are_named(call: Call, here: Path) -> None:
    (here / "a.xml").write_bytes(document(["a"]).to_bytes())
    (here / "b.xml").write_bytes(document(["b", "ß"]).to_bytes())
    done = call("ocrd-rapid", "export", "b.xml", "a.xml")
    assert (done.code, done.err, done.out) == (0, "", "b\nß\na\n")


def test_a_file_group_is_printed(call: Call, book: Path) -> None:
    add(book, "P_1", document(["one"]))
    add(book, "P_2", document(["two"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.err, done.out) == (0, "", "one\ntwo\n")


def test_pages_without_text_print_nothing(call: Call, book: Path) -> None:
    add(book, "P_1", document())
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.err, done.out) == (0, "", "")


def test_a_file_group_is_printed_in_the_order_of_the_pages(call: Call, book: Path) -> None:
    add(book, "P_2", document(["two"]))
    add(book, "P_1", document(["one"]))
    assert call("ocrd-rapid", "export", "-w", book, "-I", "OCR").out == "one\ntwo\n"


def test_images_of_the_group_are_passed_over(call: Call, book: Path) -> None:
    workspace = Workspace.open(directory=book)
    workspace.mets.add_file(MetsFile("OCR_1.IMG", "OCR", "P_1", "image/png", "IMG/1.png"))
    workspace.save()
    add(book, "P_1", document(["one"]))
    done = call("ocrd-rapid", "export", "-w", book, "-I", "OCR")
    assert (done.code, done.err, done.out) == (0, "", "one\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.xml",), "PAGE-XML file nothing.xml does not exist"),
        (("broken.xml",), "broken.xml: not well-formed XML"),
        (("alto.xml",), "not a PAGE-XML document"),
        (("-w", "{book}", "-I", "OCR"), "'OCR' is not in the METS (it has: IMG)"),
        (("-I", "OCR"), "mets.xml does not exist"),
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


def test_broken_pages_are_named_and_the_others_printed(call: Call, here: Path) -> None:
    (here / "a.xml").write_bytes(document(["a"]).to_bytes())
    (here / "b.xml").write_text("<PcGts>")
    region = document(["x"]).to_bytes().replace(b"<pc:TextEquiv", b'<pc:TextEquiv index="y"')
    (here / "c.xml").write_bytes(region)
    (here / "d.xml").write_bytes(document(["d"]).to_bytes())
    done = call("ocrd-rapid", "export", *(f"{name}.xml" for name in "abcd"))
    assert (done.code, done.out) == (8, "a\nd\n")
    first, second = done.complaints
    assert first.startswith("ocrd-rapid: error: b.xml: not well-formed XML")
    assert second == (
        "ocrd-rapid: error: c.xml, element TextEquiv in TextLine r0_0:"
        " attribute index is not a number: 'y'"
    )


def test_with_nothing_to_export_the_command_says_what_to_name(call: Call) -> None:
    done = call("ocrd-rapid", "export")
    assert (done.code, done.out) == (2, "")
    assert "name PAGE-XML FILES, or a file group with -I" in done.err
