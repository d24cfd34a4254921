# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR-D core runs ``ocrd-rapid-export``, and finds its workspace valid before and after."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

from .conftest import CORE, Core, core_environment

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

SQUARE = np.array([(9, 9), (99, 9), (99, 99), (9, 99)], dtype=np.float32)
NS = {"mets": "http://www.loc.gov/METS/"}
PAGES = 'export -I OCR-D-SEG -O FULLTEXT -P formats \'["txt", "md"]\''
WORK = 'export -I OCR-D-SEG -O DOWNLOAD -p \'{"formats": ["txt"], "per_work": true}\''


@pytest.fixture
def pages(core: Core, book: Path) -> Path:
    """Return the book with PAGE-XML of three pages, made by core's dummy."""
    done = core("ocrd", "process", "dummy -I OCR-D-IMG -O OCR-D-SEG", cwd=book)
    assert done.returncode == 0, done.stderr
    for number, path in enumerate(sorted((book / "OCR-D-SEG").glob("*.xml")), start=1):
        document = PageDocument.read(path)
        document.add_region("r", SQUARE).set_text(f"text {number}")
        path.write_bytes(document.to_bytes())
    return book


def valid(core: Core, directory: Path) -> bool:
    done = core("ocrd", "workspace", "validate", "--skip", "url", cwd=directory)
    assert done.returncode == 0, done.stdout
    return True


def test_core_runs_the_export_and_accepts_its_files(core: Core, pages: Path) -> None:
    assert valid(core, pages)
    done = core("ocrd", "process", f"rapid-{PAGES}", f"rapid-{WORK}", cwd=pages)
    assert done.returncode == 0, done.stderr
    assert valid(core, pages)
    found = core("ocrd", "workspace", "find", "-G", "FULLTEXT", "-k", "file_id", "-k", "mimetype",
                 "-k", "pageId", cwd=pages)  # fmt: skip
    assert found.stdout.split()[:6] == [
        "FULLTEXT_P_0001_TXT", "text/plain", "P_0001",
        "FULLTEXT_P_0001_MD", "text/markdown", "P_0001",
    ]  # fmt: skip
    whole = pages / "DOWNLOAD" / "FULLDOWNLOAD_TXT.txt"
    assert [page.strip() for page in whole.read_text().split("\f")] == [
        f"text {number}" for number in (1, 2, 3)
    ]


def test_the_pointer_to_the_work_outlives_what_core_does_to_the_mets(
    core: Core, pages: Path
) -> None:
    assert core("ocrd", "process", f"rapid-{WORK}", cwd=pages).returncode == 0
    done = core("ocrd", "process", "dummy -I OCR-D-SEG -O OCR-D-SEG2", cwd=pages)
    assert done.returncode == 0, done.stderr
    assert core("ocrd", "workspace", "remove", "-f", "IMG_0003", cwd=pages).returncode == 0
    top = etree.parse(str(pages / "mets.xml")).find("mets:structMap[@TYPE='PHYSICAL']/mets:div", NS)
    assert top is not None
    assert [e.get("FILEID") for e in top.findall("mets:fptr", NS)] == ["FULLDOWNLOAD_TXT"]
    assert [e.get("ID") for e in top.findall("mets:div", NS)] == ["P_0001", "P_0002", "P_0003"]
    found = core("ocrd", "workspace", "find", "-G", "DOWNLOAD", "-k", "file_id", cwd=pages)
    assert found.stdout.split() == ["FULLDOWNLOAD_TXT"]


def ours(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "ocrd-rapid-export"
    return subprocess.run(
        [program, "-w", directory, "-I", "OCR-D-SEG", *arguments],
        env=core_environment(), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def test_a_mets_server_lists_the_files_and_the_pointer_follows_without_it(
    core: Core, pages: Path, mets_server: str
) -> None:
    arguments = ("-O", "DOWNLOAD", "-p", '{"formats": ["txt"], "per_work": true}')
    done = ours(pages, *arguments, "-U", mets_server)
    assert done.returncode == 0, done.stderr
    assert "cannot enter a pointer of the whole work" in done.stderr
    assert Workspace.open(directory=pages).mets.file("FULLDOWNLOAD_TXT") is not None
    again = ours(pages, *arguments, "--resume")
    assert again.returncode == 0, again.stderr
    file = Workspace.open(directory=pages).mets.file("FULLDOWNLOAD_TXT")
    assert file is not None and file.of_work
    assert valid(core, pages)


def test_pages_go_through_a_mets_server_and_are_resumed(
    core: Core, pages: Path, mets_server: str
) -> None:
    arguments = ("-O", "FULLTEXT", "-p", '{"formats": ["txt"]}', "-U", mets_server)
    assert ours(pages, *arguments, "-g", "P_0001..P_0002").returncode == 0
    done = ours(pages, *arguments, "--resume")
    assert done.returncode == 0, done.stderr
    assert "1 page done, 2 already finished" in done.stderr
    files = list(Workspace.open(directory=pages).mets.files("FULLTEXT"))
    assert [file.id for file in files] == [f"FULLTEXT_P_{n:04}" for n in (1, 2, 3)]
