# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-detect`` and ``ocrd-rapid ocr`` with a layout model that always sees the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_layouts import Row, write_selecting
from null_models import configuration, write_page
from painted_pages import (
    NS,
    column_page,
    detect,
    line,
    order,
    recognize,
    region,
    run,
    task,
    texts,
)

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.conversion.recognized_document import open_document
from ocrd_rapid.errors import ParameterError, ResourceNotFoundError
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.loading.layout_files import load_layout_model
from ocrd_rapid.processors.detect import EXECUTABLE, DetectProcessor
from ocrd_rapid.rapidocr.diagnosis import ERROR, OK, examine
from ocrd_rapid.workspace.page import PageDocument

LABELS = ("text", "paragraph_title", "table", "image", "figure_title", "seal")
TEXT, TITLE, TABLE, IMAGE, CAPTION, SEAL = range(6)

#: The two columns of `column_page`: a b c d and e f g h.
LEFT, RIGHT = (0.03, 0.05, 0.5, 0.95), (0.51, 0.05, 0.98, 0.95)


def seeing(folder: Path, *rows: Row) -> DetectProcessor:
    """Return a processor with a layout model that sees these rows on every page."""
    path = write_selecting(folder / "layout.onnx", rows, LABELS)
    return replace(detect(), layout=load_layout_model(path, EngineConfig(), 0.5).part)


def elements(document: PageDocument, name: str) -> list[Any]:
    return document.page.findall(f".//pc:{name}", NS)


def types(document: PageDocument) -> Sequence[str | None]:
    return [found.element.get("type") for found in document.text_regions()]


def test_lines_are_in_the_regions_of_the_model(tmp_path: Path) -> None:
    head = (TITLE, 0.9, 0.03, 0.05, 0.5, 0.25)
    below, right = (TEXT, 0.9, 0.03, 0.25, 0.5, 0.95), (CAPTION, 0.8, *RIGHT)
    document = run(task(tmp_path, column_page()), seeing(tmp_path, right, below, head), recognize())
    assert texts(document) == [["a"], ["b", "c", "d"], ["e", "f", "g", "h"]]
    assert types(document) == ["heading", "paragraph", "caption"]
    assert document.reading_order() == [found.id for found in document.text_regions()]
    conf = [found.element.find("pc:Coords", NS).get("conf") for found in document.text_regions()]
    assert [float(value) for value in conf] == pytest.approx([0.9, 0.9, 0.8])


def test_the_order_is_that_of_the_model_if_it_gives_one(tmp_path: Path) -> None:
    rows = [(TEXT, 0.9, *LEFT, 2), (TEXT, 0.9, *RIGHT, 1)]
    document = run(task(tmp_path, column_page()), seeing(tmp_path, *rows), recognize())
    assert texts(document) == [["e", "f", "g", "h"], ["a", "b", "c", "d"]]


def test_pictures_are_regions_and_hide_no_line(tmp_path: Path) -> None:
    rows = [(IMAGE, 0.9, *LEFT), (SEAL, 0.8, 0.8, 0.4, 0.95, 0.5), (TEXT, 0.9, *RIGHT)]
    document = run(task(tmp_path, column_page()), seeing(tmp_path, *rows), recognize())
    (image,), (seal,) = elements(document, "ImageRegion"), elements(document, "GraphicRegion")
    corners = image.find("pc:Coords", NS).get("points").split()
    assert sorted(corners) == ["15,11", "15,209", "250,11", "250,209"]
    assert seal.get("type") == "stamp"
    assert [letter for found in texts(document) for letter in found] == list("abcdefgh")
    assert image.get("id") not in document.reading_order()


def test_a_table_has_cells_with_the_lines(tmp_path: Path) -> None:
    rows = [(TABLE, 0.9, 0.03, 0.05, 0.98, 0.95), (TEXT, 0.8, *LEFT)]
    document = run(task(tmp_path, column_page()), seeing(tmp_path, *rows), recognize())
    (table,) = elements(document, "TableRegion")
    assert len(table.findall("pc:TextRegion", NS)) == 8
    assert texts(document) == [[letter] for letter in "aebfcgdh"]
    assert document.reading_order()[0] == table.get("id")


