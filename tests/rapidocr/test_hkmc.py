# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Configurations in the form of RapidOCR HKMC: merging, interpolation, checking."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import Any

import pytest
from guide_examples import ABSOLUTE
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import ConfigurationError, ExitCode
from ocrd_rapid.rapidocr.hkmc import HkmcConfig, load_config, merge

CORES = os.cpu_count() or 1


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def complaint(*arguments: Any, **named: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_config(*arguments, **named)
    message = str(caught.value)
    assert "\n" not in message
    return message


# Merging


def test_without_anything_all_is_default() -> None:
    config = load_config()
    assert config == HkmcConfig()
    assert config.given == frozenset()
    assert config.general.text_score == 0.5
    assert (config.det.thresh, config.det.box_thresh, config.det.unclip_ratio) == (0.3, 0.5, 1.6)
    assert config.cls.label_list == ("0", "180")
    assert config.engine.openvino.inference_precision == "f32"


def test_the_first_example_of_the_guide(tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "c.yaml", ABSOLUTE))
    assert config.engine.openvino.device_name == "NPU"
    assert config.engine.openvino.num_streams == -1  # not in the file
    assert config.engine.onnxruntime.use_cuda is True
    assert config.engine.onnxruntime.cuda_ep_cfg.cudnn_conv_algo_search == "EXHAUSTIVE"
    assert config.det.model_path == "C:/ocr_models/ch_PP-OCRv4_det_infer.onnx"
    assert config.det.unclip_ratio == 1.6  # not in the file
    assert config.cls.engine_type == "openvino"
    assert config.rec.rec_keys_path == "C:/ocr_models/ppocr_keys_v1.txt"
    assert "Det.thresh" in config.given
    assert "Det.unclip_ratio" not in config.given


def test_mapping_wins_over_file_and_params_over_both(tmp_path: Path) -> None:
    path = write(tmp_path / "c.yaml", "Det: {thresh: 0.1, box_thresh: 0.2, unclip_ratio: 2}")
    mapping = {"Det": {"box_thresh": 0.6, "unclip_ratio": 2.5}}
    config = load_config(path, mapping, {"Det.unclip_ratio": 3})
    assert (config.det.thresh, config.det.box_thresh, config.det.unclip_ratio) == (0.1, 0.6, 3)
    assert mapping == {"Det": {"box_thresh": 0.6, "unclip_ratio": 2.5}}


def test_an_empty_section_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "c.yaml", "Det:\n  # model_path: null\nEngineConfig:\n  openvino:\n")
    assert load_config(path) == HkmcConfig()


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_is_the_default(tmp_path: Path, text: str) -> None:
    assert load_config(write(tmp_path / "c.yaml", text)) == HkmcConfig()


def test_profile_gives_defaults_that_what_is_given_wins_over() -> None:
    config = load_config(config={"Det": {"profile": "paddle", "thresh": 0.25}})
    assert config.det.thresh == 0.25
    assert config.det.box_thresh == 0.45
    assert config.det.mean == (0.485, 0.456, 0.406)
    assert config.det.use_dilation is False
    assert (config.det.limit_side_len, config.general.max_side_len) == (64, 4000)


def test_keys_of_other_engines_and_versions_are_read_over() -> None:
    config = load_config(
        config={
            "EngineConfig": {
                "paddle": {"gpu_mem": 500},
                "torch": {"use_cuda": False},
                "tensorrt": {"use_fp16": True},
                "mnn": {},
                "onnxruntime": {"dm_ep_cfg": None, "cann_ep_cfg": {"device_id": 0}},
            },
            "Rec": {"session": object(), "font_path": None},
        }
    )
    assert config.engine.paddle is None
    assert config.engine.onnxruntime.cann_ep_cfg == {"device_id": 0}


def test_the_older_name_of_dml_ep_cfg() -> None:
    config = load_config(params={"EngineConfig.onnxruntime.dm_ep_cfg": {"device_id": 1}})
    assert config.engine.onnxruntime.dml_ep_cfg == {"device_id": 1}


def test_params_take_members_of_enumerations_and_mappings() -> None:
    class Engine(enum.Enum):
        OPENVINO = "openvino"

    config = load_config(params={"Det.engine_type": Engine.OPENVINO, "Cls": {"cls_thresh": 0.7}})
    assert config.det.engine_type == "openvino"
    assert config.cls.cls_thresh == 0.7


