# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid check: the table, the JSON, the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from null_models import configuration

from ocrd_rapid.errors import ExitCode

Call = Callable[..., Any]


def test_the_table(call: Call, models: Path) -> None:
    outcome = call("ocrd-rapid", "check")
    assert outcome.code == 0
    rows = [line.split("  ", 1)[0] for line in outcome.out.splitlines()]
    assert rows == [
        "engine onnxruntime", "engine openvino", "model Det", "model Cls", "model Rec", "trial",
    ]  # fmt: skip
    states = {line.split("  ")[0]: line[len("engine onnxruntime") :].split()[0]
              for line in outcome.out.splitlines()}  # fmt: skip
    assert states["model Rec"] == "ok"
    assert "18710 classes, keys in the model" in outcome.out
    assert "'Offline reading works / without a network' read in" in outcome.out


def test_json(call: Call, null_models: object, here: Path) -> None:
    content = {"Global": {"use_cls": False}, **configuration()}
    (here / "c.yaml").write_text(yaml.safe_dump(content))
    outcome = call("ocrd-rapid", "check", "--config", "c.yaml", "--json")
    assert outcome.code == 0
    report = json.loads(outcome.out)
    assert (report["ok"], report["exit_code"]) == (True, 0)
    findings = {finding["name"]: finding for finding in report["findings"]}
    assert findings["model Cls"]["state"] == "not used"
    assert len(findings["model Det"]["sha256"]) == 64
    assert findings["model Rec"]["keys"] == "model"
    assert len(findings["trial"]["text"]) == len(findings["trial"]["expected"]) == 2
    assert set(findings["trial"]["seconds"]) == {"det", "cls", "rec"}


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_something_is_missing(call: Call, here: Path, option: tuple[str, ...]) -> None:
    (here / "config.yaml").write_text("Rec: {model_path: PP-OCRv6_rec_small.onnx}\n")
    outcome = call("ocrd-rapid", "check", "--config", "config.yaml", *option)
    assert outcome.code == ExitCode.RESOURCE_NOT_FOUND
    assert "ocrd-rapid resmgr download ocrd-rapid-recognize PP-OCRv6_rec_small.onnx" in outcome.out
    if option:
        assert json.loads(outcome.out)["ok"] is False


def test_a_wrong_configuration_is_one_line(call: Call, here: Path) -> None:
    (here / "c.yaml").write_text("Det: {thresh: high}")
    outcome = call("ocrd-rapid", "check", "-c", "c.yaml")
    assert outcome.code == ExitCode.PARAMETER
    assert outcome.out == ""
    assert outcome.err.startswith("ocrd-rapid: error: c.yaml: Invalid thresh configuration: 'high'")
    assert call("ocrd-rapid", "check", "-c", "none").code == ExitCode.RESOURCE_NOT_FOUND


def test_nothing_is_written_outside_the_cache(
    call: Call, null_models: object, here: Path, snapshot: Callable[[], Any]
) -> None:
    (here / "c.yaml").write_text(yaml.safe_dump(configuration()))
    before = snapshot()
    assert call("ocrd-rapid", "check", "-c", "c.yaml").code == 0
    assert {k: v for k, v in snapshot().items() if not k.startswith("home/.cache")} == before
