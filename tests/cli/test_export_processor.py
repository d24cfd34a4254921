# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid-export: which files it gives, and what the writers get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from PIL import Image
from toys import write_page

from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.export.export_options import ExportOptions, Media
from ocrd_rapid.export.output_formats import FORMATS, OutputFormat
from ocrd_rapid.ocr.page_model import OutlineEntry, ReadDocument, ReadPage
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]

SQUARE = np.array([(10, 10), (30, 10), (30, 20), (10, 20)], dtype=np.float32)


@dataclass
class Seen:
    """What a writer got."""

    documents: list[ReadDocument] = field(default_factory=list)
    pages: list[list[ReadPage]] = field(default_factory=list)
    images: list[list[bytes]] = field(default_factory=list)
    options: list[ExportOptions] = field(default_factory=list)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Let the writer of pdf be one that only remembers what it gets, page after page."""
    monkeypatch.setenv("OCRD_MAX_PARALLEL_PAGES", "1")
    found = Seen()

    def write(
        out: BinaryIO,
        document: ReadDocument,
        pages: Iterable[ReadPage],
        options: ExportOptions,
        media: Media,
    ) -> None:
        got = list(pages)
        found.documents.append(document)
        found.pages.append(got)
        found.images.append([media(page).path.read_bytes() for page in got])
        found.options.append(options)
        out.write(b"%PDF-1.7")

    plain = OutputFormat.writer
    monkeypatch.setattr(
        OutputFormat, "writer", lambda self: write if self.name == "pdf" else plain(self)
    )
    return found


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a workspace of two pages with text, the second turned, with images of 300 dpi."""
    workspace = Workspace.create(directory=tmp_path / "work")
    (workspace.directory / "IMG").mkdir()
    for number, text in ((1, "iſt"), (2, "two")):
        image = Image.new("RGB", (60, 40), (number, number, number))
        image.save(workspace.directory / "IMG" / f"{number}.png", dpi=(300, 300))
        page = PageDocument.for_image(f"IMG/{number}.png", 60, 40, "me")
        page.add_region("r", SQUARE).add_line("l", SQUARE, None).set_text(text)
        page.set_orientation(90 * (number - 1))
        entry = write_page(workspace, page, "OCR", f"OCR_{number}", f"P_{number}")
        workspace.mets.add_file(entry)
    workspace.save()
    return workspace.directory


def export(call: Call, directory: Path, formats: str = "pdf", **parameters: Any) -> Any:
    given = {"formats": formats.split(","), **parameters}
    arguments = ("-w", directory, "-I", "OCR", "-O", "FULL", "-p", json.dumps(given))
    return call("ocrd-rapid-export", *arguments, "-l", "WARN")


def files(directory: Path) -> list[MetsFile]:
    return list(Workspace.open(directory=directory).mets.files("FULL"))


def test_the_description_knows_all_formats_but_page_with_their_options() -> None:
    parameters = tool_description("ocrd-rapid-export")["parameters"]
    assert parameters["formats"]["items"]["enum"] == [name for name in FORMATS if name != "page"]


def test_text_is_a_file_for_each_page(call: Call, work: Path) -> None:
    done = export(call, work, "txt")
    assert (done.code, done.err) == (0, "")
    assert files(work) == [
        MetsFile(f"FULL_P_{n}", "FULL", f"P_{n}", "text/plain", f"FULL/FULL_P_{n}.txt")
        for n in (1, 2)
    ]
    assert (work / "FULL" / "FULL_P_1.txt").read_text() == "iſt\n"


def test_choices_reach_the_writers(call: Call, work: Path, seen: Seen) -> None:
    export(call, work, spelling="modern", hyphens="join", outlines="line", alto_version="2.1")
    chosen = seen.options[0]
    assert (chosen.modern_spelling, chosen.join_hyphens, chosen.pdf_join_hyphens) == (True,) * 3
    assert (chosen.pdf_outlines, chosen.alto_version) == (("line",), "2.1")


