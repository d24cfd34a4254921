# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PAGE of other programs and older versions, in the form of PAGE 2019-07-15."""

from __future__ import annotations

from pathlib import Path

import pytest
from foreign_pages import PAGES, coords, document, line, lines, outline, region
from lxml import etree

from ocrd_rapid.errors import PageXmlError
from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.export.plain_text import page_text
from ocrd_rapid.workspace import schema
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_checks import schema_findings
from ocrd_rapid.workspace.segments import NAMESPACE, TextRegion, tag

NS = {"pc": NAMESPACE}


def read(text: str, encoding: str = "utf-8") -> PageDocument:
    return PageDocument.parse(text.encode(encoding))


def problems(page: PageDocument) -> list[str]:
    """Return what the written document has against the schema, as far as we know it."""
    root = etree.fromstring(page.to_bytes())
    found = (*schema.violations(root, schema.PAGE), *schema.value_violations(root))
    return [f"{etree.QName(element).localname}: {problem}" for element, problem in found]


@pytest.mark.parametrize("name", [name for name in PAGES if "baselines" not in name])
def test_exports_of_others_are_written_as_the_schema_wants_them(name: str) -> None:
    page = read(PAGES[name])
    assert sum(len(r.lines) for r in page.text_regions()) == 3
    if name != "beyond-the-page":  # clipped when it is read for processing
        assert problems(page) == []


def with_text(name: str) -> str:
    """Return an export with the number of each line as its text."""
    text = PAGES[name]
    for number in range(3):
        equiv = f"<TextEquiv><Unicode>text {number}</Unicode></TextEquiv></TextLine>"
        start = text.index(f'id="l{number}"')
        end = text.index("</TextLine>", start)
        text = text[:end].replace("\0", "") + equiv + text[end + len("</TextLine>") :]
    return text.replace("<TextEquiv><Unicode/></TextEquiv>", "")


@pytest.mark.parametrize("name", PAGES)
def test_the_text_of_exports_is_found_in_reading_order(name: str) -> None:
    text = page_text(page_from(read(with_text(name))))
    assert [found for found in text.splitlines() if found] == ["text 0", "text 1", "text 2"]


# Transkribus


def test_a_cell_is_a_text_region_that_says_its_row_and_column() -> None:
    (table,) = read(PAGES["transkribus-table"]).page.iter(tag("TableRegion"))
    cells = [TextRegion(e) for e in table.iterchildren(tag("TextRegion"))]
    assert [cell.id for cell in cells] == ["c0", "c1", "c2"]
    assert [cell.element.findtext("x") for cell in cells] == [None] * 3
    roles = [dict(cell.element.find(f"{tag('Roles')}/*").attrib) for cell in cells]  # type: ignore[union-attr]
    assert roles[1] == {"rowIndex": "1", "columnIndex": "0", "rowSpan": "1", "colSpan": "1"}
    assert [len(cell.lines) for cell in cells] == [1, 1, 1]


def test_what_a_text_region_may_not_have_of_a_cell_is_kept_in_custom() -> None:
    page = read(PAGES["transkribus-table"])
    (cell, *_) = page.text_regions()
    assert dict(cell.element.attrib) == {
        "id": "c0",
        "custom": "structure {type:misc;} TableCell {leftBorderVisible:false; CornerPts:0 1 2 3;}",
    }


def test_a_cell_without_row_and_column_is_a_text_region_without_a_role() -> None:
    body = f'<TableRegion id="t">{coords("0,0 9,0 9,9 0,9")}<TableCell id="c" row="x">{line(0)}'
    page = read(document(body + "</TableCell></TableRegion>"))
    (cell,) = page.text_regions()
    assert (cell.id, len(cell.lines)) == ("c", 1)
    assert cell.element.find(tag("Roles")) is None
    assert cell.element.get("custom") == "TableCell {row:x;}"


def test_values_in_custom_cannot_break_its_notation() -> None:
    body = f'<TableRegion id="t"><TableCell id="c" a="x;y}} {{\\">{line(0)}</TableCell>'
    (cell,) = read(document(body + "</TableRegion>")).text_regions()
    assert cell.element.get("custom") == "TableCell {a:x\\u003by\\u007d \\u007b\\u005c;}"


