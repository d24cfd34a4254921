# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ALTO, hOCR, JSON, CSV and PAGE-XML: valid, and with the same words, whatever a page says."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from full_page import DOCUMENT, full_page
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from read_pages import box, page, region, written

from ocrd_rapid.export.export_options import ALTO_VERSIONS
from ocrd_rapid.export.json_pages import schema
from ocrd_rapid.export.line_words import completed
from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.page_model import (
    ReadDocument,
    ReadGraphic,
    ReadLine,
    ReadPage,
    ReadRegion,
)
from ocrd_rapid.workspace.outlines import outline_findings
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_checks import text_findings
from ocrd_rapid.workspace.validation import schema_findings

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "schemas"


def alto(read: ReadPage, version: str = "4.4", **options: bool) -> etree._Element:
    return etree.fromstring(written("alto", [read], alto_version=version, **options))


def alto_schema(version: str) -> etree.XMLSchema:
    """Return a schema of the Library of Congress, or skip the test."""
    path = SCHEMAS / "alto" / f"alto-{version.replace('.', '-')}.xsd"
    if not path.is_file():
        pytest.skip("../shared/schemas is not here: ALTO is not validated")
    tree = etree.parse(str(path))
    for imported in tree.getroot().iter("{http://www.w3.org/2001/XMLSchema}import"):
        imported.set("schemaLocation", str(SCHEMAS / "xlink.xsd"))
    return etree.XMLSchema(tree)


def elements(root: etree._Element, *names: str) -> list[etree._Element]:
    return [e for e in root.iter(etree.Element) if etree.QName(e).localname in names]


def divided_page() -> ReadPage:
    return completed(
        page(
            region("paragraph", "in der Gärt-"),
            region("page-number", "7", y=900),
            region("paragraph", "nerarbeit, die", y=100),
        )
    )


@pytest.mark.parametrize("version", ALTO_VERSIONS)
def test_alto_is_valid(version: str) -> None:
    found = alto_schema(version)
    for read in (full_page(), divided_page(), completed(page()), completed(page(region(None)))):
        found.assertValid(alto(read, version))


def test_what_programs_want_of_alto() -> None:
    root = alto(full_page())
    assert root.prefix is None
    assert len({e.get("ID") for e in elements(root, "Page")}) == 1
    [found] = elements(root, "Page")
    assert found.get("PHYSICAL_IMG_NR") == "3" and found.get("PRINTED_IMG_NR") == "12"
    assert (found.get("WIDTH"), found.get("HEIGHT")) == ("1000", "1400")
    blocks = [e.get("ID") for e in elements(root, "TextBlock")]
    assert [e.get("REF") for e in elements(root, "ElementRef")] == blocks
    [next_block, *_] = elements(alto(full_page(), "4.2"), "TextBlock")
    assert next_block.get("IDNEXT") == blocks[1]


def test_a_divided_word_is_whole_in_both_its_parts() -> None:
    root = alto(divided_page())
    parts = [e for e in elements(root, "String") if e.get("SUBS_TYPE")]
    assert [(e.get("CONTENT"), e.get("SUBS_TYPE"), e.get("SUBS_CONTENT")) for e in parts] == [
        ("Gärt", "HypPart1", "Gärtnerarbeit,"),
        ("nerarbeit,", "HypPart2", "Gärtnerarbeit,"),
    ]
    [hyphen] = elements(root, "HYP")
    assert hyphen.get("CONTENT") == "-" and hyphen.getparent() is parts[0].getparent()


def test_the_hyphen_can_stay_in_its_word() -> None:
    root = alto(divided_page(), alto_hyphens=False)
    assert elements(root, "HYP") == []
    [first, _] = [e for e in elements(root, "String") if e.get("SUBS_TYPE")]
    assert (first.get("CONTENT"), first.get("SUBS_CONTENT")) == ("Gärt-", "Gärtnerarbeit,")


def test_a_word_divided_twice_is_marked_once() -> None:
    root = alto(completed(page(region("paragraph", "Do-", "nau-", "dampf"))))
    parts = [(e.get("CONTENT"), e.get("SUBS_TYPE")) for e in elements(root, "String")]
    assert parts == [("Do", "HypPart1"), ("nau-", "HypPart2"), ("dampf", None)]


def test_the_pages_of_a_document_have_ids_of_their_own() -> None:
    pages = [replace(full_page(), number=n, image=f"{n}.jpg") for n in (1, 2)]
    text = written("hocr", pages, ReadDocument("book", 2)).decode("utf-8")
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert text.count('class="ocr_page"') == 2


def test_hocr_names_the_classes_that_it_has() -> None:
    root = etree.fromstring(written("hocr", [full_page()], DOCUMENT))
    content = {e.get("name"): str(e.get("content")) for e in elements(root, "meta")}
    used = {str(e.get("class")) for e in root.iter(etree.Element) if e.get("class")}
    named = set(content["ocr-capabilities"].split())
    assert {name for name in named if not name.startswith("ocrp_")} == used


