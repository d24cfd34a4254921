# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Errors to be expected, from the confidences of lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import InputError
from ocrd_rapid.evaluation.estimate import estimate_files
from ocrd_rapid.evaluation.estimate_report import NOT_ESTIMATED, estimate_as_dict, estimate_table
from ocrd_rapid.workspace.page import PageDocument


def write_page(path: Path, *lines: tuple[str, float | None]) -> Path:
    """Write PAGE-XML with these lines, from top to bottom, in one region."""
    page = PageDocument.for_image("a.png", 1000, 1000, "me")
    region = page.add_region("r", np.array([(0, 0), (900, 0), (900, 900)], dtype=np.float32))
    for number, (text, confidence) in enumerate(lines):
        top = 20 * number
        outline = np.array([(0, top), (900, top), (900, top + 9)], dtype=np.float32)
        region.add_line(f"l{number}", outline, None).set_text(text, confidence)
    path.write_bytes(page.to_bytes())
    return path


def document(*lines: tuple[str, float]) -> dict[str, Any]:
    """Return the part of our JSON that matters, with two pages of the same lines."""
    found = [{"id": f"l{i}", "text": t, "confidence": c} for i, (t, c) in enumerate(lines)]
    return {"pages": [{"number": n, "regions": [{"lines": found}]} for n in (1, 2)]}


def test_the_estimate_is_what_confidences_leave_by_length(tmp_path: Path) -> None:
    path = write_page(tmp_path / "p.xml", ("Haus & Hof", 0.8), ("x" * 30, 1.0))
    total = estimate_files(path).total
    assert total.errors == pytest.approx(2.0)
    assert (total.length, total.error_rate) == (40, pytest.approx(0.05))
    assert [line.id for line in total.unsure] == ["l0"]


def test_the_least_sure_lines_come_first(tmp_path: Path) -> None:
    path = write_page(tmp_path / "p.xml", ("a", 0.7), ("b", 0.9), ("c", 0.2), ("d", 0.89))
    assert [line.id for line in estimate_files(path).total.unsure] == ["l2", "l0", "l3"]


def test_lines_without_confidence_are_not_counted_as_right(tmp_path: Path) -> None:
    path = write_page(tmp_path / "p.xml", ("abcd", 0.5), ("x" * 100, None))
    text = estimate_files(path)
    assert text.total.error_rate == pytest.approx(0.5)
    table = estimate_table(text, "page")
    assert "not counted, without confidence: 1 of 2 lines" in table.splitlines()
    assert estimate_as_dict(text, "page")["total"]["lines_without_confidence"] == 1


def test_a_folder_has_its_pages_by_name(tmp_path: Path) -> None:
    write_page(tmp_path / "b.page.xml", ("abcd", 0.5))
    write_page(tmp_path / "a.xml", ("abcd", 1.0))
    (tmp_path / "c.txt").write_text("not asked for")
    text = estimate_files(tmp_path)
    assert [(page.name, page.estimate.error_rate) for page in text.pages] == [("a", 0), ("b", 0.5)]


def test_json_may_have_several_pages(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_text(json.dumps(document(("abcd", 0.75), ("efgh", 1.0))))
    text = estimate_files(path)
    assert [page.name for page in text.pages] == ["book, page 1", "book, page 2"]
    assert text.total.errors == pytest.approx(2.0)


@pytest.mark.parametrize(
    "content", ["[]", '{"pages": 1}', '{"pages": [{"number": 1}]}', "{", '{"pages": [1]}']
)
def test_json_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"a\.json: not the JSON of a document"):
        estimate_files(path)


def test_text_without_any_confidence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no line has a confidence"):
        estimate_files(write_page(tmp_path / "p.xml", ("abcd", None)))


def test_the_table_names_what_is_missing_and_the_first_lines(tmp_path: Path) -> None:
    lines = [(f"line {i}", 0.5 + i / 100) for i in range(25)]
    text = estimate_files(write_page(tmp_path / "p.xml", *lines, ("sure", 0.99)))
    table = estimate_table(text, "page").splitlines()
    assert table[0].split() == ["page", "lines", "chars", "expected", "CER", "below", "0.9"]
    assert "lines below 0.9: 25 of 26" in table
    assert NOT_ESTIMATED in table
    assert next(row.split() for row in table if row.startswith("      0.5")) == [
        "0.50", "p", "l0", "line", "0",
    ]  # fmt: skip
    assert table[-1] == "… and 5 more; all with --level line"
    assert (
        sum("0." in row and " l" in row for row in estimate_table(text, "line").splitlines()) > 24
    )


def test_plain_data_has_all_unsure_lines_and_on_request_all_lines(tmp_path: Path) -> None:
    path = write_page(tmp_path / "p.xml", ("ab", 0.5), ("cd", 1.0))
    found = estimate_as_dict(estimate_files(path), "line")
    assert found["unsure"] == [{"page": "p", "id": "l0", "text": "ab", "confidence": 0.5}]
    assert [line["id"] for line in found["pages"][0]["lines"]] == ["l0", "l1"]
    assert found["pages"][0]["expected_edits"] == 1.0
    assert "lines" not in estimate_as_dict(estimate_files(path), "page")["pages"][0]