@pytest.mark.parametrize(
    ("key", "written", "read"),
    [
        ("Global.use_det", "False", False),
        ("Global.use_det", "yes", True),
        ("Global.text_score", "0.25", 0.25),
        ("Det.max_candidates", "7", 7),
        ("Det.max_candidates", 7.0, 7),
        ("Det.model_path", "null", None),
        ("Det.model_path", "", None),
        ("Det.model_path", Path("a/b.onnx"), str(Path("a/b.onnx"))),
        ("Det.lang_type", False, "no"),  # `no` is false in YAML 1.1, and Norwegian here
        ("Rec.lang_type", "no", "no"),
        ("Cls.label_list", [180, 0], ("180", "0")),
        ("EngineConfig.openvino.enable_cpu_pinning", "True", True),
        ("EngineConfig.openvino.performance_hint", "null", None),
        ("EngineConfig.openvino.device_name", "AUTO:GPU,CPU", "AUTO:GPU,CPU"),
        ("EngineConfig.openvino.device_name", "GPU.1", "GPU.1"),
        ("Global.width_height_ratio", -1, -1),
    ],
)
def test_values_are_understood(key: str, written: Any, read: Any) -> None:
    config: Any = load_config(params={key: written})
    section, *names = key.split(".")
    value = getattr(
        config, {"Global": "general", "EngineConfig": "engine"}.get(section, section.lower())
    )
    for name in names:
        value = getattr(value, name)
    assert value == read
    assert type(value) is type(read)


# Interpolation


def test_environment_variables_and_references(tmp_path: Path) -> None:
    text = """
Global: {model_root_dir: "${oc.env:OCR_MODEL_DIR,C:/default/models}"}
Det: {model_path: "${Global.model_root_dir}/det.onnx", thresh: "${oc.env:THRESH}"}
Cls: {model_path: "${oc.env:NOT_SET,${oc.env:OTHER,'x, y'}}"}
Rec: {model_path: "${Det.model_path}.rec", rec_batch_num: "${Cls.cls_batch_num}"}
"""
    path = write(tmp_path / "c.yaml", text)
    config = load_config(path, environ={"THRESH": "0.4"})
    assert config.det.model_path == "C:/default/models/det.onnx"
    assert config.det.thresh == 0.4
    assert config.cls.model_path == "x, y"
    assert config.rec.model_path == "C:/default/models/det.onnx.rec"
    assert config.rec.rec_batch_num == 6  # of the default
    config = load_config(path, environ={"THRESH": "0.4", "OCR_MODEL_DIR": "/m"})
    assert config.det.model_path == "/m/det.onnx"


def test_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_DIRECTORY", "/d")
    config = load_config(params={"Det.model_dir": "${oc.env:SOME_DIRECTORY}"})
    assert config.det.model_dir == "/d"


def test_a_default_of_null_is_null() -> None:
    assert load_config(params={"Det.model_path": "${oc.env:NO,null}"}, environ={}) == HkmcConfig()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${oc.env:NOT_SET}", "Det.model_path: environment variable NOT_SET is not set"),
        ("${Det.nothing}", "Det.model_path: ${Det.nothing} refers to a key that does not exist"),
        ("${Det.model_path}", "refers to itself"),
        ("${oc.create:x}", "Det.model_path: ${oc.create:x} cannot be filled in"),
    ],
)
def test_interpolations_that_lead_nowhere(value: str, expected: str) -> None:
    assert expected in complaint(params={"Det.model_path": value}, environ={})


# What is wrong


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="config_path not found") as caught:
        load_config(tmp_path / "none.yaml")
    assert str(tmp_path / "none.yaml") in str(caught.value)
    assert caught.value.exit_code == ExitCode.RESOURCE_NOT_FOUND  # type: ignore[attr-defined]


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert f"{tmp_path} cannot be read" in complaint(tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Det: [", "is not valid YAML"),
        (b'Det: {model_path: "C:\\models\\det.onnx"}', "write Windows paths with /"),
        (b"- a\n- b\n", "is not a configuration: expected the sections Global, EngineConfig"),
        (b"Det: \xff\xfe", "is not valid YAML"),
    ],
)
def test_files_that_are_no_configuration(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    message = complaint(path)
    assert expected in message
    assert str(path) in message


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"\xef\xbb\xbfDet:\r\n  thresh: 0.2\r\n  model_path: 'C:\\m\\det.onnx'\r\n")
    config = load_config(path)
    assert config.det.thresh == 0.2
    assert config.det.model_path == "C:\\m\\det.onnx"


