# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Report, curve and the lines that are not to be forgotten."""

from __future__ import annotations

import json
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
from ocrd_rapid.training.ctc import Epoch, TrainingResult
from ocrd_rapid.training.curve import sparkline, svg
from ocrd_rapid.training.division import Division
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.training_report import (
    Change,
    FinishedTraining,
    compare_heads,
    describe_division,
    describe_epoch,
)

Make = Callable[..., TrainingLine]
UNKNOWN = math.nan


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


@pytest.fixture
def finished(head: Head, line: Make) -> FinishedTraining:
    """Return a training in which the head has learnt b: one character of four was wrong."""
    before = replace(head, characters=("", "a", "c", "ä"))
    lines = (line("a", [1], "y"), line("ä", [3], "x"), line("ab", [1, 2], "y"))
    history = (Epoch(0, UNKNOWN, 0.25, UNKNOWN), Epoch(1, 0.5, 0.0, UNKNOWN))
    result = TrainingResult(head, history, 1)
    division = Division((line("b", [2]),), lines, True)
    return FinishedTraining(result, compare_heads(lines, before, head), UNKNOWN, division)


def test_the_report_as_text(finished: FinishedTraining) -> None:
    assert finished.as_text().splitlines() == [
        "error per epoch: █▁",
        "",
        "document    lines  before   after",
        "x               1    0.00%    0.00%",
        "y               2   33.33%    0.00%",
        "all             3   25.00%    0.00%",
        "",
        "character  read as  before  after",
        "b          c             1      0",
    ]
    assert finished.warnings == []


def test_of_many_documents_the_first_are_in_the_table(
    head: Head, line: Make, finished: FinishedTraining
) -> None:
    lines = [line("a", [1], f"d{i:02}") for i in range(23)]
    many = replace(finished, report=compare_heads(lines, head, head))
    table = many.as_text().splitlines()[3:26]
    assert [row.split()[0] for row in table[:20]] == [f"d{i:02}" for i in range(20)]
    assert table[20] == "… and 3 more" and table[21].split()[:2] == ["all", "23"]
    assert many.as_text().splitlines()[-1] == "No character is read differently than before."


def test_the_report_as_values_for_json(finished: FinishedTraining) -> None:
    values = finished.as_dict()
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert (values["lines"], values["validation_lines"], values["by_document"]) == (1, 3, True)
    assert values["epochs"][0] == {"number": 0, "loss": None, "error": 0.25, "guard": None}
    assert values["best_epoch"] == 1 and values["forgotten"] is None
    assert values["after"]["character_error_rate"] == 0
    assert replace(finished, forgotten=0.5).as_dict()["forgotten"] == 0.5


def test_warnings(finished: FinishedTraining) -> None:
    forgets = replace(finished, forgotten=0.0123)
    assert len(forgets.warnings) == 1 and "rose by 1.2 percentage points" in forgets.warnings[0]
    assert replace(finished, forgotten=0.0099).warnings == []
    useless = replace(finished, result=replace(finished.result, best=0))
    assert useless.warnings == [
        "every epoch reads the validation lines worse: the head is unchanged"
    ]
    unjudged = replace(useless, division=Division(finished.division.training, (), True))
    assert unjudged.warnings == [] and not unjudged.as_text().startswith("error per epoch")


def test_the_division_in_words(line: Make) -> None:
    a, b = line("a", [1], "x"), line("b", [2], "y")
    assert describe_division(Division((a, a), (b,), True)) == (
        "training: 2 lines of 1 document\nvalidation: 1 line of y"
    )
    assert "the error on new pages stays unknown" in describe_division(Division((a,), (), True))
    assert describe_division(Division((a, b), (a, a), False)).endswith(
        "2 lines of the same document, so the error on new pages will be a little higher"
    )
    many = tuple(line("a", [1], f"d{i}") for i in range(7))
    assert describe_division(Division((a,), many, True)).endswith(
        "7 lines of d0, d1, d2, d3, d4, …"
    )


def test_an_epoch_in_words() -> None:
    assert describe_epoch(Epoch(7, 0.1234, 0.05, 0.001)) == (
        "epoch   7  loss 0.123  error   5.00%  roman type   0.10%"
    )
    assert describe_epoch(Epoch(12, 0.1234, UNKNOWN, UNKNOWN)) == "epoch  12  loss 0.123"


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
