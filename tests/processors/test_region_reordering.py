# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``reorder_regions``: how sure the reading order of a page is, and a better one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from painted_pages import blank_page, column_page, detect, recognize, run, task

from ocrd_rapid.export.json_pages import page_object
from ocrd_rapid.export.page_xml import fill, page_from
from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.page_model import ReadLine, ReadPage, ReadRegion, ReadTable, TablePlace
from ocrd_rapid.processors.reading_order import improve_order, insert_cells
from ocrd_rapid.workspace.order_marks import is_marked, mark_order
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import tag
from ocrd_rapid.workspace.table_cells import cell_role

COLUMNS = {
    "one": (0, 0, ["Der Rat trat zusammen und", "beriet über den Bau der", "neuen Brücke."]),
    "two": (0, 80, ["Die Kosten sind hoch, doch hat", "sich die Mehrheit dafür aus-"]),
    "three": (340, 0, ["gesprochen, sie aus den Mitteln", "zu decken und zu beginnen."]),
    "four": (340, 56, ["Danach wurde die Sitzung", "geschlossen."]),
}
RIGHT, WRONG = ["one", "two", "three", "four"], ["one", "three", "two", "four"]


def box(x: float, y: float, width: float) -> Points:
    return np.array([(x, y), (x + width, y), (x + width, y + 20), (x, y + 20)], np.float32)


def region(name: str) -> ReadRegion:
    x, y, texts = COLUMNS[name]
    lines = [
        ReadLine(box(x, y + 24 * i, 150 if i and text[-1] == "." else 300), text, 0.9)
        for i, text in enumerate(texts)
    ]
    return ReadRegion(tuple(lines), "paragraph", id=name)


def page_in(order: list[str], *, marked: bool = True) -> PageDocument:
    document = PageDocument.for_image("page.png", 700, 300, "test")
    fill(document, ReadPage(700, 300, tuple(region(name) for name in order)))
    if marked:
        mark_order(document.page)
    return document


def again(document: PageDocument) -> PageDocument:
    return PageDocument.parse(document.to_bytes())


def test_a_wrong_order_is_put_right() -> None:
    document = page_in(WRONG)
    assert improve_order(document, "always") is not None
    assert document.reading_order() == RIGHT
    assert is_marked(document.page)
    found = improve_order(document, "always")
    assert found is not None and found.order == (0, 1, 2, 3)


def test_the_order_of_the_layout_is_judged_and_stays() -> None:
    sure = []
    for order in (RIGHT, WRONG):
        document = page_in(order)
        found = improve_order(document, "auto")
        assert found is not None and found.confidence is not None
        assert document.reading_order() == order
        assert is_marked(document.page)
        sure.append(found.confidence)
    assert sure[0] > sure[1]


def test_confidences_are_read_back() -> None:
    document = page_in(WRONG)
    found = improve_order(document, "auto")
    page = page_from(again(document))
    assert found is not None and found.confidence is not None
    assert page.order_confidence == pytest.approx(found.confidence, abs=1e-3)
    sure = [region.order_confidence for region in page.regions]
    assert sure[0] is None
    assert sure[1:] == pytest.approx(found.places[1:], abs=1e-3)
    described = page_object(page)
    assert described["order_confidence"] == pytest.approx(found.confidence, abs=1e-3)
    assert [r["order_confidence"] for r in described["regions"]] == sure


def test_confidences_survive_a_new_document() -> None:
    document = page_in(RIGHT)
    improve_order(document, "auto")
    page = page_from(document)
    copy = PageDocument.for_image("page.png", 700, 300, "test")
    fill(copy, page)
    assert page_from(again(copy)).order_confidence == page.order_confidence
    assert [r.order_confidence for r in page_from(again(copy)).regions] == [
        r.order_confidence for r in page.regions
    ]


def test_a_place_that_changed_has_no_confidence() -> None:
    document = page_in(RIGHT)
    improve_order(document, "auto")
    swap(document, "three", "four")
    assert [r.order_confidence is None for r in page_from(document).regions] == [
        True, False, True, True,
    ]  # fmt: skip


def swap(document: PageDocument, one: str, two: str) -> None:
    """Exchange two regions in the reading order, as a person would in an editor."""
    references = {e.get("regionRef"): e for e in document.page.iter(tag("RegionRefIndexed"))}
    references[one].set("regionRef", two)
    references[two].set("regionRef", one)


@pytest.mark.parametrize("when", ["auto", "always", "never"])
def test_an_order_that_a_person_changed(when: str) -> None:
    document = page_in(RIGHT)
    swap(document, "two", "three")
    before = document.to_bytes()
    improve_order(document, when)
    assert (document.to_bytes() == before) == (when != "always")
    assert document.reading_order() == (RIGHT if when == "always" else WRONG)


def test_an_order_of_unknown_origin_stays() -> None:
    document = page_in(WRONG, marked=False)
    assert improve_order(document, "auto") is None
    assert document.reading_order() == WRONG
    improve_order(document, "always")
    assert document.reading_order() == RIGHT
    assert not is_marked(document.page)


