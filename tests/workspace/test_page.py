# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PAGE-XML: what is read, what is written, and that nothing else changes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ocrd_rapid.errors import PageXmlError
from ocrd_rapid.provenance import ProcessingStep
from ocrd_rapid.workspace import xml
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import AlternativeImage, alternative_images
from ocrd_rapid.workspace.segments import NAMESPACE, TextRegion
from ocrd_rapid.workspace.values import format_float, format_points, parse_points

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "reference" / "golden"

NS = {"pc": NAMESPACE}
SQUARE = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], dtype=np.float32)
COORDS = '<Coords points="0,0 9,0 9,9 0,9"/>'


def source(body: str = "", *, attributes: str = "", doctype: str = "", ns: str = NAMESPACE) -> str:
    """Return a PAGE document with this inside of its page."""
    return f"""{doctype}<PcGts xmlns="{ns}" pcGtsId="F">
      <Metadata><Creator>me</Creator><Created>2020-01-02T03:04:05</Created>
        <LastChange>2020-01-02T03:04:05</LastChange></Metadata>
      <Page imageFilename="IMG/a.png" imageWidth="100" imageHeight="200" {attributes}>{body}</Page>
    </PcGts>"""


def page(body: str = "", *, attributes: str = "") -> PageDocument:
    return PageDocument(xml.parse(source(body, attributes=attributes).encode()))


def again(document: PageDocument) -> PageDocument:
    """Return the document as a reader of the written file sees it."""
    return PageDocument(xml.parse(document.to_bytes()))


def region(body: str = "", *, identifier: str = "r", attributes: str = "") -> str:
    return f'<TextRegion id="{identifier}" {attributes}>{COORDS}{body}</TextRegion>'


def line(body: str = "", *, identifier: str = "l") -> str:
    return f'<TextLine id="{identifier}">{COORDS}{body}</TextLine>'


def text(content: str, attributes: str = "") -> str:
    return f"<TextEquiv {attributes}><Unicode>{content}</Unicode></TextEquiv>"


def names(element: etree._Element) -> list[str]:
    return [etree.QName(e).localname for e in element if isinstance(e.tag, str)]


def only_region(document: PageDocument) -> TextRegion:
    (found,) = document.text_regions()
    return found


# Points and numbers

polygons = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 1 << 20)), min_size=1, max_size=20
)


@given(polygons)
def test_points_that_are_written_are_read_again(points: list[tuple[int, int]]) -> None:
    written = format_points(np.array(points, dtype=np.float32))
    assert re.fullmatch(r"([0-9]+,[0-9]+ )*[0-9]+,[0-9]+", written)
    assert parse_points(written).tolist() == [list(map(float, point)) for point in points]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("1,2 3,4", [[1, 2], [3, 4]]),
        ("  1,2\n3,4\t", [[1, 2], [3, 4]]),
        ("1.5,2.25", [[1.5, 2.25]]),
        ("-1,-2", [[-1, -2]]),
        ("", []),
    ],
)
def test_points_are_parsed(points: str, expected: list[list[float]]) -> None:
    parsed = parse_points(points)
    assert parsed.tolist() == expected
    assert parsed.shape == (len(expected), 2)
    assert parsed.dtype == np.float32


@pytest.mark.parametrize("points", ["1", "1,2 3", "1,2,3", "a,b", "1;2", "1,", ",1", "1, 2"])
def test_malformed_points_are_an_error_that_shows_them(points: str) -> None:
    with pytest.raises(PageXmlError, match=re.escape(f"malformed points: {points!r}")):
        parse_points(points)


@pytest.mark.parametrize("points", ["nan,2 3,4", "1,2 inf,4"])
def test_points_that_are_no_numbers_are_malformed(points: str) -> None:
    with pytest.raises(PageXmlError, match="malformed points"):
        parse_points(points)