def test_pages_are_described_for_the_writers(call: Call, work: Path, seen: Seen) -> None:
    mets = work / "mets.xml"
    mets.write_text(mets.read_text().replace('ID="P_2"', 'ID="P_2" ORDERLABEL="ii"'))
    assert export(call, work).err == ""
    first, second = (pages[0] for pages in seen.pages)
    assert [(page.number, page.id, page.label, page.dpi) for page in (first, second)] == [
        (1, "OCR_1", "", 300), (2, "OCR_2", "ii", 300),
    ]  # fmt: skip
    assert seen.images == [[(work / "IMG" / f"{n}.png").read_bytes()] for n in (1, 2)]
    assert [document.name for document in seen.documents] == ["FULL_P_1", "FULL_P_2"]


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("pagenumber", ""),
        ("pageId", "P_2"),
        ("basename", "OCR_2.xml"),
        ("basename_without_extension", "OCR_2"),
        ("local_filename", "OCR/OCR_2.xml"),
        ("ID", "OCR_2"),
        ("url", ""),
    ],
)
def test_labels_may_be_others(call: Call, work: Path, seen: Seen, kind: str, label: str) -> None:
    assert export(call, work, pagelabel=kind).code == 0
    assert seen.pages[1][0].label == label


def test_another_image_may_be_shown_with_the_positions_in_it(
    call: Call, work: Path, seen: Seen
) -> None:
    assert export(call, work, image_feature_filter="binarized").err == ""
    page, image = seen.pages[1][0], seen.images[1][0]
    assert image.startswith(b"\x89PNG") and image != (work / "IMG" / "2.png").read_bytes()
    assert (page.width, page.height, page.orientation) == (40, 60, 0)
    outline = page.regions[0].lines[0].outline
    assert outline.min(axis=0).tolist() == [20, 10]  # turned clockwise: 40 - 20, 10


def test_a_requested_image_that_does_not_exist_is_an_error_of_the_page(
    call: Call, work: Path, seen: Seen
) -> None:
    done = export(call, work, image_feature_selector="dewarped")
    assert done.code == 11
    assert 'selector="dewarped"' in done.err


def test_an_image_that_is_missing_matters_only_to_formats_that_show_it(
    call: Call, work: Path, seen: Seen
) -> None:
    (work / "IMG" / "1.png").unlink()
    assert export(call, work, "txt").code == 0
    done = call("ocrd-rapid-export", "-w", work, "-I", "OCR", "-O", "PDF", "-P", "formats",
                '["pdf"]')  # fmt: skip
    assert done.code == 11
    assert "its image 'IMG/1.png' is not in" in done.err
    assert [file.id for file in Workspace.open(directory=work).mets.files("PDF")] == ["PDF_P_2"]


def test_one_file_of_all_pages_has_title_and_contents(call: Call, work: Path, seen: Seen) -> None:
    mets = work / "mets.xml"
    logical = (
        '<mets:structMap TYPE="LOGICAL"><mets:div ID="L0" TYPE="book" LABEL="A Book">'
        '<mets:div ID="L1" TYPE="chapter" LABEL="Two"/></mets:div></mets:structMap>'
        '<mets:structLink><mets:smLink xlink:from="L1" xlink:to="P_2"/></mets:structLink>'
    )
    mets.write_text(mets.read_text().replace("</mets:mets>", f"{logical}</mets:mets>"))
    assert export(call, work, "txt,pdf", per_work=True).err == ""
    assert [file.id for file in files(work)] == ["FULLDOWNLOAD_TXT", "FULLDOWNLOAD_PDF"]
    assert (work / "FULL" / "FULLDOWNLOAD_TXT.txt").read_text() == "iſt\n\ftwo\n"
    (document,) = seen.documents
    assert (document.title, document.name, document.page_count) == ("A Book", "work", 2)
    assert document.outline == (OutlineEntry("Two", 2),)
    assert [page.number for page in seen.pages[0]] == [1, 2]
    assert len(seen.images[0]) == 2


def test_a_format_of_one_page_is_no_file_of_all(call: Call, work: Path) -> None:
    done = export(call, work, "txt,alto", per_work=True)
    assert done.code == 2
    assert "a file of alto has one page, so it cannot be one of all pages" in done.err


@pytest.mark.parametrize(("formats", "code"), [("epub", 3), ("page", 3), ("", 2)])
def test_formats_that_are_not_there_are_refused(
    call: Call, work: Path, formats: str, code: int
) -> None:
    done = call("ocrd-rapid-export", "-w", work, "-I", "OCR", "-O", "FULL", "-p",
                json.dumps({"formats": [formats] if formats else []}))  # fmt: skip
    assert done.code == code
    assert "formats" in done.err