def test_the_metadata_of_transkribus_become_user_attributes() -> None:
    page = read(PAGES["transkribus"])
    metadata = page.root[0]
    names = [etree.QName(e).localname for e in metadata]
    assert names == ["Creator", "Created", "LastChange", "UserDefined"]
    values = {
        str(e.get("name")): e.get("value")
        for e in metadata.iterfind("pc:UserDefined/pc:UserAttribute", NS)
    }
    assert values["TranskribusMetadata/docId"] == "12"
    assert values["TranskribusMetadata/imgUrl"] == "https://example.org/Get?id=A&fileType=view"
    assert values["TranskribusMetadata/textContentFactor"] == "12"
    assert len(values) == 9


def test_a_missing_time_of_the_last_change_is_that_of_the_making() -> None:
    text = document(region(lines()))
    start, end = text.index("<LastChange>"), text.index("</LastChange>") + len("</LastChange>")
    page = read(text[:start] + text[end:])
    assert page.root.findtext(f"{tag('Metadata')}/{tag('LastChange')}") == "2020-01-02T03:04:05"
    assert problems(page) == []


def test_relations_of_page_2013_name_source_and_target() -> None:
    page = read(PAGES["transkribus-relations"])
    (relation,) = page.page.iter(tag("Relation"))
    assert [etree.QName(e).localname for e in relation] == ["SourceRegionRef", "TargetRegionRef"]
    assert relation.get("id") == "relation_0001"


def test_a_list_of_no_relations_is_left_out() -> None:
    assert read(PAGES["transkribus"]).page.find(tag("Relations")) is None


# Regions


def test_types_that_page_does_not_have_are_other_and_kept_in_custom() -> None:
    (found,) = read(document(region(lines(), 'type="MainZone"'))).text_regions()
    assert found.element.get("type") == "other"
    assert found.element.get("custom") == "structure {type:MainZone;}"


def test_the_types_of_page_stay() -> None:
    for kind in ("paragraph", "TOC-entry", "other"):
        (found,) = read(document(region(lines(), f'type="{kind}"'))).text_regions()
        assert (found.element.get("type"), found.element.get("custom")) == (kind, None)


def test_a_structure_in_custom_is_not_said_twice() -> None:
    attributes = 'type="x" custom="structure {type:y;}"'
    (found,) = read(document(region(lines(), attributes))).text_regions()
    assert found.element.get("custom") == "structure {type:y;}"


def test_a_frame_of_page_2010_is_a_graphic() -> None:
    frame = f'<FrameRegion id="f" bgColour="white">{coords(outline(0))}</FrameRegion>'
    (found,) = read(document(frame, "2010-03-19")).page.iter(tag("GraphicRegion"))
    assert dict(found.attrib) == {
        "id": "f", "type": "frame", "custom": "FrameRegion {bgColour:white;}",
    }  # fmt: skip


def test_lines_of_no_text_region_get_one() -> None:
    page = read(document(line(0) + line(1) + region(line(2)), "2019-07-15"))
    first, second = page.text_regions()
    assert (first.id, [x.id for x in first.lines]) == ("textregion_0001", ["l0", "l1"])
    assert (second.id, [x.id for x in second.lines]) == ("r", ["l2"])


def test_lines_in_a_region_of_another_kind_get_a_text_region_inside() -> None:
    page = read(PAGES["unknown-types"])
    (unknown,) = page.page.iter(tag("UnknownRegion"))
    assert [etree.QName(e).localname for e in unknown] == ["Coords", "TextRegion"]


@pytest.mark.parametrize("around", ["TextLine", "Border", "Word", "OrderedGroup"])
def test_what_is_no_region_does_not_become_one_for_a_line_in_it(around: str) -> None:
    page = read(document(f'<{around} id="a">{line(0)}</{around}>', "2019-07-15"))
    assert next(page.page.iter(tag(around))).get("id") == "a"


def test_regions_and_lines_without_id_get_one() -> None:
    text = document(region(lines()).replace('id="r"', "").replace('id="l1"', ""), "2019-07-15")
    (found,) = read(text).text_regions()
    assert found.id == "textregion_0001"
    assert [x.id for x in found.lines] == ["l0", "textline_0002", "l2"]


# Outlines


def test_a_region_without_outline_is_written_with_the_hull_of_its_lines() -> None:
    page = read(PAGES["escriptorium"])
    page.to_bytes()
    polygon = page.text_regions()[1].polygon
    assert (polygon.min(axis=0).tolist(), polygon.max(axis=0).tolist()) == ([50, 136], [700, 278])


def test_a_region_waits_for_the_outlines_of_lines_that_have_but_a_baseline() -> None:
    page = read(PAGES["escriptorium-baselines"])
    page.to_bytes()
    (found,) = page.text_regions()
    assert len(found.polygon) == 0


