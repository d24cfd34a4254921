# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR-D core is the judge: its commands run on what we write, and run our commands."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .conftest import CORE, ROOT, Core

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

CHAIN = [
    "rapid-detect -I OCR-D-IMG -O OCR-D-SEG",
    "rapid-classify -I OCR-D-SEG -O OCR-D-ORI",
    "rapid-recognize -I OCR-D-ORI -O OCR-D-OCR",
]


def test_core_accepts_our_tool_description(core: Core) -> None:
    done = core("ocrd", "validate", "tool-json", ROOT / "ocrd-tool.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<error>" not in done.stdout


def test_core_finds_no_fault_as_the_specification_asks(core: Core) -> None:
    done = core("ocrd", "ocrd-tool", ROOT / "ocrd-tool.json", "validate")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<error>" not in done.stdout


def test_core_reads_our_tools_by_name(core: Core) -> None:
    listed = core("ocrd", "ocrd-tool", ROOT / "ocrd-tool.json", "list-tools")
    assert listed.returncode == 0, listed.stderr
    described = json.loads((ROOT / "ocrd-tool.json").read_text())["tools"]
    assert set(listed.stdout.split()) == set(described)


def test_core_lists_every_resource_of_ours(core: Core) -> None:
    done = core("ocrd", "resmgr", "list-available", "-e", "ocrd-rapid-*")
    assert done.returncode == 0, done.stderr
    tools = json.loads((ROOT / "ocrd-tool.json").read_text())["tools"]
    names = [r["name"] for tool in tools.values() for r in tool["resources"]]
    assert len(names) == 51
    assert [name for name in names if f"- {name} @ " not in done.stdout] == []


@pytest.mark.models
def test_core_runs_our_chain_and_finds_the_result_valid(
    core: Core, workspace: Path, models: Path
) -> None:
    done = core("ocrd", "process", *CHAIN, cwd=workspace)
    assert done.returncode == 0, done.stderr
    text = next((workspace / "OCR-D-OCR").glob("*.xml")).read_text()
    assert "How a Library Keeps Its Books" in text
    valid = core("ocrd", "workspace", "validate", "--skip", "url", cwd=workspace)
    assert valid.returncode == 0, valid.stdout


@pytest.mark.models
def test_every_page_file_is_valid_on_its_own(core: Core, workspace: Path, models: Path) -> None:
    assert core("ocrd", "process", *CHAIN, cwd=workspace).returncode == 0
    for group in ("OCR-D-SEG", "OCR-D-ORI", "OCR-D-OCR"):
        for page in (workspace / group).glob("*.xml"):
            done = core(
                "ocrd", "validate", "page", "--check-coords",
                "--page-textequiv-consistency", "strict", page, cwd=workspace,
            )  # fmt: skip
            assert done.returncode == 0, (page, done.stdout)


@pytest.mark.models
def test_processors_of_core_run_before_and_after_ours(
    core: Core, workspace: Path, models: Path
) -> None:
    tasks = [
        "dummy -I OCR-D-IMG -O OCR-D-DUMMY",
        "rapid-detect -I OCR-D-DUMMY -O OCR-D-SEG",
        "dummy -I OCR-D-SEG -O OCR-D-SEG2",
        "rapid-recognize -I OCR-D-SEG2 -O OCR-D-OCR",
    ]
    done = core("ocrd", "process", *tasks, cwd=workspace)
    assert done.returncode == 0, done.stderr
    valid = core("ocrd", "workspace", "validate", "--skip", "url", cwd=workspace)
    assert valid.returncode == 0, valid.stdout


def test_core_reads_a_workspace_of_ours(core: Core, workspace: Path) -> None:
    done = core("ocrd", "workspace", "find", "-k", "pageId", "-k", "local_filename", cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["P_0001", "OCR-D-IMG/sample.png"]


@pytest.mark.models
def test_core_lists_and_resolves_what_we_install(core: Core, run, tmp_path: Path, models) -> None:  # type: ignore[no-untyped-def]
    source = models / "ocrd-rapid-detect" / "PP-OCRv6_det_small_8bit.onnx"
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(source.read_bytes())
    source.unlink()
    name = source.name
    done = run("ocrd-rapid", "resmgr", "download", "-n", copy, "ocrd-rapid-detect", name)
    assert done.code == 0, done.err
    listed = core("ocrd", "resmgr", "list-installed", "-e", "ocrd-rapid-detect")
    assert f"- {name} @ " in listed.stdout, listed.stderr
    database = (Path(os.environ["XDG_CONFIG_HOME"]) / "ocrd" / "resources.yml").read_text()
    assert f"name: {name}" in database


def test_what_core_downloads_we_list_and_resolve(core: Core, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    model = tmp_path / "own.onnx"
    model.write_bytes(b"not really a model")
    done = core("ocrd", "resmgr", "download", "-n", model, "ocrd-rapid-detect", "own.onnx")
    assert done.returncode == 0, done.stderr
    assert "- own.onnx @ " in run("ocrd-rapid", "resmgr", "list-installed").out
    resolved = run("ocrd-rapid-detect", "-R", "own.onnx", cwd=tmp_path / "home")
    assert resolved.out.strip().endswith("ocrd-resources/ocrd-rapid-detect/own.onnx")
