# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The command of examples/nextflow/; a process is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import shell_code
from halted_books import halt
from small_books import check_small_book, page_files

(COMMANDS,) = shell_code("examples/nextflow/README.md")
PAGES = 4

pytestmark = [
    pytest.mark.models,
    pytest.mark.examples,
    pytest.mark.skipif(
        shutil.which("nextflow") is None,
        reason="Nextflow is not on the PATH (nextflow.io; it needs Java 17 or newer)",
    ),
]


def test_a_killed_task_goes_on_where_it_was(desk: Callable[[str, int], Path]) -> None:
    folder = desk("nextflow", PAGES)
    bible = folder / "books" / "bible"
    run = subprocess.Popen(
        ["bash", "-euc", COMMANDS], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    killed = halt(bible, PAGES, str(bible))
    kept = page_files(bible, "OCR-D-OCR")
    os.kill(killed, signal.SIGKILL)
    out, _ = run.communicate()
    assert run.returncode == 0, out
    assert sorted(path.stem for path in (folder / "reports").iterdir()) == [
        "atlas", "bible", "codex",
    ]  # fmt: skip
    for book in (folder / "books").iterdir():
        check_small_book(book, PAGES, "OCR-D-SEG", "OCR-D-OCR")
    assert kept.items() <= page_files(bible, "OCR-D-OCR").items()
