# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-detect`` and ``-classify`` on regions of any shape: what is written is valid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from painted_pages import NS, classify, detect, letter_page, task

from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.page import PageDocument

WIDTH, HEIGHT = 300, 400

points = st.lists(st.tuples(st.integers(0, 450), st.integers(0, 550)), min_size=2, max_size=7).map(
    lambda found: " ".join(f"{x},{y}" for x, y in found)
)
kinds = st.sampled_from(["TextRegion", "TextRegion", "TableRegion", "ImageRegion", "NoiseRegion"])
angles = st.sampled_from(["", "0.0", "90", "-90.0", "180", "3.5", "-47"])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> OpenPage:
    folder: Path = tmp_path_factory.mktemp("page")
    return task(folder, letter_page())


def with_regions(page: OpenPage, regions: list[tuple[str, str, str, str]], angle: str) -> OpenPage:
    """Return the page with these regions: kind, outline, orientation, outline of a child."""
    body = ""
    for i, (kind, outline, orientation, child) in enumerate(regions):
        turned = f'orientation="{orientation}"' if orientation and kind != "NoiseRegion" else ""
        inner = f'<TextRegion id="c{i}"><Coords points="{child}"/></TextRegion>' if child else ""
        body += f'<{kind} id="r{i}" {turned}><Coords points="{outline}"/>{inner}</{kind}>'
    path = page.images.path("page.xml")
    namespace = NS["pc"]
    attributes = f'orientation="{angle}"' if angle else ""
    path.write_text(
        f'<PcGts xmlns="{namespace}"><Page imageFilename="page.png" imageWidth="{WIDTH}"'
        f' imageHeight="{HEIGHT}" {attributes}>{body}</Page></PcGts>'
    )
    return replace(page, document=PageDocument.read(path))


@settings(max_examples=60)
@given(
    regions=st.lists(st.tuples(kinds, points, angles, st.just("") | points), max_size=3),
    angle=angles,
    levels=st.tuples(st.sampled_from(["page", "region", "table"]), st.booleans()),
    padding=st.sampled_from([0.0, 3.0, 400.0]),
    turn=st.sampled_from(["page", "region", "line"]),
)
def test_what_is_written_is_valid(
    page: OpenPage,
    regions: list[tuple[str, str, str, str]],
    angle: str,
    levels: tuple[str, bool],
    padding: float,
    turn: str,
) -> None:
    given_page = with_regions(page, regions, angle)
    document = given_page.document
    before = {r.id for r in document.text_regions()}
    detect(levels[0], overwrite=levels[1], padding=padding).process(given_page)
    classify(turn).process(given_page)
    ids = document.root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(document.root.xpath("//@regionRef")) <= set(ids)
    if levels[0] == "region" and turn != "line":
        assert {r.id for r in document.text_regions()} == before
    for region in document.text_regions():
        for line in region.lines:
            outline = line.polygon
            assert len(outline) >= 4 and cv2.contourArea(outline) >= 1
            assert outline.min() >= 0 and (outline.max(axis=0) <= (WIDTH - 1, HEIGHT - 1)).all()
            around = cv2.convexHull(np.rint(region.polygon))
            assert all(cv2.pointPolygonTest(around, p, True) >= -1.5 for p in outline.tolist())
