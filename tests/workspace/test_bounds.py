# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines that leave the page, and what else is no outline of anything on it."""

from __future__ import annotations

import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import PageXmlError
from ocrd_rapid.workspace.bounds import clipped, keep_on_page
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.outlines import outline_findings
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_checks import image_findings, text_of
from ocrd_rapid.workspace.polygons import is_tangle
from ocrd_rapid.workspace.segments import NAMESPACE
from ocrd_rapid.workspace.workspace import Workspace

INSIDE = "10,10 90,10 90,30 10,30"


def text(line: str = INSIDE, *, region: str = INSIDE, more: str = "", border: str = "") -> str:
    """Return a page of 100 x 80 pixels with one line."""
    frame = f'<Border><Coords points="{border}"/></Border>' if border else ""
    return f"""<PcGts xmlns="{NAMESPACE}">
      <Page imageFilename="a.png" imageWidth="100" imageHeight="80">{frame}
        <TextRegion id="r"><Coords points="{region}"/>
          <TextLine id="l"><Coords points="{line}"/>{more}</TextLine></TextRegion></Page></PcGts>"""


def kept(line: str = INSIDE, **others: str) -> PageDocument:
    page = PageDocument.parse(text(line, **others).encode())
    keep_on_page(page)
    return page


def line_of(page: PageDocument) -> list[list[float]]:
    polygon: list[list[float]] = page.text_regions()[0].lines[0].polygon.tolist()
    return polygon


@pytest.mark.parametrize("far", ["101", "1e9", str(2**63), "1e18", "1e38", "1e39", "1.7e308"])
def test_a_line_that_leaves_the_page_is_clipped_to_it(far: str) -> None:
    page = kept(f"10,10 {far},10 {far},30 10,30")
    assert line_of(page) == [[10, 10], [100, 10], [100, 30], [10, 30]]
    page = kept(f"-{far},-{far} 90,-{far} 90,30 -{far},30")
    assert sorted(line_of(page)) == [[0, 0], [0, 30], [90, 0], [90, 30]]


def test_the_warning_names_file_and_elements(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "GT").mkdir()
    more = '<Baseline points="10,20 500,20"/>'
    (tmp_path / "GT/p.xml").write_text(text("10,10 1e9,10 1e9,30 10,30", more=more))
    workspace = Workspace.create(directory=tmp_path)
    with caplog.at_level(logging.WARNING):
        workspace.read_page(MetsFile("G", "GT", "P", MIMETYPE_PAGE, "GT/p.xml"))
    assert caplog.messages == [
        f"{tmp_path}/GT/p.xml: outlines leave the page of 100 x 80 pixels and are clipped to it:"
        " TextLine l, Baseline in TextLine l"
    ]


def test_many_elements_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    words = "".join(f'<Word id="w{i}"><Coords points="0,0 999,0 9,9"/></Word>' for i in range(9))
    kept(more=words)
    (message,) = caplog.messages
    assert message.endswith("Word w0, Word w1, Word w2 and 6 more")


def test_what_is_on_the_page_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    for points in (INSIDE, "0,0 100,0 100,80 0,80", "1,1 2,2"):
        page = kept(points, border="0,0 100,0 100,80 0,80")
        assert f'<Coords points="{points}"/>'.encode() in page.to_bytes()
        assert page.border is not None
    assert caplog.messages == []


def test_fractions_and_blanks_are_written_as_the_schema_wants_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = kept(" 10.2,10  90,9.8\n90,30.4\t10,30 ")
    assert b'<Coords points="10,10 90,10 90,30 10,30"/>' in page.to_bytes()
    assert caplog.messages == []


def test_a_slope_is_kept_where_it_is_cut() -> None:
    page = kept(more='<Baseline points="0,10 1000000,400010"/>')
    assert page.text_regions()[0].lines[0].baseline.tolist() == [[0, 10], [100, 50]]


def test_an_outline_beside_the_page_has_no_area(caplog: pytest.LogCaptureFixture) -> None:
    page = kept("200,10 300,10 300,30 200,30")
    assert line_of(page) == [[100, 20], [100, 20]]
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("points", ["5", "1,2,3", "nan,1 2,3 4,5", "inf,1 2,3 4,5", "1e999,1 2,3"])
def test_malformed_points_stay_and_name_file_and_element(points: str, tmp_path: Path) -> None:
    path = tmp_path / "p.xml"
    path.write_text(text(points))
    page = PageDocument.read(path)
    keep_on_page(page)
    with pytest.raises(PageXmlError) as caught:
        line_of(page)
    assert str(caught.value) == (
        f"{path}, element Coords in TextLine l: malformed points: {points[:60]!r}"
    )


def test_points_beyond_float32_are_malformed_where_nobody_clipped_them() -> None:
    page = PageDocument.parse(text("1e39,1 2,3 4,5").encode())
    with pytest.raises(PageXmlError, match="Coords in TextLine l: malformed points"):
        line_of(page)


# Outlines that cross themselves


def scrawl(count: int) -> str:
    corners = np.random.default_rng(3).integers(0, (100, 80), size=(count, 2))
    return " ".join(f"{x},{y}" for x, y in corners)


