# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""`RapidOCR`, with networks that are plain functions and with the default models."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ocrd_rapid
from ocrd_rapid.errors import (
    ConfigurationError,
    ImageError,
    ModelError,
    OfflineError,
    ResourceNotFoundError,
)
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.loading import load
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rapidocr import stages
from ocrd_rapid.rapidocr.interface import RapidOCR

from .conftest import SAMPLE

Fake = Callable[..., RapidOCR]

FIRST_LINES = ("How a Library Keeps Its Books", "A library is a slow machine for carrying",
               "paper through time. Its engine is patience,")  # fmt: skip


# With networks that are plain functions


def test_lines_in_order_with_text_and_score(fake: Fake, two_lines: BgrImage) -> None:
    result, elapse = fake()(two_lines)
    assert [line[1] for line in result] == ["ab c", "ab c"]
    assert [round(line[2], 3) for line in result] == [0.9, 0.9]
    assert result[0][0][0][1] < result[1][0][0][1]
    assert result.boxes is not None
    assert abs(result.boxes[0] - [(40, 40), (360, 40), (360, 64), (40, 64)]).max() < 20
    assert result.img is not None
    assert result.img.shape == (200, 400, 3)
    assert result.img.flags.writeable
    assert elapse is result.elapse
    assert all(seconds > 0 for seconds in elapse)


def test_nothing_on_the_page(fake: Fake, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        result, _ = fake()(np.full((100, 100, 3), 255, np.uint8))
    assert not result
    assert result.boxes is None
    assert "The text detection result is empty" in caplog.text


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 4000), (40, 6000)])
def test_images_of_any_shape(fake: Fake, size: tuple[int, int]) -> None:
    for shade in (0, 255):
        result, _ = fake()(np.full((*size, 3), shade, np.uint8))
        if result.boxes is not None:
            assert result.boxes.min() >= 0
            assert result.boxes[..., 0].max() <= size[1]
            assert result.boxes[..., 1].max() <= size[0]


@pytest.mark.parametrize(
    ("det", "cls", "rec"), [(d, c, r) for d in (0, 1) for c in (0, 1) for r in (0, 1)]
)
def test_stages_on_and_off(
    fake: Fake, two_lines: BgrImage, det: bool, cls: bool, rec: bool
) -> None:
    ocr = fake()
    result, elapse = ocr(two_lines, use_det=bool(det), use_cls=bool(cls), use_rec=bool(rec))
    lines = 2 if det else 1 if cls or rec else 0
    assert len(result) == lines
    assert result.txts == (("ab c",) * lines if rec and lines else None)
    assert result.cls_res == ([("0", pytest.approx(0.8))] * lines if cls else [])
    assert (elapse["det"] > 0) == bool(det)
    if lines and not det:
        assert result[0][0] == [[0, 0], [400, 0], [400, 200], [0, 200]]
    if det and not rec:
        assert result.scores is not None
        assert min(result.scores) > 0.9


def test_stages_that_are_off_are_not_loaded(fake: Fake, two_lines: BgrImage, nowhere: Path) -> None:
    (nowhere / "cls.onnx").unlink()
    with pytest.raises(ResourceNotFoundError, match=r"Cls\.model_path not found"):
        fake()
    ocr = fake(Global__use_cls=False)
    assert len(ocr(two_lines).result) == 2
    with pytest.raises(ResourceNotFoundError, match=r"Cls\.model_path not found"):
        ocr(two_lines, use_cls=True)
    (nowhere / "cls.onnx").write_bytes(b"\x08")
    assert ocr(two_lines, use_cls=True).cls_res != []


def test_arguments_hold_for_one_call(fake: Fake, two_lines: BgrImage) -> None:
    ocr = fake()
    before, config = ocr(two_lines), ocr.config
    assert ocr(two_lines, text_score=0.95).txts is None
    assert ocr(two_lines, use_det=False, use_rec=False, use_cls=False).result == []
    assert ocr(two_lines, return_word_box=True).word_results != ()
    assert ocr(two_lines, return_single_char_box=True).word_results != ()
    assert ocr(two_lines, box_thresh=1.0, unclip_ratio=3.0) != before
    assert ocr(two_lines).result == before.result
    assert ocr.config is config


def test_the_configuration_is_kept_to(fake: Fake, two_lines: BgrImage) -> None:
    assert fake(Global__text_score=0.95)(two_lines).txts is None
    assert fake(Global__text_score=0.95)(two_lines, text_score=0.5).txts == ("ab c", "ab c")


