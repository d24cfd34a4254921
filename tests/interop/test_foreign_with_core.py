# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Exports of Transkribus, eScriptorium and others: read, and written such that core is content."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from foreign_pages import LINES, workspace_of

from ..conftest import Run
from .conftest import CORE, Core

pytestmark = [
    pytest.mark.interop,
    pytest.mark.models,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

#: Lines that have but a baseline get their outline when they are read.
BASELINES = ("baselines-only", "escriptorium-baselines")


def errors(core: Core, directory: Path) -> list[str]:
    """Return what core has against our outputs."""
    done = core(
        "ocrd", "workspace", "validate", "-q", "ORI", "-q", "OCR",
        "--skip", "mets_unique_identifier",
        "--page-coordinate-consistency", "poly", "--page-textequiv-consistency", "strict",
        cwd=directory,
    )  # fmt: skip
    assert "<report valid=" in done.stdout, done.stderr
    assert "aborted" not in done.stdout, done.stdout
    return re.findall("<error>(.*?)</error>", done.stdout, re.DOTALL)


def test_exports_are_read_and_core_calls_the_output_valid(
    core: Core, run: Run, tmp_path: Path, models: Path
) -> None:
    directory = tmp_path / "book"
    pages = workspace_of(directory)
    groups = {"ORI": [p for p in pages if p not in BASELINES], "WITHOUT": BASELINES}
    for group, members in groups.items():
        tasks = [f"rapid-classify -I GT -O {group}", f"rapid-recognize -I {group} -O OCR"]
        done = run("ocrd-rapid", "process", "-g", ",".join(members), *tasks, cwd=directory)
        assert done.code == 0, done.err
    texts = {}
    for page in pages:
        text = run("ocrd-rapid", "export", f"OCR/OCR_{page}.xml", cwd=directory).out
        texts[page] = [line for line in text.splitlines() if line]
    assert texts == {page: list(LINES) for page in pages}
    assert errors(core, directory) == []
