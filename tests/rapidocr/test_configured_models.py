# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From a configuration to the options of engines, of detection, and to requests of models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import ConfigurationError, ModelError, ResourceNotFoundError
from ocrd_rapid.inference.cores import available_cores
from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.inference.options import CudaOptions, OpenVinoOptions, OrtOptions
from ocrd_rapid.loading.adapters import Conventions
from ocrd_rapid.loading.heads import HeadOptions
from ocrd_rapid.loading.keys import KeyRequest
from ocrd_rapid.ocr.detection.detector import (
    DetectionOptions,
    Detector,
    input_size,
    vertical_margin,
)
from ocrd_rapid.ocr.model_kinds import RECOGNITION
from ocrd_rapid.ocr.recognition.alphabets import Alphabet
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rapidocr.configured_models import (
    configured_model,
    conventions,
    key_request,
    stage_parameters,
)
from ocrd_rapid.rapidocr.engine_options import (
    configured_engine,
    engine_options,
    processor_options,
)
from ocrd_rapid.rapidocr.hkmc import load_config
from ocrd_rapid.rapidocr.input_size import detection_options, long_side

from .conftest import dark_rows

DET_SHAPES: dict[str, Any] = {
    "input_shape": (None, 3, None, None),
    "output_shape": (None, 1, None, None),
}


def config(**params: Any) -> Any:
    return load_config(params={key.replace("__", "."): value for key, value in params.items()})


# Engines


def test_paper_is_added_to_long_strips_only_as_far_as_an_image_may_be_large() -> None:
    height, width = 100, 500_000  # RapidOCR asks for 187 GB
    margin = vertical_margin(height, width, detection_options(config()))
    assert margin > 0
    assert (height + 2 * margin) * width <= 500_000_000 + 2 * width
    assert vertical_margin(50, 10_000_000, detection_options(config())) == 0


def test_every_option_reaches_onnxruntime() -> None:
    given = {
        "intra_op_num_threads": 1,
        "inter_op_num_threads": 1,
        "enable_cpu_mem_arena": True,
        "cpu_ep_cfg": {"arena_extend_strategy": "kNextPowerOfTwo"},
        "use_cuda": True,
        "cuda_ep_cfg": {"device_id": 2, "arena_extend_strategy": "kSameAsRequested",
                        "cudnn_conv_algo_search": "DEFAULT", "do_copy_in_default_stream": False},
        "use_dml": True, "dml_ep_cfg": {"device_id": 1},
        "use_cann": True, "cann_ep_cfg": {"npu_mem_limit": 7},
        "use_coreml": True, "coreml_ep_cfg": {"ModelFormat": "MLProgram"},
    }  # fmt: skip
    found = engine_options(config(EngineConfig__onnxruntime=given), "onnxruntime")
    cuda = CudaOptions(2, "kSameAsRequested", "DEFAULT", False)
    assert found == OrtOptions(
        1, 1, True, "kNextPowerOfTwo", True, cuda, True, {"device_id": 1},
        True, {"npu_mem_limit": 7}, True, {"ModelFormat": "MLProgram"},
    )  # fmt: skip


def test_every_option_reaches_openvino() -> None:
    given = OpenVinoOptions(
        "GPU.1", 1, "THROUGHPUT", 3, True, 2, False, "PCORE_ONLY", "bf16", "cache"
    )
    assert engine_options(config(EngineConfig__openvino=vars(given)), "openvino") == given


def test_the_defaults_are_those_of_the_engines() -> None:
    assert engine_options(load_config(), "onnxruntime") == OrtOptions()
    assert engine_options(load_config(), "openvino") == OpenVinoOptions(device_name="CPU")


def test_recognition_makes_many_calls_the_others_one() -> None:
    cores = available_cores()
    for stage, threads in (("Det", (cores, 1)), ("Cls", (cores, 1)), ("Rec", (1, cores))):
        found = configured_engine(load_config(), stage)
        assert (found.intra_op_threads, found.parallel_calls) == threads


def test_numbers_of_threads_are_kept_to() -> None:
    ort = configured_engine(config(EngineConfig__onnxruntime__intra_op_num_threads=1), "Rec")
    assert ort.parallel_calls == 1
    openvino = config(Rec__engine_type="openvino", EngineConfig__openvino__inference_num_threads=1)
    assert configured_engine(openvino, "Rec").parallel_calls == 1
    streams = config(Rec__engine_type="openvino", EngineConfig__openvino__num_streams=5)
    assert configured_engine(streams, "Rec").parallel_calls == 5