def test_regions_that_are_there_stay_and_are_not_doubled(tmp_path: Path) -> None:
    given = region("r", "15,11 250,11 250,209 15,209")
    body = order("r") + given
    rows = [(IMAGE, 0.9, *LEFT), (TITLE, 0.9, *RIGHT)]
    document = run(task(tmp_path, column_page(), body), seeing(tmp_path, *rows), recognize())
    assert texts(document) == [["a", "b", "c", "d"], ["e", "f", "g", "h"]]
    assert types(document) == [None, "heading"]
    assert elements(document, "ImageRegion") == []
    again = region("r", "15,11 250,11 250,209 15,209", line("l", "30,30 200,30 200,42 30,42"))
    with_lines = run(task(tmp_path, column_page(), again), seeing(tmp_path, *rows), recognize())
    assert [len(found) for found in texts(with_lines)] == [1, 4]


def parameters(**given: Any) -> dict[str, Any]:
    return complete_parameters(
        {"model": "dark.null.onnx", **given}, tool_description(EXECUTABLE), executable=EXECUTABLE
    )


def test_the_model_is_named_by_a_parameter(null_models: dict[str, Path]) -> None:
    store = null_models[EXECUTABLE].parent
    write_selecting(store / "mine.onnx", [(TEXT, 0.4, *LEFT)], LABELS)
    made = DetectProcessor.from_parameters(parameters(layout_model="mine.onnx", layout_thresh=0.3))
    assert made.versions == {"model": "dark.null.onnx", "layout_model": "mine.onnx"}
    assert made.layout is not None
    assert made.layout.labels == LABELS
    assert [r.label for r in made.layout.find(column_page())] == ["text"]
    assert DetectProcessor.from_parameters(parameters()).layout is None


def test_what_is_wrong_with_the_model_is_told(null_models: dict[str, Path]) -> None:
    with pytest.raises(
        ResourceNotFoundError, match="resmgr download ocrd-rapid-detect layout_cdla"
    ):
        DetectProcessor.from_parameters(parameters(layout_model="layout_cdla.onnx"))
    with pytest.raises(ParameterError, match="operation_level page"):
        DetectProcessor.from_parameters(
            parameters(layout_model="layout_cdla.onnx", operation_level="region")
        )


def test_documents_have_the_regions_of_the_model(
    null_models: dict[str, Path], tmp_path: Path
) -> None:
    write_page(tmp_path / "page.png", [(200, 200), (300,)])
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps(configuration()), encoding="utf-8")
    rows = [(TITLE, 0.9, 0, 0, 1, 0.4), (IMAGE, 0.9, 0.5, 0.7, 0.9, 0.9)]
    model = write_selecting(tmp_path / "layout.onnx", rows, LABELS)
    with open_document(tmp_path / "page.png", config=config, layout_model=model) as document:
        (page,) = document
    assert page.regions[0].kind == "heading"
    assert [graphic.kind for graphic in page.graphics] == ["image"]


def test_a_layout_model_is_checked_on_request(null_models: dict[str, Path], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps(configuration()), encoding="utf-8")
    model = write_selecting(tmp_path / "layout.onnx", [(TEXT, 0.9, *LEFT)], LABELS)
    found = {finding.name: finding for finding in examine(config, str(model))}["model layout"]
    assert (found.state, found.facts["labels"]) == (OK, list(LABELS))
    missing = {f.name: f for f in examine(config, "layout_cdla.onnx")}["model layout"]
    assert missing.state == ERROR
    assert "resmgr download ocrd-rapid-detect layout_cdla.onnx" in missing.detail
    assert "model layout" not in {finding.name for finding in examine(config)}
