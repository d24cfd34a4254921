# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Servers of OCR-D's network, and books for its workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from processing_network import Network, running_network

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

SAMPLE = Path(__file__).resolve().parent.parent / "assets" / "sample" / "sample.png"


@pytest.fixture(scope="module", params=["socket", "tcp"])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    """Run the servers; METS servers are asked over sockets, or over TCP."""
    with running_network(tcp_mets=request.param == "tcp") as network:
        yield network


@pytest.fixture
def servers(network: Network) -> Iterator[Network]:
    """Return the servers, and end the workers that the test starts."""
    yield network
    for name in [name for name in network.processes if name.startswith("worker")]:
        network.kill(name)


@pytest.fixture
def book(tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that makes a workspace of small pages, and returns its METS."""

    def make(pages: int) -> Path:
        workspace = Workspace.create(directory=tmp_path / "book")
        folder = workspace.directory / "OCR-D-IMG"
        folder.mkdir()
        with Image.open(SAMPLE) as sample:
            small = sample.crop((0, 0, sample.width, sample.height // 8))
        for number in range(1, pages + 1):
            path = f"OCR-D-IMG/page{number}.png"
            small.save(workspace.directory / path)
            workspace.mets.add_file(
                MetsFile(f"IMG_{number:04}", "OCR-D-IMG", f"P_{number:04}", "image/png", path)
            )
        workspace.save()
        return workspace.mets_path

    return make
