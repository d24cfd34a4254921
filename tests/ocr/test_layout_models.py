# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Regions of layout models, and lines in them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from made_layouts import SIZE, Row, write_dense, write_selecting

from ocrd_rapid.errors import ModelEndsError, ModelError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.libraries import import_openvino
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.loading.layout_files import load_layout_model
from ocrd_rapid.loading.load import load_network
from ocrd_rapid.loading.request import ModelRequest
from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.layout_models.label_types import RegionType, region_type
from ocrd_rapid.ocr.layout_models.layout_model import LayoutModel
from ocrd_rapid.ocr.layout_models.region_boxes import ModelRegion, best_boxes, overlaps, selected
from ocrd_rapid.ocr.layout_models.region_lines import fill_regions
from ocrd_rapid.ocr.model_kinds import DETECTION, RECOGNITION
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rasters.load_image import load_image

ROOT = Path(__file__).resolve().parent.parent.parent
LABELS = ("text", "title", "table", "figure")
PAGE: BgrImage = np.full((1200, 600, 3), 255, dtype=np.uint8)
ROWS: list[Row] = [
    (1, 0.9, 0.1, 0.03, 0.9, 0.12),
    (0, 0.8, 0.1, 0.2, 0.45, 0.6),
    (3, 0.7, 0.5, 0.2, 0.9, 0.6),
]


@pytest.fixture(params=["onnxruntime", "openvino"])
def config(request: pytest.FixtureRequest) -> EngineConfig:
    if request.param == "openvino":
        pytest.importorskip("openvino", reason="engine openvino is not installed")
        import_openvino()
    return EngineConfig(request.param)


def load(path: Path, config: EngineConfig | None = None, min_score: float = 0.5) -> LayoutModel:
    return load_layout_model(path, config or EngineConfig(), min_score).part


def seen(regions: Sequence[ModelRegion]) -> list[tuple[str, float, list[int]]]:
    return [(r.label, round(r.score, 2), np.rint(r.box).astype(int).tolist()) for r in regions]


EXPECTED = [
    ("title", 0.9, [60, 36, 540, 144]),
    ("text", 0.8, [60, 240, 270, 720]),
    ("figure", 0.7, [300, 240, 540, 720]),
]


# Networks


@pytest.mark.parametrize("shape_input", [True, False])
def test_rows_are_regions_of_the_page(
    tmp_path: Path, config: EngineConfig, shape_input: bool
) -> None:
    path = write_selecting(tmp_path / "l.onnx", ROWS, LABELS, shape_input=shape_input)
    found = load(path, config).find(PAGE)
    assert seen(found) == EXPECTED
    assert [region.rank for region in found] == [None] * 3


def test_grids_are_regions_of_the_page(tmp_path: Path, config: EngineConfig) -> None:
    """The less sure box of the cell beside is not another region."""
    found = load(write_dense(tmp_path / "l.onnx", ROWS, LABELS), config).find(PAGE)
    assert [region.label for region in found] == ["title", "text", "figure"]
    for region, (_, score, box) in zip(found, EXPECTED, strict=True):
        assert region.score == pytest.approx(score)
        assert region.box == pytest.approx(np.array(box), abs=2)


def test_a_page_without_regions_has_none(tmp_path: Path, config: EngineConfig) -> None:
    unsure = [(0, 0.3, 0.1, 0.1, 0.5, 0.5)]
    assert load(write_selecting(tmp_path / "a.onnx", unsure, LABELS), config).find(PAGE) == []
    assert load(write_dense(tmp_path / "b.onnx", unsure, LABELS), config).find(PAGE) == []
    assert len(load(tmp_path / "a.onnx", config, 0.2).find(PAGE)) == 1


def test_a_model_may_give_the_reading_order(tmp_path: Path, config: EngineConfig) -> None:
    ordered = [(*row, place) for row, place in zip(ROWS, (7, 9, 3), strict=True)]
    found = load(write_selecting(tmp_path / "o.onnx", ordered, LABELS), config).find(PAGE)
    assert {r.label: r.rank for r in found} == {"figure": 0, "title": 1, "text": 2}


def test_of_one_place_in_the_order_the_larger_last_number_comes_first(tmp_path: Path) -> None:
    ordered = [(*row, 1, second) for row, second in zip(ROWS, (5, 8, 6), strict=True)]
    found = load(write_selecting(tmp_path / "o.onnx", ordered, LABELS)).find(PAGE)
    assert {r.label: r.rank for r in found} == {"text": 0, "figure": 1, "title": 2}


def test_boxes_end_with_the_page(tmp_path: Path) -> None:
    beyond = [(0, 0.9, -0.5, 0.5, 0.5, 1.5), (1, 0.9, 0.5, 1.2, 0.9, 1.5)]
    (region,) = load(write_selecting(tmp_path / "l.onnx", beyond, LABELS)).find(PAGE)
    assert region.box.tolist() == [0, 600, 300, 1200]


