# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Engines that run many jobs, and a desk with three small books and the files of an example."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from documents import ROOT
from slurm_cluster import Cluster, missing, running_cluster
from small_books import make_small_book

#: They take minutes. Asked for before a test takes all such variables away.
WANTED = "OCRD_RAPID_TEST_EXAMPLES" in os.environ

#: The names of the books.
BOOKS = ("atlas", "bible", "codex")


@pytest.fixture(scope="session", autouse=True)
def wanted() -> None:
    """Skip all of these tests where nobody asked for them."""
    if not WANTED:
        pytest.skip("only run by `make test-examples`")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Run a Slurm of one node, or skip the test."""
    if reason := missing():
        pytest.skip(reason)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def desk(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that makes a folder with an example and books of so many pages.

    It is the current folder then. Our commands are on the PATH, and read a page at a time, so that
    a test may come between two pages.
    """

    def make(example: str, pages: int) -> Path:
        folder = tmp_path / "desk"
        shutil.copytree(ROOT / "examples" / example, folder)
        for name in BOOKS:
            make_small_book(folder / "books" / name, pages)
        monkeypatch.chdir(folder)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        monkeypatch.setenv("PATH", path)
        monkeypatch.setenv("OCRD_MAX_PARALLEL_PAGES", "1")
        return folder

    return make