def test_stages_have_engines_of_their_own() -> None:
    mixed = config(Cls__engine_type="openvino", EngineConfig__strict=True)
    assert [configured_engine(mixed, stage).engine for stage in ("Det", "Cls", "Rec")] == [
        "onnxruntime", "openvino", "onnxruntime",
    ]  # fmt: skip
    assert configured_engine(mixed, "Cls").strict


# The size of what detection sees


@pytest.mark.parametrize("size", [(3508, 2480), (600, 800), (40, 6000)])
def test_without_limits_the_size_follows_the_page(size: tuple[int, int]) -> None:
    assert long_side(*size, load_config()) == 0


@pytest.mark.parametrize(
    ("size", "params", "expected"),
    [
        ((3508, 2480), {"Det__limit_side_len": 736}, 2000),  # then 1414 is more than 736
        ((3508, 2480), {"Det__limit_side_len": 736, "Global__max_side_len": 4000}, 3508),
        ((3508, 2480), {"Det__limit_side_len": 736, "Global__use_preprocess_img": False}, 3508),
        ((3508, 2480), {"Det__limit_side_len": 960, "Det__limit_type": "max"}, 960),
        ((400, 300), {"Det__limit_side_len": 736}, round(400 * 736 / 300)),
        ((400, 300), {"Det__limit_side_len": 736, "Det__limit_type": "max"}, 400),
        ((6000, 40), {"Det__limit_side_len": 64}, round(6000 * 64 / 40)),
        ((20, 100), {"Det__limit_side_len": 10}, 150),  # min_side_len 30
        ((3508, 2480), {"Global__max_side_len": 1000}, 1000),
        ((3508, 2480), {"Global__max_side_len": 10000}, 0),
        ((3508, 2480), {"Global__max_side_len": 1000, "Global__use_preprocess_img": False}, 0),
    ],
)
def test_limits_are_kept_to(size: tuple[int, int], params: dict[str, Any], expected: int) -> None:
    assert long_side(*size, config(**params)) == expected


def test_a_maximum_alone_is_below_the_size_by_the_page() -> None:
    chosen = max(input_size(3508, 2480))
    assert long_side(3508, 2480, config(Global__max_side_len=chosen)) == 0
    assert long_side(3508, 2480, config(Global__max_side_len=chosen - 1)) == chosen - 1


@pytest.mark.parametrize(
    ("size", "params", "expected"),
    [
        ((300, 400), {}, 0),
        ((30, 100), {}, 15),  # twice min_height
        ((20, 100), {}, 20),
        ((31, 100), {}, 0),
        ((100, 800), {}, 0),
        ((100, 1600), {}, 150),  # twice 1600 / 8
        ((100, 1600), {"Global__width_height_ratio": -1}, 0),
        ((10, 1600), {"Global__width_height_ratio": -1}, 25),
        ((10, 1600), {"Global__use_vertical_padding": False}, 0),
    ],
)
def test_images_of_single_lines_get_a_margin(
    size: tuple[int, int], params: dict[str, Any], expected: int
) -> None:
    assert vertical_margin(*size, detection_options(config(**params))) == expected


# Detection


def test_detection_keeps_to_its_section(two_lines: BgrImage) -> None:
    seen: list[tuple[int, ...]] = []

    def network(batch: FloatArray) -> FloatArray:
        seen.append(batch.shape)
        return dark_rows(batch) * np.float32(0.7)

    model = NullModel(network, **DET_SHAPES)
    limited = config(Det__limit_side_len=320, Det__limit_type="max")
    assert len(Detector(model, detection_options(limited)).detect(two_lines)) == 2
    assert Detector(model, detection_options(config(Det__box_thresh=0.8))).detect(two_lines) == []
    assert Detector(model, detection_options(config(Det__thresh=0.8))).detect(two_lines) == []
    assert (
        len(Detector(model, detection_options(config(Det__max_candidates=1))).detect(two_lines))
        == 1
    )
    assert len(Detector(model, DetectionOptions(long_side=640)).detect(two_lines)) == 2
    assert seen[0] == (1, 3, 160, 320)
    assert seen[-1] == (1, 3, 320, 640)