def test_points_are_written_rounded_and_never_negative() -> None:
    polygon = np.array([(-3.2, 0.4), (1.6, -0.6), (2.4, 7)], dtype=np.float32)
    assert format_points(polygon) == "0,0 2,0 2,7"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1.0"),
        (0.0, "0.0"),
        (0.5, "0.5"),
        (-90.0, "-90.0"),
        (180, "180.0"),
        (1 / 3, "0.333333333333333"),
        (0.00001, "0.00001"),
        (1e-20, "0.0"),
        (123456789.0, "123456789.0"),
    ],
)
def test_numbers_are_written_as_core_writes_them(value: float, expected: str) -> None:
    assert format_float(value) == expected


@given(st.floats(-1e6, 1e6))
def test_numbers_have_decimals_but_no_exponent_and_keep_their_value(value: float) -> None:
    written = format_float(value)
    assert re.fullmatch(r"-?[0-9]+\.[0-9]{1,15}", written)
    assert len(written) == len(written.rstrip("0")) or written.endswith(".0")
    assert float(written) == pytest.approx(value, abs=1e-15)


# Reading


def test_a_page_is_read_with_its_image_and_size(tmp_path: Path) -> None:
    path = tmp_path / "page.xml"
    path.write_text(source(), encoding="utf-8")
    document = PageDocument.read(path)
    assert document.image_filename == "IMG/a.png"
    assert (document.width, document.height) == (100, 200)
    assert document.pcgts_id == "F"
    assert document.orientation == 0.0
    assert document.border is None
    assert alternative_images(document.page) == []
    assert document.text_regions() == []


def test_what_a_page_says_of_its_image_is_read() -> None:
    document = page(
        '<AlternativeImage filename="b.png" comments="cropped,binarized"/>'
        '<AlternativeImage filename="c.png"/>'
        '<Border><Coords points="5,6 50,6 50,60"/></Border>',
        attributes='orientation="-1.25"',
    )
    assert alternative_images(document.page) == [
        AlternativeImage("b.png", ("cropped", "binarized")),
    ]
    assert document.border is not None
    assert document.border.tolist() == [[5, 6], [50, 6], [50, 60]]
    assert document.orientation == -1.25


@pytest.mark.parametrize("version", ["2013-07-15", "2016-07-15", "2017-07-15", "2018-07-15"])
def test_older_versions_are_read_and_written_as_the_newest(tmp_path: Path, version: str) -> None:
    older = NAMESPACE.replace("2019-07-15", version)
    path = tmp_path / "page.xml"
    path.write_text(source(region(line(text("Größe"))), ns=older), encoding="utf-8")
    document = PageDocument.read(path)
    assert [x.text for x in only_region(document).lines] == ["Größe"]
    assert older.encode() not in document.to_bytes()
    assert [x.text for x in only_region(again(document)).lines] == ["Größe"]


