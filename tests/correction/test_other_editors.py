# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages that went through other programs and come back: what was corrected before is still known.

The forms of the files are those of the programs' own exports: eScriptorium's template
(``pagexml.xml``, ``pagexml_line.xml``), Transkribus' classes (one text for each line), LAREX's
writer where it makes a page anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from ocrd_rapid.cli import correct, export
from ocrd_rapid.workspace.ground_truth import LineState, state_of
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import NAMESPACE, tag
from ocrd_rapid.workspace.values import format_points

from .conftest import corrections, saved
from .test_apply_corrections import errors, everything

Edits = Mapping[str, str]
NO_EDITS: Edits = {}
PC = f"{{{NAMESPACE}}}"


def escriptorium(page: PageDocument, edits: Edits) -> bytes:
    """Return what it exports after an import: IDs, outlines, baselines; the texts are joined.

    Its import takes the texts of the words where there are any, else all those of the line.
    """
    regions = []
    for region in page.text_regions():
        lines = []
        for line in region.lines:
            where = "Word/TextEquiv/Unicode" if line.words else "TextEquiv/Unicode"
            found = line.element.findall("/".join(PC + name for name in where.split("/")))
            text = edits.get(line.id, " ".join(e.text or "" for e in found))
            lines.append(
                f'<TextLine id="{line.id}" ><Coords points="{format_points(line.polygon)}"/>'
                f"<TextEquiv><Unicode>{escape(text)}</Unicode></TextEquiv></TextLine>"
            )
        regions.append(
            f'<TextRegion id="{region.id}"><Coords points="{format_points(region.polygon)}"/>'
            f"{''.join(lines)}</TextRegion>"
        )
    name = Path(page.image_filename).name
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><PcGts'
        ' xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"><Metadata>'
        "<Creator>escriptorium</Creator><Created>2026-11-30T00:00:00+00:00</Created>"
        "<LastChange>2026-11-30T00:00:00+00:00</LastChange></Metadata>"
        f'<Page imageFilename="{name}" imageWidth="600" imageHeight="400">{"".join(regions)}'
        "</Page></PcGts>"
    ).encode()


def transkribus(page: PageDocument, edits: Edits) -> bytes:
    """Return what it exports: one text, the last; of its attributes @conf; tags in @custom stay."""
    root = etree.fromstring(page.to_bytes())
    for number, line in enumerate(root.iter(tag("TextLine"))):
        equivs = line.findall(tag("TextEquiv"))
        for equiv in equivs[:-1]:
            line.remove(equiv)
        for name in set(equivs[-1].attrib) - {"conf"}:
            del equivs[-1].attrib[name]
        line.set("custom", f"readingOrder {{index:{number};}} {line.get('custom', '')}".strip())
        if str(line.get("id")) in edits:
            line.remove(equivs[-1])
            for word in line.findall(tag("Word")):
                line.remove(word)
            new = etree.SubElement(line, tag("TextEquiv"))
            etree.SubElement(new, tag("Unicode")).text = edits[str(line.get("id"))]
    metadata = root.find(tag("Metadata"))
    assert metadata is not None
    etree.SubElement(metadata, tag("TranskribusMetadata"), docId="7", status="DONE")
    found = root.find(tag("Page"))
    assert found is not None
    found.set("imageFilename", Path(page.image_filename).stem + ".jpg")
    return etree.tostring(root).replace(b"2019-07-15", b"2013-07-15")


def larex(page: PageDocument, edits: Edits) -> bytes:
    """Return what it writes of a page that it segmented anew: texts with their @index."""
    root = etree.fromstring(page.to_bytes())
    for line in root.iter(tag("TextLine")):
        line.attrib.pop("custom", None)
        for word in line.findall(tag("Word")):
            line.remove(word)
        for number, equiv in enumerate(line.findall(tag("TextEquiv"))):
            index = equiv.get("index", str(number + 1))
            equiv.attrib.clear()
            equiv.set("index", index)
            if index == "0" and str(line.get("id")) in edits:
                equiv[0].text = edits[str(line.get("id"))]
    return etree.tostring(root)


PROGRAMS = pytest.mark.parametrize("program", [escriptorium, transkribus, larex])
Program = Callable[[PageDocument, Edits], bytes]

BEFORE = {
    "l1": ("ein Haus", LineState.CORRECTED),
    "l2": ("am Fcld", LineState.CONFIRMED),
    "l3": ("", LineState.ILLEGIBLE),
}