def test_an_outline_that_crosses_itself_all_over_gives_way_to_its_hull(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = kept(scrawl(5000))
    polygon = np.array(line_of(page), dtype=np.float32)
    assert len(polygon) < 40
    assert cv2.isContourConvex(polygon)
    assert cv2.contourArea(polygon) > 0.9 * 100 * 80
    assert caplog.messages == [
        "page a.png: outlines cross themselves all over, and are replaced by their hulls:"
        " TextLine l"
    ]


def test_an_outline_that_crosses_itself_a_few_times_stays() -> None:
    points = scrawl(30)
    assert f'<Coords points="{points}"/>'.encode() in kept(points).to_bytes()


def test_an_outline_along_pixels_is_no_scrawl() -> None:
    circle = [50 + 40 * np.exp(2j * np.pi * i / 5000) for i in range(5000)]
    corners = np.rint(np.array([(p.real, p.imag) for p in circle]))
    assert not is_tangle(corners)


def test_a_scrawl_is_an_error_of_validation_and_found_at_once() -> None:
    page = PageDocument.parse(text(scrawl(20_000)).encode())
    found = [str(finding) for finding in outline_findings(page, "f")]
    assert found == ["f, TextLine l: its outline crosses itself all over"]


# Derived images


ALTERNATIVE = '<AlternativeImage filename="l.png" comments="{}"/>'


def with_image(line: str, comments: str = "binarized") -> PageDocument:
    source = text(line).replace('<TextLine id="l">', '<TextLine id="l">{}')
    page = PageDocument.parse(source.format(ALTERNATIVE.format(comments)).encode())
    keep_on_page(page)
    return page


def test_an_outline_stays_as_long_as_its_image_depends_on_it() -> None:
    page = with_image("-10,10 150,10 150,30 -10,30")
    assert line_of(page) == [[-10, 10], [150, 10], [150, 30], [-10, 30]]


def test_no_image_can_belong_to_an_outline_without_end() -> None:
    page = with_image("10,10 1e9,10 1e9,30 10,30")
    assert line_of(page)[1] == [100, 10]
    assert b"AlternativeImage" not in page.to_bytes()


# Borders


@pytest.mark.parametrize(
    "border", ["5,5", "5,5 5,5 5,5 5,5", "0,0 99,0", "0,9 50,9 99,9", "200,0 300,0 300,50 200,50"]
)
def test_a_border_without_area_on_the_page_is_none(
    border: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert PageDocument.parse(text(border=border).encode()).border is None
    page = kept(border=border)
    assert page.border is None
    assert b"Border" not in page.to_bytes()
    assert "page a.png: Border has no area on the page, and is left out" in caplog.messages


def test_a_malformed_border_stays_an_error() -> None:
    with pytest.raises(PageXmlError, match="element Coords: malformed points: 'x'"):
        _ = kept(border="x").border


# Sizes


@pytest.mark.parametrize("width", ["0", "-5"])
def test_a_page_without_size_clips_nothing(width: str) -> None:
    page = PageDocument.parse(text().replace('imageWidth="100"', f'imageWidth="{width}"').encode())
    keep_on_page(page)
    assert line_of(page) == [[10, 10], [90, 10], [90, 30], [10, 30]]


@pytest.mark.parametrize("width", ["2147483648", "-2147483648", "9" * 5000, "1e3", "nan", "10.5"])
def test_a_size_that_the_schema_does_not_allow_is_an_error(width: str) -> None:
    source = text().replace('imageWidth="100"', f'imageWidth="{width}"')
    with pytest.raises(PageXmlError, match="element Page: attribute missing or wrong"):
        PageDocument.parse(source.encode())


# Geometry

number = st.floats(-1e308, 1e308, allow_nan=False) | st.integers(-300, 300).map(float)
paths = st.lists(st.tuples(number, number), min_size=1, max_size=12)


@given(paths, st.booleans())
def test_whatever_is_clipped_is_in_the_rectangle(
    path: list[tuple[float, float]], closed: bool
) -> None:
    result = clipped(np.array(path, dtype=np.float64), (100, 80), closed=closed)
    assert len(result) >= 1
    assert np.isfinite(result).all()
    assert (result >= 0).all() and (result <= (100, 80)).all()


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 80)), min_size=1, max_size=9))
def test_what_is_inside_is_not_changed(path: list[tuple[int, int]]) -> None:
    points = np.array(path, dtype=np.float64)
    assert clipped(points, (100, 80)).tolist() == points.tolist()


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(-300, 300)), min_size=3, max_size=9))
def test_a_convex_outline_is_cut_as_opencv_cuts_it(path: list[tuple[int, int]]) -> None:
    hull = cv2.convexHull(np.array(path, dtype=np.float32))[:, 0]
    page = np.array([(0, 0), (100, 0), (100, 80), (0, 80)], dtype=np.float32)
    expected = cv2.intersectConvexConvex(hull, page)[0] if len(hull) >= 3 else 0.0
    result = clipped(hull.astype(np.float64), (100, 80)).astype(np.float32)
    assert cv2.contourArea(result) == pytest.approx(expected, abs=1)


# Names of images


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_a_name_too_long_for_a_file_is_one_of_a_missing_image(tmp_path: Path, prefix: str) -> None:
    name = prefix + "x" * 300
    source = text(more=f'<TextEquiv/><AlternativeImage filename="{name}" comments="binarized"/>')
    page = PageDocument.parse(source.replace("a.png", name).encode())
    found = [str(f) for f in image_findings(page, tmp_path, {name}, "f")]
    assert found == [
        f"f: its image '{name}' does not exist",
        f"f, TextLine l: AlternativeImage '{name}' does not exist",
    ]


def test_an_index_of_thousands_of_digits_is_none() -> None:
    equivs = f'<TextEquiv index="{"9" * 5000}"><Unicode>a</Unicode></TextEquiv>'
    page = PageDocument.parse(text(more=equivs + equivs.replace(">a<", ">b<")).encode())
    assert text_of(page.text_regions()[0].lines[0].element) == "a"
