# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR-D core as a judge: fixtures that run its commands, ours on the PATH beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ending import end
from PIL import Image

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent.parent
CORE = ROOT / ".venv-core" / "bin"
SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"

Core = Callable[..., subprocess.CompletedProcess[str]]


def core_environment(**variables: str) -> dict[str, str]:
    """Return an environment in which our commands and core's find each other."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(CORE), os.environ["PATH"]])
    return {**os.environ, "PATH": path, **variables}


@pytest.fixture
def core(tmp_path: Path) -> Core:
    """Return a function that runs a command of core's, or one of another module beside it."""

    def call(
        *arguments: str | Path, cwd: Path = tmp_path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CORE / arguments[0], *map(str, arguments[1:])],
            cwd=cwd,
            env=core_environment(**(env or {})),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return call


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace of three pages: the sample upright, turned and cut."""
    directory = tmp_path / "book"
    workspace = Workspace.create(directory=directory)
    (directory / "OCR-D-IMG").mkdir()
    with Image.open(SAMPLE) as sample:
        half = sample.crop((0, 0, sample.width, sample.height // 2))
        for number, image in enumerate([sample, sample.rotate(180), half], start=1):
            path = f"OCR-D-IMG/page{number}.png"
            image.save(directory / path)
            workspace.mets.add_file(
                MetsFile(f"IMG_{number:04}", "OCR-D-IMG", f"P_{number:04}", "image/png", path)
            )
    workspace.save()
    return directory


@pytest.fixture
def mets_server(book: Path) -> Iterator[str]:
    """Run core's METS server for the book on a unix socket; return its address."""
    folder = Path(tempfile.mkdtemp(prefix="mets"))  # a socket's path must be short
    address = folder / "socket"
    server = subprocess.Popen(
        [CORE / "ocrd", "workspace", "-U", str(address), "-d", str(book), "server", "start"],
        env=core_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 600
        while not address.exists():
            assert server.poll() is None, "core's METS server ended"
            assert time.monotonic() < deadline, "core's METS server does not start"
            time.sleep(0.1)
        yield str(address)
    finally:
        end(server, 600)
        shutil.rmtree(folder, ignore_errors=True)
