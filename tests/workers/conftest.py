# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Servers of OCR-D's network, and books for its workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processing_network import Network, running_network
from small_books import make_small_book


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
    return lambda pages: make_small_book(tmp_path / "book", pages)
