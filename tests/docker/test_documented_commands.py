# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every command of docs/containers.md runs as it stands there, by a user whom no image knows."""

from __future__ import annotations

import json

import pypdfium2
import pytest
from docker_daemon import Docker
from documents import DOCUMENTS, Block, blocks_of

from ocrd_rapid.version import __version__
from ocrd_rapid.workspace.workspace import Workspace

pytestmark = pytest.mark.docker

PAGE = "docs/containers.md"
BLOCKS = [
    block
    for block in blocks_of(PAGE, DOCUMENTS[PAGE])
    if block.language == "sh" and "buildah" not in block.code
]
#: The kit and the builds are run by the fixture, before all others.
RUN = [block for block in BLOCKS if not block.code.startswith("make ")]


@pytest.mark.parametrize("block", RUN, ids=lambda block: block.place)
def test_commands_run(docker: Docker, image: str, block: Block) -> None:
    done = docker.sh(block.code)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_builds_are_those_that_were_run() -> None:
    built = [line for block in BLOCKS if block not in RUN for line in block.code.splitlines()]
    kit = f"dist/ocrd-rapid-kit-{__version__}-linux-x86_64-python3.13.zip"
    assert built == ["make docker", "make kit KIT_PYTHON=3.13", f"make docker BUNDLE={kit}"]


def test_the_commands_did_what_the_page_says(docker: Docker, image: str) -> None:
    title = "How a Library Keeps Its Books"
    data = docker.work / "data"
    assert (data / "out" / "page.txt").read_text(encoding="utf-8").startswith(title)
    assert (data / "out" / "page.alto.xml").is_file()
    document = pypdfium2.PdfDocument(docker.work / "b.pdf")
    assert title in document[0].get_textpage().get_text_bounded()
    # The named volume has what was downloaded, the folder the original models and one's own.
    installed = docker("run", "--rm", "--volume", "ocrd-models:/models", image,
                       "ocrd", "resmgr", "list-installed", "--json")  # fmt: skip
    names = {entry["name"] for entry in json.loads(installed.stdout)}
    assert names >= {"PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"}
    assert len(list((docker.work / "models").glob("ocrd-rapid-*/*.onnx"))) == 4
    mets = Workspace.open(docker.work / "book" / "mets.xml").mets
    assert len(list(mets.files("OCR-D-OCR"))) == 1