@pytest.mark.parametrize("version", ["2010-03-19", "2010-01-12"])
def test_outlines_of_page_2010_are_read(tmp_path: Path, version: str) -> None:
    points = '<Point x="1" y="2"/><Point x="8" y="2"/><Point x="8" y="9"/>'
    body = f'<TextRegion id="r"><Coords>{points}</Coords></TextRegion>'
    path = tmp_path / "page.xml"
    older = NAMESPACE.replace("2019-07-15", version)
    path.write_text(source(body, ns=older), encoding="utf-8")
    found = only_region(PageDocument.read(path))
    assert found.polygon.tolist() == [[1, 2], [8, 2], [8, 9]]
    assert found.element.xpath("count(.//pc:Point)", namespaces=NS) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not well-formed XML"),
        ("hello", "not well-formed XML"),
        ("GIF89a", r"not PAGE-XML, but an image \(image/gif\)"),
        ("%PDF-1.4", "not PAGE-XML: it is a PDF; convert its pages to images first"),
        (source()[:-10], "not well-formed XML"),
        (source().replace("me</", "\x01</"), "not well-formed XML"),
        ("<alto/>", "not a PAGE-XML document .root element alto."),
        (f'<PcGts xmlns="{NAMESPACE}"/>', "not a PAGE-XML document"),
        (source().replace('imageFilename="IMG/a.png"', ""), "attribute missing.*imageFilename"),
        (source().replace('"100"', '"wide"'), "attribute missing or wrong.*wide"),
    ],
)
def test_what_is_not_page_is_an_error_that_names_the_file(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "page.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PageXmlError, match=message) as caught:
        PageDocument.read(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(PageXmlError, match="does not exist"):
        PageDocument.read(tmp_path / "page.xml")
    with pytest.raises(PageXmlError, match="cannot be read: Is a directory"):
        PageDocument.read(tmp_path)


def write_with_entity(path: Path, declarations: str, reference: str) -> None:
    doctype = f"<!DOCTYPE PcGts [{declarations}]>"
    path.write_text(source(region(line(text(reference))), doctype=doctype), encoding="utf-8")


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    path = tmp_path / "page.xml"
    write_with_entity(path, f'<!ENTITY l0 "{"ha" * 50}">{levels}', "&l11;")
    with pytest.raises(PageXmlError, match="entit"):
        PageDocument.read(path)


def test_an_external_entity_is_refused_and_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    path = tmp_path / "page.xml"
    write_with_entity(path, f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;")
    with pytest.raises(PageXmlError, match="declarations of entities are not allowed") as caught:
        PageDocument.read(path)
    assert "the secret" not in str(caught.value)


def test_an_entity_of_the_document_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.xml"
    write_with_entity(path, '<!ENTITY x "text">', "a &x; b")
    with pytest.raises(PageXmlError, match="declarations of entities are not allowed"):
        PageDocument.read(path)


@pytest.mark.parametrize("value", ["upright", "NaN", "-INF", "1,5"])
def test_an_orientation_that_is_no_number_is_an_error_that_names_it(value: str) -> None:
    turned = f'orientation="{value}"'
    with pytest.raises(PageXmlError, match=f"element Page: .*orientation.*'{value}'"):
        _ = page(attributes=turned).orientation
    with pytest.raises(PageXmlError, match=f"element TextRegion r: .*orientation.*'{value}'"):
        _ = only_region(page(region(attributes=turned))).orientation


def test_confidence_and_index_that_are_no_numbers_are_errors_that_name_them() -> None:
    with pytest.raises(PageXmlError, match=r"element TextEquiv in TextRegion r: .*conf.*'high'"):
        _ = only_region(page(region(text("a", 'conf="high"')))).confidence
    with pytest.raises(PageXmlError, match=r"element TextEquiv in TextRegion r: .*index.*'first'"):
        _ = only_region(page(region(text("a", 'index="first"')))).text
    with pytest.raises(
        PageXmlError, match=r"element RegionRefIndexed in OrderedGroup .*: .*index.*'x'"
    ):
        page(NESTED.replace('"2"', '"x"')).reading_order()


# Nothing is lost


def test_what_we_do_not_know_survives() -> None:
    body = (
        '<TextStyle fontFamily="Arial"/>'
        + region(
            '<UserDefined><UserAttribute name="a" value="b"/></UserDefined>' + line(),
            attributes='custom="structure {type:heading;}" type="heading" made-up="yes"',
        )
        + '<own:thing xmlns:own="urn:own" x="1">kept <own:b/> too</own:thing><!-- a comment -->'
    )
    document = page(body, attributes='type="content"')
    only_region(document).add_line("new", SQUARE, None)
    document.append_to_reading_order(["r"])
    root = again(document).root
    assert root.xpath("string(//pc:UserAttribute/@value)", namespaces=NS) == "b"
    assert root.xpath("string(//pc:TextRegion/@custom)", namespaces=NS).endswith("{type:heading;}")
    assert root.xpath("string(//pc:TextRegion/@made-up)", namespaces=NS) == "yes"
    assert root.xpath("string(//pc:Page/@type)", namespaces=NS) == "content"
    assert root.xpath("string(//pc:Page/pc:TextStyle/@fontFamily)", namespaces=NS) == "Arial"
    (own,) = root.iter("{urn:own}thing")
    assert "".join(str(t) for t in own.itertext()).split() == ["kept", "too"]
    assert b"<!-- a comment -->" in document.to_bytes()


@pytest.mark.parametrize(
    "name", ["example_page_from_image.xml", "example_page_full.xml", "example_page_after.xml"]
)
def test_the_golden_pages_of_core_keep_every_element_and_attribute(name: str) -> None:
    golden = GOLDEN / name
    if not golden.is_file():
        pytest.skip(f"{golden} is not here: nothing of core's to compare with")
    written = PageDocument.read(golden).to_bytes()
    blank = etree.XMLParser(remove_blank_text=True)
    original = etree.fromstring(golden.read_bytes(), blank)
    assert etree.tostring(etree.fromstring(written, blank), method="c14n") == etree.tostring(
        original, method="c14n"
    )


# New documents


def new_document() -> PageDocument:
    return PageDocument.for_image("IMG/a.png", 100, 200, "me 1.0")


def test_a_new_document_is_read_again_as_what_it_was_made_for() -> None:
    document = again(new_document())
    assert document.image_filename == "IMG/a.png"
    assert (document.width, document.height) == (100, 200)


def test_a_new_document_has_the_metadata_of_the_schema() -> None:
    metadata = new_document().root.find("pc:Metadata", NS)
    assert metadata is not None
    assert names(metadata) == ["Creator", "Created", "LastChange"]
    creator, created, changed = (e.text or "" for e in metadata)
    assert creator == "me 1.0"
    assert created == changed
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?", created)


def test_a_new_document_begins_as_cores_does() -> None:
    document = new_document()
    document.pcgts_id = "OUT_1"
    begin = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<pc:PcGts xmlns:pc="{NAMESPACE}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{NAMESPACE} {NAMESPACE}/pagecontent.xsd" pcGtsId="OUT_1">\n'
        "    <pc:Metadata>\n        <pc:Creator>me 1.0</pc:Creator>\n"
    )
    assert document.to_bytes().decode().startswith(begin)
    assert document.to_bytes().endswith(b"</pc:PcGts>\n")


def test_a_new_document_is_what_core_writes_for_the_same_content() -> None:
    golden = GOLDEN / "example_page_from_image.xml"
    if not golden.is_file():
        pytest.skip(f"{golden} is not here: nothing of core's to compare with")
    document = PageDocument.for_image("OCR-D-IMG/INPUT_0017.tif", 1457, 2083, "OCR-D/core 3.13.3")
    document.pcgts_id = "OCR-D-SEG_PHYS_0017"
    parameters = {
        "need": "x", "flag": True, "model": "toy.model", "level": "line", "conf": 0.5,
        "count": 2, "crash": "", "opts": {}, "langs": ["de"],
    }  # fmt: skip
    document.add_processing_step(
        ProcessingStep(
            step="recognition/text-recognition",
            executable="ocrd-toy",
            parameters={name: str(value) for name, value in parameters.items()},
            versions={"ocrd-toy": "0.1.2", "ocrd/core": "3.13.3"},
        )
    )
    whole = parse_points("10,10 1447,10 1447,2073 10,2073")
    added = document.add_region("r0", whole, 0.9)
    for number, points in enumerate(
        ["10,10 1447,10 1447,1041 10,1041", "10,1041 1447,1041 1447,2073 10,2073"]
    ):
        new = added.add_line(f"r0_l{number}", parse_points(points), None)
        new.set_text(f"Line {number} & <x>", 0.5)
    added.set_text("Line 0 & <x>\nLine 1 & <x>", 0.5)
    document.append_to_reading_order(["r0"])

    expected = golden.read_text(encoding="utf-8")
    expected = re.sub(r"\n +<pc:AlternativeImage [^>]*>", "", expected)
    written = document.to_bytes().decode().replace('id="ro"', 'id="reading-order"')
    times = r"<pc:(Created|LastChange)>[^<]*<"
    assert re.sub(times, "", written) == re.sub(times, "", expected)


# Text


@pytest.mark.parametrize(
    ("equivs", "expected"),
    [
        ("", None),
        (text("one"), "one"),
        (text("one") + text("two"), "one"),
        (text("two", 'index="2"') + text("one", 'index="1"'), "one"),
        (text("one", 'index="0"') + text("two", 'index="1"'), "one"),
        (text("two") + text("one", 'index="1"'), "one"),
        ("<TextEquiv/>", ""),
        (text(""), ""),
    ],
)
def test_the_text_of_a_segment_is_the_first_by_its_index(equivs: str, expected: str | None) -> None:
    assert only_region(page(region(equivs))).text == expected


def test_the_confidence_of_a_segment_is_that_of_its_text() -> None:
    assert only_region(page(region(text("a", 'conf="0.25"')))).confidence == 0.25
    assert only_region(page(region(text("a")))).confidence is None
    assert only_region(page(region())).confidence is None


def test_text_and_confidence_are_of_the_same_reading() -> None:
    equivs = text("two", 'index="1" conf="0.1"') + text("one", 'index="0" conf="0.9"')
    found = only_region(page(region(equivs)))
    assert (found.text, found.confidence) == ("one", 0.9)


def test_new_text_replaces_all_readings_but_not_those_of_the_lines() -> None:
    document = page(region(line(text("line")) + text("one", 'index="1"') + text("two")))
    only_region(document).set_text("new", 0.5)
    found = only_region(again(document))
    assert found.element.xpath("pc:TextEquiv/pc:Unicode/text()", namespaces=NS) == ["new"]
    assert (found.text, found.confidence) == ("new", 0.5)
    assert [x.text for x in found.lines] == ["line"]


@pytest.mark.parametrize(("given", "written"), [(-0.5, "0.0"), (1.0000001, "1.0"), (0.25, "0.25")])
def test_confidences_are_kept_within_the_range_of_the_schema(given: float, written: str) -> None:
    document = page(region())
    added = only_region(document).add_line("new", SQUARE, given)
    added.set_text("x", given)
    assert added.element.xpath("string(pc:Coords/@conf)", namespaces=NS) == written
    assert added.element.xpath("string(pc:TextEquiv/@conf)", namespaces=NS) == written


def test_text_and_lines_without_confidence_have_none() -> None:
    document = page(region())
    added = only_region(document).add_line("new", SQUARE, None)
    added.set_text("x")
    assert added.element.xpath("count(.//@conf)", namespaces=NS) == 0


def test_control_characters_are_left_out_of_text() -> None:
    document = page(region())
    only_region(document).set_text("a\x00b\x07c\x1bd\x7fe\x9ff\ufffeg\nh\ti")
    assert only_region(again(document)).text == "abcdefg\nh\ti"


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_whatever_is_set_as_text_can_be_written_and_read_again(content: str) -> None:
    document = new_document()
    document.add_region("r", SQUARE).set_text(content)
    assert only_region(again(document)).text == xml.clean_text(content)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), max_size=40))