def test_json_tells_what_failed() -> None:
    document = ReadDocument("book", 2, failures={2: "broken"})
    found = json.loads(written("json", [full_page()], document))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(found, schema())
    assert found["failures"] == [{"page": 2, "message": "broken"}]
    assert found["pages"][0]["barcodes"][0] | {"box": 0, "polygon": 0} == {
        "format": "QRCode", "content": "a\tb", "bytes": "YQli/w==", "box": 0, "polygon": 0,
    }  # fmt: skip


def test_json_is_one_line() -> None:
    assert written("json", [full_page(), full_page()]).count(b"\n") == 1


def test_page_xml_comes_back() -> None:
    read = full_page()
    data = written("page", [read], DOCUMENT, generator="ocrd-rapid 1")
    document = PageDocument.parse(data)
    assert list(outline_findings(document, "", baselines=True)) == []
    assert list(text_findings(document, "", strict=True)) == []
    assert list(schema_findings(document, data, "")) == []
    back = page_from(document)
    assert back.text == read.text and back.languages == read.languages
    assert [r.kind for r in back.regions] == [r.kind for r in read.regions]
    assert [r.id for r in back.regions] == [r.id for r in read.regions]
    assert [r.place for r in back.regions] == [r.place for r in read.regions]
    assert [r.orientation for r in back.regions[8:9]] == [-90]
    assert (back.orientation, back.skew, back.steps) == (0, -0.5, read.steps)
    assert [line.typeface for line in back.lines] == [line.typeface for line in read.lines]
    assert [g.barcode for g in back.graphics] == [g.barcode for g in read.graphics]
    words = [w for line in read.lines for w in line.words]
    for a, b in zip(words, (w for line in back.lines for w in line.words), strict=True):
        assert (a.text, a.confidence, a.alternatives) == (b.text, b.confidence, b.alternatives)
        assert [g.text for g in a.glyphs] == [g.text for g in b.glyphs]


_point = st.tuples(st.floats(-300, 1300), st.floats(-300, 1800))
_outline = st.lists(_point, max_size=9).map(lambda p: np.array(p, np.float32).reshape(-1, 2))
_text = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("-¬⸗ aÄשלا漢\u0364"), max_size=12
)


@st.composite
def any_page(draw: st.DrawFn) -> ReadPage:
    """Return a page with any outlines and any text."""
    regions = []
    for _ in range(draw(st.integers(0, 3))):
        lines = tuple(
            ReadLine(draw(_outline), draw(_text), draw(st.none() | st.floats(-1, 2)))
            for _ in range(draw(st.integers(0, 3)))
        )
        regions.append(
            ReadRegion(
                lines,
                draw(st.sampled_from([None, "paragraph", "heading", "page-number"])),
                draw(st.floats(-180, 180)),
                "" if lines else draw(_text),
                draw(_outline),
                id=draw(_text),
            )
        )
    graphics = (ReadGraphic("image", draw(_outline), draw(_text)),)
    return completed(page(*regions, graphics=graphics, id=draw(_text), label=""))


@given(any_page(), st.sampled_from(ALTO_VERSIONS))
@settings(max_examples=60)
def test_any_page_is_valid_and_inside_itself(read: ReadPage, version: str) -> None:
    words = [word.text for line in read.lines for word in line.words]
    root = alto(read, version, alto_hyphens=False)
    assert [e.get("CONTENT") for e in elements(root, "String")] == words
    for element in root.iter(etree.Element):
        places = [element.get(name) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
        if places[0] is not None:
            assert all(place is not None and place.isdecimal() for place in places)
            left, top, width, height = (int(str(place)) for place in places)
            assert left + width <= 1000 and top + height <= 1500
    alto_schema(version).assertValid(root)
    hocr = etree.fromstring(written("hocr", [read]))
    spans = [e for e in elements(hocr, "span") if e.get("class") == "ocrx_word"]
    assert ["".join(map(str, e.itertext())) for e in spans] == words
    found = json.loads(written("json", [read]))
    jsonschema.validate(found, schema())
    assert words == [
        w["text"] for r in found["pages"][0]["regions"] for x in r["lines"] for w in x["words"]
    ]
    rows = csv.DictReader(io.StringIO(written("csv", [read]).decode("utf-8"), newline=""))
    assert [row["text"] for row in rows] == words


@given(any_page())
@settings(max_examples=60)
def test_any_page_as_page_xml(read: ReadPage) -> None:
    data = written("page", [read])
    document = PageDocument.parse(data)
    assert list(outline_findings(document, "")) == []
    assert list(text_findings(document, "", strict=True)) == []
    assert list(schema_findings(document, data, "")) == []
    assert page_from(document).text == read.text


def test_boxes_have_an_area_at_the_edges_of_a_page() -> None:
    for at in (box(-9, -9, -3, -3), box(1200, 1600, 1300, 1700), box(5, 5, 5.2, 5.2)):
        read = completed(page(ReadRegion((ReadLine(at, "a"),))))
        [found] = elements(alto(read), "String")
        assert (found.get("WIDTH"), found.get("HEIGHT")) == ("1", "1")
