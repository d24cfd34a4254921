# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How many threads a model has, and which widths lines."""

from __future__ import annotations

import pytest

from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.options import OpenVinoOptions, OrtOptions
from ocrd_rapid.loading import running
from ocrd_rapid.loading.running import Calls, engine_config, width_bucket


@pytest.mark.parametrize(
    ("engine", "calls", "threads", "expected"),
    [
        ("onnxruntime", Calls.ALONE, 0, (3, 1)),
        ("openvino", Calls.ALONE, 0, (3, 1)),
        ("onnxruntime", Calls.AMONG_PAGES, 0, (2, 1)),  # half of three cores, rounded up
        ("openvino", Calls.AMONG_PAGES, 0, (3, 1)),
        ("onnxruntime", Calls.LINES, 0, (1, 3)),
        ("onnxruntime", Calls.ALONE, 5, (5, 1)),
        ("onnxruntime", Calls.AMONG_PAGES, 5, (5, 1)),
        ("openvino", Calls.LINES, 5, (1, 5)),
    ],
)
def test_threads_suit_the_calls(
    engine: str, calls: Calls, threads: int, expected: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(running, "available_cores", lambda: 3)
    found = engine_config(engine, calls, threads=threads)
    assert (found.intra_op_threads, found.parallel_calls) == expected
    assert found.reuse_memory == (calls is not Calls.LINES)


@pytest.mark.parametrize("options", [None, OrtOptions(1), OpenVinoOptions("NPU")])
def test_the_rest_is_passed_on(options: OrtOptions | OpenVinoOptions | None) -> None:
    found = engine_config("x", Calls.LINES, threads=2, device="GPU", strict=True, options=options)
    assert found == EngineConfig("x", "GPU", 1, 2, strict=True, options=options)


def test_few_widths_for_an_engine_that_keeps_something_for_each() -> None:
    assert width_bucket("openvino") == 96
    assert width_bucket("onnxruntime") == 32