# Names of classes, sizes, wrong models


def test_the_names_of_classes_may_be_beside_the_model(tmp_path: Path) -> None:
    path = write_selecting(tmp_path / "l.onnx", ROWS)
    with pytest.raises(
        ModelError, match=r"names of its classes; put its inference\.yml, or l\.txt"
    ):
        load(path)
    (tmp_path / "inference.yml").write_text("label_list: [text, title, table, chart]\n")
    assert load(path).labels == ("text", "title", "table", "chart")
    (tmp_path / "l.txt").write_text("text\nheading\ntable\nimage\n")
    assert [r.label for r in load(path).find(PAGE)] == ["heading", "text", "image"]


def test_an_open_size_is_in_the_description(tmp_path: Path) -> None:
    path = write_selecting(tmp_path / "l.onnx", ROWS, LABELS, fixed=False)
    with pytest.raises(ModelError, match=r"leaves the size of its input open; put its inference"):
        load(path)
    height, width = SIZE
    (tmp_path / "inference.yml").write_text(
        f"Preprocess:\n- {{type: Resize, target_size: [{height}, {width}]}}\n"
        "- {type: NormalizeImage, mean: [0, 0, 0], std: [1, 1, 1], norm_type: none}\n"
    )
    assert seen(load(path).find(PAGE)) == EXPECTED


@pytest.mark.parametrize(
    "content", ["Preprocess:\n- {type: Resize, target_size: 7}\n", "just text\n", "a: [\n"]
)
def test_a_wrong_description_is_named(tmp_path: Path, content: str) -> None:
    path = write_selecting(tmp_path / "l.onnx", ROWS, LABELS, fixed=False)
    (tmp_path / "inference.yml").write_text(content)
    with pytest.raises(ModelError, match=r"inference\.yml beside model"):
        load(path)


def test_too_few_names_are_told(tmp_path: Path) -> None:
    path = write_dense(tmp_path / "d.onnx", ROWS, LABELS)
    (tmp_path / "d.txt").write_text("text\n")
    assert len(load(path).labels) == 4  # those in the model
    bare = write_dense(tmp_path / "bare" / "d.onnx", ROWS, ())
    (bare.with_suffix(".txt")).write_text("text\n")
    with pytest.raises(ModelError, match=r"d\.onnx"):
        load(bare)
    few = write_selecting(tmp_path / "few.onnx", ROWS, LABELS[:2])
    with pytest.raises(ModelError, match="gives class 3, but has 2 names"):
        load(few).find(PAGE)


def test_other_models_are_no_layout_models(tmp_path: Path) -> None:
    tiny = ROOT / "tests" / "inference" / "tiny.onnx"
    with pytest.raises(
        ModelError, match=r"it is a text detection model for ocrd-rapid-detect; not a layout model"
    ):
        load(tiny)
    with pytest.raises(ModelError, match="not a layout model of a known family"):
        load(ROOT / "tests" / "inference" / "two-inputs.onnx")


def test_layout_models_are_no_models_of_lines(tmp_path: Path) -> None:
    dense = write_dense(tmp_path / "d.onnx", ROWS, LABELS)
    rows = write_selecting(tmp_path / "r.onnx", ROWS, LABELS)
    for kind in (DETECTION, RECOGNITION):
        with pytest.raises(
            ModelError, match="but a layout model for -P layout_model of ocrd-rapid-detect"
        ):
            load_network(ModelRequest(kind, dense, EngineConfig()))
        with pytest.raises(
            ModelEndsError, match="layout models are for -P layout_model of ocrd-rapid-detect"
        ):
            load_network(ModelRequest(kind, rows, EngineConfig()))


def test_a_kept_layout_model_stays_one(tmp_path: Path, config: EngineConfig) -> None:
    """What an engine has prepared of it is not taken for a model of one input."""
    path = write_selecting(tmp_path / "r.onnx", ROWS, LABELS)
    for _ in range(2):
        assert seen(load(path, config).find(PAGE)) == EXPECTED
        with pytest.raises(ModelEndsError, match="has 3 inputs"):
            load_model(path, config)


# Overlapping regions


def region(label: str, *box: float, score: float = 0.9, rank: int | None = None) -> ModelRegion:
    return ModelRegion(np.array(box, dtype=np.float32), label, score, rank)


def test_overlap_is_the_share_of_what_both_cover() -> None:
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 0, 30, 10]], dtype=np.float32)
    assert overlaps(others[0], others) == pytest.approx([1, 1 / 3, 0])
    assert best_boxes(others, np.array([0.5, 0.9, 0.7], dtype=np.float32), 0.3) == [1, 2]


def test_of_two_opinions_about_a_region_the_better_counts() -> None:
    text = region("text", 0, 0, 100, 100, score=0.8)
    title = region("title", 2, 2, 100, 100, score=0.9)
    apart = region("text", 0, 60, 100, 160, score=0.7)
    assert selected([text, title, apart]) == [title, apart]
    inside = region("figure", 20, 20, 60, 60)
    assert len(selected([text, inside])) == 2


