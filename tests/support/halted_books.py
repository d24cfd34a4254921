# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Runs of a book that are halted after a page, so that a test may end them there."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from small_books import page_files, page_id

#: Seconds for anything to happen on a busy machine.
PATIENCE = 900.0


def processes_of(*words: str) -> list[int]:
    """Return the IDs of the processes of Python that run a workflow on a book.

    Args:
        words: how the command line names the book, after ``--working-dir``, and what follows.
    """
    wanted = "\0".join(["", "process", "--working-dir", *words]).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            program, _, rest = (process / "cmdline").read_bytes().partition(b"\0")
            if b"python" in program and wanted in b"\0" + rest:
                found.append(int(process.name))
    return found


def halt(book: Path, pages: int, *words: str) -> int:
    """Halt the process that reads a book when the book has a page of several; return its ID."""
    deadline = time.monotonic() + PATIENCE
    found: list[int] = []
    while not found or not page_files(book, "OCR-D-OCR"):
        assert time.monotonic() < deadline, f"no page of {book} within {PATIENCE:g} s"
        time.sleep(0.05)
        found = processes_of(*words)
    process = found[0]
    os.kill(process, signal.SIGSTOP)
    assert not (book / "FULLTEXT" / f"FULLTEXT_{page_id(pages)}.xml").exists()
    return process
