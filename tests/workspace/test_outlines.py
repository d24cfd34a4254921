# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines of PAGE-XML: valid by themselves, and inside of each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ocrd_rapid.workspace.outlines import outline_findings, self_contact, simplified
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import tag

SQUARE = "10,10 90,10 90,90 10,90"


def page(region: str = SQUARE, line: str | None = None, border: str | None = None) -> PageDocument:
    """Return a page of 100 x 100 pixels with one region, and perhaps a line and a border."""
    document = PageDocument.for_image("a.png", 100, 100, "test")
    if border is not None:
        _outline(etree.SubElement(document.page, tag("Border")), border)
    element = etree.SubElement(document.page, tag("TextRegion"), id="r")
    _outline(element, region)
    if line is not None:
        _outline(etree.SubElement(element, tag("TextLine"), id="l"), line)
    return document


def _outline(parent: etree._Element, points: str, name: str = "Coords") -> None:
    etree.SubElement(parent, tag(name), points=points)


def findings(document: PageDocument, **options: Any) -> list[tuple[str, str]]:
    return [
        (f.severity, f"{f.where}: {f.what}") for f in outline_findings(document, "f", **options)
    ]


def test_a_sound_page_has_no_findings() -> None:
    assert findings(page(line="20,20 80,20 80,40 20,40", border="0,0 100,0 100,100 0,100")) == []


@pytest.mark.parametrize(
    ("region", "severity", "message"),
    [
        ("", "error", "f, TextRegion r: its outline has only 0 points"),
        ("1,1 2,2", "error", "f, TextRegion r: its outline has only 2 points"),
        ("1,1 9,1 9,9", "warning", "f, TextRegion r: its outline has 3 points"),
        ("a b c d", "error", "f, TextRegion r: has no readable outline"),
        ("-1,1 9,1 9,9 -1,9", "error", "f, TextRegion r: its outline has negative coordinates"),
        ("1,1 101,1 101,9 1,9", "error",
         "f, TextRegion r: its outline (101, 9) leaves the page of 100 x 100 pixels"),
        ("1,1 9,1 9,101 1,101", "error", "f, TextRegion r: its outline (9, 101) leaves the page"),
        ("10,10 90,90 90,10 10,90", "error", "f, TextRegion r: its outline crosses or touches"),
        ("1,1 9,1 9,1 9,1", "error", "f, TextRegion r: its outline crosses or touches"),
        ("5,5 5,5 5,5 5,5", "error", "f, TextRegion r: its outline crosses or touches itself near"),
        ("0,0 50,0 50,50 25,0 0,50", "error", "f, TextRegion r: its outline crosses or touches"),
    ],
)  # fmt: skip
def test_an_outline_by_itself(region: str, severity: str, message: str) -> None:
    ((found, text),) = findings(page(region))
    assert found == severity
    assert text.startswith(message)


def test_the_edge_of_the_page_belongs_to_it() -> None:
    assert findings(page("0,0 100,0 100,100 0,100")) == []


def test_a_loop_of_a_pixel_is_tolerated_as_core_does() -> None:
    assert findings(page("10,10 90,10 90,50 89,51 90,51 89,50 90,90 10,90")) == []