def test_values_of_a_call_do_not_outlive_it(two_lines: BgrImage) -> None:
    model = NullModel(lambda b: dark_rows(b) * np.float32(0.7), **DET_SHAPES)
    detection = Detector(model, detection_options(load_config()))
    before = detection.detect(two_lines)
    assert detection.having(box_thresh=0.8).detect(two_lines) == []
    wider = detection.having(unclip_ratio=3.0).detect(two_lines)
    assert wider[0].box[0, 1] < before[0].box[0, 1]
    after = detection.detect(two_lines)
    assert [d.box.tolist() for d in after] == [d.box.tolist() for d in before]


def test_score_mode_slow_looks_at_the_area_itself() -> None:
    """A cross fills less than half of the rectangle around it: then only its bar is a line."""
    probabilities = np.zeros((96, 96), dtype=np.float32)
    probabilities[40:56, 16:80] = probabilities[16:80, 40:56] = 0.9
    model = NullModel(lambda b: probabilities[None, None], **DET_SHAPES)
    image = np.full((96, 96, 3), 255, dtype=np.uint8)
    thin = config(Det__box_thresh=0.8, Det__use_dilation=False)
    slow = replace(thin, det=replace(thin.det, score_mode="slow"))
    (bar,), (cross,) = (
        Detector(model, detection_options(options)).detect(image) for options in (thin, slow)
    )
    assert np.ptp(bar.box[:, 1]) < 48 < np.ptp(cross.box[:, 1])


def test_boxes_of_padded_images_are_inside_of_them() -> None:
    image = np.full((24, 400, 3), 255, dtype=np.uint8)
    image[4:20, 20:380] = 128

    def grey(batch: FloatArray) -> FloatArray:
        return (abs(batch.mean(axis=1, keepdims=True)) < 0.5).astype(np.float32)

    model = NullModel(grey, **DET_SHAPES)
    found = Detector(model, detection_options(load_config())).detect(image)
    assert found
    for detected in found:
        assert detected.box[:, 1].min() >= 0
        assert detected.box[:, 1].max() <= 24


def test_a_model_of_another_task_is_refused_at_once() -> None:
    with pytest.raises(ModelError, match="not a text detection model"):
        Detector(NullModel(lambda b: b, output_shape=(None, 2)))


# Conventions


def test_conventions_are_those_of_the_configuration() -> None:
    paddle = config(Det__profile="paddle")
    assert conventions(paddle, "Det") == Conventions(paddle.det.mean, paddle.det.std)
    assert paddle.det.mean != (0.5, 0.5, 0.5)
    assert conventions(load_config(), "Cls") == Conventions(size=(48, 192))
    asked = config(Cls__cls_image_shape=[3, 80, 160], Cls__label_list=["180", "0"])
    assert conventions(asked, "Cls") == Conventions(
        size=(80, 160), size_option="Cls.cls_image_shape", upside_down_first=True
    )
    assert conventions(paddle, "Rec") == conventions(load_config(), "Det") == Conventions()


# Requests


def test_the_request_of_a_recognition_model(nowhere: Path) -> None:
    for name in ("rec.onnx", "keys.txt"):
        (nowhere / name).write_bytes(b"x")
    found = configured_model(
        config(Rec__model_path="rec.onnx", Rec__rec_keys_path="keys.txt", Rec__heads="base",
               Rec__languages="deu", Rec__characters="x", Rec__umlauts="modern",
               Rec__abbreviations="resolved"),
        "Rec",
    )  # fmt: skip
    assert (found.kind, found.path, found.called) == (RECOGNITION, Path("rec.onnx"), "Rec")
    assert found.keys == KeyRequest(Path("keys.txt"), "Rec.rec_keys_path")
    assert found.heads == HeadOptions("base", Alphabet(("deu",), "x"), "modern", "resolved")
    assert found.deferred


