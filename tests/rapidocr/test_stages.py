"""From a configuration to the options of engines and to what detects and classifies."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import ModelError
from ocrd_rapid.inference.cores import available_cores
from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.inference.options import CudaOptions, OpenVinoOptions, OrtOptions
from ocrd_rapid.loading.adapters import Renormalised, Reversed, Sized
from ocrd_rapid.ocr.detection.detector import (
    DetectionOptions,
    Detector,
    input_size,
    normalize,
    vertical_margin,
)
from ocrd_rapid.ocr.orientation import OrientationClassifier
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rapidocr import stages
from ocrd_rapid.rapidocr.engine_options import engine_config, engine_options, processor_options
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
        found = engine_config(load_config(), stage)
        assert (found.intra_op_threads, found.parallel_calls) == threads


def test_numbers_of_threads_are_kept_to() -> None:
    ort = engine_config(config(EngineConfig__onnxruntime__intra_op_num_threads=1), "Rec")
    assert ort.parallel_calls == 1
    openvino = config(Rec__engine_type="openvino", EngineConfig__openvino__inference_num_threads=1)
    assert engine_config(openvino, "Rec").parallel_calls == 1
    streams = config(Rec__engine_type="openvino", EngineConfig__openvino__num_streams=5)
    assert engine_config(streams, "Rec").parallel_calls == 5


def test_stages_have_engines_of_their_own() -> None:
    mixed = config(Cls__engine_type="openvino", EngineConfig__strict=True)
    assert [engine_config(mixed, stage).engine for stage in ("Det", "Cls", "Rec")] == [
        "onnxruntime", "openvino", "onnxruntime",
    ]  # fmt: skip
    assert engine_config(mixed, "Cls").strict


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
    """A cross fills less than half of the rectangle around it."""
    probabilities = np.zeros((96, 96), dtype=np.float32)
    probabilities[40:56, 16:80] = probabilities[16:80, 40:56] = 0.9
    model = NullModel(lambda b: probabilities[None, None], **DET_SHAPES)
    image = np.full((96, 96, 3), 255, dtype=np.uint8)
    thin = config(Det__box_thresh=0.8, Det__use_dilation=False)
    assert Detector(model, detection_options(thin)).detect(image) == []
    slow = replace(thin, det=replace(thin.det, score_mode="slow"))
    assert len(Detector(model, detection_options(slow)).detect(image)) == 1


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


# Adapters


def test_mean_and_std_are_those_of_the_configuration() -> None:
    image = np.arange(2 * 2 * 3, dtype=np.uint8).reshape(2, 2, 3) * 20
    paddle = config(Det__profile="paddle")
    model = stages.adapted(NullModel(lambda b: b), paddle, "Det", Path("x"))
    expected = (image / 255 - paddle.det.mean) / paddle.det.std
    np.testing.assert_allclose(
        model.run(normalize(image))[0], expected.transpose(2, 0, 1), atol=1e-5
    )
    assert isinstance(model, Renormalised)


def test_the_usual_models_have_no_adapter() -> None:
    model = NullModel(lambda b: b, input_shape=(None, 3, 48, 192))
    for stage in ("Det", "Cls", "Rec"):
        assert stages.adapted(model, load_config(), stage, Path("x")) is model


def test_classifiers_of_any_size_get_that_of_the_configuration() -> None:
    shapes: list[tuple[int, ...]] = []

    def network(batch: FloatArray) -> FloatArray:
        shapes.append(batch.shape)
        return np.array([[0.9, 0.1]], dtype=np.float32)

    model = NullModel(network, {}, (None, 3, None, None), (None, 2))
    adapted = stages.adapted(model, config(Cls__cls_image_shape=[3, 80, 160]), "Cls", Path("x"))
    assert isinstance(adapted, Sized)
    OrientationClassifier(adapted).upside_down([np.zeros((40, 300, 3), np.uint8)])
    assert set(shapes) == {(1, 3, 80, 160)}


def test_a_size_that_is_not_the_models_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    model = NullModel(lambda b: b, {}, (None, 3, 80, 160), (None, 2))
    with caplog.at_level(logging.WARNING):
        assert stages.adapted(model, load_config(), "Cls", Path("x")) is model
        assert caplog.text == ""
        asked = config(Cls__cls_image_shape=[3, 48, 192])
        assert stages.adapted(model, asked, "Cls", Path("x")) is model
    assert "Cls.cls_image_shape [3, 48, 192] is not that of model x" in caplog.text


def test_labels_in_the_other_order() -> None:
    model = NullModel(lambda b: np.array([[0.9, 0.1]], np.float32), {}, (None, 3, 48, 192),
                      (None, 2))  # fmt: skip
    line = np.zeros((48, 192, 3), np.uint8)
    assert OrientationClassifier(model).upside_down([line]) == pytest.approx(0.1)
    turned = stages.adapted(model, config(Cls__label_list=["180", "0"]), "Cls", Path("x"))
    assert isinstance(turned, Reversed)
    assert OrientationClassifier(turned).upside_down([line]) == pytest.approx(0.9)


def test_adapters_pass_on_what_the_model_says() -> None:
    model = NullModel(lambda b: b, {"character": "a"}, (None, 3, None, None), (None, 2))
    adapter = Sized(model, 80, 160)
    assert adapter.metadata == {"character": "a"}
    assert adapter.output_shape == (None, 2)
    assert adapter.input_shape == (None, 3, 80, 160)
    assert adapter.device == model.device


# Recognition


def test_classes_that_a_model_does_not_declare_are_counted(nowhere: Path) -> None:
    model = NullModel(lambda b: np.zeros((1, b.shape[3] // 8, 9), np.float32), {"character": "a"},
                      (None, 3, 48, None), (None, None, None))  # fmt: skip
    loaded = stages.LoadedModel(model, nowhere / "rec.onnx", 1)
    with pytest.raises(ModelError, match="1 keys, but 9 classes"):
        stages.recognition(loaded, load_config())


@pytest.mark.parametrize("shape", [(None, 1, None, None), (None, 2), ()])
def test_models_of_another_task_are_not_read_with(shape: tuple[Any, ...], nowhere: Path) -> None:
    model = NullModel(lambda b: b, {"character": "a"}, (None, 3, 48, None), shape)
    with pytest.raises(ModelError):
        stages.recognition(stages.LoadedModel(model, nowhere / "x.onnx", 1), load_config())


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
    assert stages.stage_parameters(found, "Det") == {
        "model": "det.onnx", "engine": "onnxruntime", "device": "CUDA",
        "thresh": 0.25, "box_thresh": 0.5, "unclip_ratio": 1.6,
    }  # fmt: skip
    assert stages.stage_parameters(found, "Cls") == {
        "model": "cls.xml", "engine": "openvino", "device": "NPU", "threads": 1,
        "precision": "f32",
    }  # fmt: skip
    assert stages.stage_parameters(found, "Rec") == {
        "model": "rec.onnx", "engine": "onnxruntime", "device": "CUDA",
        "keys": "keys.txt", "min_confidence": 0.5,
    }  # fmt: skip


def test_what_is_given_is_not_looked_for() -> None:
    found = config(Rec__model_path="none.onnx", Rec__rec_keys_path="none.txt")
    given = {"model": "mine.onnx", "keys": "mine.txt", "engine": "openvino"}
    assert stages.stage_parameters(found, "Rec", given) == {"engine": "onnxruntime"}


def test_processors_decide_on_device_and_threads_themselves() -> None:
    found = config(
        EngineConfig__onnxruntime={"use_cuda": True, "intra_op_num_threads": 1,
                                   "cuda_ep_cfg": {"device_id": 3}},
        EngineConfig__openvino={"device_name": "NPU", "performance_hint": "LATENCY",
                                "inference_num_threads": 1},
    )  # fmt: skip
    assert processor_options(found, "onnxruntime") == OrtOptions(cuda_ep_cfg=CudaOptions(3))
    assert processor_options(found, "openvino") == OpenVinoOptions(performance_hint="LATENCY")