@pytest.mark.parametrize(
    ("line", "inside"),
    [
        ("10,10 90,10 90,90 10,90", True),
        ("9,9 91,9 91,91 9,91", True),
        ("20,20 92,20 92,40 20,40", False),
        ("8,20 80,20 80,40 8,40", False),
        ("20,0 40,0 40,5 20,5", False),
        ("0,0 100,0 100,100 0,100", False),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_line_lies_in_its_region_but_for_a_pixel_and_a_half(
    line: str, inside: bool, turned: bool
) -> None:
    region = " ".join(reversed(SQUARE.split())) if turned else SQUARE
    expected = [] if inside else [("error", "f, TextLine l: is not inside TextRegion r")]
    assert findings(page(region, line)) == expected


def test_a_hollow_of_the_region_is_outside() -> None:
    region = "10,10 90,10 90,90 60,90 60,30 40,30 40,90 10,90"
    assert len(findings(page(region, "20,50 80,50 80,60 20,60"))) == 1
    assert findings(page(region, "20,15 80,15 80,25 20,25")) == []


def test_a_region_lies_in_the_border() -> None:
    found = findings(page(border="0,0 50,0 50,50 0,50"))
    assert found == [("error", "f, TextRegion r: is not inside Page")]


def test_what_is_in_a_broken_outline_is_not_compared_with_it() -> None:
    found = findings(page("10,10 90,90 90,10 10,90", "0,0 5,0 5,5 0,5"))
    assert [text.partition(": ")[0] for _, text in found] == ["f, TextRegion r"]


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ("20,35 80,35", None),
        ("19,41 81,41", None),
        ("20,35 95,35", "its Baseline is not inside its outline"),
        ("20,35 50,60 80,35", "its Baseline is not inside its outline"),
        ("20,35", "its Baseline has fewer than 2 usable points"),
        ("x", "its Baseline has fewer than 2 usable points"),
        ("-1,35 80,35", "its Baseline has negative coordinates"),
    ],
)
def test_a_baseline_lies_in_its_line(baseline: str, message: str | None) -> None:
    document = page(line="20,20 80,20 80,40 20,40")
    (line,) = document.text_regions()[0].lines
    _outline(line.element, baseline, "Baseline")
    assert findings(document) == []
    expected = [] if message is None else [("error", f"f, TextLine l: {message}")]
    assert findings(document, baselines=True) == expected
    assert findings(document, baselines=True, polygons=False) == expected


def test_words_glyphs_and_nested_regions_are_looked_at() -> None:
    document = page(line="20,20 80,20 80,40 20,40")
    region = document.text_regions()[0].element
    word = etree.SubElement(region[1], tag("Word"), id="w")
    _outline(word, "20,20 30,20 30,50 20,50")
    _outline(etree.SubElement(word, tag("Glyph"), id="g"), "50,20 60,20 60,30 50,30")
    _outline(etree.SubElement(region, tag("ImageRegion"), id="i"), "0,0 5,0 5,5 0,5")
    assert [text for _, text in findings(document)] == [
        "f, ImageRegion i: is not inside TextRegion r",
        "f, Word w: is not inside TextLine l",
        "f, Glyph g: is not inside Word w",
    ]


@given(st.lists(st.floats(5, 50), min_size=3, max_size=40), st.integers(0, 39))
def test_a_star_about_its_centre_does_not_touch_itself(radii: list[float], start: int) -> None:
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    points = 50 + np.array(radii)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    assert self_contact(np.roll(points, start, axis=0)) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9))
def test_contact_does_not_depend_on_where_one_begins_or_turns(
    points: list[tuple[int, int]],
) -> None:
    array = np.array(points, dtype=np.float64)
    expected = self_contact(array) is None
    for other in (array[::-1], np.roll(array, 2, axis=0), np.repeat(array, 2, axis=0), array * 3):
        assert (self_contact(other) is None) == expected


def test_many_points_are_compared_in_parts() -> None:
    angles = np.linspace(0, 2 * np.pi, 3000, endpoint=False)
    circle = 5000 + 4000 * np.column_stack([np.cos(angles), np.sin(angles)])
    assert self_contact(circle) is None
    circle[[700, 2200]] = circle[[2200, 700]]
    assert self_contact(circle) is not None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=20))
def test_no_point_is_farther_from_the_simplified_outline(points: list[tuple[int, int]]) -> None:
    array = np.array(points, dtype=np.float64)
    ring = simplified(array, 1.0)
    assert {tuple(p) for p in ring} <= {tuple(p) for p in array}
    ends = np.vstack([ring[1:], ring[:1]])
    for point in array:
        edges = zip(ring, ends, strict=True)
        assert min(_distance(point, a, b) for a, b in edges) <= 1.0 + 1e-9


def _distance(point: Any, start: Any, end: Any) -> float:
    edge = end - start
    length = float(edge @ edge)
    share = min(max(float((point - start) @ edge) / length, 0), 1) if length else 0
    return float(np.linalg.norm(point - start - share * edge))
