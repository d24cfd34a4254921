# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Boundaries between regions, and types, counted against ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import region_scores
from region_scores import PlacedLine, score

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def lines(regions: Sequence[int], kinds: Sequence[str | None] = ()) -> list[PlacedLine]:
    """Return lines below each other, each in the region with this number."""
    return [
        PlacedLine((100, 30 * i, 900, 30 * i + 20), region, kinds[i] if kinds else None)
        for i, region in enumerate(regions)
    ]


def test_boundaries_found_too_many_and_missed() -> None:
    result = score(lines([0, 0, 1, 1, 2, 2]), lines([0, 1, 2, 2, 2, 2]))
    assert (result.found, result.extra, result.missed) == (1, 1, 1)


def test_a_line_in_two_pieces_is_one_line() -> None:
    halves = [PlacedLine((100, 0, 450, 20), 0), PlacedLine((500, 0, 900, 20), 1)]
    result = score(lines([0, 0]), [*halves, PlacedLine((100, 30, 900, 50), 1)])
    assert (result.found, result.extra, result.missed) == (0, 0, 0)


def test_what_nothing_was_detected_at_does_not_count() -> None:
    result = score(lines([0, 1, 2], ["heading"] * 3), lines([0], ["heading"]))
    assert (result.found, result.extra, result.missed) == (0, 0, 0)
    assert result.kinds == {("heading", "heading"): 1}


def test_types_count_by_lines_if_the_ground_truth_has_one() -> None:
    truth = lines([0, 0, 1, 2], ["paragraph", "paragraph", "footnote", None])
    result = score(truth, lines([0, 0, 1, 2], ["paragraph", "heading", "footnote", "footnote"]))
    assert result.kinds == {
        ("paragraph", "paragraph"): 1, ("paragraph", "heading"): 1, ("footnote", "footnote"): 1,
    }  # fmt: skip


def page(*regions: tuple[str, Sequence[int]]) -> str:
    """Return PAGE-XML of regions: their types, and the tops of their lines."""

    def line(top: int, name: str) -> str:
        points = f"100,{top} 900,{top} 900,{top + 20} 100,{top + 20}"
        return f'<TextLine id="{name}"><Coords points="{points}"/></TextLine>'

    body = "".join(
        f'<TextRegion id="r{i}" type="{kind}"><Coords points="90,1 910,1 910,900 90,900"/>'
        + "".join(line(top, f"r{i}l{k}") for k, top in enumerate(tops))
        + "</TextRegion>"
        for i, (kind, tops) in enumerate(regions)
    )
    return (
        f'<PcGts xmlns="{NAMESPACE}"><Page imageFilename="a.png" imageWidth="1000"'
        f' imageHeight="1000">{body}</Page></PcGts>'
    )


def test_folders_are_compared_page_by_page_whatever_the_order_of_lines(tmp_path: Path) -> None:
    for name in ("pages/books", "results/books"):
        (tmp_path / name).mkdir(parents=True)
    truth = page(("heading", [10]), ("paragraph", [100, 40, 70]))
    found = page(("heading", [10]), ("paragraph", [40, 70]), ("footnote", [100]))
    (tmp_path / "pages/books/one.page.xml").write_text(truth)
    (tmp_path / "pages/books/two.page.xml").write_text(truth)
    (tmp_path / "results/books/one.xml").write_text(found)
    scores = region_scores.score_folders(tmp_path / "pages", tmp_path / "results")
    assert list(scores) == ["books"]
    books = scores["books"]
    assert (books.found, books.extra, books.missed) == (1, 1, 0)
    assert books.kinds["paragraph", "footnote"] == 1
