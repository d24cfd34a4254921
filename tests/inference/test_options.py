# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the options allow, and what they say of values that they do not allow."""

from __future__ import annotations

from typing import Any

import pytest

from ocrd_rapid.errors import ConfigurationError
from ocrd_rapid.inference.options import CudaOptions, OpenVinoOptions, OrtOptions


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)


@pytest.mark.parametrize(
    "name",
    [
        "CPU",
        "GPU",
        "NPU",
        "AUTO",
        "GPU.0",
        "GPU.13",
        "AUTO:GPU,CPU",
        "HETERO:GPU.1,CPU",
        "MULTI:CPU",
    ],
)
def test_device_names(name: str) -> None:
    assert OpenVinoOptions(device_name=name).device_name == name


@pytest.mark.parametrize(
    "name", ["npu", "", "FOO", "GPU.", "GPU.x", "AUTO:", "HETERO", "AUTO:GPU,", "CPU,GPU", " CPU"]
)
def test_device_names_that_are_not_allowed(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        OpenVinoOptions(device_name=name)
    assert str(caught.value).startswith(
        f"Invalid device_name configuration: '{name}'. Allowed values are: CPU, NPU, GPU"
    )
    assert str(caught.value).endswith(
        " Please update your configuration file with a valid device name."
    )


THREADS = "Must be between 1 and 2 (available CPU cores), or -1 for automatic selection."
COUNT = "Must be 1 or more, or -1 for automatic selection."
VALID = " Please update your configuration file with a valid value."

WRONG: list[tuple[type[Any], dict[str, Any], str, str]] = [
    (
        OpenVinoOptions,
        {"performance_hint": "FAST"},
        "performance_hint",
        "'FAST'. Allowed values are: null, LATENCY, THROUGHPUT, CUMULATIVE_THROUGHPUT." + VALID,
    ),
    (
        OpenVinoOptions,
        {"scheduling_core_type": "any_core"},
        "scheduling_core_type",
        "'any_core'. Allowed values are: null, ANY_CORE, PCORE_ONLY, ECORE_ONLY." + VALID,
    ),
    (
        OpenVinoOptions,
        {"inference_precision": "fp16"},
        "inference_precision",
        "'fp16'. Allowed values are: null, f32, f16, bf16, auto." + VALID,
    ),
    (OpenVinoOptions, {"inference_num_threads": 999}, "inference_num_threads", f"999. {THREADS}"),
    (OpenVinoOptions, {"inference_num_threads": 0}, "inference_num_threads", f"0. {THREADS}"),
    (OpenVinoOptions, {"num_streams": 0}, "num_streams", f"0. {COUNT}"),
    (OpenVinoOptions, {"performance_num_requests": -2}, "performance_num_requests", f"-2. {COUNT}"),
    (OrtOptions, {"intra_op_num_threads": 3}, "intra_op_num_threads", f"3. {THREADS}"),
    (OrtOptions, {"inter_op_num_threads": -2}, "inter_op_num_threads", f"-2. {THREADS}"),
    (
        OrtOptions,
        {"cpu_arena_extend_strategy": "kNone"},
        "cpu_ep_cfg.arena_extend_strategy",
        "'kNone'. Allowed values are: kNextPowerOfTwo, kSameAsRequested." + VALID,
    ),
    (
        CudaOptions,
        {"arena_extend_strategy": ""},
        "cuda_ep_cfg.arena_extend_strategy",
        "''. Allowed values are: kNextPowerOfTwo, kSameAsRequested." + VALID,
    ),
    (
        CudaOptions,
        {"cudnn_conv_algo_search": "exhaustive"},
        "cuda_ep_cfg.cudnn_conv_algo_search",
        "'exhaustive'. Allowed values are: EXHAUSTIVE, HEURISTIC, DEFAULT." + VALID,
    ),
    (CudaOptions, {"device_id": -1}, "cuda_ep_cfg.device_id", "-1. Must be 0 or more."),
]


@pytest.mark.parametrize(("options", "values", "key", "rest"), WRONG)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(
    options: type[Any], values: dict[str, Any], key: str, rest: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        options(**values)
    assert str(caught.value) == f"Invalid {key} configuration: {rest}"


def test_the_defaults_say_nothing_but_float32() -> None:
    assert OpenVinoOptions() == OpenVinoOptions(
        None, -1, None, -1, None, -1, None, None, "f32", None
    )


def test_the_limits_are_allowed() -> None:
    assert OpenVinoOptions(inference_num_threads=2, num_streams=1).inference_num_threads == 2
    assert OrtOptions(intra_op_num_threads=1, inter_op_num_threads=2).inter_op_num_threads == 2


def test_options_can_be_keys_of_a_dictionary() -> None:
    found = {OrtOptions(dml_ep_cfg={"device_id": 1}): 1, OpenVinoOptions(): 2}
    assert found[OrtOptions(dml_ep_cfg={"device_id": 1})] == 1
    assert OrtOptions(dml_ep_cfg={"device_id": 2}) not in found


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ({}, ()),
        ({"use_cuda": True}, ("CUDA",)),
        ({"use_cuda": True, "use_cann": True}, ("CANN", "CUDA")),
        (
            {"use_cuda": True, "use_dml": True, "use_cann": True, "use_coreml": True},
            ("COREML", "CANN", "DML", "CUDA"),
        ),
    ],
)
def test_devices_are_preferred_in_the_order_of_rapidocr(
    on: dict[str, bool], expected: tuple[str, ...]
) -> None:
    assert OrtOptions(**on).devices == expected  # type: ignore[arg-type]