def test_text_without_control_characters_is_kept_as_it_is(content: str) -> None:
    document = new_document()
    document.add_region("r", SQUARE).set_text(content)
    assert only_region(again(document)).text == content


def test_removing_text_leaves_the_text_inside() -> None:
    document = page(region(line(text("line")) + text("region")))
    only_region(document).remove_text()
    assert only_region(document).text is None
    assert [x.text for x in only_region(document).lines] == ["line"]


def test_removing_words_leaves_baseline_and_text() -> None:
    words = f'<Baseline points="0,8 9,8"/><Word id="w">{COORDS}{text("w")}</Word>'
    document = page(region(line(words + text("w"))))
    (found,) = only_region(document).lines
    found.remove_words()
    assert names(found.element) == ["Coords", "Baseline", "TextEquiv"]
    assert found.text == "w"


# Order of elements


def test_text_of_a_region_goes_behind_its_lines_and_before_its_style() -> None:
    document = page(region(line() + '<TextStyle fontFamily="Arial"/>'))
    only_region(document).set_text("new")
    assert names(only_region(document).element) == ["Coords", "TextLine", "TextEquiv", "TextStyle"]


def test_text_of_a_line_goes_behind_its_words_and_before_what_may_follow() -> None:
    rest = '<TextStyle fontFamily="Arial"/><UserDefined/><Labels/>'
    document = page(region(line(f'<Baseline points="0,8"/><Word id="w">{COORDS}</Word>{rest}')))
    (found,) = only_region(document).lines
    found.set_text("new")
    assert names(found.element) == [
        "Coords", "Baseline", "Word", "TextEquiv", "TextStyle", "UserDefined", "Labels",
    ]  # fmt: skip


