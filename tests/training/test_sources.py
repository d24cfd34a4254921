# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines with text, from wherever they come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrd_rapid.errors import InputError, MetsError
from ocrd_rapid.training.line_sources import (
    Notes,
    columns_of,
    read_group,
    read_sources,
    wide_enough,
)
from ocrd_rapid.training.samples import Sample
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ground_truth import LineState, set_ground_truth
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

PAGE = """<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
<Page imageFilename="{image}" imageWidth="400" imageHeight="200"><TextRegion id="r">
<Coords points="0,0 399,0 399,199 0,199"/>
<TextLine id="l1"><Coords points="10,10 390,10 390,50 10,50"/>
<TextEquiv><Unicode>Erſte  Za\u0308hne</Unicode></TextEquiv></TextLine>
<TextLine id="l2"><Coords points="10,60 390,60 390,100 10,100"/>
<Word id="w1"><Coords points="10,60 90,60 90,100"/><TextEquiv><Unicode>zwei</Unicode></TextEquiv>
</Word><Word id="w2"><Coords points="95,60 190,60 190,100"/>
<TextEquiv><Unicode>Worte</Unicode></TextEquiv></Word></TextLine>
<TextLine id="l3"><Coords points="10,110 390,110 390,150 10,150"/></TextLine>
<TextLine id="l4"><Coords points="10,160 40,160 40,190 10,190"/>
<TextEquiv><Unicode>viel zu viel Text</Unicode></TextEquiv></TextLine>
<TextLine id="l5"><Coords points="0,0 0,0 0,0"/>
<TextEquiv><Unicode>?</Unicode></TextEquiv></TextLine>
</TextRegion></Page></PcGts>"""