def test_a_line_without_outline_is_written_with_the_hull_of_its_words() -> None:
    page = read(PAGES["words-only"])
    page.to_bytes()
    polygon = page.text_regions()[0].lines[0].polygon
    assert (polygon.min(axis=0).tolist(), polygon.max(axis=0).tolist()) == ([50, 56], [700, 118])


# Encodings


@pytest.mark.parametrize("version", ["2013-07-15", "2019-07-15"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1",
                                      "latin-1", "windows-1252", "shift_jis", "cp037"])  # fmt: skip
def test_page_is_read_in_the_encoding_it_declares(encoding: str, version: str) -> None:
    content = "Größe" if encoding != "shift_jis" else "漢字"
    text = document(region(line(0) + f"<TextEquiv><Unicode>{content}</Unicode></TextEquiv>"))
    text = text.replace("2013-07-15", version).replace("UTF-8", encoding)
    (found,) = read(text, encoding).text_regions()
    assert found.text == content


@pytest.mark.parametrize("encoding", ["klingon", "hex", "undefined", "utf-16"])
def test_an_encoding_that_is_none_is_an_error(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "page.xml"
    path.write_text(document("").replace("UTF-8", encoding))
    with pytest.raises(PageXmlError, match="not well-formed XML") as caught:
        PageDocument.read(path)
    assert str(path) in str(caught.value)


# Validation


def test_validation_sees_what_reading_mends() -> None:
    data = PAGES["transkribus-table"].replace("2013-07-15", "2019-07-15").encode()
    found = [str(f) for f in schema_findings(PageDocument.parse(data), data, "f")]
    assert "f, TableRegion t: TableCell is not allowed here" in found
    assert "f, Metadata: TranskribusMetadata is not allowed here" in found


def test_validation_knows_an_older_version_in_utf_16() -> None:
    data = PAGES["transkribus"].replace("UTF-8", "utf-16").encode("utf-16")
    (found,) = schema_findings(PageDocument.parse(data), data, "f")
    assert "older version of PAGE" in str(found)
    data = data.decode("utf-16").replace("2013-07-15", "2019-07-15").encode("utf-16")
    found_ = [str(f) for f in schema_findings(PageDocument.parse(data), data, "f")]
    assert not any("older" in f for f in found_)


@pytest.mark.parametrize(
    "order",
    [
        "",
        '<OrderedGroup id="o"/>',
        '<UnorderedGroup id="o"><OrderedGroup id="p"/></UnorderedGroup>',
    ],
)
def test_a_reading_order_of_nothing_is_left_out(order: str) -> None:
    page = read(document(f"<ReadingOrder>{order}</ReadingOrder>" + region(line(0))))
    assert problems(page) == []
    page.append_to_reading_order(["r"])
    assert page.reading_order() == ["r"]


def at(index: int) -> str:
    return f'custom="readingOrder {{index:{index};}} structure {{type:paragraph;}}"'


def test_lines_come_in_the_order_that_custom_says_until_they_are_reversed() -> None:
    given = "".join(line(n, attributes=at(place)) for n, place in ((2, 2), (0, 0), (1, 1)))
    page = read(document(region(given + "<TextEquiv><Unicode/></TextEquiv>")))
    (only,) = page.text_regions()
    assert [found.id for found in only.lines] == ["l0", "l1", "l2"]
    assert problems(page) == []
    only.reverse_lines()
    (again,) = PageDocument.parse(page.to_bytes()).text_regions()
    assert [found.id for found in again.lines] == ["l2", "l1", "l0"]
    assert again.lines[0].element.get("custom") == "structure {type:paragraph;}"


@pytest.mark.parametrize("places", [(1, 1), (1, None)])
def test_an_order_in_custom_that_is_unclear_is_none(places: tuple[int | None, ...]) -> None:
    given = [line(n, attributes="" if p is None else at(p)) for n, p in enumerate(places)]
    page = read(document(region("".join(given))))
    assert [found.id for found in page.text_regions()[0].lines] == ["l0", "l1"]


def test_regions_without_a_reading_order_have_that_of_custom() -> None:
    body = region("", at(1), name="ro") + region("", at(0), name="b")
    page = read(document(body))
    assert page.reading_order() == ["b", "ro"]
    assert [r.id for r in page.text_regions()] == ["b", "ro"]
    assert problems(page) == []
    order = '<ReadingOrder><OrderedGroup id="o"><RegionRefIndexed index="0" regionRef="ro"/>'
    page = read(document(f"{order}</OrderedGroup></ReadingOrder>{body}"))
    assert [r.id for r in page.text_regions()] == ["ro", "b"]