def test_a_line_goes_behind_lines_and_regions_and_before_the_text() -> None:
    body = '<AlternativeImage filename="x.png"/>' + COORDS
    inner = region(identifier="inner")
    document = page(f'<TextRegion id="r">{body}{inner}{line()}{text("t")}</TextRegion>')
    document.text_regions()[0].add_line("new", SQUARE, 0.5)
    found = document.text_regions()[0]
    assert names(found.element) == [
        "AlternativeImage", "Coords", "TextRegion", "TextLine", "TextLine", "TextEquiv",
    ]  # fmt: skip
    assert [x.id for x in found.lines] == ["l", "new"]


def test_the_reading_order_goes_behind_the_border_and_before_all_regions() -> None:
    body = (
        '<AlternativeImage filename="x.png"/><Border><Coords points="0,0 9,0 9,9"/></Border>'
        "<Layers/><UserDefined/>"
    )
    document = page(body + f'<ImageRegion id="i">{COORDS}</ImageRegion>' + region())
    document.append_to_reading_order(["r"])
    assert names(document.page) == [
        "AlternativeImage", "Border", "ReadingOrder", "Layers", "UserDefined", "ImageRegion",
        "TextRegion",
    ]  # fmt: skip


def test_reversed_lines_stay_between_coordinates_and_text() -> None:
    document = page(
        region(line(identifier="a") + line(identifier="b") + line(identifier="c") + text("t"))
    )
    only_region(document).reverse_lines()
    found = only_region(document)
    assert [x.id for x in found.lines] == ["c", "b", "a"]
    assert names(found.element) == ["Coords", "TextLine", "TextLine", "TextLine", "TextEquiv"]


