# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is recorded of a step."""

from __future__ import annotations

import json

from ocrd_rapid.runtime.step import Step

MODEL = "https://me:S3CRET@host/m.onnx?id=5&token=S3CRET#S3CRET"


def test_what_is_recorded_has_no_secrets() -> None:
    step = Step("ocrd-x", "recognition", "A", "B", {"model": MODEL, "threads": 2})
    plain = "https://host/m.onnx?id=5"
    assert json.loads(step.agent().notes["parameter"]) == {"model": plain, "threads": 2}
    assert step.record({}).parameters == {"model": plain, "threads": "2"}
    assert step.parameters["model"] == MODEL