ALTO = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"><Description>
<MeasurementUnit>{unit}</MeasurementUnit><sourceImageInformation><fileName>{image}</fileName>
</sourceImageInformation></Description><Layout><Page><PrintSpace><TextBlock>
<TextLine ID="a" HPOS="{x}" VPOS="{x}" WIDTH="{w}" HEIGHT="{h}"><String CONTENT="Haus"/><SP/>
<String CONTENT="Hof"/><HYP CONTENT="⸗"/></TextLine>
<TextLine ID="b"><Shape><Polygon POINTS="{x},{x} {w},{x} {w},{h} {x},{h}"/></Shape>
<String CONTENT="ohne"/><String CONTENT="SP"/></TextLine>
</TextBlock></PrintSpace></Page></Layout></alto>"""


def page_image(path: Path, dpi: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = np.tile(np.linspace(0, 255, 400, dtype=np.uint8), (200, 1))
    Image.fromarray(ramp).save(path, **({"dpi": (dpi, dpi)} if dpi else {}))


def line_image(path: Path, width: int = 200, height: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, height), 200).save(path)


def read(*paths: Path) -> tuple[list[Sample], dict[str, str]]:
    notes = Notes()
    samples = list(wide_enough(read_sources(paths, notes), notes))
    return samples, {Path(name).name: reason for name, reason in notes.skipped}


def test_lines_of_page_are_cut_and_the_others_named(tmp_path: Path) -> None:
    page_image(tmp_path / "IMG" / "p1.png")
    (tmp_path / "GT").mkdir()
    (tmp_path / "GT" / "p1.page.xml").write_text(PAGE.format(image="IMG/p1.png"), encoding="utf-8")
    samples, skipped = read(tmp_path / "GT")
    assert [(s.text, s.document, s.name) for s in samples] == [
        ("Erſte Zähne", "p1", "p1, line l1"),
        ("zwei Worte", "p1", "p1, line l2"),
    ]
    assert samples[0].image.shape == (40, 380, 3)
    assert abs(int(samples[0].image[20, 0, 0]) - 6) <= 1
    assert skipped == {
        "p1, line l3": "it has no text",
        "p1, line l4": "its text needs 17 columns, but its image has 8:"
        " text and image do not belong together",
        "p1, line l5": "it has neither outline nor baseline",
    }


@pytest.mark.parametrize("name", ["elsewhere\\\\p1.png", "gone.tif"])
def test_an_image_beside_the_file_is_found_by_its_name(name: str, tmp_path: Path) -> None:
    page_image(tmp_path / "p1.png")
    (tmp_path / "p1.xml").write_text(PAGE.format(image=name), encoding="utf-8")
    assert len(read(tmp_path / "p1.xml")[0]) == 2


def test_a_page_without_its_image_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "p1.xml").write_text(PAGE.format(image="gone.png"), encoding="utf-8")
    (tmp_path / "p2.xml").write_text("<PcGts", encoding="utf-8")
    samples, skipped = read(tmp_path)
    assert samples == []
    assert "image gone.png is neither beside p1.xml nor in the directory above" in skipped["p1.xml"]
    assert skipped["p2.xml"].startswith("it is not XML")


@pytest.mark.parametrize(
    ("unit", "dpi", "scale"), [("pixel", None, 1.0), ("mm10", 127, 2.0), ("inch1200", 300, 4.0)]
)
def test_lines_of_alto(unit: str, dpi: int | None, scale: float, tmp_path: Path) -> None:
    page_image(tmp_path / "p1.png", dpi)
    places = {"x": 10 * scale, "w": 300 * scale, "h": 50 * scale}
    text = ALTO.format(unit=unit, image="file/p1.png", **places)
    (tmp_path / "p1.xml").write_text(text, encoding="utf-8")
    samples, skipped = read(tmp_path / "p1.xml")
    assert skipped == {}
    assert [s.text for s in samples] == ["Haus Hof⸗", "ohne SP"]
    assert samples[0].image.shape[:2] == (50, 300)
    assert samples[1].image.shape[:2] == (40, 290)


def test_alto_in_millimetres_needs_a_resolution(tmp_path: Path) -> None:
    page_image(tmp_path / "p1.png")
    text = ALTO.format(unit="mm10", image="p1.png", x=1, w=2, h=3)
    (tmp_path / "p1.xml").write_text(text, encoding="utf-8")
    assert "has no resolution" in read(tmp_path / "p1.xml")[1]["p1.xml"]


def test_line_images_with_texts_beside_them(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.jpg", "b/3.nrm.png"):
        line_image(tmp_path / name)
        stem = name.partition(".")[0]
        (tmp_path / f"{stem}.gt.txt").write_text("\ufeffText \n", encoding="utf-8")
    (tmp_path / "b" / "4.gt.txt").write_text("Text", encoding="utf-8")
    samples, skipped = read(tmp_path)
    assert [(s.text, s.document) for s in samples] == [("Text", "a"), ("Text", "a"), ("Text", "b")]
    assert skipped == {"4.gt.txt": "it has no image of the same name"}
    assert [s.text for s in read(tmp_path / "a" / "1.png", tmp_path / "a" / "2.gt.txt")[0]] == [
        "Text", "Text",
    ]  # fmt: skip


def test_where_lines_are_corrected_the_others_are_not_learnt(tmp_path: Path) -> None:
    page_image(tmp_path / "p1.png")
    path = tmp_path / "p1.xml"
    path.write_text(PAGE.format(image="p1.png"), encoding="utf-8")
    document = PageDocument.read(path)
    lines = [line for region in document.text_regions() for line in region.lines]
    set_ground_truth(lines[1], "zwei Wörter", LineState.CORRECTED)
    path.write_bytes(document.to_bytes())
    samples, skipped = read(path)
    assert [s.text for s in samples] == ["zwei Wörter"]
    assert skipped["p1, line l1"] == "nobody has corrected or confirmed it"


def test_tables(tmp_path: Path) -> None:
    for name in ("x/1.png", "x/2.png", "x/narrow.png"):
        line_image(tmp_path / name, width=7 if "narrow" in name else 200)
    rows = [
        "file\twork\tyear\ttext", "x/1.png\tw1\t1800\tEins", "", "x/2.png\tZwei",
        "x/gone.png\tw1\tDrei", "x/narrow.png\tw1\ti", "x/1.png\tw1\t ", "x/2.png",
    ]  # fmt: skip
    (tmp_path / "lines.tsv").write_text("\n".join(rows), encoding="utf-8")
    samples, skipped = read(tmp_path)
    assert [(s.text, s.document) for s in samples] == [("Eins", "w1"), ("Zwei", "x")]
    assert "gone.png" in skipped["gone.png"]
    assert skipped["narrow.png"] == "its image is too small (7 x 40 pixels)"
    assert skipped["1.png"] == "it has no text"
    assert skipped["lines.tsv, row 8"] == "it has no second column"


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "gone")
    with pytest.raises(InputError, match="contains no lines with text"):
        read(tmp_path)
    (tmp_path / "x.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="is not a source of lines"):
        read(tmp_path / "x.txt")
    (tmp_path / "x.tsv").write_bytes(b"\xff")
    with pytest.raises(InputError, match="is not UTF-8"):
        read(tmp_path / "x.tsv")


def test_the_pages_of_a_workspace_are_its_documents(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "mets.xml")
    page_image(tmp_path / "IMG" / "p1.png")
    (tmp_path / "GT").mkdir()
    for number in (1, 2):
        image = "IMG/p1.png" if number == 1 else "IMG/gone.png"
        path = f"GT/g{number}.xml"
        (tmp_path / path).write_text(PAGE.format(image=image), encoding="utf-8")
        workspace.document.add_file(
            MetsFile(f"g{number}", "GT", f"P{number}", "application/vnd.prima.page+xml", path)
        )
    notes = Notes()
    samples = list(wide_enough(read_group(workspace, "GT", notes), notes))
    assert [(s.text, s.document) for s in samples] == [("Erſte Zähne", "P1"), ("zwei Worte", "P1")]
    assert notes.skipped[-1][0] == "page P2"
    with pytest.raises(MetsError):
        list(read_group(workspace, "GONE", notes))


def test_texts_run_from_left_to_right_as_printed(tmp_path: Path) -> None:
    line_image(tmp_path / "a.png")
    (tmp_path / "a.gt.txt").write_text("שלום 12", encoding="utf-8")
    (sample,) = read_sources([tmp_path / "a.png"], Notes())
    assert list(sample.text) == ["1", "2", " ", "ם", "ו", "ל", "ש"]


def test_a_line_drawn_wider_has_room_for_more_text(tmp_path: Path) -> None:
    line_image(tmp_path / "a.png")
    (tmp_path / "a.gt.txt").write_text("abcdefghijklmnopqrstuvwxyzabcdefghij", encoding="utf-8")
    samples = list(read_sources([tmp_path / "a.png"], Notes()))
    notes = Notes()
    assert list(wide_enough(samples, notes)) == []
    assert "needs 36 columns, but its image has 32" in notes.skipped[0][1]
    assert list(wide_enough(samples, Notes(), 1.5)) == samples
    assert columns_of(samples[0].image, 1.5) == 48


@pytest.mark.parametrize(("width", "columns"), [(1, 4), (40, 8), (200, 32), (1 << 15, 3600)])
def test_columns_are_those_that_the_network_makes(width: int, columns: int) -> None:
    assert columns_of(np.zeros((40, width, 3), np.uint8)) == columns


def test_lines_of_one_id_keep_their_own_texts(tmp_path: Path) -> None:
    page_image(tmp_path / "p1.png")
    text = PAGE.format(image="p1.png").replace('id="l2"', 'id="l1"')
    (tmp_path / "p1.xml").write_text(text, encoding="utf-8")
    samples, _ = read(tmp_path / "p1.xml")
    assert [sample.text for sample in samples] == ["Erſte Zähne", "zwei Worte"]