def test_every_label_is_a_region_of_page_xml(caplog: pytest.LogCaptureFixture) -> None:
    assert region_type("Section-header") == RegionType("TextRegion", "heading")
    assert region_type("seal") == RegionType("GraphicRegion", "stamp")
    assert region_type("inline_formula") is None
    assert not caplog.records
    assert region_type("weather report") == RegionType("TextRegion", "other")
    assert "unknown label of a layout model: 'weather report'" in caplog.text


# Lines in regions


def line(left: float, top: float, right: float) -> Points:
    corners = [(left, top), (right, top), (right, top + 20), (left, top + 20)]
    return np.array(corners, dtype=np.float32)


#: Two columns of five lines, from top to bottom, the left one first.
COLUMNS = [line(x, 100 + 30 * i, x + 400) for x in (50, 550) for i in range(5)]


def filled(
    boxes: Sequence[Points], regions: Sequence[ModelRegion], taken: Sequence[int] = ()
) -> list[tuple[str | None, list[int]]]:
    found = fill_regions(
        boxes, [box.mean(axis=0) for box in boxes], [],
        [i not in taken for i in range(len(boxes))], regions,
    )  # fmt: skip
    return [(f.model_region.label if f.model_region else None, list(f.lines)) for f in found]


def test_lines_are_in_the_regions_around_their_centres() -> None:
    above = region("title", 40, 95, 460, 155)
    below = region("text", 40, 155, 460, 300)
    right = region("text", 540, 90, 960, 260)
    assert filled(COLUMNS, [right, below, above]) == [
        ("title", [0, 1]), ("text", [2, 3, 4]), ("text", [5, 6, 7, 8, 9]),
    ]  # fmt: skip


def test_the_order_of_the_model_wins() -> None:
    left, right = (
        region("text", 40, 90, 460, 260, rank=2),
        region("text", 540, 90, 960, 260, rank=1),
    )
    assert filled(COLUMNS, [left, right]) == [("text", [5, 6, 7, 8, 9]), ("text", [0, 1, 2, 3, 4])]


def test_lines_outside_follow_the_line_before_them() -> None:
    head, right = region("title", 40, 95, 460, 155), region("text", 540, 90, 960, 260)
    assert filled(COLUMNS, [right, head]) == [
        ("title", [0, 1]), (None, [2, 3, 4]), ("text", [5, 6, 7, 8, 9]),
    ]  # fmt: skip
    below = region("text", 40, 155, 460, 300)
    assert [label for label, _ in filled(COLUMNS, [right, below])] == [None, "text", "text"]


def test_no_line_is_lost_whatever_the_model_says() -> None:
    figure = region("figure", 0, 0, 1000, 400)
    empty = region("text", 0, 600, 1000, 700)
    found = filled(COLUMNS, [figure, empty])
    assert [label for label, _ in found] == [None] * len(found)
    assert sorted(i for _, lines in found for i in lines) == list(range(10))


def test_text_in_a_table_belongs_to_the_table() -> None:
    table, cell = region("table", 40, 90, 960, 260), region("text", 45, 95, 460, 250)
    assert filled(COLUMNS, [cell, table])[0][0] == "table"
    assert len(filled(COLUMNS, [cell, table])) == 1


def test_of_two_text_regions_the_inner_one_has_the_line() -> None:
    outer, inner = region("text", 40, 90, 460, 260), region("footnote", 40, 210, 460, 260)
    assert filled(COLUMNS[:5], [outer, inner]) == [("text", [0, 1, 2, 3]), ("footnote", [4])]


def test_lines_of_other_regions_stay_out() -> None:
    left, right = region("text", 40, 90, 460, 260), region("text", 540, 90, 960, 260)
    assert filled(COLUMNS, [left, right], taken=range(5)) == [("text", [5, 6, 7, 8, 9])]
    assert filled([], [left]) == []


# A real model


def test_a_real_model_sees_two_columns_and_headings() -> None:
    store = Path(os.environ.get("OCRD_RAPID_TEST_MODELS", ROOT / ".models"))
    path = store / "ocrd-resources" / "ocrd-rapid-detect" / "layout_cdla.onnx"
    if not path.is_file():
        pytest.skip(
            f"{path} is not installed: XDG_DATA_HOME={store} ocrd-rapid resmgr download"
            " ocrd-rapid-detect layout_cdla.onnx"
        )
    found = load(path).find(load_image(ROOT / "tests" / "assets" / "sample" / "sample.png"))
    width = 1700
    columns = [r for r in found if r.label == "text"]
    assert {bool(r.box[0] > width / 2) for r in columns} == {False, True}
    assert all(r.box[2] < width / 2 or r.box[0] > width / 2 for r in columns)
    assert sum(r.label == "title" for r in found) >= 3