def test_keys_are_looked_for_as_the_model_is(nowhere: Path) -> None:
    assert key_request(config(Rec__model_dir="m"), None, "x") == KeyRequest(
        None, "x", whole_folder=True
    )
    both = config(Rec__model_dir="m", Rec__model_path="m/rec.onnx")
    assert key_request(both, None, "x") == KeyRequest(None, "x")
    known = config(Rec__ocr_version="PP-OCRv4", Rec__model_type="mobile")
    assert key_request(known, None, "x").known_as == "ch_PP-OCRv4_rec_mobile.onnx"
    unknown = config(Rec__ocr_version="PP-OCRv4", Rec__model_type="tiny")
    assert key_request(unknown, Path("k"), "x") == KeyRequest(Path("k"), "x")


def test_a_missing_key_file_is_named(nowhere: Path) -> None:
    (nowhere / "rec.onnx").write_bytes(b"x")
    with pytest.raises(ResourceNotFoundError) as caught:
        configured_model(config(Rec__model_path="rec.onnx", Rec__rec_keys_path="m/none.txt"), "Rec")
    assert str(caught.value) == f"Rec.rec_keys_path not found: {nowhere / 'm' / 'none.txt'}"


def test_an_unknown_language_is_named_with_its_key(nowhere: Path) -> None:
    (nowhere / "rec.onnx").write_bytes(b"x")
    with pytest.raises(ConfigurationError, match=r"^Rec.languages: unknown .* 'klingon'"):
        configured_model(config(Rec__model_path="rec.onnx", Rec__languages="klingon"), "Rec")


# Parameters of the processors


def test_parameters_of_the_processors(nowhere: Path) -> None:
    for name in ("det.onnx", "cls.xml", "cls.bin", "rec.onnx", "keys.txt"):
        (nowhere / name).write_bytes(b"x")
    found = config(
        Det__model_path="det.onnx", Det__thresh=0.25, EngineConfig__onnxruntime__use_cuda=True,
        Cls__model_path="cls.xml", Cls__engine_type="openvino",
        EngineConfig__openvino__device_name="NPU", EngineConfig__openvino__inference_num_threads=1,
        Rec__model_path="rec.onnx", Rec__rec_keys_path="keys.txt", Global__text_score=0.5,
    )  # fmt: skip
    assert stage_parameters(found, "Det") == {
        "model": "det.onnx", "engine": "onnxruntime", "device": "CUDA",
        "quality": "balanced", "input_scale": 1.0,
        "thresh": 0.25, "box_thresh": 0.5, "unclip_ratio": 1.6,
    }  # fmt: skip
    assert stage_parameters(found, "Cls") == {
        "model": "cls.xml", "engine": "openvino", "device": "NPU", "threads": 1,
        "precision": "f32", "reading_model": "rec.onnx",
    }  # fmt: skip
    assert stage_parameters(found, "Rec") == {
        "model": "rec.onnx", "engine": "onnxruntime", "device": "CUDA",
        "keys": "keys.txt", "min_confidence": 0.5,
        "quality": "balanced", "line_width": 1.0,
        "heads": "auto", "languages": "", "characters": "", "umlauts": "auto",
        "abbreviations": "as-printed",
    }  # fmt: skip


def test_what_is_given_is_not_looked_for() -> None:
    found = config(Rec__model_path="none.onnx", Rec__rec_keys_path="none.txt")
    given = {"model": "mine.onnx", "keys": "mine.txt", "engine": "openvino"}
    parameters = stage_parameters(found, "Rec", given)
    assert parameters["engine"] == "onnxruntime"
    assert not {"model", "keys"} & set(parameters)


def test_orientation_needs_no_recognition_model(nowhere: Path) -> None:
    (nowhere / "cls.onnx").write_bytes(b"x")
    found = config(Cls__model_path="cls.onnx", Rec__model_path="none.onnx")
    assert "reading_model" not in stage_parameters(found, "Cls")


def test_processors_decide_on_device_and_threads_themselves() -> None:
    found = config(
        EngineConfig__onnxruntime={"use_cuda": True, "intra_op_num_threads": 1,
                                   "cuda_ep_cfg": {"device_id": 3}},
        EngineConfig__openvino={"device_name": "NPU", "performance_hint": "LATENCY",
                                "inference_num_threads": 1},
    )  # fmt: skip
    assert processor_options(found, "onnxruntime") == OrtOptions(cuda_ep_cfg=CudaOptions(3))
    assert processor_options(found, "openvino") == OpenVinoOptions(performance_hint="LATENCY")
