"""Report, curve and the lines that are not to be forgotten."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from ocrd_rapid.errors import ModelError
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.training import rehearsal
from ocrd_rapid.training.ctc import Epoch
from ocrd_rapid.training.curve import sparkline, svg
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.training_report import Change, compare_heads

Make = Callable[..., TrainingLine]


def test_the_report_counts_per_document_and_character(head: Head, line: Make) -> None:
    other = replace(head, characters=("", "b", "a", "ä"))
    lines = [line("a", [1], "y"), line("ä", [3], "x"), line("bb", [2, 0, 2], "y")]
    report = compare_heads(lines, head, other)
    assert [(d.name, d.lines, d.before.edits, d.after.edits) for d in report.documents] == [
        ("x", 1, 0, 0),
        ("y", 2, 0, 3),
    ]
    assert report.changes() == [Change(("b", "a"), 0, 2), Change(("a", "b"), 0, 1)]
    assert report.changes(1) == [Change(("b", "a"), 0, 2)]
    assert report.after.character_error_rate == 3 / 4
    assert report.as_dict()["documents"][1]["after"]["edits"] == 3


def test_the_sparkline_goes_from_zero_to_the_largest() -> None:
    assert sparkline([0, 1, 2, 7, math.nan]) == "▁▂▃█ "
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "▁▁"
    assert len(sparkline(list(range(1000)), 60)) <= 60
    assert sparkline(list(range(1000)), 60)[-1] == "█"


@pytest.mark.parametrize("error", [0.0, 0.07, 3.0, math.nan])
def test_the_picture_is_svg_whatever_the_errors_are(error: float) -> None:
    history = [Epoch(0, math.nan, error, math.nan), Epoch(1, 0.5, error / 2, 0.01)]
    root = etree.fromstring(svg(history, 1, 'a & "b" <c>').encode())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [element.text for element in root.iter("{*}text")]
    assert 'a & "b" <c>' in texts
    lines = root.findall("{*}polyline")
    assert len(lines) == (1 if math.isnan(error) else 2)
    for points in lines:
        for pair in str(points.get("points")).split():
            x, y = (float(value) for value in pair.split(","))
            assert 0 <= x <= 640 and 0 <= y <= 360


def test_features_survive_being_stored(line: Make, tmp_path: Path) -> None:
    lines = [line("a", [1, 0, 2]), *[line("ä", [3, 0])] * 5]
    rehearsal.save(lines, "b" * 64, tmp_path / "r.npz")
    rehearsal.save(lines, "b" * 64, tmp_path / "s.npz")
    assert (tmp_path / "r.npz").read_bytes() == (tmp_path / "s.npz").read_bytes()
    found = rehearsal.load(tmp_path / "r.npz", "b" * 64)
    assert [one.text for one in found.guard] == ["a", "ä"]
    assert [one.text for one in found.lines] == ["ä"] * 4
    np.testing.assert_allclose(found.guard[0].features, lines[0].features, atol=0.01)


def test_features_of_another_network_are_none(line: Make, tmp_path: Path) -> None:
    rehearsal.save([line("a", [1])], "b" * 64, tmp_path / "r.npz")
    assert rehearsal.load(tmp_path / "r.npz", "c" * 64) == rehearsal.Rehearsal()
    assert rehearsal.load(tmp_path / "gone.npz", "b" * 64) == rehearsal.Rehearsal()


def test_damaged_features_are_named(tmp_path: Path) -> None:
    (tmp_path / "r.npz").write_bytes(b"PK\3\4")
    with pytest.raises(ModelError, match=r"r\.npz is damaged"):
        rehearsal.load(tmp_path / "r.npz", "b" * 64)


def test_the_package_has_features_of_the_default_model() -> None:
    with np.load(rehearsal.bundled()) as archive:
        assert archive["features"].shape[1] == 120
        assert archive["lengths"].sum() == len(archive["features"])