# Regions


def test_regions_come_in_reading_order_and_the_others_after_them() -> None:
    order = (
        '<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="0" regionRef="c"/>'
        '<RegionRefIndexed index="1" regionRef="a"/></OrderedGroup></ReadingOrder>'
    )
    cell = f'<TableRegion id="t">{COORDS}{region(identifier="cell")}</TableRegion>'
    bodies = "".join(region(identifier=i) for i in "ab") + cell + region(identifier="c")
    document = page(order + bodies)
    assert [r.id for r in document.text_regions()] == ["c", "a", "b", "cell"]


def test_regions_the_order_does_not_name_come_with_the_region_around_them() -> None:
    order = (
        '<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="0" regionRef="last"/>'
        '<RegionRefIndexed index="1" regionRef="t"/><RegionRefIndexed index="2" regionRef="r"/>'
        "</OrderedGroup></ReadingOrder>"
    )
    cells = region(identifier="cell1") + region(identifier="cell2")
    table = f'<TableRegion id="t">{COORDS}{cells}</TableRegion>'
    outer = region(region(identifier="inner"), identifier="r")
    document = page(order + outer + table + region(identifier="other") + region(identifier="last"))
    assert [r.id for r in document.text_regions()] == [
        "last", "cell1", "cell2", "r", "inner", "other",
    ]  # fmt: skip


def test_all_regions_and_the_reading_order_are_removed_and_nothing_else() -> None:
    body = (
        '<AlternativeImage filename="x.png"/><Border><Coords points="0,0 9,0 9,9"/></Border>'
        '<ReadingOrder><OrderedGroup id="g"/></ReadingOrder>'
    )
    other = "".join(
        f'<{name} id="{name}">{COORDS}</{name}>'
        for name in ("ImageRegion", "TableRegion", "SeparatorRegion", "CustomRegion")
    )
    document = page(body + region() + other)
    document.remove_regions()
    assert names(document.page) == ["AlternativeImage", "Border"]


def test_a_region_without_coordinates_has_no_outline() -> None:
    assert only_region(page('<TextRegion id="r"/>')).polygon.shape == (0, 2)


def test_a_new_region_has_outline_and_id() -> None:
    document = page()
    document.add_region("new", SQUARE, 0.5)
    found = only_region(again(document))
    assert found.id == "new"
    assert found.polygon.tolist() == SQUARE.tolist()
    assert found.lines == []


