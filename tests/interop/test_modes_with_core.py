# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The four modes in which modules of OCR-D test: plain, METS server, METS caching, both."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import CORE, Core

pytestmark = [
    pytest.mark.interop,
    pytest.mark.models,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

CHAIN = [
    "rapid-detect -I OCR-D-IMG -O OCR-D-SEG",
    "rapid-classify -I OCR-D-SEG -O OCR-D-ORI",
    "rapid-recognize -I OCR-D-ORI -O OCR-D-OCR -P textequiv_level word",
]
GROUPS = ("OCR-D-SEG", "OCR-D-ORI", "OCR-D-OCR")


def texts(directory: Path, group: str = "OCR-D-OCR") -> dict[str, str]:
    """Return the text of the regions of each page."""
    found = {}
    for path in sorted((directory / group).glob("*.xml")):
        content = path.read_text(encoding="utf-8")
        found[path.stem] = "\n".join(re.findall(r"<pc:Unicode>([^<]*)</pc:Unicode>", content))
    return found


def check(core: Core, book: Path) -> None:
    valid = core("ocrd", "workspace", "validate", "--skip", "url", cwd=book)
    assert valid.returncode == 0, valid.stdout
    pages = texts(book)
    assert list(pages) == ["OCR-D-OCR_P_0001", "OCR-D-OCR_P_0002", "OCR-D-OCR_P_0003"]
    assert all("How a Library Keeps Its Books" in text for text in pages.values())
    listed = core("ocrd", "workspace", "find", "-k", "fileGrp", "-k", "pageId", cwd=book)
    rows = [tuple(line.split("\t")) for line in listed.stdout.splitlines()]
    expected = [(g, f"P_{n:04}") for g in ("OCR-D-IMG", *GROUPS) for n in (1, 2, 3)]
    assert sorted(rows) == sorted(expected)


@pytest.mark.parametrize("caching", ["false", "true"])
@pytest.mark.parametrize("parallel", ["1", "3"])
def test_without_a_server(
    core: Core, book: Path, models: Path, caching: str, parallel: str
) -> None:
    variables = {"OCRD_METS_CACHING": caching, "OCRD_MAX_PARALLEL_PAGES": parallel}
    done = core("ocrd", "process", *CHAIN, cwd=book, env=variables)
    assert done.returncode == 0, done.stderr
    check(core, book)


@pytest.mark.parametrize("caching", ["false", "true"])
def test_with_a_server_and_parallel_pages(
    core: Core, book: Path, mets_server: str, models: Path, caching: str
) -> None:
    variables = {"OCRD_METS_CACHING": caching, "OCRD_MAX_PARALLEL_PAGES": "3"}
    done = core("ocrd", "process", "-U", mets_server, *CHAIN, cwd=book, env=variables)
    assert done.returncode == 0, done.stderr
    saved = core("ocrd", "workspace", "-U", mets_server, "-d", book, "server", "save")
    assert saved.returncode == 0, saved.stderr
    check(core, book)


def test_our_own_workflow_is_the_same_as_cores(
    core: Core, book: Path, run: Any, models: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(book, copy)
    assert core("ocrd", "process", *CHAIN, cwd=book).returncode == 0
    done = run("ocrd-rapid", "process", "-w", copy, *CHAIN)
    assert done.code == 0, done.err
    check(core, copy)
    assert [texts(copy, group) for group in GROUPS] == [texts(book, group) for group in GROUPS]


def test_our_own_workflow_works_on_a_server(
    core: Core, book: Path, run: Any, mets_server: str, models: Path
) -> None:
    done = run("ocrd-rapid", "process", "-U", mets_server, "-w", book, *CHAIN)
    assert done.code == 0, done.err
    check(core, book)


def test_our_own_workflow_runs_processors_of_others(core: Core, book: Path, models: Path) -> None:
    workflow = [
        "dummy -I OCR-D-IMG -O OCR-D-DUMMY",
        CHAIN[0].replace("OCR-D-IMG", "OCR-D-DUMMY"),
        "dummy -I OCR-D-SEG -O OCR-D-SEG2",
        CHAIN[2].replace("OCR-D-ORI", "OCR-D-SEG2"),
    ]
    command = Path(sys.executable).with_name("ocrd-rapid")
    done = core(command, "process", *workflow, cwd=book)
    assert done.returncode == 0, done.stderr
    again = core(command, "process", "--resume", *workflow, cwd=book)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("0 pages done, 3 already finished") == 2
    assert again.stderr.count("dummy -I") == again.stderr.count(": already finished") == 2
    valid = core("ocrd", "workspace", "validate", "--skip", "url", cwd=book)
    assert valid.returncode == 0, valid.stdout


def test_core_validates_our_tasks_and_parameters(core: Core, book: Path, tmp_path: Path) -> None:
    done = core("ocrd", "validate", "tasks", "--workspace", book, *CHAIN)
    assert done.returncode == 0, done.stdout + done.stderr
    parameters = tmp_path / "parameters.json"
    parameters.write_text('{"textequiv_level": "glyph"}')
    tool = Path(__file__).resolve().parents[2] / "ocrd-tool.json"
    done = core("ocrd", "validate", "parameters", tool, "ocrd-rapid-recognize", parameters)
    assert done.returncode == 0, done.stdout + done.stderr
    parameters.write_text('{"textequiv_level": "page"}')
    done = core("ocrd", "validate", "parameters", tool, "ocrd-rapid-recognize", parameters)
    assert done.returncode != 0
