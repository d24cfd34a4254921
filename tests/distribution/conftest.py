# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Packages made of the files in this folder, by the tools in an environment of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".venv-build"

#: Downloads are kept beside the tools: each test has a home of its own.
CACHES = {
    "UV_CACHE_DIR": str(BUILD / "cache" / "uv"),
    "PIP_CACHE_DIR": str(BUILD / "cache" / "pip"),
}

NO_TOOLS = "the build tools are not in .venv-build: run `make test-packages`"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, and skip them where the tools are missing."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.packages)
            if not (BUILD / "bin" / "twine").exists():
                item.add_marker(pytest.mark.skip(reason=NO_TOOLS))


@dataclass(frozen=True)
class Packages:
    """The archives of a build."""

    sdist: Path
    wheel: Path


def tool(
    *command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script of the tools' environment, as if that were activated."""
    path = os.pathsep.join([str(BUILD / "bin"), os.environ["PATH"]])
    return subprocess.run(
        [str(BUILD / "bin" / command[0]), *map(str, command[1:])],
        cwd=cwd,
        env={**os.environ, **CACHES, "PATH": path, **(env or {})},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


def copy_project(target: Path) -> None:
    """Copy the files of the project as git lists them, and make the man pages."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a clone of the repository: git does not list its files")
    for name in filter(None, listed.stdout.split("\0")):
        if not (ROOT / name).exists():
            continue
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_symlink():
            copy.symlink_to((ROOT / name).readlink())
        else:
            shutil.copyfile(ROOT / name, copy)
    pages = [sys.executable, ROOT / "distribution" / "man_pages.py", target / "man"]
    subprocess.run(pages, capture_output=True, check=True)


def build(project: Path, output: Path, **environment: str) -> Packages:
    """Build both archives of a project."""
    done = tool(
        "python", "-m", "build", "--no-isolation", "--outdir", output, project, env=environment
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    (sdist,), (wheel,) = output.glob("*.tar.gz"), output.glob("*.whl")
    return Packages(sdist, wheel)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project."""
    folder = tmp_path_factory.mktemp("project")
    copy_project(folder)
    return folder


@pytest.fixture(scope="session")
def packages(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """Return the archives that the project makes."""
    return build(project, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def index() -> None:
    """Skip the test where no package index can be asked."""
    reason = no_index()
    if reason:
        pytest.skip(reason)


def no_index() -> str:
    """Return why no package index can be asked; empty if it can."""
    asked = tool("pip", "--retries", "0", "--timeout", "20", "index", "versions", "setuptools")
    if asked.returncode == 0:
        return ""
    return f"pip finds no package index: {asked.stderr[-200:]}"