@pytest.mark.parametrize(("written", "expected"), [(None, None), ("0.0", 0.0), ("-2.5", -2.5)])
def test_the_orientation_of_a_region_may_be_unknown(
    written: str | None, expected: float | None
) -> None:
    attributes = "" if written is None else f'orientation="{written}"'
    assert only_region(page(region(attributes=attributes))).orientation == expected


def test_a_new_orientation_drops_images_turned_by_another() -> None:
    images = "".join(
        f'<AlternativeImage filename="{n}.png" comments="{features}"/>'
        for n, features in enumerate(
            ["binarized", "cropped,deskewed", "cropped", "rotated-90,binarized"]
        )
    )
    document = page(images + f'<TextRegion id="r">{images}{COORDS}</TextRegion>')
    document.set_orientation(180)
    only_region(document).set_orientation(-90)
    assert document.page.get("orientation") == "180.0"
    assert only_region(document).element.get("orientation") == "-90.0"
    assert [i.filename for i in alternative_images(document.page)] == ["0.png", "2.png"]
    left = only_region(document).element.xpath("pc:AlternativeImage/@filename", namespaces=NS)
    assert left == ["0.png", "2.png"]


# Reading order

NESTED = """<ReadingOrder><OrderedGroup id="g">
  <RegionRefIndexed index="2" regionRef="e"/>
  <RegionRefIndexed index="0" regionRef="a"/>
  <OrderedGroupIndexed id="h" index="1" regionRef="b">
    <RegionRefIndexed index="1" regionRef="d"/>
    <RegionRefIndexed index="0" regionRef="c"/>
  </OrderedGroupIndexed>
</OrderedGroup></ReadingOrder>"""

UNORDERED = """<ReadingOrder><UnorderedGroup id="g">
  <RegionRef regionRef="b"/>
  <OrderedGroup id="h"><RegionRefIndexed index="0" regionRef="c"/></OrderedGroup>
  <RegionRef regionRef="a"/>
</UnorderedGroup></ReadingOrder>"""


def test_nested_groups_are_read_by_their_index() -> None:
    assert page(NESTED).reading_order() == ["a", "b", "c", "d", "e"]


def test_an_unordered_group_is_read_as_it_is_written() -> None:
    assert page(UNORDERED).reading_order() == ["b", "c", "a"]


@pytest.mark.parametrize("order", ["", "<ReadingOrder/>"])
def test_where_no_order_is_there_is_none(order: str) -> None:
    document = page(order)
    assert document.reading_order() == []
    document.reverse_reading_order()
    assert document.reading_order() == []


@pytest.mark.parametrize("order", ["", "<ReadingOrder/>"])
def test_the_first_region_makes_an_ordered_group(order: str) -> None:
    document = page(order + region())
    document.append_to_reading_order(["r", "s"])
    root = again(document).root
    group = root.find(".//pc:ReadingOrder/pc:OrderedGroup", NS)
    assert group is not None
    assert group.get("id")
    assert [dict(e.attrib) for e in group] == [
        {"index": "0", "regionRef": "r"},
        {"index": "1", "regionRef": "s"},
    ]


def test_more_regions_go_to_the_end_of_an_ordered_group() -> None:
    document = page(NESTED)
    document.append_to_reading_order(["x", "y"])
    assert again(document).reading_order() == ["a", "b", "c", "d", "e", "x", "y"]
    indices = document.root.xpath("//pc:OrderedGroup/*/@index", namespaces=NS)
    assert sorted(indices) == ["0", "1", "2", "3", "4"]


def test_more_regions_go_to_the_end_of_an_unordered_group() -> None:
    document = page(UNORDERED)
    document.append_to_reading_order(["x"])
    assert again(document).reading_order() == ["b", "c", "a", "x"]
    (added,) = document.root.xpath("//pc:RegionRef[@regionRef='x']", namespaces=NS)
    assert dict(added.attrib) == {"regionRef": "x"}