def test_numbers_among_the_arguments_are_read_as_in_the_configuration(
    fake: Fake, two_lines: BgrImage
) -> None:
    assert fake(Global__text_score="0.95")(two_lines).txts is None
    ocr = fake(Global__text_score=0.95)
    for score in ("0.5", 0.5, np.float32(0.5), np.float64(0.5), 0):
        assert ocr(two_lines, text_score=score).txts == ("ab c", "ab c")
    for name, value in (
        ("text_score", "high"), ("text_score", float("nan")), ("text_score", True),
        ("text_score", [0.5]), ("box_thresh", "high"), ("unclip_ratio", "wide"),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=f"Invalid {name} configuration"):
            ocr(two_lines, **{name: value})
    assert fake(Global__use_det=False)(two_lines).txts == ("ab c",)
    words = fake(Global__return_word_box=True)(two_lines).word_results
    assert [[word[0] for word in line] for line in words] == [["ab", "c"]] * 2
    single = fake(Global__return_single_char_box=True)(two_lines).word_results
    assert [[word[0] for word in line] for line in single] == [["a", "b", "c"]] * 2


def test_lines_that_are_left_out_are_counted(
    fake: Fake, two_lines: BgrImage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        fake()(two_lines, text_score=0.95)
    assert "2 of 2 lines have no text or a score below 0.95 and are left out" in caplog.text


@pytest.mark.parametrize(("threshold", "turned"), [(0.9, False), (0.85, True)])
def test_a_single_line_is_turned_by_its_own_vote(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, threshold: float, turned: bool
) -> None:
    ocr = fake(Cls__cls_thresh=threshold)
    seen: list[float] = []

    def left_half(batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        seen.append(float(batch[..., : batch.shape[3] // 4].mean()))
        output = np.zeros((1, batch.shape[3] // 8, 5), np.float32)
        output[..., 0] = 1
        return output

    networks = {
        "cls": NullModel(lambda b: np.array([[0.12, 0.88]], np.float32), {}, (None, 3, 48, 192),
                         (None, 2)),
        "rec": NullModel(left_half, {"character": "a\nb\nc"}, (None, 3, 48, None), (None, None, 5)),
    }  # fmt: skip
    monkeypatch.setattr(load, "load_model", lambda path, config, **_: networks[path.stem])
    ocr = RapidOCR.of_stages(stages.Stages(ocr.config))
    image = np.zeros((48, 192, 3), np.uint8)
    image[:, 96:] = 255  # black on the left
    assert ocr(image, use_det=False).cls_res == [("180", pytest.approx(0.88))]
    assert seen == [pytest.approx(1.0 if turned else -1.0)]


@pytest.mark.parametrize("bad", ["none.png", b"nothing", 3, np.zeros((2, 2), np.float32)])
def test_what_is_no_image(fake: Fake, bad: Any) -> None:
    with pytest.raises(ImageError):
        fake()(bad)


def test_web_addresses_are_refused(fake: Fake) -> None:
    with pytest.raises(OfflineError, match="is a web address"):
        fake()("https://example.org/page.jpg")


def test_what_is_wrong_is_said_when_the_object_is_made(fake: Fake, nowhere: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"Det\.bogus is not a valid key"):
        fake(Det__bogus=1)
    with pytest.raises(FileNotFoundError, match=r"Det\.model_path not found"):
        fake(Det__model_path="none.onnx")
    with pytest.raises(FileNotFoundError, match="config_path not found"):
        RapidOCR("none.yaml")
    (nowhere / "keys.txt").write_text("\n".join("abcdefg"))
    with pytest.raises(ModelError, match="the keys do not belong to the model"):
        fake(Rec__rec_keys_path="keys.txt")


def test_log_level_is_set_if_it_is_asked_for(fake: Fake) -> None:
    logger = logging.getLogger("ocrd_rapid")
    logger.setLevel(logging.ERROR)
    fake()
    assert logger.level == logging.ERROR
    fake(Global__log_level="debug")
    assert logger.level == logging.DEBUG


def test_offline_false_downloads_nothing_and_says_so(
    fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        fake(Global__offline=False)
    assert "nothing is ever downloaded;" in caplog.text


# The package


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, ocrd_rapid; heavy = {'numpy', 'cv2', 'PIL', 'yaml', 'onnxruntime'};"
        "assert not heavy & set(sys.modules); assert 'RapidOCR' in dir(ocrd_rapid);"
        "from ocrd_rapid import RapidOCR; assert RapidOCR.__name__ == 'RapidOCR'"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=600)


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'reader'"):
        _ = ocrd_rapid.reader  # type: ignore[attr-defined]


# With the default models


def test_the_sample_page(ocr: RapidOCR, page: BgrImage) -> None:
    output = ocr(page, return_word_box=True)
    assert output.txts is not None
    assert output.txts[:3] == FIRST_LINES  # the left column comes before the right one
    assert output.scores is not None
    assert min(output.scores) > 0.8
    assert output.cls_res[0][0] == "0"
    words = output.word_results[0]
    assert [word[0] for word in words] == FIRST_LINES[0].split()
    heading = output.result[0][0]
    for _, score, corners in words:
        assert score > 0.9
        assert heading[0][0] - 2 <= corners[0][0] < corners[1][0] <= heading[1][0] + 2


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_pages(ocr: RapidOCR, page: BgrImage, turns: int) -> None:
    upright = ocr(page).txts
    turned = ocr(np.ascontiguousarray(np.rot90(page, turns)), return_word_box=True)
    assert upright is not None
    assert turned.txts is not None
    assert turned.txts[:3] == FIRST_LINES
    same = sum(a == b for a, b in zip(upright, turned.txts, strict=False))
    assert same >= 0.8 * len(upright)
    # The first word of the heading is at the first corner of the text as it is read.
    assert turned.boxes is not None
    height, width = page.shape[:2]
    first = np.array(turned.word_results[0][0][2][0], dtype=float)
    corner = {1: (0, width), 2: (width, height), 3: (height, 0)}[turns]
    other = {1: (0, 0), 2: (0, height), 3: (height, width)}[turns]
    assert np.linalg.norm(first - corner) < np.linalg.norm(first - other)


def test_path_bytes_array_and_pillow_give_the_same(ocr: RapidOCR, tmp_path: Path,
                                                   page: BgrImage) -> None:  # fmt: skip
    path = tmp_path / "page.png"
    pillow = Image.fromarray(page[200:500, :, ::-1].copy())
    pillow.save(path)
    results = [ocr(source).result for source in (path, str(path), path.read_bytes(), pillow,
                                                 page[200:500])]  # fmt: skip
    assert results[0]
    for other in results[1:]:
        assert other == results[0]


def test_several_threads_get_what_one_gets(ocr: RapidOCR, page: BgrImage) -> None:
    images = [np.ascontiguousarray(page[top : top + 160]) for top in (200, 440, 560)]
    arguments: list[dict[str, Any]] = [{}, {"use_cls": False}, {"return_word_box": True},
                                       {"text_score": 0.99}, {"use_det": False}]  # fmt: skip
    calls = [(i, a) for i in range(len(images)) for a in range(len(arguments))]
    expected = [ocr(images[i], **arguments[a]).result for i, a in calls]
    assert any(expected)
    with ThreadPoolExecutor(6) as pool:
        found = list(
            pool.map(lambda call: ocr(images[call[0]], **arguments[call[1]]).result, calls)
        )
    assert found == expected


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_profiles_and_engines(models: Path, page: BgrImage, engine: str) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino", reason="engine openvino is not installed")
    params = {"Det.profile": "paddle", "Det.engine_type": engine, "Rec.engine_type": engine}
    result, _ = RapidOCR(params=params)(page[:420])
    assert result.txts == FIRST_LINES[:1]


def test_one_line_without_detection(ocr: RapidOCR, page: BgrImage) -> None:
    box = np.array(ocr(page).result[1][0])
    (left, top), (right, bottom) = box.min(axis=0).astype(int), box.max(axis=0).astype(int)
    crop = np.ascontiguousarray(page[top:bottom, left:right])
    assert ocr(crop, use_det=False).txts == (FIRST_LINES[1],)
    assert ocr(crop).txts == (FIRST_LINES[1],)  # and with it: the margin helps to find it


def test_the_sample_itself(ocr: RapidOCR) -> None:
    result, elapse = ocr(str(SAMPLE))
    assert len(result) == 58
    assert result.to_markdown().startswith(f"{FIRST_LINES[0]}\n\n{FIRST_LINES[1]}\n")
    assert 0 < elapse["cls"] < elapse["rec"]