HKMC_WORDS = [
    (
        {"EngineConfig.openvino.device_name": "npu"},
        "Invalid device_name configuration: 'npu'. Allowed values are: CPU, NPU, GPU",
        "Please update your configuration file with a valid device name.",
    ),
    (
        {"EngineConfig.openvino.performance_hint": "FAST"},
        "Invalid performance_hint configuration: 'FAST'."
        " Allowed values are: LATENCY, THROUGHPUT, CUMULATIVE_THROUGHPUT.",
        "Please update your configuration file with a valid performance hint.",
    ),
    (
        {"EngineConfig.openvino.inference_num_threads": CORES + 1},
        f"Invalid inference_num_threads configuration: {CORES + 1}.",
        f"Must be between 1 and {CORES} (available CPU cores), or -1 for automatic selection.",
    ),
    ({"Det.engine_type": "tflite"}, "'tflite' is not a valid EngineType", "onnxruntime, openvino"),
    ({"Rec.lang_type": "klingon"}, "'klingon' is not a valid LangRec", "latin"),
    ({"Global.bogus": 1}, "Global.bogus is not a valid key.", "text_score"),
]


@pytest.mark.parametrize(("params", "words", "more"), HKMC_WORDS)
def test_errors_in_the_words_of_hkmc(params: dict[str, Any], words: str, more: str) -> None:
    message = complaint(params=params)
    assert words in message
    assert more in message
    assert next(iter(params)) in message


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("Global.text_score", 1.5, "between 0 and 1"),
        ("Global.text_score", float("nan"), "between 0 and 1"),
        ("Global.use_det", "perhaps", "true, false"),
        ("Global.use_det", None, "true, false"),
        ("Global.log_level", "loud", "debug, info, warning, error, critical"),
        ("Global.max_side_len", 0, "greater than 0, or null"),
        ("Global.width_height_ratio", -2, "greater than 0, or -1"),
        ("EngineConfig.onnxruntime.intra_op_num_threads", 0, "or -1 for automatic selection"),
        ("EngineConfig.onnxruntime.cuda_ep_cfg.device_id", -1, "at least 0"),
        ("EngineConfig.onnxruntime.cuda_ep_cfg.cudnn_conv_algo_search", "X", "HEURISTIC"),
        ("EngineConfig.onnxruntime.cann_ep_cfg", {"a": [1]}, "mapping"),
        ("EngineConfig.openvino.scheduling_core_type", "x", "PCORE_ONLY"),
        ("EngineConfig.openvino.inference_precision", "int8", "f32, f16, bf16"),
        ("Det.mean", [0.5, 0.5], "list of 3 numbers"),
        ("Det.std", [0.5, 0, 0.5], "other than 0"),
        ("Det.limit_type", "mean", "min, max"),
        ("Det.max_candidates", 1.5, "whole number"),
        ("Det.model_path", 7, "path"),
        ("Det.task_type", "rec", "det"),
        ("Det.ocr_version", "PP-OCRv3", "PP-OCRv4, PP-OCRv5, PP-OCRv6"),
        ("Det.model_type", "huge", "mobile, server, tiny, small, medium"),
        ("Cls.label_list", ["0", "90"], '["0", "180"]'),
        ("Cls.cls_image_shape", [1, 48, 192], "[3, H, W]"),
        ("Rec.rec_img_shape", [3, 32, 320], "[3, 48, W]"),
    ],
)
def test_wrong_values_are_named_with_what_is_allowed(key: str, value: Any, allowed: str) -> None:
    message = complaint(params={key: value})
    assert f"({key})" in message
    assert repr(value) in message
    assert allowed in message


def test_all_that_is_wrong_is_reported_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.yaml", "Det: {thresh: 2, colour: red, modell_path: x}\nCls: [1]\nModels: {}\n"
    )
    message = complaint(path, params={"EngineConfig.openvino.cpu": 1})
    assert message.startswith(f"{path}: ")
    for part in (
        "(Det.thresh)",
        "Det.colour is not a valid key",
        "Det.modell_path is not a valid key; did you mean model_path",
        "Cls must be a mapping of keys to values, not [1]",
        "Models is not a valid key. Allowed keys are: Global, EngineConfig, Det, Cls, Rec.",
        "EngineConfig.openvino.cpu is not a valid key",
    ):
        assert part in message
    assert "session" not in message  # what RapidOCR keeps to itself is not offered


def test_config_must_be_a_mapping() -> None:
    assert "not str; name a file with config_path" in complaint(config="c.yaml")