def test_reversing_turns_the_outermost_group_over_and_keeps_groups_whole() -> None:
    document = page(NESTED)
    document.reverse_reading_order()
    assert again(document).reading_order() == ["e", "b", "c", "d", "a"]
    (group,) = document.root.iterfind(".//pc:ReadingOrder/pc:OrderedGroup", NS)
    assert [e.get("index") for e in group] == ["0", "1", "2"]


@given(st.integers(0, 12))
def test_reversing_twice_changes_nothing(count: int) -> None:
    regions = [f"r{i}" for i in range(count)]
    document = page()
    document.append_to_reading_order(regions)
    document.reverse_reading_order()
    assert document.reading_order() == regions[::-1]
    document.reverse_reading_order()
    assert document.reading_order() == regions


def test_an_unordered_group_has_no_order_to_reverse() -> None:
    document = page(UNORDERED)
    document.reverse_reading_order()
    assert again(document).reading_order() == ["b", "c", "a"]


def test_a_comment_in_the_reading_order_is_not_its_group() -> None:
    document = page(NESTED.replace("<ReadingOrder>", "<ReadingOrder><!-- by hand -->"))
    document.append_to_reading_order(["x"])
    assert again(document).reading_order() == ["a", "b", "c", "d", "e", "x"]


# IDs and metadata


def test_new_ids_are_never_taken() -> None:
    document = page(region(line(identifier="x_1"), identifier="x"))
    assert [document.new_id("x") for _ in range(3)] == ["x_2", "x_3", "x_4"]
    assert [document.new_id("y") for _ in range(2)] == ["y", "y_1"]


@given(st.lists(st.sampled_from(["a", "a_1", "b", "F", "r"]), max_size=20))
def test_all_new_ids_differ(stems: list[str]) -> None:
    document = page(region())
    made = [document.new_id(stem) for stem in stems]
    assert len({*made, "r"}) == len(made) + 1


def test_the_id_of_what_was_removed_is_given_again_after_a_refresh() -> None:
    document = page(region(line()))
    only_region(document).element.remove(only_region(document).lines[0].element)
    assert document.new_id("l") == "l_1"
    document.refresh_ids()
    assert document.new_id("l") == "l"


def step(document: PageDocument, value: str = "True") -> None:
    document.add_processing_step(
        ProcessingStep(
            step="layout/segmentation/line",
            executable="ocrd-toy",
            parameters={"flag": value, "number": "0.5", "list": "['de']", "empty": ""},
            versions={"ocrd-toy": "0.1.2", "model": "toy.onnx"},
        )
    )


def test_a_processing_step_is_recorded_as_core_does() -> None:
    document = page()
    step(document)
    (item,) = document.root.iterfind("pc:Metadata/pc:MetadataItem", NS)
    assert dict(item.attrib) == {
        "type": "processingStep", "name": "layout/segmentation/line", "value": "ocrd-toy",
    }  # fmt: skip
    recorded = {
        labels.get("externalId"): [(e.get("type"), e.get("value")) for e in labels]
        for labels in item
    }
    assert recorded == {
        "parameters": [("flag", "True"), ("number", "0.5"), ("list", "['de']"), ("empty", "")],
        "version": [("ocrd-toy", "0.1.2"), ("model", "toy.onnx")],
    }
    assert {labels.get("externalModel") for labels in item} == {"ocrd-tool"}


def test_steps_are_added_and_never_replaced() -> None:
    document = page()
    step(document)
    step(document)
    metadata = again(document).root.find("pc:Metadata", NS)
    assert metadata is not None
    assert names(metadata) == ["Creator", "Created", "LastChange", "MetadataItem", "MetadataItem"]


def test_a_step_with_control_characters_in_a_parameter_can_be_read_again() -> None:
    document = page()
    step(document, "a\x00b\x1b")
    assert again(document).root.xpath("string(//pc:Label[1]/@value)", namespaces=NS) == "ab"


def test_missing_metadata_is_made_as_the_first_element() -> None:
    body = f'<Page imageFilename="a" imageWidth="1" imageHeight="1"><!-- -->{region()}</Page>'
    document = PageDocument(xml.parse(f'<PcGts xmlns="{NAMESPACE}">{body}</PcGts>'.encode()))
    step(document)
    assert names(document.root) == ["Metadata", "Page"]