@pytest.fixture
def handed_over(book: Path, tmp_path: Path) -> Path:
    """Return a folder with the corrected first page, as it is handed over to other programs."""
    value = corrections(
        book, (1, "l1", "ein Haus", "corrected"), (1, "l2", "am Fcld", "confirmed"),
        (1, "l3", "", "illegible"),
    )  # fmt: skip
    path = saved(tmp_path, value)
    done = CliRunner().invoke(
        correct.command, ["apply", "-w", str(book), str(path)], standalone_mode=False
    )
    assert done.exception is None
    arguments = ["-w", str(book), "-I", "OCR-D-GT", "-f", "page", "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(export.command, arguments, standalone_mode=False)
    assert done.exception is None
    return tmp_path / "out"


def returned(book: Path, folder: Path, program: Program, edits: Edits) -> Result:
    back = book.parent / "back"
    back.mkdir(exist_ok=True)
    for path in folder.glob("*.xml"):
        (back / path.name).write_bytes(program(PageDocument.read(path), edits))
    arguments = ["import", "-w", str(book), *map(str, back.glob("*.xml"))]
    return CliRunner().invoke(correct.command, arguments, standalone_mode=False)


def states(book: Path) -> dict[str, tuple[str | None, LineState | None]]:
    [path] = (book / "OCR-D-GT").glob("*_1.xml")
    lines = PageDocument.read(path).text_regions()[0].lines
    return {line.id: (line.text, state_of(line)) for line in lines}


@PROGRAMS
def test_what_is_handed_over_has_one_text_and_the_marks(
    handed_over: Path, program: Program
) -> None:
    [path] = handed_over.glob("*.xml")
    page = PageDocument.read(path)
    lines = page.text_regions()[0].lines
    assert {line.id: (line.text, state_of(line)) for line in lines} == BEFORE
    assert all(len(line.readings) == 1 for line in lines)
    back = PageDocument.parse(program(page, NO_EDITS)).text_regions()[0].lines
    texts = {line.id: line.transcript for line in back}
    assert texts == {"l1": "ein Haus", "l2": "am Fcld", "l3": ""}


@PROGRAMS
def test_a_round_trip_without_changes_changes_nothing(
    book: Path, handed_over: Path, program: Program
) -> None:
    before = everything(book)
    assert returned(book, handed_over, program, NO_EDITS).exception is None
    assert everything(book) == before
    assert states(book) == BEFORE


@PROGRAMS
def test_what_was_corrected_there_is_taken_and_the_rest_still_known(
    book: Path, handed_over: Path, program: Program
) -> None:
    done = returned(book, handed_over, program, {"l2": "am Feld", "l3": "doch <lesbar>"})
    assert done.exception is None
    assert done.output == "OCR-D-GT: 2 lines of 1 page written\n"
    assert states(book) == {
        "l1": ("ein Haus", LineState.CORRECTED),
        "l2": ("am Feld", LineState.CORRECTED),
        "l3": ("doch <lesbar>", LineState.CORRECTED),
    }
    [path] = (book / "OCR-D-GT").glob("*_1.xml")
    line = PageDocument.read(path).text_regions()[0].lines[1]
    assert [word.text for word in line.words] == ["am", "Feld"]
    assert line.readings[1] == ("am Fcld", 0.6)
    assert errors(book) == []


def test_lines_that_were_added_there_stop_all(book: Path, handed_over: Path) -> None:
    def with_another_line(page: PageDocument, edits: Edits) -> bytes:
        return escriptorium(page, edits).replace(b'id="l3"', b'id="eSc_line_1"').replace(
            b"<Unicode></Unicode>", b"<Unicode>neu</Unicode>"
        )  # fmt: skip

    before = everything(book)
    done = returned(book, handed_over, with_another_line, {"l2": "am Feld"})
    assert "line eSc_line_1 ('neu') is not in the workspace" in str(done.exception)
    assert everything(book) == before


def test_pages_of_other_books_are_named(book: Path, handed_over: Path) -> None:
    def of_another(page: PageDocument, edits: Edits) -> bytes:
        return escriptorium(page, edits).replace(b'"1.png"', b'"other.png"')

    done = returned(book, handed_over, of_another, NO_EDITS)
    assert "have an image other.*" in str(done.exception)