def test_a_page_without_an_order_gets_one() -> None:
    document = page_in(WRONG)
    order = document.page.find(tag("ReadingOrder"))
    assert order is not None
    document.page.remove(order)
    assert improve_order(document, "auto") is None
    improve_order(document, "always")
    assert document.reading_order() == RIGHT


def test_an_unordered_group_stays() -> None:
    document = page_in(WRONG)
    group = document.page.find(f"{tag('ReadingOrder')}/{tag('OrderedGroup')}")
    assert group is not None
    group.tag = tag("UnorderedGroup")
    for member in group:
        member.tag = tag("RegionRef")
        del member.attrib["index"]
    before = document.to_bytes()
    assert improve_order(document, "always") is None
    assert document.to_bytes() == before


def test_our_own_changes_keep_the_mark() -> None:
    document = page_in(RIGHT)
    document.reverse_reading_order()
    assert is_marked(document.page)
    document.append_to_reading_order([])
    assert is_marked(document.page)


def test_detection_marks_the_order_and_recognition_judges_it(tmp_path: Path) -> None:
    page = task(tmp_path, column_page())
    document = run(page, detect(), recognize())
    assert is_marked(document.page)
    assert page_from(document).order_confidence is not None


def test_detection_does_not_mark_an_order_that_others_began(tmp_path: Path) -> None:
    document = page_in(RIGHT, marked=False)
    page = task(tmp_path, column_page())
    page.document.page.extend(list(document.page))
    run(page, detect())
    assert not is_marked(page.document.page)


def test_an_empty_page(tmp_path: Path) -> None:
    document = run(task(tmp_path, blank_page()), detect(), recognize())
    assert document.reading_order() == []


def test_a_group_stays_together() -> None:
    document = page_in(["three", "four", "one", "two"])
    group = document.page.find(f"{tag('ReadingOrder')}/{tag('OrderedGroup')}")
    assert group is not None
    members = {e.get("regionRef"): e for e in group}
    inner = etree.SubElement(group, tag("OrderedGroupIndexed"), id="article", index="0")
    for index, name in enumerate(("three", "four")):
        members[name].set("index", str(index))
        inner.append(members[name])
    before = etree.tostring(inner[0]) + etree.tostring(inner[1])
    improve_order(document, "always")
    assert [e.get("regionRef") or e.get("id") for e in group] == ["one", "two", "article"]
    assert etree.tostring(inner[0]) + etree.tostring(inner[1]) == before


# Text that runs from right to left


def hebrew_page() -> PageDocument:
    """Return a page as it is after detection and recognition, with columns from the left."""
    document = page_in(RIGHT)
    for segment in document.text_regions():
        for line in segment.lines:
            line.set_text("בראשית ברא אלהים את השמים", 0.9)
    return document


@pytest.mark.parametrize("when", ["auto", "always"])
def test_columns_from_right_to_left(when: str) -> None:
    document = hebrew_page()
    improve_order(document, when)
    assert document.reading_order() == ["three", "four", "one", "two"]
    before = document.to_bytes()
    improve_order(document, when)
    assert document.to_bytes() == before


def test_columns_stay_where_the_order_is_of_others_or_must_not_change() -> None:
    document = hebrew_page()
    improve_order(document, "never")
    assert document.reading_order() == RIGHT


def test_lines_side_by_side_and_tables_begin_at_the_right() -> None:
    text = "בראשית ברא"
    cells = tuple(
        ReadRegion(
            (ReadLine(box(200 * column, 100 + 40 * row, 120), text),),
            id=f"c{row}{column}",
            place=TablePlace("t", row, column),
        )
        for row in range(2)
        for column in range(2)
    )
    pieces = ReadRegion(
        (ReadLine(box(0, 0, 120), text, id="left"), ReadLine(box(200, 0, 120), text, id="right")),
        id="pieces",
    )
    table = ReadTable(np.array([(0, 90), (400, 90), (400, 200), (0, 200)], np.float32), "t")
    document = PageDocument.for_image("page.png", 700, 300, "test")
    fill(document, ReadPage(700, 300, (pieces, *cells), tables=(table,)))
    order = document.page.find(tag("ReadingOrder"))
    assert order is not None
    document.page.remove(order)
    insert_cells(document, "t", [cell.id for cell in cells])
    mark_order(document.page)
    for _ in range(2):
        improve_order(document, "auto")
        regions = {segment.id: segment for segment in document.text_regions()}
        assert [line.id for line in regions["pieces"].lines] == ["right", "left"]
        assert document.reading_order() == ["pieces", "t", "c01", "c00", "c11", "c10"]
        roles = {name: cell_role(segment.element) for name, segment in regions.items()}
        columns = {n: role.get("columnIndex") for n, role in roles.items() if role is not None}
        assert columns == {"c00": "1", "c01": "0", "c10": "1", "c11": "0"}