# Whatever is given


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
TREES = st.recursive(
    SCALARS | st.sampled_from(["${oc.env:X}", "${Det.thresh}", "${Det.model_path}", "${", "}"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(
        ["Det", "Global", "EngineConfig", "openvino", "onnxruntime", "cuda_ep_cfg", "thresh",
         "model_path", "mean", "use_det", "device_name", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
SECTIONS = ("Det", "Global", "EngineConfig", "Cls", "Rec", "x")


@given(st.dictionaries(st.sampled_from(SECTIONS), TREES))
def test_every_mapping_gives_a_configuration_or_one_clear_error(mapping: dict[str, Any]) -> None:
    try:
        config = load_config(config=mapping, environ={"X": "1"})
    except ConfigurationError as error:
        assert str(error)
    else:
        assert 0 <= config.det.thresh <= 1
        assert isinstance(config.general.use_det, bool)


@given(
    st.dictionaries(st.sampled_from("abc"), TREES), st.dictionaries(st.sampled_from("abc"), TREES)
)
def test_merging_keeps_what_is_above(below: dict[str, Any], above: dict[str, Any]) -> None:
    merged = merge(below, above)
    assert set(merged) == {*below, *above}
    assert merge(merged, {}) == merged or merged != merged  # NaN differs from itself
    for key, value in above.items():
        if not isinstance(value, dict) and value is not None and value == value:
            assert repr(merged[key]) == repr(value)


# OmegaConf


def test_dictconfig(tmp_path: Path) -> None:
    omegaconf = pytest.importorskip("omegaconf")
    path = write(tmp_path / "c.yaml", ABSOLUTE)
    config = omegaconf.OmegaConf.load(path)
    config.Det.model_path = "${oc.env:OCR_MODEL_DIR,/m}/det.onnx"
    config.Rec.model_path = "${Det.model_path}.${Cls.label_list}"  # only our defaults have it
    loaded = load_config(config=config, environ={})
    assert loaded.det.model_path == "/m/det.onnx"
    assert loaded.cls.cls_image_shape == (3, 48, 192)
    assert loaded.rec.model_path == "/m/det.onnx.['0', '180']"


@pytest.mark.parametrize(
    "text",
    [
        "Det: {thresh: 2001-13-45}", "Det: {thresh: !!float x}", "Det: {thresh: .inf}",
        "Det: {use_dilation: !!bool x}", "Det: {limit_side_len: 0x_}", "Det: &x {a: *x}",
        "Det: " + "[" * 5000, f"Det: {{limit_side_len: {'9' * 5000}}}",
        "Det: {limit_side_len: 99999999999999999999999999}", "Det: {mean: [1, 2, 2001-01-01]}",
        "Det: {model_path: 2001-01-01}\nRec: !!set {a}",
    ],
)  # fmt: skip
def test_hostile_yaml_is_a_configuration_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    assert str(path) in str(caught.value)


def test_a_path_that_looks_like_a_date_is_one(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("Det: {model_path: 2001-13-45}", encoding="utf-8")
    assert load_config(path).det.model_path == "2001-13-45"


_TENFOLD = {f"X{n}": f"${{X{n - 1}}}" * 10 for n in range(1, 18)}
_TENFOLD_MAPS = {f"X{n}": dict.fromkeys("abcdefghij", f"${{X{n - 1}}}") for n in range(1, 18)}


@pytest.mark.parametrize(
    "config",
    [
        {"X0": "a" * 10, **_TENFOLD},
        {"X0": {"a": 1}, **_TENFOLD_MAPS},
        {"Det": {"model_path": "a${oc.env:X}"}},
    ],
)
def test_references_that_multiply_are_an_error(config: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="too many references"):
        load_config(config=config, environ={"X": "${oc.env:X}${oc.env:X}"})


def test_a_mapping_within_itself_is_an_error() -> None:
    config: dict[str, Any] = {}
    config["Det"] = {"mean": [config]}
    with pytest.raises(ConfigurationError, match="more than 64 nested mappings"):
        load_config(config=config)


@pytest.mark.parametrize(
    "value",
    [10**400, 10**5000, -(10**5000), float("inf"), "1" * 5000],
    ids=["large", "too long to print", "negative", "infinite", "text"],
)
def test_numbers_beyond_all_measure_are_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="Invalid limit_side_len") as caught:
        load_config(config={"Det": {"limit_side_len": value}})
    assert len(str(caught.value)) < 500
